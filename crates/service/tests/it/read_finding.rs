//! The list of findings and the page of one.

use postern_domain::arm::{AssetType, COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE};
use postern_domain::exception::status::EffectiveStatus;
use postern_domain::finding::{FindingEvent, FindingState};
use postern_domain::id::FindingId;
use postern_domain::verdict::{Severity, Topic};
use postern_service::finding::show_finding;
use postern_service::view::{FindingQuery, FindingRowView, FindingStatus};

use crate::read_estate::{Estate, day_at, everything};

/// What the filters mean, said again without SQL.
fn lets_through(query: &FindingQuery, row: &FindingRowView) -> bool {
    let status = match query.status {
        FindingStatus::Open => row.effective.counts_as_open(),
        FindingStatus::Excepted => matches!(row.effective, EffectiveStatus::Excepted { .. }),
        FindingStatus::Unknown => row.state == FindingState::Unknown,
        FindingStatus::Resolved => row.state == FindingState::Resolved,
        FindingStatus::All => true,
    };
    status
        && (query.severities.is_empty() || query.severities.contains(&row.severity))
        && (query.topics.is_empty() || query.topics.contains(&row.topic))
        && (query.asset_types.is_empty() || query.asset_types.contains(&row.asset.asset_type))
        && query.rule.as_ref().is_none_or(|rule| *rule == row.rule)
        && query
            .text
            .as_ref()
            .is_none_or(|text| row.asset.name.to_lowercase().contains(&text.to_lowercase()))
}

fn queries(rows: &[FindingRowView]) -> Vec<FindingQuery> {
    let types = |name: &str| vec![AssetType::new(name)];
    let mut queries = Vec::new();
    for status in FindingStatus::ALL {
        let base = FindingQuery { status: *status, ..everything() };
        queries.push(base.clone());
        queries.push(FindingQuery { severities: vec![Severity::High], ..base.clone() });
        queries.push(FindingQuery {
            severities: vec![Severity::Critical, Severity::Medium],
            topics: vec![Topic::Networking, Topic::Data],
            ..base.clone()
        });
        queries.push(FindingQuery { asset_types: types(SEARCH_SERVICE), ..base.clone() });
        // Gamma is deleted: its type and its name have to be found without the inventory.
        queries.push(FindingQuery {
            asset_types: types(COGNITIVE_SERVICES_ACCOUNT),
            text: Some("  GAMm ".to_owned()),
            ..base.clone()
        });
        queries.push(FindingQuery { text: Some("100%_\\".to_owned()), ..base.clone() });
        queries.push(FindingQuery { rule: rows.first().map(|row| row.rule.clone()), ..base });
    }
    queries
}

#[tokio::test]
async fn pages_hold_every_row_once_in_order_and_filters_and_counts_agree() {
    let estate = Estate::usual().await;
    let all = estate.rows(&everything()).await;
    assert!(all.len() > 20, "the estate has findings: {}", all.len());
    let key = |row: &FindingRowView| (row.severity, row.opened_at, row.id);
    assert!(all.is_sorted_by_key(key), "the worst first, then the oldest");
    for query in queries(&all) {
        check(&estate, &all, &query).await;
    }
    for limit in [1, 7, 200] {
        let paged = FindingQuery { limit, ..everything() };
        assert_eq!(estate.rows(&paged).await, all, "pages of {limit}");
    }
}

async fn check(estate: &Estate, all: &[FindingRowView], query: &FindingQuery) {
    let trimmed = FindingQuery {
        text: query.text.as_ref().map(|text| text.trim().to_owned()),
        ..query.clone()
    };
    let expected: Vec<_> = all.iter().filter(|row| lets_through(&trimmed, row)).cloned().collect();
    let paged = FindingQuery { limit: 6, ..query.clone() };
    assert_eq!(estate.rows(&paged).await, expected, "{query:?}");

    let view = estate.list(query.clone()).await;
    let count = |query: FindingQuery| {
        u64::try_from(all.iter().filter(|row| lets_through(&query, row)).count()).unwrap()
    };
    for (status, found) in view.status_counts {
        assert_eq!(
            found,
            count(FindingQuery { status, ..trimmed.clone() }),
            "{status:?} {query:?}"
        );
    }
    for (severity, found) in view.severity_counts {
        let one = FindingQuery { severities: vec![severity], ..trimmed.clone() };
        assert_eq!(found, count(one), "{severity:?} {query:?}");
    }
    for (topic, found) in view.topic_counts {
        assert_eq!(
            found,
            count(FindingQuery { topics: vec![topic], ..trimmed.clone() }),
            "{topic:?} {query:?}"
        );
    }
    for (asset_type, found) in view.type_counts {
        let one = FindingQuery { asset_types: vec![asset_type.clone()], ..trimmed.clone() };
        assert_eq!(found, count(one), "{asset_type:?} {query:?}");
    }
}

#[tokio::test]
async fn what_is_no_cursor_of_the_list_gives_its_first_page() {
    let estate = Estate::usual().await;
    let small = FindingQuery { limit: 2, ..everything() };
    let first = estate.list(small.clone()).await;
    let of_another =
        estate.list(FindingQuery { status: FindingStatus::Open, ..small.clone() }).await.next;
    let long = "x".repeat(5_000);
    for garbage in
        [of_another.as_deref().unwrap(), "", "garbage", "0-0-0-0", "'; --", "\u{0}", &long]
    {
        let page =
            estate.list(FindingQuery { after: Some(garbage.to_owned()), ..small.clone() }).await;
        assert_eq!(page.rows, first.rows, "{garbage:?}");
        assert_eq!((page.offset, page.query.after), (0, None));
    }
    for (limit, shown) in [(0, 1), (3, 3), (u32::MAX, 200)] {
        let page = estate.list(FindingQuery { limit, ..everything() }).await;
        assert_eq!(page.query.limit, shown);
        assert!(page.rows.len() <= usize::try_from(shown).unwrap());
    }
}

#[tokio::test]
async fn a_finding_has_its_evidence_its_document_and_its_history() {
    let estate = Estate::usual().await;
    let view = estate.list(FindingQuery { text: Some("alpha".to_owned()), ..everything() }).await;
    let row = view.rows.iter().find(|row| row.state == FindingState::Open).unwrap();
    let finding = show_finding(&estate.postern, row.id, None).await.unwrap().unwrap();
    assert_eq!(finding.row, *row);
    assert_eq!(row.asset.subscription, "0a0a");
    assert_eq!(row.asset.subscription_name.as_deref(), Some("Estate production"));
    assert!(!finding.evidence.is_empty());
    assert_eq!(finding.last_read_at, day_at(2));
    assert_eq!(finding.evidence_since, Some(day_at(0)));
    assert_eq!(finding.unread, None);
    assert!(
        finding.document.contains("\"publicNetworkAccess\": \"Enabled\""),
        "{}",
        finding.document
    );
    assert_eq!(finding.events.len(), 1);
    assert_eq!(finding.events[0].event, FindingEvent::Opened);
    assert!(!finding.remediation.az.unwrap_or_default().contains("$ID"));
    let others =
        view.rows.iter().filter(|other| other.state.counts_as_open() && other.id != row.id);
    let worst: Vec<_> = others.clone().take(20).cloned().collect();
    assert_eq!(finding.on_same_asset, worst, "at most twenty, the worst first");
    assert_eq!(finding.more_on_same_asset, others.count() > 20);
    let open = estate.rows(&FindingQuery { status: FindingStatus::Open, ..everything() }).await;
    let same_rule =
        open.iter().filter(|other| other.rule == row.rule && other.id != row.id).count();
    assert_eq!(finding.same_rule_open, u64::try_from(same_rule).unwrap());

    let nobody = FindingId::from_number(i64::MAX);
    assert!(show_finding(&estate.postern, nobody, None).await.unwrap().is_none());
}

#[tokio::test]
async fn the_findings_of_a_deleted_asset_still_show() {
    let estate = Estate::usual().await;
    let query = FindingQuery {
        text: Some("gamma".to_owned()),
        status: FindingStatus::Resolved,
        ..everything()
    };
    let view = estate.list(query).await;
    assert!(!view.rows.is_empty());
    for row in view.rows {
        let finding = show_finding(&estate.postern, row.id, None).await.unwrap().unwrap();
        assert_eq!(finding.row, row);
        assert_eq!(row.asset.name, "gamma");
        assert_eq!(row.asset.resource_group.as_deref(), Some("Rg-AI"), "as Azure wrote it");
        assert_eq!(finding.last_read_at, day_at(0), "the last snapshot that held it");
        assert!(!finding.evidence.is_empty(), "the last evidence there was");
        assert!(finding.document.contains("gamma"));
        assert_eq!(finding.events.last().unwrap().event, FindingEvent::AssetDeleted);
        assert_eq!(finding.events.last().unwrap().at, day_at(1));
    }
}

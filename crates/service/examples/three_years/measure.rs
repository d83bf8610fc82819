//! What reading takes: the service functions behind pages, one request after the other, warm.

use std::time::Instant;

use postern_domain::arm::{AssetType, COGNITIVE_SERVICES_ACCOUNT};
use postern_domain::id::FindingId;
use postern_domain::team::TeamId;
use postern_domain::verdict::{Severity, Topic};
use postern_service::Postern;
use postern_service::difference::{DifferencePart, DifferenceRequest, compare_snapshots};
use postern_service::finding::{list_findings, show_finding};
use postern_service::overview::show_overview;
use postern_service::scan::show_scans;
use postern_service::trend::show_trend;
use postern_service::view::{FindingQuery, TrendOf, TrendSelection};
use time::{Duration, OffsetDateTime};

use crate::SLUG;

/// Rows on a page.
const ROWS: u32 = 50;

/// How many requests of which functions: of those whose line has the word, or of all.
#[derive(Clone, Copy, Debug)]
pub struct Requests<'a> {
    pub number: u32,
    pub word: &'a str,
}

/// `days` is how long ago the past is; the difference reaches over the half of it.
pub async fn measure(postern: &Postern, requests: Requests<'_>, days: u32) {
    let now = show_overview(postern, Some(SLUG), None).await.unwrap().unwrap();
    let last = now.latest.unwrap().at;
    let past = last - Duration::days(days.into());
    println!("{:<40} {:>9} {:>9} {:>9}", "milliseconds", "p50", "p99", "worst");
    for (when, as_of) in [("now", None), ("in the past", Some(past))] {
        let findings = some_findings(postern, as_of).await;
        let at = |number: u32| as_of.map(|at| at - Duration::hours((number % 40 * 24).into()));
        time(&format!("overview, {when}"), requests, async |number| {
            assert!(show_overview(postern, Some(SLUG), at(number)).await.unwrap().is_some());
        })
        .await;
        let open = FindingQuery {
            connection: Some(SLUG.to_owned()),
            limit: ROWS,
            as_of,
            ..FindingQuery::default()
        };
        list(postern, &format!("findings, first page, {when}"), requests, &open).await;
        let filtered = FindingQuery {
            severities: vec![Severity::High],
            topics: vec![Topic::Networking],
            asset_types: vec![AssetType::new(COGNITIVE_SERVICES_ACCOUNT)],
            ..open.clone()
        };
        list(postern, &format!("findings, three facets, {when}"), requests, &filtered).await;
        if let Some(owner) = an_owner(postern, &open).await {
            let owned = FindingQuery { owners: vec![owner], ..open.clone() };
            list(postern, &format!("findings of an owner, {when}"), requests, &owned).await;
        }
        let page_50 = FindingQuery { after: cursor(postern, &open, 49).await, ..open };
        list(postern, &format!("findings, page 50, {when}"), requests, &page_50).await;
        time(&format!("scans with their coverage, {when}"), requests, async |_| {
            assert!(show_scans(postern, Some(SLUG), as_of).await.unwrap().is_some());
        })
        .await;
        time(&format!("a finding with its history, {when}"), requests, async |number| {
            let id = findings[number as usize % findings.len()];
            assert!(show_finding(postern, id, as_of).await.unwrap().is_some());
        })
        .await;
    }
    let all = TrendSelection::default();
    let mut parts = vec![
        ("a rule", TrendSelection { rule: Some("NET-01".parse().unwrap()), ..all.clone() }),
        ("a topic", TrendSelection { topic: Some(Topic::Networking), ..all.clone() }),
    ];
    if let Some(owner) = an_owner(postern, &FindingQuery::default()).await {
        parts.push(("an owner", TrendSelection { of: TrendOf::Owner(owner), ..all }));
    }
    for (part, selection) in parts {
        for (scans, days) in [("90 days", Some(90)), ("400 scans", None)] {
            time(&format!("trend of {part}, {scans}"), requests, async |_| {
                let view = show_trend(postern, Some(SLUG), &selection, days, None).await;
                assert!(!view.unwrap().unwrap().points.is_empty());
            })
            .await;
        }
    }
    time("difference over half of it, first page", requests, async |_| {
        let request = DifferenceRequest {
            connection: Some(SLUG.to_owned()),
            from: past,
            until: Some(past + Duration::days((days / 2).into())),
            part: Some(DifferencePart { limit: ROWS, asset: None, finding: None }),
        };
        let view = compare_snapshots(postern, request).await.unwrap();
        assert!(!view.assets.is_empty() && !view.findings.is_empty());
    })
    .await;
}

async fn list(postern: &Postern, name: &str, requests: Requests<'_>, query: &FindingQuery) {
    time(name, requests, async |_| {
        let view = list_findings(postern, query.clone()).await.unwrap().unwrap();
        assert!(!view.rows.is_empty());
    })
    .await;
}

async fn some_findings(postern: &Postern, as_of: Option<OffsetDateTime>) -> Vec<FindingId> {
    let query = FindingQuery { limit: 200, as_of, ..FindingQuery::default() };
    let view = list_findings(postern, query).await.unwrap().unwrap();
    view.rows.iter().map(|row| row.id).collect()
}

/// One who has findings; `None` without teams.
async fn an_owner(postern: &Postern, query: &FindingQuery) -> Option<Option<TeamId>> {
    let view = list_findings(postern, query.clone()).await.unwrap().unwrap();
    let found = view.owner_counts.into_iter().find(|(_, count)| *count > 0);
    found.map(|(team, _)| team.map(|team| team.id))
}

/// The cursor after so many pages.
async fn cursor(postern: &Postern, query: &FindingQuery, pages: u32) -> Option<String> {
    let mut query = query.clone();
    for _ in 0..pages {
        query.after = list_findings(postern, query.clone()).await.unwrap().unwrap().next;
    }
    query.after
}

async fn time(name: &str, requests: Requests<'_>, request: impl AsyncFn(u32)) {
    if !name.contains(requests.word) {
        return;
    }
    for number in 0..requests.number.min(20) {
        request(number).await;
    }
    let mut times = Vec::new();
    for number in 0..requests.number {
        let began = Instant::now();
        request(number).await;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    let of = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    println!("{name:<40} {:>9.1} {:>9.1} {:>9.1}", of(50), of(99), of(100));
}

//! The overview and the scans.

use postern_domain::verdict::Topic;
use postern_service::finding::list_findings;
use postern_service::overview::show_overview;
use postern_service::scans::show_scans;
use postern_service::view::{FindingQuery, FindingStatus, ScanState};

use crate::read_estate::{Estate, SLUG, day_at, everything};

#[tokio::test]
async fn the_overview_counts_what_the_list_holds() {
    let estate = Estate::usual().await;
    let view = show_overview(&estate.postern, Some(SLUG), None).await.unwrap().unwrap();
    assert_eq!(view.connections.selected.slug, SLUG);
    assert_eq!(view.trend.len(), 3);
    assert!(view.trend.is_sorted_by_key(|point| point.at));
    let latest = view.latest.unwrap();
    assert_eq!(latest.at, day_at(2));
    assert_eq!(view.read_at, Some(day_at(2)));
    assert_eq!(view.compared.unwrap().at, day_at(1), "the last at least 30 days older");
    for counts in latest.severities {
        let open = FindingQuery { severities: vec![counts.severity], ..FindingQuery::default() };
        let list = estate.list(open.clone()).await;
        assert_eq!(list.total, u64::from(counts.open), "{}", counts.severity);
        let unknown = estate.list(FindingQuery { status: FindingStatus::Unknown, ..open }).await;
        assert_eq!(unknown.total, u64::from(counts.unknown), "{}", counts.severity);
    }
    let last = |count: fn(&postern_domain::trend::SeverityCounts) -> u32| -> u32 {
        latest.severities.iter().map(count).sum()
    };
    let since = view.since_compared.unwrap();
    assert!(since.fixed > 0 && since.opened > 0);
    assert_eq!(since.opened, last(|counts| counts.opened));
    assert_eq!(since.fixed, last(|counts| counts.fixed));
    assert_eq!(since.left_otherwise, last(|counts| counts.left_otherwise));
    assert_eq!(view.topics.iter().map(|topic| topic.topic).collect::<Vec<_>>(), Topic::ALL);
    let checks = view.topics.iter().map(|topic| topic.checks);
    assert_eq!(checks.clone().map(|checks| checks.pass).sum::<u32>(), latest.checks.pass);
    assert_eq!(checks.clone().map(|checks| checks.fail).sum::<u32>(), latest.checks.fail);
    assert_eq!(checks.map(|checks| checks.unknown).sum::<u32>(), latest.checks.unknown);
    assert!(view.pack_problems.is_empty());
    assert_eq!(view.latest_scan.unwrap().state, ScanState::Finished);
}

#[tokio::test]
async fn without_a_connection_there_is_nothing_and_the_first_point_is_compared_with_nothing() {
    let estate = Estate::new().await;
    assert!(show_overview(&estate.postern, None, None).await.unwrap().is_none());
    assert!(show_scans(&estate.postern, None, None).await.unwrap().is_none());
    assert!(list_findings(&estate.postern, everything()).await.unwrap().is_none());
    estate.import(0, &crate::read_estate::usual_days()[0]).await;
    let view = show_overview(&estate.postern, None, None).await.unwrap().unwrap();
    assert!(view.latest.is_some());
    assert!(show_overview(&estate.postern, Some("nowhere"), None).await.unwrap().is_none());
    assert!(view.compared.is_none());
    assert_eq!(view.since_compared, None);
}

#[tokio::test]
async fn scans_are_the_newest_first_with_what_they_read() {
    let estate = Estate::usual().await;
    let view = show_scans(&estate.postern, None, None).await.unwrap().unwrap();
    assert_eq!(view.scans.len(), 3);
    assert!(view.scans.is_sorted_by_key(|scan| std::cmp::Reverse(scan.id)));
    let assets: Vec<_> =
        view.scans.iter().map(|scan| scan.result.as_ref().unwrap().assets).collect();
    assert_eq!(assets, [5, 4, 4]);
    let listed = estate.list(everything()).await;
    assert_eq!(listed.connections, view.connections);
}

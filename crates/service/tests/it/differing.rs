//! What changed between two snapshots.

use postern_domain::finding::FindingEvent;
use postern_service::difference::{
    AssetDifferenceKind, DifferenceRequest, DifferenceView, compare_snapshots,
};
use postern_test_support::sample::{search_service, snapshot};
use serde_json::json;
use time::Duration;

use crate::world::{World, day};

const RULE: &str = "AUTH-02";

async fn compare(world: &World, from: i64, until: Option<i64>) -> Result<DifferenceView, String> {
    let request =
        DifferenceRequest { connection: None, from: day(from), until: until.map(day), part: None };
    compare_snapshots(&world.postern, request).await.map_err(|error| error.to_string())
}

fn kinds(view: &DifferenceView) -> Vec<(&str, AssetDifferenceKind)> {
    view.assets.iter().map(|asset| (asset.name.as_str(), asset.kind)).collect()
}

#[tokio::test]
async fn two_snapshots_differ_by_what_is_between_them() {
    use AssetDifferenceKind::{Appeared, Changed, Deleted};
    let world = World::new().await;
    let early = compare(&world, 0, None).await.unwrap_err();
    assert!(early.contains("has no evaluation yet"), "{early}");

    let service = |name: &str, is_closed: bool| {
        let mut service = search_service(name);
        service["properties"]["disableLocalAuth"] = json!(is_closed);
        service
    };
    let (open, closed) = (|name: &str| service(name, false), |name: &str| service(name, true));
    world.take(snapshot(day(0), &[open("a"), open("b"), closed("c")])).await;
    // On the next day `a` is closed, `b` gone, `d` new and `e` there for a day.
    world.take(snapshot(day(1), &[closed("a"), closed("c"), open("d"), open("e")])).await;
    // Then `c` is opened and closed again.
    world.take(snapshot(day(2), &[closed("a"), open("c"), open("d")])).await;
    world.take(snapshot(day(3), &[closed("a"), closed("c"), open("d")])).await;

    let whole = compare(&world, 0, None).await.unwrap();
    assert_eq!((whole.from.at, whole.until.at), (day(0), day(3)));
    assert_eq!(kinds(&whole), [("a", Changed), ("b", Deleted), ("d", Appeared)]);
    let change = &whole.assets[0].changes[0];
    assert_eq!(whole.assets[0].changes.len(), 1);
    assert_eq!(change.path, "properties.disableLocalAuth");
    assert_eq!((&change.before, &change.after), (&Some(json!(false)), &Some(json!(true))));
    let findings: Vec<(&str, bool, FindingEvent)> = whole
        .findings
        .iter()
        .filter(|finding| finding.rule.as_str() == RULE)
        .map(|finding| {
            let name = finding.asset.as_str().rsplit('/').next().unwrap();
            (name, finding.is_open, finding.event)
        })
        .collect();
    assert_eq!(
        findings,
        [
            ("a", false, FindingEvent::Fixed),
            ("b", false, FindingEvent::AssetDeleted),
            ("d", true, FindingEvent::Opened),
        ]
    );

    // A moment stands for the snapshot before it, and each part is what it was then.
    let half = Duration::hours(12);
    let request = DifferenceRequest {
        connection: None,
        from: day(1) + half,
        until: Some(day(2) + half),
        part: None,
    };
    let part = compare_snapshots(&world.postern, request).await.unwrap();
    assert_eq!((part.from.at, part.until.at), (day(1), day(2)));
    assert_eq!(kinds(&part), [("c", Changed), ("e", Deleted)]);

    let same = compare(&world, 3, None).await.unwrap_err();
    assert!(same.starts_with("both moments show the same scan, S-"), "{same}");
    let backwards = compare(&world, 3, Some(1)).await.unwrap_err();
    assert!(backwards.contains("is before the earlier one"), "{backwards}");
    let early = compare(&world, -1, None).await.unwrap_err();
    assert!(early.starts_with("nothing is known of "), "{early}");
}

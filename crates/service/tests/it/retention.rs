//! What is kept no longer goes, and every moment that is kept stays as it was.

use futures::TryStreamExt as _;
use postern_azure::CollectError;
use postern_domain::clock::Clock;
use postern_domain::moment;
use postern_domain::retention::{Retention, RetentionKind};
use postern_service::difference::{DifferenceRequest, compare_snapshots};
use postern_service::finding::{list_findings, show_finding};
use postern_service::report::{ReportFormat, ReportRequest, build_report};
use postern_service::retention::{
    RetentionError, apply_retention, preview_retention, set_retention, show_retention,
};
use postern_service::view::{FindingQuery, FindingStatus, RemovalView};
use postern_service::worker;
use postern_store::read::history;
use postern_test_support::sample::{
    closed_account, open_account, refused_snapshot, search_service, snapshot,
};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::as_of::{routing_on, said};
use crate::world::{World, day};

pub(crate) const NOW: i64 = 200;

fn keep(history: u16) -> Retention {
    Retention { history_days: Some(history), ..Retention::default() }
}

/// Half a year in which assets open, close, cannot be read, go and come back, and change hands.
pub(crate) async fn half_a_year() -> World {
    let world = World::new().await;
    let search = search_service("find-1");
    for number in 0..16_i64 {
        let at = day(number * 12);
        if let Some(routing) = routing_on(number) {
            let postern = world.postern.with_clock(Clock::fixed(at));
            postern_service::team::set_routing(&postern, &routing, "a test").await.unwrap();
        }
        let of = |name: &str, is_open: bool| {
            let mut account = if is_open { open_account(name) } else { closed_account(name) };
            if number == 1 {
                account["properties"]["publicNetworkAccess"] = json!("Disabled for now");
            }
            account["tags"] = json!({"team": if number % 4 < 2 { "nlp" } else { "vision" }});
            account
        };
        let mut assets = vec![search.clone(), of("oai-1", number % 3 == 0)];
        // Gone for a while, and for good.
        if !(4..7).contains(&number) {
            assets.push(of("oai-2", number < 9));
        }
        if number < 3 {
            assets.push(of("oai-3", true));
        }
        let reading = match number {
            5 | 6 | 12 => refused_snapshot(at, std::slice::from_ref(&search)),
            _ => snapshot(at, &assets),
        };
        world.take(reading).await;
    }
    world
}

/// All that is said of a moment, but for what happened before `kept_from`.
pub(crate) async fn said_without_events(world: &World, at: Option<OffsetDateTime>) -> Value {
    let mut said = said(&world.postern.with_clock(Clock::fixed(day(NOW))), at).await;
    for part in said.as_array_mut().unwrap().iter_mut().filter_map(Value::as_object_mut) {
        if part.remove("events").is_some() {
            part.remove("events_kept_from");
        }
    }
    said
}

/// What the reports of a moment are made of, and one of them.
async fn reported(world: &World, at: OffsetDateTime) -> (String, Vec<u8>) {
    let mut session = world.database.pool().acquire().await.unwrap();
    let findings = history::findings(&mut session, world.connection, at, None);
    let findings: Vec<_> = findings.try_collect().await.unwrap();
    let request =
        ReportRequest { connection: None, as_of: Some(at), format: ReportFormat::Csv, list: None };
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    let file = build_report(&postern, request).await.unwrap();
    (format!("{findings:#?}"), file.bytes)
}

async fn apply(world: &World) -> Vec<RemovalView> {
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    let applied = apply_retention(&postern, |_| ()).await.unwrap();
    assert_eq!(applied.busy, Vec::<String>::new());
    applied.removals
}

#[tokio::test]
async fn every_moment_that_is_kept_stays_as_it_was() {
    let world = half_a_year().await;
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    // 80 days before are in a month that begins after day 96 and before day 120.
    let retention = keep(80);
    let from = retention.keeps_from(RetentionKind::History, day(NOW)).unwrap();
    let base = (0..16).map(|number| day(number * 12)).rfind(|at| *at <= from).unwrap();
    let kept: Vec<OffsetDateTime> =
        (0..16).map(|number| day(number * 12)).filter(|at| *at >= base).collect();
    assert!((4..12).contains(&kept.len()), "{} moments are kept", kept.len());
    // The overview compares with 30 days before, which is kept from then on.
    let mut expected = vec![(None, said_without_events(&world, None).await)];
    for at in kept.iter().filter(|at| **at >= base + time::Duration::days(31)) {
        expected.push((Some(*at), said_without_events(&world, Some(*at)).await));
    }
    assert!(expected.len() > 3);
    let mut reports = Vec::new();
    for at in &kept {
        reports.push(reported(&world, *at).await);
    }
    let counts = |query: &'static str| world.count(query);
    let before = counts("SELECT count(*) FROM verdict_changes").await;

    let preview = preview_retention(&postern, &retention).await.unwrap();
    assert_eq!(counts("SELECT count(*) FROM verdict_changes").await, before, "only looked at");
    set_retention(&postern, &retention, "a test").await.unwrap();
    let removals = apply(&world).await;
    let rows = |removals: &[RemovalView]| -> Vec<(String, i64)> {
        let of = removals.iter().flat_map(|removal| &removal.removed);
        of.map(|removed| (removed.table.clone(), removed.rows)).collect()
    };
    assert_eq!(rows(&preview), rows(&removals));
    assert_eq!(removals.len(), 1);
    assert_eq!((removals[0].kind, removals[0].before), (RetentionKind::History, base));
    let went: Vec<&str> = removals[0].removed.iter().map(|one| one.table.as_str()).collect();
    for table in [
        "asset_bodies",
        "asset_changes",
        "finding_events",
        "finding_spans",
        "owner_changes",
        "tally_bases",
        "tally_changes",
        "verdict_bodies",
        "verdict_changes",
    ] {
        assert!(went.contains(&table), "{table} is not among {went:?}");
    }

    for (at, expected) in &expected {
        let now = said_without_events(&world, *at).await;
        for (number, (now, expected)) in
            now.as_array().unwrap().iter().zip(expected.as_array().unwrap()).enumerate()
        {
            assert_eq!(now, expected, "as of {at:?}, part {number}");
        }
    }
    for (at, expected) in kept.iter().zip(&reports) {
        let now = reported(&world, *at).await;
        assert_eq!(now.0, expected.0, "as of {at}");
        assert!(now.1 == expected.1, "the report as of {at}");
    }
    // Nothing is left to do, and facts are as protected as before.
    assert_eq!(apply(&world).await, Vec::new());
    let refused = sqlx::query("DELETE FROM verdict_changes").execute(world.database.pool()).await;
    assert!(refused.unwrap_err().to_string().contains("insert-only"));
    assert_eq!(show_retention(&postern).await.unwrap().kept[0].history_from, Some(base));
}

#[tokio::test]
async fn what_was_not_kept_is_refused_in_words_and_history_goes_on() {
    let world = half_a_year().await;
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    set_retention(&postern, &keep(80), "a test").await.unwrap();
    let base = apply(&world).await[0].before;
    let early = base - time::Duration::days(1);
    let refused = |error: String| {
        let expected = format!("what was known on {} was not kept", moment::day_and_time(early));
        assert!(error.starts_with(&expected), "{error}");
        assert!(error.contains(&moment::day_and_time(base)), "{error}");
    };
    let query = FindingQuery { as_of: Some(early), ..FindingQuery::default() };
    refused(list_findings(&postern, query).await.unwrap_err().to_string());
    let difference = DifferenceRequest { connection: None, from: early, until: None, part: None };
    refused(compare_snapshots(&postern, difference).await.unwrap_err().to_string());
    let difference = DifferenceRequest { connection: None, from: base, until: None, part: None };
    assert!(!compare_snapshots(&postern, difference).await.unwrap().assets.is_empty());

    // A page says from when on its history is whole.
    let query = FindingQuery {
        status: FindingStatus::All,
        text: Some("oai-1".to_owned()),
        limit: 200,
        ..FindingQuery::default()
    };
    let rows = list_findings(&postern, query).await.unwrap().unwrap().rows;
    let shown = show_finding(&postern, rows[0].id, None).await.unwrap().unwrap();
    assert_eq!(shown.events_kept_from, Some(base));
    assert!(shown.events[0].at < base, "the first event stays");

    // The next snapshot finds what the last one left; what comes back is the finding that it was.
    let events = world.count("SELECT count(*) FROM finding_events").await;
    world.take(snapshot(day(NOW), &[search_service("find-1"), open_account("oai-3")])).await;
    let back = world.finding("oai-3", "NET-01").await.unwrap();
    let later = world.postern.with_clock(Clock::fixed(day(NOW + 1)));
    let back = show_finding(&later, back.id, None).await.unwrap().unwrap();
    assert_eq!(back.row.first_seen_at, day(0));
    assert!(world.count("SELECT count(*) FROM finding_events").await > events);
}

#[tokio::test]
async fn the_trend_and_failed_scans_are_kept_for_times_of_their_own() {
    let world = half_a_year().await;
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    for complaint in [
        Retention { trend_days: Some(100), ..Retention::default() },
        Retention { trend_days: Some(100), ..keep(101) },
        keep(0),
    ] {
        let refused = set_retention(&postern, &complaint, "a test").await.unwrap_err();
        assert!(matches!(refused, RetentionError::Refused { .. }), "{refused}");
    }
    for at in [day(10), day(NOW - 1)] {
        sqlx::query(
            "INSERT INTO scans (connection_id, state, requested_by, queued_at, started_at, finished_at, failure)
             VALUES ($1, 'failed', 'test', $2, $2, $2, 'Azure was ill')",
        )
        .bind(world.connection.number())
        .bind(at)
        .execute(world.database.pool())
        .await
        .unwrap();
    }
    let points = world.count("SELECT count(*) FROM trend_points").await;
    let retention = Retention { trend_days: Some(150), failed_scans_days: Some(100), ..keep(60) };
    set_retention(&postern, &retention, "a test").await.unwrap();
    let kinds: Vec<_> = apply(&world).await.into_iter().map(|removal| removal.kind).collect();
    assert_eq!(kinds, RetentionKind::ALL);
    let left = world.count("SELECT count(*) FROM trend_points").await;
    assert!(left < points && left > 8, "{left} of {points} points are left");
    assert_eq!(world.count("SELECT count(*) FROM scans WHERE state = 'failed'").await, 1);
    assert_eq!(apply(&world).await, Vec::new());
}

#[tokio::test]
async fn what_a_scan_has_read_so_far_is_not_taken_from_under_it() {
    let world = half_a_year().await;
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    // A scan of another connection has read a document that only the past names: its journal does not repeat it.
    let hash: Vec<u8> = sqlx::query_scalar(
        "SELECT content_hash FROM asset_changes WHERE asset_id LIKE '%oai-1' AND content_hash IS NOT NULL ORDER BY at LIMIT 1",
    )
    .fetch_one(world.database.pool())
    .await
    .unwrap();
    sqlx::raw_sql(
        "INSERT INTO connections (slug, name, kind, settings, created_at, schedule_since)
         VALUES ('other', 'Other', 'azure', '{}', now(), now());
         INSERT INTO scans (connection_id, state, requested_by, queued_at, started_at, heartbeat_at)
         SELECT max(connection_id), 'running', 'test', now(), now(), now() FROM connections",
    )
    .execute(world.database.pool())
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO scan_assets (
            scan_id, asset_id, arm_id, asset_type, name, subscription, source, content_hash, gaps, coverage
         )
         SELECT max(scan_id), '/a', '/a', 't', 'n', 's', 'test', $1, '[]', '{}' FROM scans",
    )
    .bind(&hash)
    .execute(world.database.pool())
    .await
    .unwrap();
    set_retention(&postern, &keep(30), "a test").await.unwrap();
    assert!(!apply(&world).await.is_empty());
    let is_there: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM asset_bodies WHERE content_hash = $1)")
            .bind(&hash)
            .fetch_one(world.database.pool())
            .await
            .unwrap();
    assert!(is_there);
}

#[tokio::test]
async fn a_connection_that_is_being_scanned_has_its_turn_later_by_a_worker() {
    let world = half_a_year().await;
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    set_retention(&postern, &keep(30), "a test").await.unwrap();
    let lease = postern_store::lease::Lease::try_take(world.database.pool(), world.connection)
        .await
        .unwrap()
        .unwrap();
    let applied = apply_retention(&postern, |_| ()).await.unwrap();
    assert_eq!((applied.removals.len(), applied.busy.len()), (0, 1));
    lease.release().await.unwrap();

    // Nobody has to ask: a worker does it, and says what went.
    let shutdown = CancellationToken::new();
    let no_collector = |_: &_| Err(CollectError::Cancelled);
    let worker = worker::run(postern.clone(), no_collector, None, shutdown.clone());
    let worker = tokio::spawn(worker);
    let runs =
        || world.count("SELECT count(*) FROM retention_runs WHERE removed ? 'verdict_changes'");
    while runs().await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    shutdown.cancel();
    worker.await.unwrap();
    assert_eq!(apply(&world).await, Vec::new());
}

//! How Postgres finds what pages and scans ask for: never by going through a table of changes from end to end.
//!
//! Every statement is explained by the server itself as it runs (`auto_explain`). Tables are small here, for which
//! going through them is the fastest way; so that is forbidden, and what still does it has no index to go by.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use postern_domain::arm::{AssetType, COGNITIVE_SERVICES_ACCOUNT};
use postern_domain::clock::Clock;
use postern_domain::verdict::{Severity, Topic};
use postern_service::Postern;
use postern_service::difference::{DifferenceRequest, compare_snapshots};
use postern_service::finding::{list_findings, show_finding};
use postern_service::overview::show_overview;
use postern_service::report::{ReportFormat, ReportRequest, build_report};
use postern_service::resource::{ResourceRequest, list_resources, show_resource};
use postern_service::scans::show_scans;
use postern_service::team::set_routing;
use postern_service::view::{FindingQuery, FindingStatus, ResourceQuery};
use postern_test_support::built_packs;
use postern_test_support::sample::{open_account, refused_snapshot, search_service, snapshot};
use sqlx::Executor as _;
use sqlx::postgres::PgPoolOptions;
use time::OffsetDateTime;
use tracing::field::{Field, Visit};
use tracing::span;

use crate::world::{World, day};

/// The tables that grow with every change, without the ends of their partitions' names.
const OF_CHANGES: [&str; 8] = [
    "asset_bodies",
    "asset_changes",
    "owner_changes",
    "verdict_changes",
    "verdict_bodies",
    "finding_events",
    "finding_spans",
    "tally_changes",
];

#[tokio::test]
async fn nothing_goes_through_a_table_of_changes_from_end_to_end() {
    for planned in ["force_custom_plan", "force_generic_plan"] {
        let notices = Notices::default();
        let listening = tracing::subscriber::set_default(notices.clone());
        let mut world = World::new().await;
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .after_connect(move |session, _| {
                Box::pin(async move {
                    session.execute("LOAD 'auto_explain'").await?;
                    for (setting, value) in [
                        ("auto_explain.log_min_duration", "0"),
                        ("auto_explain.log_level", "notice"),
                        ("client_min_messages", "notice"),
                        ("enable_seqscan", "off"),
                        ("plan_cache_mode", planned),
                    ] {
                        sqlx::query("SELECT set_config($1, $2, FALSE)")
                            .bind(setting)
                            .bind(value)
                            .execute(&mut *session)
                            .await?;
                    }
                    Ok(())
                })
            })
            .connect(world.database.url())
            .await
            .unwrap();
        world.postern = Postern::open(pool, &built_packs(), Clock::fixed(day(200))).await.unwrap();
        let routing = crate::as_of::routing_on(5).unwrap();
        set_routing(&world.postern.with_clock(Clock::fixed(day(-1))), &routing, "a test")
            .await
            .unwrap();
        live(&world).await;
        look(&world.postern, None).await;
        look(&world.postern, Some(day(40))).await;
        drop(listening);

        let plans = notices.0.lock().unwrap().clone();
        let explained: BTreeSet<&str> = OF_CHANGES
            .into_iter()
            .filter(|table| plans.iter().any(|plan| plan.contains(table)))
            .collect();
        assert_eq!(explained.len(), OF_CHANGES.len(), "plans of all are looked at: {explained:?}");
        let slow: Vec<&String> = plans.iter().filter(|plan| goes_through(plan)).collect();
        assert!(slow.is_empty(), "{} of {} with {planned}:\n{}", slow.len(), plans.len(), slow[0]);
    }
}

/// Whether a plan reads a table of changes from end to end.
fn goes_through(plan: &str) -> bool {
    plan.lines().any(|line| {
        let read = line.split_once("Seq Scan on ").map(|(_, table)| table);
        read.is_some_and(|table| OF_CHANGES.iter().any(|of| table.starts_with(of)))
    })
}

#[test]
fn a_plan_that_goes_through_is_recognised() {
    assert!(goes_through(
        "  ->  Parallel Seq Scan on verdict_changes_2026_03 verdict_changes  (cost=0.00..1.01)"
    ));
    assert!(!goes_through("  ->  Index Scan using findings_pkey on findings  (cost=0.00..1.01)"));
    assert!(!goes_through("  ->  Seq Scan on connections  (cost=0.00..1.01)"));
}

/// Months of changes of every kind.
async fn live(world: &World) {
    let account = |name: &str, open: bool| {
        let mut account = open_account(name);
        account["properties"]["disableLocalAuth"] = serde_json::json!(!open);
        account
    };
    for number in 0..8 {
        let at = day(number * 20);
        let all =
            [account("oai-1", number % 2 == 0), open_account("oai-2"), search_service("find-1")];
        world
            .take(match number {
                3 => refused_snapshot(at, &all[2..]),
                5 => snapshot(at, &all[..1]),
                _ => snapshot(at, &all),
            })
            .await;
    }
}

/// Everything that is read for people.
async fn look(postern: &Postern, as_of: Option<OffsetDateTime>) {
    assert!(show_overview(postern, None, as_of).await.unwrap().is_some());
    let all =
        FindingQuery { status: FindingStatus::All, limit: 2, as_of, ..FindingQuery::default() };
    let some = FindingQuery {
        severities: vec![Severity::High],
        topics: vec![Topic::Networking],
        asset_types: vec![AssetType::new(COGNITIVE_SERVICES_ACCOUNT)],
        text: Some("oai".to_owned()),
        ..all.clone()
    };
    let first = list_findings(postern, all.clone()).await.unwrap().unwrap();
    list_findings(postern, some).await.unwrap().unwrap();
    list_findings(postern, FindingQuery { after: first.next.clone(), ..all })
        .await
        .unwrap()
        .unwrap();
    for row in &first.rows {
        assert!(show_finding(postern, row.id, as_of).await.unwrap().is_some());
    }
    let resources = ResourceQuery { limit: 100, as_of, ..ResourceQuery::default() };
    let resources = list_resources(postern, resources).await.unwrap().unwrap();
    for row in resources.rows {
        let request = ResourceRequest { number: row.number, as_of, compare: None };
        assert!(show_resource(postern, request).await.unwrap().is_some());
        let of_one =
            FindingQuery { resource: Some(row.number), limit: 2, as_of, ..FindingQuery::default() };
        list_findings(postern, of_one).await.unwrap().unwrap();
    }
    show_scans(postern, None, as_of).await.unwrap().unwrap();
    let request = ReportRequest { connection: None, format: ReportFormat::Csv, as_of, list: None };
    build_report(postern, request).await.unwrap();
    let request = DifferenceRequest { connection: None, from: day(20), until: as_of, part: None };
    compare_snapshots(postern, request).await.unwrap();
}

/// What the server says beside its answers.
#[derive(Clone, Default)]
struct Notices(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Notices {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sqlx::postgres::notice"
    }

    fn event(&self, event: &tracing::Event<'_>) {
        struct Message(String);
        impl Visit for Message {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                if field.name() == "message" {
                    self.0 = format!("{value:?}");
                }
            }
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        self.0.lock().unwrap().push(message.0);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

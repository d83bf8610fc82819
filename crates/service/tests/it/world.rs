//! A Postern on a database of its own, fed with snapshots.

use postern_domain::clock::Clock;
use postern_domain::finding::{FindingEvent, FindingState};
use postern_domain::id::ConnectionId;
use postern_service::Postern;
use postern_service::connection::{ConnectionKind, NewConnection, ensure_connection};
use postern_service::evaluate::EvaluationSummary;
use postern_service::import::import_snapshot;
use postern_store::finding::CurrentFinding;
use postern_store::verdict::Check;
use postern_test_support::sample::Reading;
use postern_test_support::{NOW, TestDatabase, built_packs};
use serde_json::json;
use time::{Duration, OffsetDateTime};

pub struct World {
    pub database: TestDatabase,
    pub postern: Postern,
    pub connection: ConnectionId,
}

impl World {
    pub async fn new() -> Self {
        Self::with_packs(&built_packs()).await
    }

    pub async fn with_packs(packs: &[Vec<u8>]) -> Self {
        Self::with_kind(packs, ConnectionKind::Import).await
    }

    pub async fn scanned() -> Self {
        Self::with_kind(&built_packs(), ConnectionKind::Azure).await
    }

    async fn with_kind(packs: &[Vec<u8>], kind: ConnectionKind) -> Self {
        let database = TestDatabase::create().await;
        let clock = Clock::fixed(NOW);
        let postern = Postern::open(database.pool().clone(), packs, clock).await.unwrap();
        let new = NewConnection {
            slug: "sample".to_owned(),
            name: "Sample".to_owned(),
            kind,
            settings: json!({}),
            schedule: None,
        };
        let connection = ensure_connection(&postern, new).await.unwrap();
        Self { database, postern, connection }
    }

    /// Stores and judges what was read.
    pub async fn take(&self, reading: Reading) -> EvaluationSummary {
        let Reading { snapshot, assets } = reading;
        let postern = self.postern.with_clock(Clock::fixed(snapshot.finished_at));
        import_snapshot(&postern, self.connection, snapshot, assets.into_values()).await.unwrap().1
    }

    /// The finding of a rule on the asset of this name.
    pub async fn finding(&self, name: &str, rule: &str) -> Option<CurrentFinding> {
        let findings = self.findings().await;
        let found = findings.iter().find(|((asset, found), _)| {
            asset.as_str().ends_with(&format!("/{name}")) && found.as_str() == rule
        });
        found.map(|(_, finding)| *finding)
    }

    pub async fn state(&self, name: &str, rule: &str) -> Option<FindingState> {
        self.finding(name, rule).await.map(|finding| finding.state)
    }

    pub async fn findings(&self) -> std::collections::BTreeMap<Check, CurrentFinding> {
        let mut session = self.database.pool().acquire().await.unwrap();
        let assets: Vec<String> = sqlx::query_scalar("SELECT DISTINCT asset_id FROM findings")
            .fetch_all(&mut *session)
            .await
            .unwrap();
        postern_store::finding::current(&mut session, self.connection, &assets).await.unwrap()
    }

    /// What happened to the finding, oldest first.
    pub async fn events(&self, name: &str, rule: &str) -> Vec<FindingEvent> {
        let id = self.finding(name, rule).await.unwrap().id;
        let mut session = self.database.pool().acquire().await.unwrap();
        let events = postern_store::read::detail::events(
            &mut session,
            id,
            time::macros::datetime!(9999-01-01 0:00 UTC),
        )
        .await
        .unwrap();
        events.into_iter().map(|event| event.event).collect()
    }

    /// The number that a query gives.
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(self.database.pool()).await.unwrap()
    }
}

/// The moment `number` days after the first.
pub fn day(number: i64) -> OffsetDateTime {
    NOW + Duration::days(number)
}

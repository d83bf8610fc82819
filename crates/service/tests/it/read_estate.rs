//! An estate of a few days for the tests of reading: some accounts stay open, some are fixed, one is deleted.

use std::path::Path;

use postern_azure::import::ImportCompleteness;
use postern_domain::clock::Clock;
use postern_service::Postern;
use postern_service::import::{ImportRequest, import_files};
use postern_service::view::{FindingQuery, FindingRowView, FindingStatus, FindingsView};
use postern_test_support::{TestDatabase, built_packs};
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// When the first day's import is made.
pub const FIRST_DAY: OffsetDateTime = datetime!(2026-09-01 04:00 UTC);

/// The slug of the connection.
pub const SLUG: &str = "estate";

/// A database with Postern on it; the database goes when this does.
pub struct Estate {
    database: TestDatabase,
    pub postern: Postern,
}

/// Which accounts there are on a day, and which of them are secured.
#[derive(Clone, Debug, Default)]
pub struct Day {
    pub accounts: Vec<&'static str>,
    pub secured: Vec<&'static str>,
}

impl Estate {
    /// An empty one.
    pub async fn new() -> Self {
        let database = TestDatabase::create().await;
        let pool = database.pool().clone();
        let postern = Postern::open(pool, &built_packs(), Clock::fixed(FIRST_DAY)).await.unwrap();
        Self { database, postern }
    }

    /// The usual one: three days, 40 days apart, with open, fixed, deleted and new findings.
    pub async fn usual() -> Self {
        let estate = Self::new().await;
        for (number, day) in usual_days().iter().enumerate() {
            estate.import(u32::try_from(number).unwrap(), day).await;
        }
        estate
    }

    /// Imports the day, `number` of them after the first.
    pub async fn import(&self, number: u32, day: &Day) {
        let folder = tempfile::tempdir().unwrap();
        for name in &day.accounts {
            write(folder.path(), name, &account(name, day.secured.contains(name)));
        }
        write(folder.path(), "search", &search());
        write(folder.path(), "subscription", &subscription());
        let postern = self.postern.with_clock(Clock::fixed(day_at(number)));
        let request = ImportRequest {
            slug: SLUG.to_owned(),
            name: "The estate".to_owned(),
            paths: vec![folder.path().to_owned()],
            completeness: ImportCompleteness::Complete,
        };
        import_files(&postern, request).await.unwrap();
    }

    /// Makes the database one of before the origins of packs were recorded.
    pub async fn forget_origins(&self) {
        // Facts are insert-only, so that forgetting takes an owner who lifts that.
        let statements = "ALTER TABLE pack_origins DISABLE TRIGGER USER; \
                          DELETE FROM pack_origins; \
                          ALTER TABLE pack_origins ENABLE TRIGGER USER";
        sqlx::raw_sql(statements).execute(self.database.pool()).await.unwrap();
    }

    /// The list that a query gives.
    pub async fn list(&self, query: FindingQuery) -> FindingsView {
        postern_service::finding::list_findings(&self.postern, query).await.unwrap().unwrap()
    }

    /// All rows of a query, read in pages of its `limit`.
    pub async fn rows(&self, query: &FindingQuery) -> Vec<FindingRowView> {
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let page = self.list(FindingQuery { after, ..query.clone() }).await;
            assert_eq!(page.offset, u64::try_from(rows.len()).unwrap(), "rows before the page");
            assert!(page.rows.len() <= usize::try_from(query.limit).unwrap());
            rows.extend(page.rows);
            after = page.next;
            if after.is_none() {
                assert_eq!(page.total, u64::try_from(rows.len()).unwrap(), "{query:?}");
                return rows;
            }
        }
    }
}

/// When a day's import is made.
pub fn day_at(number: u32) -> OffsetDateTime {
    FIRST_DAY + Duration::days(40 * i64::from(number))
}

/// The days of the usual estate.
pub fn usual_days() -> [Day; 3] {
    [
        Day { accounts: vec!["alpha", "beta", "gamma"], secured: vec![] },
        Day { accounts: vec!["alpha", "beta", "delta"], secured: vec!["beta"] },
        Day { accounts: vec!["alpha", "beta", "delta", "omega"], secured: vec!["beta", "delta"] },
    ]
}

/// A query for everything, in pages as long as they may be.
pub fn everything() -> FindingQuery {
    FindingQuery { status: FindingStatus::All, limit: 200, ..FindingQuery::default() }
}

fn write(folder: &Path, name: &str, resource: &Value) {
    std::fs::write(folder.join(format!("{name}.json")), resource.to_string()).unwrap();
}

fn account(name: &str, is_secured: bool) -> Value {
    json!({
        "id": format!(
            "/subscriptions/0a0a/resourceGroups/Rg-AI/providers/Microsoft.CognitiveServices/accounts/{name}"
        ),
        "name": name,
        "type": "Microsoft.CognitiveServices/accounts",
        "kind": "OpenAI",
        "location": "westeurope",
        "properties": {
            "publicNetworkAccess": if is_secured { "Disabled" } else { "Enabled" },
            "disableLocalAuth": is_secured,
            "networkAcls": { "defaultAction": if is_secured { "Deny" } else { "Allow" } },
        },
    })
}

fn subscription() -> Value {
    json!({ "id": "/subscriptions/0A0A", "subscriptionId": "0A0A", "displayName": "Estate production" })
}

fn search() -> Value {
    json!({
        "id": "/subscriptions/0a0a/resourceGroups/Rg-AI/providers/Microsoft.Search/searchServices/find-1",
        "name": "find-1",
        "type": "Microsoft.Search/searchServices",
        "location": "westeurope",
        "properties": { "publicNetworkAccess": "enabled", "disableLocalAuth": false },
    })
}

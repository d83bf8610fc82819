//! What is exported is taken in elsewhere as it was, or not at all.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::Path;

use postern_domain::clock::Clock;
use postern_domain::digest::Digest;
use postern_service::archive::{
    ArchiveError, ArchiveImport, ArchiveImported, ExportRequest, Manifest, check_archive, export,
    import_archive,
};
use postern_service::finding::list_findings;
use postern_service::read::ReadError;
use postern_service::view::{FindingQuery, FindingStatus};
use postern_service::{Postern, connect};
use postern_test_support::sample::{open_account, search_service, snapshot};
use postern_test_support::{TestDatabase, built_packs};
use serde_json::Value;
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::as_of::said;
use crate::retention::{NOW, half_a_year, said_without_events};
use crate::world::{World, day};

async fn write(
    world: &World,
    from: Option<OffsetDateTime>,
    until: Option<OffsetDateTime>,
) -> (TempDir, Manifest) {
    let folder = TempDir::new().unwrap();
    let request = ExportRequest { connection: None, from, until, folder: folder.path().to_owned() };
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    let manifest = export(&postern, request, |_| ()).await.unwrap();
    (folder, manifest)
}

/// A database without history.
async fn elsewhere() -> (TestDatabase, Postern) {
    let database = TestDatabase::create().await;
    let pool = connect::open_pool(database.url()).await.unwrap();
    let postern = Postern::open(pool, &built_packs(), Clock::fixed(day(NOW))).await.unwrap();
    (database, postern)
}

async fn take_in(
    postern: &Postern,
    folder: &Path,
    connection: Option<&str>,
) -> Result<ArchiveImported, ArchiveError> {
    let request =
        ArchiveImport { folder: folder.to_owned(), connection: connection.map(str::to_owned) };
    import_archive(postern, request, |_| ()).await
}

/// Another database with the archive in it.
async fn restored(world: &World, folder: &Path) -> World {
    let (database, postern) = elsewhere().await;
    let imported = take_in(&postern, folder, None).await.unwrap();
    assert!(imported.keeps_numbers && imported.has_teams);
    World { database, postern, connection: world.connection }
}

/// Every row of a table, in an order of its own; without digests that only save work, and without the time of the last
/// reading where that is the latest snapshot's.
async fn rows(world: &World, table: &str) -> Vec<String> {
    let query = format!(
        "SELECT (
            to_jsonb(own) - ARRAY['verdict_digest', 'verdicts_digest', 'routing_change_id']
            - CASE WHEN to_jsonb(own) ->> 'unread_reason' IS NULL THEN 'last_read_at' ELSE '' END
            - CASE WHEN '{table}' = 'current_tallies' THEN 'evaluation_id' ELSE '' END
         )::text
         FROM {table} AS own ORDER BY 1"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(world.database.pool()).await.unwrap()
}

#[tokio::test]
async fn a_history_is_the_same_in_another_database_and_goes_on_there() {
    let world = half_a_year().await;
    let (folder, manifest) = write(&world, None, None).await;
    assert!(manifest.is_from_the_beginning);
    let (again, _) = write(&world, None, None).await;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let name = file.unwrap().file_name();
        let read = |folder: &TempDir| std::fs::read(folder.path().join(&name)).unwrap();
        assert!(read(&folder) == read(&again), "{name:?} is not the same twice");
    }

    let other = restored(&world, folder.path()).await;
    for table in [
        "asset_bodies",
        "asset_changes",
        "asset_owners",
        "assets",
        "current_assets",
        "current_tallies",
        "current_verdicts",
        "evaluation_packs",
        "evaluations",
        "finding_events",
        "finding_spans",
        "findings",
        "owner_changes",
        "routing_changes",
        "scans",
        "snapshots",
        "tally_bases",
        "tally_changes",
        "trend_points",
        "verdict_bodies",
        "verdict_changes",
    ] {
        let (before, after) = (rows(&world, table).await, rows(&other, table).await);
        let only = |these: &[String], those: &[String]| -> Vec<String> {
            these.iter().filter(|row| !those.contains(row)).take(3).cloned().collect()
        };
        assert!(
            before == after && !before.is_empty(),
            "{table}: lost {:#?}, made up {:#?}",
            only(&before, &after),
            only(&after, &before)
        );
    }
    let clock = Clock::fixed(day(NOW));
    for at in [None, Some(day(150)), Some(day(61)), Some(day(0))] {
        let of = async |world: &World| said(&world.postern.with_clock(clock.clone()), at).await;
        assert_eq!(of(&world).await, of(&other).await, "as of {at:?}");
    }
    // The next snapshot finds in both what the last one left.
    let next = || snapshot(day(NOW), &[search_service("find-1"), open_account("oai-3")]);
    let (here, there) = (world.take(next()).await, other.take(next()).await);
    assert_eq!((here.opened(), here.open()), (there.opened(), there.open()));
    assert_eq!(rows(&world, "finding_events").await, rows(&other, "finding_events").await);
}

#[tokio::test]
async fn a_period_shows_its_moments_and_no_earlier_ones() {
    let world = half_a_year().await;
    let (from, until) = (day(5 * 12), day(11 * 12));
    let (folder, manifest) = write(&world, Some(from), Some(until + time::Duration::HOUR)).await;
    assert_eq!((manifest.from, manifest.until), (from, until));
    assert!(!manifest.is_from_the_beginning);
    let other = restored(&world, folder.path()).await;
    // From a month later on, the overview's comparison is in the period too.
    for number in [8, 9, 11] {
        let at = Some(day(number * 12));
        let (here, there) =
            (said_without_events(&world, at).await, said_without_events(&other, at).await);
        let parts = here.as_array().unwrap().iter().zip(there.as_array().unwrap());
        for (number, (here, there)) in parts.enumerate() {
            let trendless = |part: &Value| {
                let mut part = part.clone();
                // What was judged otherwise is said of the points of the trend, which begins with the period.
                if let Some(part) = part.as_object_mut() {
                    part.remove("trend");
                }
                part
            };
            assert_eq!(trendless(here), trendless(there), "as of {at:?}, part {number}");
        }
    }
    // Now is the end of the period.
    let then = said_without_events(&world, Some(until)).await;
    let now = said_without_events(&other, None).await;
    assert_eq!(then.as_array().unwrap().len(), now.as_array().unwrap().len());
    let query = FindingQuery { as_of: Some(day(12)), ..FindingQuery::default() };
    let refused = list_findings(&other.postern, query).await.unwrap_err();
    assert!(matches!(refused, ReadError::NotKept { kept_from, .. } if kept_from == from));
    // What was found since changes nothing of it, not even the manifest.
    world.take(snapshot(day(NOW - 1), &[open_account("oai-8"), search_service("find-2")])).await;
    let (later, _) = write(&world, Some(from), Some(until)).await;
    let text = |folder: &TempDir| std::fs::read(folder.path().join("manifest.json")).unwrap();
    assert!(text(&folder) == text(&later));
    // And what was exported of what was kept of a period is the same again.
    let (again, _) = write(&other, None, None).await;
    for name in ["verdict_changes.jsonl.gz", "finding_events.jsonl.gz", "asset_changes.jsonl.gz"] {
        assert_eq!(unpacked(folder.path(), name), unpacked(again.path(), name), "{name}");
    }
}

#[tokio::test]
async fn beside_other_history_an_archive_has_numbers_of_its_own() {
    let world = half_a_year().await;
    let (folder, _) = write(&world, None, None).await;
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    let refused = take_in(&postern, folder.path(), None).await.unwrap_err();
    assert!(matches!(refused, ArchiveError::ConnectionExists(_)), "{refused}");
    let refused = take_in(&postern, folder.path(), Some("No Name")).await.unwrap_err();
    assert!(refused.to_string().contains("no name for addresses"), "{refused}");

    let imported = take_in(&postern, folder.path(), Some("copy")).await.unwrap();
    assert!(!imported.keeps_numbers && !imported.has_teams);
    for at in [None, Some(day(100))] {
        let mut lists = Vec::new();
        for connection in [None, Some("copy".to_owned())] {
            let query = FindingQuery {
                connection,
                status: FindingStatus::All,
                as_of: at,
                limit: 200,
                ..FindingQuery::default()
            };
            let view = list_findings(&postern, query).await.unwrap().unwrap();
            let row = |row: &postern_service::view::FindingRowView| {
                let row = serde_json::to_value(row).unwrap();
                let mut fields: BTreeMap<String, Value> = serde_json::from_value(row).unwrap();
                fields.remove("id");
                fields.remove("resource");
                format!("{fields:?}")
            };
            lists.push((view.total, view.rows.iter().map(row).collect::<Vec<_>>()));
        }
        assert!(lists[0].0 > 0 && lists[0] == lists[1], "as of {at:?}");
    }
    // Whoever comes next takes a number that is free.
    world.take(snapshot(day(NOW), &[open_account("oai-9")])).await;
}

fn unpacked(folder: &Path, name: &str) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(folder.join(name)).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

/// Writes a file anew and its hash into the manifest: what somebody does who wants to be believed.
fn forge(folder: &Path, table: &str, change: impl Fn(String) -> String) {
    let name = format!("{table}.jsonl.gz");
    let text = change(unpacked(folder, &name));
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    let bytes = encoder.finish().unwrap();
    let mut manifest = manifest_of(folder);
    let files = manifest["files"].as_array_mut().unwrap();
    let file = files.iter_mut().find(|file| file["table"] == table).unwrap();
    file["sha256"] = Digest::of(&bytes).to_string().into();
    file["rows"] = text.lines().count().into();
    std::fs::write(folder.join(name), bytes).unwrap();
    std::fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
}

fn manifest_of(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}

/// A database that refuses archives of one small history.
struct Refusing {
    world: World,
    database: TestDatabase,
    postern: Postern,
}

impl Refusing {
    async fn new() -> Self {
        let world = World::new().await;
        world.take(snapshot(day(0), &[open_account("oai-1"), search_service("find-1")])).await;
        let (database, postern) = elsewhere().await;
        Self { world, database, postern }
    }

    /// Whether an archive that was spoilt is refused in these words, and nothing of it stays.
    async fn check(&self, spoil: impl Fn(&Path), said: &str) {
        let (folder, _) = write(&self.world, None, None).await;
        spoil(folder.path());
        let error = take_in(&self.postern, folder.path(), None).await.unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
        let connections: i64 = sqlx::query_scalar("SELECT count(*) FROM connections")
            .fetch_one(self.database.pool())
            .await
            .unwrap();
        assert_eq!(connections, 0, "{said}");
    }
}

#[tokio::test]
async fn an_archive_that_is_not_what_it_says_is_refused_and_nothing_of_it_stays() {
    let refusing = Refusing::new().await;
    refusing
        .check(
            |folder| std::fs::remove_file(folder.join("manifest.json")).unwrap(),
            "holds no finished archive",
        )
        .await;
    refusing
        .check(
            |folder| {
                let file = folder.join("findings.jsonl.gz");
                let mut bytes = std::fs::read(&file).unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                std::fs::write(file, bytes).unwrap();
            },
            "findings.jsonl.gz is not what the manifest says: its SHA-256 differs",
        )
        .await;
    refusing
        .check(
            |folder| {
                let mut manifest = manifest_of(folder);
                manifest["format"] = "postern-archive-9".into();
                std::fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
            },
            "postern-archive-9",
        )
        .await;
    refusing
        .check(
            |folder| {
                let mut manifest = manifest_of(folder);
                manifest["files"].as_array_mut().unwrap().retain(|file| file["table"] != "scans");
                std::fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
            },
            "scans.jsonl.gz is not what the manifest says: it is not named",
        )
        .await;
    // Whoever makes the hashes anew cannot have a document stand for another, nor a pack.
    refusing
        .check(
            |folder| {
                forge(folder, "asset_bodies", |text| text.replace("\"Enabled\"", "\"Disabled\""));
            },
            "asset_bodies.jsonl.gz holds a document that is not what its hash",
        )
        .await;
    refusing
        .check(
            // A component with one letter of its code changed.
            |folder| {
                forge(folder, "packs", |text| text.replacen("0061736d0d", "0061736d0e", 1));
            },
            "a rule pack that is not what its digest says: azure-ai-baseline",
        )
        .await;
    refusing
        .check(
            |folder| {
                forge(folder, "findings", |text| {
                    text.lines().skip(1).map(|line| line.to_owned() + "\n").collect()
                });
            },
            "could not be taken in",
        )
        .await;
    // What stands in the way is named before anything is written.
    let (folder, _) = write(&refusing.world, None, None).await;
    let request = ExportRequest {
        connection: None,
        from: None,
        until: None,
        folder: folder.path().to_owned(),
    };
    let error = export(&refusing.world.postern, request, |_| ()).await.unwrap_err();
    assert!(matches!(error, ArchiveError::NotEmpty(_)), "{error}");
    assert_eq!(check_archive(folder.path()).unwrap().connection.slug, "sample");
}

#[tokio::test]
async fn numbers_and_times_of_another_history_are_refused() {
    let refusing = Refusing::new().await;
    // Numbers that would be another history's, now or later.
    for number in ["-1", "999999999"] {
        refusing
            .check(
                |folder| {
                    forge(folder, "finding_events", |text| {
                        text.replacen("\"finding_id\":1,", &format!("\"finding_id\":{number},"), 1)
                    });
                },
                "finding_events.jsonl.gz is not what the manifest says: it has numbers",
            )
            .await;
    }
    refusing
        .check(
            |folder| {
                let mut manifest = manifest_of(folder);
                manifest["highest"]["scan"] = i64::MAX.into();
                std::fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
            },
            "the manifest's highest numbers are beyond those of any history",
        )
        .await;
    refusing
        .check(
            |folder| {
                let mut manifest = manifest_of(folder);
                manifest["oldest_snapshot_at"] = "0001-01-01T00:00:00Z".into();
                std::fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
            },
            "the manifest's times cannot be",
        )
        .await;
}

#[tokio::test]
async fn a_period_without_a_scan_is_refused_in_words() {
    let world = half_a_year().await;
    for (from, until, said) in [
        (None, Some(day(-1)), "nothing is known of"),
        (Some(day(100)), Some(day(50)), "the period holds no scan"),
    ] {
        let folder = TempDir::new().unwrap();
        let request =
            ExportRequest { connection: None, from, until, folder: folder.path().to_owned() };
        let error = export(&world.postern, request, |_| ()).await.unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
    let request = ExportRequest {
        connection: Some("nowhere".to_owned()),
        from: None,
        until: None,
        folder: TempDir::new().unwrap().path().to_owned(),
    };
    let error = export(&world.postern, request, |_| ()).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no connection \"nowhere\"");
}

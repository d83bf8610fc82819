//! A backup with Postgres' own tools, as the README says it, restored into another database.

use std::path::PathBuf;
use std::process::Command;

use postern_domain::clock::Clock;
use postern_service::{Postern, connect};
use postern_test_support::sample::{closed_account, open_account, search_service, snapshot};
use postern_test_support::{TestDatabase, built_packs};

use crate::as_of::said;
use crate::world::{World, day};

#[tokio::test]
async fn a_dump_restores_everything_and_history_goes_on_in_it() {
    let Some(folder) = tools() else {
        eprintln!("left out: pg_dump and pg_restore are not there");
        return;
    };
    let world = World::new().await;
    for number in 0..4 {
        let account = if number % 2 == 0 { open_account("oai-1") } else { closed_account("oai-1") };
        world.take(snapshot(day(number * 20), &[account, search_service("find-1")])).await;
    }
    let later = Clock::fixed(day(100));
    let moments = [None, Some(day(30)), Some(day(0))];
    let mut expected = Vec::new();
    for moment in moments {
        expected.push(said(&world.postern.with_clock(later.clone()), moment).await);
    }

    let restored = TestDatabase::create_empty().await;
    let dump = tempfile::NamedTempFile::new().unwrap();
    run(Command::new(folder.join("pg_dump"))
        .arg("--format=custom")
        .arg("--file")
        .arg(dump.path())
        .arg(address(&world.database)));
    run(Command::new(folder.join("pg_restore"))
        .arg("--no-owner")
        .arg("--exit-on-error")
        .arg("--dbname")
        .arg(address(&restored))
        .arg(dump.path()));

    let pool = connect::open_pool(restored.url()).await.unwrap();
    connect::migrate(&pool).await.unwrap();
    let postern = Postern::open(pool, &built_packs(), later).await.unwrap();
    for (moment, expected) in moments.into_iter().zip(&expected) {
        assert_eq!(&said(&postern, moment).await, expected, "as of {moment:?}");
    }
    // Facts are as protected as before, and the next scan finds what the last one left.
    let refused = sqlx::query("DELETE FROM finding_events").execute(restored.pool()).await;
    assert!(refused.unwrap_err().to_string().contains("insert-only"));
    let World { database, connection, .. } = world;
    let world = World { database: restored, postern, connection };
    let summary = world.take(snapshot(day(110), &[open_account("oai-1")])).await;
    assert!(summary.opened() > 0, "{summary:?}");
    drop(database);
}

/// The address without what only our own client understands.
fn address(database: &TestDatabase) -> &str {
    database.url().split('?').next().unwrap()
}

/// Where Postgres' tools lie: on the path, or where Debian puts them, the newest first.
fn tools() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let of_debian =
        (15..30).rev().map(|version| format!("/usr/lib/postgresql/{version}/bin").into());
    std::env::split_paths(&path).chain(of_debian).find(|folder: &PathBuf| {
        ["pg_dump", "pg_restore"].iter().all(|tool| folder.join(tool).is_file())
    })
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

//! Connections and their schedules on the command line.

use postern_domain::clock::Clock;
use postern_service::connection::{
    ConnectionKind, NewConnection, Schedule, ensure_connection, find_connection,
};
use postern_service::{Postern, connect};
use postern_test_support::TestDatabase;
use serde_json::{Value, json};
use time::macros::datetime;

use crate::program::{Ended, folder, postern, run};

struct World {
    database: TestDatabase,
    reader: Postern,
}

impl World {
    async fn new() -> Self {
        let database = TestDatabase::create().await;
        let pool = connect::open_pool(database.url()).await.unwrap();
        let clock = Clock::fixed(datetime!(2026-01-05 2:00 UTC));
        let reader = Postern::open(pool, &[], clock).await.unwrap();
        Self { database, reader }
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let arguments = ["connections"].into_iter().chain(arguments.iter().copied());
        run(postern(arguments).env("DATABASE_URL", self.database.url()))
    }

    fn says(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        ended.stdout
    }

    fn refuses(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        ended.stderr
    }
}

#[tokio::test]
async fn connections_are_listed_paused_resumed_and_removed() {
    let world = World::new().await;
    assert!(world.says(&["list"]).starts_with("There is no connection yet"));
    for (slug, kind, schedule) in [
        (
            "nightly",
            ConnectionKind::Azure,
            Some(Schedule::Cron {
                expression: "0 2 * * mon-fri".to_owned(),
                time_zone: "Europe/Amsterdam".to_owned(),
            }),
        ),
        ("files", ConnectionKind::Import, None),
    ] {
        let new = NewConnection {
            slug: slug.to_owned(),
            name: slug.to_uppercase(),
            kind,
            settings: json!({}),
            schedule,
        };
        ensure_connection(&world.reader, new).await.unwrap();
    }
    let list = world.says(&["list"]);
    let line = |list: &str, slug: &str| {
        list.lines().find(|line| line.starts_with(slug)).unwrap_or_default().to_owned()
    };
    assert!(line(&list, "files").contains("fed with files"), "{list}");
    let nightly = line(&list, "nightly");
    assert!(nightly.contains("0 2 * * mon-fri Europe/Amsterdam  20"), "{list}");
    assert!(nightly.ends_with("never"), "{list}");

    assert_eq!(world.says(&["pause", "nightly"]), "The schedule of \"nightly\" is paused.\n");
    assert_eq!(world.says(&["pause", "nightly"]), "The schedule of \"nightly\" was paused.\n");
    assert!(line(&world.says(&["list"]), "nightly").contains("paused by command line"));
    let all: Value = serde_json::from_str(&world.says(&["list", "--json"])).unwrap();
    assert_eq!(all[1]["paused"]["by"], "command line");
    assert_eq!(all[1]["next_scans"], json!([]));
    assert_eq!(world.says(&["resume", "nightly"]), "The schedule of \"nightly\" goes on.\n");
    assert!(world.refuses(&["resume", "nightly"]).contains("is not paused"));
    assert!(world.refuses(&["pause", "files"]).contains("has no schedule to pause"));
    assert!(world.refuses(&["remove", "other"]).contains("there is files, nightly"));

    assert!(world.says(&["remove", "nightly"]).starts_with("\"nightly\" is removed"));
    assert!(find_connection(&world.reader, "nightly").await.unwrap().is_none());
    assert_eq!(line(&world.says(&["list"]), "nightly"), "");
}

#[tokio::test]
async fn a_schedule_that_cannot_be_followed_is_refused_before_anything_is_served() {
    let database = TestDatabase::create().await;
    let folder = folder();
    let serve = |schedule: &str, zone: &str| {
        let mut command = postern(["serve", "--single-user", "--listen", "127.0.0.1:0"]);
        connect_to_nothing(&mut command);
        command
            .env("DATABASE_URL", database.url())
            .env("POSTERN_PACK_CACHE", folder.path())
            .env("POSTERN_AZURE_SCHEDULE", schedule)
            .env("POSTERN_AZURE_TIME_ZONE", zone);
        let ended = run(&mut command);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
        ended.stderr
    };
    assert!(serve("61 * * * *", "UTC").contains("\"61 * * * *\" is no cron expression"));
    assert!(serve("0 2 31 2 *", "UTC").contains("fits no day that comes"));
    assert!(serve("0 2 * * *", "Amsterdam").contains("there is no time zone \"Amsterdam\""));
    let both = run(postern([
        "serve",
        "--single-user",
        "--azure-schedule",
        "0 2 * * *",
        "--azure-scan-every",
        "6h",
    ])
    .env("DATABASE_URL", database.url()));
    assert_eq!(both.code, Some(2), "{both:?}");
}

/// Names a tenant that is never asked.
fn connect_to_nothing(command: &mut std::process::Command) {
    command
        .env("POSTERN_AZURE_CREDENTIAL", "client-secret")
        .env("POSTERN_AZURE_TENANT_ID", "11111111-1111-4111-8111-111111111111")
        .env("POSTERN_AZURE_CLIENT_ID", "22222222-2222-4222-8222-222222222222")
        .env("POSTERN_AZURE_CLIENT_SECRET", "made up");
}

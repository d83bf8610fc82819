//! Schedules: who may queue a scan that is due, and what changing one does.

use postern_domain::schedule::Schedule;
use postern_store::connection::{ConnectionKind, NewConnection};
use postern_store::{PgConnection, connection, scan, schedule};
use postern_test_support::{NOW, TestDatabase};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::facts::connect;

#[tokio::test]
async fn one_of_two_that_see_it_due_may_queue_its_scan() {
    let database = TestDatabase::create().await;
    let mut session = database.pool().acquire().await.unwrap();
    let of = connect(&mut session, "sample").await;
    let seen = schedule::list_free(&mut session).await.unwrap();
    assert_eq!(seen.iter().map(|free| free.connection).collect::<Vec<_>>(), [of]);
    assert_eq!(seen[0].last_scan_at, None);

    let mut first = database.pool().begin().await.unwrap();
    let mut second = database.pool().begin().await.unwrap();
    assert!(schedule::lock_free(&mut first, of).await.unwrap().is_some());
    assert_eq!(schedule::lock_free(&mut second, of).await.unwrap(), None, "it is held");
    scan::queue(&mut first, of, "schedule", NOW).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(schedule::lock_free(&mut second, of).await.unwrap(), None, "a scan waits");
    second.commit().await.unwrap();

    let id = scan::list_queued(&mut session).await.unwrap()[0].0;
    let attempt = scan::start(&mut session, id, NOW).await.unwrap().unwrap();
    assert_eq!(schedule::list_free(&mut session).await.unwrap(), [], "a scan runs");
    assert!(scan::fail(&mut session, attempt, "it ended", NOW).await.unwrap());
    let free = schedule::list_free(&mut session).await.unwrap();
    assert_eq!(free[0].last_scan_at, Some(NOW));
}

#[tokio::test]
async fn a_schedule_counts_from_when_it_was_changed_or_resumed() {
    let database = TestDatabase::create().await;
    let mut session = database.pool().acquire().await.unwrap();
    let nightly =
        Schedule::Cron { expression: "0 2 * * *".to_owned(), time_zone: "UTC".to_owned() };
    let day = |number| NOW + Duration::days(number);
    let of = set(&mut session, Some(&nightly), day(0)).await;
    set(&mut session, Some(&nightly), day(1)).await;
    let (found, paused) = schedule::find(&mut session, of).await.unwrap().unwrap();
    assert_eq!((found.schedule, found.since, paused), (nightly.clone(), day(0), None));
    let hourly = Schedule::Every { seconds: 3_600 };
    set(&mut session, Some(&hourly), day(2)).await;
    let (found, _) = schedule::find(&mut session, of).await.unwrap().unwrap();
    assert_eq!((found.schedule, found.since), (hourly.clone(), day(2)));

    assert!(!schedule::resume(&mut session, of, day(3)).await.unwrap(), "it is not paused");
    assert!(schedule::pause(&mut session, of, "dashboard", day(3)).await.unwrap());
    assert!(!schedule::pause(&mut session, of, "somebody else", day(4)).await.unwrap());
    // A process that starts again with the same arguments does not end the pause.
    set(&mut session, Some(&hourly), day(4)).await;
    let (_, paused) = schedule::find(&mut session, of).await.unwrap().unwrap();
    let paused = paused.unwrap();
    assert_eq!((paused.at, paused.by.as_str()), (day(3), "dashboard"));
    assert_eq!(schedule::list_free(&mut session).await.unwrap(), []);
    assert!(schedule::resume(&mut session, of, day(5)).await.unwrap());
    let (found, paused) = schedule::find(&mut session, of).await.unwrap().unwrap();
    assert_eq!((found.since, paused), (day(5), None));

    set(&mut session, None, day(6)).await;
    assert_eq!(schedule::find(&mut session, of).await.unwrap(), None);
    assert!(
        !schedule::pause(&mut session, of, "dashboard", day(6)).await.unwrap(),
        "nothing to pause"
    );
}

async fn set(
    session: &mut PgConnection,
    schedule: Option<&Schedule>,
    at: OffsetDateTime,
) -> postern_domain::id::ConnectionId {
    let settings = json!({});
    let new = NewConnection {
        slug: "sample",
        name: "Sample",
        kind: ConnectionKind::Azure,
        settings: &settings,
        schedule,
        at,
    };
    connection::ensure(session, &new).await.unwrap().unwrap()
}

//! Scans and the lease.

use postern_store::lease::Lease;
use postern_store::scan::{Cancelled, Pulse};
use postern_store::{PgConnection, read, scan};
use postern_test_support::{NOW, TestDatabase};

use crate::facts::connect;

#[tokio::test]
async fn a_scan_is_queued_once_and_runs_once() {
    let database = TestDatabase::create().await;
    let mut session = database.pool().acquire().await.unwrap();
    let of = connect(&mut session, "sample").await;
    let first = scan::queue(&mut session, of, "button", NOW).await.unwrap();
    assert_eq!(scan::queue(&mut session, of, "schedule", NOW).await.unwrap(), first);
    assert_eq!(scan::list_queued(&mut session).await.unwrap(), [(first, of)]);
    let attempt = scan::start(&mut session, first, NOW).await.unwrap().unwrap();
    let again = scan::start(&mut session, first, NOW).await.unwrap();
    assert_eq!(again, None, "it does not wait any more");
    let second = scan::queue(&mut session, of, "button", NOW).await.unwrap();
    assert_ne!(second, first);
    assert!(scan::list_queued(&mut session).await.unwrap().is_empty(), "the connection is busy");
    let refused = scan::start(&mut session, second, NOW).await.unwrap_err();
    assert_eq!(refused.constraint(), Some("scans_running_key"));
    scan::finish(&mut session, attempt, NOW).await.unwrap();
    assert!(scan::finish(&mut session, attempt, NOW).await.is_err(), "it does not run any more");
    let attempt = scan::start(&mut session, second, NOW).await.unwrap().unwrap();
    assert!(scan::fail(&mut session, attempt, "no reason", NOW).await.unwrap());
}

#[tokio::test]
async fn a_scan_that_is_put_back_is_another_attempt() {
    let database = TestDatabase::create().await;
    let mut session = database.pool().acquire().await.unwrap();
    let of = connect(&mut session, "sample").await;
    let id = scan::queue(&mut session, of, "button", NOW).await.unwrap();
    let first = scan::start(&mut session, id, NOW).await.unwrap().unwrap();
    assert!(scan::put_back(&mut session, first).await.unwrap());
    let waiting = scan::find_queued(&mut session, id).await.unwrap().unwrap();
    assert_eq!(waiting.heartbeat_at, Some(NOW), "as old as what it has read");
    let second = scan::start(&mut session, id, NOW).await.unwrap().unwrap();
    assert_eq!((first.number, second.number), (1, 2));
    // Whoever believes to be at the first attempt changes nothing any more.
    assert!(!scan::put_back(&mut session, first).await.unwrap());
    assert!(!scan::hold(&mut session, first).await.unwrap());
    assert!(!scan::fail(&mut session, first, "no reason", NOW).await.unwrap());
    assert!(scan::finish(&mut session, first, NOW).await.is_err());
    let pulse = scan::note_progress(&mut session, first, None, NOW).await.unwrap();
    assert_eq!(pulse, Pulse::Over);
    assert!(scan::hold(&mut session, second).await.unwrap());
    scan::queue(&mut session, of, "button", NOW).await.unwrap();
    let refused = scan::put_back(&mut session, second).await.unwrap_err();
    assert_eq!(refused.constraint(), Some("scans_queued_key"));
}

#[tokio::test]
async fn a_scan_is_cancelled_whether_it_waits_or_runs() {
    let database = TestDatabase::create().await;
    let mut session = database.pool().acquire().await.unwrap();
    let of = connect(&mut session, "sample").await;
    let id = scan::queue(&mut session, of, "button", NOW).await.unwrap();
    let cancel = async |session: &mut PgConnection, id, by| {
        scan::cancel(session, id, by, "cancelled", NOW).await.unwrap()
    };
    assert_eq!(cancel(&mut session, id, "one").await, Some(Cancelled::Waiting));
    assert_eq!(cancel(&mut session, id, "one").await, None, "it has ended");
    assert_eq!(scan::start(&mut session, id, NOW).await.unwrap(), None);
    let ended = read::scan::find(&mut session, id).await.unwrap().unwrap();
    assert_eq!((ended.state.as_str(), ended.started_at), ("failed", None));
    assert_eq!(ended.failure.as_deref(), Some("cancelled"));

    let id = scan::queue(&mut session, of, "button", NOW).await.unwrap();
    let attempt = scan::start(&mut session, id, NOW).await.unwrap().unwrap();
    let pulse = scan::note_progress(&mut session, attempt, None, NOW).await.unwrap();
    assert_eq!(pulse, Pulse::GoOn);
    assert_eq!(cancel(&mut session, id, "one").await, Some(Cancelled::Running));
    assert_eq!(cancel(&mut session, id, "other").await, Some(Cancelled::Running));
    let pulse = scan::note_progress(&mut session, attempt, None, NOW).await.unwrap();
    assert_eq!(pulse, Pulse::CancelledBy("one".to_owned()), "who asked first");
    assert!(!scan::put_back(&mut session, attempt).await.unwrap(), "it is not begun again");
}

#[tokio::test]
async fn a_lease_is_held_by_one_and_ends_with_its_session() {
    let database = TestDatabase::create().await;
    let mut session = database.pool().acquire().await.unwrap();
    let (one, other) = (connect(&mut session, "one").await, connect(&mut session, "other").await);
    let lease = Lease::try_take(database.pool(), one).await.unwrap().unwrap();
    assert!(Lease::try_take(database.pool(), one).await.unwrap().is_none());
    let of_other = Lease::try_take(database.pool(), other).await.unwrap().unwrap();
    of_other.release().await.unwrap();
    lease.release().await.unwrap();
    let lease = Lease::try_take(database.pool(), one).await.unwrap().unwrap();
    // Like a process that is killed: nothing is released in order.
    drop(lease);
    while Lease::try_take(database.pool(), one).await.unwrap().is_none() {
        tokio::task::yield_now().await;
    }
}

//! Scans and the lease.

use postern_store::lease::Lease;
use postern_store::{connection, scan};
use postern_test_support::{NOW, TestDatabase};
use time::Duration;

use crate::facts::connect;

#[tokio::test]
async fn a_scan_is_queued_once_and_runs_once() {
    let database = TestDatabase::create().await;
    let mut session = database.pool().acquire().await.unwrap();
    let of = connect(&mut session, "sample").await;
    let first = scan::queue(&mut session, of, "button", NOW).await.unwrap();
    assert_eq!(scan::queue(&mut session, of, "schedule", NOW).await.unwrap(), first);
    assert_eq!(scan::list_queued(&mut session).await.unwrap(), [(first, of)]);
    assert!(scan::start(&mut session, first, NOW).await.unwrap());
    assert!(!scan::start(&mut session, first, NOW).await.unwrap(), "it does not wait any more");
    let second = scan::queue(&mut session, of, "button", NOW).await.unwrap();
    assert_ne!(second, first);
    assert!(scan::list_queued(&mut session).await.unwrap().is_empty(), "the connection is busy");
    let refused = scan::start(&mut session, second, NOW).await.unwrap_err();
    assert_eq!(refused.constraint(), Some("scans_running_key"));
    scan::finish(&mut session, first, NOW).await.unwrap();
    assert!(scan::finish(&mut session, first, NOW).await.is_err(), "it does not run any more");
    assert!(scan::start(&mut session, second, NOW).await.unwrap());
    assert!(scan::fail(&mut session, second, "no reason", NOW).await.unwrap());
}

#[tokio::test]
async fn a_scheduled_scan_is_due_after_its_interval() {
    let database = TestDatabase::create().await;
    let mut session = database.pool().acquire().await.unwrap();
    let of = connect(&mut session, "sample").await;
    assert_eq!(connection::list_due(&mut session, NOW).await.unwrap(), [of], "never scanned");
    let id = scan::queue(&mut session, of, "schedule", NOW).await.unwrap();
    assert!(connection::list_due(&mut session, NOW + Duration::days(2)).await.unwrap().is_empty());
    scan::start(&mut session, id, NOW).await.unwrap();
    scan::finish(&mut session, id, NOW + Duration::minutes(2)).await.unwrap();
    for (after, is_due) in [(Duration::minutes(59), false), (Duration::minutes(60), true)] {
        let due = connection::list_due(&mut session, NOW + after).await.unwrap();
        assert_eq!(!due.is_empty(), is_due, "{after}");
    }
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

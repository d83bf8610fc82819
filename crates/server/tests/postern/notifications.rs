//! `postern notifications`, and what a server sends by the file that it is given.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use postern_test_support::TestDatabase;
use serde_json::{Value, json};

use crate::program::{Ended, Server, folder, postern, run, wait_for};

const SECRET: &str = "hunter2-of-the-webhook";

/// An exception that Nora filed, and that this is not told yet.
async fn something_happens(database: &TestDatabase) {
    let event = json!({
        "key": "X-1/1",
        "at": "2026-05-12T08:00:00Z",
        "exception": "X-1",
        "happening": {"kind": "filed", "justification": "The gateway comes later."},
        "by": "P-1",
        "requester": "P-1",
        "owner": "P-1",
        "approvers": [],
        "teams": [],
        "severity": "high",
        "covers": {"findings": 1},
        "until": "2100-01-01T00:00:00Z",
    });
    let before = "
        INSERT INTO connections (slug, name, kind, settings, created_at, schedule_since)
        VALUES ('sample', 'Sample', 'import', '{}', now(), now());
        INSERT INTO people (issuer, subject, name, first_seen_at, last_seen_at)
        VALUES ('https://login.example', 'nora', 'Nora', now(), now());
        INSERT INTO exceptions (connection_id, form_key, acts, state, owner, until, changed_at)
        VALUES (1, 'form', 2, 'requested', 1, '2100-01-01', now());
    ";
    sqlx::raw_sql(before).execute(database.pool()).await.unwrap();
    sqlx::query(
        "
        INSERT INTO outbox (event_key, kind, exception_id, at, event)
        VALUES ('X-1/1', 'filed', 1, now(), jsonb_set($1, '{at}', to_jsonb(to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))))
        ",
    )
    .bind(event)
    .execute(database.pool())
    .await
    .unwrap();
}

/// Refuses the first message, and takes the second.
async fn receiver() -> (String, Arc<Mutex<Vec<HeaderMap>>>) {
    let got: Arc<Mutex<Vec<HeaderMap>>> = Arc::default();
    let takes = Arc::clone(&got);
    let app = Router::new().fallback(move |headers: HeaderMap, _: Bytes| {
        let mut got = takes.lock().unwrap();
        got.push(headers);
        let status = if got.len() == 1 { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
        async move { status }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/{SECRET}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, got)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_listed_and_tried_again_when_somebody_says_so() {
    let database = TestDatabase::create().await;
    something_happens(&database).await;
    let notifications = |arguments: &[&str]| -> Ended {
        let arguments = ["notifications"].into_iter().chain(arguments.iter().copied());
        run(postern(arguments).env("DATABASE_URL", database.url()))
    };
    let says = |arguments: &[&str]| {
        let ended = notifications(arguments);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(!ended.stdout.contains(SECRET), "{ended:?}");
        ended.stdout
    };
    assert_eq!(says(&["list"]), "There are no messages.\n");
    assert_eq!(says(&["list", "--failed"]), "No message failed.\n");

    let (url, got) = receiver().await;
    let folder = folder();
    let file = folder.path().join("notify.json");
    let settings = json!({
        "public_url": "https://postern.contoso.example",
        "webhooks": [{"name": "siem", "url_from": {"environment": "SIEM"}, "shape": "json",
                      "secret": {"environment": "SIEM_SECRET"}}],
    });
    std::fs::write(&file, settings.to_string()).unwrap();
    let server = Server::start(
        postern(["serve", "--single-user", "--no-worker", "--listen", "127.0.0.1:0"])
            .args(["--notify", file.to_str().unwrap()])
            .env("SIEM", &url)
            .env("SIEM_SECRET", SECRET)
            .env("DATABASE_URL", database.url()),
    );
    let failed = wait_for("a message that failed", async || {
        let listed: Value = serde_json::from_str(&says(&["list", "--failed", "--json"])).unwrap();
        listed.get(0).cloned()
    })
    .await;
    assert_eq!(failed["to"], "webhook:siem");
    assert_eq!((&failed["state"], &failed["attempts"]), (&json!("pending"), &json!(1)));
    assert_eq!(failed["error"], "it answered 502");
    assert!(says(&["list", "--failed"]).contains("it answered 502"));
    let said = says(&["retry", "D-1"]);
    assert_eq!(said, "D-1 to webhook:siem is tried again at once.\n");
    wait_for("a message that is delivered", async || {
        let listed: Value = serde_json::from_str(&says(&["list", "--json"])).unwrap();
        (listed[0]["state"] == "delivered").then_some(())
    })
    .await;
    assert_eq!(server.terminate(), Some(0));
    let got = got.lock().unwrap();
    assert_eq!(got.len(), 2);
    assert!(got.iter().all(|headers| headers["Idempotency-Key"] == "X-1/1"), "{got:?}");

    let refused = notifications(&["retry", "D-1"]);
    assert_eq!(refused.code, Some(1));
    assert_eq!(refused.stderr, "postern: there is no delivery D-1 that failed\n");
}

#[tokio::test]
async fn how_often_somebody_gets_mail_is_said_by_number() {
    let database = TestDatabase::create().await;
    something_happens(&database).await;
    let prefer = |person: &str, frequency: &str| {
        let arguments = ["notifications", "prefer", person, frequency];
        run(postern(arguments).env("DATABASE_URL", database.url()))
    };
    let said = prefer("P-1", "daily").stdout;
    assert_eq!(said, "P-1 wants mail otherwise from now on: daily, until now each.\n");
    assert_eq!(prefer("P-1", "daily").stdout, "P-1 wants mail as before: daily.\n");
    let nobody = prefer("P-9", "none");
    assert_eq!(nobody.stderr, "postern: there is nobody P-9 who signed in\n");
    let wrong = prefer("P-1", "hourly");
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("none of daily, each, none"), "{wrong:?}");
}

#[test]
fn a_file_that_cannot_be_used_is_said_before_anything_is_started() {
    let folder = folder();
    let file = folder.path().join("notify.json");
    std::fs::write(&file, r#"{"public_url": "http://postern.contoso.example"}"#).unwrap();
    for command in [&["serve", "--single-user"][..], &["worker"][..]] {
        let ended =
            run(postern(command.iter().copied()).args(["--notify", file.to_str().unwrap()]));
        assert_eq!(ended.code, Some(1), "{ended:?}");
        for part in ["is not https", "neither \"mail\" nor a webhook"] {
            assert!(ended.stderr.contains(part), "{ended:?}");
        }
    }
}

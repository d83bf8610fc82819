//! What a receiver gets, and how it knows whom it is from.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::*;

/// A receiver that answers with the statuses that it is told, and then with 200.
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<(Uri, HeaderMap, Bytes)>>>,
}

impl Receiver {
    async fn start(statuses: &[StatusCode]) -> Self {
        let got: Arc<Mutex<Vec<(Uri, HeaderMap, Bytes)>>> = Arc::default();
        let statuses = Arc::new(Mutex::new(statuses.to_vec()));
        let takes = Arc::clone(&got);
        let app = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
            takes.lock().unwrap().push((uri, headers, body));
            let mut statuses = statuses.lock().unwrap();
            let status = if statuses.is_empty() { StatusCode::OK } else { statuses.remove(0) };
            async move { (status, [("Location", "/elsewhere")], SECRET) }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook/{SECRET}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, got }
    }

    fn messenger(&self, shape: &str) -> Messenger {
        let webhook = json!({
            "name": "it", "url": self.url, "shape": shape, "secret": {"environment": "SECRET"},
        });
        let settings =
            json!({"public_url": "https://postern.contoso.example", "webhooks": [webhook]});
        read(&settings).unwrap()
    }
}

fn to_it() -> Letter {
    letter(Recipient::Webhook("it".parse().unwrap()))
}

/// What a receiver does, by what the help says.
fn is_ours(signature: &str, body: &[u8]) -> bool {
    let (time, hex) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.verify_slice(&hex::decode(hex).unwrap()).is_ok()
}

#[tokio::test]
async fn a_receiver_knows_whom_it_is_from_and_what_it_got_before() {
    let receiver = Receiver::start(&[StatusCode::INTERNAL_SERVER_ERROR]).await;
    let messenger = receiver.messenger("json");
    let failed = messenger.send(&to_it()).await.unwrap_err();
    assert_eq!(failed, SendError::Failed("it answered 500".to_owned()));
    let again = Letter { at: NOW + time::Duration::MINUTE, ..to_it() };
    messenger.send(&again).await.unwrap();
    let got = receiver.got.lock().unwrap();
    let [(_, first, body), (_, second, same)] = got.as_slice() else { panic!("{got:?}") };
    assert_eq!((first["Idempotency-Key"].as_bytes(), body), (b"X-12/3".as_slice(), same));
    assert_eq!(first["Idempotency-Key"], second["Idempotency-Key"]);
    for (headers, at) in [(first, NOW), (second, again.at)] {
        let signature = headers["X-Postern-Signature"].to_str().unwrap();
        assert!(is_ours(signature, body), "{signature}");
        assert!(signature.starts_with(&format!("t={},", at.unix_timestamp())), "{signature}");
        let other = signature.replacen("t=1", "t=2", 1);
        assert!(!is_ours(&other, body), "another time is not signed");
        assert!(!is_ours(signature, &[body, b" ".as_slice()].concat()), "nor another body");
    }
    let said: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(said["event"], "filed");
    assert_eq!(said["key"], "X-12/3");
    assert_eq!(said["url"], "https://postern.contoso.example/exceptions/X-12");
    assert_eq!(said["words"][0]["value"], HOSTILE, "JSON keeps it as it is");
}

#[tokio::test]
async fn channels_that_many_read_get_no_markup_and_no_justification() {
    for shape in ["teams", "slack"] {
        let receiver = Receiver::start(&[]).await;
        receiver.messenger(shape).send(&to_it()).await.unwrap();
        let got = receiver.got.lock().unwrap();
        let said: Value = serde_json::from_slice(&got[0].2).unwrap();
        let text = said.to_string();
        assert!(text.contains("X-12 was filed and waits for a decision"), "{text}");
        assert!(text.contains("https://postern.contoso.example/exceptions/X-12"), "{text}");
        assert!(!text.contains("Bcc"), "{text}");
        // Where the hostile name is, nothing is markup.
        let owner = find(&said, "<!channel>").expect("the owner is named");
        assert!(["plain_text", "TextRun"].contains(&owner["type"].as_str().unwrap()), "{owner}");
    }
}

/// The innermost object that has a text with a word in it.
fn find<'a>(value: &'a Value, word: &str) -> Option<&'a Value> {
    match value {
        Value::Object(object) => {
            let is_it = |value: &Value| value.as_str().is_some_and(|text| text.contains(word));
            let here = object.values().any(is_it).then_some(value);
            object.values().find_map(|value| find(value, word)).or(here)
        }
        Value::Array(list) => list.iter().find_map(|value| find(value, word)),
        _ => None,
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_no_secret_is_said() {
    let receiver = Receiver::start(&[StatusCode::TEMPORARY_REDIRECT]).await;
    let failed = receiver.messenger("json").send(&to_it()).await.unwrap_err();
    assert_eq!(why(&failed), "it answered 307, and redirects are not followed");
    assert_eq!(receiver.got.lock().unwrap().len(), 1);

    let settings = json!({
        "public_url": "https://postern.contoso.example",
        "webhooks": [{"name": "it", "url_from": {"environment": "CHANNEL"}, "shape": "slack"}],
    });
    let failed = read(&settings).unwrap().send(&to_it()).await.unwrap_err();
    assert_eq!(why(&failed), "it could not be reached");
    let gone = letter(Recipient::Webhook("gone".parse().unwrap()));
    let refused = receiver.messenger("json").send(&gone).await.unwrap_err();
    let expected = SendError::Refused("the settings name no such webhook".to_owned());
    assert_eq!(refused, expected);
}

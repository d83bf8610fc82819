//! Answers on their way out: whole, cut off, very long, or not at all.

use std::task::Poll;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::fault::Strike;

/// An answer with the status 200 and a JSON body.
pub(super) fn whole(body: impl Into<Body>) -> Response {
    let mut response = body.into().into_response();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// An answer as a fault leaves it.
pub(super) fn struck(body: Vec<u8>, strike: Option<Strike>) -> Response {
    match strike {
        Some(Strike::Body(other)) => whole(other),
        Some(Strike::Oversized { megabytes }) => oversized(megabytes),
        Some(Strike::Truncate) => truncated(&body),
        _ => whole(body),
    }
}

/// Promises the whole body and sends half of it.
pub(super) fn truncated(body: &[u8]) -> Response {
    let half = Bytes::copy_from_slice(body.get(..body.len() / 2).unwrap_or_default());
    let length = HeaderValue::from(body.len());
    let mut step = 0;
    let stream = futures::stream::poll_fn(move |context| {
        step += 1;
        match step {
            1 => Poll::Ready(Some(Ok(half.clone()))),
            // The half goes out before the connection breaks.
            2 => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(Some(Err(broken()))),
        }
    });
    let mut response = whole(Body::from_stream(stream));
    response.headers_mut().insert(header::CONTENT_LENGTH, length);
    response
}

/// Closes the connection: a body that breaks before anything is sent takes the head with it.
pub(super) fn dropped() -> Response {
    let stream = futures::stream::poll_fn(|_| Poll::Ready(Some(Err::<Bytes, _>(broken()))));
    (StatusCode::OK, Body::from_stream(stream)).into_response()
}

fn broken() -> std::io::Error {
    std::io::Error::from(std::io::ErrorKind::ConnectionReset)
}

/// A list of so much JSON, made while it is sent.
fn oversized(megabytes: u64) -> Response {
    const CHUNK: usize = 64 * 1024;
    let entry = format!(r#"{{"name":"{}"}},"#, "x".repeat(CHUNK - 12));
    let entry = Bytes::from(entry);
    let chunks = megabytes.saturating_mul(16);
    let mut sent = 0;
    let stream = futures::stream::poll_fn(move |_| {
        sent += 1;
        Poll::Ready(match sent {
            1 => Some(Ok::<_, std::io::Error>(Bytes::from_static(br#"{"value":["#))),
            _ if sent <= chunks + 1 => Some(Ok(entry.clone())),
            _ if sent == chunks + 2 => Some(Ok(Bytes::from_static(br#"{"name":"last"}]}"#))),
            _ => None,
        })
    });
    whole(Body::from_stream(stream))
}

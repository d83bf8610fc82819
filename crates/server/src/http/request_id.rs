//! A reference for each request, the same in the log and on the error page.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

/// The reference of a request, such as `8-1f`: the process's number and the request's.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub String);

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Gives the request its reference, and logs how it was answered. The query may hold what people typed: it is left out.
pub(super) async fn follow(mut request: Request, next: Next) -> Response {
    let id = format!("{:x}-{:x}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let span = tracing::info_span!(
        "request",
        request.id = %id,
        request.method = %request.method(),
        request.path = %request.uri().path(),
    );
    request.extensions_mut().insert(RequestId(id));
    let begun = Instant::now();
    async move {
        let response = next.run(request).await;
        let status = response.status().as_u16();
        let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        if response.status().is_server_error() {
            tracing::error!(status, duration_ms, "request failed");
        } else {
            tracing::debug!(status, duration_ms, "request answered");
        }
        response
    }
    .instrument(span)
    .await
}

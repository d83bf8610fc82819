//! Reports as they cross the network: whole, however they are compressed.

use axum::body::{Body, to_bytes};
use axum::http::Request;

use super::access::Who::Auditor;
use super::access::World;
use crate::http::download::ROUTES;

/// More than a report of one finding takes.
const MOST: usize = 16 << 20;

#[tokio::test]
async fn a_report_arrives_whole_however_it_is_compressed() {
    let world = World::new().await;
    let session = world.session(Auditor).await.unwrap();
    for (path, _) in ROUTES {
        for encoding in ["identity", "gzip", "br"] {
            let request = Request::get(*path)
                .header("host", "postern.example")
                .header("cookie", &session)
                .header("accept-encoding", encoding);
            let answer = world.answer(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status(), 200, "{path}");
            let body = to_bytes(answer.into_body(), MOST).await;
            let body = body.unwrap_or_else(|error| panic!("{path}, {encoding}: {error}"));
            assert!(!body.is_empty(), "{path}, {encoding}");
        }
    }
}

//! Answers that were recorded elsewhere, served over HTTPS.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};

use crate::certificate::{self, CertificateKind};
use crate::options::SimError;
use crate::server::Listening;

/// An answer as it was recorded.
#[derive(Clone, Debug)]
pub struct RecordedAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Header names and values; those that are no headers are left out.
    pub headers: Vec<(String, String)>,
    /// The body, JSON.
    pub body: Vec<u8>,
}

/// A server that answers what it is told to, until it is dropped.
#[derive(Debug)]
pub struct Replay {
    listening: Listening,
    ca_pem: String,
}

impl Replay {
    /// Answers each request with what `answer` gives for its method and its path in lower case.
    pub async fn start(
        answer: impl Fn(&str, &str) -> RecordedAnswer + Send + Sync + 'static,
    ) -> Result<Self, SimError> {
        let certificates = certificate::make(CertificateKind::Valid, &[])?;
        let answer = Arc::new(answer);
        let router = Router::new().fallback(move |method: Method, uri: Uri| {
            let path = uri.path().trim_end_matches('/').to_ascii_lowercase();
            let recorded = answer(method.as_str(), &path);
            async move { response(recorded) }
        });
        let any_port = ([127, 0, 0, 1], 0).into();
        let listening = Listening::begin(any_port, certificates.server, |_| router).await?;
        Ok(Self { listening, ca_pem: certificates.ca_pem })
    }

    /// `https://127.0.0.1:PORT`
    pub fn base_url(&self) -> String {
        self.listening.base_url()
    }

    /// The certificate to trust, in PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }
}

fn response(recorded: RecordedAnswer) -> Response {
    let status = StatusCode::from_u16(recorded.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8");
    for (name, value) in &recorded.headers {
        response = response.header(name, value);
    }
    response
        .body(Body::from(recorded.body))
        .unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response())
}

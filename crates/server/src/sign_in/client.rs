//! HTTP to the identity provider.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::http::Response;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

/// A provider that is there answers in less.
const PATIENCE: Duration = Duration::from_secs(10);
/// Keys and metadata are a few kilobytes.
const MOST_BYTES: usize = 1 << 20;

/// Talks to the provider, and to nobody that it points to.
#[derive(Clone, Debug)]
pub(super) struct Client(reqwest::Client);

/// The provider did not answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClientError {
    #[error("the request failed")]
    Request(#[from] reqwest::Error),
    #[error("the answer is larger than {MOST_BYTES} bytes")]
    TooLarge,
    #[error("the answer is malformed")]
    Malformed(#[from] openidconnect::http::Error),
}

impl Client {
    pub(super) fn new() -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            // A provider that redirects could make Postern ask whatever is in its own network.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        Ok(Self(client))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ClientError> {
        let (parts, body) = request.into_parts();
        let mut answer = self
            .0
            .request(parts.method, parts.uri.to_string())
            .headers(parts.headers)
            .body(body)
            .send()
            .await?;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if bytes.len() + chunk.len() > MOST_BYTES {
                return Err(ClientError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        let mut response = Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        Ok(response.body(bytes)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Client {
    type Error = ClientError;
    // Boxed, so that what waits for it can move between threads.
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ClientError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

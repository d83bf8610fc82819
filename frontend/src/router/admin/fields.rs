//! What a form sent.

use axum::extract::{Form, FromRequest, Request};
use axum::response::{IntoResponse, Response};

/// The fields of a form, in their order; names come more than once where a form has rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let Form(fields) = Form::<Vec<(String, String)>>::from_request(request, state)
            .await
            .map_err(IntoResponse::into_response)?;
        Ok(Self::of(fields))
    }
}

impl Fields {
    /// Postgres keeps no U+0000, and nobody means it.
    pub(super) fn of(fields: Vec<(String, String)>) -> Self {
        let clean = |(name, value): (String, String)| (name, value.replace('\0', "\u{fffd}"));
        Self(fields.into_iter().map(clean).collect())
    }

    /// The last value of a field; empty where there is none.
    pub(super) fn one(&self, name: &str) -> &str {
        self.0.iter().rev().find(|(of, _)| of == name).map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a field, in their order.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(of, _)| of == name).map(|(_, value)| value.clone()).collect()
    }
}

//! Answers that are errors.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::route::Route;
use crate::random::uuid;

/// An answer that is an error.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub status: StatusCode,
    code: &'static str,
    message: String,
    details: Vec<Value>,
    /// Azure Monitor's older end points have no `error` around the code and the message.
    is_bare: bool,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            details: Vec::new(),
            is_bare: false,
            headers: Vec::new(),
        }
    }

    pub(crate) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn bare(mut self) -> Self {
        self.is_bare = true;
        self
    }

    pub(crate) fn with_details(mut self, details: Vec<Value>) -> Self {
        self.details = details;
        self
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((HeaderName::from_static(name), value.into()));
        self
    }

    pub(crate) fn throttled(code: &'static str, seconds: u64, message: impl Into<String>) -> Self {
        let mut refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, code, message);
        refusal.headers.push((header::RETRY_AFTER, HeaderValue::from(seconds)));
        refusal
    }

    /// What a 429 says that is not for a quota.
    pub(crate) fn too_many_requests(seconds: u64) -> Self {
        let message =
            format!("The request is being throttled. Please try after '{seconds}' seconds.");
        Self::throttled("TooManyRequests", seconds, message)
    }

    /// The error of a status, for a path in the case of the request.
    pub(crate) fn of_status(status: u16, path: &str, route: Option<&Route<'_>>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match status {
            StatusCode::FORBIDDEN => forbidden(path, route),
            StatusCode::NOT_FOUND => not_found(path),
            StatusCode::TOO_MANY_REQUESTS => Self::too_many_requests(1),
            StatusCode::UNAUTHORIZED => invalid_token(),
            StatusCode::BAD_GATEWAY => Self::new(
                status,
                "BadGateway",
                "The gateway did not receive a response from the resource provider.",
            ),
            StatusCode::SERVICE_UNAVAILABLE => Self::new(
                status,
                "ServiceUnavailable",
                "The service is temporarily unavailable. Please try again later.",
            ),
            status => {
                Self::new(status, "InternalServerError", "Encountered internal server error.")
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut error = json!({"code": self.code, "message": self.message});
        if !self.details.is_empty() {
            error["details"] = Value::Array(self.details);
        }
        let body = if self.is_bare { error } else { json!({ "error": error }) };
        let mut response = (self.status, axum::Json(body)).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}

pub(crate) fn invalid_token() -> Refusal {
    let message = "The access token is invalid.";
    Refusal::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
        .with_header("www-authenticate", HeaderValue::from_static("Bearer error=\"invalid_token\""))
}

/// The resource that a path names, or the one whose child it names, is not there.
pub(crate) fn not_found(path: &str) -> Refusal {
    let parts: Vec<&str> = path.split('/').collect();
    let message = match parts[..] {
        ["", _, _, _, group, _, namespace, kind, name, ..] => format!(
            "The Resource '{namespace}/{kind}/{name}' under resource group '{group}' was not found. For more \
             details please go to https://aka.ms/ARMResourceNotFoundFix"
        ),
        _ => format!("The Resource '{path}' was not found."),
    };
    Refusal::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
}

pub(crate) fn subscription_not_found(subscription: &str) -> Refusal {
    let message = format!("The subscription '{subscription}' could not be found.");
    Refusal::new(StatusCode::NOT_FOUND, "SubscriptionNotFound", message)
}

/// Names the lacking action and the scope, in the case of the request.
pub(crate) fn forbidden(path: &str, route: Option<&Route<'_>>) -> Refusal {
    let action = route
        .map_or("Microsoft.Resources/subscriptions/read".to_owned(), |route| route.kind.action());
    let scope = route.and_then(|route| path.get(..route.scope_length())).unwrap_or(path);
    let scope = if scope.is_empty() { "/" } else { scope };
    let client = uuid(0, &["object"]);
    let message = format!(
        "The client '{client}' with object id '{client}' does not have authorization to perform action \
         '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please \
         refresh your credentials."
    );
    Refusal::new(StatusCode::FORBIDDEN, "AuthorizationFailed", message)
}

//! Azure Resource Manager's reads.

use std::collections::HashMap;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use url::Url;

use crate::estate::Holding;
use crate::fault::Fault;
use crate::random::uuid;
use crate::server::SharedState;

/// How many entries a page has. ARM's are larger; small ones make every scan follow `nextLink`.
const PAGE: usize = 10;
const ACCOUNTS: &str = "microsoft.cognitiveservices/accounts";
const SERVICES: &str = "microsoft.search/searchservices";
const WORKSPACES: &str = "microsoft.machinelearningservices/workspaces";
const DIAGNOSTIC_SETTINGS: &str = "/providers/microsoft.insights/diagnosticsettings";

/// Answers any request that is not for Entra ID.
pub(crate) async fn answer(State(state): State<SharedState>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().map(str::to_owned);
    let count = state.record(request.method().as_str(), &path, query.as_deref());
    let faults: Vec<Fault> =
        state.faults().into_iter().filter(|fault| fault.concerns(&path)).collect();
    if faults.iter().any(|fault| matches!(fault, Fault::Hang { .. })) {
        std::future::pending::<()>().await;
    }
    let answered = if let Some(seconds) = state.take_throttle(&path) {
        Err(throttled(seconds))
    } else {
        check(&state, &request).and_then(|()| read(&state, &request, &faults))
    };
    let mut response = match answered {
        Ok(body) => deliver(&body, &faults),
        Err(refusal) => refusal.into_response(),
    };
    add_headers(response.headers_mut(), count);
    response
}

/// An answer that is an error.
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"error": {"code": self.code, "message": self.message}});
        let mut response = (self.status, axum::Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn throttled(seconds: u64) -> Refusal {
    let message = format!("The request is being throttled. Please try after '{seconds}' seconds.");
    Refusal {
        retry_after: Some(seconds),
        ..Refusal::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message)
    }
}

fn check(state: &SharedState, request: &Request) -> Result<(), Refusal> {
    let bearer = format!("Bearer {}", state.identity.access_token);
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if sent.is_none() {
        let message = "Authentication failed. The 'Authorization' header is missing.";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "AuthenticationFailed", message));
    }
    if sent != Some(bearer.as_str()) {
        let message = "The access token is invalid.";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message));
    }
    if request.method() != Method::GET {
        let message = "The simulated Azure can only be read.";
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message));
    }
    if !parameters(request.uri().query()).contains_key("api-version") {
        let message =
            "The api-version query parameter (?api-version=) is required for all requests.";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "MissingApiVersionParameter", message));
    }
    Ok(())
}

fn read(state: &SharedState, request: &Request, faults: &[Fault]) -> Result<Value, Refusal> {
    let (path, query) = (request.uri().path(), request.uri().query());
    let lower = path.trim_end_matches('/').to_ascii_lowercase();
    let holding = state.holding();
    for fault in faults {
        if let Fault::Status { status, .. } = fault {
            return Err(status_fault(*status, &lower));
        }
    }
    let entries = list(&holding, &lower)?;
    let skip: usize = parameters(query)
        .get("$skiptoken")
        .and_then(|token| token.strip_prefix("page"))
        .and_then(|position| position.parse().ok())
        .unwrap_or(0);
    let page: Vec<&Value> = entries.iter().skip(skip).take(PAGE).copied().collect();
    let mut body = json!({"value": page});
    if entries.len() > skip + PAGE {
        let origin = state.origin(request.headers());
        body["nextLink"] = Value::String(next_link(&origin, request.uri(), skip + PAGE, faults));
    }
    Ok(body)
}

/// The entries of a list: `/subscriptions`, one of the three types in a subscription, or diagnostic settings.
fn list<'a>(holding: &'a Holding, path: &str) -> Result<Vec<&'a Value>, Refusal> {
    if let Some(resource) = path.strip_suffix(DIAGNOSTIC_SETTINGS) {
        let settings = holding.diagnostics.get(resource).ok_or_else(|| not_found(resource))?;
        refuse_denied(holding, path)?;
        return Ok(settings.iter().collect());
    }
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        ["subscriptions"] => {
            refuse_denied(holding, path)?;
            Ok(holding.subscriptions.values().collect())
        }
        ["subscriptions", subscription, "providers", namespace, kind] => {
            if !holding.subscriptions.contains_key(*subscription) {
                let message = format!("The subscription '{subscription}' could not be found.");
                return Err(Refusal::new(StatusCode::NOT_FOUND, "SubscriptionNotFound", message));
            }
            let asset_type = format!("{namespace}/{kind}");
            if ![ACCOUNTS, SERVICES, WORKSPACES].contains(&asset_type.as_str()) {
                return Err(not_found(path));
            }
            refuse_denied(holding, path)?;
            let prefix = format!("/subscriptions/{subscription}/");
            let of_type = |id: &str| id.starts_with(&prefix) && has_type(id, &asset_type);
            Ok(holding
                .resources
                .iter()
                .filter(|(id, _)| of_type(id))
                .map(|(_, value)| value)
                .collect())
        }
        _ => holding.resources.get(path).map(|value| vec![value]).ok_or_else(|| not_found(path)),
    }
}

/// Whether the last provider of a lower-case id and its type are these.
fn has_type(id: &str, asset_type: &str) -> bool {
    id.rsplit_once("/providers/").is_some_and(|(_, tail)| {
        tail.strip_prefix(asset_type)
            .and_then(|rest| rest.strip_prefix('/'))
            .is_some_and(|name| !name.contains('/'))
    })
}

fn refuse_denied(holding: &Holding, path: &str) -> Result<(), Refusal> {
    if holding.denied.iter().any(|denied| denied.concerns(path)) {
        return Err(forbidden(path));
    }
    Ok(())
}

fn status_fault(status: u16, path: &str) -> Refusal {
    match StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR) {
        StatusCode::FORBIDDEN => forbidden(path),
        StatusCode::NOT_FOUND => not_found(path),
        StatusCode::TOO_MANY_REQUESTS => throttled(1),
        StatusCode::UNAUTHORIZED => {
            let message = "The access token is invalid.";
            Refusal::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
        }
        status => Refusal::new(status, "InternalServerError", "Encountered internal server error."),
    }
}

fn not_found(path: &str) -> Refusal {
    let message = format!("The Resource '{path}' was not found.");
    Refusal::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
}

fn forbidden(path: &str) -> Refusal {
    let (scope, action) = match path.rsplit_once("/providers/") {
        Some((scope, "microsoft.insights/diagnosticsettings")) => {
            (scope, "Microsoft.Insights/diagnosticSettings/read")
        }
        Some((scope, ACCOUNTS)) => (scope, "Microsoft.CognitiveServices/accounts/read"),
        Some((scope, SERVICES)) => (scope, "Microsoft.Search/searchServices/read"),
        Some((scope, WORKSPACES)) => (scope, "Microsoft.MachineLearningServices/workspaces/read"),
        _ => (path, "Microsoft.Resources/subscriptions/read"),
    };
    let client = uuid(0, &["object"]);
    let message = format!(
        "The client '{client}' with object id '{client}' does not have authorization to perform action \
         '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please \
         refresh your credentials."
    );
    Refusal::new(StatusCode::FORBIDDEN, "AuthorizationFailed", message)
}

fn next_link(origin: &str, uri: &Uri, skip: usize, faults: &[Fault]) -> String {
    let mut origin = origin;
    let mut skip = skip;
    for fault in faults {
        match fault {
            Fault::ForeignNextLink { origin: foreign, .. } => origin = foreign,
            // Azure's own token for the first page, once more.
            Fault::LoopingNextLink { .. } => skip = 0,
            _ => {}
        }
    }
    let version = parameters(uri.query()).remove("api-version").unwrap_or_default();
    let path = uri.path();
    format!("{origin}{path}?api-version={version}&$skipToken=page{skip}")
}

fn deliver(body: &Value, faults: &[Fault]) -> Response {
    let mut text = body.to_string();
    for fault in faults {
        match fault {
            Fault::MalformedJson { .. } => "<html>Service Unavailable</html>".clone_into(&mut text),
            Fault::Body { body, .. } => text.clone_from(body),
            Fault::TruncatedBody { .. } => return truncated(&text),
            _ => {}
        }
    }
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], text).into_response()
}

/// Promises the whole body and sends half of it.
fn truncated(text: &str) -> Response {
    let half = Bytes::copy_from_slice(text.as_bytes().get(..text.len() / 2).unwrap_or_default());
    let mut sent = false;
    let body = futures_body(move || {
        if std::mem::replace(&mut sent, true) {
            Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
        } else {
            Ok(half.clone())
        }
    });
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

fn futures_body(mut next: impl FnMut() -> Result<Bytes, std::io::Error> + Send + 'static) -> Body {
    Body::from_stream(futures::stream::poll_fn(move |_| std::task::Poll::Ready(Some(next()))))
}

/// The query's parameters, by lower-case name.
fn parameters(query: Option<&str>) -> HashMap<String, String> {
    let Ok(mut url) = Url::parse("https://localhost/") else { return HashMap::new() };
    url.set_query(query);
    url.query_pairs().map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned())).collect()
}

fn add_headers(headers: &mut HeaderMap, count: usize) {
    let request_id = uuid(0, &["request", &count.to_string()]);
    let remaining = 3750_usize.saturating_sub(count % 3750).to_string();
    for (name, value) in [
        ("x-ms-request-id", request_id.as_str()),
        ("x-ms-correlation-request-id", request_id.as_str()),
        ("x-ms-ratelimit-remaining-subscription-global-reads", remaining.as_str()),
        ("cache-control", "no-cache"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

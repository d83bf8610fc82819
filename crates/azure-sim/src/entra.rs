//! Entra ID's token end point for the client credentials flow.

mod tokens;

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::server::SharedState;
pub(crate) use tokens::Tokens;

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(crate) async fn issue_token(
    State(state): State<SharedState>,
    Path(tenant): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    state.log.record(&Method::POST, &uri);
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let identity = &state.identity;
    if !tenant.eq_ignore_ascii_case(&identity.tenant_id) {
        let message = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."
        );
        return refuse("invalid_request", 90002, &message);
    }
    if field("grant_type") != "client_credentials" {
        let message = "The app requested an unsupported grant type.";
        return refuse("unsupported_grant_type", 70003, message);
    }
    if !field("client_id").eq_ignore_ascii_case(&identity.client_id) {
        let message = format!(
            "Application with identifier '{}' was not found in the directory.",
            field("client_id")
        );
        return refuse("unauthorized_client", 700_016, &message);
    }
    let faults = state.faults();
    if faults.refuses_credentials() || field("client_secret") != identity.client_secret {
        let message = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
             value, not the client secret ID, for a secret added to app '{}'.",
            identity.client_id
        );
        return refuse("invalid_client", 7_000_215, &message);
    }
    if field("scope") != format!("{}/.default", state.origin(&headers)) {
        let message =
            format!("The resource principal named {} was not found in the tenant.", field("scope"));
        return refuse("invalid_resource", 500_011, &message);
    }
    if faults.count_token() {
        let message = format!(
            "The provided client secret keys for app '{}' are expired. Visit the Azure portal to create new keys \
             for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added \
             security: https://aka.ms/certCreds.",
            identity.client_id
        );
        return refuse("invalid_client", 7_000_222, &message);
    }
    let seconds = faults.token_lifetime();
    Json(json!({
        "token_type": "Bearer",
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": state.tokens.issue(seconds),
    }))
    .into_response()
}

fn refuse(error: &str, code: u32, message: &str) -> Response {
    // The ids and the time are Entra's habit; they are constants here because there is no clock.
    let description = format!(
        "AADSTS{code}: {message} Trace ID: 00000000-0000-0000-0000-000000000001 \
         Correlation ID: 00000000-0000-0000-0000-000000000002 Timestamp: 2026-01-01 00:00:00Z"
    );
    let status =
        if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    let body = json!({
        "error": error,
        "error_description": description,
        "error_codes": [code],
        "timestamp": "2026-01-01 00:00:00Z",
        "trace_id": "00000000-0000-0000-0000-000000000001",
        "correlation_id": "00000000-0000-0000-0000-000000000002",
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
    });
    (status, Json(body)).into_response()
}

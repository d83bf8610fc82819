//! What watches the process asks.

use axum::extract::State;
use axum::http::StatusCode;
use postern_service::connection;

use super::State as AppState;

/// The process lives.
pub(super) async fn show_alive() -> &'static str {
    "ok\n"
}

/// The database answers.
pub(super) async fn show_ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    match connection::list_connections(&state.postern).await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the database does not answer"
            );
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

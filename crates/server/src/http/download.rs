//! Reports as downloads.

use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use postern_frontend::{Visitor, show_denied};
use postern_service::read::ReadError;
use postern_service::report::{ReportError, ReportFormat, ReportRequest, build_report};
use serde::Deserialize;

use super::State as AppState;
use super::error_page;
use postern_domain::moment;

/// The address's query.
#[derive(Debug, Deserialize)]
pub(super) struct DownloadQuery {
    connection: Option<String>,
    as_of: Option<String>,
}

/// Gives the findings as CSV.
pub(super) async fn download_csv(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Query(query): Query<DownloadQuery>,
) -> Response {
    download(&state, &visitor, query, ReportFormat::Csv).await
}

/// Gives the findings as PDF.
pub(super) async fn download_pdf(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Query(query): Query<DownloadQuery>,
) -> Response {
    download(&state, &visitor, query, ReportFormat::Pdf).await
}

async fn download(
    state: &AppState,
    visitor: &Visitor,
    query: DownloadQuery,
    format: ReportFormat,
) -> Response {
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let Ok(as_of) = filled(query.as_of).map(|text| moment::parse(&text)).transpose() else {
        return error_page::page(&state.site, StatusCode::BAD_REQUEST);
    };
    let request = ReportRequest { connection: filled(query.connection), format, as_of };
    match build_report(&visitor.postern, request).await {
        Ok(file) => {
            let disposition = format!("attachment; filename=\"{}\"", file.file_name);
            let disposition = HeaderValue::from_str(&disposition)
                .unwrap_or(HeaderValue::from_static("attachment"));
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(file.media_type)),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            (headers, file.bytes).into_response()
        }
        Err(ReportError::Read(ReadError::Denied(denied))) => {
            show_denied(&state.site, visitor, denied)
        }
        Err(error) => refuse(state, &error),
    }
}

fn refuse(state: &AppState, error: &ReportError) -> Response {
    let status = match error {
        ReportError::NoConnection
        | ReportError::Read(
            ReadError::UnknownConnection(_)
            | ReadError::NothingEvaluated(_)
            | ReadError::TooEarly { .. }
            | ReadError::NotKept { .. }
            | ReadError::Future { .. },
        ) => StatusCode::NOT_FOUND,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    if status.is_server_error() {
        tracing::error!(error = error as &dyn std::error::Error, "the report failed");
    }
    error_page::page(&state.site, status)
}

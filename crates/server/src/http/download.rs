//! Reports as downloads.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, stream};
use postern_frontend::{Routes, Visitor, show_denied};
use postern_service::read::ReadError;
use postern_service::report::{
    ReportError, ReportFormat, ReportRequest, ReportStream, open_report,
};
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

/// The routes of the formats.
pub(super) const ROUTES: &[(&str, ReportFormat)] = &[
    ("/reports/findings.pdf", ReportFormat::Pdf),
    ("/reports/findings.csv", ReportFormat::Csv),
    ("/reports/findings.json", ReportFormat::Json),
    ("/reports/findings.html", ReportFormat::Html),
    ("/reports/findings.xlsx", ReportFormat::Xlsx),
    ("/reports/findings.oscal.json", ReportFormat::Oscal),
    ("/reports/findings.sarif", ReportFormat::Sarif),
    ("/reports/findings.ocsf.jsonl", ReportFormat::Ocsf),
];

/// Adds a route for each format.
pub(super) fn add(routes: Routes<AppState>) -> Routes<AppState> {
    ROUTES.iter().fold(routes, |routes, (path, format)| {
        routes.get(
            path,
            move |State(state): State<AppState>,
                  Extension(visitor): Extension<Visitor>,
                  Query(query): Query<DownloadQuery>| async move {
                download(&state, &visitor, query, *format).await
            },
        )
    })
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
    match open_report(&visitor.postern, request).await {
        Ok(report) => {
            let disposition = format!("attachment; filename=\"{}\"", report.file_name);
            let disposition = HeaderValue::from_str(&disposition)
                .unwrap_or(HeaderValue::from_static("attachment"));
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(report.media_type)),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            (headers, body(report)).into_response()
        }
        Err(ReportError::Read(ReadError::Denied(denied))) => {
            show_denied(&state.site, visitor, denied)
        }
        Err(error) => refuse(state, &error),
    }
}

/// The report as it is written. Where it fails half way the connection is cut, so that no program and no browser takes what
/// came for the whole; nothing of the error goes out.
fn body(report: ReportStream) -> Body {
    let pieces = stream::unfold(report, async |mut report| {
        let piece = report.next().await?;
        if let Err(error) = &piece {
            tracing::error!(error = error as &dyn std::error::Error, "the report was cut short");
        }
        Some((piece, report))
    });
    // What compresses it asks once more after its end.
    Body::from_stream(pieces.fuse())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_a_route_that_ends_as_its_files_do() {
        for format in ReportFormat::ALL {
            let path = format!("/reports/findings.{}", format.ending());
            assert!(ROUTES.contains(&(path.as_str(), *format)), "{path}");
        }
    }
}

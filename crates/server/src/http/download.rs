//! Reports as downloads: of all findings, and of a list of them.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, stream};
use postern_frontend::{FindingsAddress, Routes, Visitor, list_asked_for, show_denied};
use postern_service::access::AccessError;
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

/// The routes of a list's formats, each with the query string of the list's page.
pub(super) const LISTS: &[(&str, ReportFormat)] = &[
    ("/findings.pdf", ReportFormat::Pdf),
    ("/findings.csv", ReportFormat::Csv),
    ("/findings.json", ReportFormat::Json),
    ("/findings.html", ReportFormat::Html),
    ("/findings.xlsx", ReportFormat::Xlsx),
    ("/findings.oscal.json", ReportFormat::Oscal),
    ("/findings.sarif", ReportFormat::Sarif),
    ("/findings.ocsf.jsonl", ReportFormat::Ocsf),
];

/// Adds a route for each format, of all findings and of a list.
pub(super) fn add(routes: Routes<AppState>) -> Routes<AppState> {
    let routes = LISTS.iter().fold(routes, |routes, (path, format)| {
        routes.get(
            path,
            move |State(state): State<AppState>,
                  Extension(visitor): Extension<Visitor>,
                  RawQuery(query): RawQuery| async move {
                download_list(&state, &visitor, query.as_deref(), *format).await
            },
        )
    });
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
    let connection = filled(query.connection);
    send(state, visitor, ReportRequest { connection, format, as_of, list: None }).await
}

async fn download_list(
    state: &AppState,
    visitor: &Visitor,
    query: Option<&str>,
    format: ReportFormat,
) -> Response {
    let list = match list_asked_for(&visitor.postern, query).await {
        Ok(FindingsAddress { query, ignored, .. }) if ignored.is_empty() => query,
        // Without a filter that is not understood, the file would hold more than was asked for.
        Ok(_) => return error_page::page(&state.site, StatusCode::BAD_REQUEST),
        Err(AccessError::Denied(denied)) => return show_denied(&state.site, visitor, denied),
        Err(AccessError::Store(error)) => return refuse(state, &ReadError::from(error).into()),
    };
    let (connection, as_of) = (list.connection.clone(), list.as_of);
    send(state, visitor, ReportRequest { connection, format, as_of, list: Some(list) }).await
}

async fn send(state: &AppState, visitor: &Visitor, request: ReportRequest) -> Response {
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
            let path = format!("/findings.{}", format.ending());
            assert!(LISTS.contains(&(path.as_str(), *format)), "{path}");
        }
    }
}

//! What people say about exceptions, and files as evidence.

use axum::Form;
use axum::extract::{FromRequest as _, Multipart, Path, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use postern_domain::exception::evidence_file::{EvidenceFileError, FileKind, FileName, MOST_BYTES};
use postern_domain::id::{EvidenceFileId, ExceptionId};
use postern_domain::person::Permission;
use postern_service::exception::{self, ExceptionError};
use postern_service::view::ExceptionView;

use super::super::visit::Visit;
use super::{done, find, missing, not_done, refusal, shown_again};
use crate::address::value;
use crate::page::exceptions::ask::written;
use crate::page::exceptions::show::{Done, FILE, FORM_KEY, Kept, SAID};
use crate::page::problem::sentence;
use crate::part::Mistake;

/// The most bytes of a form with a file: the file, and what browsers put around it.
pub(super) const MOST_FORM_BYTES: usize = MOST_BYTES + 16 * 1024;

pub(super) async fn post_comment(
    site: Visit,
    Path(id): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let view = match discussed(&site, &id).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let said = value(&fields, SAID).unwrap_or_default().to_owned();
    let text = match written(SAID, &said, "Comment") {
        Ok(text) => text,
        Err(mistake) => return again(&site, view, said, mistake),
    };
    let key = value(&fields, FORM_KEY).unwrap_or_default();
    let id = view.row.id;
    match exception::comment_on_exception(&site.postern, id, key, &text).await {
        Ok(()) => done(id, Done::Commented),
        Err(error) => match refusal(&error) {
            None => not_done(&site, error, None),
            Some(sentence) => again(&site, view, said, Mistake::of_all(sentence)),
        },
    }
}

pub(super) async fn post_file(site: Visit, Path(id): Path<String>, request: Request) -> Response {
    // Who may not is told so, whatever they sent.
    let view = match discussed(&site, &id).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let outcome = match file(request).await {
        Ok((name, content)) => {
            exception::attach_file(&site.postern, view.row.id, &name, &content).await
        }
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => done(view.row.id, Done::Attached),
        Err(ExceptionError::File(error)) => {
            let mistake = Mistake::at(FILE, sentence(&error.to_string()));
            again(&site, view, String::new(), mistake)
        }
        Err(error) => match refusal(&error) {
            None => not_done(&site, error, None),
            Some(sentence) => again(&site, view, String::new(), Mistake::of_all(sentence)),
        },
    }
}

/// The file of a form; what is not read as one, or not to its end, is none.
async fn file(request: Request) -> Result<(FileName, Vec<u8>), EvidenceFileError> {
    let form = Multipart::from_request(request, &()).await;
    let mut multipart = form.map_err(|_| EvidenceFileError::Empty)?;
    loop {
        let field = match multipart.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Err(EvidenceFileError::Empty),
            Err(error) => return Err(unread(error.status())),
        };
        if field.name() != Some(FILE) {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let content = field.bytes().await.map_err(|error| unread(error.status()))?;
        // Where nothing was chosen, browsers send a field without a name and without content.
        if content.is_empty() {
            return Err(EvidenceFileError::Empty);
        }
        return Ok((name.parse()?, content.to_vec()));
    }
}

fn unread(status: StatusCode) -> EvidenceFileError {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => EvidenceFileError::TooLarge,
        _ => EvidenceFileError::Empty,
    }
}

pub(super) async fn get_file(site: Visit, Path((id, file)): Path<(String, String)>) -> Response {
    let named = id.parse::<ExceptionId>().ok().zip(file.parse::<EvidenceFileId>().ok());
    let Some((id, file)) = named else { return missing(&site, &id) };
    match exception::evidence_file(&site.postern, id, file).await {
        Err(error) => not_done(&site, error, None),
        Ok(None) => missing(&site, &id.to_string()),
        Ok(Some((name, kind, content))) => download(&name, kind, content),
    }
}

/// A file to be saved: no browser shows it as a page of ours.
fn download(name: &FileName, kind: FileKind, content: Vec<u8>) -> Response {
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_str().as_bytes())
        .collect::<String>()
        .replace('+', "%20");
    let disposition = format!("attachment; filename*=UTF-8''{encoded}");
    let disposition = HeaderValue::from_str(&disposition)
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type())),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ];
    (headers, content).into_response()
}

/// The exception about which somebody who may wants to say something.
async fn discussed(site: &Visit, id: &str) -> Result<ExceptionView, Response> {
    let allowed = site.postern.require(Permission::DiscussExceptions);
    allowed.map_err(|denied| site.denied(denied))?;
    find(site, id).await
}

fn again(site: &Visit, view: ExceptionView, said: String, mistake: Mistake) -> Response {
    shown_again(site, view, Kept { said, ..Kept::default() }, vec![mistake])
}

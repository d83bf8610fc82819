//! What people say about an exception, and the files that they add as evidence.

use postern_domain::digest::Digest;
use postern_domain::exception::evidence_file::{EvidenceFileError, FileKind, FileName, MOST_FILES};
use postern_domain::exception::written::Comment;
use postern_domain::id::{EvidenceFileId, ExceptionId};
use postern_domain::person::Permission;
use postern_store::{exception, exception_thread, read};
use serde_json::json;

use super::act::{Acting, form_key, person};
use super::{ExceptionError, show};
use crate::Postern;
use crate::decision::{Decided, record};

/// Says something about an exception, for everybody who sees it; the same form a second time says nothing more.
pub async fn comment_on_exception(
    postern: &Postern,
    id: ExceptionId,
    key: &str,
    text: &Comment,
) -> Result<(), ExceptionError> {
    person(postern)?;
    postern.require(Permission::DiscussExceptions)?;
    let mut acting = Acting::begin(postern).await?;
    acting.find(id).await?;
    let by = (acting.by, form_key(acting.by, key));
    let said = (by.0, by.1.as_str());
    let now = acting.now;
    let is_new =
        exception_thread::insert_comment(&mut acting.transaction, id, said, text, now).await?;
    if is_new {
        let decided = Decided {
            action: "exception.comment",
            subject: Some(id.to_string()),
            after: Some(json!({"text": text})),
            ..Decided::default()
        };
        record(postern, &mut acting.transaction, decided).await?;
    }
    acting.commit().await
}

/// Adds a file as evidence; the same file a second time is there already.
pub async fn attach_file(
    postern: &Postern,
    id: ExceptionId,
    name: &FileName,
    content: &[u8],
) -> Result<(), ExceptionError> {
    person(postern)?;
    postern.require(Permission::DiscussExceptions)?;
    let kind = FileKind::of(name, content)?;
    let hash = Digest::of(content);
    let mut acting = Acting::begin(postern).await?;
    acting.find(id).await?;
    let present = exception_thread::files(&mut acting.transaction, id, None).await?;
    let is_there = present.iter().any(|file| file.name == *name && file.hash == hash);
    if !is_there && present.len() >= MOST_FILES {
        return Err(EvidenceFileError::TooMany.into());
    }
    let new =
        exception_thread::NewFile { by: acting.by, name, kind, hash, content, at: acting.now };
    let written = exception_thread::insert_file(&mut acting.transaction, id, &new).await?;
    if let Some(file) = written {
        let decided = Decided {
            action: "exception.attach",
            subject: Some(id.to_string()),
            after: Some(json!({
                "file": file, "name": name, "kind": kind, "bytes": content.len(), "sha256": hash,
            })),
            ..Decided::default()
        };
        record(postern, &mut acting.transaction, decided).await?;
    }
    acting.commit().await
}

/// A file of an exception; `None` where there is none, or whoever acts does not see the exception.
pub async fn evidence_file(
    postern: &Postern,
    id: ExceptionId,
    file: EvidenceFileId,
) -> Result<Option<(FileName, FileKind, Vec<u8>)>, ExceptionError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(stored) = exception::find(&mut transaction, id).await? else { return Ok(None) };
    if !show::is_seen(postern, &mut transaction, &stored.exception).await? {
        return Ok(None);
    }
    Ok(exception_thread::file(&mut transaction, id, file).await?)
}

//! What people say about exceptions, and the files that they add as evidence.

use postern_domain::digest::Digest;
use postern_domain::exception::evidence_file::{FileKind, FileName};
use postern_domain::exception::written::Comment;
use postern_domain::id::{EvidenceFileId, ExceptionId, PersonId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// Something that somebody said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentRecord {
    /// When.
    pub at: OffsetDateTime,
    /// Who.
    pub by: String,
    /// What.
    pub text: String,
}

/// Writes down what somebody says; whether it is new, and not the same form a second time.
pub async fn insert_comment(
    transaction: &mut PgConnection,
    of: ExceptionId,
    (by, form_key): (PersonId, &str),
    text: &Comment,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let written = sqlx::query!(
        r#"
        INSERT INTO exception_comments (exception_id, at, person_id, text, form_key)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT ON CONSTRAINT exception_comments_form_key DO NOTHING
        "#,
        of.number(),
        at,
        by.number(),
        text.as_str(),
        form_key,
    )
    .execute(transaction)
    .await?;
    Ok(written.rows_affected() > 0)
}

/// What had been said by a moment, oldest first.
pub async fn comments(
    connection: &mut PgConnection,
    of: ExceptionId,
    as_of: Option<OffsetDateTime>,
) -> Result<Vec<CommentRecord>, StoreError> {
    Ok(sqlx::query_as!(
        CommentRecord,
        r#"
        SELECT at, people.name AS by, text
        FROM exception_comments
        JOIN people USING (person_id)
        WHERE exception_id = $1 AND ($2::timestamptz IS NULL OR at <= $2)
        ORDER BY exception_comment_id
        "#,
        of.number(),
        as_of,
    )
    .fetch_all(connection)
    .await?)
}

/// A file that is added.
#[derive(Clone, Copy, Debug)]
pub struct NewFile<'a> {
    /// By whom.
    pub by: PersonId,
    /// Its name.
    pub name: &'a FileName,
    /// What it is.
    pub kind: FileKind,
    /// Its SHA-256.
    pub hash: Digest,
    /// What it holds.
    pub content: &'a [u8],
    /// When.
    pub at: OffsetDateTime,
}

/// Adds a file; `None` where it is there already.
pub async fn insert_file(
    transaction: &mut PgConnection,
    of: ExceptionId,
    new: &NewFile<'_>,
) -> Result<Option<EvidenceFileId>, StoreError> {
    let id = sqlx::query_scalar!(
        r#"
        INSERT INTO exception_files (exception_id, at, person_id, name, kind, content_hash, content)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT ON CONSTRAINT exception_files_content_key DO NOTHING
        RETURNING exception_file_id
        "#,
        of.number(),
        new.at,
        new.by.number(),
        new.name.as_str(),
        new.kind.ending(),
        new.hash.as_bytes(),
        new.content,
    )
    .fetch_optional(transaction)
    .await?;
    Ok(id.map(EvidenceFileId::from_number))
}

/// A file, without what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    /// Its number.
    pub id: EvidenceFileId,
    /// When it was added.
    pub at: OffsetDateTime,
    /// By whom.
    pub by: String,
    /// Its name.
    pub name: FileName,
    /// What it is.
    pub kind: FileKind,
    /// Its SHA-256.
    pub hash: Digest,
    /// How many bytes it has.
    pub bytes: u32,
}

/// The files that had been added by a moment, oldest first.
pub async fn files(
    connection: &mut PgConnection,
    of: ExceptionId,
    as_of: Option<OffsetDateTime>,
) -> Result<Vec<FileRecord>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT exception_file_id, at, people.name AS by, exception_files.name, kind, content_hash,
            length(content) AS "bytes!"
        FROM exception_files
        JOIN people USING (person_id)
        WHERE exception_id = $1 AND ($2::timestamptz IS NULL OR at <= $2)
        ORDER BY exception_file_id
        "#,
        of.number(),
        as_of,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(FileRecord {
                id: EvidenceFileId::from_number(row.exception_file_id),
                at: row.at,
                by: row.by,
                name: column::word("exception_files.name", &row.name)?,
                kind: kind(&row.kind)?,
                hash: column::digest("exception_files.content_hash", &row.content_hash)?,
                bytes: column::count("exception_files.content", row.bytes)?,
            })
        })
        .collect()
}

/// What a file of an exception is and holds; `None` where it has none with this number.
pub async fn file(
    connection: &mut PgConnection,
    of: ExceptionId,
    id: EvidenceFileId,
) -> Result<Option<(FileName, FileKind, Vec<u8>)>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT name, kind, content
        FROM exception_files
        WHERE exception_id = $1 AND exception_file_id = $2
        "#,
        of.number(),
        id.number(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok((column::word("exception_files.name", &row.name)?, kind(&row.kind)?, row.content))
    })
    .transpose()
}

fn kind(ending: &str) -> Result<FileKind, StoreError> {
    let found = FileKind::ALL.iter().copied().find(|kind| kind.ending() == ending);
    found.ok_or_else(|| StoreError::unreadable("exception_files.kind", format!("\"{ending}\"")))
}

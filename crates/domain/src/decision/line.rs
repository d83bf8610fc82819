//! Entries as lines of an export.

use std::fmt::Write as _;

use serde::Deserialize;
use time::OffsetDateTime;

use crate::decision::action::Action;
use crate::decision::entry::Entry;
use crate::digest::Digest;
use crate::id::PersonId;

/// Why a line is no entry.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Its bytes are no text.
    #[error("the line is not UTF-8")]
    NotText(#[source] std::str::Utf8Error),
    /// It is no JSON, or JSON with other members or values than an entry has.
    #[error("the line is not an entry of a decision log")]
    NotAnEntry(#[source] serde_json::Error),
    /// It says an entry in another way than exports do, such as with white space or members in another order.
    #[error("the line is spelt otherwise than in an export")]
    SpeltOtherwise,
}

/// The line of an export that is this entry, without the line feed; the [module](crate::decision) says its form.
pub fn line(entry: &Entry) -> String {
    let mut line = entry.content();
    line.pop();
    write!(line, ",\"hash\":\"{}\"}}", entry.hash).expect("a text takes what is written to it");
    line
}

/// The entry that a line of an export is; whether its hash is right is not looked at.
///
/// Only what [`line()`] writes is read, so that a file is an export byte for byte or is none.
pub fn read_line(text: &str) -> Result<Entry, LineError> {
    let entry = Entry::from(serde_json::from_str::<Line>(text).map_err(LineError::NotAnEntry)?);
    if line(&entry) == text { Ok(entry) } else { Err(LineError::SpeltOtherwise) }
}

/// The members of a line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    action: Action,
    address: Option<String>,
    after: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    before: Option<String>,
    number: i64,
    person: Option<PersonId>,
    previous: Digest,
    reason: Option<String>,
    subject: Option<String>,
    who: String,
    hash: Digest,
}

impl From<Line> for Entry {
    fn from(line: Line) -> Self {
        Self {
            number: line.number,
            at: line.at,
            person: line.person,
            who: line.who,
            address: line.address,
            action: line.action,
            subject: line.subject,
            reason: line.reason,
            before: line.before,
            after: line.after,
            previous: line.previous,
            hash: line.hash,
        }
    }
}

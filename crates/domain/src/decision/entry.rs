//! Entries, and what of them is hashed.

use std::fmt;

use serde::{Serialize, Serializer};
use time::{OffsetDateTime, UtcOffset};

use crate::decision::action::Action;
use crate::decision::chain::Head;
use crate::digest::Digest;
use crate::id::PersonId;

/// One decision or change of configuration, as stored: whether its hash is right is what a
/// [`Verifier`](crate::decision::Verifier) finds out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// 1 for the first entry, one more for each next, without gaps.
    pub number: i64,
    /// When; the database and the hash know microseconds. A year before 0 cannot be exported.
    pub at: OffsetDateTime,
    /// Who signed in; `None` for the command line and for Postern itself.
    pub person: Option<PersonId>,
    /// Who, for people, and still true when the person is gone: name and address, `command line, os user NAME`, or
    /// `Postern` for what it does itself.
    pub who: String,
    /// The IP address from which it was asked for, where it came over the network.
    pub address: Option<String>,
    /// What was done.
    pub action: Action,
    /// What it was done to, such as `X-12` or `contoso-ai`.
    pub subject: Option<String>,
    /// Why, in the person's own words.
    pub reason: Option<String>,
    /// What held until then: canonical JSON as text ([`canonical::text`](crate::canonical::text)), so that what is
    /// hashed is byte for byte what is stored.
    pub before: Option<String>,
    /// What holds since, as `before`.
    pub after: Option<String>,
    /// The hash of the entry before.
    pub previous: Digest,
    /// The SHA-256 of [`content`](Self::content).
    pub hash: Digest,
}

/// An entry that has no place in the log yet; its fields are those of [`Entry`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// [`Entry::at`]; what is finer than a microsecond is cut off.
    pub at: OffsetDateTime,
    /// [`Entry::person`].
    pub person: Option<PersonId>,
    /// [`Entry::who`].
    pub who: String,
    /// [`Entry::address`].
    pub address: Option<String>,
    /// [`Entry::action`].
    pub action: Action,
    /// [`Entry::subject`].
    pub subject: Option<String>,
    /// [`Entry::reason`].
    pub reason: Option<String>,
    /// [`Entry::before`].
    pub before: Option<String>,
    /// [`Entry::after`].
    pub after: Option<String>,
}

impl Entry {
    /// The entry that the draft becomes after `head`.
    ///
    /// Two made after the same head have the same number: who stores them lets only one in.
    pub fn next(head: &Head, draft: Draft) -> Self {
        let mut entry = Self {
            number: head.number.checked_add(1).expect("no log has 2^63 entries"),
            at: whole_microseconds(draft.at),
            person: draft.person,
            who: draft.who,
            address: draft.address,
            action: draft.action,
            subject: draft.subject,
            reason: draft.reason,
            before: draft.before,
            after: draft.after,
            previous: head.hash,
            // Not part of the content that it is made of.
            hash: head.hash,
        };
        entry.hash = entry.content_hash();
        entry
    }

    /// The text that is hashed: JSON of all but `hash`, as the [module](crate::decision) describes it.
    pub fn content(&self) -> String {
        serde_json::to_string(&Content::of(self)).expect(ALWAYS_JSON)
    }

    /// The hash that this content should have.
    pub fn content_hash(&self) -> Digest {
        self.content_hash_in(&mut Vec::new())
    }

    /// The hash that this content should have, made in a buffer whose bytes are of no further use.
    pub(super) fn content_hash_in(&self, buffer: &mut Vec<u8>) -> Digest {
        buffer.clear();
        serde_json::to_writer(&mut *buffer, &Content::of(self)).expect(ALWAYS_JSON);
        Digest::of(buffer)
    }
}

/// Why writing content cannot fail.
const ALWAYS_JSON: &str = "texts and numbers are JSON, and memory takes what is written";

/// What is hashed of an entry. `serde_json` writes members in the order of these fields: that of their bytes.
#[derive(Serialize)]
struct Content<'a> {
    action: &'a str,
    address: Option<&'a str>,
    after: Option<&'a str>,
    at: Moment,
    before: Option<&'a str>,
    number: i64,
    person: Option<PersonId>,
    previous: Digest,
    reason: Option<&'a str>,
    subject: Option<&'a str>,
    who: &'a str,
}

impl<'a> Content<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            action: entry.action.as_str(),
            address: entry.address.as_deref(),
            after: entry.after.as_deref(),
            at: Moment(entry.at),
            before: entry.before.as_deref(),
            number: entry.number,
            person: entry.person,
            previous: entry.previous,
            reason: entry.reason.as_deref(),
            subject: entry.subject.as_deref(),
            who: &entry.who,
        }
    }
}

/// A time with always six digits of a second: RFC 3339 allows many texts for one time, the hash one.
struct Moment(OffsetDateTime);

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0.to_offset(UtcOffset::UTC);
        let (year, month, day) = at.to_calendar_date();
        let (hour, minute, second, microsecond) = at.to_hms_micro();
        let month = u8::from(month);
        write!(formatter, "{year:04}-{month:02}-{day:02}T")?;
        write!(formatter, "{hour:02}:{minute:02}:{second:02}.{microsecond:06}Z")
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The time in UTC without what Postgres would not store.
fn whole_microseconds(at: OffsetDateTime) -> OffsetDateTime {
    let at = at.to_offset(UtcOffset::UTC);
    at.replace_microsecond(at.microsecond()).expect("a time's own microsecond is one")
}

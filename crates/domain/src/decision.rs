//! The decision log: every decision and every change of configuration, each entry holding the hash of the one before.
//!
//! # What is hashed
//!
//! This is all that somebody needs to write the check again in another language.
//! A line of an export is one entry: a JSON object with these members in this order, without white space.
//!
//! | member | value |
//! |---|---|
//! | `action` | text: what was done |
//! | `address` | text or `null`: from which IP address |
//! | `after` | text or `null`: JSON *as a text*, what holds since |
//! | `at` | text: when, in UTC with six digits of a second, such as `2026-06-30T12:00:00.000000Z` |
//! | `before` | text or `null`: JSON *as a text*, what held until then |
//! | `number` | number: 1 for the first entry, one more for each next |
//! | `person` | text or `null`: `P-7` for somebody who signed in |
//! | `previous` | text: the `hash` of the entry before, 64 lower-case hexadecimal digits |
//! | `reason` | text or `null`: why |
//! | `subject` | text or `null`: of what |
//! | `who` | text: who it was, for people |
//! | `hash` | text: 64 lower-case hexadecimal digits |
//!
//! Every member is always there.
//! In a text, `"` and `\` have a `\` before them, the characters U+0008, U+0009, U+000A, U+000C and U+000D are `\b`,
//! `\t`, `\n`, `\f` and `\r`, the others below U+0020 are `\u00` and two lower-case hexadecimal digits, and every
//! other character is itself, in UTF-8: texts as in RFC 8785.
//! Lines end with a line feed, U+000A, which belongs to no entry.
//!
//! - The *content* of an entry is its line without `,"hash":"…"` at the end: the eleven members before, and the `}`.
//! - `hash` is the SHA-256 of the content.
//! - `previous` is the `hash` of the entry before; in the first entry it is the SHA-256 of the 22 bytes
//!   `postern decision log 1`.
//!
//! The third line of a file is checked by hand with
//! `sed -n 's/,"hash":"[0-9a-f]*"}$/}/;3p' FILE | tr -d '\n' | sha256sum`.
//!
//! ```
//! use postern_domain::decision::{Draft, Entry, Head, line};
//! use postern_domain::id::PersonId;
//! use time::macros::datetime;
//!
//! // printf 'postern decision log 1' | sha256sum
//! let genesis = Head::genesis();
//! assert_eq!(
//!     genesis.to_string(),
//!     "0:b0b21e44546422bb7c90c226e433588117da93b403e3e8b34789412ccfa45e9e",
//! );
//! let entry = Entry::next(
//!     &genesis,
//!     Draft {
//!         at: datetime!(2026-06-30 12:00 UTC),
//!         person: Some(PersonId::from_number(7)),
//!         who: "Zoë Maier <zoe@contoso.example>".to_owned(),
//!         address: Some("192.0.2.10".to_owned()),
//!         action: "retention.set".parse()?,
//!         subject: None,
//!         reason: Some("The works council asked:\n\"no longer than a year\"".to_owned()),
//!         before: Some("{}".to_owned()),
//!         after: Some(r#"{"history_days":365}"#.to_owned()),
//!     },
//! );
//! assert_eq!(
//!     entry.content(),
//!     concat!(
//!         r#"{"action":"retention.set","address":"192.0.2.10","after":"{\"history_days\":365}","#,
//!         r#""at":"2026-06-30T12:00:00.000000Z","before":"{}","number":1,"person":"P-7","#,
//!         r#""previous":"b0b21e44546422bb7c90c226e433588117da93b403e3e8b34789412ccfa45e9e","#,
//!         r#""reason":"The works council asked:\n\"no longer than a year\"","subject":null,"#,
//!         r#""who":"Zoë Maier <zoe@contoso.example>"}"#,
//!     ),
//! );
//! assert_eq!(
//!     entry.hash.to_string(),
//!     "140257e1b1aeabe7d2b1d686063dffc05dc5c5c37b23749b9332f393f04e431a",
//! );
//! assert!(line(&entry).ends_with(
//!     r#","hash":"140257e1b1aeabe7d2b1d686063dffc05dc5c5c37b23749b9332f393f04e431a"}"#
//! ));
//! # Ok::<(), postern_domain::id::IdError>(())
//! ```
//!
//! # What the chain shows, and what it cannot
//!
//! Whoever can write the log can also make hashes, because there is no secret in them.
//! What a [`Verifier`] finds without any help: an entry that was changed, removed, inserted, repeated or moved, unless
//! all entries after it were made anew as well.
//! What it finds only with a [`Head`] that was written down where the culprit could not reach it, such as in a report
//! that was handed over: that entries at the end were removed, and that the log was made anew from some entry on to
//! its end. A head shows this of the entries up to it, never of those after it.
//! What nothing finds: an entry that says what is not true, or that somebody appended with every right to write.

mod action;
mod chain;
mod entry;
mod fault;
mod line;
#[cfg(test)]
mod tests;
mod verify;

pub use action::Action;
pub use chain::{Head, HeadError};
pub use entry::{Draft, Entry};
pub use fault::{Fault, FaultKind};
pub use line::{LineError, line, read_line};
pub use verify::{HeadCheck, HeadFound, NAMED_FAULTS, Verification, Verifier};

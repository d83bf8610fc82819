//! What the parts of the log do together.

mod entries;
mod faults;
mod heads;
mod lines;
mod properties;

use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::*;
use crate::id::PersonId;

/// A draft with something in every field.
fn draft(number: i64) -> Draft {
    Draft {
        at: datetime!(2026-06-30 12:00 UTC) + Duration::seconds(number),
        person: Some(PersonId::from_number(7)),
        who: "Zoë Maier <zoe@contoso.example>".to_owned(),
        address: Some("192.0.2.10".to_owned()),
        action: "exception.approve".parse().unwrap(),
        subject: Some(format!("X-{number}")),
        reason: Some("a \"test\"\n".to_owned()),
        before: Some(r#"{"state":"asked"}"#.to_owned()),
        after: Some(r#"{"state":"approved"}"#.to_owned()),
    }
}

/// A log of these drafts.
fn chain(drafts: impl IntoIterator<Item = Draft>) -> Vec<Entry> {
    let mut head = Head::genesis();
    let next = |draft| {
        let entry = Entry::next(&head, draft);
        head = Head::from(&entry);
        entry
    };
    drafts.into_iter().map(next).collect()
}

/// A log with so many entries.
fn log(length: i64) -> Vec<Entry> {
    chain((1..=length).map(draft))
}

/// The head of a log.
fn head(log: &[Entry]) -> Head {
    log.last().map_or_else(Head::genesis, Head::from)
}

/// Gives the entry the hash of its content, as somebody would who changed it and knows how hashes are made.
fn rehash(entry: &mut Entry) {
    entry.hash = entry.content_hash();
}

fn verify_expecting(log: &[Entry], heads: &[Head]) -> Verification {
    let mut verifier = Verifier::expecting(heads.iter().copied());
    for entry in log {
        verifier.check(entry);
    }
    verifier.finish()
}

fn verify(log: &[Entry]) -> Verification {
    verify_expecting(log, &[])
}

/// Verifies a file as a reader of exports does.
fn verify_file(bytes: &[u8]) -> Verification {
    let mut verifier = Verifier::default();
    let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    for line in lines.split(|byte| *byte == b'\n') {
        verifier.check_line(line);
    }
    verifier.finish()
}

/// The log as a file, each line with its line feed.
fn file(log: &[Entry]) -> Vec<u8> {
    log.iter().flat_map(|entry| (line(entry) + "\n").into_bytes()).collect()
}

//! What of an entry is hashed, and how.

use time::macros::datetime;

use super::*;
use crate::canonical;
use crate::digest::Digest;

type Change = fn(&mut Entry);

/// Each field changed alone; where texts are optional, also between none and an empty one.
const CHANGES: [(&str, Change); 18] = [
    ("number", |entry| entry.number += 1),
    ("number's sign", |entry| entry.number = -entry.number),
    ("at", |entry| entry.at += Duration::microseconds(1)),
    ("person", |entry| entry.person = Some(PersonId::from_number(8))),
    ("no person", |entry| entry.person = None),
    ("who", |entry| entry.who.push('.')),
    ("address", |entry| entry.address = Some("192.0.2.11".to_owned())),
    ("no address", |entry| entry.address = None),
    ("action", |entry| entry.action = "exception.refuse".parse().unwrap()),
    ("subject", |entry| entry.subject = Some("X-2".to_owned())),
    ("no subject", |entry| entry.subject = None),
    ("reason", |entry| entry.reason = Some("a 'test'\n".to_owned())),
    ("no reason", |entry| entry.reason = None),
    ("before", |entry| entry.before = Some(r#"{"state": "asked"}"#.to_owned())),
    ("no before", |entry| entry.before = None),
    ("after", |entry| entry.after = Some(r#"{"state":"approved" }"#.to_owned())),
    ("no after", |entry| entry.after = None),
    ("previous", |entry| entry.previous = Digest::of(b"another")),
];

#[test]
fn every_field_is_hashed() {
    let entry = log(1).remove(0);
    // A new field does not compile here: it needs its changes above.
    let Entry {
        number: _,
        at: _,
        person: _,
        who: _,
        address: _,
        action: _,
        subject: _,
        reason: _,
        before: _,
        after: _,
        previous: _,
        hash: _,
    } = entry;
    assert_eq!(entry.content_hash(), entry.hash);
    for (name, change) in CHANGES {
        let mut changed = entry.clone();
        change(&mut changed);
        assert_ne!(changed.content_hash(), entry.hash, "{name}");
        let faults = verify(&[changed]).faults;
        assert_eq!(faults[0], Fault { place: 1, kind: FaultKind::Changed { number: 1 } }, "{name}");
    }
    let mut changed = entry;
    changed.hash = Digest::of(b"another");
    assert_eq!(
        verify(&[changed]).faults,
        [Fault { place: 1, kind: FaultKind::Changed { number: 1 } }]
    );
}

#[test]
fn a_text_is_another_in_another_field_and_nothing_is_no_empty_text() {
    let entry = log(1).remove(0);
    let fields: [fn(&mut Entry) -> &mut Option<String>; 5] = [
        |entry| &mut entry.address,
        |entry| &mut entry.subject,
        |entry| &mut entry.reason,
        |entry| &mut entry.before,
        |entry| &mut entry.after,
    ];
    let mut hashes = std::collections::BTreeSet::new();
    for field in fields {
        let mut bare = entry.clone();
        for field in fields {
            *field(&mut bare) = None;
        }
        hashes.insert(bare.content_hash());
        for text in ["", "null", "\",\"before\":\""] {
            *field(&mut bare) = Some(text.to_owned());
            hashes.insert(bare.content_hash());
        }
    }
    assert_eq!(hashes.len(), 1 + 5 * 3);
}

#[test]
fn content_is_canonical_json_with_the_escapes_that_are_documented() {
    let mut entry = log(1).remove(0);
    entry.who =
        (0..=0x100).filter_map(char::from_u32).chain("\u{2028}\u{fffd}😀".chars()).collect();
    let content = entry.content();
    assert_eq!(canonical::text(&serde_json::from_str(&content).unwrap()), content);

    let escaped = |character: char| match character {
        '"' | '\\' => format!("\\{character}"),
        '\u{8}' => "\\b".to_owned(),
        '\u{9}' => "\\t".to_owned(),
        '\u{a}' => "\\n".to_owned(),
        '\u{c}' => "\\f".to_owned(),
        '\u{d}' => "\\r".to_owned(),
        '\0'..' ' => format!("\\u{:04x}", u32::from(character)),
        other => other.to_string(),
    };
    let who: String = entry.who.chars().map(escaped).collect();
    assert!(content.ends_with(&format!("\"who\":\"{who}\"}}")), "{content}");
}

#[test]
fn times_are_utc_with_six_digits_and_what_is_finer_is_cut_off() {
    let check = |at, text: &str| {
        let entry = Entry::next(&Head::genesis(), Draft { at, ..draft(1) });
        assert!(entry.content().contains(&format!("\"at\":\"{text}\",")), "{}", entry.content());
        // As if it came back from the database.
        let mut stored = entry.clone();
        stored.at = OffsetDateTime::from_unix_timestamp_nanos(
            at.unix_timestamp_nanos().div_euclid(1000) * 1000,
        )
        .unwrap();
        assert_eq!(stored, entry);
        assert_eq!(stored.content_hash(), entry.hash);
    };
    check(datetime!(2026-06-30 12:00 UTC), "2026-06-30T12:00:00.000000Z");
    check(datetime!(2026-06-30 12:00:00.1 UTC), "2026-06-30T12:00:00.100000Z");
    check(datetime!(2026-06-30 12:00:00.000001999 UTC), "2026-06-30T12:00:00.000001Z");
    check(datetime!(2026-01-01 01:02:03.999999999 +2), "2025-12-31T23:02:03.999999Z");
    check(datetime!(0044-03-15 12:00 UTC), "0044-03-15T12:00:00.000000Z");
    check(datetime!(1969-12-31 23:59:59.9999995 UTC), "1969-12-31T23:59:59.999999Z");
}

#[test]
fn the_next_entry_links_to_the_head() {
    let log = log(3);
    assert_eq!(log[0].previous, Digest::of(b"postern decision log 1"));
    assert_eq!(log.iter().map(|entry| entry.number).collect::<Vec<_>>(), [1, 2, 3]);
    for pair in log.windows(2) {
        assert_eq!(pair[1].previous, pair[0].hash);
    }
    let Draft { at, person, who, address, action, subject, reason, before, after } = draft(3);
    let entry = log[2].clone();
    assert_eq!(
        (entry.at, entry.person, entry.who, entry.address, entry.action),
        (at, person, who, address, action)
    );
    assert_eq!(
        (entry.subject, entry.reason, entry.before, entry.after),
        (subject, reason, before, after)
    );
}

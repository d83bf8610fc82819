//! What a verifier names of logs that were tampered with.

use super::FaultKind::{BrokenLink, Changed, Inserted, Missing, OutOfOrder, Twice, Unreadable};
use super::*;
use crate::digest::Digest;

/// Tampers with a log of eight entries, and compares what is found; places are counted from 1.
fn check(what: &str, tamper: impl FnOnce(&mut Vec<Entry>), expected: &[(u64, FaultKind)]) {
    let mut log = log(8);
    tamper(&mut log);
    let verification = verify(&log);
    let expected: Vec<Fault> =
        expected.iter().cloned().map(|(place, kind)| Fault { place, kind }).collect();
    assert_eq!(verification.faults, expected, "{what}");
    assert_eq!(verification.fault_count, expected.len() as u64, "{what}");
    assert_eq!(verification.is_intact(), expected.is_empty(), "{what}");
    assert_eq!(verification.count, log.len() as u64, "{what}");
}

/// An entry that somebody made up, with a hash that fits it, behind the entry before this place in the log.
fn forged(log: &[Entry], place: usize, number: i64) -> Entry {
    let before = Head { number: number - 1, hash: head(&log[..place]).hash };
    Entry::next(&before, Draft { who: "somebody".to_owned(), ..draft(5) })
}

#[test]
fn what_is_as_it_was_written_is_intact() {
    let log = log(8);
    let expected = Verification {
        count: 8,
        first_at: Some(log[0].at),
        last_at: Some(log[7].at),
        head: Some(head(&log)),
        faults: Vec::new(),
        fault_count: 0,
        heads: Vec::new(),
    };
    assert_eq!(verify(&log), expected);
    assert_eq!(verify_file(&file(&log)), expected);
    check("nothing", |_| (), &[]);
    check("an empty log", Vec::clear, &[]);
    check("only the first", |log| log.truncate(1), &[]);
}

#[test]
fn changed_entries_are_named() {
    check("content", |log| log[4].who.push('!'), &[(5, Changed { number: 5 })]);
    check(
        "hash",
        |log| log[4].hash = Digest::of(b"another"),
        &[(5, Changed { number: 5 }), (6, BrokenLink { number: 6 })],
    );
    check(
        "link",
        |log| log[4].previous = Digest::of(b"another"),
        &[(5, Changed { number: 5 }), (5, BrokenLink { number: 5 })],
    );
    check(
        "content and hash",
        |log| {
            log[4].who.push('!');
            rehash(&mut log[4]);
        },
        &[(6, BrokenLink { number: 6 })],
    );
    check(
        "link and hash",
        |log| {
            log[4].previous = Digest::of(b"another");
            rehash(&mut log[4]);
        },
        &[(5, BrokenLink { number: 5 }), (6, BrokenLink { number: 6 })],
    );
    check(
        "the first, with its hash",
        |log| {
            log[0].previous = Digest::of(b"another");
            rehash(&mut log[0]);
        },
        &[(1, BrokenLink { number: 1 }), (2, BrokenLink { number: 2 })],
    );
    check(
        "several",
        |log| {
            log[1].reason = None;
            log[3].at += Duration::microseconds(1);
            log[7].after = None;
        },
        &[(2, Changed { number: 2 }), (4, Changed { number: 4 }), (8, Changed { number: 8 })],
    );
}

#[test]
fn an_entry_whose_number_was_changed_is_named_by_its_link() {
    for number in [0, 4, 6, 7, i64::MAX] {
        check("its number", |log| log[4].number = number, &[(5, Changed { number: 5 })]);
    }
    check(
        "its number and its link",
        |log| {
            log[4].number = 20;
            log[4].previous = Digest::of(b"another");
        },
        &[
            (5, Changed { number: 20 }),
            (5, OutOfOrder { number: 20, after: 4 }),
            (6, Missing { from: 5, to: 5 }),
        ],
    );
    check(
        "its number, behind one that is missing",
        |log| {
            log[4].number = 3;
            log.remove(3);
        },
        &[(4, Changed { number: 3 }), (4, Inserted { number: 3 }), (5, Missing { from: 4, to: 5 })],
    );
    check(
        "its number, behind the one behind one that is missing",
        |log| {
            log[5].number = 20;
            log.remove(3);
        },
        &[(5, Changed { number: 6 }), (4, Missing { from: 4, to: 4 })],
    );
}

#[test]
fn missing_entries_are_named() {
    check("the first", |log| drop(log.remove(0)), &[(1, Missing { from: 1, to: 1 })]);
    check("one", |log| drop(log.remove(4)), &[(5, Missing { from: 5, to: 5 })]);
    check("some", |log| drop(log.drain(2..6)), &[(3, Missing { from: 3, to: 6 })]);
    check("all but the last", |log| drop(log.drain(..7)), &[(1, Missing { from: 1, to: 7 })]);
    check(
        "here and there",
        |log| {
            log.remove(5);
            log.remove(2);
        },
        &[(3, Missing { from: 3, to: 3 }), (5, Missing { from: 6, to: 6 })],
    );
    // Nobody can know: see what heads are for.
    check("the last", |log| log.truncate(7), &[]);
}

#[test]
fn entries_that_do_not_belong_are_named() {
    check("twice", |log| log.insert(4, log[4].clone()), &[(6, Twice { number: 5 })]);
    check(
        "again later",
        |log| log.insert(6, log[2].clone()),
        &[(7, OutOfOrder { number: 3, after: 6 })],
    );
    check(
        "again sooner",
        |log| log.insert(2, log[6].clone()),
        &[(3, OutOfOrder { number: 7, after: 2 })],
    );
    check(
        "forged, in front of the true one",
        |log| log.insert(4, forged(log, 4, 5)),
        &[(6, Inserted { number: 5 })],
    );
    check(
        "forged, behind the true one",
        |log| log.insert(5, forged(log, 4, 5)),
        &[(6, Inserted { number: 5 }), (7, BrokenLink { number: 6 })],
    );
    for number in [20, i64::MAX] {
        check(
            "forged, with a number from far ahead",
            |log| log.insert(4, forged(log, 4, number)),
            &[(5, OutOfOrder { number, after: 4 })],
        );
    }
    for number in [0, -1, i64::MIN + 1] {
        check(
            "forged, with a number that no entry has",
            |log| log.insert(0, forged(log, 0, number)),
            &[(1, OutOfOrder { number, after: 0 })],
        );
    }
    check(
        "forged, in the place of the true one",
        |log| log[4] = forged(log, 4, 5),
        &[(6, BrokenLink { number: 6 })],
    );
}

#[test]
fn moved_entries_are_named() {
    check(
        "swapped with the next",
        |log| log.swap(3, 4),
        &[(4, OutOfOrder { number: 5, after: 3 }), (6, Missing { from: 5, to: 5 })],
    );
    check(
        "far ones swapped",
        |log| log.swap(1, 6),
        &[
            (2, OutOfOrder { number: 7, after: 1 }),
            (3, Missing { from: 2, to: 2 }),
            (7, OutOfOrder { number: 2, after: 6 }),
            (8, Missing { from: 7, to: 7 }),
        ],
    );
    check(
        "the first two swapped",
        |log| {
            log.truncate(2);
            log.swap(0, 1);
        },
        &[(1, OutOfOrder { number: 2, after: 0 })],
    );
    check(
        "backward",
        |log| {
            let moved = log.remove(6);
            log.insert(2, moved);
        },
        &[(3, OutOfOrder { number: 7, after: 2 }), (8, Missing { from: 7, to: 7 })],
    );
    check(
        "forward",
        |log| {
            let moved = log.remove(2);
            log.insert(6, moved);
        },
        &[(3, Missing { from: 3, to: 3 }), (7, OutOfOrder { number: 3, after: 7 })],
    );
}

#[test]
fn a_clock_that_is_set_back_is_no_fault() {
    let log = chain((1..=3).map(|number| Draft { at: draft(-number).at, ..draft(number) }));
    let verification = verify(&log);
    assert!(verification.is_intact());
    assert_eq!(verification.first_at, Some(log[0].at));
    assert_eq!(verification.last_at, Some(log[2].at));
}

#[test]
fn what_cannot_be_read_is_named_and_what_follows_is_looked_at() {
    let mut log = log(5);
    log[4].who.push('!');
    let mut file = file(&log);
    let third: usize = log[..2].iter().map(|entry| line(entry).len() + 1).sum();
    file[third + 12] = 0xff;
    let verification = verify_file(&file);
    assert_eq!(verification.count, 5);
    let kinds: Vec<FaultKind> = verification.faults.into_iter().map(|fault| fault.kind).collect();
    let [Unreadable { number: 3, reason }, Changed { number: 5 }] = &kinds[..] else {
        panic!("{kinds:?}")
    };
    assert!(reason.starts_with("the line is not UTF-8: invalid"), "{reason}");

    let mut verifier = Verifier::default();
    verifier.check_line(b"{}");
    let verification = verifier.finish();
    assert_eq!(verification.head, None, "what cannot be read has no hash to write down");
    assert_eq!(verification.first_at, None);
}

#[test]
fn of_very_many_faults_the_first_are_named_and_all_are_counted() {
    let mut log = log(250);
    for entry in &mut log {
        entry.who.push('!');
    }
    let verification = verify(&log);
    assert_eq!(verification.fault_count, 250);
    let numbers: Vec<u64> = verification.faults.iter().map(|fault| fault.place).collect();
    assert_eq!(numbers, (1..=100).collect::<Vec<_>>());
}

#[test]
fn a_fault_names_its_entries_and_no_other() {
    let named = |kind: FaultKind| (0..10).filter(|entry| kind.names(*entry)).collect::<Vec<_>>();
    let reason = String::new();
    for kind in [
        Changed { number: 5 },
        BrokenLink { number: 5 },
        Missing { from: 5, to: 5 },
        Twice { number: 5 },
        Inserted { number: 5 },
        OutOfOrder { number: 5, after: 7 },
        Unreadable { number: 5, reason },
    ] {
        assert_eq!(named(kind.clone()), [5], "{kind}");
    }
    assert_eq!(named(Missing { from: 3, to: 5 }), [3, 4, 5]);
}

#[test]
fn faults_are_sentences() {
    for (kind, sentence) in [
        (Changed { number: 5 }, "entry 5 was changed: its hash is not that of its content"),
        (
            BrokenLink { number: 6 },
            "entry 6 was not written after the entry before it: \
             either entry 5 was replaced and given a hash that fits it, or entry 6 was",
        ),
        (
            BrokenLink { number: 1 },
            "entry 1 does not begin a log: either it was changed, or other entries went before it",
        ),
        (Missing { from: 3, to: 3 }, "entry 3 is missing"),
        (Missing { from: 3, to: 5 }, "entries 3 to 5 are missing"),
        (Twice { number: 5 }, "entry 5 is there twice"),
        (
            Inserted { number: 5 },
            "two different entries have the number 5: one of them was inserted",
        ),
        (
            OutOfOrder { number: 5, after: 7 },
            "entry 5 stands behind entry 7: it was moved there, inserted, or is there twice",
        ),
        (
            OutOfOrder { number: 5, after: 0 },
            "entry 5 stands at the beginning: it was moved there or inserted",
        ),
        (
            Unreadable { number: 5, reason: "the line is not UTF-8".to_owned() },
            "what should be entry 5 cannot be read: the line is not UTF-8",
        ),
    ] {
        assert_eq!(kind.to_string(), sentence);
    }
}

//! What only a head that was written down shows.

use super::HeadFound::{Last, Nowhere, Otherwise, Within};
use super::*;
use crate::digest::Digest;

/// What is found of a head, and whether the log has any fault beside.
fn check(what: &str, log: &[Entry], written_down: Head, found: HeadFound) {
    let verification = verify_expecting(log, &[written_down]);
    assert_eq!(verification.heads, [HeadCheck { head: written_down, found }], "{what}");
    assert_eq!(verification.faults, [], "{what}: without the head nobody could know");
    assert_eq!(verification.is_intact(), matches!(found, Last | Within), "{what}");
    assert_eq!(verification.head, Some(head(log)), "{what}");
}

#[test]
fn a_log_that_only_grew_has_every_head_that_was_written_down() {
    let log = log(8);
    for length in 0..8 {
        check("grown", &log, head(&log[..length]), Within);
    }
    check("as it was", &log, head(&log), Last);
    check("no entry yet", &[], Head::genesis(), Last);
}

#[test]
fn a_dropped_tail_is_found_by_the_head_alone() {
    let log = log(8);
    for length in 0..8 {
        check("dropped", &log[..length], head(&log), Nowhere);
    }
}

#[test]
fn a_log_made_anew_from_some_entry_on_is_found_by_the_head_alone() {
    let true_log = log(8);
    for changed in 0..8 {
        let mut log = true_log.clone();
        log[changed].reason = Some("another reason".to_owned());
        for place in changed..8 {
            log[place].previous = head(&log[..place]).hash;
            rehash(&mut log[place]);
        }
        check("made anew", &log, head(&true_log), Otherwise);
        check("made anew at once", &log, head(&true_log[..=changed]), Otherwise);
        check("a head from before", &log, head(&true_log[..changed]), Within);
    }
}

#[test]
fn several_heads_are_looked_for() {
    let log = log(8);
    let heads = [
        head(&log),
        Head { number: 4, hash: Digest::of(b"another") },
        head(&log[..4]),
        Head { number: 9, hash: log[7].hash },
        Head { number: 0, hash: Digest::of(b"another") },
    ];
    let verification = verify_expecting(&log, &heads);
    let found: Vec<HeadFound> = verification.heads.iter().map(|check| check.found).collect();
    assert_eq!(found, [Last, Otherwise, Within, Nowhere, Otherwise]);
    assert!(!verification.is_intact());
}

#[test]
fn an_entry_that_is_missing_within_is_nowhere() {
    let mut log = log(8);
    let written_down = head(&log[..5]);
    log.remove(4);
    let verification = verify_expecting(&log, &[written_down]);
    assert_eq!(verification.heads, [HeadCheck { head: written_down, found: Nowhere }]);
}

#[test]
fn a_second_entry_of_the_same_number_does_not_hide_the_head() {
    let true_log = log(8);
    let mut twin = true_log[4].clone();
    twin.who.push('!');
    rehash(&mut twin);
    let written_down = head(&true_log[..5]);
    for place in [4, 5] {
        let mut log = true_log.clone();
        log.insert(place, twin.clone());
        let verification = verify_expecting(&log, &[written_down]);
        assert_eq!(verification.heads, [HeadCheck { head: written_down, found: Within }]);
        assert!(!verification.is_intact());
    }
}

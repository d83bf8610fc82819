//! Random logs, and every way to tamper with them.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[ -~äß€😀\"\\\\]{0,12}",
        1 => prop::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter),
    ]
}

fn random_draft() -> impl Strategy<Value = Draft> {
    // The years 0 to 9999.
    let at = (-62_167_219_200_i64..253_402_300_800, 0_i64..1_000_000_000).prop_map(
        |(seconds, nanos)| {
            OffsetDateTime::from_unix_timestamp(seconds).unwrap() + Duration::nanoseconds(nanos)
        },
    );
    let optional = || prop::option::of(text());
    (
        (at, prop::option::of(1..i64::MAX), text(), optional(), "[a-z]{1,8}(\\.[a-z]{1,8}){0,2}"),
        (optional(), optional(), optional(), optional()),
    )
        .prop_map(|((at, person, who, address, action), (subject, reason, before, after))| {
            Draft {
                at,
                person: person.map(PersonId::from_number),
                who,
                address,
                action: action.parse().unwrap(),
                subject,
                reason,
                before,
                after,
            }
        })
}

fn random_log(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec(random_draft(), length).prop_map(chain)
}

/// Whether some fault names one of these entries.
fn names(verification: &Verification, entries: &[i64]) -> bool {
    let named = |fault: &Fault| entries.iter().any(|entry| fault.kind.names(*entry));
    !verification.is_intact() && verification.faults.iter().any(named)
}

/// Flips a bit of a log's file, and sees that what is found is at that line or the next.
fn check_flip(log: &[Entry], file: &[u8], position: usize, bit: u8) {
    let mut flipped = file.to_vec();
    flipped[position] ^= 1 << bit;
    let verification = verify_file(&flipped);
    let place = file[..position].split(|byte| *byte == b'\n').count() - 1;
    let number = log[place].number;
    assert!(
        names(&verification, &[number, number + 1]),
        "bit {bit} of byte {position}, in line {}: {verification:?}",
        place + 1,
    );
}

#[test]
fn every_bit_counts() {
    let log = log(3);
    let file = file(&log);
    // The last line feed belongs to no entry: a file without it is read as well.
    for position in 0..file.len() - 1 {
        (0..8).for_each(|bit| check_flip(&log, &file, position, bit));
    }
}

proptest! {
    #[test]
    fn a_flipped_bit_is_found(log in random_log(1..6), position: Index, bit in 0_u8..8) {
        let file = file(&log);
        check_flip(&log, &file, position.index(file.len() - 1), bit);
    }

    #[test]
    fn lines_are_read_back_byte_for_byte(log in random_log(0..6)) {
        for entry in &log {
            let text = line(entry);
            prop_assert!(!text.contains('\n'));
            let read = read_line(&text).unwrap();
            prop_assert_eq!(&read, entry);
            prop_assert_eq!(line(&read), text);
        }
        let verification = if log.is_empty() { verify(&log) } else { verify_file(&file(&log)) };
        prop_assert!(verification.is_intact(), "{verification:?}");
        prop_assert_eq!(verification.head, Some(head(&log)));
        prop_assert_eq!(verification.count, log.len() as u64);
    }

    #[test]
    fn a_dropped_entry_is_named(mut log in random_log(2..8), which: Index) {
        let place = which.index(log.len() - 1);
        let number = log.remove(place).number;
        prop_assert_eq!(
            verify(&log).faults,
            [Fault { place: place as u64 + 1, kind: FaultKind::Missing { from: number, to: number } }]
        );
    }

    #[test]
    fn a_repeated_entry_is_named(mut log in random_log(1..8), which: Index, to: Index) {
        let entry = log[which.index(log.len())].clone();
        let number = entry.number;
        log.insert(to.index(log.len() + 1), entry);
        let verification = verify(&log);
        prop_assert!(names(&verification, &[number]), "{number}: {verification:?}");
    }

    #[test]
    fn swapped_entries_are_named(mut log in random_log(2..8), left: Index, right: Index) {
        let (left, right) = (left.index(log.len()), right.index(log.len()));
        prop_assume!(left != right);
        log.swap(left, right);
        let verification = verify(&log);
        let numbers = [log[left].number, log[right].number];
        prop_assert!(names(&verification, &numbers), "{numbers:?}: {verification:?}");
    }

    /// At the end it would be one more entry, and there is no telling.
    #[test]
    fn a_forged_entry_is_named(
        mut log in random_log(1..8),
        which: Index,
        draft in random_draft(),
        number in prop::option::of(0..12_i64),
    ) {
        let place = which.index(log.len());
        let before = head(&log[..place]);
        let forged = Entry::next(&Head { number: number.unwrap_or(before.number), ..before }, draft);
        let number = forged.number;
        log.insert(place, forged);
        let verification = verify(&log);
        prop_assert!(names(&verification, &[number]), "{number}: {verification:?}");
    }

    #[test]
    fn an_entry_replaced_with_its_hash_is_named_by_the_next(
        mut log in random_log(2..8),
        which: Index,
        draft in random_draft(),
    ) {
        let place = which.index(log.len() - 1);
        let replaced = Entry::next(&head(&log[..place]), draft);
        prop_assume!(replaced != log[place]);
        let number = replaced.number + 1;
        log[place] = replaced;
        let fault = Fault { place: place as u64 + 2, kind: FaultKind::BrokenLink { number } };
        prop_assert_eq!(verify(&log).faults, [fault]);
    }

    #[test]
    fn a_dropped_tail_is_found_with_the_head(mut log in random_log(1..8), which: Index) {
        let written_down = head(&log);
        log.truncate(which.index(log.len()));
        prop_assert_eq!(verify(&log).faults, []);
        let verification = verify_expecting(&log, &[written_down]);
        prop_assert!(!verification.is_intact());
        prop_assert_eq!(verification.heads[0].found, HeadFound::Nowhere);
    }
}

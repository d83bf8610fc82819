//! How fast a decision log is verified: as entries, as they come from the database, and as lines of an export.
//!
//! `cargo bench -p postern-domain --bench decisions`; see `README.md` beside this.

#![expect(clippy::unwrap_used, reason = "a benchmark ends where it cannot go on")]

use std::time::Duration;

use criterion::{Criterion, Throughput};
use postern_domain::decision::{Draft, Entry, Head, Verifier, line};
use postern_domain::id::PersonId;
use time::macros::datetime;

/// How many entries the log has.
const ENTRIES: i64 = 1_000_000;

fn main() {
    let mut criterion = Criterion::default()
        .configure_from_args()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(15))
        .sample_size(10)
        .without_plots();
    let log = log();
    let lines: Vec<String> = log.iter().map(line).collect();
    let bytes: usize = lines.iter().map(String::len).sum();
    println!("{ENTRIES} entries, lines of {} bytes on average", bytes / lines.len());

    let mut group = criterion.benchmark_group("a million decisions");
    group.throughput(Throughput::Elements(log.len() as u64));
    group.bench_function("entries", |bencher| {
        bencher.iter(|| {
            let mut verifier = Verifier::default();
            for entry in &log {
                verifier.check(entry);
            }
            assert!(verifier.finish().is_intact());
        });
    });
    group.bench_function("lines", |bencher| {
        bencher.iter(|| {
            let mut verifier = Verifier::default();
            for line in &lines {
                verifier.check_line(line.as_bytes());
            }
            assert!(verifier.finish().is_intact());
        });
    });
    group.finish();
    criterion.final_summary();
}

/// A log like one that people write: two decisions of three with a reason, some with what held before.
fn log() -> Vec<Entry> {
    let mut head = Head::genesis();
    let next = |number: i64| {
        let entry = Entry::next(&head, draft(number));
        head = Head::from(&entry);
        entry
    };
    (1..=ENTRIES).map(next).collect()
}

fn draft(number: i64) -> Draft {
    let has_reason = number % 3 != 0;
    let has_before = number % 2 == 0;
    let state = |state: &str| {
        format!(r#"{{"findings":["F-{number}"],"state":"{state}","until":"2026-12-31"}}"#)
    };
    Draft {
        at: datetime!(2026-01-01 08:00 UTC) + time::Duration::milliseconds(number * 997),
        person: Some(PersonId::from_number(1 + number % 40)),
        who: "Zoë Maier <zoe.maier@contoso.example>".to_owned(),
        address: Some("192.0.2.10".to_owned()),
        action: "exception.approve".parse().unwrap(),
        subject: Some(format!("X-{number}")),
        reason: has_reason.then(|| {
            "The service is behind the partner's gateway until the \"move\" in December.".to_owned()
        }),
        before: has_before.then(|| state("asked")),
        after: Some(state("approved")),
    }
}

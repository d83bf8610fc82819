//! Writes a made-up report of many findings to nowhere, and tells how long that took and how much memory.
//!
//! `cargo run --release --workspace --example many_findings -- FORMAT [FINDINGS]`; one format a process, because the
//! memory that is told is the most that the process ever had. The figures are in `many_findings/README.md`.

use std::io::{self, Write};
use std::time::Instant;

use postern_report::model::ReportFinding;
use postern_report::{ReportError, ReportFormat};
use time::{Duration, OffsetDateTime};

#[path = "sample/model.rs"]
#[expect(dead_code, reason = "the sample is for tests too")]
mod sample;

/// Rules that the sample has.
const RULES: u32 = 6;

/// Counts what is written and keeps none of it.
#[derive(Default)]
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Findings in the order of a report, each made when it is asked for.
fn findings(count: u32, as_of: OffsetDateTime) -> impl Iterator<Item = ReportFinding> {
    let of_rule = move |rule: u32| (0..count).filter(move |position| position % RULES == rule);
    (0..RULES).flat_map(of_rule).map(move |position| {
        let opened_at = as_of - Duration::days(400) + Duration::seconds(i64::from(position));
        ReportFinding { opened_at, ..sample::finding(position) }
    })
}

/// The most memory that this process ever had, in megabytes; `None` where the system does not tell.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1000)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let format: ReportFormat = arguments.next().ok_or("which format?")?.parse()?;
    let count: u32 = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    // A trend that ends with a few findings: to count a million for it would be none of the report's work.
    let few: Vec<ReportFinding> = (0..60).map(sample::finding).collect();
    let head = sample::head(count, 60, &few);
    let as_of = head.as_of;
    let mut out = Counted::default();
    let started = Instant::now();
    let mut rows = findings(count, as_of).map(Ok::<_, ReportError>);
    format.write(head, &mut rows, &mut out)?;
    let took = started.elapsed();
    println!(
        "{format}: {count} findings, {} MB in {took:.2?}, {:.0} a second, at most {} MB of memory",
        out.0 / 1_000_000,
        f64::from(count) / took.as_secs_f64(),
        peak().map_or_else(|| "?".to_owned(), |megabytes| megabytes.to_string()),
    );
    Ok(())
}

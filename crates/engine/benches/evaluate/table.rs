//! The table at the end: figures of the same run beside each other, and which target holds.
//!
//! Work of one thread is measured by the time that the thread had a core (Linux; by the clock elsewhere), so that
//! what else the machine does shows little.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Bencher;

/// What was measured, by name.
#[derive(Default)]
pub struct Table {
    notes: Vec<String>,
    order: Vec<String>,
    /// Evaluations in one turn, and the duration of a turn in each sample.
    measured: BTreeMap<String, (u64, Vec<Duration>)>,
}

impl Table {
    /// A line to print above the table.
    pub fn say(&mut self, note: String) {
        println!("{note}");
        self.notes.push(note);
    }

    /// Measures `turn`, which makes `count` evaluations in this thread, for criterion and for the table.
    pub fn record<T>(
        &mut self,
        bencher: &mut Bencher<'_>,
        name: &str,
        count: u64,
        turn: impl FnMut() -> T,
    ) {
        self.measure(bencher, name, count, turn, time_on_core);
    }

    /// The same by the clock, for what several threads do.
    pub fn record_by_the_clock<T>(
        &mut self,
        bencher: &mut Bencher<'_>,
        name: &str,
        count: u64,
        turn: impl FnMut() -> T,
    ) {
        self.measure(bencher, name, count, turn, || None);
    }

    fn measure<T>(
        &mut self,
        bencher: &mut Bencher<'_>,
        name: &str,
        count: u64,
        mut turn: impl FnMut() -> T,
        on_core: impl Fn() -> Option<Duration>,
    ) {
        if !self.measured.contains_key(name) {
            self.order.push(name.to_owned());
        }
        let samples = &mut self.measured.entry(name.to_owned()).or_insert((count, Vec::new())).1;
        bencher.iter_custom(|turns| {
            let (start, start_on_core) = (Instant::now(), on_core());
            for _ in 0..turns {
                black_box(turn());
            }
            let taken = match (start_on_core, on_core()) {
                (Some(start), Some(end)) => end.saturating_sub(start),
                _ => start.elapsed(),
            };
            samples.push(taken.div_f64(as_number(turns)));
            taken
        });
    }

    /// Evaluations a second, by the median sample; `None` where it was not measured in this run.
    pub fn rate(&self, name: &str) -> Option<f64> {
        let (count, samples) = self.measured.get(name)?;
        let mut samples = samples.clone();
        samples.sort();
        let median = samples.get(samples.len() / 2)?;
        Some(as_number(*count) / median.as_secs_f64())
    }

    /// Prints everything, then the targets.
    pub fn print(&self) {
        println!("\n{}", self.notes.join("\n"));
        println!("\n{:<58} {:>14} {:>10}", "median of the samples", "evaluations/s", "ns each");
        for name in &self.order {
            if let Some(rate) = self.rate(name) {
                println!("{name:<58} {rate:>14.0} {:>10.0}", 1e9 / rate);
            }
        }
        println!("\ntargets");
        let whole = "synthetic 2 KB, component";
        self.target(
            "component against native, at least 40 %",
            whole,
            "synthetic 2 KB, native",
            0.4,
        );
        self.target(
            "the same, native handed the text",
            whole,
            "synthetic 2 KB, native, from the text",
            0.4,
        );
        if let Some(rate) = self.rate(whole) {
            let name = "whole pack on 2 KB, at least 1,000,000 a second and core";
            println!("{name:<62} {rate:>10.0}  {}", word(rate >= 1e6));
        }
        for set in ["synthetic 2 KB", "recordings", "examples"] {
            let five = |side: &str| format!("five checks, {set}, {side}");
            self.target(
                &format!("five checks, {set}: at least 10 x the interpreter"),
                &five("component"),
                &five("interpreter"),
                10.0,
            );
            self.target(
                &format!("five checks, {set}: faster than the virtual machine"),
                &five("component"),
                &five("vm"),
                1.0,
            );
        }
    }

    fn target(&self, name: &str, one: &str, other: &str, least: f64) {
        if let (Some(one), Some(other)) = (self.rate(one), self.rate(other)) {
            let ratio = one / other;
            println!("{name:<62} {ratio:>10.2}  {}", word(ratio >= least));
        }
    }
}

/// A count; those here are far below what an `f64` holds exactly.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of turns and evaluations are far below 2^52"
)]
fn as_number(count: u64) -> f64 {
    count as f64
}

/// How long this thread had a core since it began; Linux alone says so without an `unsafe` call.
fn time_on_core() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

fn word(holds: bool) -> &'static str {
    if holds { "holds" } else { "DOES NOT HOLD" }
}

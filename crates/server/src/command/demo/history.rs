//! The demo's past: a real scan of the simulated Azure for every day that has none yet.

use postern_domain::clock::Clock;
use postern_service::Postern;
use postern_service::scan::{
    ScanOutcome, request_scan, run_scan, settle_interrupted_scans, show_scans,
};
use postern_service::view::ScanState;
use time::{Date, Duration, OffsetDateTime, Time};
use tokio_util::sync::CancellationToken;

use super::estate::RunningEstate;
use super::{SLUG, exceptions};
use crate::cli::DemoArguments;

/// When the simulated company's scans run.
const HOUR: u8 = 2;

/// Scans the days without a scan, up to today; stops early when told to.
pub(super) async fn scan_missing_days(
    postern: &Postern,
    sim: &RunningEstate,
    arguments: &DemoArguments,
    shutdown: &CancellationToken,
) -> anyhow::Result<()> {
    settle_interrupted_scans(postern).await?;
    let now = sim.clock.now();
    let days = Span { first: sim.first_day, today: now.date(), days: arguments.days };
    let missing = days.missing(latest_scan(postern).await?.map(OffsetDateTime::date));
    let count = missing.len();
    for (position, day) in missing.into_iter().enumerate() {
        let at = moment_of(day, now);
        let of_that_day = postern.with_clock(Clock::fixed(at));
        let collector = sim.collector_of(day)?;
        let scan = request_scan(&of_that_day, sim.connection, "demo").await?;
        let done = run_scan(&of_that_day, scan, &collector, shutdown).await;
        if shutdown.is_cancelled() {
            return Ok(());
        }
        match done? {
            ScanOutcome::Finished(summary) => {
                eprintln!(
                    "Scan {} of {count}: {day}, {} findings open, {} new, {} fixed",
                    position + 1,
                    summary.open(),
                    summary.opened(),
                    summary.fixed()
                );
                exceptions::of_day(postern, at, days.today).await?;
            }
            ScanOutcome::Failed(reason) => anyhow::bail!("the scan of {day} failed: {reason}"),
        }
    }
    Ok(())
}

/// When the latest finished scan was.
async fn latest_scan(postern: &Postern) -> anyhow::Result<Option<OffsetDateTime>> {
    let view = show_scans(postern, Some(SLUG), None).await?;
    let scans = view.map(|view| view.scans).unwrap_or_default();
    Ok(scans
        .into_iter()
        .filter(|scan| scan.state == ScanState::Finished)
        .filter_map(|scan| scan.finished_at)
        .max())
}

/// Two in the night, or now when today is younger than that.
fn moment_of(day: Date, now: OffsetDateTime) -> OffsetDateTime {
    let hour = Time::from_hms(HOUR, 0, 0).expect("a constant time of day");
    day.with_time(hour).assume_utc().min(now)
}

/// The days that the demo shows.
#[derive(Clone, Copy)]
struct Span {
    first: Date,
    today: Date,
    days: u16,
}

impl Span {
    /// The days to scan; history is written forwards only, so these come after the latest scan.
    fn missing(self, latest: Option<Date>) -> Vec<Date> {
        let shown = self.today - Duration::days(i64::from(self.days) - 1);
        let begin = latest.map_or(self.first, |latest| latest + Duration::days(1)).max(shown);
        std::iter::successors(Some(begin), |day| day.next_day())
            .take_while(|day| *day <= self.today)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn only_missing_days_are_scanned() {
        let span = Span { first: date!(2026 - 06 - 01), today: date!(2026 - 06 - 05), days: 5 };
        let check = |latest, first: Option<Date>, count| {
            let missing = span.missing(latest);
            assert_eq!((missing.first().copied(), missing.len()), (first, count), "{latest:?}");
        };
        check(None, Some(date!(2026 - 06 - 01)), 5);
        check(Some(date!(2026 - 06 - 03)), Some(date!(2026 - 06 - 04)), 2);
        check(Some(date!(2026 - 06 - 05)), None, 0);
        // A start after a long holiday scans the days that are shown, not the years between.
        check(Some(date!(2024 - 01 - 01)), Some(date!(2026 - 06 - 01)), 5);
    }

    #[test]
    fn no_scan_is_in_the_future() {
        let day = date!(2026 - 06 - 05);
        let check = |now, expected| assert_eq!(moment_of(day, now), expected);
        check(datetime!(2026-06-05 13:00 UTC), datetime!(2026-06-05 2:00 UTC));
        check(datetime!(2026-06-05 1:00 UTC), datetime!(2026-06-05 1:00 UTC));
    }
}

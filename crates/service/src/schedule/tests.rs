use postern_domain::id::ConnectionId;
use postern_store::schedule::Paused;
use time::macros::datetime;

use super::*;

fn cron(expression: &str, time_zone: &str) -> Schedule {
    Schedule::Cron { expression: expression.to_owned(), time_zone: time_zone.to_owned() }
}

fn after(schedule: &Schedule, moment: OffsetDateTime) -> OffsetDateTime {
    Calendar::new(schedule).unwrap().after(moment).unwrap()
}

fn scheduled(schedule: Schedule, since: OffsetDateTime, last: Option<OffsetDateTime>) -> Scheduled {
    Scheduled { connection: ConnectionId::from_number(1), schedule, since, last_scan_at: last }
}

#[test]
fn a_cron_expression_means_the_clocks_of_its_zone() {
    let nightly = cron("0 2 * * *", "Europe/Amsterdam");
    // In winter an hour before UTC, in summer two.
    assert_eq!(after(&nightly, datetime!(2026-01-10 12:00 UTC)), datetime!(2026-01-11 01:00 UTC));
    assert_eq!(after(&nightly, datetime!(2026-07-10 12:00 UTC)), datetime!(2026-07-11 00:00 UTC));
    let weekdays = cron("30 6 * * mon-fri", "America/New_York");
    // Friday's has passed.
    assert_eq!(after(&weekdays, datetime!(2026-11-27 20:00 UTC)), datetime!(2026-11-30 11:30 UTC));
}

#[test]
fn a_clock_that_is_changed_loses_and_doubles_no_scan() {
    let zone = "Europe/Amsterdam";
    let half_past_two = cron("30 2 * * *", zone);
    // 29 March 2026, 02:00 becomes 03:00: there is no half past two, so the scan comes at the first moment there is.
    let spring = after(&half_past_two, datetime!(2026-03-28 12:00 UTC));
    assert_eq!(spring, datetime!(2026-03-29 01:00 UTC));
    assert_eq!(after(&half_past_two, spring), datetime!(2026-03-30 00:30 UTC));
    // 25 October 2026, 03:00 becomes 02:00: half past two comes twice, the scan once.
    let autumn = after(&half_past_two, datetime!(2026-10-24 12:00 UTC));
    assert_eq!(autumn, datetime!(2026-10-25 00:30 UTC));
    assert_eq!(after(&half_past_two, autumn), datetime!(2026-10-26 01:30 UTC));
}

#[test]
fn what_was_missed_is_caught_up_once() {
    let daily = cron("0 2 * * *", "UTC");
    let since = datetime!(2026-01-01 00:00 UTC);
    // Ten days without a worker: one time that has passed.
    let last = datetime!(2026-01-05 02:00:01 UTC);
    let missed = scheduled(daily.clone(), since, Some(last));
    assert_eq!(due_at(&missed).unwrap(), datetime!(2026-01-06 02:00 UTC));
    // The scan that makes up for them all; the next is the next night's.
    let caught_up = scheduled(daily, since, Some(datetime!(2026-01-15 09:30 UTC)));
    assert_eq!(due_at(&caught_up).unwrap(), datetime!(2026-01-16 02:00 UTC));
}

#[test]
fn a_calendar_misses_nothing_before_it_was_set() {
    let since = datetime!(2026-01-10 12:00 UTC);
    let fresh = scheduled(cron("0 2 * * *", "UTC"), since, Some(datetime!(2026-01-02 02:00 UTC)));
    assert_eq!(due_at(&fresh).unwrap(), datetime!(2026-01-11 02:00 UTC));
    // An interval begins at once, and then counts from the last scan.
    let hourly = Schedule::Every { seconds: 3_600 };
    assert_eq!(due_at(&scheduled(hourly.clone(), since, None)).unwrap(), since);
    let last = datetime!(2026-01-10 11:30 UTC);
    assert_eq!(
        due_at(&scheduled(hourly, since, Some(last))).unwrap(),
        datetime!(2026-01-10 12:30 UTC)
    );
}

#[test]
fn nonsense_is_refused_with_what_is_wrong() {
    let refused = |schedule: &Schedule| {
        check_schedule(schedule, datetime!(2026-01-01 00:00 UTC)).unwrap_err().to_string()
    };
    for wrong in ["", "0 2 * *", "0 2 * * * *", "61 * * * *", "0 25 * * *", "nightly"] {
        let sentence = refused(&cron(wrong, "UTC"));
        assert!(
            sentence.starts_with(&format!("\"{wrong}\" is no cron expression (")),
            "{sentence}"
        );
        assert!(sentence.contains("five fields"), "{sentence}");
    }
    assert_eq!(
        refused(&cron("0 2 31 2 *", "UTC")),
        "the cron expression \"0 2 31 2 *\" fits no day that comes"
    );
    assert!(
        refused(&cron("0 2 * * *", "Amsterdam")).starts_with("there is no time zone \"Amsterdam\"")
    );
    assert!(refused(&Schedule::Every { seconds: 59 }).starts_with("scans every 59 seconds"));
}

#[test]
fn a_page_shows_the_next_three_on_both_clocks() {
    let weekdays = cron("0 2 * * mon-fri", "Europe/Amsterdam");
    let now = datetime!(2026-11-27 20:00 UTC);
    let found = scheduled(weekdays.clone(), datetime!(2026-11-01 00:00 UTC), Some(now));
    let shown = view(&found, None, now, super::show::SHOWN);
    let times: Vec<_> = shown.next.iter().map(|next| (next.at, next.local.as_deref())).collect();
    assert_eq!(
        times,
        [
            (datetime!(2026-11-30 01:00 UTC), Some("Mon 30 Nov 2026, 02:00")),
            (datetime!(2026-12-01 01:00 UTC), Some("Tue 1 Dec 2026, 02:00")),
            (datetime!(2026-12-02 01:00 UTC), Some("Wed 2 Dec 2026, 02:00")),
        ]
    );
    assert_eq!(longest_wait(&weekdays, now), Some(3 * 86_400));
    // Overdue, or due since the scan began that still runs: now, and then as the calendar says.
    let missed = scheduled(weekdays, found.since, Some(datetime!(2026-11-20 20:00 UTC)));
    let shown = view(&missed, None, now, super::show::SHOWN);
    assert_eq!([shown.next[0].at, shown.next[1].at], [now, datetime!(2026-11-30 01:00 UTC)]);
    let paused = view(
        &missed,
        Some(Paused { at: now, by: "dashboard".to_owned() }),
        now,
        super::show::SHOWN,
    );
    assert_eq!((paused.next.len(), paused.paused.unwrap().at), (0, now));
}

//! Times as people read them: absolute, with the zone.

use leptos::prelude::*;
pub use postern_domain::moment::{day, day_and_time};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, Time, UtcOffset};

/// A time with its day and zone, such as `23 Nov 2026, 02:00 UTC`.
#[component]
pub fn Moment(
    /// The time.
    at: OffsetDateTime,
) -> impl IntoView {
    let machine = at.to_offset(UtcOffset::UTC).format(&Rfc3339).ok();
    view! { <time datetime=machine>{day_and_time(at)}</time> }
}

/// A day, with the whole time for programs; for lists, whose caption names the zone.
#[component]
pub fn Day(
    /// The time.
    at: OffsetDateTime,
) -> impl IntoView {
    let machine = at.to_offset(UtcOffset::UTC).format(&Rfc3339).ok();
    view! { <time datetime=machine>{day(at)}</time> }
}

/// An end, at which something has ended already: `the end of 12 Aug 2026` where it is a midnight, because people enter days.
pub fn end(at: OffsetDateTime) -> String {
    if at.to_offset(UtcOffset::UTC).time() == Time::MIDNIGHT {
        return format!("the end of {}", day(at - Duration::NANOSECOND));
    }
    day_and_time(at)
}

/// A length of time, such as `1 h 4 min` or `12 s`: the two largest units at most.
pub fn length(duration: Duration) -> String {
    let seconds = duration.whole_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) if seconds == 0 => "under 1 s".to_owned(),
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) if seconds % 60 == 0 => format!("{minutes} min"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, 0) => format!("{hours} h"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        (1, 0, _) => "1 day".to_owned(),
        (_, 0, _) => format!("{days} days"),
        (_, _, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn an_end_at_midnight_is_that_of_a_day() {
        let at = datetime!(2026-03-03 04:05:06 +02:00);
        assert_eq!(end(at), "3 Mar 2026, 02:05 UTC");
        assert_eq!(end(datetime!(2026-03-03 02:00 +02:00)), "the end of 2 Mar 2026");
    }

    #[test]
    fn lengths_keep_two_units() {
        let check = |seconds, text: &str| assert_eq!(length(Duration::seconds(seconds)), text);
        check(0, "under 1 s");
        check(12, "12 s");
        check(60, "1 min");
        check(64, "1 min 4 s");
        check(3_840, "1 h 4 min");
        check(86_400, "1 day");
        check(93_600, "1 d 2 h");
    }
}

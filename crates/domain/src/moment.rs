//! Points in time as people write and read them.

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::macros::{format_description, time};
use time::{Date, OffsetDateTime, Time, UtcOffset};

/// The last moment of a day that Postgres can tell from the next day.
const END_OF_DAY: Time = time!(23:59:59.999999);

/// The text is neither a date nor a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a date such as 2026-06-30 or a time such as 2026-06-30T12:00:00Z")]
pub struct MomentError;

/// Reads an RFC 3339 time, or a date as its end in UTC: "as of 30 June" includes what happened on that day.
pub fn parse(text: &str) -> Result<OffsetDateTime, MomentError> {
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return in_utc(moment);
    }
    parse_date(text).map(|date| date.with_time(END_OF_DAY).assume_utc())
}

/// A moment whose year is beyond four digits in UTC, and not where it was written, is none.
fn in_utc(moment: OffsetDateTime) -> Result<OffsetDateTime, MomentError> {
    moment.checked_to_offset(UtcOffset::UTC).ok_or(MomentError)
}

/// Reads an RFC 3339 time, or a date as its beginning in UTC: "since 1 June" includes what happened on that day.
pub fn parse_start(text: &str) -> Result<OffsetDateTime, MomentError> {
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return in_utc(moment);
    }
    parse_date(text).map(|date| date.midnight().assume_utc())
}

/// Reads a date.
pub fn parse_date(text: &str) -> Result<Date, MomentError> {
    Date::parse(text, &Iso8601::DATE).map_err(|_| MomentError)
}

/// The time as short as [`parse`] reads it back: the date alone where it is the end of one in UTC.
pub fn short(moment: OffsetDateTime) -> String {
    let moment = moment.to_offset(time::UtcOffset::UTC);
    if moment.time() == END_OF_DAY { moment.date().to_string() } else { text(moment) }
}

/// The time as RFC 3339, in UTC, for programs.
pub fn text(moment: OffsetDateTime) -> String {
    moment
        .to_offset(time::UtcOffset::UTC)
        .format(&Rfc3339)
        .unwrap_or_else(|_| moment.unix_timestamp().to_string())
}

const DAY: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year]");
const DAY_AND_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");

/// The day in UTC, for people, such as `23 Nov 2026`.
pub fn day(moment: OffsetDateTime) -> String {
    written(moment, DAY)
}

/// The day and the time in UTC, for people, such as `23 Nov 2026, 02:00 UTC`.
pub fn day_and_time(moment: OffsetDateTime) -> String {
    written(moment, DAY_AND_TIME)
}

fn written(moment: OffsetDateTime, format: &[BorrowedFormatItem<'_>]) -> String {
    moment.to_offset(time::UtcOffset::UTC).format(&format).unwrap_or_else(|_| text(moment))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn times_for_people_name_their_zone() {
        let at = datetime!(2026-03-03 04:05:06 +02:00);
        assert_eq!(day(at), "3 Mar 2026");
        assert_eq!(day_and_time(at), "3 Mar 2026, 02:05 UTC");
    }

    #[test]
    fn dates_mean_their_end_and_nonsense_is_refused() {
        let check = |text, expected| assert_eq!(parse(text).ok(), expected, "{text}");
        check("2026-06-30", Some(datetime!(2026-06-30 23:59:59.999999 UTC)));
        check("2026-06-30T12:00:00Z", Some(datetime!(2026-06-30 12:00 UTC)));
        check("2026-06-30T12:00:00+02:00", Some(datetime!(2026-06-30 10:00 UTC)));
        for short in ["2026-06-30", "2026-06-30T12:00:00Z"] {
            assert_eq!(super::short(parse(short).unwrap()), short);
        }
        check("9999-12-31T23:59:59-23:59", None);
        for wrong in ["", "yesterday", "30.06.2026", "2026-02-30", "2026-06-30 12:00"] {
            check(wrong, None);
        }
    }
}

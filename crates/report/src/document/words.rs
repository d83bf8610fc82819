//! Numbers and times as people read them.

use postern_domain::decision::Head;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, Time, UtcOffset};

const DAY: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year]");
const MOMENT: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");

/// `31 Mar 2026`, in UTC.
pub(crate) fn day(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC).format(DAY).expect("a date has a day, a month and a year")
}

/// `31 March 2026, 23:59 UTC`.
pub(crate) fn moment(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC).format(MOMENT).expect("a moment has a date and a time")
}

/// The last moment before an end that was granted: `the end of 12 Aug 2026` where it comes at midnight in UTC.
pub(crate) fn last_moment(until: OffsetDateTime) -> String {
    let until = until.to_offset(UtcOffset::UTC);
    if until.time() == Time::MIDNIGHT {
        format!("the end of {}", day(until - Duration::DAY))
    } else {
        moment(until)
    }
}

/// Where the decision log ended.
pub(crate) fn decisions(head: Head) -> String {
    let entry = match u64::try_from(head.number) {
        Ok(0) | Err(_) => {
            return "Nothing had been decided or configured; the log begins with".to_owned();
        }
        Ok(entry) => number(entry),
    };
    format!(
        "Every decision and every change of configuration is an entry that holds the hash of the one before. \
         The log ended with entry {entry}, whose hash shows later whether anything up to it was changed:"
    )
}

/// `1,523`.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 finding`, `1,523 findings`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    let word = if count == 1 { one } else { many };
    format!("{} {word}", number(count as u64))
}

/// `81.4 %`, cut and not rounded, so that 99.99 % is never printed as 100 %; `None` of nothing.
pub(crate) fn share(part: u32, whole: u32) -> Option<String> {
    let per_mille = (u64::from(part) * 1000).checked_div(u64::from(whole))?;
    Some(if per_mille % 10 == 0 {
        format!("{} %", per_mille / 10)
    } else {
        format!("{}.{} %", per_mille / 10, per_mille % 10)
    })
}

/// `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn numbers_and_times_read_well() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(share(9_999, 10_000).as_deref(), Some("99.9 %"));
        assert_eq!(share(1, 1).as_deref(), Some("100 %"));
        assert_eq!(share(0, 0), None);
        assert_eq!(list(&["a".to_owned(), "b".to_owned(), "c".to_owned()]), "a, b and c");
        let at = datetime!(2026-03-31 23:59 UTC);
        assert_eq!(day(at), "31 Mar 2026");
        assert_eq!(moment(at), "31 March 2026, 23:59 UTC");
        assert_eq!(last_moment(at), "31 March 2026, 23:59 UTC");
        assert_eq!(last_moment(datetime!(2026-09-01 0:00 UTC)), "the end of 31 Aug 2026");
        assert_eq!(last_moment(datetime!(2026-09-01 2:00 +2)), "the end of 31 Aug 2026");
    }
}

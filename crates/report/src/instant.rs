//! Moments as programs read them: RFC 3339 in UTC.

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// The moment as RFC 3339 in UTC.
pub(crate) fn instant(at: OffsetDateTime) -> String {
    at.to_offset(UtcOffset::UTC)
        .format(&Rfc3339)
        .expect("a time read from a database or a clock is within RFC 3339's years")
}

/// Moments as text, one after another; the last few are kept, because one scan reads and opens many things at once.
#[derive(Default)]
pub(crate) struct InstantText {
    kept: [Option<(OffsetDateTime, String)>; 8],
}

impl InstantText {
    /// [`instant`].
    pub(crate) fn of(&mut self, at: OffsetDateTime) -> &str {
        let seconds = at.unix_timestamp().unsigned_abs();
        let place = usize::try_from(seconds % 8).unwrap_or_default();
        let place = &mut self.kept[place];
        if place.as_ref().is_none_or(|(kept, _)| *kept != at) {
            *place = None;
        }
        let (_, text) = place.get_or_insert_with(|| (at, instant(at)));
        text
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn what_is_kept_is_what_would_be_written() {
        let first = datetime!(2026-05-12 6:31:09.25 +2);
        let mut kept = InstantText::default();
        for step in [0, 1, 8, 8, 0, 16, 1, 0] {
            let at = first + Duration::seconds(step);
            assert_eq!(kept.of(at), instant(at));
        }
        assert_eq!(instant(first), "2026-05-12T04:31:09.25Z");
    }
}

//! The exceptions: what waits for a decision, what is in force, and what has ended.

pub mod ask;
pub mod azure;
mod list;
pub mod revoke;
pub mod several;
pub mod show;

pub use list::ExceptionsPage;

use leptos::prelude::*;
use postern_domain::exception::status::ExceptionStatus;
use postern_domain::id::ExceptionId;
use time::{Date, Duration, OffsetDateTime, UtcOffset};

use crate::address::{EXCEPTIONS, exception_href};
use crate::part::{Tone, ToneBadge};

/// How an exception stands.
#[component]
pub fn StatusBadge(
    /// The status.
    status: ExceptionStatus,
) -> impl IntoView {
    let tone = match status {
        ExceptionStatus::Requested | ExceptionStatus::Void => Tone::Warning,
        ExceptionStatus::Approved => Tone::Excepted,
        ExceptionStatus::Draft
        | ExceptionStatus::Rejected
        | ExceptionStatus::Withdrawn
        | ExceptionStatus::Expired
        | ExceptionStatus::Revoked
        | ExceptionStatus::Superseded => Tone::Neutral,
    };
    view! { <ToneBadge tone=tone word=status.label().to_owned() /> }
}

/// The way back to the list, and to an exception where the page is about something done to it.
#[component]
fn Crumbs(
    /// The exception.
    of: Option<ExceptionId>,
    /// What the page is, below the exception.
    here: Option<&'static str>,
) -> impl IntoView {
    let exception = of.map(|id| match here {
        Some(_) => {
            view! { <li><a href=exception_href(id, None)>{id.to_string()}</a></li> }.into_any()
        }
        None => view! { <li aria-current="page">{id.to_string()}</li> }.into_any(),
    });
    let here = here.map(|here| view! { <li aria-current="page">{here}</li> });
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li><a href=EXCEPTIONS>"Exceptions"</a></li>
                {exception}
                {here}
            </ol>
        </nav>
    }
    .into_any()
}

/// The last day before an end, as a date field has it; none where the end is none that a day has.
pub fn last_day_before(until: OffsetDateTime) -> Option<Date> {
    let last = until.checked_sub(Duration::NANOSECOND)?;
    Some(last.checked_to_offset(UtcOffset::UTC)?.date())
}

/// The first moment after a day.
pub fn end_of(day: Date) -> Option<OffsetDateTime> {
    Some(day.next_day()?.midnight().assume_utc())
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn a_day_counts_to_its_end() {
        let day = date!(2026 - 08 - 12);
        assert_eq!(end_of(day), Some(datetime!(2026-08-13 0:00 UTC)));
        assert_eq!(end_of(day).and_then(last_day_before), Some(day));
        assert_eq!(last_day_before(datetime!(2026-08-12 10:00 UTC)), Some(day));
        assert_eq!(end_of(Date::MAX), None);
        assert_eq!(last_day_before(datetime!(9999-12-31 23:30 -1)), None);
    }
}

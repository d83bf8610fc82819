//! Whether a finding is accepted until a day, and the way to ask for that.

use leptos::prelude::*;
use postern_domain::exception::status::EffectiveStatus;
use postern_service::view::FindingRowView;
use time::OffsetDateTime;

use crate::address::{ask_href, exception_href};
use crate::part::{Notice, NoticeKind, end};

/// What was decided about a finding, or a way to ask for it.
#[component]
pub fn Accepting(
    /// The finding.
    row: FindingRowView,
    /// The moment in the past that it is as of.
    as_of: Option<OffsetDateTime>,
    /// Whether whoever reads it may ask for exceptions.
    may_ask: bool,
) -> impl IntoView {
    let link = move |exception| {
        let address = exception_href(exception, as_of);
        view! { <a href=address>{exception.to_string()}</a> }
    };
    match row.effective {
        EffectiveStatus::Excepted { exception, until } => view! {
            <Notice kind=NoticeKind::Information>
                <p>
                    {format!("Excepted until {}, by ", end(until))}
                    {link(exception)}
                    ". It still fails, and is open again then, or as soon as it gets worse."
                </p>
            </Notice>
        }
        .into_any(),
        EffectiveStatus::Pending { exception } => view! {
            <Notice kind=NoticeKind::Information>
                <p>"A request to accept it waits for a decision: " {link(exception)} ". It stays open until then."</p>
            </Notice>
        }
        .into_any(),
        EffectiveStatus::Open | EffectiveStatus::NotRechecked if may_ask && as_of.is_none() => view! {
            <div class="tools"><a class="button" href=ask_href(&[row.id])>"File an exception"</a></div>
        }
        .into_any(),
        _ => ().into_any(),
    }
}

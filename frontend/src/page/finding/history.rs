//! What happened to a finding.

use leptos::prelude::*;
use postern_service::view::FindingEventView;

use crate::part::Moment;

/// The events of a finding, oldest first.
#[component]
pub fn History(
    /// The events.
    events: Vec<FindingEventView>,
) -> impl IntoView {
    let items: Vec<_> = events
        .into_iter()
        .map(|event| {
            view! {
                <li>
                    <p class="event">
                        <strong>{event.event.label()}</strong>
                        <span class="below"><Moment at=event.at />{format!(" · scan {}", event.scan)}</span>
                    </p>
                    <p class="event-detail">{event.detail}</p>
                </li>
            }
        })
        .collect();
    view! {
        <section class="panel" aria-labelledby="history-heading">
            <h2 id="history-heading">"History"</h2>
            <ol class="timeline">{items}</ol>
        </section>
    }
    .into_any()
}

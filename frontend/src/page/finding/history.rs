//! What happened to a finding.

use leptos::prelude::*;
use postern_domain::finding::Cause;
use postern_service::view::FindingEventView;
use time::OffsetDateTime;

use crate::part::{Moment, PropertyChangeItem, counted};

/// The events of a finding, oldest first.
#[component]
pub fn History(
    /// The events.
    events: Vec<FindingEventView>,
    /// Where what is kept of it begins; `None` where all was.
    kept_from: Option<OffsetDateTime>,
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
                    {event.cause.map(cause_view)}
                </li>
            }
        })
        .collect();
    view! {
        <section class="panel" aria-labelledby="history-heading">
            <h2 id="history-heading">"History"</h2>
            {kept_from
                .map(|at| {
                    view! {
                        <p class="source">
                            "Of what happened before "<Moment at=at />
                            ", only the first and the last event were kept."
                        </p>
                    }
                })}
            <ol class="timeline">{items}</ol>
        </section>
    }
    .into_any()
}

fn cause_view(cause: Cause) -> AnyView {
    let sentence = match cause {
        Cause::AssetChanged { properties, more } => {
            let changes: Vec<_> = properties
                .into_iter()
                .map(|change| view! { <PropertyChangeItem change=change /> })
                .collect();
            let more = (more > 0).then(|| {
                view! { <li>{format!("and {}", counted(u64::from(more), "more property", "more properties"))}</li> }
            });
            return view! { <ul class="cause-list" aria-label="What changed">{changes}{more}</ul> }
                .into_any();
        }
        Cause::AssetAppeared => "The asset was judged for the first time.",
        Cause::Reading => "The asset is as it was; what could be read of it is not.",
        Cause::RuleChanged => {
            "Another version of the rule judged; nothing that it reads had changed."
        }
        Cause::SettingsChanged => {
            "Other settings held for the rule; nothing that it reads had changed."
        }
        Cause::TimePassed => "Nothing changed but the date.",
    };
    view! { <p class="event-detail">{sentence}</p> }.into_any()
}

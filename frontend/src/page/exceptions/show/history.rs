//! What was done to an exception, and by which digests it is found again.

use leptos::prelude::*;
use postern_service::view::{ActView, ExceptionView};

use crate::part::{Moment, counted, end};

/// The acts, oldest first.
#[component]
pub fn History(
    /// The exception.
    view: ExceptionView,
) -> impl IntoView {
    let acts: Vec<_> = view.acts.iter().map(act).collect();
    view! {
        <section class="panel" aria-labelledby="history-heading">
            <h2 id="history-heading">"History"</h2>
            <ol class="timeline">{acts}</ol>
            <p class="source">
                "SHA-256 of this exception, which the decision log names: "
                <code class="digest">{view.digest.to_string()}</code>
            </p>
        </section>
    }
    .into_any()
}

fn act(act: &ActView) -> AnyView {
    let until = act.until.map(|until| {
        let words = match act.deed {
            "approved" => "Until",
            _ => "Asked until",
        };
        view! { <p class="event-detail">{format!("{words} {}.", end(until))}</p> }
    });
    let findings = act.findings.map(|number| {
        let number = u64::try_from(number).unwrap_or_default();
        view! { <p class="event-detail">{format!("About {}.", counted(number, "finding", "findings"))}</p> }
    });
    let text = act.text.clone().map(|text| view! { <p class="event-detail said">{text}</p> });
    view! {
        <li>
            <p class="event">
                <strong>{word(act.deed)}</strong>
                <span class="below"><Moment at=act.at />{format!(" · {}", act.by)}</span>
            </p>
            {until}
            {findings}
            {text}
        </li>
    }
    .into_any()
}

fn word(deed: &'static str) -> &'static str {
    match deed {
        "drafted" => "Drafted",
        "changed" => "Changed",
        "filed" => "Filed",
        "approved" => "Approved",
        "rejected" => "Rejected",
        "withdrawn" => "Withdrawn",
        "revoked" => "Revoked",
        "superseded" => "Superseded",
        "void" => "Not as it was accepted any more",
        "covers more" => "Covers assets that appeared later",
        other => other,
    }
}

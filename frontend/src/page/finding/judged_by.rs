//! What judged a finding.

use leptos::prelude::*;
use postern_service::view::FindingView;

use crate::part::PackName;

/// The rule with what it depends on, the pack that has it, and the evaluation.
#[component]
pub fn JudgedBy(
    /// The finding.
    view: FindingView,
) -> impl IntoView {
    let reads: Vec<_> = view
        .reads
        .iter()
        .map(|read| {
            view! {
                <li>
                    <code class="id">{read.path.clone()}</code>
                    <span class="below">{format!("{}. Absent: {}", read.source, read.absent)}</span>
                </li>
            }
        })
        .collect();
    let codes = |word: &'static str, values: &[String]| {
        let items: Vec<_> = values
            .iter()
            .map(|value| view! { <li><code class="id">{value.clone()}</code></li> })
            .collect();
        (!items.is_empty())
            .then(|| view! { <div><dt>{word}</dt><dd><ul class="ids">{items}</ul></dd></div> })
    };
    let exceptions: Vec<_> =
        view.exceptions.iter().map(|text| view! { <li>{text.clone()}</li> }).collect();
    let exceptions = (!exceptions.is_empty()).then(|| {
        view! { <div><dt>"Does not apply to"</dt><dd><ul class="plain">{exceptions}</ul></dd></div> }
    });
    view! {
        <section class="panel" aria-labelledby="judged-heading">
            <h2 id="judged-heading">"Judged by"</h2>
            <dl class="pairs">
                <div><dt>"Rule"</dt><dd><code class="id">{view.row.rule.to_string()}</code></dd></div>
                <div><dt>"Severity"</dt><dd>{format!("{} · {}", view.row.severity.label(), view.severity_reason)}</dd></div>
                {codes("Evidence for controls", &view.controls)}
                {exceptions}
                {codes("Settings it reads", &view.settings)}
                <div><dt>"Pack"</dt><dd><PackName pack=view.pack.clone() /></dd></div>
                <div><dt>"Scan"</dt><dd>{format!("{} · evaluation {}", view.scan, view.evaluation)}</dd></div>
            </dl>
            <details>
                <summary>{format!("What the rule reads ({})", view.reads.len())}</summary>
                <ul class="plain">{reads}</ul>
            </details>
        </section>
    }
    .into_any()
}

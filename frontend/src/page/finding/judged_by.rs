//! What judged a finding.

use leptos::prelude::*;
use postern_domain::framework::ControlReference;
use postern_service::view::FindingView;

use crate::address::{control_href, rule_href};
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
    let slug = view.connection.slug.clone();
    let rule = rule_href(&view.row.rule, Some(&slug));
    let as_of = view.as_of.map(|as_of| as_of.moment);
    let controls: Vec<_> = view
        .controls
        .iter()
        .map(|name| {
            let code = view! { <code class="id">{name.clone()}</code> };
            // A pack of an organisation's own may name what is no control.
            match name.parse::<ControlReference>() {
                Ok(control) => {
                    let to = control_href(&control.framework, &control.control, Some(&slug), as_of);
                    view! { <li><a href=to>{code}</a></li> }.into_any()
                }
                Err(_) => view! { <li>{code}</li> }.into_any(),
            }
        })
        .collect();
    let controls = (!controls.is_empty()).then(|| {
        view! { <div><dt>"Evidence for controls"</dt><dd><ul class="ids">{controls}</ul></dd></div> }
    });
    let exceptions: Vec<_> =
        view.exceptions.iter().map(|text| view! { <li>{text.clone()}</li> }).collect();
    let exceptions = (!exceptions.is_empty()).then(|| {
        view! { <div><dt>"Does not apply to"</dt><dd><ul class="plain">{exceptions}</ul></dd></div> }
    });
    view! {
        <section class="panel" aria-labelledby="judged-heading">
            <h2 id="judged-heading">"Judged by"</h2>
            <dl class="pairs">
                <div><dt>"Rule"</dt><dd><a href=rule><code class="id">{view.row.rule.to_string()}</code></a></dd></div>
                <div><dt>"Severity"</dt><dd>{format!("{} · {}", view.row.severity.label(), view.severity_reason)}</dd></div>
                {controls}
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

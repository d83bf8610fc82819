//! How to put a failure right.

use leptos::prelude::*;
use postern_domain::rule::Remediation;

/// What to do, as words, as a command, and as a policy that prevents it.
#[component]
pub fn Remedy(
    /// What to do.
    remediation: Remediation,
    /// Built-in Azure Policy definitions that prevent it.
    policies: Vec<String>,
    /// Addresses to read on.
    references: Vec<String>,
) -> impl IntoView {
    let command = remediation.az.map(|az| {
        view! {
            <h3>"Azure CLI"</h3>
            <pre class="code command" tabindex="0" role="region" aria-label="Azure CLI command">{az}</pre>
        }
    });
    let policies = (!policies.is_empty()).then(|| {
        let items: Vec<_> = policies
            .into_iter()
            .map(|policy| view! { <li><code class="id">{policy}</code></li> })
            .collect();
        view! {
            <h3>"Azure Policy that prevents it"</h3>
            <ul class="plain">{items}</ul>
        }
    });
    let references = (!references.is_empty()).then(|| {
        let items: Vec<_> = references
            .into_iter()
            .map(|address| {
                let word = address.clone();
                view! { <li><a href=address rel="noreferrer">{word}</a></li> }
            })
            .collect();
        view! {
            <h3>"Read on"</h3>
            <ul class="plain references">{items}</ul>
        }
    });
    view! {
        <section class="panel" aria-labelledby="fix-heading">
            <h2 id="fix-heading">"How to fix it"</h2>
            <div class="prose"><p>{remediation.summary}</p></div>
            {command}
            {policies}
            {references}
        </section>
    }
    .into_any()
}

//! How to put a failure right.

use leptos::prelude::*;
use postern_service::view::FindingView;

/// What to do, as words, as a path in the portal, as a command and templates, and as a policy that prevents it.
#[component]
pub fn Remedy(
    /// The finding.
    view: FindingView,
) -> impl IntoView {
    let remediation = view.remediation;
    let portal = remediation.portal.map(|path| {
        view! {
            <h3>"Azure portal"</h3>
            <p>{path}</p>
        }
    });
    let command = remediation.az.map(|az| {
        view! {
            <h3>"Azure CLI"</h3>
            <pre class="code command" tabindex="0" role="region" aria-label="Azure CLI command" data-copy="the Azure CLI command">{az}</pre>
        }
    });
    let policies = (!view.policies.is_empty()).then(|| {
        let items: Vec<_> = view
            .policies
            .into_iter()
            .map(|policy| view! { <li><code class="id">{policy}</code></li> })
            .collect();
        view! {
            <h3>"Azure Policy that prevents it"</h3>
            <ul class="plain">{items}</ul>
        }
    });
    let difference = view.policy_difference.map(|text| {
        view! {
            <h3>"Judges otherwise than Azure Policy"</h3>
            <div class="prose"><p>{text}</p></div>
        }
    });
    let references = (!view.references.is_empty()).then(|| {
        let items: Vec<_> = view
            .references
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
            {portal}
            {command}
            {remediation.bicep.map(|text| template("Bicep", text))}
            {remediation.terraform.map(|text| template("Terraform", text))}
            {policies}
            {difference}
            {references}
        </section>
    }
    .into_any()
}

/// A template, closed: it is long, and whoever uses one of the languages does not read the other.
fn template(language: &'static str, text: String) -> AnyView {
    view! {
        <details class="template">
            <summary>{language}</summary>
            <pre class="code" tabindex="0" role="region" aria-label=format!("{language} template") data-copy=format!("the {language} template")>
                {text}
            </pre>
        </details>
    }
    .into_any()
}

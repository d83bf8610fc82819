//! How to put a failure right.

use leptos::prelude::*;
use postern_domain::rule::Remediation;

/// What is said of putting a failure right.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What to do.
    pub remediation: Remediation,
    /// Ids of Azure's policy definitions that prevent it.
    pub policies: Vec<String>,
    /// How the rule judges otherwise than these.
    pub policy_difference: Option<String>,
    /// Addresses to read on.
    pub references: Vec<String>,
}

/// What to do, as words, as a path in the portal, as a command and templates, and as a policy that prevents it.
#[component]
pub fn Remedy(
    /// What to do.
    fix: Fix,
) -> impl IntoView {
    let remediation = fix.remediation;
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
    let policies = (!fix.policies.is_empty()).then(|| {
        let items: Vec<_> = fix
            .policies
            .into_iter()
            .map(|policy| view! { <li><code class="id">{policy}</code></li> })
            .collect();
        view! {
            <h3>"Azure Policy that prevents it"</h3>
            <ul class="plain">{items}</ul>
        }
    });
    let difference = fix.policy_difference.map(|text| {
        view! {
            <h3>"Judges otherwise than Azure Policy"</h3>
            <div class="prose"><p>{text}</p></div>
        }
    });
    let references = (!fix.references.is_empty()).then(|| {
        let items: Vec<_> = fix
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

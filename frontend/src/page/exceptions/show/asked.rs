//! What is asked for, in the requester's words.

use leptos::prelude::*;
use postern_domain::exception::request::{EvidenceLink, EvidenceLinks, ReasonCategory};
use postern_service::view::ExceptionView;

use crate::part::end;

/// What is asked for.
#[component]
pub fn Asked(
    /// The exception.
    view: ExceptionView,
) -> impl IntoView {
    let request = view.request.clone();
    let kind = match request.reason {
        ReasonCategory::FixPlanned { on } => format!("{} for {on}", request.reason.label()),
        reason => reason.label().to_owned(),
    };
    let scope = view.row.scope.clone().map(|scope| {
        view! { <div><dt>"Assets"</dt><dd>{scope}</dd></div> }
    });
    let rules: Vec<_> = view
        .row
        .rules
        .iter()
        .map(|rule| view! { <li><code class="id">{rule.to_string()}</code></li> })
        .collect();
    let rules = (!rules.is_empty()).then(|| {
        view! { <div><dt>"Rules"</dt><dd><ul class="ids">{rules}</ul></dd></div> }
    });
    let meanwhile = request
        .compensating_control
        .map_or_else(|| "Nothing was said.".to_owned(), |control| control.to_string());
    view! {
        <section class="panel" aria-labelledby="asked-heading">
            <h2 id="asked-heading">"What is asked"</h2>
            <dl class="pairs answers">
                <div><dt>"Kind"</dt><dd>{kind}</dd></div>
                {rules}
                {scope}
                <div><dt>"Why"</dt><dd class="said">{request.justification.to_string()}</dd></div>
                <div><dt>"What protects meanwhile"</dt><dd class="said">{meanwhile}</dd></div>
                <div><dt>"Evidence"</dt><dd><Evidence links=request.evidence /></dd></div>
                <div><dt>"Until"</dt><dd>{end(request.until)}</dd></div>
                <div><dt>"Owner"</dt><dd>{view.row.owner.clone()}</dd></div>
                <div><dt>"Version"</dt><dd>{view.version}</dd></div>
            </dl>
        </section>
    }
    .into_any()
}

/// Links to evidence, each with the host that it leads to.
#[component]
pub fn Evidence(
    /// The links.
    links: EvidenceLinks,
) -> impl IntoView {
    if links.is_empty() {
        return "None was given.".into_any();
    }
    let items: Vec<_> = links.as_slice().iter().map(evidence_item).collect();
    view! { <ul class="plain">{items}</ul> }.into_any()
}

fn evidence_item(link: &EvidenceLink) -> AnyView {
    let address = link.address.as_str().to_owned();
    let words = link.title.as_ref().map_or_else(|| address.clone(), ToString::to_string);
    let host = host(&address).to_owned();
    view! {
        <li>
            <a href=address.clone() rel="noopener noreferrer nofollow">{words}</a>
            <span class="below">{format!("leads to {host}")}</span>
        </li>
    }
    .into_any()
}

/// The host of an address that begins with its scheme.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn where_a_link_leads_is_said_whatever_its_title_says() {
        let links =
            json!([{"address": "https://evil.example/?a=%22", "title": "https://contoso.com <b>"}]);
        let links: EvidenceLinks = serde_json::from_value(links).unwrap();
        let owner = Owner::new_root(None);
        let html = owner.with(|| view! { <Evidence links=links /> }.into_any().to_html());
        assert!(html.contains("leads to evil.example"), "{html}");
        assert!(html.contains("rel=\"noopener noreferrer nofollow\""), "{html}");
        assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "{html}");
        assert_eq!(host("https://contoso.com:8443?x"), "contoso.com:8443");
    }
}

//! A resource as Azure returned it, and what belongs to it.

use leptos::prelude::*;
use postern_service::view::{FactView, ResourceView};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::part::{Moment, Tone, ToneBadge, count, counted};

/// The configuration of a resource, as read last.
#[component]
pub fn Configuration(
    /// The resource.
    view: ResourceView,
) -> impl IntoView {
    let unread = view.facts.iter().filter(|fact| fact.unread.is_some()).count();
    let all = view.facts.len();
    let coverage = (all > 0).then(|| {
        let read = u64::try_from(all - unread).unwrap_or_default();
        let of = counted(u64::try_from(all).unwrap_or_default(), "related fact", "related facts");
        view! { <p class="hint">{format!("{} of {of} read to the end.", count(read))}</p> }
    });
    let facts: Vec<_> = view.facts.into_iter().map(fact_view).collect();
    view! {
        <section class="panel" aria-labelledby="configuration-heading">
            <h2 id="configuration-heading">"Configuration as read"</h2>
            <p class="source">
                "Read "<Moment at=view.last_read_at />" · SHA-256 "
                <code class="digest">{view.document_hash.to_string()}</code>
            </p>
            <details>
                <summary>"The resource, as JSON"</summary>
                <pre class="code" tabindex="0" role="region" aria-label="Resource as JSON" data-copy="the resource as JSON">
                    {view.configuration}
                </pre>
            </details>
            <h3>"What belongs to it"</h3>
            {coverage}
            {if facts.is_empty() {
                view! { <p>"Nothing beside the resource itself was read."</p> }.into_any()
            } else {
                facts.into_any()
            }}
        </section>
    }
    .into_any()
}

fn fact_view(fact: FactView) -> AnyView {
    let badge = fact.unread.as_ref().map(|_| {
        let word = if fact.json.is_some() { "Read in part" } else { "Not read" };
        view! { " "<ToneBadge tone=Tone::Unknown word=word.to_owned() /> }
    });
    let number =
        (fact.unread.is_none() || fact.entries > 0).then(|| format!(" ({})", count(fact.entries)));
    let why = fact.unread.clone().map(|reason| {
        let action = reason.action.map(
            |action| view! { " What would mend it: grant "<code class="id">{action}</code>"." },
        );
        view! { <p>{reason.message}{action}</p> }
    });
    let table = (!fact.rows.is_empty()).then(|| table(&fact));
    let nothing = (fact.rows.is_empty() && fact.unread.is_none())
        .then(|| view! { <p class="hint">"Azure has none."</p> });
    let json = fact.json.clone().filter(|_| fact.entries > 0).map(|json| {
        let label = format!("{} as JSON", fact.label);
        view! {
            <details>
                <summary>"As JSON"</summary>
                <pre class="code" tabindex="0" role="region" aria-label=label>{json}</pre>
            </details>
        }
    });
    view! {
        <details class="fact">
            <summary>
                {fact.label.clone()}{number}{badge}" "
                <code class="id">{fact.name.clone()}</code>
            </summary>
            {why}{nothing}{table}{json}
        </details>
    }
    .into_any()
}

fn table(fact: &FactView) -> AnyView {
    let heads: Vec<_> = fact
        .columns
        .iter()
        .map(|column| view! { <th scope="col" role="columnheader">{*column}</th> })
        .collect();
    let rows: Vec<_> = fact
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<_> = row
                .iter()
                .zip(&fact.columns)
                .enumerate()
                .map(|(place, (text, column))| {
                    let text = cell(text.as_deref());
                    if place == 0 {
                        view! { <th scope="row" role="rowheader" data-label=*column>{text}</th> }
                            .into_any()
                    } else {
                        view! { <td role="cell" data-label=*column>{text}</td> }.into_any()
                    }
                })
                .collect();
            view! { <tr role="row">{cells}</tr> }
        })
        .collect();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=fact.label.clone()>
            <table class="list" role="table">
                <caption class="hidden-caption">{fact.label.clone()}</caption>
                <thead role="rowgroup"><tr role="row">{heads}</tr></thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A cell; a time as people read it.
fn cell(text: Option<&str>) -> AnyView {
    let Some(text) = text else { return view! { <span class="hint">"none"</span> }.into_any() };
    match OffsetDateTime::parse(text, &Rfc3339) {
        Ok(at) => view! { <Moment at=at /> }.into_any(),
        Err(_) => view! { <span class="name">{text.to_owned()}</span> }.into_any(),
    }
}

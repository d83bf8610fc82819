//! Which resource it is, where it is, and whose.

use leptos::prelude::*;
use postern_service::view::{Portal, ResourceView};

use crate::page::findings::kind;
use crate::part::Moment;

/// The identity of a resource.
#[component]
pub fn Identity(
    /// The resource.
    view: ResourceView,
) -> impl IntoView {
    let asset = view.asset.clone();
    let region = asset.location.clone().unwrap_or_else(|| "none".to_owned());
    let group = asset.resource_group.clone().unwrap_or_else(|| "none".to_owned());
    let subscription_name = asset.subscription_name.as_ref().map(|name| format!("{name} · "));
    let owner = view.owner.clone().map_or_else(|| "none".to_owned(), |team| team.name);
    let owned_by = view.owned_by.clone().map(|why| view! { <span class="below">{why}</span> });
    let tags: Vec<_> = view
        .tags
        .iter()
        .map(|(name, value)| view! { <li><code class="id">{format!("{name}={value}")}</code></li> })
        .collect();
    let tags = if tags.is_empty() {
        view! { "none" }.into_any()
    } else {
        view! { <ul class="ids">{tags}</ul> }.into_any()
    };
    view! {
        <section class="panel" aria-labelledby="identity-heading">
            <h2 id="identity-heading">"Identity"</h2>
            <dl class="pairs">
                <div>
                    <dt>"ARM id"</dt>
                    <dd><code class="id" data-copy="the ARM id">{asset.arm_id.clone()}</code></dd>
                </div>
                <div><dt>"In the portal"</dt><dd>{portal(view.portal.clone())}</dd></div>
                <div><dt>"Type"</dt><dd>{kind(&asset)}</dd></div>
                <div>
                    <dt>"Subscription"</dt>
                    <dd>{subscription_name}<code class="id">{asset.subscription.clone()}</code></dd>
                </div>
                <div><dt>"Resource group"</dt><dd>{group}</dd></div>
                <div><dt>"Region"</dt><dd>{region}</dd></div>
                <div><dt>"Owner"</dt><dd>{owner}{owned_by}</dd></div>
                <div><dt>"Tags"</dt><dd>{tags}</dd></div>
                <div><dt>"First seen"</dt><dd><Moment at=view.first_seen_at /></dd></div>
                <div><dt>"Last read"</dt><dd><Moment at=view.last_read_at /></dd></div>
                <div><dt>"Read from"</dt><dd>{view.source.clone()}</dd></div>
            </dl>
        </section>
    }
    .into_any()
}

fn portal(portal: Portal) -> AnyView {
    match portal {
        Portal::At { address, cloud } => view! {
            <a href=address rel="noreferrer">"Open in the Azure portal"</a>
            <span class="below">{format!("It is in {cloud}.")}</span>
        }
        .into_any(),
        Portal::IfPublic { address } => view! {
            <a href=address rel="noreferrer">"Open in the portal of Azure's public cloud"</a>
            <span class="below">"It was read from files, which do not say which cloud it is in."</span>
        }
        .into_any(),
        Portal::Nowhere { why } => view! { <span class="hint">{why}</span> }.into_any(),
    }
}

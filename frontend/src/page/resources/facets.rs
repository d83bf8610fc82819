//! The filters of the resources list: a plain form, applied with one button.

use leptos::prelude::*;
use postern_domain::moment;
use postern_service::view::{ResourceOrder, ResourcesView};

use super::{filters, owner_name, region_name, subscription_name, without_filters};
use crate::address::{AS_OF, RESOURCES, owner_word, region_word, resources_href};
use crate::page::findings::{fieldset, options};

/// The filters with their counts.
#[component]
pub fn Facets(
    /// The list.
    view: ResourcesView,
) -> impl IntoView {
    let query = &view.query;
    let statuses = options("status", &view.status_counts, &query.statuses, |status| {
        (status.as_str().to_owned(), status.label().to_owned())
    });
    let types = options("type", &view.type_counts, &query.asset_types, |asset_type| {
        (asset_type.as_str().to_owned(), asset_type.label().to_owned())
    });
    let chosen: Vec<_> = query.owners.iter().map(|owner| owner_word(owner.as_ref())).collect();
    let owners: Vec<_> = view
        .owner_counts
        .iter()
        .map(|(owner, count)| (owner_word(owner.as_ref().map(|team| &team.id)), *count))
        .collect();
    let owners =
        options("owner", &owners, &chosen, |word| ((*word).to_owned(), owner_name(&view, word)));
    let subscriptions: Vec<(String, u64)> =
        view.subscription_counts.iter().map(|(of, number)| (of.id.clone(), *number)).collect();
    let subscriptions = options("sub", &subscriptions, &query.subscriptions, |id| {
        (id.clone(), subscription_name(&view, id))
    });
    let regions = options("region", &view.region_counts, &query.regions, |region| {
        let word = region_word(region);
        (word.to_owned(), region_name(word))
    });
    // What the form does not show but has to keep.
    let order = (query.order != ResourceOrder::default()).then(|| query.order.as_str().to_owned());
    let kept = [
        ("connection", query.connection.clone()),
        ("sort", order),
        (AS_OF, query.as_of.map(moment::short)),
        ("limit", Some(query.limit.to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(view! { <input type="hidden" name=name value=value? /> }))
    .collect_view();
    let set = filters(&view).len();
    let summary = if set == 0 { "Filters".to_owned() } else { format!("Filters ({set} set)") };
    view! {
        <details class="facets" id="filters" open=(set > 0).then_some("")>
            <summary>{summary}</summary>
            <form method="get" action=RESOURCES aria-label="Filters">
                {kept}
                <div class="field">
                    <label for="filter-text">"Name contains"</label>
                    <input id="filter-text" type="search" name="q" value=query.text.clone() autocomplete="off" />
                </div>
                {fieldset("Status", statuses)}
                {fieldset("Service", types)}
                {fieldset("Owner", owners)}
                {fieldset("Subscription", subscriptions)}
                {fieldset("Region", regions)}
                <div class="facet-actions">
                    <button class="button primary" type="submit">"Apply filters"</button>
                    <a href=resources_href(&without_filters(query))>"Clear"</a>
                </div>
            </form>
        </details>
    }
    .into_any()
}

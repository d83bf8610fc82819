//! The filters of the resources list: a plain form, applied with one button.

use leptos::prelude::*;
use postern_domain::moment;
use postern_service::view::{ResourceOrder, ResourcesView};

use super::{NOBODY, filters, region_name, subscription_name, without_filters};
use crate::address::{AS_OF, COUNT_RESOURCES, RESOURCES, owner_word, region_word};
use crate::part::{CountsText, FilterForm, choices, counted, owner_name};

/// The filters with their counts.
#[component]
pub fn Facets(
    /// The list.
    view: ResourcesView,
) -> impl IntoView {
    let query = &view.query;
    let statuses = choices("Status", "status", &view.status_counts, &query.statuses, |status| {
        (status.as_str().to_owned(), status.label().to_owned())
    });
    let types = choices("Service", "type", &view.type_counts, &query.asset_types, |asset_type| {
        (asset_type.as_str().to_owned(), asset_type.label().to_owned())
    });
    let chosen: Vec<_> = query.owners.iter().map(|owner| owner_word(owner.as_ref())).collect();
    let owners: Vec<_> = view
        .owner_counts
        .iter()
        .map(|(owner, count)| (owner_word(owner.as_ref().map(|team| &team.id)), *count))
        .collect();
    let owners = choices("Owner", "owner", &owners, &chosen, |word| {
        ((*word).to_owned(), owner_name(&view.owner_counts, word, NOBODY))
    });
    let subscriptions: Vec<(String, u64)> =
        view.subscription_counts.iter().map(|(of, number)| (of.id.clone(), *number)).collect();
    let subscriptions =
        choices("Subscription", "sub", &subscriptions, &query.subscriptions, |id| {
            (id.clone(), subscription_name(&view, id))
        });
    let regions = choices("Region", "region", &view.region_counts, &query.regions, |region| {
        let word = region_word(region);
        (word.to_owned(), region_name(word))
    });
    let order = (query.order != ResourceOrder::default()).then(|| query.order.as_str().to_owned());
    let kept = vec![
        ("connection", query.connection.clone()),
        ("sort", order),
        (AS_OF, query.as_of.map(moment::short)),
        ("limit", Some(query.limit.to_string())),
    ];
    view! {
        <FilterForm
            action=RESOURCES.to_owned()
            kept=kept
            text_label="Name contains"
            text=query.text.clone()
            clear=without_filters(query)
            set=filters(&view).len()
            counts=COUNT_RESOURCES
        >
            {statuses} {types} {owners} {subscriptions} {regions}
        </FilterForm>
    }
    .into_any()
}

/// What a list's filters let through, for [`crate::FacetSearch`].
pub fn counts_text(view: &ResourcesView) -> String {
    let mut text = CountsText::new(counted(view.total, "resource", "resources"));
    text.add("status", &view.status_counts, |status| status.as_str());
    text.add("type", &view.type_counts, |asset_type| asset_type.as_str());
    text.add("owner", &view.owner_counts, |team| owner_word(team.as_ref().map(|team| &team.id)));
    text.add("sub", &view.subscription_counts, |subscription| &subscription.id);
    text.add("region", &view.region_counts, |region| region_word(region));
    text.finish()
}

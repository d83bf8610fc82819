//! The resources list: what do we have, whose is it, and what of it is risky or was not read?

mod facets;
mod table;

use leptos::prelude::*;
use postern_service::view::{ResourceOrder, ResourceQuery, ResourcesView};

use crate::address::{
    NO_REGION, RESOURCE_LIMITS, connection_href, owner_word, region_word, resources_href,
};
use crate::part::{
    FilterChips, FirstInstead, Ignored, NoMatch, Pages, SetFilter, count, day_and_time, owner_name,
    rows_of,
};

use facets::Facets;
pub use facets::counts_text;
use table::ResourceTable;
pub use table::exposure;

/// What is nobody's.
const NOBODY: &str = "No owner";

/// The list of resources.
#[component]
pub fn ResourcesPage(
    /// What to show.
    view: ResourcesView,
    /// What in the address was not understood.
    ignored: Vec<String>,
    /// Whether this is the first page because the one asked for is of another list.
    is_first_instead: bool,
) -> impl IntoView {
    let lead = view
        .read_at
        .map(|at| format!("{} · last read {}", view.connections.selected.name, day_and_time(at)));
    let results = if view.rows.is_empty() { nothing(&view) } else { results(&view) };
    view! {
        <div class="page-head">
            <div>
                <h1>"Resources"</h1>
                <p class="lead">{lead}</p>
                <p class="hint">{coverage(&view)}</p>
            </div>
        </div>
        <Ignored parts=ignored />
        <FirstInstead is_first_instead=is_first_instead />
        <div class="with-facets">
            <Facets view=view.clone() />
            <section class="results" id="results" tabindex="-1" aria-label="Results">
                <div class="results-head">
                    <FilterChips filters=filters(&view) clear=without_filters(&view.query) />
                    <p class="range" role="status">{rows_of(view.offset, view.rows.len(), view.total, ("resource", "resources"))}</p>
                </div>
                {results}
            </section>
        </div>
    }
    .into_any()
}

/// How many were read of how many, and whose those are.
fn coverage(view: &ResourcesView) -> String {
    let read = view.all.saturating_sub(view.unread);
    let of_whom = view.limited_to.as_deref().map(|teams| {
        let names: Vec<&str> = teams.iter().map(|team| team.name.as_str()).collect();
        format!(" You see those of {}.", names.join(", "))
    });
    let word = if view.all == 1 { "resource" } else { "resources" };
    format!("{} of {} {word} read.{}", count(read), count(view.all), of_whom.unwrap_or_default())
}

fn results(view: &ResourcesView) -> AnyView {
    let query = &view.query;
    let order = match query.order {
        ResourceOrder::Severity => "that with the worst open finding first, then by name",
        ResourceOrder::Name => "by name",
    };
    view! {
        {sorting(query)}
        <ResourceTable
            rows=view.rows.clone()
            caption=format!("Resources, {order}; times in UTC")
            // Without teams, a column of nobody's says nothing.
            has_owners=!view.owner_counts.is_empty()
            as_of=query.as_of
        />
        {pages(view)}
    }
    .into_any()
}

/// The orders to choose from.
fn sorting(query: &ResourceQuery) -> AnyView {
    let links: Vec<_> = ResourceOrder::ALL
        .iter()
        .map(|order| {
            let to = resources_href(&ResourceQuery { order: *order, after: None, ..query.clone() });
            let current = (*order == query.order).then_some("true");
            view! { <li><a href=to aria-current=current>{order.label()}</a></li> }
        })
        .collect();
    view! {
        <nav class="choice sorting" aria-label="Sort by">
            <p class="hint" aria-hidden="true">"Sort by"</p>
            <ul>{links}</ul>
        </nav>
    }
    .into_any()
}

/// The filters that are set.
fn filters(view: &ResourcesView) -> Vec<SetFilter> {
    let query = &view.query;
    let whole = ResourceQuery { after: None, ..query.clone() };
    let set = |name, value, without: &ResourceQuery| SetFilter {
        name,
        value,
        without: resources_href(without),
    };
    let mut filters = Vec::new();
    for status in &query.statuses {
        let mut without = whole.clone();
        without.statuses.retain(|other| other != status);
        filters.push(set("status", status.label().to_lowercase(), &without));
    }
    for asset_type in &query.asset_types {
        let mut without = whole.clone();
        without.asset_types.retain(|other| other != asset_type);
        filters.push(set("service", asset_type.label().to_owned(), &without));
    }
    for owner in &query.owners {
        let mut without = whole.clone();
        without.owners.retain(|other| other != owner);
        let value = owner_name(&view.owner_counts, owner_word(owner.as_ref()), NOBODY);
        filters.push(set("owner", value, &without));
    }
    for id in &query.subscriptions {
        let mut without = whole.clone();
        without.subscriptions.retain(|other| other != id);
        let value = subscription_name(view, id);
        filters.push(set("subscription", value, &without));
    }
    for region in &query.regions {
        let mut without = whole.clone();
        without.regions.retain(|other| other != region);
        let value = region_word(region).to_owned();
        filters.push(set("region", value, &without));
    }
    if let Some(text) = &query.text {
        let without = ResourceQuery { text: None, ..whole.clone() };
        filters.push(set("name contains", text.clone(), &without));
    }
    filters
}

fn subscription_name(view: &ResourcesView, id: &str) -> String {
    let found = view.subscription_counts.iter().find(|(of, _)| of.id == id);
    found.and_then(|(of, _)| of.name.clone()).unwrap_or_else(|| id.to_owned())
}

fn region_name(word: &str) -> String {
    if word == NO_REGION { "No region".to_owned() } else { word.to_owned() }
}

/// The same list without any filter; the connection, the order and the page size stay.
fn without_filters(query: &ResourceQuery) -> String {
    resources_href(&ResourceQuery {
        connection: query.connection.clone(),
        order: query.order,
        limit: query.limit,
        as_of: query.as_of,
        ..ResourceQuery::default()
    })
}

fn pages(view: &ResourcesView) -> AnyView {
    let to = |after| resources_href(&ResourceQuery { after, ..view.query.clone() });
    let first = (view.offset > 0).then(|| to(None));
    let next = view.next.clone().map(|cursor| to(Some(cursor)));
    let has_sizes = view.total > u64::from(RESOURCE_LIMITS[0]);
    let sizes = has_sizes.then(|| {
        let links: Vec<_> = RESOURCE_LIMITS
            .into_iter()
            .map(|limit| {
                let query = ResourceQuery { limit, after: None, ..view.query.clone() };
                let current = (limit == view.query.limit).then_some("true");
                let word = format!("{limit} rows");
                view! { <li><a href=resources_href(&query) aria-current=current>{word}</a></li> }
            })
            .collect();
        view! { <nav class="choice" aria-label="Rows on a page"><ul>{links}</ul></nav> }
    });
    view! { <div class="results-head"><Pages first=first next=next /> {sizes}</div> }.into_any()
}

/// Why there is no row: nothing was read yet, nothing matches, or there is nothing.
fn nothing(view: &ResourcesView) -> AnyView {
    let name = &view.connections.selected.name;
    let Some(read_at) = view.read_at else {
        let scans = connection_href("/scans", Some(&view.connections.selected.slug), None);
        return view! {
            <div class="empty">
                <p>{format!("Nothing was read of {name} yet, so no resource is known.")}</p>
                <p><a href=scans>"Go to scans"</a></p>
            </div>
        }
        .into_any();
    };
    let filters = filters(view);
    if filters.is_empty() {
        let whose = if view.limited_to.is_some() { "of your teams " } else { "" };
        let day = day_and_time(read_at);
        return view! {
            <div class="empty">
                <p>{format!("No resource {whose}in {name}. Last read on {day}.")}</p>
            </div>
        }
        .into_any();
    }
    let clear = without_filters(&view.query);
    view! { <NoMatch what="resources" filters=filters clear=clear /> }.into_any()
}

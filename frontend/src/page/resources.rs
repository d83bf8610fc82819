//! The resources list: what do we have, whose is it, and what of it is risky or was not read?

mod facets;
mod table;

use leptos::prelude::*;
use postern_domain::team::TeamId;
use postern_service::view::{ResourceOrder, ResourceQuery, ResourcesView};

use crate::address::{
    NO_REGION, RESOURCE_LIMITS, connection_href, owner_word, region_word, resources_href,
};
use crate::part::{Notice, NoticeKind, count, counted, day_and_time};

use facets::Facets;
use table::ResourceTable;
pub use table::exposure;

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
    let notice = (!ignored.is_empty()).then(|| {
        view! {
            <Notice kind=NoticeKind::Information>
                <p>{format!("Not understood, and left out: {}.", ignored.join(", "))}</p>
            </Notice>
        }
    });
    let moved = is_first_instead.then(|| {
        view! {
            <Notice kind=NoticeKind::Information>
                <p>"The address named a page of another list, so this is the first page."</p>
            </Notice>
        }
    });
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
        {notice}
        {moved}
        <div class="with-facets">
            <Facets view=view.clone() />
            <section class="results" id="results" tabindex="-1" aria-label="Results">
                <div class="results-head">
                    {chips(&view)}
                    <p class="range" role="status">{range(&view)}</p>
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

/// A filter that is set, in words, and the query without it.
struct Filter {
    name: &'static str,
    value: String,
    without: ResourceQuery,
}

fn filters(view: &ResourcesView) -> Vec<Filter> {
    let query = &view.query;
    let whole = ResourceQuery { after: None, ..query.clone() };
    let mut filters = Vec::new();
    for status in &query.statuses {
        let mut without = whole.clone();
        without.statuses.retain(|other| other != status);
        filters.push(Filter { name: "status", value: status.label().to_lowercase(), without });
    }
    for asset_type in &query.asset_types {
        let mut without = whole.clone();
        without.asset_types.retain(|other| other != asset_type);
        filters.push(Filter { name: "service", value: asset_type.label().to_owned(), without });
    }
    for owner in &query.owners {
        let mut without = whole.clone();
        without.owners.retain(|other| other != owner);
        let value = owner_name(view, owner_word(owner.as_ref())).to_lowercase();
        filters.push(Filter { name: "owner", value, without });
    }
    for id in &query.subscriptions {
        let mut without = whole.clone();
        without.subscriptions.retain(|other| other != id);
        let value = subscription_name(view, id);
        filters.push(Filter { name: "subscription", value, without });
    }
    for region in &query.regions {
        let mut without = whole.clone();
        without.regions.retain(|other| other != region);
        let value = region_word(region).to_owned();
        filters.push(Filter { name: "region", value, without });
    }
    if let Some(text) = &query.text {
        let without = ResourceQuery { text: None, ..whole.clone() };
        filters.push(Filter { name: "name contains", value: text.clone(), without });
    }
    filters
}

/// What people call an owner, by the word that addresses have.
fn owner_name(view: &ResourcesView, word: &str) -> String {
    if word == TeamId::NOBODY {
        return "No owner".to_owned();
    }
    let teams = view.owner_counts.iter().filter_map(|(team, _)| team.as_ref());
    let found = teams.into_iter().find(|team| team.id.as_str() == word);
    found.map_or_else(|| word.to_owned(), |team| team.name.clone())
}

fn subscription_name(view: &ResourcesView, id: &str) -> String {
    let found = view.subscription_counts.iter().find(|(of, _)| of.id == id);
    found.and_then(|(of, _)| of.name.clone()).unwrap_or_else(|| id.to_owned())
}

fn region_name(word: &str) -> String {
    if word == NO_REGION { "No region".to_owned() } else { word.to_owned() }
}

/// The same list without any filter; the connection, the order and the page size stay.
fn without_filters(query: &ResourceQuery) -> ResourceQuery {
    ResourceQuery {
        connection: query.connection.clone(),
        order: query.order,
        limit: query.limit,
        as_of: query.as_of,
        ..ResourceQuery::default()
    }
}

fn chips(view: &ResourcesView) -> Option<AnyView> {
    let filters = filters(view);
    if filters.is_empty() {
        return None;
    }
    let chips: Vec<_> = filters
        .into_iter()
        .map(|filter| {
            view! {
                <li>
                    <a class="chip" href=resources_href(&filter.without)>
                        <span class="unseen">"Remove filter "</span>
                        <span class="chip-name">{format!("{}: ", filter.name)}</span>
                        {filter.value}
                        <span class="chip-cross" aria-hidden="true">"×"</span>
                    </a>
                </li>
            }
        })
        .collect();
    let none = resources_href(&without_filters(&view.query));
    Some(
        view! {
            <ul class="chips" aria-label="Filters">
                {chips}
                <li><a class="clear" href=none>"Clear all"</a></li>
            </ul>
        }
        .into_any(),
    )
}

/// Which rows of how many, such as `1–50 of 214 resources`.
fn range(view: &ResourcesView) -> String {
    if view.rows.is_empty() {
        return counted(view.total, "resource", "resources");
    }
    let last = view.offset + u64::try_from(view.rows.len()).unwrap_or_default();
    let total = counted(view.total, "resource", "resources");
    format!("{}–{} of {total}", count(view.offset + 1), count(last))
}

fn pages(view: &ResourcesView) -> AnyView {
    let first = (view.offset > 0).then(|| {
        let query = ResourceQuery { after: None, ..view.query.clone() };
        view! { <li><a class="button" rel="first" href=resources_href(&query)>"First page"</a></li> }
    });
    let next = view.next.clone().map(|cursor| {
        let query = ResourceQuery { after: Some(cursor), ..view.query.clone() };
        view! { <li><a class="button" rel="next" href=resources_href(&query)>"Next page"</a></li> }
    });
    let moves = (first.is_some() || next.is_some())
        .then(|| view! { <nav class="pages" aria-label="Pages"><ul>{first} {next}</ul></nav> });
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
    view! { <div class="results-head">{moves} {sizes}</div> }.into_any()
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
    let set = u64::try_from(filters.len()).unwrap_or_default();
    let links: Vec<_> = filters
        .iter()
        .map(|filter| {
            let word = format!("Remove \u{201c}{}: {}\u{201d}", filter.name, filter.value);
            view! { <li><a href=resources_href(&filter.without)>{word}</a></li> }
        })
        .collect();
    let none = resources_href(&without_filters(&view.query));
    view! {
        <div class="empty">
            <p>{format!("No resources match {}.", counted(set, "filter", "filters"))}</p>
            <ul>
                {links}
                <li><a href=none>"Clear all filters"</a></li>
            </ul>
        </div>
    }
    .into_any()
}

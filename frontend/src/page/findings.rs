//! The findings list: what do I fix first?

mod facets;
mod groups;
pub mod selection;
mod table;
pub mod views;

use leptos::prelude::*;
use postern_service::report::ReportFormat;
use postern_service::view::{FindingQuery, FindingStatus, FindingsView, GroupOf};

use crate::SelectionBar;
use crate::address::{
    NEW_EXCEPTION, connection_href, findings_href, list_file_href, list_query, owner_word,
    ticked_href,
};
use crate::page::overview::only_of;
use crate::part::{
    FilterChips, FirstInstead, Ignored, NoMatch, Pages, SetFilter, count, day_and_time, owner_name,
};

use facets::Facets;
pub use facets::counts_text;
use groups::{GroupBy, GroupTable, range};
use selection::{all_button, all_form};
pub use table::{FindingTable, FindingsOf, RowsFor, heading, kind};
use views::{ShownViews, ViewNotice, Views};

/// What is nobody's.
const NOBODY: &str = "Nobody";

/// The list of findings.
#[component]
pub fn FindingsPage(
    /// What to show.
    view: FindingsView,
    /// What in the address was not understood.
    ignored: Vec<String>,
    /// Whether this is the first page because the one asked for is of another list.
    is_first_instead: bool,
    /// Whether whoever reads it may ask for exceptions.
    may_ask: bool,
    /// Whether the findings of the page are ticked.
    is_ticked: bool,
    /// The saved views of the list.
    views: ShownViews,
) -> impl IntoView {
    let slug = view.connections.selected.slug.clone();
    let files = files(&view);
    let lead = view
        .read_at
        .map(|at| format!("{} · last read {}", view.connections.selected.name, day_and_time(at)));
    let results = if view.rows.is_empty() && view.groups.is_empty() {
        nothing(&view)
    } else if view.query.group.is_some() {
        grouped(&view)
    } else {
        results(&view, may_ask, is_ticked)
    };
    view! {
        <div class="page-head">
            <div>
                <h1>"Findings"</h1>
                <p class="lead">{lead}</p>
                {view.limited_to.as_deref().map(only_of)}
            </div>
            {files}
        </div>
        <Ignored parts=ignored />
        <FirstInstead is_first_instead=is_first_instead />
        <ViewNotice views=views.clone() connection=slug.clone() />
        <Views views=views query=view.query.clone() connection=slug.clone() />
        <Tabs view=view.clone() />
        <div class="with-facets">
            <Facets view=view.clone() />
            <section class="results" id="results" tabindex="-1" aria-label="Results">
                <div class="results-head">
                    <FilterChips filters=filters(&view) clear=without_filters(&view.query) />
                    <p class="range" role="status">{range(&view)}</p>
                </div>
                <GroupBy query=view.query.clone() />
                {results}
            </section>
        </div>
    }
    .into_any()
}

/// The list as files: what the page shows, on all of its pages.
///
/// Other than rows, a report tells of the whole connection, and is for those who see all of it.
fn files(view: &FindingsView) -> AnyView {
    let formats: &[ReportFormat] = match view.limited_to {
        None => &[ReportFormat::Csv, ReportFormat::Xlsx, ReportFormat::Pdf],
        Some(_) => &[ReportFormat::Csv],
    };
    let files = formats.iter().map(|format| {
        let name = format!("This list as {}", format.label());
        view! { <li><a class="button" href=list_file_href(&view.query, *format)>{name}</a></li> }
    });
    view! { <ul class="tools" aria-label="Files">{files.collect_view()}</ul> }.into_any()
}

/// The page of groups.
fn grouped(view: &FindingsView) -> AnyView {
    let what = title(&view.query);
    let pages = pages(view);
    view! { <GroupTable view=view.clone() what=what /> {pages} }.into_any()
}

/// The page of the list, as a form where findings can be selected.
fn results(view: &FindingsView, may_ask: bool, is_ticked: bool) -> AnyView {
    let pages = pages(view);
    // Without teams, a column of nobody's says nothing.
    let of = if view.owner_counts.is_empty() {
        FindingsOf::AnyAsset
    } else {
        FindingsOf::AnyAssetWithOwner
    };
    let caption = format!("{}, the worst first, then the oldest; times in UTC", title(&view.query));
    let is_selectable =
        may_ask && view.query.status == FindingStatus::Open && view.query.as_of.is_none();
    let rows_for = match (is_selectable, is_ticked) {
        (false, _) => RowsFor::Reading,
        (true, false) => RowsFor::Selecting,
        (true, true) => RowsFor::Ticked,
    };
    let table = view! {
        <FindingTable rows=view.rows.clone() caption=caption of=of as_of=view.query.as_of rows_for=rows_for />
    };
    let table =
        if is_selectable { selecting(view, is_ticked, table.into_any()) } else { table.into_any() };
    view! { {table} {pages} }.into_any()
}

/// The form in which findings are selected to file an exception for them: some, those of the page, or all that match.
fn selecting(view: &FindingsView, is_ticked: bool, table: AnyView) -> AnyView {
    let query = &view.query;
    let tick = if is_ticked {
        view! { <a href=findings_href(query) data-tick="none">"Untick all"</a> }.into_any()
    } else {
        view! { <a href=ticked_href(query) data-tick="all">"Tick all on this page"</a> }.into_any()
    };
    let list = list_query(&FindingQuery { after: None, ..query.clone() });
    view! {
        {all_form(view)}
        <form class="selection" method="get" action=NEW_EXCEPTION aria-label="Findings to file an exception for">
            <div class="selection-bar">
                <p class="hint" id="selection-hint">"Tick those that cannot be fixed in time."</p>
                {tick}
                <button class="button" type="submit" aria-describedby="selection-hint">"File an exception"</button>
                {all_button(view)}
            </div>
            <SelectionBar list=list />
            {table}
        </form>
    }
    .into_any()
}

#[component]
fn Tabs(view: FindingsView) -> impl IntoView {
    let tabs: Vec<_> = view
        .status_counts
        .iter()
        .map(|(status, number)| {
            let query = FindingQuery { status: *status, after: None, ..view.query.clone() };
            let current = (*status == view.query.status).then_some("page");
            view! {
                <li>
                    <a href=findings_href(&query) aria-current=current>
                        {status.label()} " " <span class="tab-count">{count(*number)}</span>
                    </a>
                </li>
            }
        })
        .collect();
    view! { <nav class="tabs" aria-label="Status"><ul>{tabs}</ul></nav> }
}

/// The filters that are set.
fn filters(view: &FindingsView) -> Vec<SetFilter> {
    let query = &view.query;
    let whole = FindingQuery { after: None, ..query.clone() };
    let set = |name, value, without: &FindingQuery| SetFilter {
        name,
        value,
        without: findings_href(without),
    };
    let mut filters = Vec::new();
    for severity in &query.severities {
        let mut without = whole.clone();
        without.severities.retain(|other| other != severity);
        filters.push(set("severity", severity.label().to_lowercase(), &without));
    }
    for topic in &query.topics {
        let mut without = whole.clone();
        without.topics.retain(|other| other != topic);
        filters.push(set("topic", topic.label().to_lowercase(), &without));
    }
    for asset_type in &query.asset_types {
        let mut without = whole.clone();
        without.asset_types.retain(|other| other != asset_type);
        filters.push(set("type", asset_type.label().to_owned(), &without));
    }
    for owner in &query.owners {
        let mut without = whole.clone();
        without.owners.retain(|other| other != owner);
        let value = owner_name(&view.owner_counts, owner_word(owner.as_ref()), NOBODY);
        filters.push(set("owner", value, &without));
    }
    if let Some(rule) = &query.rule {
        let without = FindingQuery { rule: None, ..whole.clone() };
        filters.push(set("rule", rule.to_string(), &without));
    }
    if let Some(number) = query.resource {
        let without = FindingQuery { resource: None, ..whole.clone() };
        let named = view.groups.iter().find_map(|group| match &group.of {
            GroupOf::Resource { asset, .. } => Some(asset),
            GroupOf::Rule { .. } | GroupOf::Owner(_) => None,
        });
        let named = named.or_else(|| view.rows.first().map(|row| &row.asset));
        let name = named.map(|asset| asset.name.clone());
        let value = name.unwrap_or_else(|| number.to_string());
        filters.push(set("resource", value, &without));
    }
    if let Some(text) = &query.text {
        let without = FindingQuery { text: None, ..whole.clone() };
        filters.push(set("name contains", text.clone(), &without));
    }
    filters
}

/// The same list without any filter; the connection, the status, the grouping and the page size stay.
fn without_filters(query: &FindingQuery) -> String {
    findings_href(&FindingQuery {
        connection: query.connection.clone(),
        view: query.view.clone(),
        status: query.status,
        group: query.group,
        limit: query.limit,
        as_of: query.as_of,
        ..FindingQuery::default()
    })
}

fn title(query: &FindingQuery) -> &'static str {
    match query.status {
        FindingStatus::Open => "Open findings",
        FindingStatus::Excepted => "Excepted findings",
        FindingStatus::Unknown => "Findings that could not be judged",
        FindingStatus::Resolved => "Resolved findings",
        FindingStatus::All => "All findings",
    }
}

fn pages(view: &FindingsView) -> AnyView {
    let to = |after| findings_href(&FindingQuery { after, ..view.query.clone() });
    let first = (view.offset > 0).then(|| to(None));
    let next = view.next.clone().map(|cursor| to(Some(cursor)));
    view! { <Pages first=first next=next /> }.into_any()
}

/// Why there is no row: nothing was read yet, nothing matches, or nothing is wrong.
fn nothing(view: &FindingsView) -> AnyView {
    let name = &view.connections.selected.name;
    let filters = filters(view);
    let Some(read_at) = view.read_at else {
        let scans = connection_href("/scans", Some(&view.connections.selected.slug), None);
        return view! {
            <div class="empty">
                <p>{format!("Nothing was read of {name} yet, so there are no findings.")}</p>
                <p><a href=scans>"Go to scans"</a></p>
            </div>
        }
        .into_any();
    };
    if !filters.is_empty() {
        let clear = without_filters(&view.query);
        return view! { <NoMatch what="findings" filters=filters clear=clear /> }.into_any();
    }
    let what = match view.query.status {
        FindingStatus::Open => "No open findings",
        FindingStatus::Excepted => "No excepted findings",
        FindingStatus::Unknown => "No findings of unknown state",
        FindingStatus::Resolved => "No resolved findings",
        FindingStatus::All => "No findings",
    };
    view! {
        <div class="empty">
            <p>{format!("{what} in {name}. Last read on {}.", day_and_time(read_at))}</p>
        </div>
    }
    .into_any()
}

//! One framework: the tree of its controls.

use leptos::prelude::*;
use postern_service::view::FrameworkView;
use time::OffsetDateTime;

use super::filters::{ControlFilters, set_filters, without_filters};
use super::tree::{Branches, Tree, WholeBar};
use super::words::mapping_sentence;
use super::{lead, limits, notices};
use crate::address::{FRAMEWORKS, FrameworkAddress, connection_href, framework_href};
use crate::chart::BarPatterns;
use crate::part::{FilterChips, Ignored, NoMatch, count, counted};

/// A framework as the tree of its controls.
#[component]
pub fn FrameworkPage(
    /// What to show.
    view: FrameworkView,
    /// The page's address.
    address: FrameworkAddress,
    /// What in the address was not understood.
    ignored: Vec<String>,
) -> impl IntoView {
    let assessed = view.assessed.clone();
    let as_of = assessed.as_of.map(|as_of| as_of.moment);
    let slug = assessed.connections.selected.slug.clone();
    let address = FrameworkAddress { connection: Some(slug.clone()), ..address };
    let list = connection_href(FRAMEWORKS, Some(&slug), as_of);
    let title = view.framework.name.clone();
    let statuses = view.framework.statuses;
    let kinds = view.framework.kinds;
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li><a href=list>"Frameworks"</a></li>
                <li aria-current="page">{title.clone()}</li>
            </ol>
        </nav>
        <h1>{title}</h1>
        <p class="lead">{lead(&assessed)}</p>
        {limits(&assessed)}
        {notices(&assessed)}
        <Ignored parts=ignored />
        <div class="framework-sum">
            <WholeBar statuses=statuses />
        </div>
        <p class="prose">{mapping_sentence(&kinds)}</p>
        {about(&view)}
        <div class="with-facets">
            <ControlFilters view=view.clone() address=address.clone() />
            <section class="results" id="results" tabindex="-1" aria-label="Controls">
                {results(view, address, as_of)}
            </section>
        </div>
        <BarPatterns />
    }
    .into_any()
}

/// Where the framework is from, and who says which rules are evidence.
fn about(view: &FrameworkView) -> AnyView {
    let source = view.source.clone();
    view! {
        <details>
            <summary>"About this framework and its mapping"</summary>
            <dl class="pairs">
                <div><dt>"Publisher"</dt><dd>{view.framework.publisher.clone()}</dd></div>
                <div><dt>"Version"</dt><dd>{view.framework.version.clone()}</dd></div>
                <div><dt>"Read it at"</dt><dd><a href=source rel="noreferrer">{view.source.clone()}</a></dd></div>
                <div><dt>"Mapping"</dt><dd>{view.mapping.clone()}</dd></div>
                <div><dt>"Ids and titles"</dt><dd>{view.licence.clone()}</dd></div>
            </dl>
        </details>
    }
    .into_any()
}

fn results(
    view: FrameworkView,
    address: FrameworkAddress,
    as_of: Option<OffsetDateTime>,
) -> AnyView {
    let filters = set_filters(&view, &address, as_of);
    let clear = without_filters(&view, &address, as_of);
    let total = view.framework.statuses.total();
    let range = if filters.is_empty() {
        counted(total, "control", "controls")
    } else {
        format!("{} of {}", count(view.matching), counted(total, "control", "controls"))
    };
    let chips = view! { <FilterChips filters=filters.clone() clear=clear.clone() /> };
    if view.matching == 0 {
        return view! {
            <div class="results-head">{chips}<p class="range" role="status">{range}</p></div>
            <NoMatch what="controls" filters=filters clear=clear />
        }
        .into_any();
    }
    let is_filtered = !filters.is_empty();
    let id = view.framework.id.clone();
    let with = |is_expanded: bool| {
        let open = Vec::new();
        framework_href(&id, &FrameworkAddress { open, is_expanded, ..address.clone() }, as_of)
    };
    let has_groups = !view.groups.is_empty() || view.controls.iter().any(|it| !it.parts.is_empty());
    let toggle = (has_groups && !is_filtered).then(|| {
        if address.is_expanded {
            view! { <a href=with(false)>"Collapse all"</a> }.into_any()
        } else {
            view! { <a href=with(true)>"Expand all"</a> }.into_any()
        }
    });
    let controls = (u64::from(view.matching), is_filtered);
    let branches = Branches::of(view.framework.id, address, as_of, controls);
    view! {
        <div class="results-head">
            {chips}
            <p class="range" role="status">{range}</p>
            {toggle}
        </div>
        <Tree groups=view.groups controls=view.controls branches=branches />
    }
    .into_any()
}

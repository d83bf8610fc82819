//! A resource: which it is, how it stands, how it is configured, and what changed.

mod configuration;
mod history;
mod identity;
mod posture;

use leptos::prelude::*;
use postern_service::view::{
    FindingQuery, FindingStatus, ResourceQuery, ResourceState, ResourceView,
};

use crate::address::{connection_href, findings_href, resources_href};
use crate::page::findings::{FindingTable, FindingsOf, kind};
use crate::page::resources::exposure;
use crate::part::{Moment, Notice, NoticeKind, Tone, ToneBadge, count, counted};

use configuration::Configuration;
use history::History;
use identity::Identity;
use posture::Posture;

/// The page of a resource.
#[component]
pub fn ResourcePage(
    /// What to show.
    view: ResourceView,
) -> impl IntoView {
    let as_of = view.as_of.map(|as_of| as_of.moment);
    let slug = view.connection.slug.clone();
    let list = connection_href("/resources", Some(&slug), as_of);
    let owner = match &view.owner {
        Some(team) => {
            let of_team = resources_href(&ResourceQuery {
                connection: Some(slug),
                owners: vec![Some(team.id.clone())],
                as_of,
                ..ResourceQuery::default()
            });
            view! { <span>"Owner "<a href=of_team>{team.name.clone()}</a></span> }.into_any()
        }
        None => view! { <span>"No owner"</span> }.into_any(),
    };
    let (tone, word) = match view.state {
        ResourceState::Read => (Tone::Pass, "Read"),
        ResourceState::Unread { .. } => (Tone::Unknown, "Not read"),
        ResourceState::Deleted { .. } => (Tone::Neutral, "Deleted"),
        ResourceState::OutOfScope { .. } => (Tone::Neutral, "Out of scope"),
    };
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li><a href=list>"Resources"</a></li>
                <li aria-current="page">{view.number.to_string()}</li>
            </ol>
        </nav>
        <h1 class="name">{name(&view)}<span class="h1-more">{format!(" {}", kind(&view.asset))}</span></h1>
        <p class="facts">
            <ToneBadge tone=tone word=word.to_owned() />
            {owner}
            <span>"Public network "{exposure(view.public_network)}</span>
            <span>"Key sign-in "{exposure(view.key_sign_in)}</span>
            <span>"Last read "<Moment at=view.last_read_at /></span>
        </p>
        {gone_or_unread(&view)}
        <Identity view=view.clone() />
        <Posture view=view.clone() />
        <Findings view=view.clone() />
        <Exceptions view=view.clone() />
        <Configuration view=view.clone() />
        <History view=view />
    }
    .into_any()
}

/// The name; a subscription's own name is its id, which nobody knows it by.
pub fn name(view: &ResourceView) -> String {
    let asset = &view.asset;
    match &asset.subscription_name {
        Some(name) if asset.name.eq_ignore_ascii_case(&asset.subscription) => name.clone(),
        _ => asset.name.clone(),
    }
}

/// Why it is not there, or was not read.
fn gone_or_unread(view: &ResourceView) -> AnyView {
    let last_read_at = view.last_read_at;
    match view.state.clone() {
        ResourceState::Read => ().into_any(),
        ResourceState::Unread { reason } => {
            let action = reason.action.map(|action| {
                view! { <p>"What would mend it: grant "<code class="id">{action}</code>"."</p> }
            });
            view! {
                <div class="unknown-card">
                    <ToneBadge tone=Tone::Unknown word="Could not be read".to_owned() />
                    <p>{reason.message}</p>
                    {action}
                    <p>"What this page shows of it was read on "<Moment at=last_read_at />"."</p>
                </div>
            }
            .into_any()
        }
        ResourceState::Deleted { after, by } => view! {
            <Notice kind=NoticeKind::Information>
                <p>
                    "Deleted between "<Moment at=after />" and "<Moment at=by />
                    ". The page stays, with what was known of it last."
                </p>
            </Notice>
        }
        .into_any(),
        ResourceState::OutOfScope { after, by } => view! {
            <Notice kind=NoticeKind::Information>
                <p>
                    "Its subscription was seen on "<Moment at=after />" and not any more on "<Moment at=by />
                    ". Whether the resource is still there, nobody can tell from here."
                </p>
            </Notice>
        }
        .into_any(),
    }
}

/// The findings of a resource that stand so.
fn list_href(view: &ResourceView, status: FindingStatus) -> String {
    findings_href(&FindingQuery {
        connection: Some(view.connection.slug.clone()),
        resource: Some(view.number),
        status,
        as_of: view.as_of.map(|as_of| as_of.moment),
        ..FindingQuery::default()
    })
}

#[component]
fn Findings(view: ResourceView) -> impl IntoView {
    let counts = view.counts;
    let links: Vec<_> = [
        (FindingStatus::Open, counts.open),
        (FindingStatus::Excepted, counts.excepted),
        (FindingStatus::Unknown, counts.unknown),
        (FindingStatus::Resolved, counts.resolved),
    ]
    .into_iter()
    .map(|(status, number)| {
        let word = format!("{} {}", count(number), status.label().to_lowercase());
        view! { <li><a href=list_href(&view, status)>{word}</a></li> }
    })
    .collect();
    let shown = u64::try_from(view.open.len()).unwrap_or_default();
    let more = (shown < counts.open)
        .then(|| view! { <p class="hint">{format!("These are the worst {shown} of {}.", count(counts.open))}</p> });
    let table = if view.open.is_empty() {
        let sentence = match &view.state {
            ResourceState::Read => "No open finding.",
            ResourceState::Unread { .. } => "No open finding; what it is now could not be read.",
            _ => "No open finding: it is gone.",
        };
        view! { <p>{sentence}</p> }.into_any()
    } else {
        let as_of = view.as_of.map(|as_of| as_of.moment);
        view! {
            <FindingTable
                rows=view.open.clone()
                caption="Open findings, the worst first; times in UTC".to_owned()
                of=FindingsOf::OneAsset
                as_of=as_of
            />
        }
        .into_any()
    };
    view! {
        <section class="panel" id="findings" aria-labelledby="findings-heading">
            <h2 id="findings-heading">"Findings"</h2>
            <ul class="ids" aria-label="Findings by how they stand">{links}</ul>
            {table}
            {more}
        </section>
    }
    .into_any()
}

#[component]
fn Exceptions(view: ResourceView) -> impl IntoView {
    if view.exceptions.is_empty() {
        return ().into_any();
    }
    let as_of = view.as_of.map(|as_of| as_of.moment);
    let items: Vec<_> = view
        .exceptions
        .iter()
        .map(|covering| {
            let exception = crate::address::exception_href(covering.exception, as_of);
            let finding = crate::address::finding_href(covering.finding, as_of);
            let until = crate::part::end(covering.until);
            view! {
                <li>
                    <a href=exception>{covering.exception.to_string()}</a>
                    {format!(" until {until}: ")}
                    <a href=finding>{covering.title.clone()}</a>
                    {format!(" ({})", covering.severity.label().to_lowercase())}
                </li>
            }
        })
        .collect();
    let number = u64::try_from(items.len()).unwrap_or_default();
    view! {
        <section class="panel" aria-labelledby="exceptions-heading">
            <h2 id="exceptions-heading">"Exceptions that cover it"</h2>
            <p>{format!("{} accepted, and not counted as open:", counted(number, "finding is", "findings are"))}</p>
            <ul class="plain">{items}</ul>
        </section>
    }
    .into_any()
}

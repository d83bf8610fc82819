//! The tree of a framework's controls: disclosures in lists.
//!
//! A framework has a thousand controls, so that what each adds to the page is kept small.

use leptos::prelude::*;
use postern_domain::framework::FrameworkId;
use postern_service::view::{ControlNode, ControlRowView, GroupView};
use time::OffsetDateTime;

use super::words::{StatusList, checks_in_words};
use crate::address::{FrameworkAddress, control_href, framework_href};
use crate::chart::FrameworkBar;
use crate::part::counted;

/// What all of the tree shares.
#[derive(Clone, Debug)]
pub struct Branches {
    /// The framework.
    pub framework: FrameworkId,
    /// The page's address.
    pub address: FrameworkAddress,
    /// The moment in the past that it is as of.
    pub as_of: Option<OffsetDateTime>,
    /// Whether all branches are open: by the address, or because filters left few of them.
    pub is_expanded: bool,
    /// Whether the parts of controls are in the page where nobody opened them too.
    pub holds_parts: bool,
}

/// The controls that a page holds with their parts; of more, the parts come with the control that is opened.
const MOST_WITH_PARTS: u64 = 400;

impl Branches {
    /// What branches of so many controls share.
    pub fn of(
        framework: FrameworkId,
        address: FrameworkAddress,
        as_of: Option<OffsetDateTime>,
        (controls, is_filtered): (u64, bool),
    ) -> Self {
        Self {
            framework,
            is_expanded: address.is_expanded || is_filtered,
            holds_parts: controls <= MOST_WITH_PARTS,
            address,
            as_of,
        }
    }

    fn is_opened(&self, id: &str) -> bool {
        self.address.open.iter().any(|open| open == id)
    }

    fn open(&self, id: &str) -> Option<&'static str> {
        (self.is_expanded || self.is_opened(id)).then_some("")
    }

    /// The address of this page with one more branch open.
    fn with(&self, id: &str) -> String {
        let mut address = self.address.clone();
        if !self.is_opened(id) {
            address.open.push(id.to_owned());
        }
        framework_href(&self.framework, &address, self.as_of)
    }
}

/// The tree.
#[component]
pub fn Tree(
    /// The groups.
    groups: Vec<GroupView>,
    /// Controls of no group.
    controls: Vec<ControlNode>,
    /// What they share.
    branches: Branches,
) -> impl IntoView {
    view! {
        <ul class="tree">
            {groups.into_iter().map(|group| group_view(group, &branches)).collect::<Vec<_>>()}
            {controls.into_iter().map(|node| control_view(node, &branches)).collect::<Vec<_>>()}
        </ul>
    }
    .into_any()
}

fn group_view(group: GroupView, branches: &Branches) -> AnyView {
    let GroupView { id, title, statuses, groups, controls } = group;
    let name = match title {
        Some(title) if title != id => format!("{id} {title}"),
        _ => id.clone(),
    };
    // Where a branch was opened by hand, the address does not know of it yet.
    let link = (!branches.is_opened(&id) && !branches.is_expanded).then(|| {
        let label = format!("Link to {name}, opened");
        view! { <p class="branch-link"><a href=branches.with(&id) aria-label=label>"Link to this branch"</a></p> }
    });
    view! {
        <li>
            <details open=branches.open(&id)>
                <summary>
                    <span class="branch-name">{name}</span>
                    <span class="branch-bar"><FrameworkBar statuses=statuses /></span>
                    <StatusWords statuses=statuses />
                </summary>
                <ul>
                    {groups.into_iter().map(|group| group_view(group, branches)).collect::<Vec<_>>()}
                    {controls.into_iter().map(|node| control_view(node, branches)).collect::<Vec<_>>()}
                </ul>
                {link}
            </details>
        </li>
    }
    .into_any()
}

/// The counts of a branch in words; a summary holds no list.
#[component]
fn StatusWords(statuses: postern_domain::framework::StatusCounts) -> impl IntoView {
    view! { <span class="branch-counts">{crate::chart::statuses_in_words(&statuses)}</span> }
}

fn control_view(node: ControlNode, branches: &Branches) -> AnyView {
    let ControlNode { control, parts, .. } = node;
    let parts = (!parts.is_empty()).then(|| {
        let summary =
            counted(u64::try_from(parts.len()).unwrap_or_default(), "part", "parts");
        let label = format!("{summary} of {}", control.id);
        let id = control.id.as_str();
        if !branches.holds_parts && !branches.is_opened(id) {
            return view! { <p class="parts"><a href=branches.with(id)>{label}</a></p> }.into_any();
        }
        view! {
            <details class="parts" open=branches.open(id)>
                <summary>{label}</summary>
                <ul>{parts.into_iter().map(|part| control_view(part, branches)).collect::<Vec<_>>()}</ul>
            </details>
        }
        .into_any()
    });
    control_item(&control, branches, parts)
}

/// A control in one line, with its parts under it.
fn control_item(control: &ControlRowView, branches: &Branches, parts: Option<AnyView>) -> AnyView {
    let connection = branches.address.connection.as_deref();
    let to = control_href(&branches.framework, &control.id, connection, branches.as_of);
    let checks = checks_in_words(control);
    let mut status = control.status.label().to_owned();
    if !checks.is_empty() {
        status = format!("{status}: {checks}");
    }
    view! {
        <li class="control" data-status=control.status.as_str()>
            <a href=to>{control.id.to_string()}</a>
            <span>{control.words.clone()}</span>
            <span>{status}</span>
            {parts}
        </li>
    }
    .into_any()
}

/// The parts of a control, or others, as a plain list.
#[component]
pub fn ControlList(
    /// The controls.
    controls: Vec<ControlRowView>,
    /// What they share.
    branches: Branches,
) -> impl IntoView {
    let items: Vec<_> =
        controls.iter().map(|control| control_item(control, &branches, None)).collect();
    view! { <ul class="tree">{items}</ul> }.into_any()
}

/// The counts of all controls as a bar with its words.
#[component]
pub fn WholeBar(
    /// The controls.
    statuses: postern_domain::framework::StatusCounts,
) -> impl IntoView {
    let label = format!(
        "{}: {}",
        counted(statuses.total(), "control", "controls"),
        crate::chart::statuses_in_words(&statuses)
    );
    view! {
        <FrameworkBar statuses=statuses label=label />
        <StatusList statuses=statuses />
    }
    .into_any()
}

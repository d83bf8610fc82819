//! Frameworks, their controls, and what is evidence for them.

use postern_domain::framework::{
    ControlId, ControlKind, ControlStatus, FrameworkId, KindCounts, MappingOrigin, StatusCounts,
    Tally,
};
use postern_domain::id::RuleId;
use postern_domain::verdict::{Severity, Topic};
use serde::Serialize;
use time::OffsetDateTime;

use super::{AsOfView, ConnectionChoice, FindingRowView, TeamView};

/// What a page of frameworks is about: a connection, at a moment, of somebody's assets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssessedView {
    /// The moment in the past that all is as of; `None` for now.
    pub as_of: Option<AsOfView>,
    /// The teams whose assets are looked at alone; `None` where all are.
    pub limited_to: Option<Vec<TeamView>>,
    /// The connection, among all.
    pub connections: ConnectionChoice,
    /// When the snapshot that was judged was finished; `None` where nothing was judged yet.
    pub read_at: Option<OffsetDateTime>,
    /// Lists of Azure's resources that were not read to their end, and may hide some.
    pub unread_lists: u64,
}

/// All frameworks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrameworksView {
    /// What it is about.
    pub assessed: AssessedView,
    /// The frameworks, in their order.
    pub frameworks: Vec<FrameworkRowView>,
}

/// A framework with what can be said of its controls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FrameworkRowView {
    /// The id, which names the version too.
    pub id: FrameworkId,
    /// What people call it.
    pub name: String,
    /// Its version or date.
    pub version: String,
    /// Who publishes it.
    pub publisher: String,
    /// Its controls by status.
    pub statuses: StatusCounts,
    /// Its controls by how they are assessed.
    pub kinds: KindCounts,
}

/// Which controls a page holds: each filter lets all through where it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ControlQuery {
    /// Their statuses.
    pub statuses: Vec<ControlStatus>,
    /// How they are assessed.
    pub kinds: Vec<ControlKind>,
    /// What their id or their words hold, ignoring case.
    pub text: Option<String>,
}

impl ControlQuery {
    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A framework as the tree of its controls.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrameworkView {
    /// What it is about.
    pub assessed: AssessedView,
    /// The framework; its counts are of all its controls, whatever the filters.
    pub framework: FrameworkRowView,
    /// The address to read it at.
    pub source: String,
    /// Under which terms its ids and titles are here.
    pub licence: String,
    /// Who maps rules to its controls.
    pub mapping: String,
    /// Which controls are in the tree.
    pub query: ControlQuery,
    /// How many that are.
    pub matching: u32,
    /// The tree: groups with what is in them, those without anything left out.
    pub groups: Vec<GroupView>,
    /// Controls of no group.
    pub controls: Vec<ControlNode>,
}

/// A group of controls.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupView {
    /// The id within the framework.
    pub id: String,
    /// The published title, where it may be repeated.
    pub title: Option<String>,
    /// The controls in it and in its groups that the filters let through, by status.
    pub statuses: StatusCounts,
    /// Groups in it.
    pub groups: Vec<GroupView>,
    /// Controls in it.
    pub controls: Vec<ControlNode>,
}

/// A control with those that are parts of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ControlNode {
    /// The control.
    pub control: ControlRowView,
    /// Whether the filters let it through; else it is there for its parts.
    pub is_matching: bool,
    /// Its parts.
    pub parts: Vec<ControlNode>,
}

/// A control in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ControlRowView {
    /// The id as published.
    pub id: ControlId,
    /// The published title; where it must not be repeated, what is looked at in words of our own.
    pub words: String,
    /// How it is assessed.
    pub kind: ControlKind,
    /// What can be said of it.
    pub status: ControlStatus,
    /// The verdicts of its rules together.
    pub tally: Tally,
}

/// A control with what is evidence for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ControlView {
    /// What it is about.
    pub assessed: AssessedView,
    /// The framework.
    pub framework: FrameworkRowView,
    /// The address to read the framework at.
    pub source: String,
    /// Who maps rules to its controls.
    pub mapping: String,
    /// The control.
    pub control: ControlRowView,
    /// The published title, where it may be repeated.
    pub title: Option<String>,
    /// The groups that it is in, the outermost first: ids and titles.
    pub groups: Vec<(String, Option<String>)>,
    /// The control that it is a part of.
    pub parent: Option<ControlRowView>,
    /// Its parts.
    pub parts: Vec<ControlRowView>,
    /// What is looked at, in words of our own.
    pub description: Option<String>,
    /// What is not covered, what a person has to look at, or why it cannot be assessed.
    pub reason: Option<String>,
    /// Where its id and title come from, where that is not as the framework's licence says.
    pub provenance: Option<String>,
    /// The rules that are evidence for it.
    pub rules: Vec<MappedRuleView>,
    /// Findings of these rules that are open and not accepted, the worst first.
    pub open: Vec<FindingRowView>,
    /// How many there are of them.
    pub open_total: u64,
}

/// A rule that is evidence for a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MappedRuleView {
    /// The rule.
    pub rule: RuleId,
    /// What it says of itself; `None` where no pack that judged has it.
    pub described: Option<(String, Severity, Topic)>,
    /// Who says that it is evidence.
    pub origin: MappingOrigin,
    /// Its verdicts; `None` where it did not run.
    pub tally: Option<Tally>,
}

//! One framework, as the tree of its controls.

use std::collections::BTreeMap;

use postern_domain::framework::{
    Control, ControlAssessment, ControlId, Framework, FrameworkId, StatusCounts,
};
use postern_store::read;
use time::OffsetDateTime;

use super::list::{assess, row_view};
use crate::Postern;
use crate::read::{ReadError, choose};
use crate::view::{ControlNode, ControlQuery, ControlRowView, FrameworkView, GroupView};

/// A framework, as a connection stands, with the controls that `query` lets through; `None` where there is no such framework
/// or no such connection.
pub async fn show_framework(
    postern: &Postern,
    connection: Option<&str>,
    framework: &FrameworkId,
    query: ControlQuery,
    as_of: Option<OffsetDateTime>,
) -> Result<Option<FrameworkView>, ReadError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(chosen) = choose(&mut transaction, connection).await? else { return Ok(None) };
    let (assessed, judged) = assess(postern, &mut transaction, chosen, as_of).await?;
    let Some(found) = judged.rulebook.catalogue().framework(framework) else { return Ok(None) };
    let tree = Tree::of(found, found.assess(|rule| judged.states.of(rule)), &query);
    let groups = tree.groups(None);
    let controls = tree.controls(None, None);
    let alone = count(&controls);
    let matching = groups.iter().fold(alone, |sum, group| sum.plus(group.statuses)).total();
    Ok(Some(FrameworkView {
        framework: row_view(found, &judged.states),
        source: found.source().to_owned(),
        licence: found.licence().to_owned(),
        mapping: found.mapping().to_owned(),
        matching,
        groups,
        controls,
        query,
        assessed,
    }))
}

/// What lists say of a control.
pub(super) fn control_view(assessed: &ControlAssessment<'_>) -> ControlRowView {
    let control = assessed.control;
    ControlRowView {
        id: control.id().clone(),
        words: words(control).to_owned(),
        kind: control.kind(),
        status: assessed.status,
        tally: assessed.tally,
    }
}

/// Its title; where that must not be repeated, what is looked at, or what would have to be.
fn words(control: &Control) -> &str {
    control
        .title()
        .or_else(|| control.description())
        .or_else(|| control.assessment().reason())
        .unwrap_or_default()
}

/// The controls of a framework by what they are in.
struct Tree<'a> {
    framework: &'a Framework,
    query: &'a ControlQuery,
    /// In the framework's order: of a group and no control, or of a control.
    assessed: BTreeMap<(Option<&'a str>, Option<&'a ControlId>), Vec<ControlAssessment<'a>>>,
}

impl<'a> Tree<'a> {
    fn of(
        framework: &'a Framework,
        assessed: Vec<ControlAssessment<'a>>,
        query: &'a ControlQuery,
    ) -> Self {
        let mut by_place: BTreeMap<_, Vec<ControlAssessment<'a>>> = BTreeMap::new();
        for one in assessed {
            let parent = one.control.parent();
            // A part is where its whole is, whatever group it names.
            let group = if parent.is_none() { one.control.group() } else { None };
            by_place.entry((group, parent)).or_default().push(one);
        }
        Self { framework, query, assessed: by_place }
    }

    fn groups(&self, parent: Option<&str>) -> Vec<GroupView> {
        let within = self.framework.groups().iter().filter(|group| group.parent() == parent);
        let views = within.map(|group| {
            let groups = self.groups(Some(group.id()));
            let controls = self.controls(Some(group.id()), None);
            let own = count(&controls);
            GroupView {
                id: group.id().to_owned(),
                title: group.title().map(str::to_owned),
                statuses: groups.iter().fold(own, |sum, group| sum.plus(group.statuses)),
                groups,
                controls,
            }
        });
        views.filter(|group| group.statuses.total() > 0).collect()
    }

    fn controls(&self, group: Option<&str>, parent: Option<&ControlId>) -> Vec<ControlNode> {
        let Some(found) = self.assessed.get(&(group, parent)) else { return Vec::new() };
        let nodes = found.iter().map(|one| {
            let control = control_view(one);
            ControlNode {
                is_matching: lets_through(self.query, &control),
                parts: self.controls(None, Some(one.control.id())),
                control,
            }
        });
        nodes.filter(|node| node.is_matching || !node.parts.is_empty()).collect()
    }
}

/// The controls that match, and their parts that do.
fn count(nodes: &[ControlNode]) -> StatusCounts {
    nodes.iter().fold(StatusCounts::default(), |sum, node| {
        let mut own = count(&node.parts);
        if node.is_matching {
            own.add(node.control.status);
        }
        sum.plus(own)
    })
}

fn lets_through(query: &ControlQuery, control: &ControlRowView) -> bool {
    let says = |text: &String| {
        let wanted = text.to_lowercase();
        control.id.as_str().to_lowercase().contains(&wanted)
            || control.words.to_lowercase().contains(&wanted)
    };
    (query.statuses.is_empty() || query.statuses.contains(&control.status))
        && (query.kinds.is_empty() || query.kinds.contains(&control.kind))
        && query.text.as_ref().is_none_or(says)
}

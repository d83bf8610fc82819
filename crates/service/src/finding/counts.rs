//! The counts beside a list of findings: each filter's choices, counted under the other filters.

use std::collections::BTreeSet;

use postern_domain::arm::{AssetId, AssetType, JUDGED_TYPES};
use postern_domain::team::TeamId;
use postern_domain::verdict::{Severity, Topic};
use postern_store::read::finding::FindingGroup;

use crate::exception::{Effect, Effects};
use crate::view::{FindingQuery, FindingStatus};

/// A group of findings with its topic.
pub(super) struct TopicGroup {
    pub(super) group: FindingGroup,
    pub(super) topic: Topic,
    /// Whether they are accepted.
    pub(super) is_excepted: bool,
}

/// Every count of a list.
pub(super) struct Counts {
    pub(super) statuses: Vec<(FindingStatus, u64)>,
    pub(super) severities: Vec<(Severity, u64)>,
    pub(super) topics: Vec<(Topic, u64)>,
    pub(super) asset_types: Vec<(AssetType, u64)>,
    pub(super) owners: Vec<(Option<TeamId>, u64)>,
    pub(super) total: u64,
}

/// A filter that the groups can tell apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Facet {
    Status,
    Severity,
    Topic,
    AssetType,
    Owner,
}

/// Whether a status lets a group through.
fn stands(status: FindingStatus, group: &TopicGroup) -> bool {
    let is_excepted = match status {
        FindingStatus::Open => false,
        FindingStatus::Excepted => true,
        FindingStatus::Unknown | FindingStatus::Resolved | FindingStatus::All => group.is_excepted,
    };
    let standing = group.group.state.standing();
    is_excepted == group.is_excepted && status.standing().is_none_or(|wanted| wanted == standing)
}

/// Takes what is accepted, under the query's text, rule and asset, out of the groups; gives it as groups of its own.
pub(super) fn keep_apart(
    groups: &mut [FindingGroup],
    effects: &Effects,
    query: &FindingQuery,
    asset: Option<&AssetId>,
) -> Vec<FindingGroup> {
    // As the database compares: without case.
    let text = query.text.as_ref().map(|text| text.to_lowercase());
    let mut excepted: Vec<FindingGroup> = Vec::new();
    for Effect { finding, .. } in effects.excepted() {
        let is_admitted = query.rule.as_ref().is_none_or(|rule| *rule == finding.rule)
            && asset.is_none_or(|asset| *asset == finding.asset)
            && text.as_ref().is_none_or(|text| finding.asset_name.contains(text));
        if !is_admitted {
            continue;
        }
        let is_same = |group: &&mut FindingGroup| {
            (group.state, group.severity) == (finding.state, finding.severity)
                && group.rule == finding.rule
                && group.asset_type == finding.asset_type
                && group.owner == finding.owner
        };
        if let Some(group) = groups.iter_mut().find(is_same) {
            group.count = group.count.saturating_sub(1);
        }
        match excepted.iter_mut().find(is_same) {
            Some(group) => group.count += 1,
            None => excepted.push(FindingGroup {
                state: finding.state,
                severity: finding.severity,
                rule: finding.rule.clone(),
                asset_type: finding.asset_type.clone(),
                owner: finding.owner.clone(),
                count: 1,
            }),
        }
    }
    excepted
}

/// Sums up the groups, which are under the filters for text and rule already.
pub(super) fn count(groups: &[TopicGroup], query: &FindingQuery) -> Counts {
    let sum = |leave_out: Option<Facet>, wanted: &dyn Fn(&TopicGroup) -> bool| -> u64 {
        groups
            .iter()
            .filter(|group| lets_through(query, leave_out, group) && wanted(group))
            .map(|group| group.group.count)
            .sum()
    };
    Counts {
        statuses: FindingStatus::ALL
            .iter()
            .map(|status| {
                let wanted = |group: &TopicGroup| stands(*status, group);
                (*status, sum(Some(Facet::Status), &wanted))
            })
            .collect(),
        severities: Severity::ALL
            .iter()
            .map(|severity| {
                let wanted = |group: &TopicGroup| group.group.severity == *severity;
                (*severity, sum(Some(Facet::Severity), &wanted))
            })
            .collect(),
        topics: Topic::ALL
            .iter()
            .map(|topic| (*topic, sum(Some(Facet::Topic), &|group| group.topic == *topic)))
            .collect(),
        asset_types: shown_types(groups, query)
            .into_iter()
            .map(|asset_type| {
                let count =
                    sum(Some(Facet::AssetType), &|group| group.group.asset_type == asset_type);
                (asset_type, count)
            })
            .collect(),
        owners: shown_owners(groups, query)
            .into_iter()
            .map(|owner| {
                let count = sum(Some(Facet::Owner), &|group| group.group.owner == owner);
                (owner, count)
            })
            .collect(),
        total: sum(None, &|_| true),
    }
}

/// The groups that a query lets through.
pub(super) fn matching<'a>(
    groups: &'a [TopicGroup],
    query: &'a FindingQuery,
) -> impl Iterator<Item = &'a FindingGroup> {
    groups.iter().filter(|group| lets_through(query, None, group)).map(|group| &group.group)
}

fn lets_through(query: &FindingQuery, leave_out: Option<Facet>, group: &TopicGroup) -> bool {
    fn passes<T: PartialEq>(allowed: &[T], value: &T) -> bool {
        allowed.is_empty() || allowed.contains(value)
    }
    let is_left_out = |facet| leave_out == Some(facet);
    (is_left_out(Facet::Status) || stands(query.status, group))
        && (is_left_out(Facet::Severity) || passes(&query.severities, &group.group.severity))
        && (is_left_out(Facet::Topic) || passes(&query.topics, &group.topic))
        && (is_left_out(Facet::AssetType) || passes(&query.asset_types, &group.group.asset_type))
        && (is_left_out(Facet::Owner) || passes(&query.owners, &group.group.owner))
}

/// The teams that findings or filters name, by id, and what is nobody's last; none where all is nobody's.
fn shown_owners(groups: &[TopicGroup], query: &FindingQuery) -> Vec<Option<TeamId>> {
    let found = groups.iter().map(|group| &group.group.owner).chain(&query.owners);
    let mut owners: Vec<Option<TeamId>> =
        found.collect::<BTreeSet<_>>().into_iter().cloned().collect();
    // Nothing sorts before something.
    if owners.first() == Some(&None) {
        owners.rotate_left(1);
    }
    if owners.len() == 1 && query.owners.is_empty() && owners[0].is_none() {
        Vec::new()
    } else {
        owners
    }
}

/// The types that findings or filters name: those that Postern judges first, in their order.
fn shown_types(groups: &[TopicGroup], query: &FindingQuery) -> Vec<AssetType> {
    let found = groups.iter().map(|group| &group.group.asset_type).chain(&query.asset_types);
    let distinct: BTreeSet<&AssetType> = found.collect();
    let mut types: Vec<AssetType> = distinct.into_iter().cloned().collect();
    types.sort_by_key(|asset_type| {
        let position = JUDGED_TYPES.iter().position(|judged| *judged == asset_type.as_str());
        position.unwrap_or(JUDGED_TYPES.len())
    });
    types
}

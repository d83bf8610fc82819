//! Lists of findings summed up by rule, resource or owner.
//!
//! Rules and owners are few, and are summed up from the groups that the counts beside the list come from; resources are
//! many, and come page by page.

use std::collections::BTreeMap;

use postern_domain::id::{FindingId, RuleId};
use postern_domain::team::TeamId;
use postern_domain::verdict::Severity;
use postern_store::read::finding::{FindingFilter, by_asset};
use postern_store::{PgConnection, read};

use super::counts::{TopicGroup, matching};
use super::cursor;
use super::list::{List, Listed, truncate};
use crate::read::{Names, ReadError, asset_view};
use crate::view::{FindingGroupView, FindingQuery, GroupOf};

/// How many of each severity.
type PerSeverity = BTreeMap<Severity, u64>;

/// A page of the resources: in the order of each one's first finding in the list.
pub(super) async fn by_resource(
    connection: &mut PgConnection,
    list: &List<'_>,
    names: &Names,
) -> Result<Listed, ReadError> {
    let List { name, filter, query } = list;
    let after = query.after.as_deref().and_then(|text| cursor::decode(text, name));
    let mut firsts = by_asset::firsts(connection, filter, after, query.limit + 1).await?;
    let has_next = truncate(&mut firsts, query.limit);
    let next = firsts.last().filter(|_| has_next).map(|key| cursor::encode(*key, name));
    let ids: Vec<FindingId> = firsts.iter().map(|key| key.id).collect();
    let mut counted: BTreeMap<FindingId, PerSeverity> = BTreeMap::new();
    for (finding, severity, count) in by_asset::counts(connection, filter, &ids).await? {
        *counted.entry(finding).or_default().entry(severity).or_default() += count;
    }
    // Each resource is named by its first finding, of which a page of findings knows all.
    let only: FindingFilter = FindingFilter::clone(filter).only(ids);
    let records = read::finding::page(connection, &only, None, query.limit).await?;
    let groups = records.into_iter().map(|record| {
        let severities = counted.remove(&record.key.id).unwrap_or_default();
        let asset = asset_view(record.identity, &names.subscriptions);
        group(GroupOf::Resource { number: record.number, asset }, &severities)
    });
    let (group_total, before) = by_asset::assets(connection, filter, after).await?;
    Ok(Listed {
        groups: groups.collect(),
        group_total,
        offset: before,
        next,
        is_later: after.is_some(),
        ..Listed::default()
    })
}

/// A page of the rules: those of which more of the worst fail come first.
pub(super) fn by_rule(
    list: &List<'_>,
    groups: &[TopicGroup],
    names: &Names,
) -> Result<Listed, ReadError> {
    let mut counted: BTreeMap<&RuleId, PerSeverity> = BTreeMap::new();
    for group in matching(groups, list.query) {
        let counts = counted.entry(&group.rule).or_default();
        *counts.entry(group.severity).or_default() += group.count;
    }
    let by_word = counted.into_iter().map(|(rule, severities)| {
        let title = names.rules.title(rule)?.to_owned();
        let of = GroupOf::Rule { rule: rule.clone(), title };
        Ok((rule.to_string(), group(of, &severities)))
    });
    Ok(worst_first(list, by_word.collect::<Result<_, ReadError>>()?))
}

/// A page of the owners: those of whose more of the worst fail come first, and what is nobody's last.
pub(super) fn by_owner(list: &List<'_>, groups: &[TopicGroup], names: &Names) -> Listed {
    let mut counted: BTreeMap<Option<&TeamId>, PerSeverity> = BTreeMap::new();
    for group in matching(groups, list.query) {
        let counts = counted.entry(group.owner.as_ref()).or_default();
        *counts.entry(group.severity).or_default() += group.count;
    }
    let by_word = counted.into_iter().map(|(owner, severities)| {
        let word = owner.map_or(TeamId::NOBODY, TeamId::as_str).to_owned();
        let of = GroupOf::Owner(owner.map(|owner| names.teams.view(owner.clone())));
        (word, group(of, &severities))
    });
    worst_first(list, by_word.collect())
}

/// Puts groups, each with the word that tells it from the others, in order and takes a page of them.
fn worst_first(list: &List<'_>, mut groups: Vec<(String, FindingGroupView)>) -> Listed {
    groups.retain(|(_, group)| group.total > 0);
    groups.sort_by(|(a, one), (b, other)| {
        let is_nobodys = |group: &FindingGroupView| group.of == GroupOf::Owner(None);
        let numbers = |group: &FindingGroupView| -> Vec<u64> {
            group.severities.iter().map(|(_, count)| *count).collect()
        };
        is_nobodys(one)
            .cmp(&is_nobodys(other))
            .then_with(|| numbers(other).cmp(&numbers(one)))
            .then_with(|| a.cmp(b))
    });
    let FindingQuery { after, limit, .. } = list.query;
    let word_before =
        after.as_deref().and_then(|text| text.strip_prefix(&format!("{}-", list.name)));
    let place = word_before.and_then(|it| groups.iter().position(|(word, _)| word == it));
    let offset = place.map_or(0, |place| place + 1);
    let group_total = u64::try_from(groups.len()).unwrap_or_default();
    let mut page = groups.split_off(offset);
    let has_next = truncate(&mut page, *limit);
    let next = page.last().filter(|_| has_next).map(|(word, _)| format!("{}-{word}", list.name));
    Listed {
        groups: page.into_iter().map(|(_, group)| group).collect(),
        group_total,
        offset: u64::try_from(offset).unwrap_or_default(),
        next,
        is_later: place.is_some(),
        ..Listed::default()
    }
}

fn group(of: GroupOf, counts: &PerSeverity) -> FindingGroupView {
    let count = |severity: &Severity| counts.get(severity).copied().unwrap_or_default();
    let severities: Vec<_> = Severity::ALL.iter().map(|it| (*it, count(it))).collect();
    FindingGroupView { of, total: severities.iter().map(|(_, count)| count).sum(), severities }
}

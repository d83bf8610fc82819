//! The list of findings.

use std::collections::BTreeSet;

use postern_domain::arm::AssetId;
use postern_domain::finding::FindingState;
use postern_domain::id::{ConnectionId, RuleId};
use postern_domain::person::Sight;
use postern_domain::team::TeamId;
use postern_store::read::finding::{FindingFilter, FindingGroup, FindingRecord};
use postern_store::read::tally::RuleTally;
use postern_store::{PgConnection, read};

use super::counts::{self, Counts, TopicGroup};
use super::{cursor, grouped};
use crate::Postern;
use crate::exception::Effects;
use crate::moment::{Shown, shown};
use crate::read::{
    Chosen, Names, ReadError, RuleTitles, SubscriptionNames, TeamNames, asset_view, choose,
};
use crate::view::{
    FindingGroupView, FindingGrouping, FindingQuery, FindingRowView, FindingStatus, FindingsView,
    Seen,
};

/// So few assets are quicker looked for by id than met on the way through a list by its order.
const FEW_ASSETS: usize = 200;

/// Rows on a page at most: more is slow to draw, and no one reads it.
pub const MAX_ROWS: u32 = 200;

/// A page of the findings that `query` asks for; `None` where there is no such connection, or none yet.
///
/// A cursor of another query, or what is no cursor at all, gives the first page.
pub async fn list_findings(
    postern: &Postern,
    query: FindingQuery,
) -> Result<Option<FindingsView>, ReadError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(asked) = ask(postern, &mut transaction, query).await? else { return Ok(None) };
    let Asked { chosen, mut query, filter, names, shown, effects, groups, counts } = asked;
    let list = List { name: cursor::list_name(chosen.id, &query), filter, query: &query };
    let listed = match query.group {
        _ if counts.total == 0 => Listed::default(),
        None => findings(&mut transaction, &list, &names, &effects).await?,
        Some(FindingGrouping::Resource) => {
            grouped::by_resource(&mut transaction, &list, &names).await?
        }
        Some(FindingGrouping::Rule) => grouped::by_rule(&list, &groups, &names)?,
        Some(FindingGrouping::Owner) => grouped::by_owner(&list, &groups, &names),
    };
    if !listed.is_later {
        query.after = None;
    }
    let seen = shown.evaluation.as_ref().map(|it| Seen { at: postern.now(), evaluation: it.id });
    Ok(Some(FindingsView {
        as_of: shown.view(),
        limited_to: names.teams.limits(postern.sight()),
        connections: chosen.choice,
        status_counts: counts.statuses,
        severity_counts: counts.severities,
        topic_counts: counts.topics,
        type_counts: counts.asset_types,
        owner_counts: counts
            .owners
            .into_iter()
            .map(|(owner, count)| (owner.map(|owner| names.teams.view(owner)), count))
            .collect(),
        total: counts.total,
        rows: listed.rows,
        groups: listed.groups,
        group_total: listed.group_total,
        offset: listed.offset,
        next: listed.next,
        read_at: read::evaluation::read_at(&mut transaction, chosen.id, query.as_of).await?,
        seen: seen.filter(|_| query.as_of.is_none()),
        query,
    }))
}

/// What a query means: which findings it lets through, of those that whoever asks sees.
pub(super) struct Asked {
    pub(super) chosen: Chosen,
    /// What was asked, without what cannot be looked for.
    pub(super) query: FindingQuery,
    pub(super) filter: FindingFilter,
    pub(super) names: Names,
    pub(super) shown: Shown,
    pub(super) effects: Effects,
    /// What every count is summed from.
    pub(super) groups: Vec<TopicGroup>,
    pub(super) counts: Counts,
}

/// Finds out what a query means; `None` where there is no such connection, or none yet.
pub(super) async fn ask(
    postern: &Postern,
    transaction: &mut PgConnection,
    query: FindingQuery,
) -> Result<Option<Asked>, ReadError> {
    let Some(chosen) = choose(transaction, query.connection.as_deref()).await? else {
        return Ok(None);
    };
    let mut query = FindingQuery {
        limit: query.limit.clamp(1, MAX_ROWS),
        text: query.text.and_then(|text| searchable(&text)),
        ..query
    };
    let sight = postern.sight();
    let asked_for_owners = !query.owners.is_empty();
    // Not even a name is told of a team that is not seen.
    query.owners.retain(|owner| *sight == Sight::Everything || sight.holds(owner.as_ref()));
    let asset = asset_asked_for(transaction, chosen.id, &query).await?;
    // Of a resource that there is not, there is no finding either.
    let is_nothing = (asked_for_owners && query.owners.is_empty())
        || (query.resource.is_some() && asset.is_none());
    let shown = shown(postern, transaction, &chosen, query.as_of).await?;
    let now = postern.clock.now();
    let effects = Effects::load(transaction, chosen.id, query.as_of, now).await?;
    let all_by_name = match query.text {
        Some(_) => Some(postern.kept.named(transaction, chosen.id, query.as_of).await?),
        None => None,
    };
    let looked_through = all_by_name.as_deref().zip(query.text.as_deref());
    let holding = looked_through.map(|(all, text)| all.holding(text, asset.as_ref()));
    let mut groups = match &holding {
        Some(holding) => holding.groups(query.rule.as_ref()),
        None => groups(transaction, chosen.id, &query, asset.as_ref()).await?,
    };
    let mut excepted = counts::keep_apart(&mut groups, &effects, &query, asset.as_ref());
    for groups in [&mut groups, &mut excepted] {
        groups.retain(|group| !is_nothing && sight.holds(group.owner.as_ref()));
    }
    let rules = groups.iter().chain(&excepted).map(|group| &group.rule);
    let names = Names {
        rules: RuleTitles::load(postern, transaction, rules).await?,
        subscriptions: SubscriptionNames::load(transaction, chosen.id, query.as_of).await?,
        teams: TeamNames::load(transaction, query.as_of).await?,
    };
    let with_topic = |(group, is_excepted): (FindingGroup, bool)| {
        Ok(TopicGroup { topic: names.rules.topic(&group.rule)?, group, is_excepted })
    };
    let groups = groups
        .into_iter()
        .map(|group| (group, false))
        .chain(excepted.into_iter().map(|group| (group, true)))
        .map(with_topic)
        .collect::<Result<Vec<_>, ReadError>>()?;
    let counts = counts::count(&groups, &query);
    let all = FindingFilter::new(chosen.id).as_of(query.as_of);
    let all = match query.status {
        FindingStatus::Open => all.without(effects.excepted().map(|it| it.finding.finding)),
        FindingStatus::Excepted => all.only(effects.excepted().map(|it| it.finding.finding)),
        FindingStatus::Unknown | FindingStatus::Resolved | FindingStatus::All => all,
    };
    let filter = filter(all, &query, &groups);
    let filter = match (&asset, &holding) {
        (Some(asset), _) => filter.assets([asset]),
        (None, Some(few)) if few.assets().len() <= FEW_ASSETS => filter.assets(few.assets()),
        (None, _) => filter,
    };
    let filter = match sight.teams() {
        _ if is_nothing => filter.owners(&[]),
        None => filter,
        Some(teams) => within(filter, teams, &query.owners),
    };
    Ok(Some(Asked { chosen, query, filter, names, shown, effects, groups, counts }))
}

/// A list that is asked for.
pub(super) struct List<'a> {
    /// Its name in cursors.
    pub(super) name: String,
    /// What it lets through.
    pub(super) filter: FindingFilter,
    /// What was asked.
    pub(super) query: &'a FindingQuery,
}

/// A page of a list.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) rows: Vec<FindingRowView>,
    pub(super) groups: Vec<FindingGroupView>,
    pub(super) group_total: u64,
    /// How many come before.
    pub(super) offset: u64,
    pub(super) next: Option<String>,
    /// Whether the cursor of the query was one of this list.
    pub(super) is_later: bool,
}

async fn findings(
    connection: &mut PgConnection,
    list: &List<'_>,
    names: &Names,
    effects: &Effects,
) -> Result<Listed, ReadError> {
    let after = list.query.after.as_deref().and_then(|text| cursor::decode(text, &list.name));
    let offset = match after {
        Some(key) => read::finding::count_until(connection, &list.filter, key).await?,
        None => 0,
    };
    // One more than is shown tells whether there is a next page.
    let limit = list.query.limit;
    let mut records = read::finding::page(connection, &list.filter, after, limit + 1).await?;
    let has_next = truncate(&mut records, limit);
    let next = records.last().filter(|_| has_next).map(|it| cursor::encode(it.key, &list.name));
    let rows = records.into_iter().map(|record| row_view(record, names, effects));
    Ok(Listed {
        rows: rows.collect::<Result<_, _>>()?,
        offset,
        next,
        is_later: after.is_some(),
        ..Listed::default()
    })
}

/// Leaves as many as a page has; whether there were more.
pub(super) fn truncate<T>(rows: &mut Vec<T>, limit: u32) -> bool {
    let most = usize::try_from(limit).expect("at most 200");
    let has_next = rows.len() > most;
    rows.truncate(most);
    has_next
}

/// The asset of the resource that a query asks for; `None` where it asks for none, and where the connection has none such.
async fn asset_asked_for(
    connection: &mut PgConnection,
    of: ConnectionId,
    query: &FindingQuery,
) -> Result<Option<AssetId>, ReadError> {
    let Some(number) = query.resource else { return Ok(None) };
    let found = read::resource::find(connection, number).await?;
    Ok(found.filter(|(owner, _)| *owner == of).map(|(_, asset)| asset))
}

/// The findings in groups, under the query's rule and asset: from the tallies, unless assets are told apart.
async fn groups(
    connection: &mut PgConnection,
    of: ConnectionId,
    query: &FindingQuery,
    asset: Option<&AssetId>,
) -> Result<Vec<FindingGroup>, ReadError> {
    let FindingQuery { rule, as_of, .. } = query;
    if let Some(asset) = asset {
        let groups = read::finding::groups(connection, of, asset, rule.as_ref(), *as_of);
        return Ok(groups.await?);
    }
    let tallies = read::tally::list_by_owner(connection, of, *as_of).await?;
    let wanted = tallies
        .into_iter()
        .filter(|(tally, _)| rule.as_ref().is_none_or(|rule| tally.rule == *rule));
    let of_state = |(tally, owner): &(RuleTally, Option<TeamId>), state| FindingGroup {
        state,
        severity: tally.severity,
        rule: tally.rule.clone(),
        asset_type: tally.asset_type.clone(),
        owner: owner.clone(),
        count: u64::from(tally.tally.findings(state).unsigned_abs()),
    };
    Ok(wanted
        .flat_map(|tally| FindingState::ALL.iter().map(move |state| of_state(&tally, *state)))
        .filter(|group| group.count > 0)
        .collect())
}

/// Text to look for, without what Postgres text cannot hold.
fn searchable(text: &str) -> Option<String> {
    let text = text.replace('\0', "");
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A topic is no column: it is the rules that have it.
fn filter(all: FindingFilter, query: &FindingQuery, groups: &[TopicGroup]) -> FindingFilter {
    let mut filter = match query.status.standing() {
        Some(standing) => all.standing(standing),
        None => all,
    };
    if !query.severities.is_empty() {
        filter = filter.severities(&query.severities);
    }
    if !query.asset_types.is_empty() {
        filter = filter.asset_types(&query.asset_types);
    }
    if !query.owners.is_empty() {
        filter = filter.owners(&query.owners);
    }
    if let Some(text) = &query.text {
        filter = filter.text(text);
    }
    if query.rule.is_some() || !query.topics.is_empty() {
        let has_topic =
            |group: &&TopicGroup| query.topics.is_empty() || query.topics.contains(&group.topic);
        // The groups hold the rule asked for alone, where one is.
        let mut rules: Vec<RuleId> =
            groups.iter().filter(has_topic).map(|group| group.group.rule.clone()).collect();
        rules.sort();
        rules.dedup();
        filter = filter.rules(&rules);
    }
    filter
}

/// Only what somebody sees; `owners` are those that they ask for, all where there are none.
fn within(
    filter: FindingFilter,
    teams: &BTreeSet<TeamId>,
    owners: &[Option<TeamId>],
) -> FindingFilter {
    let seen = teams.iter().cloned().map(Some);
    let asked = |owner: &Option<TeamId>| owners.is_empty() || owners.contains(owner);
    filter.owners(&seen.filter(asked).collect::<Vec<_>>())
}

/// A finding as lists show it.
pub(crate) fn row_view(
    record: FindingRecord,
    names: &Names,
    effects: &Effects,
) -> Result<FindingRowView, ReadError> {
    Ok(FindingRowView {
        id: record.key.id,
        title: names.rules.title(&record.rule)?.to_owned(),
        topic: names.rules.topic(&record.rule)?,
        rule: record.rule,
        severity: record.severity,
        state: record.state,
        effective: effects.status(record.key.id, record.state),
        owner: record.owner.map(|owner| names.teams.view(owner)),
        summary: record.summary,
        resource: record.number,
        asset: asset_view(record.identity, &names.subscriptions),
        first_seen_at: record.first_seen_at,
        opened_at: record.key.opened_at,
        changed_at: record.changed_at,
    })
}

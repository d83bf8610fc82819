//! The list of findings.

use postern_domain::id::RuleId;
use postern_store::read;
use postern_store::read::finding::{FindingFilter, FindingRecord};

use super::counts::{self, TopicGroup};
use super::cursor;
use crate::Postern;
use crate::read::{Names, ReadError, RuleTitles, SubscriptionNames, asset_view, choose};
use crate::view::{FindingQuery, FindingRowView, FindingsView};

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
    let Some(chosen) = choose(&mut transaction, query.connection.as_deref()).await? else {
        return Ok(None);
    };
    let mut query = FindingQuery {
        limit: query.limit.clamp(1, MAX_ROWS),
        text: query.text.and_then(|text| searchable(&text)),
        ..query
    };
    let groups = read::finding::groups(
        &mut transaction,
        chosen.id,
        query.text.as_deref(),
        query.rule.as_ref(),
    )
    .await?;
    let rules = groups.iter().map(|group| &group.rule);
    let names = Names {
        rules: RuleTitles::load(postern, &mut transaction, rules).await?,
        subscriptions: SubscriptionNames::load(&mut transaction, chosen.id).await?,
    };
    let groups = groups
        .into_iter()
        .map(|group| Ok(TopicGroup { topic: names.rules.topic(&group.rule)?, group }))
        .collect::<Result<Vec<_>, ReadError>>()?;
    let counts = counts::count(&groups, &query);

    let filter = filter(FindingFilter::new(chosen.id), &query, &groups);
    let list = cursor::list_name(chosen.id, &query);
    let after = query.after.as_deref().and_then(|text| cursor::decode(text, &list));
    if after.is_none() {
        query.after = None;
    }
    let offset = match after {
        Some(key) => read::finding::count_until(&mut transaction, &filter, key).await?,
        None => 0,
    };
    // One more than is shown tells whether there is a next page.
    let mut records =
        read::finding::page(&mut transaction, &filter, after, query.limit + 1).await?;
    let shown = usize::try_from(query.limit).expect("at most 200");
    let has_next = records.len() > shown;
    records.truncate(shown);
    let next = records.last().filter(|_| has_next).map(|last| cursor::encode(last.key, &list));
    let rows = records
        .into_iter()
        .map(|record| row_view(record, &names))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Some(FindingsView {
        connections: chosen.choice,
        status_counts: counts.statuses,
        severity_counts: counts.severities,
        topic_counts: counts.topics,
        type_counts: counts.asset_types,
        total: counts.total,
        rows,
        offset,
        next,
        read_at: read::evaluation::read_at(&mut transaction, chosen.id).await?,
        query,
    }))
}

/// Text to look for, without what Postgres text cannot hold.
fn searchable(text: &str) -> Option<String> {
    let text = text.replace('\0', "");
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A topic is no column: it is the rules that have it.
fn filter(all: FindingFilter, query: &FindingQuery, groups: &[TopicGroup]) -> FindingFilter {
    let mut filter = all.states(counts::states(query.status));
    if !query.severities.is_empty() {
        filter = filter.severities(&query.severities);
    }
    if !query.asset_types.is_empty() {
        filter = filter.asset_types(&query.asset_types);
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

/// A finding as lists show it.
pub(super) fn row_view(record: FindingRecord, names: &Names) -> Result<FindingRowView, ReadError> {
    Ok(FindingRowView {
        id: record.key.id,
        title: names.rules.title(&record.rule)?.to_owned(),
        topic: names.rules.topic(&record.rule)?,
        rule: record.rule,
        severity: record.severity,
        state: record.state,
        summary: record.summary,
        asset: asset_view(record.identity, &names.subscriptions),
        first_seen_at: record.first_seen_at,
        opened_at: record.key.opened_at,
        changed_at: record.changed_at,
    })
}

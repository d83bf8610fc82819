//! A list of findings as a whole, whatever its page: what a file of it holds, and how it says so.

use postern_domain::id::FindingId;
use postern_domain::verdict::{Severity, Topic};
use postern_report::model::ReportFilter;
use postern_store::{PgConnection, read};
use time::OffsetDateTime;

use super::list::{Asked, ask};
use crate::Postern;
use crate::read::{Names, ReadError};
use crate::view::{FindingQuery, FindingStatus};

/// All that a list lets through.
pub(crate) struct Whole {
    /// The findings, in no order.
    pub(crate) findings: Vec<FindingId>,
    /// What they had to be; none where every finding is let through.
    pub(crate) filters: Vec<ReportFilter>,
}

/// All that a list lets through as of a moment.
pub(crate) async fn list_all(
    postern: &Postern,
    session: &mut PgConnection,
    query: FindingQuery,
    at: OffsetDateTime,
) -> Result<Whole, ReadError> {
    let slug = query.connection.clone().unwrap_or_default();
    let query = FindingQuery { as_of: Some(at), ..query };
    let asked = ask(postern, session, query).await?;
    let Asked { query, filter, names, .. } = asked.ok_or(ReadError::UnknownConnection(slug))?;
    let findings = read::finding::ids_at(session, &filter, at).await?;
    Ok(Whole { findings, filters: filters(postern, &query, &names) })
}

fn filters(postern: &Postern, query: &FindingQuery, names: &Names) -> Vec<ReportFilter> {
    let owners = match postern.sight().teams() {
        // Whoever sees some teams' findings has asked for theirs, also without a word.
        Some(teams) if query.owners.is_empty() => teams.iter().cloned().map(Some).collect(),
        _ => query.owners.clone(),
    };
    let owner = |owner: &Option<_>| match owner {
        Some(team) => names.teams.view(Clone::clone(team)).name,
        None => "nobody".to_owned(),
    };
    let status = (query.status != FindingStatus::All).then(|| query.status.label().to_lowercase());
    let rule = query.rule.as_ref().map(ToString::to_string);
    let all = [
        ("status", status.into_iter().collect::<Vec<_>>()),
        ("severity", query.severities.iter().map(Severity::to_string).collect()),
        ("topic", query.topics.iter().map(Topic::to_string).collect()),
        ("type", query.asset_types.iter().map(|it| it.label().to_owned()).collect()),
        ("owner", owners.iter().map(owner).collect()),
        ("rule", rule.into_iter().collect()),
        ("resource", query.resource.iter().map(ToString::to_string).collect()),
        ("text in the resource's name", query.text.iter().cloned().collect()),
    ];
    let filter = |(name, values)| ReportFilter { name, values };
    all.into_iter().map(filter).filter(|filter| !filter.values.is_empty()).collect()
}

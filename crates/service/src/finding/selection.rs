//! All findings that match: chosen as they stood when somebody saw the list, whatever was found or decided since.

use postern_domain::exception::request::Selection;
use postern_domain::exception::rights;
use postern_domain::exception::status::EffectiveStatus;
use postern_domain::finding::FindingState;
use postern_domain::person::Permission;
use postern_store::read;
use postern_store::read::finding::FindingFilter;

use super::list::{Asked, ask, row_view};
use crate::Postern;
use crate::exception::{Effects, ExceptionError};
use crate::read::ReadError;
use crate::view::{FindingQuery, FindingRowView, FindingStatus, Seen, SelectionView, SkipReason};

/// The most findings that are chosen at once: what one request covers.
pub const MOST_SELECTED: usize = Selection::MOST;

/// Why nothing was chosen.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// What the list was made of is not what is known of that moment any more.
    #[error(
        "another scan was judged while you looked at the list, so what matches may be something else. Open the list again and choose from there"
    )]
    JudgedAgain,
    /// It is more than one request covers.
    #[error(
        "{0} findings match, and one request covers at most {MOST_SELECTED}: narrow the filters, or ask for a rule and a scope"
    )]
    TooMany(u64),
    /// Whoever asks cannot.
    #[error(transparent)]
    Exception(#[from] ExceptionError),
}

impl From<ReadError> for SelectionError {
    fn from(error: ReadError) -> Self {
        Self::Exception(error.into())
    }
}

/// The open findings that matched `query` when it was `seen`, to file an exception for; of these, which cannot be asked for
/// now and why. `None` where there is no such connection.
pub async fn select_findings(
    postern: &Postern,
    query: FindingQuery,
    seen: Seen,
) -> Result<Option<SelectionView>, SelectionError> {
    postern.actor().person().ok_or(ExceptionError::Nobody)?;
    postern.require(Permission::AskForExceptions).map_err(ReadError::from)?;
    let query = FindingQuery {
        status: FindingStatus::Open,
        group: None,
        after: None,
        as_of: Some(seen.at),
        ..query
    };
    let mut transaction = read::begin(&postern.pool).await.map_err(ReadError::from)?;
    let Some(asked) = ask(postern, &mut transaction, query).await? else { return Ok(None) };
    let Asked { chosen, query, filter, names, shown, counts, .. } = asked;
    // The time of an evaluation is that of its facts, so that one can come in before a moment that has passed.
    let of = shown.evaluation.filter(|it| it.id == seen.evaluation);
    let scan = of.ok_or(SelectionError::JudgedAgain)?.scan;
    let most = u32::try_from(MOST_SELECTED).expect("a thousand");
    if counts.total > u64::from(most) {
        return Err(SelectionError::TooMany(counts.total));
    }
    let then = read::finding::page(&mut transaction, &filter, None, most);
    let then = then.await.map_err(ReadError::from)?;
    let ids = then.iter().map(|record| record.key.id);
    let now = FindingFilter::new(chosen.id).only(ids);
    let now = read::finding::page(&mut transaction, &now, None, most);
    let now = now.await.map_err(ReadError::from)?;
    let effects = Effects::load(&mut transaction, chosen.id, None, postern.clock.now());
    let effects = effects.await.map_err(ReadError::from)?;
    let rows = now.into_iter().map(|record| row_view(record, &names, &effects));
    let rows = rows.collect::<Result<Vec<_>, ReadError>>()?;
    let (mut findings, mut skipped) = (Vec::new(), Vec::new());
    for row in rows {
        match skip(postern, &row) {
            None => findings.push(row),
            Some(reason) => skipped.push((reason, row)),
        }
    }
    // By reason, each in the order of the list.
    skipped.sort_by_key(|(reason, _)| *reason);
    let query = FindingQuery { as_of: None, ..query };
    let connection = chosen.choice.selected;
    let matched = counts.total;
    Ok(Some(SelectionView { connection, query, seen, scan, matched, findings, skipped }))
}

/// Why a finding that matched cannot be asked for now; `None` where it can.
fn skip(postern: &Postern, row: &FindingRowView) -> Option<SkipReason> {
    let owner = row.owner.as_ref().map(|team| &team.id);
    if !postern.sight().holds(owner) || !rights::may_ask(postern.actor(), owner) {
        return Some(SkipReason::OfOthers);
    }
    match (row.state, row.effective) {
        (FindingState::Resolved, _) => Some(SkipReason::Resolved),
        (FindingState::Unknown, _) => Some(SkipReason::Unknown),
        (_, EffectiveStatus::Pending { .. }) => Some(SkipReason::Requested),
        (_, EffectiveStatus::Excepted { .. }) => Some(SkipReason::Excepted),
        (FindingState::Open | FindingState::NotRechecked, _) => None,
    }
}

//! The moment that a page shows: now, or a moment in the past.

use postern_domain::id::ConnectionId;
use postern_domain::retention::RetentionKind;
use postern_store::read::evaluation::{self, EvaluationRecord};
use postern_store::{PgConnection, retention};
use time::OffsetDateTime;

use crate::Postern;
use crate::read::{Chosen, ReadError};
use crate::view::AsOfView;

/// The first moment that can be shown; `None` where all of history was kept.
pub(crate) async fn history_begins(
    connection: &mut PgConnection,
    of: ConnectionId,
) -> Result<Option<OffsetDateTime>, ReadError> {
    Ok(retention::begins(connection, of, RetentionKind::History).await?)
}

/// What a page is as of.
pub(crate) struct Shown {
    /// The moment asked for; `None` for now.
    pub(crate) as_of: Option<OffsetDateTime>,
    /// The latest evaluation by then; `None` where nothing was judged yet, which only now can be.
    pub(crate) evaluation: Option<EvaluationRecord>,
}

impl Shown {
    /// What pages say of it; `None` for now.
    pub(crate) fn view(&self) -> Option<AsOfView> {
        let evaluation = self.evaluation.as_ref()?;
        Some(AsOfView { moment: self.as_of?, read_at: evaluation.at, scan: evaluation.scan })
    }
}

/// Finds the evaluation that held at `as_of`; refuses a moment of which nothing is known.
pub(crate) async fn shown(
    postern: &Postern,
    connection: &mut PgConnection,
    chosen: &Chosen,
    as_of: Option<OffsetDateTime>,
) -> Result<Shown, ReadError> {
    let evaluation = evaluation::latest(connection, chosen.id, as_of).await?;
    let Some(asked) = as_of else { return Ok(Shown { as_of: None, evaluation }) };
    let now = postern.clock.now();
    let latest = evaluation::latest(connection, chosen.id, None).await?;
    let known = latest.as_ref().map_or(now, |latest| latest.at.max(now));
    // Of the day that it is, the end is not yet known, and that day is what people ask for.
    if asked.date() > known.date() {
        return Err(ReadError::Future { asked, now });
    }
    let slug = chosen.choice.selected.slug.clone();
    let kept_from = history_begins(connection, chosen.id).await?;
    if let (Some(kept_from), Some(latest)) = (kept_from, &latest)
        && asked < kept_from
    {
        let latest = latest.at;
        return Err(ReadError::NotKept { connection: slug, asked, kept_from, latest });
    }
    if evaluation.is_some() {
        return Ok(Shown { as_of, evaluation });
    }
    let first = evaluation::first_at(connection, chosen.id).await?;
    Err(match (first, latest) {
        (Some(first), Some(latest)) => {
            ReadError::TooEarly { connection: slug, asked, first, latest: latest.at }
        }
        _ => ReadError::NothingEvaluated(slug),
    })
}

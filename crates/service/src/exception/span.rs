//! The projection of an exception: which findings it asks for or accepts, from when until when.

use std::collections::BTreeSet;

use postern_domain::exception::request::Covers;
use postern_domain::exception::{Exception, State};
use postern_domain::id::{ConnectionId, ExceptionId, FindingId};
use postern_store::exception::{SpanKind, begin_spans, end_spans, spanned};
use postern_store::{PgConnection, StoreError};
use time::OffsetDateTime;

use super::state;

/// Brings the spans of an exception up to date with what was done to it, or with what is found of its scope, at a moment.
pub(super) async fn project(
    session: &mut PgConnection,
    of: ConnectionId,
    exception: &Exception,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let asked = match (&exception.state, &exception.request.covers) {
        (State::Requested { .. }, Covers::Findings(selection)) => selection.iter().collect(),
        (State::Requested { .. }, Covers::Standing(standing)) => {
            state::standing(session, of, standing).await?.iter().map(|it| it.finding).collect()
        }
        _ => BTreeSet::new(),
    };
    bring(session, (of, exception.id), SpanKind::Requested, &asked, at).await?;
    let (until, accepted) = match &exception.state {
        State::Approved { grant, .. } | State::Ended { grant, .. } => {
            let holds = matches!(exception.state, State::Approved { .. });
            let covered = grant.covered.iter().filter(|(_, it)| holds && it.void.is_none());
            (grant.until, covered.map(|(finding, _)| *finding).collect())
        }
        _ => (exception.request.until, BTreeSet::new()),
    };
    bring(session, (of, exception.id), SpanKind::Accepted { until }, &accepted, at).await
}

/// Begins and ends spans, so that those of these findings run and no others.
async fn bring(
    session: &mut PgConnection,
    (of, exception): (ConnectionId, ExceptionId),
    kind: SpanKind,
    wanted: &BTreeSet<FindingId>,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let running: BTreeSet<FindingId> =
        spanned(session, exception, kind).await?.into_iter().collect();
    let ended: Vec<FindingId> = running.difference(wanted).copied().collect();
    if !ended.is_empty() {
        end_spans(session, exception, kind, &ended, at).await?;
    }
    let begun: Vec<FindingId> = wanted.difference(&running).copied().collect();
    if !begun.is_empty() {
        begin_spans(session, (of, exception), kind, &begun, at).await?;
    }
    Ok(())
}

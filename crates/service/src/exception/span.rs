//! The projection of an exception: which findings it asks for or accepts, from when until when.

use std::collections::BTreeSet;

use postern_domain::exception::request::Covers;
use postern_domain::exception::{Exception, State};
use postern_domain::id::{ConnectionId, FindingId};
use postern_store::exception::{SpanKind, begin_spans, end_spans, spanned};
use postern_store::{PgConnection, StoreError};

use super::state;

/// Brings the spans of an exception up to date with what was done to it last.
pub(super) async fn project(
    session: &mut PgConnection,
    of: ConnectionId,
    exception: &Exception,
) -> Result<(), StoreError> {
    let asked = match (&exception.state, &exception.request.covers) {
        (State::Requested { .. }, Covers::Findings(selection)) => selection.iter().collect(),
        (State::Requested { .. }, Covers::Standing(standing)) => {
            state::standing(session, of, standing).await?.iter().map(|it| it.finding).collect()
        }
        _ => BTreeSet::new(),
    };
    bring(session, (of, exception), SpanKind::Requested, &asked).await?;
    let (until, accepted) = match &exception.state {
        State::Approved { grant, .. } | State::Ended { grant, .. } => {
            let holds = matches!(exception.state, State::Approved { .. });
            let covered = grant.covered.iter().filter(|(_, it)| holds && it.void.is_none());
            (grant.until, covered.map(|(finding, _)| *finding).collect())
        }
        _ => (exception.request.until, BTreeSet::new()),
    };
    bring(session, (of, exception), SpanKind::Accepted { until }, &accepted).await
}

/// Begins and ends spans, so that those of these findings run and no others.
async fn bring(
    session: &mut PgConnection,
    (of, exception): (ConnectionId, &Exception),
    kind: SpanKind,
    wanted: &BTreeSet<FindingId>,
) -> Result<(), StoreError> {
    let running: BTreeSet<FindingId> =
        spanned(session, exception.id, kind).await?.into_iter().collect();
    let ended: Vec<FindingId> = running.difference(wanted).copied().collect();
    if !ended.is_empty() {
        end_spans(session, exception.id, kind, &ended, exception.changed_at).await?;
    }
    let begun: Vec<FindingId> = wanted.difference(&running).copied().collect();
    if !begun.is_empty() {
        begin_spans(session, (of, exception.id), kind, &begun, exception.changed_at).await?;
    }
    Ok(())
}

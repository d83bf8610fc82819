//! What is told of acts, into the outbox.

use std::collections::BTreeSet;

use postern_domain::exception::Exception;
use postern_domain::exception::act::Act;
use postern_domain::exception::request::Covers;
use postern_domain::id::{ConnectionId, FindingId};
use postern_domain::notification::Event;
use postern_domain::team::TeamId;
use postern_store::exception::StoredException;
use postern_store::read::failure;
use postern_store::{PgConnection, StoreError, outbox};

/// Writes what people are told of an act, the last of the exception's, in the act's transaction.
pub(crate) async fn enqueue_act(
    session: &mut PgConnection,
    before: Option<&Exception>,
    act: &Act,
    stored: &StoredException,
) -> Result<(), StoreError> {
    let teams = teams(session, stored.connection, &stored.exception).await?;
    // The first draft has the number 0.
    let number = stored.acts - 1;
    if let Some(event) = Event::of_act(number, before, act, &stored.exception, teams) {
        outbox::insert(session, &event).await?;
    }
    Ok(())
}

/// The teams of the findings of an exception: those that were accepted, or else those that it asks for.
pub(super) async fn teams(
    session: &mut PgConnection,
    of: ConnectionId,
    exception: &Exception,
) -> Result<BTreeSet<TeamId>, StoreError> {
    let findings: Vec<FindingId> = match (exception.grant(), &exception.request.covers) {
        (Some(grant), _) => grant.covered.keys().copied().collect(),
        (None, Covers::Findings(selection)) => selection.iter().collect(),
        (None, Covers::Standing(standing)) => {
            let failing = failure::of_rule(session, of, &standing.rule).await?;
            let held = failing.into_iter().filter(|it| standing.assets.holds(&it.asset));
            return Ok(held.filter_map(|it| it.owner).collect());
        }
    };
    outbox::teams_of(session, &findings).await
}

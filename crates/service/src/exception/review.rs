//! What an evaluation means for exceptions: what is worse than it was accepted is void, and what appeared is covered where
//! an approver said so.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::exception::accepted::ObservedState;
use postern_domain::exception::act::{Act, Deed, LaterAssets};
use postern_domain::exception::policy::ExceptionPolicy;
use postern_domain::exception::request::Covers;
use postern_domain::exception::status::ExceptionStatus;
use postern_domain::exception::{Exception, State};
use postern_domain::id::FindingId;
use postern_domain::person::Actor;
use postern_store::evaluation::At;
use postern_store::exception::{self, Compared, StoredException};
use postern_store::read::failure::{self, Failure};
use postern_store::{PgConnection, StoreError, decision};
use time::OffsetDateTime;

use super::{act, span, state};
use crate::Postern;

/// Looks at the exceptions of a connection, in the transaction of the evaluation that has just been written.
///
/// It takes the decision log's lock, as every other act does, so that what is approved at the same time is seen, or sees
/// what was evaluated. That comes last, because others wait for it.
pub(crate) async fn review(
    postern: &Postern,
    session: &mut PgConnection,
    at: At,
) -> Result<(), StoreError> {
    if !exception::has_any(session, at.connection).await? {
        return Ok(());
    }
    decision::hold(session).await?;
    let name = format!("evaluation {}", at.evaluation);
    let postern = &postern.acting_as(Actor::Operator { name });
    let policy = exception::policy(session).await?;
    let to_compare = exception::to_compare(session, at.connection, at.at).await?;
    for stored in exception::concerned(session, at.connection, at.at).await? {
        let compared: Vec<Compared> = to_compare
            .iter()
            .filter(|compared| compared.exception == stored.exception.id)
            .copied()
            .collect();
        Review { postern, policy, at }.one(session, stored, &compared).await?;
    }
    exception::mark_compared(session, &to_compare).await
}

struct Review<'a> {
    postern: &'a Postern,
    policy: ExceptionPolicy,
    at: At,
}

impl Review<'_> {
    async fn one(
        &self,
        session: &mut PgConnection,
        mut stored: StoredException,
        compared: &[Compared],
    ) -> Result<(), StoreError> {
        if let State::Requested { .. } = stored.exception.state {
            let at = self.moment(&stored.exception);
            return span::project(session, stored.connection, &stored.exception, at).await;
        }
        let findings: BTreeSet<FindingId> = compared.iter().map(|it| it.finding).collect();
        let present = self.observe(session, &findings).await?;
        let against = present
            .iter()
            .map(|(finding, (failure, seen))| (*finding, state::present(failure, seen.as_ref())));
        let worsened = stored.exception.worsened(against, self.moment(&stored.exception));
        if !worsened.is_empty() {
            let deed = Deed::Void { by: self.at.evaluation, findings: worsened };
            stored = self.perform(session, stored, deed).await?;
        }
        let appeared = self.appeared(session, &stored.exception).await?;
        if !appeared.is_empty() {
            let deed = Deed::Cover { by: self.at.evaluation, findings: appeared };
            self.perform(session, stored, deed).await?;
        }
        Ok(())
    }

    /// The facts' time; but nothing happens before what happened last.
    fn moment(&self, exception: &Exception) -> OffsetDateTime {
        self.at.at.max(exception.changed_at)
    }

    async fn perform(
        &self,
        session: &mut PgConnection,
        stored: StoredException,
        deed: Deed,
    ) -> Result<StoredException, StoreError> {
        let done = Act { at: self.moment(&stored.exception), deed };
        let before = stored.exception.clone();
        let next = before.apply(&done, &self.policy);
        let next = next.expect("what an evaluation does was found to be possible");
        let stored = act::write(session, stored, done.clone(), next).await?;
        act::log(self.postern, session, Some(&before), &done, &stored).await?;
        tracing::info!(exception.id = %stored.exception.id, deed = done.deed.as_str(), "exception reviewed");
        Ok(stored)
    }

    async fn observe(
        &self,
        session: &mut PgConnection,
        findings: &BTreeSet<FindingId>,
    ) -> Result<BTreeMap<FindingId, (Failure, Option<ObservedState>)>, StoreError> {
        if findings.is_empty() {
            return Ok(BTreeMap::new());
        }
        let findings: Vec<FindingId> = findings.iter().copied().collect();
        let failures = failure::list(session, self.at.connection, &findings).await?;
        let rules = failures.values().map(|failure| &failure.rule);
        let reads = state::reads(self.postern, session, rules).await?;
        let seen = |(finding, failure): (FindingId, Failure)| {
            let seen = state::observed(&failure, &reads);
            (finding, (failure, seen))
        };
        Ok(failures.into_iter().map(seen).collect())
    }

    /// What fails of a rule and a scope, is not covered and never was, and is no worse than what was accepted.
    async fn appeared(
        &self,
        session: &mut PgConnection,
        exception: &Exception,
    ) -> Result<BTreeMap<FindingId, ObservedState>, StoreError> {
        let (State::Approved { grant, .. }, Covers::Standing(standing)) =
            (&exception.state, &exception.request.covers)
        else {
            return Ok(BTreeMap::new());
        };
        let in_force = exception.status(self.moment(exception)) == ExceptionStatus::Approved;
        if !in_force || grant.later_assets == LaterAssets::NotCovered {
            return Ok(BTreeMap::new());
        }
        let failing = state::standing(session, self.at.connection, standing).await?;
        let new = failing.iter().map(|it| it.finding).filter(|it| !grant.covered.contains_key(it));
        let observed = self.observe(session, &new.collect()).await?;
        // The worst severity sorts first.
        let appeared = observed.into_iter().filter_map(|(finding, (_, seen))| {
            seen.filter(|seen| seen.severity >= grant.severity).map(|seen| (finding, seen))
        });
        Ok(appeared.collect())
    }
}

//! Deciding on exceptions.

use std::collections::BTreeMap;

use postern_domain::canonical;
use postern_domain::digest::Digest;
use postern_domain::exception::State;
use postern_domain::exception::accepted::ObservedState;
use postern_domain::exception::act::{Agreement, ApproverScope, Deed, LaterAssets, Supersession};
use postern_domain::exception::rights;
use postern_domain::exception::status::ExceptionStatus;
use postern_domain::exception::written::{Conditions, DecisionReason};
use postern_domain::id::{ExceptionId, FindingId};
use postern_domain::person::Permission;
use postern_store::PgConnection;
use postern_store::exception::{self, StoredException};
use postern_store::read::failure::Failure;
use serde_json::Value;
use time::OffsetDateTime;

use super::act::{Acting, person};
use super::{ExceptionError, state};
use crate::Postern;

/// What an approver says to a request.
#[derive(Clone, Debug)]
pub enum Decision {
    /// Yes.
    Approve {
        /// The version of the request that they read.
        version: u32,
        /// The digest of the state that they saw, as the page gives it; `None` accepts what there is.
        seen: Option<Digest>,
        /// Until when; `None` for the end that was asked for.
        until: Option<OffsetDateTime>,
        /// Under which conditions.
        conditions: Option<Conditions>,
        /// Whether assets that appear later are covered.
        later_assets: LaterAssets,
    },
    /// No.
    Reject {
        /// Why.
        reason: DecisionReason,
    },
}

/// Decides on a request; gives how it stands then: where two have to agree, it goes on waiting after the first.
///
/// An extension that is approved takes the place of what it extends.
pub async fn decide_exception(
    postern: &Postern,
    id: ExceptionId,
    decision: Decision,
) -> Result<ExceptionStatus, ExceptionError> {
    person(postern)?;
    postern.require(Permission::DecideOnExceptions)?;
    let mut acting = Acting::begin(postern).await?;
    let stored = acting.find(id).await?;
    let subject = Subject::load(postern, &mut acting.transaction, &stored).await?;
    let (by, scope) = (acting.by, subject.scope);
    let deed = match decision {
        Decision::Reject { reason } => Deed::Reject { by, scope, reason },
        Decision::Approve { version, seen, until, conditions, later_assets } => {
            let request = &stored.exception;
            if seen.is_some_and(|seen| seen != digest(&subject.accepted))
                && request.status(acting.now) == ExceptionStatus::Requested
            {
                return Err(ExceptionError::StateChanged);
            }
            let until = until.unwrap_or(request.request.until);
            let accepted = subject.accepted;
            Deed::Approve(Agreement {
                by,
                scope,
                version,
                until,
                conditions,
                later_assets,
                accepted,
            })
        }
    };
    let decided = acting.perform(stored, deed).await?.exception;
    if let (Some(extended), State::Approved { .. }) = (decided.extends, &decided.state) {
        supersede(&mut acting, extended, Supersession::by(&decided)).await?;
    }
    let status = decided.status(acting.now);
    acting.commit().await?;
    Ok(status)
}

/// The most requests that are decided on at once: who decides has read each of them. More are refused.
pub const MOST_AT_ONCE: usize = 100;

/// Decides on several requests with one reason; each for itself, so that one that is refused leaves the others decided.
/// What came of each is given in their order.
///
/// Each is approved until the end that it asks for, in the version that is named with it; assets that appear later are not
/// covered.
pub async fn decide_exceptions(
    postern: &Postern,
    requests: &[(ExceptionId, u32)],
    decision: &BulkDecision,
) -> Vec<(ExceptionId, Result<ExceptionStatus, ExceptionError>)> {
    let mut outcomes = Vec::new();
    for (place, &(id, version)) in requests.iter().enumerate() {
        if place >= MOST_AT_ONCE {
            outcomes.push((id, Err(ExceptionError::TooManyAtOnce)));
            continue;
        }
        let decision = match decision {
            BulkDecision::Approve { conditions } => Decision::Approve {
                version,
                seen: None,
                until: None,
                conditions: conditions.clone(),
                later_assets: LaterAssets::NotCovered,
            },
            BulkDecision::Reject { reason } => Decision::Reject { reason: reason.clone() },
        };
        outcomes.push((id, decide_exception(postern, id, decision).await));
    }
    outcomes
}

/// What an approver says to several requests at once.
#[derive(Clone, Debug)]
pub enum BulkDecision {
    /// Yes, to each as it is asked for.
    Approve {
        /// Under which conditions.
        conditions: Option<Conditions>,
    },
    /// No.
    Reject {
        /// Why.
        reason: DecisionReason,
    },
}

/// Ends what an approved extension stands in the place of, where it is in force.
async fn supersede(
    acting: &mut Acting<'_>,
    extended: ExceptionId,
    by: Option<Supersession>,
) -> Result<(), ExceptionError> {
    let found = exception::find(&mut acting.transaction, extended).await?;
    let in_force =
        |it: &StoredException| it.exception.status(acting.now) == ExceptionStatus::Approved;
    let (Some(extended), Some(extension)) = (found.filter(in_force), by) else { return Ok(()) };
    let deed = Deed::Supersede { by: acting.by, extension };
    acting.perform(extended, deed).await?;
    Ok(())
}

/// Takes a draft or a request back.
pub async fn withdraw_exception(postern: &Postern, id: ExceptionId) -> Result<(), ExceptionError> {
    person(postern)?;
    let mut acting = Acting::begin(postern).await?;
    let stored = acting.find(id).await?;
    let by = acting.by;
    acting.perform(stored, Deed::Withdraw { by }).await?;
    acting.commit().await
}

/// Ends an exception before its time.
pub async fn revoke_exception(
    postern: &Postern,
    id: ExceptionId,
    reason: DecisionReason,
) -> Result<(), ExceptionError> {
    person(postern)?;
    postern.require(Permission::DecideOnExceptions)?;
    let mut acting = Acting::begin(postern).await?;
    let stored = acting.find(id).await?;
    let subject = Subject::load(postern, &mut acting.transaction, &stored).await?;
    let (by, scope) = (acting.by, subject.scope);
    acting.perform(stored, Deed::Revoke { by, scope, reason }).await?;
    acting.commit().await
}

/// What a request is about, as it is now.
pub(super) struct Subject {
    /// The findings that it covers.
    pub(super) covered: BTreeMap<FindingId, Failure>,
    /// Of these, what an approval accepts: those that fail, as they are seen.
    pub(super) accepted: BTreeMap<FindingId, ObservedState>,
    /// Whether whoever acts may decide on all of it.
    pub(super) scope: ApproverScope,
}

impl Subject {
    pub(super) async fn load(
        postern: &Postern,
        session: &mut PgConnection,
        stored: &StoredException,
    ) -> Result<Self, ExceptionError> {
        let covers = &stored.exception.request.covers;
        let covered = state::covered(session, stored.connection, covers).await?;
        let rules = covered.values().map(|failure| &failure.rule);
        let reads = state::reads(postern, session, rules).await?;
        let seen = |(finding, failure): (&FindingId, &Failure)| {
            Some((*finding, state::observed(failure, &reads)?))
        };
        let accepted = covered.iter().filter_map(seen).collect();
        let assets = covered.values().map(|failure| &failure.asset);
        let scope = rights::approver_scope(postern.actor(), covers, assets);
        Ok(Self { covered, accepted, scope })
    }
}

/// A digest of states that were seen: another one where anything that a rule reads is otherwise, or another finding fails.
pub(super) fn digest(states: &BTreeMap<FindingId, ObservedState>) -> Digest {
    let written = states.iter().map(|(finding, state)| {
        (finding.to_string(), serde_json::to_value(state).expect("its keys are texts"))
    });
    Digest::of(canonical::text(&Value::Object(written.collect())).as_bytes())
}

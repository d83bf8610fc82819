//! Doing something to an exception: the act, what it leaves, the projections and the entry in the decision log.

use postern_domain::canonical;
use postern_domain::digest::Digest;
use postern_domain::exception::Exception;
use postern_domain::exception::act::{Act, Actor, Deed};
use postern_domain::exception::policy::ExceptionPolicy;
use postern_domain::id::{ExceptionId, PersonId};
use postern_store::exception::{self, StoredException};
use postern_store::{PgConnection, Postgres, StoreError, Transaction};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{ExceptionError, span};
use crate::Postern;
use crate::decision::{Decided, begin, record};
use crate::notification::enqueue_act;

/// Who acts, where it is somebody who signed in.
pub(super) fn person(postern: &Postern) -> Result<PersonId, ExceptionError> {
    postern.actor().person().ok_or(ExceptionError::Nobody)
}

/// The longest key of a form.
const LONGEST_KEY: usize = 100;

/// The key of somebody's form: nobody else's form meets it.
pub(crate) fn form_key(of: PersonId, key: &str) -> String {
    let key: String = key.replace('\0', "").chars().take(LONGEST_KEY).collect();
    format!("{of} {key}")
}

/// A transaction in which something is done to an exception, and nobody else does anything to any.
pub(super) struct Acting<'a> {
    pub(super) postern: &'a Postern,
    pub(super) transaction: Transaction<'static, Postgres>,
    pub(super) policy: ExceptionPolicy,
    pub(super) now: OffsetDateTime,
    pub(super) by: PersonId,
}

impl<'a> Acting<'a> {
    pub(super) async fn begin(postern: &'a Postern) -> Result<Self, ExceptionError> {
        let by = person(postern)?;
        let mut transaction = begin(postern).await?;
        let policy = exception::policy(&mut transaction).await?;
        // After the lock, so that who waited for it comes later than whom they waited for.
        let now = postern.now();
        Ok(Self { postern, transaction, policy, now, by })
    }

    /// The exception, where whoever acts sees it.
    pub(super) async fn find(
        &mut self,
        id: ExceptionId,
    ) -> Result<StoredException, ExceptionError> {
        let not_there = || ExceptionError::NotThere(id);
        let stored = exception::find(&mut self.transaction, id).await?.ok_or_else(not_there)?;
        let is_seen = super::show::is_seen(self.postern, &mut self.transaction, &stored.exception);
        if is_seen.await? { Ok(stored) } else { Err(not_there()) }
    }

    /// Does it, and gives what it left. What was done last is not done a second time: a request that is sent again has
    /// the outcome of the first.
    pub(super) async fn perform(
        &mut self,
        stored: StoredException,
        deed: Deed,
    ) -> Result<StoredException, ExceptionError> {
        if stored.last.as_ref().is_some_and(|last| is_same(&last.deed, &deed)) {
            return Ok(stored);
        }
        let act = Act { at: self.now, deed };
        let next = stored.exception.apply(&act, &self.policy)?;
        let before = stored.exception.clone();
        let stored = write(&mut self.transaction, stored, act.clone(), next).await?;
        log(self.postern, &mut self.transaction, Some(&before), &act, &stored).await?;
        Ok(stored)
    }

    pub(super) async fn commit(self) -> Result<(), ExceptionError> {
        Ok(self.transaction.commit().await.map_err(StoreError::from)?)
    }
}

/// Whether both are the same decision by the same person, whatever findings looked like meanwhile.
fn is_same(last: &Deed, deed: &Deed) -> bool {
    match (last, deed) {
        (Deed::Approve(last), Deed::Approve(now)) => {
            (last.by, last.version, last.until, &last.conditions, last.later_assets)
                == (now.by, now.version, now.until, &now.conditions, now.later_assets)
        }
        (Deed::Edit { by, request, .. }, Deed::Edit { by: now_by, request: now, .. }) => {
            by == now_by && request == now
        }
        (Deed::File { by, .. }, Deed::File { by: now, .. })
        | (Deed::Withdraw { by }, Deed::Withdraw { by: now }) => by == now,
        (Deed::Reject { by, reason, .. }, Deed::Reject { by: now_by, reason: now, .. })
        | (Deed::Revoke { by, reason, .. }, Deed::Revoke { by: now_by, reason: now, .. }) => {
            (by, reason) == (now_by, now)
        }
        _ => false,
    }
}

/// Writes an act and what it left, with the projections.
pub(super) async fn write(
    session: &mut PgConnection,
    stored: StoredException,
    act: Act,
    next: Exception,
) -> Result<StoredException, StoreError> {
    let by = match act.deed.by() {
        Actor::Person(person) => Some(person),
        Actor::Evaluation(_) => None,
    };
    exception::append(session, stored.acts, (Some(&act), by), &next).await?;
    span::project(session, stored.connection, &next, next.changed_at).await?;
    Ok(StoredException {
        connection: stored.connection,
        acts: stored.acts + 1,
        last: Some(act),
        exception: next,
    })
}

/// Writes an act into the outbox, and into the decision log: what was done, and by its digest what it left.
pub(super) async fn log(
    postern: &Postern,
    session: &mut PgConnection,
    before: Option<&Exception>,
    act: &Act,
    stored: &StoredException,
) -> Result<(), StoreError> {
    enqueue_act(session, before, act, stored).await?;
    let after = &stored.exception;
    let reason = match &act.deed {
        Deed::Reject { reason, .. } | Deed::Revoke { reason, .. } => Some(reason.to_string()),
        _ => None,
    };
    let mut said = summary(after);
    said["act"] = brief(act);
    let decided = Decided {
        action: action(&act.deed),
        subject: Some(after.id.to_string()),
        reason,
        before: before.map(summary),
        after: Some(said),
    };
    record(postern, session, decided).await
}

/// How an exception stands, and the digest of all that is kept of it.
pub(super) fn summary(exception: &Exception) -> Value {
    json!({
        "status": exception.status(exception.changed_at),
        "version": exception.version,
        "sha256": digest(exception),
    })
}

/// The SHA-256 of an exception as canonical JSON, as `exception_acts.exception` holds it.
pub(super) fn digest(exception: &Exception) -> Digest {
    let written = serde_json::to_value(exception).expect("its keys are texts");
    Digest::of(canonical::text(&written).as_bytes())
}

/// An act without the documents that were accepted, of which the log names the verdicts' digests.
fn brief(act: &Act) -> Value {
    let mut written = serde_json::to_value(act).expect("its keys are texts");
    let findings = match &act.deed {
        Deed::Approve(agreement) => Some(("accepted", &agreement.accepted)),
        Deed::Cover { findings, .. } => Some(("findings", findings)),
        _ => None,
    };
    if let Some((name, states)) = findings {
        let digests =
            states.iter().map(|(finding, state)| (finding.to_string(), json!(state.verdict)));
        written[name] = Value::Object(digests.collect());
    }
    written
}

fn action(deed: &Deed) -> &'static str {
    match deed {
        Deed::Edit { .. } => "exception.edit",
        Deed::File { .. } => "exception.file",
        Deed::Approve(_) => "exception.approve",
        Deed::Reject { .. } => "exception.reject",
        Deed::Withdraw { .. } => "exception.withdraw",
        Deed::Revoke { .. } => "exception.revoke",
        Deed::Supersede { .. } => "exception.supersede",
        Deed::Void { .. } => "exception.void",
        Deed::Cover { .. } => "exception.cover",
    }
}

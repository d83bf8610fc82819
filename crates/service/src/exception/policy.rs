//! What an organisation allows of exceptions.

use postern_domain::exception::policy::ExceptionPolicy;
use postern_domain::person::{Denied, Permission};
use postern_store::{PgConnection, StoreError, exception};
use serde_json::json;

use crate::Postern;
use crate::decision::{Decided, begin, record};

/// A policy was refused; what held before goes on.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It is wrong in itself.
    #[error("the policy was refused: {}", complaints.join("; "))]
    Refused {
        /// All that is wrong.
        complaints: Vec<String>,
    },
    /// Somebody else said something meanwhile.
    #[error("somebody changed the policy after this form was opened, so that nothing was changed")]
    Changed,
    /// Whoever said it may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is allowed; the default where nothing was said.
pub async fn exception_policy(postern: &Postern) -> Result<ExceptionPolicy, StoreError> {
    let mut session = postern.pool.acquire().await?;
    exception::policy(&mut session).await
}

/// Says what is allowed from now on; what was approved before stays approved.
pub async fn set_exception_policy(
    postern: &Postern,
    policy: &ExceptionPolicy,
    reason: &str,
) -> Result<(), PolicyError> {
    check(postern, policy)?;
    let mut transaction = begin(postern).await?;
    let before = exception::policy(&mut transaction).await?;
    set(postern, &mut transaction, (&before, policy), reason).await?;
    Ok(transaction.commit().await.map_err(StoreError::from)?)
}

/// The same for somebody who saw what was allowed, and who is told where that holds no more. What holds already is not
/// said again, so that a form that is sent twice changes something once.
pub async fn change_exception_policy(
    postern: &Postern,
    seen: &ExceptionPolicy,
    policy: &ExceptionPolicy,
    reason: &str,
) -> Result<(), PolicyError> {
    check(postern, policy)?;
    let mut transaction = begin(postern).await?;
    let before = exception::policy(&mut transaction).await?;
    if before == *policy {
        return Ok(());
    }
    if before != *seen {
        return Err(PolicyError::Changed);
    }
    set(postern, &mut transaction, (&before, policy), reason).await?;
    Ok(transaction.commit().await.map_err(StoreError::from)?)
}

fn check(postern: &Postern, policy: &ExceptionPolicy) -> Result<(), PolicyError> {
    postern.require(Permission::Configure)?;
    let complaints = policy.complaints();
    if complaints.is_empty() { Ok(()) } else { Err(PolicyError::Refused { complaints }) }
}

async fn set(
    postern: &Postern,
    transaction: &mut PgConnection,
    (before, policy): (&ExceptionPolicy, &ExceptionPolicy),
    reason: &str,
) -> Result<(), StoreError> {
    let reason = reason.replace('\0', "\u{fffd}");
    exception::set_policy(transaction, policy, &reason, postern.clock.now()).await?;
    let decided = Decided {
        action: "exceptions.policy",
        reason: Some(reason),
        before: Some(json!(before)),
        after: Some(json!(policy)),
        ..Decided::default()
    };
    record(postern, transaction, decided).await
}

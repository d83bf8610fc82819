//! Who acts, and what they may: every use case asks here.

use std::sync::Arc;

use postern_domain::person::{Actor, Denied, Permission, Sight};
use postern_store::StoreError;

use crate::Postern;
use crate::storable::replace;

/// Something was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Whoever asked for it may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Postern {
    /// The same on behalf of somebody: what they may not is refused, what they do not see is not there.
    #[must_use]
    pub fn acting_as(&self, mut actor: Actor) -> Self {
        // It is written down wherever something is done, and Postgres keeps no U+0000.
        let (Actor::Operator { name } | Actor::Person { name, .. }) = &mut actor;
        replace(name);
        Self { sight: Arc::new(actor.sight()), actor: Arc::new(actor), ..self.clone() }
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Refuses what the actor has no permission for.
    pub fn require(&self, permission: Permission) -> Result<(), Denied> {
        self.actor.require(permission).inspect_err(|denied| {
            tracing::info!(person.id = ?self.actor.person(), permission = ?denied.0, "refused for want of a role");
        })
    }

    /// Which findings the actor reads.
    pub(crate) fn sight(&self) -> &Sight {
        &self.sight
    }
}

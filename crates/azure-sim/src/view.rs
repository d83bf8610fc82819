//! What the caller sees: what Azure holds today, as the faults change it.

use std::sync::Arc;

use serde_json::Value;

use crate::arm::route::subscription_of;
use crate::estate::{Holding, Territory};
use crate::fault::ActiveFaults;
use crate::rbac::{Denial, is_at_or_below};

/// Today's holding through the faults, at one request.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub holding: Arc<Holding>,
    pub faults: Arc<ActiveFaults>,
    /// How many requests there were since the faults were set.
    pub requests: usize,
}

impl View {
    /// Everything of a subscription that is there, by its lower-case id.
    pub(crate) fn territory(&self, subscription: &str) -> Option<Arc<Territory>> {
        if self.is_gone(subscription) {
            return None;
        }
        self.holding.territory(subscription)
    }

    /// Whether a subscription has gone.
    pub(crate) fn is_gone(&self, subscription: &str) -> bool {
        let departures = &self.faults.changes.departures;
        departures.iter().any(|(id, after)| self.requests >= *after && id == subscription)
    }

    /// Whether ARM does not have something, by its lower-case path.
    pub(crate) fn is_unknown_to_arm(&self, path: &str) -> bool {
        let changes = &self.faults.changes;
        self.is_deleted(path) || changes.unknown_to_arm.iter().any(|id| is_at_or_below(path, id))
    }

    /// Whether Resource Graph does not have something, by its lower-case id.
    pub(crate) fn is_unknown_to_graph(&self, id: &str) -> bool {
        self.is_deleted(id)
            || self.faults.changes.unknown_to_graph.contains(id)
            || self.is_gone(subscription_of(id))
    }

    fn is_deleted(&self, path: &str) -> bool {
        let deletions = &self.faults.changes.deletions;
        deletions.iter().any(|(id, after)| self.requests >= *after && is_at_or_below(path, id))
    }

    /// Another body for a resource, by its lower-case id.
    pub(crate) fn odd_body(&self, id: &str) -> Option<&Value> {
        let bodies = &self.faults.changes.bodies;
        if bodies.is_empty() { None } else { bodies.get(id) }
    }

    /// More entries of a list of assets, by the lower-case type.
    pub(crate) fn odd_rows(&self, asset_type: &str) -> impl Iterator<Item = &Value> {
        self.faults.changes.rows.iter().filter(move |row| {
            row["type"].as_str().is_none_or(|own| own.eq_ignore_ascii_case(asset_type))
        })
    }

    pub(crate) fn denials(&self) -> impl Iterator<Item = Denial<'_>> {
        let held = self.holding.denied().iter();
        let held = held.map(|denied| Denial { scope: &denied.scope, action: denied.action });
        let added = self.faults.changes.denials.iter();
        held.chain(added.map(|(scope, action)| Denial { scope, action }))
    }

    /// Whether the caller lacks an action at a lower-case scope.
    pub(crate) fn is_denied(&self, scope: &str, action: &str) -> bool {
        let is_in_role = self.faults.changes.role.as_ref().is_none_or(|actions| {
            actions.iter().any(|granted| Denial { scope: "", action: granted }.takes(action))
        });
        !is_in_role || self.denials().any(|denial| denial.covers(scope) && denial.takes(action))
    }

    /// Whether there is anything that the caller lacks.
    pub(crate) fn is_restricted(&self) -> bool {
        self.faults.changes.role.is_some() || self.denials().next().is_some()
    }

    /// The actions that the caller has, where a fault says it.
    pub(crate) fn role(&self) -> Option<&[String]> {
        self.faults.changes.role.as_deref()
    }

    /// Whether the caller knows that there is such a subscription.
    pub(crate) fn may_see(&self, subscription: &str) -> bool {
        let scope = format!("/subscriptions/{subscription}");
        !self.is_gone(subscription)
            && !self.is_denied(&scope, "Microsoft.Resources/subscriptions/read")
    }

    /// The ids of all subscriptions that the caller sees, in lower case and sorted.
    pub(crate) fn visible_subscriptions(&self) -> Vec<String> {
        let all = self.holding.subscriptions().iter().map(subscription_id);
        all.filter(|id| self.may_see(id)).collect()
    }
}

/// The lower-case id of a subscription's entry.
pub(crate) fn subscription_id(subscription: &Value) -> String {
    subscription["subscriptionId"].as_str().unwrap_or_default().to_ascii_lowercase()
}

//! What a credential may not read.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _};
use postern_domain::arm::{AssetType, SCANNED_TYPES};
use postern_domain::clock::Clock;
use postern_domain::fact;
use postern_domain::gap::GapReason;
use postern_domain::snapshot::SnapshotBuilder;
use tokio_util::sync::CancellationToken;

use crate::client::ArmClient;
use crate::collector::permissions::Permissions;
use crate::collector::{Collector, subscriptions, told_time};
use crate::failure::CollectError;
use crate::operation::{
    ACTIVITY_LOG, DNS_ZONE_GROUPS, KEY, LINKED, MANAGEMENT_GROUP_DESCENDANTS, MODELS,
    NETWORK_LINKS, ONLINE_DEPLOYMENTS_LIST, PROJECT_CONNECTIONS_LIST, SUBSCRIPTION_FACTS,
    asset_list, fact_reads, graph_facts, required_actions,
};

/// What was found out about a connection's rights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// The subscriptions in scope.
    pub subscriptions: Vec<SubscriptionAccess>,
    /// Scopes that the connection names and that could not be listed, such as a management group, with the reason.
    pub not_listed: Vec<(String, GapReason)>,
}

/// What the credential may read of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionAccess {
    /// The id, lower case.
    pub id: String,
    /// The display name.
    pub name: String,
    /// What is missing; or why Azure did not say.
    pub missing: Result<Vec<MissingAction>, GapReason>,
}

/// An action that the credential lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingAction {
    /// The Azure action, such as `Microsoft.Insights/diagnosticSettings/read`.
    pub action: &'static str,
    /// The related facts that cannot be read without it.
    pub facts: Vec<&'static str>,
    /// The types of assets that cannot be listed without it.
    pub asset_types: Vec<AssetType>,
}

impl Collector {
    /// Finds out which of the actions that a scan needs the credential lacks in each subscription.
    pub async fn diagnose(
        &self,
        clock: &Clock,
        cancel: &CancellationToken,
    ) -> Result<Diagnosis, CollectError> {
        let arm = self.begin();
        let work = Box::pin(arm.until_fatal(self.find_missing(&arm, clock)));
        let outcome = cancel.run_until_cancelled(work).await;
        outcome.unwrap_or(Err(CollectError::Cancelled)).map_err(|error| told_time(error, clock))
    }

    async fn find_missing(
        &self,
        arm: &ArmClient,
        clock: &Clock,
    ) -> Result<Diagnosis, CollectError> {
        self.sign_in().await?;
        let mut snapshot = SnapshotBuilder::new(clock.now());
        let found = subscriptions::find(arm, &self.settings().scope, &mut snapshot).await?;
        let gaps = snapshot.finish(clock.now()).gaps;
        let questions: Vec<_> = found
            .in_scope
            .into_values()
            .map(|seen| {
                let arm = arm.clone();
                async move {
                    let permissions = Permissions::read(&arm, &seen.subscription.id).await;
                    (seen.subscription, permissions)
                }
            })
            .collect();
        let mut answers = stream::iter(questions).buffered(arm.concurrency());
        let mut subscriptions = Vec::new();
        while let Some((subscription, permissions)) = answers.next().await {
            let missing = match permissions.unknown() {
                Some(reason) => Err(reason.clone()),
                None => Ok(missing(&permissions)),
            };
            let (id, name) = (subscription.id, subscription.name);
            subscriptions.push(SubscriptionAccess { id, name, missing });
        }
        let not_listed = gaps.into_iter().map(|gap| (gap.scope, gap.reason)).collect();
        Ok(Diagnosis { subscriptions, not_listed })
    }
}

fn missing(permissions: &Permissions) -> Vec<MissingAction> {
    let uses = uses();
    required_actions()
        .into_iter()
        // Asked for at the management group itself, where a subscription's permissions say nothing.
        .filter(|action| *action != MANAGEMENT_GROUP_DESCENDANTS.action)
        .filter(|action| permissions.check(action).is_err())
        .map(|action| {
            let (facts, asset_types) = uses.get(action).cloned().unwrap_or_default();
            MissingAction { action, facts, asset_types }
        })
        .collect()
}

type Uses = BTreeMap<&'static str, (Vec<&'static str>, Vec<AssetType>)>;

/// What each action is needed for.
fn uses() -> Uses {
    let mut uses = Uses::new();
    let mut add = |action: &'static str, facts: &[&'static str]| {
        let known = &mut uses.entry(action).or_default().0;
        for fact in facts {
            if !known.contains(fact) {
                known.push(fact);
            }
        }
    };
    for read in &SUBSCRIPTION_FACTS {
        add(read.operation.action, &[read.fact]);
    }
    for asset_type in SCANNED_TYPES {
        for read in fact_reads(asset_type) {
            add(read.operation.action, &[read.fact]);
        }
    }
    add(ACTIVITY_LOG.action, &[fact::KEY_EVENTS]);
    add(PROJECT_CONNECTIONS_LIST.action, &[fact::PROJECT_CONNECTIONS]);
    add(ONLINE_DEPLOYMENTS_LIST.action, &[fact::ONLINE_DEPLOYMENTS]);
    add(MODELS.action, &[fact::DEPLOYED_MODELS]);
    add(KEY.action, &[fact::KEY_VAULT_KEYS]);
    add(DNS_ZONE_GROUPS.action, &[fact::PRIVATE_DNS_ZONE_GROUPS]);
    add(NETWORK_LINKS.action, &[fact::VIRTUAL_NETWORK_LINKS]);
    for (asset_type, operation) in LINKED {
        let facts: &[&str] = match asset_type {
            "microsoft.keyvault/vaults" => &[fact::KEY_VAULTS, fact::LINKED_RESOURCES],
            "microsoft.network/privateendpoints" => &[fact::PRIVATE_ENDPOINTS],
            _ => &[fact::LINKED_RESOURCES],
        };
        add(operation.action, facts);
    }
    for (fact, action) in graph_facts() {
        add(action, &[fact]);
    }
    for asset_type in SCANNED_TYPES {
        if let Some(list) = asset_list(asset_type) {
            uses.entry(list.action).or_default().1.push(AssetType::new(asset_type));
        }
    }
    uses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_of_a_subscription_is_needed_for_something() {
        let uses = uses();
        // These serve the scan as a whole.
        let whole = [
            "Microsoft.Authorization/permissions/read",
            "Microsoft.Management/managementGroups/descendants/read",
            "Microsoft.ResourceGraph/resources/read",
            "Microsoft.Resources/subscriptions/resources/read",
        ];
        for action in required_actions() {
            let is_used = uses
                .get(action)
                .is_some_and(|(facts, types)| !facts.is_empty() || !types.is_empty());
            assert_eq!(is_used, !whole.contains(&action), "{action}");
        }
    }
}

//! What lies around the assets of a few subscriptions and belongs to several of them: read once, then handed out.

mod endpoints;
mod resources;
mod roles;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use postern_domain::asset::Asset;
use postern_domain::fact::{self, Fact};
use postern_domain::gap::{GapKind, GapReason};
use serde_json::Value;

use super::listed::Listed;
use super::permissions::Permissions;
use super::tally::{FactsOf, Gathered};
use crate::client::{ArmClient, ArmList, Failure};
use crate::graph::Query;
use crate::operation::{RESOURCES, graph_facts};

pub(super) use endpoints::{Endpoints, Zones};
pub(super) use resources::{Encryption, Named};
pub(super) use roles::Roles;

/// What Resource Graph shows of some subscriptions beside their assets.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    permissions: BTreeMap<String, Permissions>,
    /// By subscription.
    management_groups: BTreeMap<String, Gathered>,
    /// By the lower-case id of the resource that each concerns.
    policy_states: Rows,
    /// By the lower-case id of what each alert watches.
    metric_alerts: Rows,
    /// By subscription.
    activity_log_alerts: Rows,
    defender_plans: Rows,
    security_alerts: Rows,
}

/// Rows of a query by something that they name, and why they are not all.
#[derive(Debug, Default)]
struct Rows {
    by_key: BTreeMap<String, Vec<Value>>,
    failure: Option<GapReason>,
}

impl Rows {
    fn of(list: ArmList, keys: impl Fn(&Value) -> Vec<String>) -> Self {
        let mut by_key: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let mut failure = list.failure.map(|Failure(reason)| reason);
        for row in list.entries {
            let keys = keys(&row);
            if keys.is_empty() {
                let message = "Resource Graph shows a row that does not say what it concerns";
                failure.get_or_insert_with(|| GapReason::new(GapKind::Malformed, message));
            }
            for key in keys {
                by_key.entry(key).or_default().push(row.clone());
            }
        }
        Self { by_key, failure }
    }

    fn find(&self, key: &str) -> &[Value] {
        self.by_key.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The rows of a key, as far as the credential may see them.
    fn gather(&self, key: &str, permitted: Result<(), GapReason>) -> Gathered {
        let reason = self.failure.clone().or(permitted.err());
        Gathered::new(self.find(key).to_vec(), reason)
    }
}

impl Surroundings {
    pub async fn read(
        arm: &ArmClient,
        subscriptions: &[String],
        permissions: BTreeMap<String, Permissions>,
    ) -> Self {
        let groups = arm.rows(&Query::management_groups(), subscriptions).await;
        let mut states = arm.rows(&Query::policy_states(), subscriptions).await;
        states.entries.iter_mut().for_each(forget_when);
        let mut alerts = arm.rows(&Query::alerts(), subscriptions).await;
        let plans = arm.rows(&Query::defender_plans(), subscriptions).await;
        let security = arm.rows(&Query::security_alerts(), subscriptions).await;
        let is_metric_alert = |row: &Value| {
            let kind = row.get("type").and_then(Value::as_str).unwrap_or_default();
            kind.eq_ignore_ascii_case("microsoft.insights/metricalerts")
        };
        let rows = std::mem::take(&mut alerts.entries);
        let (metric, log): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_metric_alert);
        let with = |entries| ArmList { entries, failure: alerts.failure.clone() };
        Self {
            permissions,
            management_groups: management_groups(groups, subscriptions),
            policy_states: Rows::of(states, |row| lower(row, "/properties/resourceId")),
            metric_alerts: Rows::of(with(metric), |row| {
                let scopes = row.pointer("/properties/scopes").and_then(Value::as_array);
                let texts = scopes.into_iter().flatten().filter_map(Value::as_str);
                texts.map(str::to_ascii_lowercase).collect()
            }),
            activity_log_alerts: Rows::of(with(log), subscription_of),
            defender_plans: Rows::of(plans, subscription_of),
            security_alerts: Rows::of(security, subscription_of),
        }
    }

    /// Adds what concerns an asset.
    pub fn add(&self, facts: &mut FactsOf, listed: &Listed) {
        let subscription = listed.subscription();
        let label = RESOURCES.label();
        let states = self
            .policy_states
            .gather(listed.id.as_str(), self.permitted(subscription, fact::POLICY_STATES));
        facts.add_labelled(fact::POLICY_STATES, &label, states);
        // An alert may watch the asset, its group or its subscription.
        let mut alerts = Gathered::new(
            Vec::new(),
            self.metric_alerts
                .failure
                .clone()
                .or(self.permitted(subscription, fact::METRIC_ALERTS).err()),
        );
        for scope in scopes_of(listed.id.as_str()) {
            alerts.entries.extend(self.metric_alerts.find(scope).iter().cloned());
        }
        facts.add_labelled(fact::METRIC_ALERTS, &label, alerts);
        self.add_management_groups(facts, subscription);
    }

    /// Adds what holds for a subscription.
    pub fn add_to_subscription(&self, facts: &mut FactsOf, subscription: &str) {
        let label = RESOURCES.label();
        for (fact, rows) in [
            (fact::DEFENDER_PLANS, &self.defender_plans),
            (fact::SECURITY_ALERTS, &self.security_alerts),
            (fact::ACTIVITY_LOG_ALERTS, &self.activity_log_alerts),
        ] {
            let gathered = rows.gather(subscription, self.permitted(subscription, fact));
            facts.add_labelled(fact, &label, gathered);
        }
        self.add_management_groups(facts, subscription);
    }

    fn add_management_groups(&self, facts: &mut FactsOf, subscription: &str) {
        if let Some(groups) = self.management_groups.get(subscription) {
            facts.add_labelled(fact::MANAGEMENT_GROUPS, &RESOURCES.label(), groups.clone());
        }
    }

    /// Whether the credential may read the definitions of roles.
    pub fn may_read_roles(&self, subscription: &str) -> Result<(), GapReason> {
        self.permitted(subscription, fact::CUSTOM_ROLES)
    }

    /// Whether the credential may see what gives a fact.
    fn permitted(&self, subscription: &str, fact: &str) -> Result<(), GapReason> {
        let action = graph_facts().find(|(of, _)| *of == fact).map(|(_, action)| action);
        match (action, self.permissions.get(subscription)) {
            (Some(action), Some(permissions)) => permissions.check(action),
            _ => Ok(()),
        }
    }
}

/// The lower-case id of an asset, of its group and of its subscription.
pub(super) fn scopes_of(id: &str) -> impl Iterator<Item = &str> {
    let group = id.find("/providers/").and_then(|end| id.get(..end));
    let subscription = id.match_indices('/').nth(2).and_then(|(end, _)| id.get(..end));
    let group = group.filter(|group| Some(*group) != subscription);
    [Some(id), group, subscription].into_iter().flatten()
}

fn lower(row: &Value, pointer: &str) -> Vec<String> {
    row.pointer(pointer).and_then(Value::as_str).map(str::to_ascii_lowercase).into_iter().collect()
}

fn subscription_of(row: &Value) -> Vec<String> {
    let id = row.get("id").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let subscription = id.strip_prefix("/subscriptions/").and_then(|rest| rest.split('/').next());
    subscription.map(str::to_owned).into_iter().collect()
}

/// The management groups above each subscription. There is always one, the tenant's root group: a subscription of which
/// none is shown was not read.
fn management_groups(list: ArmList, subscriptions: &[String]) -> BTreeMap<String, Gathered> {
    let mut chains: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for row in &list.entries {
        let chain = row.pointer("/properties/managementGroupAncestorsChain");
        let chain = chain.and_then(Value::as_array).cloned().unwrap_or_default();
        chains.extend(subscription_of(row).into_iter().map(|id| (id, chain.clone())));
    }
    let failure = list.failure.map(|Failure(reason)| reason);
    let gathered = |id: &String| {
        let is_named = |group: &Value| group.get("name").is_some_and(Value::is_string);
        match chains.remove(id).filter(|chain| !chain.is_empty() && chain.iter().all(is_named)) {
            Some(chain) => Gathered::complete(chain),
            None => Gathered::failed(failure.clone().unwrap_or_else(|| {
                let message =
                    "Resource Graph does not show the management groups above the subscription";
                GapReason::new(GapKind::Malformed, message)
            })),
        }
    };
    subscriptions.iter().cloned().zip(subscriptions.iter().map(gathered)).collect()
}

/// Everything that assets of several subscriptions share, ready to be handed out.
#[derive(Debug)]
pub(super) struct Shared {
    pub surroundings: Surroundings,
    pub endpoints: Endpoints,
    pub named: Named,
    pub encryption: Encryption,
    /// By location: the models that can be deployed there.
    pub models: BTreeMap<String, Arc<Gathered>>,
    /// By subscription: what ARM lists there and concerns single assets.
    pub lists: BTreeMap<String, super::subscription_facts::SubscriptionLists>,
}

impl Shared {
    /// Adds to the document of an asset all that needed no call of its own.
    pub fn add(&self, facts: &mut FactsOf, listed: &Listed) {
        self.surroundings.add(facts, listed);
        self.endpoints.add(facts, listed, &self.named);
        self.named.add(facts, listed);
        self.encryption.add(facts, listed);
        if let Some(lists) = self.lists.get(listed.subscription()) {
            lists.add(facts, listed);
        }
    }

    /// Adds the models that the account's deployments use.
    pub fn add_deployed_models(&self, facts: &mut FactsOf, listed: &Listed) {
        let value = match facts.related.get(fact::DEPLOYMENTS).cloned() {
            None => return,
            Some(Fact::Read { value }) => value,
            Some(Fact::Unreadable { reason, .. }) => {
                facts.add(
                    fact::DEPLOYED_MODELS,
                    &crate::operation::MODELS,
                    Gathered::failed(reason),
                );
                return;
            }
        };
        let location = listed.location.as_deref().unwrap_or_default();
        let Some(models) = self.models.get(location) else {
            let reason = GapReason::new(GapKind::Malformed, "the account does not say its region");
            facts.add(fact::DEPLOYED_MODELS, &crate::operation::MODELS, Gathered::failed(reason));
            return;
        };
        let used: BTreeSet<(String, String)> = value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|deployment| model_key(deployment.pointer("/properties/model")?))
            .collect();
        let is_used = |entry: &&Value| {
            entry.get("model").and_then(model_key).is_some_and(|key| used.contains(&key))
        };
        let entries = models.entries.iter().filter(is_used).cloned().collect();
        let gathered = Gathered::new(entries, models.reason.clone());
        facts.add(fact::DEPLOYED_MODELS, &crate::operation::MODELS, gathered);
    }
}

/// Azure evaluates policies about once a day and writes down when, whatever comes of it: kept, the time would make every
/// asset that violates a policy look changed in every scan, and each a document more to store.
fn forget_when(state: &mut Value) {
    if let Some(properties) = state.get_mut("properties").and_then(Value::as_object_mut) {
        properties.remove("timestamp");
    }
}

/// A model's name and version, in lower case.
fn model_key(model: &Value) -> Option<(String, String)> {
    let text = |key: &str| model.get(key).and_then(Value::as_str).map(str::to_ascii_lowercase);
    Some((text("name")?, text("version").unwrap_or_default()))
}

/// Puts the facts into the asset's document.
pub(super) fn finish(mut asset: Asset, facts: FactsOf) -> crate::journal::ReadAsset {
    asset.document.related = facts.related;
    crate::redact::remove_secrets(&mut asset.document);
    crate::journal::ReadAsset { asset, gaps: facts.gaps, coverage: facts.coverage }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_in_its_group_and_in_its_subscription() {
        let id = "/subscriptions/s/resourcegroups/g/providers/a/b/c";
        let scopes: Vec<&str> = scopes_of(id).collect();
        assert_eq!(scopes, [id, "/subscriptions/s/resourcegroups/g", "/subscriptions/s"]);
        assert_eq!(scopes_of("/subscriptions/s").collect::<Vec<_>>(), ["/subscriptions/s"]);
    }

    #[test]
    fn a_policy_state_is_the_same_whenever_azure_evaluated() {
        let state = |when: &str| {
            let mut state = serde_json::json!({
                "id": "/s", "properties": {"complianceState": "NonCompliant", "timestamp": when},
            });
            forget_when(&mut state);
            state
        };
        assert_eq!(state("2026-11-10T03:12:44.7261939Z"), state("2026-11-11T03:12:44.7261939Z"));
        assert_eq!(state("")["properties"]["complianceState"], "NonCompliant");
    }
}

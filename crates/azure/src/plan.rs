//! What a scan would ask Azure, counted before it does.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::arm::{AssetType, SCANNED_TYPES};
use postern_domain::clock::Clock;
use postern_domain::snapshot::SnapshotBuilder;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::client::ArmClient;
use crate::collector::{Collector, subscriptions, told_time};
use crate::failure::CollectError;
use crate::graph::{Query, ROWS_PER_PAGE};
use crate::operation::{
    ACTIVITY_LOG, DNS_ZONE_GROUPS, KEY, KEY_PROVIDERS, MANAGEMENT_GROUP_DESCENDANTS, MODELS,
    NETWORK_LINKS, ONLINE_DEPLOYMENTS_LIST, Operation, PERMISSIONS, PROJECT_CONNECTIONS_LIST,
    RESOURCE_IDS, RESOURCES, SUBSCRIPTION_FACTS, SUBSCRIPTIONS, fact_reads,
};

/// The calls that a scan would make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanPlan {
    /// How many subscriptions it would read.
    pub subscriptions: u64,
    /// How many assets there are, by type.
    pub assets: BTreeMap<AssetType, u64>,
    /// The calls, by API and operation.
    pub calls: Vec<PlannedCalls>,
    /// How many calls the plan itself took.
    pub counting_calls: u64,
}

/// The calls of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCalls {
    /// The service that is asked: `Resource Graph`, or a resource provider such as `Microsoft.Insights`.
    pub api: String,
    /// Azure's name of the operation with its API version.
    pub operation: String,
    /// The Azure action that it needs.
    pub action: &'static str,
    /// How many calls.
    pub calls: u64,
    /// Whether it depends on what is found how many more there will be.
    /// Of any list there are more where it is longer than a page.
    pub is_at_least: bool,
}

impl ScanPlan {
    /// The least number of calls that a scan makes.
    pub fn minimum(&self) -> u64 {
        self.calls.iter().map(|calls| calls.calls).sum()
    }
}

impl Collector {
    /// Counts the calls that a scan would make, with the few calls that it takes to count.
    ///
    /// Fails where the subscriptions or the numbers of assets cannot be read.
    pub async fn plan(
        &self,
        clock: &Clock,
        cancel: &CancellationToken,
    ) -> Result<ScanPlan, CollectError> {
        let arm = self.begin();
        let work = Box::pin(arm.until_fatal(self.count_calls(&arm, clock)));
        let outcome = cancel.run_until_cancelled(work).await;
        outcome.unwrap_or(Err(CollectError::Cancelled)).map_err(|error| told_time(error, clock))
    }

    async fn count_calls(&self, arm: &ArmClient, clock: &Clock) -> Result<ScanPlan, CollectError> {
        self.sign_in().await?;
        let mut snapshot = SnapshotBuilder::new(clock.now());
        let scope = &self.settings().scope;
        let found = subscriptions::find(arm, scope, &mut snapshot).await?;
        let gaps = snapshot.finish(clock.now()).gaps;
        if let Some(gap) = gaps.into_iter().next() {
            return Err(CollectError::NotCounted(gap.reason.message));
        }
        let ids: Vec<String> = found.in_scope.into_keys().collect();
        let counts = count(arm, &ids).await.ok_or_else(|| {
            CollectError::NotCounted(
                "Resource Graph does not tell the numbers of assets".to_owned(),
            )
        })?;
        let endpoints = arm.rows(&Query::count_endpoints(), &ids).await;
        let endpoints: u64 =
            endpoints.entries.iter().filter_map(|row| row.get("endpoints")?.as_u64()).sum();
        let mut plan = counts.plan(&ids, scope.management_groups.len() as u64);
        plan.add(&DNS_ZONE_GROUPS, endpoints, false);
        plan.counting_calls = arm.sent();
        Ok(plan)
    }
}

impl ScanPlan {
    fn add(&mut self, operation: &Operation, calls: u64, is_at_least: bool) {
        if calls == 0 && !is_at_least {
            return;
        }
        let label = operation.label();
        if let Some(planned) = self.calls.iter_mut().find(|planned| planned.operation == label) {
            planned.calls += calls;
            planned.is_at_least |= is_at_least;
            return;
        }
        self.calls.push(PlannedCalls {
            api: operation.api.to_owned(),
            operation: label,
            action: operation.action,
            calls,
            is_at_least,
        });
    }
}

/// How many assets there are, as Resource Graph counts them.
#[derive(Debug, Default)]
pub(crate) struct Counts(Vec<Count>);

#[derive(Debug)]
struct Count {
    subscription: String,
    asset_type: AssetType,
    kind: Option<String>,
    manages_projects: bool,
    assets: u64,
}

/// Counts the assets of subscriptions; `None` where that could not be read.
pub(crate) async fn count(arm: &ArmClient, subscriptions: &[String]) -> Option<Counts> {
    let list = arm.rows(&Query::count_assets(), subscriptions).await;
    if list.failure.is_some() {
        return None;
    }
    Some(Counts(list.entries.iter().filter_map(read_count).collect()))
}

fn read_count(row: &Value) -> Option<Count> {
    let text = |key: &str| row.get(key).and_then(Value::as_str);
    Some(Count {
        subscription: text("subscriptionId")?.to_ascii_lowercase(),
        asset_type: AssetType::new(text("type")?),
        kind: text("kind").filter(|kind| !kind.is_empty()).map(str::to_owned),
        manages_projects: text("projects").is_some_and(|flag| flag.eq_ignore_ascii_case("true")),
        assets: row.get("assets")?.as_u64()?,
    })
}

impl Counts {
    /// All assets.
    pub(crate) fn assets(&self) -> u64 {
        self.0.iter().map(|count| count.assets).sum()
    }

    /// Those of a subscription.
    pub(crate) fn of_subscription(&self, id: &str) -> u64 {
        self.0.iter().filter(|count| count.subscription == id).map(|count| count.assets).sum()
    }

    fn plan(&self, subscriptions: &[String], management_groups: u64) -> ScanPlan {
        let number = subscriptions.len() as u64;
        let mut plan = ScanPlan { subscriptions: number, ..ScanPlan::default() };
        for count in &self.0 {
            *plan.assets.entry(count.asset_type.clone()).or_default() += count.assets;
        }
        plan.add(&SUBSCRIPTIONS, 1, false);
        plan.add(&MANAGEMENT_GROUP_DESCENDANTS, management_groups, false);
        // Counting, zones, role definitions; and for each wave its assets and five lists of what is around them.
        let waves = crate::collector::waves(subscriptions, Some(self));
        let pages: u64 = waves
            .iter()
            .map(|wave| {
                let assets: u64 = wave.iter().map(|id| self.of_subscription(id)).sum();
                assets.div_ceil(ROWS_PER_PAGE as u64).max(1)
            })
            .sum();
        plan.add(&RESOURCES, 3 + pages + 4 * waves.len() as u64, true);
        plan.add(&PERMISSIONS, number, false);
        for id in subscriptions {
            let pages = self.of_subscription(id).div_ceil(ROWS_PER_PAGE as u64).max(1);
            plan.add(&RESOURCE_IDS, pages, false);
        }
        for read in &SUBSCRIPTION_FACTS {
            plan.add(&read.operation, number, false);
        }
        for (asset_type, _) in KEY_PROVIDERS {
            let with: BTreeSet<&str> = self
                .0
                .iter()
                .filter(|count| count.asset_type.as_str() == asset_type)
                .map(|count| count.subscription.as_str())
                .collect();
            plan.add(&ACTIVITY_LOG, with.len() as u64, true);
        }
        self.plan_facts(&mut plan);
        plan
    }

    fn plan_facts(&self, plan: &mut ScanPlan) {
        for asset_type in SCANNED_TYPES {
            for read in fact_reads(asset_type) {
                let assets =
                    self.0.iter().filter(|count| count.asset_type.as_str() == asset_type).filter(
                        |count| read.concerns(count.kind.as_deref(), count.manages_projects),
                    );
                plan.add(&read.operation, assets.map(|count| count.assets).sum(), false);
            }
        }
        let deploys = |count: &&Count| {
            let list = fact_reads(count.asset_type.as_str()).iter();
            list.filter(|read| read.fact == postern_domain::fact::DEPLOYMENTS)
                .any(|read| read.concerns(count.kind.as_deref(), count.manages_projects))
        };
        // One for each region; which regions there are is known only when the assets are listed.
        plan.add(&MODELS, u64::from(self.0.iter().any(|count| deploys(&count))), true);
        // Likewise how many projects, endpoints, zones and keys there are.
        for operation in [&PROJECT_CONNECTIONS_LIST, &ONLINE_DEPLOYMENTS_LIST, &NETWORK_LINKS, &KEY]
        {
            plan.add(operation, 0, true);
        }
    }
}

//! What the simulated Azure holds, by day.

mod account;
mod blueprint;
mod bot;
mod company;
mod drift;
mod folder;
mod huge;
mod landscape;
mod organisation;
mod paths;
mod search_service;
mod shape;
mod small;
mod subscription;
mod workspace;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};
use time::Date;

use crate::graph;
use crate::options::{EstateSource, SimError, SimOptions};

/// An estate over its whole history.
#[derive(Debug)]
pub(crate) enum Estate {
    Small { seed: u64, first_day: Date },
    Company(company::History),
    Huge(huge::Scale),
    Folder(Arc<folder::Contents>),
}

/// What Azure holds on one day.
#[derive(Debug)]
pub(crate) struct Holding {
    subscriptions: Vec<Value>,
    management_groups: Vec<ManagementGroup>,
    tenant_rows: BTreeMap<&'static str, Vec<Value>>,
    denied: Vec<Denied>,
    source: Source,
    /// By lower-case subscription id; one that is there but not yet asked for is empty.
    territories: Mutex<BTreeMap<String, Arc<OnceLock<Arc<Territory>>>>>,
}

/// What computes a subscription's territory.
#[derive(Debug)]
enum Source {
    Small(small::Day),
    Company(company::Day),
    Huge(huge::Day),
    Folder(Arc<folder::Contents>),
}

/// A management group below the tenant's root group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ManagementGroup {
    pub name: String,
    pub display_name: String,
    /// The name of the group above; `None` for the root group.
    pub parent: Option<String>,
    /// The ids of the subscriptions directly below it.
    pub subscriptions: Vec<String>,
}

/// Everything of one subscription on one day.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Territory {
    /// Every tracked ARM resource, by lower-case id, as a GET returns it.
    pub resources: BTreeMap<String, Value>,
    /// What a GET of a list path returns in `value`, by lower-case path. A path that is not here is a 404.
    pub lists: BTreeMap<String, Vec<Value>>,
    /// What a GET of a single object that is not in `resources` returns, by lower-case path.
    pub objects: BTreeMap<String, Value>,
    /// Rows of Resource Graph's tables "authorizationresources", "policyresources", "resourcecontainers" and
    /// "securityresources".
    pub tables: BTreeMap<&'static str, Vec<Value>>,
    /// Activity log events (2015-04-01 `EventData`), newest first.
    pub events: Vec<Value>,
    /// What the subscription's services cost in the month of the day, until that day.
    pub costs: Vec<CostRow>,
}

/// What one resource cost on one day.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CostRow {
    /// Such as 20260105.
    pub date: u32,
    pub service: String,
    /// Lower case, as Cost Management writes ids.
    pub resource_id: String,
    pub cost: f64,
    pub currency: &'static str,
}

/// Something that the credential may not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Denied {
    /// The lower-case id of the scope at and below which it may not; empty for the whole tenant.
    pub scope: String,
    /// In Azure's case, such as `Microsoft.Search/searchServices/read`.
    pub action: &'static str,
}

impl Estate {
    pub(crate) fn open(options: &SimOptions) -> Result<Self, SimError> {
        Ok(match &options.estate {
            EstateSource::Small => Self::Small { seed: options.seed, first_day: options.day },
            EstateSource::Company { assets } => Self::Company(company::History {
                seed: options.seed,
                assets: *assets,
                first_day: options.day,
            }),
            EstateSource::Huge { subscriptions, assets } => Self::Huge(huge::Scale {
                seed: options.seed,
                subscriptions: *subscriptions,
                assets: *assets,
                first_day: options.day,
            }),
            EstateSource::Folder(path) => Self::Folder(Arc::new(folder::read(path)?)),
        })
    }

    /// What is there on a day: a pure function of the seed, the first day and the day.
    pub(crate) fn on(&self, day: Date) -> Holding {
        match self {
            Self::Small { seed, first_day } => small::on(*seed, *first_day, day),
            Self::Company(history) => history.on(day),
            Self::Huge(scale) => scale.on(day),
            Self::Folder(contents) => folder::holding(contents),
        }
    }
}

impl Holding {
    fn new(source: Source, mut subscriptions: Vec<Value>) -> Self {
        subscriptions.sort_by_cached_key(subscription_key);
        let territories =
            subscriptions.iter().map(|value| (subscription_key(value), Arc::default())).collect();
        Self {
            subscriptions,
            management_groups: Vec::new(),
            tenant_rows: BTreeMap::new(),
            denied: Vec::new(),
            source,
            territories: Mutex::new(territories),
        }
    }

    /// Subscriptions as ARM lists them (2022-12-01), sorted by id.
    pub(crate) fn subscriptions(&self) -> &[Value] {
        &self.subscriptions
    }

    /// The management groups, the root group first.
    pub(crate) fn management_groups(&self) -> &[ManagementGroup] {
        &self.management_groups
    }

    /// Everything of one subscription, computed when first asked for and kept.
    /// The key is the lower-case id; `None`: there is no such subscription.
    pub(crate) fn territory(&self, subscription: &str) -> Option<Arc<Territory>> {
        let slot = {
            let territories = self.territories.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(territories.get(subscription)?)
        };
        // Outside the lock, so that others are served while one is computed.
        Some(Arc::clone(slot.get_or_init(|| {
            let mut territory = match &self.source {
                Source::Small(day) => day.territory(subscription),
                Source::Company(day) => day.territory(subscription),
                Source::Huge(day) => day.territory(subscription),
                Source::Folder(contents) => contents.territory(subscription),
            };
            paths::complete(&mut territory, subscription);
            territory.tabulate("resourcecontainers", self.container_row(subscription));
            Arc::new(territory)
        })))
    }

    /// The subscription itself as a row of Resource Graph, with the management groups above it, the nearest first.
    fn container_row(&self, subscription: &str) -> Option<Value> {
        let key = self
            .subscriptions
            .binary_search_by(|one| subscription_key(one).as_str().cmp(subscription));
        let arm = self.subscriptions.get(key.ok()?)?;
        let tenant = arm["tenantId"].as_str().unwrap_or_default();
        let holds = |group: &&ManagementGroup| {
            group.subscriptions.iter().any(|id| id.eq_ignore_ascii_case(subscription))
        };
        let chain: Vec<Value> = match self.management_groups.iter().find(holds) {
            Some(group) => graph::chain(&self.management_groups, group)
                .map(|group| json!({"displayName": group.display_name, "name": group.name}))
                .collect(),
            None => vec![json!({"displayName": "Tenant Root Group", "name": tenant})],
        };
        let mut container = json!({
            "id": arm["id"],
            "name": arm["displayName"],
            "type": "microsoft.resources/subscriptions",
            "tags": arm["tags"],
            "properties": {"managementGroupAncestorsChain": chain},
        });
        for key in ["managedByTenants", "state", "subscriptionPolicies"] {
            container["properties"][key] = arm[key].clone();
        }
        Some(shape::row(&container, tenant, subscription))
    }

    /// Rows of a Resource Graph table that belong to no subscription:
    /// built-in role definitions, assignments of management groups.
    pub(crate) fn tenant_rows(&self, table: &str) -> Vec<Value> {
        self.tenant_rows.get(table).cloned().unwrap_or_default()
    }

    /// What the credential may not do that day.
    pub(crate) fn denied(&self) -> &[Denied] {
        &self.denied
    }
}

fn subscription_key(subscription: &Value) -> String {
    subscription["subscriptionId"].as_str().unwrap_or_default().to_ascii_lowercase()
}

impl CostRow {
    fn of(date: Date, service: &str, resource_id: &str, cost: f64) -> Self {
        let (month, day) = (u32::from(u8::from(date.month())), u32::from(date.day()));
        Self {
            date: date.year().unsigned_abs() * 10_000 + month * 100 + day,
            service: service.to_owned(),
            resource_id: resource_id.to_owned(),
            cost,
            currency: "EUR",
        }
    }
}

impl Territory {
    /// Takes a tracked resource.
    fn add(&mut self, resource: Value) {
        if let Some(id) = resource["id"].as_str() {
            self.resources.insert(id.to_ascii_lowercase(), resource);
        }
    }

    /// Appends to a list, which is made where there is none.
    fn append(&mut self, path: &str, entries: impl IntoIterator<Item = Value>) {
        self.lists.entry(path.to_ascii_lowercase()).or_default().extend(entries);
    }

    /// Appends rows to a table of Resource Graph.
    fn tabulate(&mut self, table: &'static str, rows: impl IntoIterator<Item = Value>) {
        self.tables.entry(table).or_default().extend(rows);
    }
}

//! What an asset's body and its children are made of.

use serde_json::{Value, json};
use time::{Date, Duration};

use super::Territory;
use super::drift::{Course, Opening};
use super::landscape::{Landscape, OWN_KEY};
use super::organisation::Team;
use super::shape::cognitive::NOT_PRIVATE;
use super::shape::model::Model;
use super::shape::monitor::{Destination, diagnostic_setting};
use super::shape::network::{PrivateEndpoint, zone_group, zones_of};
use super::shape::security::lock;
use super::shape::vault::{key_version, previous_key_version};
use super::shape::{Stamp, midnight};
use crate::random::{below, happens, hash, uuid};

/// One asset on one day.
pub(super) struct Blueprint<'a> {
    pub seed: u64,
    pub landscape: &'a Landscape,
    /// The tag.
    pub environment: &'a str,
    pub team: &'a Team,
    pub resource_group: String,
    pub name: String,
    pub created: String,
    pub course: Course<'a>,
    pub first_day: Date,
    /// Days since the first day.
    pub age: i64,
    /// The hub that a project would belong to.
    pub hub: Option<String>,
    /// Whether it has few children: one of each kind at most.
    pub is_brief: bool,
}

impl Blueprint<'_> {
    pub(super) fn is_open(&self, opening: Opening) -> bool {
        self.course.is_open(opening, self.age)
    }

    /// The ARM id of this resource with the given type.
    pub(super) fn id(&self, asset_type: &str) -> String {
        self.sibling(asset_type, &self.name)
    }

    /// The ARM id of another resource in the same group.
    pub(super) fn sibling(&self, asset_type: &str, name: &str) -> String {
        self.landscape.id(&self.resource_group, asset_type, name)
    }

    pub(super) fn stamp(&self) -> Stamp<'_> {
        Stamp { by: self.team.owner, at: &self.created }
    }

    pub(super) fn below(&self, what: &str, bound: u64) -> u64 {
        below(self.seed, &[&self.name, what], bound)
    }

    pub(super) fn happens(&self, what: &str, percent: u64) -> bool {
        happens(self.seed, &[&self.name, what], percent)
    }

    pub(super) fn tags(&self) -> Value {
        let mut tags = json!({"team": self.team.name, "environment": self.environment});
        if !self.happens("no owner", 8) {
            tags["owner"] = json!(self.team.owner);
        }
        tags
    }

    pub(super) fn access(&self, opening: Opening) -> &'static str {
        if self.is_open(opening) { "Enabled" } else { "Disabled" }
    }

    /// The object id of its identity.
    pub(super) fn principal(&self) -> String {
        uuid(self.seed, &[&self.name, "principal"])
    }

    /// Whether its connections have to be private and whether they are: those of closed assets have to,
    /// some of open ones as well, and not every end point was approved.
    pub(super) fn privacy(&self) -> Option<(&'static str, &'static str)> {
        let is_open = self.is_open(Opening::NoPrivateEndpoint);
        match self.below("privacy of connections", 100) {
            0..15 => None,
            15..35 => Some(("Required", "Inactive")),
            _ if is_open => NOT_PRIVATE,
            _ => Some(("Required", "Active")),
        }
    }

    /// The version of the subscription's key that encrypts it: a few have not followed the last rotation.
    pub(super) fn key_version(&self) -> String {
        let vault = self.landscape.vault();
        if self.happens("old key version", 12) {
            previous_key_version(&vault, OWN_KEY)
        } else {
            key_version(&vault, OWN_KEY)
        }
    }

    /// A name without hyphens and of at most 24 characters, which storage accounts, vaults and registries need.
    pub(super) fn compact_name(&self, prefix: &str) -> String {
        let letters = self.name.chars().filter(char::is_ascii_alphanumeric);
        let start: String = letters.take(14).collect();
        let unique = hash(self.seed, &[&self.landscape.subscription, &self.name]) & 0xff_ffff;
        format!("{prefix}{start}{unique:06x}")
    }

    /// The system-assigned identity, where there is one.
    pub(super) fn identity(&self) -> Option<Value> {
        (!self.is_open(Opening::NoIdentity)).then(|| {
            json!({
                "type": "SystemAssigned",
                "principalId": self.principal(),
                "tenantId": self.landscape.tenant,
            })
        })
    }

    /// Its private endpoint: none, pending for some, or approved.
    fn private_endpoint(&self) -> Option<&'static str> {
        let is_open = self.is_open(Opening::NoPrivateEndpoint);
        if is_open && !self.happens("pending", 8) {
            return None;
        }
        Some(if is_open { "Pending" } else { "Approved" })
    }

    /// `privateEndpointConnections`; the private endpoint itself and its zones go to the territory.
    pub(super) fn private_endpoints(
        &self,
        territory: &mut Territory,
        asset_type: &str,
        group: &str,
    ) -> Vec<Value> {
        let Some(status) = self.private_endpoint() else { return Vec::new() };
        let id = self.sibling("Microsoft.Network/privateEndpoints", &format!("pe-{}", self.name));
        let endpoint = PrivateEndpoint {
            id: &id,
            location: &self.landscape.region,
            subnet: &self.landscape.subnet("private-endpoints"),
            target: &self.id(asset_type),
            group,
            status,
        };
        territory.add(endpoint.body());
        if status == "Approved" && !self.is_open(Opening::NoDnsZone) {
            let zones: Vec<String> =
                zones_of(group).iter().map(|zone| self.landscape.zone(zone)).collect();
            territory.append(&format!("{id}/privateDnsZoneGroups"), [zone_group(&id, &zones)]);
        }
        vec![endpoint.connection(asset_type)]
    }

    /// The model that a deployment has today: the team's first choice, or its successor once the team has moved on.
    pub(super) fn model_today<'m>(&self, key: &str, models: &'m [Model]) -> Option<&'m Model> {
        let first = usize::try_from(self.below(key, models.len() as u64)).unwrap_or(0);
        let chosen = models.get(first)?;
        let lead = i64::try_from(self.below(&format!("{key} lead"), 120)).unwrap_or(0);
        // Between three months before the retirement and one after.
        let moves_on = chosen.retires - 90 + lead;
        let does = happens(self.seed, &[&self.name, key, "moves"], self.team.diligence);
        if does && self.age >= moves_on { models.first() } else { Some(chosen) }
    }

    /// Adds the asset itself with its diagnostic settings and its lock.
    pub(super) fn place(&self, territory: &mut Territory, asset: Value, category: &str) {
        let id = asset["id"].as_str().unwrap_or_default().to_owned();
        let settings = format!("{id}/providers/microsoft.insights/diagnosticSettings");
        if !self.is_open(Opening::NoDiagnostics) {
            let logs = Destination::Workspace(Landscape::logs());
            let setting = diagnostic_setting(&id, "to-log-analytics", category, logs);
            territory.append(&settings, [setting]);
        } else if self.happens("archive", 10) {
            let storage = self.sibling("Microsoft.Storage/storageAccounts", "stcontosoarchive");
            let setting =
                diagnostic_setting(&id, "archive", category, Destination::Storage(&storage));
            territory.append(&settings, [setting]);
        }
        if self.environment == "production" && !self.is_open(Opening::NoLock) {
            let locks =
                format!("{}/providers/Microsoft.Authorization/locks", self.landscape.scope());
            territory.append(&locks, [lock(&id, "do-not-delete", "CanNotDelete")]);
        }
        territory.add(asset);
    }

    /// A day of its history as Azure writes dates.
    pub(super) fn on_day(&self, age: i64) -> String {
        midnight(self.first_day.saturating_add(Duration::days(age)))
    }
}

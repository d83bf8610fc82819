//! Contoso's estate on any day of its history, computed without the days before.

use serde_json::{Value, json};
use time::Date;

use super::drift::{Course, Opening};
use super::organisation::{self, SITES, Site, TEAMS, Team};
use super::{Denied, Holding, account, search_service, workspace};
use crate::random::{below, happens, pick, uuid};

/// How many days of births are considered; older histories stop growing.
const LONGEST: i64 = 730;

/// Everything that determines the estate.
pub(super) struct History {
    pub seed: u64,
    pub assets: usize,
    pub first_day: Date,
}

/// One resource of the estate on one day: what its body is made of.
pub(super) struct Blueprint<'a> {
    pub seed: u64,
    pub subscription: String,
    pub site: &'a Site,
    pub team: &'a Team,
    pub resource_group: String,
    pub name: String,
    pub created: String,
    pub course: Course<'a>,
    pub day: i64,
}

impl Blueprint<'_> {
    pub(super) fn is_open(&self, opening: Opening) -> bool {
        self.course.is_open(opening, self.day)
    }

    /// The ARM id of this resource with the given type.
    pub(super) fn id(&self, asset_type: &str) -> String {
        self.sibling(asset_type, &self.name)
    }

    /// The ARM id of another resource in the same group.
    pub(super) fn sibling(&self, asset_type: &str, name: &str) -> String {
        let (subscription, group) = (&self.subscription, &self.resource_group);
        format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/{asset_type}/{name}"
        )
    }

    pub(super) fn tags(&self) -> Value {
        json!({"team": self.team.name, "environment": self.site.environment, "owner": self.team.owner})
    }

    /// The system-assigned identity, where there is one.
    pub(super) fn identity(&self) -> Option<Value> {
        (!self.is_open(Opening::NoIdentity)).then(|| {
            json!({
                "type": "SystemAssigned",
                "principalId": uuid(self.seed, &[&self.name, "principal"]),
                "tenantId": uuid(self.seed, &["tenant"]),
            })
        })
    }

    pub(super) fn system_data(&self) -> Value {
        json!({
            "createdBy": self.team.owner,
            "createdByType": "User",
            "createdAt": self.created,
            "lastModifiedBy": self.team.owner,
            "lastModifiedByType": "User",
            "lastModifiedAt": self.created,
        })
    }

    /// `privateEndpointConnections`: empty, pending for some, or approved.
    pub(super) fn private_endpoints(&self, asset_type: &str, group: &str) -> Vec<Value> {
        let is_open = self.is_open(Opening::NoPrivateEndpoint);
        if is_open && !happens(self.seed, &[&self.name, "pending"], 8) {
            return Vec::new();
        }
        let (status, said) =
            if is_open { ("Pending", "Please approve") } else { ("Approved", "Auto-approved") };
        let name = format!("pe-{}", self.name);
        vec![json!({
            "id": format!("{}/privateEndpointConnections/{name}", self.id(asset_type)),
            "name": name,
            "type": format!("{asset_type}/privateEndpointConnections"),
            "location": self.site.region,
            "properties": {
                "privateEndpoint": {"id": self.sibling("Microsoft.Network/privateEndpoints", &name)},
                "groupIds": [group],
                "provisioningState": "Succeeded",
                "privateLinkServiceConnectionState": {
                    "status": status, "description": said, "actionsRequired": "None"
                }
            }
        })]
    }
}

impl History {
    pub(super) fn on(&self, day: i64) -> Holding {
        let mut holding = Holding::default();
        for site in &SITES {
            let id = organisation::subscription_id(self.seed, site);
            holding.subscriptions.insert(id, organisation::subscription(self.seed, site));
        }
        for position in 0..self.assets {
            self.place(&mut holding, position, 0, day);
        }
        let mut position = self.assets;
        for born in 1..=day.min(LONGEST) {
            for _ in 0..self.births(born) {
                self.place(&mut holding, position, born, day);
                position += 1;
            }
        }
        holding.denied = self.denied(day);
        holding
    }

    /// How many resources are created on a day: about one in twenty assets a fortnight,
    /// and a launch of several at once after three weeks.
    fn births(&self, born: i64) -> u64 {
        let key = born.to_string();
        let ordinary = u64::from(below(self.seed, &["birth", &key], 280) < self.assets as u64);
        let launch = if born == 21 { (self.assets as u64 / 14).max(1) } else { 0 };
        ordinary + launch
    }

    fn place(&self, holding: &mut Holding, position: usize, born: i64, day: i64) {
        let key = position.to_string();
        if self.is_deleted(&key, born, day) {
            return;
        }
        let site = pick(self.seed, &["site", &key], &SITES);
        let team = pick(self.seed, &["team", &key], &TEAMS);
        let workload = pick(self.seed, &["workload", &key], &team.workloads);
        let name = format!("{workload}-{}-{position:03}", short(site.environment));
        let age = if born > 0 {
            born
        } else {
            -i64::try_from(below(self.seed, &["age", &key], 500)).unwrap_or(0)
        };
        let created = self.first_day.saturating_add(time::Duration::days(age));
        let blueprint = Blueprint {
            seed: self.seed,
            subscription: organisation::subscription_id(self.seed, site),
            site,
            team,
            resource_group: format!("rg-{}-{}", team.name, short(site.environment)),
            created: format!("{created}T08:{:02}:11.4172903Z", position % 60),
            course: Course {
                seed: self.seed,
                name: &name,
                team,
                is_production: site.environment == "production",
                born,
            },
            name: name.clone(),
            day,
        };
        let (resource, category) = match below(self.seed, &["type", &key], 100) {
            0..65 => account::body(&blueprint, &key),
            65..82 => search_service::body(&blueprint),
            _ => workspace::body(&blueprint, &key),
        };
        let Some(id) = resource.get("id").and_then(Value::as_str).map(str::to_ascii_lowercase)
        else {
            return;
        };
        let settings = diagnostic_settings(&blueprint, &id, category);
        holding.diagnostics.insert(id.clone(), settings);
        holding.resources.insert(id, resource);
    }

    fn is_deleted(&self, key: &str, born: i64, day: i64) -> bool {
        if !happens(self.seed, &["deleted", key], 9) {
            return false;
        }
        let after = 6 + i64::try_from(below(self.seed, &["deleted after", key], 50)).unwrap_or(0);
        day >= born + after
    }

    /// What the credential may not read: a role was lost for three days, and a list for one.
    fn denied(&self, day: i64) -> Vec<Denied> {
        let of = |position: usize| {
            let site = SITES.get(position).unwrap_or(&SITES[0]);
            format!("/subscriptions/{}/", organisation::subscription_id(self.seed, site))
        };
        let mut denied = Vec::new();
        if (16..19).contains(&day) {
            denied.push(Denied { below: of(2), ending: "/microsoft.insights/diagnosticsettings" });
        }
        if day == 27 {
            denied.push(Denied { below: of(3), ending: "/microsoft.search/searchservices" });
        }
        denied
    }
}

fn short(environment: &str) -> &'static str {
    match environment {
        "production" => "prod",
        "development" => "dev",
        _ => "lab",
    }
}

fn diagnostic_settings(blueprint: &Blueprint<'_>, id: &str, category: &str) -> Vec<Value> {
    if blueprint.is_open(Opening::NoDiagnostics) {
        if !happens(blueprint.seed, &[&blueprint.name, "archive"], 10) {
            return Vec::new();
        }
        // Logs to a storage account alone: kept, but nobody looks at them.
        let storage = blueprint.sibling("Microsoft.Storage/storageAccounts", "stcontosoarchive");
        return vec![setting(id, "archive", category, &json!({"storageAccountId": storage}))];
    }
    let logs = "/subscriptions/00000000-0000-4000-a000-000000000001/resourceGroups/rg-monitoring/providers/\
                Microsoft.OperationalInsights/workspaces/log-contoso";
    vec![setting(id, "to-log-analytics", category, &json!({"workspaceId": logs}))]
}

fn setting(id: &str, name: &str, category: &str, destination: &Value) -> Value {
    let of = |key: &str| destination.get(key).cloned().unwrap_or(Value::Null);
    let group = |name: &str, enabled: bool| {
        json!({
            "category": null, "categoryGroup": name, "enabled": enabled,
            "retentionPolicy": {"enabled": false, "days": 0}
        })
    };
    let logs = if category == "OperationLogs" {
        json!([{
            "category": category, "categoryGroup": null, "enabled": true,
            "retentionPolicy": {"enabled": false, "days": 0}
        }])
    } else {
        json!([group("audit", true), group("allLogs", true)])
    };
    json!({
        "id": format!("{id}/providers/microsoft.insights/diagnosticSettings/{name}"),
        "type": "Microsoft.Insights/diagnosticSettings",
        "name": name,
        "location": null,
        "kind": null,
        "tags": null,
        "properties": {
            "storageAccountId": of("storageAccountId"),
            "serviceBusRuleId": null,
            "workspaceId": of("workspaceId"),
            "eventHubAuthorizationRuleId": null,
            "eventHubName": null,
            "metrics": [{
                "category": "AllMetrics", "enabled": true,
                "retentionPolicy": {"enabled": false, "days": 0}
            }],
            "logs": logs,
            "logAnalyticsDestinationType": null
        },
        "identity": null
    })
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn history(seed: u64) -> History {
        History { seed, assets: 70, first_day: date!(2026 - 01 - 05) }
    }

    /// How many things are open that rules would name, over all resources.
    fn openings(holding: &Holding) -> usize {
        let resources = holding.resources.values().map(|resource| {
            let properties = &resource["properties"];
            [
                properties["publicNetworkAccess"] == "Enabled",
                properties["disableLocalAuth"] != true
                    && properties["systemDatastoresAuthMode"] != "identity",
                properties["privateEndpointConnections"].as_array().is_some_and(Vec::is_empty),
                resource["identity"].is_null(),
            ]
            .into_iter()
            .filter(|is_open| *is_open)
            .count()
        });
        let unlogged = holding.diagnostics.values().filter(|settings| settings.is_empty()).count();
        resources.sum::<usize>() + unlogged
    }

    #[test]
    fn a_day_depends_on_the_seed_and_the_day_alone() {
        let (one, two) = (history(7).on(30), history(7).on(30));
        assert_eq!(one.resources, two.resources);
        assert_eq!(one.diagnostics, two.diagnostics);
        assert_ne!(one.resources, history(8).on(30).resources);
        assert_eq!(history(7).on(0).resources.len(), 70);
    }

    #[test]
    fn the_organisation_gets_better_with_set_backs() {
        for seed in [1, 7, 42, 2026] {
            let counts: Vec<usize> = (0..=45).map(|day| openings(&history(seed).on(day))).collect();
            let (first, last) = (counts[0], counts[45]);
            assert!(first > 180, "seed {seed} begins too well: {counts:?}");
            assert!(last * 100 < first * 75, "seed {seed} does not get better: {counts:?}");
            assert!(last * 100 > first * 15, "seed {seed} ends too well: {counts:?}");
            let set_backs = counts.windows(2).filter(|pair| pair[1] > pair[0]).count();
            assert!((3..22).contains(&set_backs), "seed {seed}: {counts:?}");
            let sizes: Vec<usize> =
                (0..=45).map(|day| history(seed).on(day).resources.len()).collect();
            assert!(sizes.iter().all(|size| (60..100).contains(size)), "seed {seed}: {sizes:?}");
        }
    }

    #[test]
    fn on_a_few_days_something_may_not_be_read() {
        let days: Vec<i64> =
            (0..=45).filter(|day| !history(7).on(*day).denied.is_empty()).collect();
        assert_eq!(days, [16, 17, 18, 27]);
    }
}

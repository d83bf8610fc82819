//! Contoso: an invented company, its subscriptions and teams.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::ManagementGroup;
use super::shape::authorization::{self, ROLES};
use super::shape::policy::{self, LOCAL_AUTH};
use super::shape::{Stamp, row};
use crate::random::uuid;

/// A subscription of Contoso.
pub(super) struct Site {
    pub name: &'static str,
    /// The tag and the part of names.
    pub environment: &'static str,
    pub region: &'static str,
}

pub(super) const SITES: [Site; 4] = [
    Site { name: "Contoso AI Production", environment: "production", region: "westeurope" },
    Site { name: "Contoso AI Development", environment: "development", region: "westeurope" },
    Site { name: "Contoso Data Science", environment: "research", region: "northeurope" },
    Site { name: "Contoso Customer Services", environment: "production", region: "swedencentral" },
];

/// A team of Contoso.
pub(super) struct Team {
    pub name: &'static str,
    pub owner: &'static str,
    /// Of 100 openings, how many the team closes at all.
    pub diligence: u64,
    /// The day of the history on which it begins to.
    pub begins: i64,
    /// What its resources are for; part of their names.
    pub workloads: [&'static str; 3],
}

pub(super) const TEAMS: [Team; 6] = [
    Team {
        name: "claims",
        owner: "maria.lindqvist@contoso.example",
        diligence: 92,
        begins: 2,
        workloads: ["claims-triage", "invoice-reader", "fraud-signals"],
    },
    Team {
        name: "contact-centre",
        owner: "tomasz.kowal@contoso.example",
        diligence: 80,
        begins: 7,
        workloads: ["call-summary", "chat-assist", "voice-bot"],
    },
    Team {
        name: "knowledge",
        owner: "aisha.rahman@contoso.example",
        diligence: 85,
        begins: 4,
        workloads: ["handbook-search", "policy-answers", "intranet-rag"],
    },
    Team {
        name: "data-science",
        owner: "joao.ferreira@contoso.example",
        diligence: 60,
        begins: 14,
        workloads: ["churn-model", "demand-forecast", "sandbox"],
    },
    Team {
        name: "platform",
        owner: "ingrid.solberg@contoso.example",
        diligence: 95,
        begins: 1,
        workloads: ["shared-gateway", "evaluation", "embeddings"],
    },
    Team {
        name: "marketing",
        owner: "pierre.dubois@contoso.example",
        diligence: 45,
        begins: 20,
        workloads: ["campaign-copy", "image-tagging", "translation"],
    },
];

/// The team that looks after subscriptions.
pub(super) fn platform() -> &'static Team {
    TEAMS.iter().find(|team| team.name == "platform").unwrap_or(&TEAMS[0])
}

/// The id of a subscription, lower case.
pub(super) fn subscription_id(seed: u64, site: &Site) -> String {
    uuid(seed, &["subscription", site.name])
}

/// A subscription as ARM lists it.
pub(super) fn subscription(seed: u64, site: &Site) -> Value {
    subscription_named(seed, &subscription_id(seed, site), site.name)
}

/// A subscription as ARM lists it (2022-12-01).
pub(super) fn subscription_named(seed: u64, id: &str, name: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{id}"),
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": id,
        "tenantId": uuid(seed, &["tenant"]),
        "displayName": name,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EnterpriseAgreement_2014-09-01",
            "spendingLimit": "Off"
        }
    })
}

/// The root group, and below it one for production and one for all else.
pub(super) fn management_groups(seed: u64) -> Vec<ManagementGroup> {
    let of = |is_production: bool| {
        let sites = SITES.iter().filter(|site| (site.environment == "production") == is_production);
        sites.map(|site| subscription_id(seed, site)).collect()
    };
    groups(seed, of(true), of(false))
}

/// The root group with two groups below it.
pub(super) fn groups(
    seed: u64,
    production: Vec<String>,
    other: Vec<String>,
) -> Vec<ManagementGroup> {
    let root = uuid(seed, &["tenant"]);
    let group =
        |name: &str, display_name: &str, parent: Option<&str>, subscriptions| ManagementGroup {
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            parent: parent.map(str::to_owned),
            subscriptions,
        };
    vec![
        group(&root, "Tenant Root Group", None, Vec::new()),
        group("contoso-ai-production", "Contoso AI Production", Some(&root), production),
        group("contoso-ai-other", "Contoso AI Other", Some(&root), other),
    ]
}

/// What is above the subscriptions: built-in roles, and what is assigned to management groups.
pub(super) fn tenant_rows(seed: u64) -> BTreeMap<&'static str, Vec<Value>> {
    let tenant = uuid(seed, &["tenant"]);
    let made = "2025-03-03T09:12:44.1177252Z";
    let stamp = Stamp { by: platform().owner, at: made };
    let group = "/providers/Microsoft.Management/managementGroups/contoso-ai-production";
    let root = format!("/providers/Microsoft.Management/managementGroups/{tenant}");
    let principal = uuid(0, &["tenant-administrators", "object"]);
    let mut rights: Vec<Value> = ROLES.iter().map(|role| role.definition()).collect();
    rights.push(authorization::assignment(
        &root,
        authorization::OWNER.id,
        (&principal, "Group"),
        made,
    ));
    let effect = json!({"effect": {"value": "Audit"}});
    let policy = policy::assignment(&LOCAL_AUTH, group, &effect, "Default", &[], stamp);
    let rows = |arm: Vec<Value>| arm.iter().map(|one| row(one, &tenant, "")).collect();
    BTreeMap::from([
        ("authorizationresources", rows(rights)),
        ("policyresources", rows(vec![policy])),
    ])
}

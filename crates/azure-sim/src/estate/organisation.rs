//! Contoso: an invented company, its subscriptions and teams.

use serde_json::{Value, json};

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

/// The id of a subscription, lower case.
pub(super) fn subscription_id(seed: u64, site: &Site) -> String {
    uuid(seed, &["subscription", site.name])
}

/// A subscription as ARM lists it.
pub(super) fn subscription(seed: u64, site: &Site) -> Value {
    let id = subscription_id(seed, site);
    let tenant = uuid(seed, &["tenant"]);
    json!({
        "id": format!("/subscriptions/{id}"),
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": id,
        "tenantId": tenant,
        "displayName": site.name,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EnterpriseAgreement_2014-09-01",
            "spendingLimit": "Off"
        }
    })
}

//! What is below a Cognitive Services account (2025-06-01; the managed network 2025-12-01).

use serde_json::{Value, json};

use super::model::Model;
use super::{Stamp, with};

const TYPE: &str = "Microsoft.CognitiveServices/accounts";

/// A model's deployment.
pub(in crate::estate) struct Deployment<'a> {
    pub name: &'a str,
    pub model: &'a Model,
    pub sku: &'a str,
    /// In units of 1,000 tokens a minute.
    pub capacity: u64,
    pub rai_policy: &'a str,
    pub upgrade: &'a str,
}

impl Deployment<'_> {
    pub(in crate::estate) fn body(&self, account: &str, etag: &str, stamp: Stamp<'_>) -> Value {
        json!({
            "id": format!("{account}/deployments/{}", self.name),
            "type": format!("{TYPE}/deployments"),
            "name": self.name,
            "sku": {"name": self.sku, "capacity": self.capacity},
            "properties": {
                "model": {"format": self.model.format, "name": self.model.name, "version": self.model.version},
                "versionUpgradeOption": self.upgrade,
                "currentCapacity": self.capacity,
                "capabilities": {"chatCompletion": "true"},
                "raiPolicyName": self.rai_policy,
                "provisioningState": "Succeeded",
                "rateLimits": [
                    {"key": "request", "renewalPeriod": 10, "count": self.capacity},
                    {"key": "token", "renewalPeriod": 60, "count": self.capacity * 1000}
                ]
            },
            "systemData": stamp.system_data(),
            "etag": format!("\"{etag}\"")
        })
    }
}

/// How much a content filter lets through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::estate) enum Filtering {
    /// Made by Azure: medium in both directions, and the shields.
    Default,
    /// As the default, and stricter for prompts.
    Strict,
    /// Only what is severe is blocked, and jailbreaks are not looked for.
    Weak,
}

/// A content filter's configuration.
pub(in crate::estate) fn rai_policy(account: &str, name: &str, filtering: Filtering) -> Value {
    let is_weak = filtering == Filtering::Weak;
    let mut filters = Vec::new();
    for category in ["Hate", "Sexual", "Violence", "Selfharm"] {
        for source in ["Prompt", "Completion"] {
            let threshold = match (filtering, source) {
                (Filtering::Weak, _) => "High",
                (Filtering::Strict, "Prompt") => "Low",
                _ => "Medium",
            };
            filters.push(json!({
                "name": category, "enabled": true, "blocking": !(is_weak && category == "Violence"),
                "severityThreshold": threshold, "source": source
            }));
        }
    }
    for (shield, source) in [
        ("Jailbreak", "Prompt"),
        ("Protected Material Text", "Completion"),
        ("Protected Material Code", "Completion"),
    ] {
        let enabled = !(is_weak && shield == "Jailbreak");
        filters.push(json!({
            "name": shield, "blocking": enabled, "enabled": enabled, "source": source
        }));
    }
    let mut properties = json!({
        "mode": if is_weak { "Asynchronous_filter" } else { "Blocking" },
        "type": if filtering == Filtering::Default { "SystemManaged" } else { "UserManaged" },
    });
    properties["contentFilters"] = Value::Array(filters);
    if filtering != Filtering::Default {
        properties["basePolicyName"] = json!("Microsoft.DefaultV2");
    }
    with(
        json!({
            "id": format!("{account}/raiPolicies/{name}"),
            "name": name,
            "type": format!("{TYPE}/raiPolicies")
        }),
        "properties",
        properties,
    )
}

/// A Foundry project of the account.
pub(in crate::estate) fn project(
    account: &str,
    name: &str,
    location: &str,
    is_default: bool,
    stamp: Stamp<'_>,
) -> Value {
    let host = format!("{}.services.ai.azure.com", super::name_of(account));
    json!({
        "id": format!("{account}/projects/{name}"),
        "name": name,
        "type": format!("{TYPE}/projects"),
        "location": location,
        "tags": {},
        "etag": "\"0000c8d1-0000-0c00-0000-68a1b2c30000\"",
        "identity": {
            "type": "SystemAssigned",
            "principalId": crate::random::uuid(0, &[account, name, "principal"]),
            "tenantId": crate::random::uuid(0, &[account, "tenant"])
        },
        "properties": {
            "provisioningState": "Succeeded",
            "displayName": name,
            "description": "",
            "endpoints": {"AI Foundry API": format!("https://{host}/api/projects/{name}")},
            "isDefault": is_default
        },
        "systemData": stamp.system_data()
    })
}

/// A connection of an account, of a project or of a workspace.
pub(in crate::estate) struct Connection<'a> {
    pub name: &'a str,
    pub category: &'a str,
    /// `AAD`, `ApiKey`, `AccountKey`, `ManagedIdentity`, `PAT`…
    pub auth: &'a str,
    pub target: &'a str,
    pub is_shared: bool,
    pub expires: Option<&'a str>,
    /// Whether it has to be private and whether it is: `peRequirement` and `peStatus`.
    pub privacy: Option<(&'a str, &'a str)>,
}

/// Of a connection whose target needs no private endpoint.
pub(in crate::estate) const NOT_PRIVATE: Option<(&str, &str)> =
    Some(("NotRequired", "NotApplicable"));

impl Connection<'_> {
    /// `parent` is the id of what has it, `parent_type` its type.
    pub(in crate::estate) fn body(
        &self,
        parent: &str,
        parent_type: &str,
        stamp: Stamp<'_>,
    ) -> Value {
        let mut properties = json!({
            "authType": self.auth,
            "category": self.category,
            "group": "AzureAI",
            "target": self.target,
            "isSharedToAll": self.is_shared,
            "sharedUserList": [],
            "metadata": {"ApiType": "Azure"}
        });
        if let Some(expires) = self.expires {
            properties["expiryTime"] = json!(expires);
        }
        if let Some((requirement, status)) = self.privacy {
            properties["peRequirement"] = json!(requirement);
            properties["peStatus"] = json!(status);
        }
        with(
            json!({
                "id": format!("{parent}/connections/{}", self.name),
                "name": self.name,
                "type": format!("{parent_type}/connections"),
                "systemData": stamp.system_data()
            }),
            "properties",
            properties,
        )
    }
}

/// Whether Defender watches the account's prompts.
pub(in crate::estate) fn defender_setting(account: &str, state: &str, stamp: Stamp<'_>) -> Value {
    json!({
        "id": format!("{account}/defenderForAISettings/Default"),
        "name": "Default",
        "type": format!("{TYPE}/defenderForAISettings"),
        "etag": "\"00006f11-0000-0c00-0000-68a1b2c30000\"",
        "properties": {"state": state},
        "systemData": stamp.system_data()
    })
}

/// How much of a quota the account uses.
pub(in crate::estate) fn usage(name: &str, current: u64, limit: u64) -> Value {
    json!({
        "name": {"value": name, "localizedValue": name},
        "currentValue": current,
        "limit": limit,
        "unit": "Count"
    })
}

/// The account's managed network, which not every account has.
pub(in crate::estate) fn managed_network(account: &str, isolation: &str) -> Value {
    json!({
        "id": format!("{account}/managedNetworks/default"),
        "name": "default",
        "type": format!("{TYPE}/managedNetworks"),
        "properties": {
            "managedNetwork": {
                "isolationMode": isolation,
                "networkId": crate::random::uuid(0, &[account, "network"]),
                "firewallSku": "Standard",
                "managedNetworkKind": "V2",
                "outboundRules": {
                    "pypi": {
                        "type": "FQDN", "category": "UserDefined", "destination": "pypi.org", "status": "Active"
                    }
                },
                "status": {"status": "Active"}
            },
            "provisioningState": "Succeeded"
        }
    })
}

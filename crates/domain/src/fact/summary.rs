//! What people read of related facts: a name, and a table of what matters in Azure's entries.
//!
//! It leaves nothing out that rules go by for good: beside it stands the whole answer.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    CONNECTIONS, DEPLOYED_MODELS, DEPLOYMENTS, DIAGNOSTIC_SETTINGS, Fact, KEY_EVENTS,
    ONLINE_DEPLOYMENTS, ONLINE_ENDPOINTS, POLICY_STATES, PRIVATE_ENDPOINTS, PROJECT_CONNECTIONS,
    ROLE_ASSIGNMENTS,
};

/// What people call a fact; its own name where it has no other.
pub fn label(name: &str) -> &str {
    LABELS.iter().find(|(of, _)| *of == name).map_or(name, |(_, label)| label)
}

const LABELS: &[(&str, &str)] = &[
    (DEPLOYMENTS, "Model deployments"),
    (DEPLOYED_MODELS, "Deployed models, as the region offers them"),
    (super::RAI_POLICIES, "Content filters"),
    (super::PROJECTS, "Projects"),
    (CONNECTIONS, "Connections"),
    (PROJECT_CONNECTIONS, "Connections of its projects"),
    (super::COMPUTES, "Computes"),
    (ONLINE_ENDPOINTS, "Online end points"),
    (ONLINE_DEPLOYMENTS, "Deployments of online end points"),
    (super::BATCH_ENDPOINTS, "Batch end points"),
    (super::SERVERLESS_ENDPOINTS, "Serverless end points"),
    (super::DATASTORES, "Datastores"),
    (super::OUTBOUND_RULES, "Outbound rules"),
    (super::CHANNELS, "Channels"),
    (PRIVATE_ENDPOINTS, "Private endpoints"),
    (super::PRIVATE_DNS_ZONE_GROUPS, "DNS zone groups of private endpoints"),
    (super::PRIVATE_DNS_ZONES, "Private DNS zones"),
    (super::VIRTUAL_NETWORK_LINKS, "Virtual network links"),
    (super::SHARED_PRIVATE_LINK_RESOURCES, "Shared private links"),
    (super::NETWORK_SECURITY_PERIMETER_CONFIGURATIONS, "Network security perimeters"),
    (super::MANAGED_NETWORKS, "Managed network"),
    (ROLE_ASSIGNMENTS, "Role assignments that own it or hand out its keys"),
    (KEY_EVENTS, "Keys listed or regenerated in 89 days"),
    (super::CUSTOM_ROLES, "Custom roles that hand out keys"),
    (super::KEY_VAULTS, "Key vaults that encrypt it"),
    (super::KEY_VAULT_KEYS, "Keys that encrypt it"),
    (super::LINKED_RESOURCES, "Resources that it names"),
    (DIAGNOSTIC_SETTINGS, "Diagnostic settings"),
    (super::METRIC_ALERTS, "Metric alerts"),
    (super::ACTIVITY_LOG_ALERTS, "Activity log alerts"),
    (super::USAGES, "Quota"),
    (super::BUDGETS, "Budgets"),
    (super::DEFENDER_FOR_AI_SETTINGS, "Defender for AI"),
    (super::DEFENDER_PLANS, "Defender plans"),
    (super::SECURITY_ALERTS, "Security alerts"),
    (super::SECURITY_CONTACTS, "Security contacts"),
    (super::LOCKS, "Locks"),
    (super::POLICY_ASSIGNMENTS, "Policy assignments"),
    (super::POLICY_EXEMPTIONS, "Policy exemptions"),
    (POLICY_STATES, "Policies that it does not comply with"),
    (super::MANAGEMENT_GROUPS, "Management groups above it"),
];

/// Where a fact stands among others, by what people look for first; facts without a label last.
pub fn position(name: &str) -> usize {
    LABELS.iter().position(|(of, _)| *of == name).unwrap_or(LABELS.len())
}

/// A fact as a table: what each column is called, and a row for each entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactTable {
    /// The columns; the first names the entry.
    pub columns: Vec<&'static str>,
    /// The cells of each entry, in the order of the columns; `None` where Azure's answer does not have it.
    pub rows: Vec<Vec<Option<String>>>,
}

/// The entries of a fact that was read, or was in part.
pub fn entries(fact: &Fact) -> &[Value] {
    let value = match fact {
        Fact::Read { value } => Some(value),
        Fact::Unreadable { partial, .. } => partial.as_ref(),
    };
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// What matters of a fact, which is one of `related`.
pub fn table(name: &str, fact: &Fact, related: &BTreeMap<String, Fact>) -> FactTable {
    let columns = columns(name);
    let models = related.get(DEPLOYED_MODELS).map(entries).unwrap_or_default();
    let row = |entry: &Value| {
        let mut row: Vec<Option<String>> =
            columns.iter().map(|(_, paths)| first(entry, paths)).collect();
        if name == DEPLOYMENTS {
            row.push(retirement(entry, models));
        }
        row
    };
    let retires = (name == DEPLOYMENTS).then_some("Retires");
    FactTable {
        columns: columns.iter().map(|(column, _)| *column).chain(retires).collect(),
        rows: entries(fact).iter().map(row).collect(),
    }
}

/// A column, and where its text stands in an entry: the first of these that is there.
type Column = (&'static str, &'static [&'static str]);

const NAME: Column = ("Name", &["/name", "/id"]);

fn columns(name: &str) -> &'static [Column] {
    match name {
        DEPLOYMENTS => &[
            NAME,
            ("Model", &["/properties/model/name"]),
            ("Version", &["/properties/model/version"]),
            ("Type", &["/sku/name"]),
            ("Upgrades", &["/properties/versionUpgradeOption"]),
        ],
        DEPLOYED_MODELS => &[
            ("Model", &["/model/name", "/name"]),
            ("Version", &["/model/version"]),
            ("State", &["/model/lifecycleStatus"]),
            ("Retires", &["/model/deprecation/inference"]),
        ],
        CONNECTIONS | PROJECT_CONNECTIONS => &[
            NAME,
            ("To", &["/properties/category"]),
            ("Target", &["/properties/target"]),
            ("Signs in with", &["/properties/authType"]),
        ],
        PRIVATE_ENDPOINTS => &[
            NAME,
            ("Subnet", &["/properties/subnet/id"]),
            (
                "Connection",
                &[
                    "/properties/privateLinkServiceConnections/0/properties/privateLinkServiceConnectionState/status",
                    "/properties/manualPrivateLinkServiceConnections/0/properties/privateLinkServiceConnectionState/status",
                ],
            ),
        ],
        DIAGNOSTIC_SETTINGS => &[
            NAME,
            (
                "To",
                &[
                    "/properties/workspaceId",
                    "/properties/storageAccountId",
                    "/properties/eventHubAuthorizationRuleId",
                    "/properties/marketplacePartnerId",
                ],
            ),
        ],
        ROLE_ASSIGNMENTS => &[
            (
                "Role",
                &["/definition/properties/roleName", "/assignment/properties/roleDefinitionId"],
            ),
            ("Held by", &["/assignment/properties/principalId"]),
            ("Kind", &["/assignment/properties/principalType"]),
            ("At", &["/assignment/properties/scope"]),
        ],
        KEY_EVENTS => &[
            ("When", &["/eventTimestamp"]),
            ("What", &["/operationName/value"]),
            ("By", &["/caller"]),
            ("Outcome", &["/status/value"]),
        ],
        ONLINE_ENDPOINTS => &[
            NAME,
            ("Signs in with", &["/properties/authMode"]),
            ("Public network", &["/properties/publicNetworkAccess"]),
        ],
        ONLINE_DEPLOYMENTS => &[
            NAME,
            ("Model", &["/properties/model"]),
            ("State", &["/properties/provisioningState"]),
        ],
        POLICY_STATES => &[
            ("Policy", &["/properties/policyDefinitionName", "/properties/policyDefinitionId"]),
            ("State", &["/properties/complianceState"]),
        ],
        _ => &[NAME],
    }
}

/// The text at the first of these pointers that is there; numbers and words as they are written.
fn first(entry: &Value, paths: &[&str]) -> Option<String> {
    paths.iter().find_map(|path| match entry.pointer(path)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    })
}

/// When the deployment's model is retired: of its deployment type where that has a date of its own.
fn retirement(deployment: &Value, models: &[Value]) -> Option<String> {
    let text = |value: &Value, path: &str| value.pointer(path)?.as_str().map(str::to_lowercase);
    let of = |value: &Value, base: &str| {
        (text(value, &format!("{base}/name")), text(value, &format!("{base}/version")))
    };
    let wanted = of(deployment, "/properties/model");
    wanted.0.as_ref()?;
    let entry = models.iter().find(|entry| of(entry, "/model") == wanted)?;
    let sku = text(deployment, "/sku/name");
    let skus = entry.pointer("/model/skus").and_then(Value::as_array);
    let own = skus.into_iter().flatten().find(|one| sku.is_some() && text(one, "/name") == sku);
    own.and_then(|own| first(own, &["/deprecationDate"]))
        .or_else(|| first(entry, &["/model/deprecation/inference"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::gap::{GapKind, GapReason};

    fn read(value: Value) -> Fact {
        Fact::Read { value }
    }

    fn lines(name: &str, related: &BTreeMap<String, Fact>) -> Vec<String> {
        let table = table(name, &related[name], related);
        let cell = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "none".to_owned());
        let rows =
            table.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" | "));
        [table.columns.join(" | ")].into_iter().chain(rows).collect()
    }

    #[test]
    fn a_deployment_says_when_its_model_is_retired() {
        let deployment = |name: &str, version: &str, sku: &str| {
            json!({
                "name": name, "sku": {"name": sku},
                "properties": {"model": {"name": "gpt-4o", "version": version}},
            })
        };
        let related = BTreeMap::from([
            (
                DEPLOYMENTS.to_owned(),
                read(json!([
                    deployment("chat", "1", "Standard"),
                    deployment("batch", "1", "GlobalBatch"),
                    deployment("gone", "0", "Standard"),
                ])),
            ),
            (
                DEPLOYED_MODELS.to_owned(),
                read(json!([{
                    "kind": "OpenAI",
                    "model": {
                        "name": "GPT-4o", "version": "1", "lifecycleStatus": "GenerallyAvailable",
                        "deprecation": {"inference": "2027-01-01T00:00:00Z"},
                        "skus": [{"name": "GlobalBatch", "deprecationDate": "2026-06-01T00:00:00Z"}],
                    },
                }])),
            ),
        ]);
        assert_eq!(
            lines(DEPLOYMENTS, &related),
            [
                "Name | Model | Version | Type | Upgrades | Retires",
                "chat | gpt-4o | 1 | Standard | none | 2027-01-01T00:00:00Z",
                "batch | gpt-4o | 1 | GlobalBatch | none | 2026-06-01T00:00:00Z",
                "gone | gpt-4o | 0 | Standard | none | none",
            ]
        );
        assert_eq!(
            lines(DEPLOYED_MODELS, &related),
            [
                "Model | Version | State | Retires",
                "GPT-4o | 1 | GenerallyAvailable | 2027-01-01T00:00:00Z",
            ]
        );
    }

    #[test]
    fn what_azure_did_not_show_is_left_empty_and_what_was_read_in_part_is_shown() {
        let reason = GapReason {
            kind: GapKind::Throttled,
            status: Some(429),
            action: None,
            message: "too often".to_owned(),
        };
        let partial = json!([
            {"assignment": {"properties": {"principalId": "p", "roleDefinitionId": "/r"}}, "definition": null},
            "nonsense",
        ]);
        let fact = Fact::Unreadable { reason, partial: Some(partial) };
        let related = BTreeMap::from([(ROLE_ASSIGNMENTS.to_owned(), fact)]);
        assert_eq!(
            lines(ROLE_ASSIGNMENTS, &related),
            ["Role | Held by | Kind | At", "/r | p | none | none", "none | none | none | none"]
        );
    }

    #[test]
    fn every_label_is_of_one_fact_and_what_has_none_comes_last() {
        for (place, (name, text)) in LABELS.iter().enumerate() {
            assert_eq!((label(name), position(name)), (*text, place));
        }
        assert_eq!((label("other"), position("other")), ("other", LABELS.len()));
        let related = BTreeMap::from([("other".to_owned(), read(json!([{"id": "/x"}])))]);
        assert_eq!(lines("other", &related), ["Name", "/x"]);
    }
}

//! Diagnostic settings, alerts and the activity log.

use serde_json::{Value, json};
use time::Date;

use super::{group_of, name_of};
use crate::random::uuid;

/// Where logs go.
#[derive(Clone, Copy)]
pub(in crate::estate) enum Destination<'a> {
    /// A Log Analytics workspace.
    Workspace(&'a str),
    /// A storage account: kept, but nobody looks at it.
    Storage(&'a str),
}

/// A resource's diagnostic setting (2021-05-01-preview). Search has a category of its own instead of groups.
pub(in crate::estate) fn diagnostic_setting(
    resource: &str,
    name: &str,
    category: &str,
    destination: Destination<'_>,
) -> Value {
    let retention = json!({"enabled": false, "days": 0});
    let group = |name: &str| json!({"category": null, "categoryGroup": name, "enabled": true, "retentionPolicy": retention});
    let logs = if category == "OperationLogs" {
        json!([{
            "category": category, "categoryGroup": null, "enabled": true, "retentionPolicy": retention
        }])
    } else {
        json!([group("audit"), group("allLogs")])
    };
    let (storage, workspace) = match destination {
        Destination::Workspace(id) => (Value::Null, json!(id)),
        Destination::Storage(id) => (json!(id), Value::Null),
    };
    json!({
        "id": format!("{}/providers/microsoft.insights/diagnosticSettings/{name}", resource.to_ascii_lowercase()),
        "type": "Microsoft.Insights/diagnosticSettings",
        "name": name,
        "location": null,
        "kind": null,
        "tags": null,
        "properties": {
            "storageAccountId": storage,
            "serviceBusRuleId": null,
            "workspaceId": workspace,
            "eventHubAuthorizationRuleId": null,
            "eventHubName": null,
            "metrics": [{"category": "AllMetrics", "enabled": true, "retentionPolicy": retention}],
            "logs": logs,
            "logAnalyticsDestinationType": null
        },
        "identity": null
    })
}

/// A subscription's diagnostic setting: where its activity log goes.
pub(in crate::estate) fn subscription_setting(
    subscription: &str,
    categories: &[&str],
    workspace: &str,
) -> Value {
    let logs: Vec<Value> =
        categories.iter().map(|category| json!({"category": category, "enabled": true})).collect();
    json!({
        "id": format!("subscriptions/{subscription}/providers/AzureResourceManager/diagnosticSettings/activity"),
        "type": null,
        "name": "activity",
        "properties": {"workspaceId": workspace, "logs": logs}
    })
}

/// A metric alert on one resource (2018-03-01): of which metric, and of which status codes alone, if of some.
pub(in crate::estate) fn metric_alert(
    id: &str,
    (resource, resource_type): (&str, &str),
    (metric, codes): (&str, &[&str]),
    action_group: &str,
    enabled: bool,
) -> Value {
    let dimensions = if codes.is_empty() {
        json!([])
    } else {
        json!([{"name": "StatusCode", "operator": "Include", "values": codes}])
    };
    json!({
        "id": id,
        "name": name_of(id),
        "type": "Microsoft.Insights/metricAlerts",
        "location": "global",
        "tags": {},
        "properties": {
            "description": "",
            "severity": 2,
            "enabled": enabled,
            "scopes": [resource],
            "evaluationFrequency": "PT5M",
            "windowSize": "PT15M",
            "criteria": {
                "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                "allOf": [{
                    "criterionType": "StaticThresholdCriterion",
                    "name": "condition",
                    "metricName": metric,
                    "metricNamespace": resource_type,
                    "dimensions": dimensions,
                    "operator": "GreaterThan",
                    "threshold": 80.0,
                    "timeAggregation": "Total"
                }]
            },
            "autoMitigate": true,
            "targetResourceType": resource_type,
            "actions": [{"actionGroupId": action_group, "webHookProperties": {}}]
        }
    })
}

/// An alert on the health of Azure's services (2020-10-01).
pub(in crate::estate) fn health_alert(id: &str, subscription: &str, action_group: &str) -> Value {
    let mut alert = activity_alert(id, subscription, "", action_group);
    alert["properties"]["condition"] =
        json!({"allOf": [{"field": "category", "equals": "ServiceHealth"}]});
    alert
}

/// An alert on an operation in the activity log (2020-10-01).
pub(in crate::estate) fn activity_alert(
    id: &str,
    subscription: &str,
    operation: &str,
    action_group: &str,
) -> Value {
    json!({
        "id": id,
        "name": name_of(id),
        "type": "Microsoft.Insights/ActivityLogAlerts",
        "location": "global",
        "tags": {},
        "properties": {
            "scopes": [format!("/subscriptions/{subscription}")],
            "condition": {"allOf": [
                {"field": "category", "equals": "Administrative"},
                {"field": "operationName", "equals": operation}
            ]},
            "actions": {"actionGroups": [{"actionGroupId": action_group, "webhookProperties": {}}]},
            "enabled": true,
            "description": ""
        }
    })
}

/// Something that was done to a resource.
pub(in crate::estate) struct Event<'a> {
    pub resource: &'a str,
    /// Such as `Microsoft.CognitiveServices/accounts`.
    pub resource_type: &'a str,
    /// Such as `Microsoft.CognitiveServices/accounts/regenerateKey/action`.
    pub operation: &'a str,
    /// What Azure calls the operation for people.
    pub title: &'a str,
    pub caller: &'a str,
    pub day: Date,
    /// Minutes after midnight.
    pub minute: u32,
}

impl Event<'_> {
    /// An entry of the activity log (2015-04-01, `EventData`).
    pub(in crate::estate) fn body(&self, tenant: &str) -> Value {
        let provider = self.resource_type.split('/').next().unwrap_or_default();
        let day = self.day.to_string();
        let minute = self.minute.to_string();
        let of = |part: &str| uuid(0, &[self.resource, self.operation, &day, &minute, part]);
        let (correlation, event) = (of("correlation"), of("event"));
        let at = format!("{day}T{:02}:{:02}:07.5893285Z", self.minute / 60 % 24, self.minute % 60);
        let ticks = self.day.to_julian_day().unsigned_abs();
        let both = |text: &str| json!({"value": text, "localizedValue": text});
        json!({
            "authorization": {"action": self.operation, "scope": self.resource},
            "caller": self.caller,
            "channels": "Operation",
            "claims": {
                "aud": "https://management.core.windows.net/",
                "name": self.caller,
                "http://schemas.microsoft.com/identity/claims/tenantid": tenant
            },
            "correlationId": correlation,
            "description": "",
            "eventDataId": event,
            "eventName": {"value": "EndRequest", "localizedValue": "End request"},
            "category": both("Administrative"),
            "httpRequest": {
                "clientRequestId": of("request"), "clientIpAddress": "198.51.100.7", "method": "POST"
            },
            "id": format!("{}/events/{event}/ticks/{ticks}", self.resource),
            "level": "Informational",
            "resourceGroupName": group_of(self.resource),
            "resourceProviderName": both(provider),
            "resourceId": self.resource,
            "resourceType": both(self.resource_type),
            "operationId": correlation,
            "operationName": {"value": self.operation, "localizedValue": self.title},
            "properties": {
                "statusCode": "OK", "serviceRequestId": null, "eventCategory": "Administrative",
                "entity": self.resource, "message": self.operation
            },
            "status": both("Succeeded"),
            "subStatus": {"value": "OK", "localizedValue": "OK (HTTP Status Code: 200)"},
            "eventTimestamp": at,
            "submissionTimestamp": at,
            "subscriptionId": self.resource.split('/').nth(2).unwrap_or_default(),
            "tenantId": tenant
        })
    }
}

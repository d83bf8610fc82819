//! Alerts on the activity log: tampering, and the health of Azure's services.

use postern_rules_sdk::{
    AssetContext, Check, Evidence, Judgement, Node, Outcome, Read, Remedy, Rule, SUBSCRIPTION,
    Setting, SettingKind, Severity, Topic, Unreadable, Value, Verdict, Words, fact, failing,
    setting_evidence,
};

use super::subscription::EVERY_SUBSCRIPTION;
use crate::groundwork::azure::LANDING_ZONE;

const ALERTS: &str = "Resource Graph resources, microsoft.insights/activitylogalerts";
const EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/monitor/resource-manager/Microsoft.Insights/stable/2020-10-01/examples/ActivityLogAlertRule_ListBySubscriptionId.json";

/// What the rules on alerts read.
const READS: [Read; 4] = [
    Read {
        path: "activityLogAlerts[].properties.enabled",
        source: ALERTS,
        absent: "true: the specification's default (2020-10-01)",
    },
    Read {
        path: "activityLogAlerts[].properties.scopes",
        source: ALERTS,
        absent: "not documented: required",
    },
    Read {
        path: "activityLogAlerts[].properties.condition.allOf",
        source: ALERTS,
        absent: "not documented: required",
    },
    Read {
        path: "activityLogAlerts[].properties.actions.actionGroups",
        source: ALERTS,
        absent: "nobody is told",
    },
];

/// What is watched.
static WATCHED_OPERATIONS: Setting = Setting {
    name: "watchedOperations",
    description: "Operations of the activity log that an alert has to watch over in every subscription, such as Microsoft.CognitiveServices/accounts/regenerateKey/action. Empty: none, which switches the rule off.",
    kind: SettingKind::Texts {
        default: &[
            "Microsoft.CognitiveServices/accounts/regenerateKey/action",
            "Microsoft.CognitiveServices/accounts/delete",
            "Microsoft.Authorization/policyAssignments/write",
            "Microsoft.Authorization/policyAssignments/delete",
        ],
        pattern: "^[^/\\s]+(/[^/\\s]+)+$",
    },
};

/// MON-19: tampering is noticed.
pub static TAMPERING: Rule = Rule {
    id: "MON-19",
    title: "Alerts watch changes of keys, accounts and policies",
    topic: Topic::Monitoring,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.131: high",
    rationale: "Who regenerates a key, deletes an account or takes a policy away either does planned work or covers tracks. \
                An alert tells the difference on the same day.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[
        EVERY_SUBSCRIPTION,
        "All subscriptions, where the setting watchedOperations is empty.",
    ],
    never: &[],
    reads: &READS,
    settings: &[&WATCHED_OPERATIONS],
    remedy: Remedy {
        summary: "Create an alert on each operation that is not watched, with an action group that reaches somebody.",
        az: Some(
            "az monitor activity-log alert create --name alert-keys --resource-group <group> --scope $ID --condition category=Administrative and operationName=Microsoft.CognitiveServices/accounts/regenerateKey/action --action-group <id of the action group>",
        ),
        bicep: Some(
            "resource alert 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {\n  name: 'alert-keys'\n  location: 'global'\n  properties: {\n    enabled: true\n    scopes: [subscription().id]\n    condition: {\n      allOf: [\n        { field: 'category', equals: 'Administrative' }\n        { field: 'operationName', equals: 'Microsoft.CognitiveServices/accounts/regenerateKey/action' }\n      ]\n    }\n    actions: { actionGroups: [{ actionGroupId: actionGroupId }] }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_monitor_activity_log_alert\" \"keys\" {\n  name                = \"alert-keys\"\n  resource_group_name = var.resource_group_name\n  location            = \"global\"\n  scopes              = [\"$ID\"]\n  criteria {\n    category       = \"Administrative\"\n    operation_name = \"Microsoft.CognitiveServices/accounts/regenerateKey/action\"\n  }\n  action {\n    action_group_id = var.action_group_id\n  }\n}",
        ),
        portal: Some("Monitor > Alerts > Create > Alert rule"),
    },
    policies: &["c5447c04-a4d7-4ba8-a263-c9ee321a6858"],
    policy_difference: "The policy asks for an alert on one operation on policies, which its assignment names; the rule asks for the operations of the setting watchedOperations. An alert that is scoped to less than the subscription, that has further conditions or that tells nobody satisfies the policy and not the rule.",
    controls: &[
        "nist-800-53-r5:AU-2",
        "nist-800-53-r5:AU-6",
        "nist-800-53-r5:AU-12",
        "cis-azure-foundations-6.0:6.1.2.1",
        "cis-azure-foundations-6.0:6.1.2.2",
    ],
    references: &[EXAMPLE, LANDING_ZONE],
    judge: tampering,
};

fn tampering(subscription: &AssetContext<'_>) -> Outcome {
    let operations = subscription.texts_setting(&WATCHED_OPERATIONS);
    if operations.is_empty() {
        let evidence = setting_evidence(&WATCHED_OPERATIONS, "the operations to watch over");
        let summary = "The organisation asks for no alert on operations.";
        return Ok(Judgement::not_applicable(summary, evidence));
    }
    let alerts = subscription.related(fact::ACTIVITY_LOG_ALERTS)?;
    let mut is_watched = vec![false; operations.len()];
    let mut unreadable = None;
    for alert in alerts.nodes() {
        if let Err(error) = note_watched(subscription, &alert, &operations, &mut is_watched) {
            unreadable = unreadable.or(Some(error));
        }
    }
    if is_watched.iter().all(|is_watched| *is_watched) {
        let evidence = alerts.expected("an enabled alert on each operation");
        return Ok(Judgement::pass("Alerts watch the operations.", evidence));
    }
    if let Some(error) = unreadable {
        return Err(error);
    }
    alerts.complete()?;
    let missing = operations.iter().zip(is_watched).filter(|(_, is_watched)| !is_watched);
    let missing = missing
        .map(|(operation, _)| alerts.expected(format!("an enabled alert on {operation}")))
        .collect();
    let summary = "No alert watches some of the operations.";
    Ok(failing(summary, missing)
        .unwrap_or_else(|| Judgement::fail(summary, alerts.expected("an enabled alert"))))
}

/// Notes which operations an alert watches.
fn note_watched(
    subscription: &AssetContext<'_>,
    alert: &Node<'_>,
    operations: &[&str],
    is_watched: &mut [bool],
) -> Result<(), Unreadable> {
    if shortcoming(subscription, alert)?.is_some() {
        return Ok(());
    }
    let mut admitted = vec![true; operations.len()];
    let has_all = admits_all(alert, |choices| {
        for (operation, is_admitted) in operations.iter().zip(&mut admitted) {
            *is_admitted = *is_admitted && choices.iter().any(|choice| watches(choice, operation));
        }
        admitted.contains(&true)
    })?;
    for (is_watched, is_admitted) in is_watched.iter_mut().zip(admitted) {
        *is_watched |= has_all && is_admitted;
    }
    Ok(())
}

/// Whether an event of the operation that succeeded meets a condition.
fn watches(condition: &Condition<'_>, operation: &str) -> bool {
    if condition.is_on("category") {
        condition.names("Administrative")
    } else if condition.is_on("operationName") {
        condition.names(operation)
    } else if condition.is_on("status") {
        condition.names("Succeeded")
    } else {
        // Whatever else narrows it may leave out the event that matters.
        condition.is_on("resourceProvider")
            && condition.names(operation.split('/').next().unwrap_or_default())
    }
}

/// A condition of an alert: a field, and the values that it may have.
struct Condition<'a> {
    field: &'a str,
    equals: Option<&'a str>,
    contains_any: &'a [Value<'a>],
}

impl<'a> Condition<'a> {
    fn read(node: &Node<'a>) -> Result<Self, Unreadable> {
        Ok(Self {
            field: node.text("field")?.value.unwrap_or_default(),
            equals: node.text("equals")?.value,
            contains_any: node.list("containsAny")?.value.unwrap_or_default(),
        })
    }

    fn is_on(&self, field: &str) -> bool {
        self.field.eq_ignore_ascii_case(field)
    }

    fn values(&self) -> impl Iterator<Item = &'a str> {
        self.equals.into_iter().chain(self.contains_any.iter().filter_map(Value::as_str))
    }

    fn names(&self, value: &str) -> bool {
        self.values().any(|one| one.eq_ignore_ascii_case(value))
    }
}

/// Evidence of why an alert tells nobody of the whole subscription; `None` where it does.
fn shortcoming(
    subscription: &AssetContext<'_>,
    alert: &Node<'_>,
) -> Result<Option<Evidence>, Unreadable> {
    let enabled = alert.flag("properties.enabled")?;
    if enabled.value == Some(false) {
        return Ok(Some(enabled.expected("true")));
    }
    let scopes = alert.list("properties.scopes")?;
    let whole = subscription.id().trim_start_matches('/');
    let mut named = scopes.value.into_iter().flatten().filter_map(|scope| scope.as_str());
    if !named.any(|scope| scope.trim_matches('/').eq_ignore_ascii_case(whole)) {
        return Ok(Some(scopes.expected("the subscription")));
    }
    let groups = alert.list("properties.actions.actionGroups")?;
    let tells_nobody = groups.value.is_none_or(<[_]>::is_empty);
    Ok(tells_nobody.then(|| groups.expected_or("an action group", "nobody is told")))
}

/// Whether every condition of an alert admits an event; each is on one field, or one of several choices.
fn admits_all(
    alert: &Node<'_>,
    mut admits: impl FnMut(&[Condition<'_>]) -> bool,
) -> Result<bool, Unreadable> {
    let conditions = alert.list("properties.condition.allOf")?.entries();
    if conditions.is_empty() {
        return Ok(false);
    }
    for condition in conditions.nodes() {
        let choices = condition.list("anyOf")?;
        let is_admitted = if choices.is_absent() {
            admits(&[Condition::read(&condition)?])
        } else {
            let choices = choices.entries();
            let choices: Result<Vec<_>, _> =
                choices.nodes().map(|choice| Condition::read(&choice)).collect();
            admits(&choices?)
        };
        if !is_admitted {
            return Ok(false);
        }
    }
    Ok(true)
}

/// MON-20: the health of services.
pub static SERVICE_HEALTH: Rule = Rule {
    id: "MON-20",
    title: "An alert tells of trouble with Azure's AI services",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "our own judgement: an outage is noticed anyway, only later (AI landing zone checklist AI.115: high)",
    rationale: "When a service or a region is in trouble, teams search for faults of their own until somebody looks at Azure's status. \
                An alert on service health tells them, and tells of retirements and security advisories as well. Whether the regions that an alert is limited to are those in use is not checked.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &READS,
    settings: &[],
    remedy: Remedy {
        summary: "Create an alert on service health for the subscription, with an action group that reaches somebody.",
        az: Some(
            "az monitor activity-log alert create --name alert-health --resource-group <group> --scope $ID --condition category=ServiceHealth --action-group <id of the action group>",
        ),
        bicep: Some(
            "resource alert 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {\n  name: 'alert-health'\n  location: 'global'\n  properties: {\n    enabled: true\n    scopes: [subscription().id]\n    condition: { allOf: [{ field: 'category', equals: 'ServiceHealth' }] }\n    actions: { actionGroups: [{ actionGroupId: actionGroupId }] }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_monitor_activity_log_alert\" \"health\" {\n  name                = \"alert-health\"\n  resource_group_name = var.resource_group_name\n  location            = \"global\"\n  scopes              = [\"$ID\"]\n  criteria {\n    category = \"ServiceHealth\"\n  }\n  action {\n    action_group_id = var.action_group_id\n  }\n}",
        ),
        portal: Some("Service Health > Health alerts > Create service health alert"),
    },
    policies: &["98903777-a9f6-47f5-90a9-acaf62ab01a8"],
    policy_difference: "The policy asks for an alert with a condition on each kind of event in a resource group that its assignment names; the rule takes any alert on service health that tells of incidents with AI services, in any group. An alert that tells nobody satisfies the policy and not the rule.",
    controls: &["cis-azure-foundations-6.0:6.1.2.11"],
    references: &[EXAMPLE, LANDING_ZONE],
    judge: service_health,
};

fn service_health(subscription: &AssetContext<'_>) -> Outcome {
    subscription.related(fact::ACTIVITY_LOG_ALERTS)?.some(
        Words {
            pass: "An alert tells of trouble with Azure's services.",
            fail: "No alert tells of trouble with Azure's AI services.",
            none: "an enabled alert on the category ServiceHealth",
        },
        |alert| {
            let conditions = alert.list("properties.condition.allOf")?;
            if !is_on_health(alert)? {
                return Ok(Check::Skip);
            }
            if let Some(evidence) = shortcoming(subscription, alert)? {
                return Ok(Check::Bad(vec![evidence]));
            }
            let evidence = conditions.expected("ServiceHealth, with incidents and AI services");
            Ok(Check::of(admits_all(alert, |choices| choices.iter().any(tells_of_ai))?, evidence))
        },
    )
}

fn is_on_health(alert: &Node<'_>) -> Result<bool, Unreadable> {
    for condition in alert.list("properties.condition.allOf")?.entries().nodes() {
        if condition.is_any_of("field", &["category"])?
            && condition.is_any_of("equals", &["ServiceHealth"])?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an incident with an AI service meets a condition; regions are taken as they are.
fn tells_of_ai(condition: &Condition<'_>) -> bool {
    const SERVICES: [&str; 6] =
        ["cognitive", "openai", "azure ai", "foundry", "machine learning", "bot service"];
    if condition.is_on("category") {
        condition.names("ServiceHealth")
    } else if condition.is_on("properties.incidentType") {
        condition.names("Incident")
    } else if condition.is_on("properties.impactedServices[*].ServiceName") {
        condition.values().any(|value| {
            let value = value.to_ascii_lowercase();
            SERVICES.iter().any(|service| value.contains(service))
        })
    } else {
        condition.is_on("properties.impactedServices[*].ImpactedRegions[*].RegionName")
    }
}

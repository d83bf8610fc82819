//! Metric alerts on accounts with models: whether somebody is told before misuse or an outage grows.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Judgement, Node, Outcome, Read, Reading,
    Remedy, Rule, Severity, Topic, Unreadable, Words, fact,
};

use super::metrics::{BASELINE_ALERTS, METRICS, MODEL_KINDS};
use crate::data::region;
use crate::groundwork::azure::{ACCOUNT_KIND, ACCOUNTS, DEPLOYMENTS, LANDING_ZONE};

const ALERTS: &str = "ResourceGraph_Resources 2024-04-01";
const EXCEPTIONS: &[&str] = &[
    "Kinds other than OpenAI and AIServices: they have no models.",
    "Accounts without deployments: there is nothing to count.",
];
const READS: [Read; 9] = [
    ACCOUNT_KIND,
    Read {
        path: "deployments[].sku.name",
        source: DEPLOYMENTS,
        absent: "not documented: unknown where an alert is on the utilization of provisioned deployments; where the deployments could not be read, judged as if there were some",
    },
    Read {
        path: "location",
        source: ACCOUNTS,
        absent: "nothing: Azure always returns a resource's location",
    },
    Read {
        path: "metricAlerts[].properties.enabled",
        source: ALERTS,
        absent: "not documented: the property is required, so judged as switched off",
    },
    Read {
        path: "metricAlerts[].properties.criteria.allOf",
        source: ALERTS,
        absent: "the alert watches something else than metrics",
    },
    Read {
        path: "metricAlerts[].properties.criteria.allOf[].operator",
        source: ALERTS,
        absent: "not documented: required",
    },
    Read { path: "metricAlerts[].properties.actions", source: ALERTS, absent: "nobody is told" },
    Read {
        path: "metricAlerts[].properties.targetResourceType",
        source: ALERTS,
        absent: "the type of the resource that the scopes name",
    },
    Read {
        path: "metricAlerts[].properties.targetResourceRegion",
        source: ALERTS,
        absent: "the region of the resource that the scopes name",
    },
];
const PORTAL: Option<&str> = Some("The account > Monitoring > Alerts > Create > Alert rule");
const SKU: &str = "the SKU, such as GlobalProvisionedManaged";
const NOBODY: &str = "nobody is told";

/// What an alert has to watch.
#[derive(Clone, Copy)]
struct Watch {
    /// Metrics that say it by themselves.
    metrics: &'static [&'static str],
    /// Metrics that say it where only these status codes count.
    by_code: &'static [&'static str],
    codes: &'static [&'static str],
    /// Metrics that say it of provisioned deployments only.
    of_provisioned: &'static [&'static str],
}

const NOTHING: Watch = Watch { metrics: &[], by_code: &[], codes: &[], of_provisioned: &[] };
/// Operators of an alert that fires when there is much of something; `LessThan` is a heartbeat.
const RISING: &[&str] = &["GreaterThan", "GreaterThanOrEqual", "GreaterOrLessThan"];
const REQUESTS: &[&str] = &["AzureOpenAIRequests", "ModelRequests"];

/// MON-15: consumption.
pub static TOKENS: Rule = Rule {
    id: "MON-15",
    title: "An alert watches the use of tokens",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "our own judgement: medium (AI landing zone checklist AI.132: high)",
    rationale: "Tokens are money, and a leaked key shows first as an unusual use of them. \
                Without an alert the bill at the end of the month is the first to tell.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: EXCEPTIONS,
    never: &[],
    reads: &READS,
    settings: &[],
    remedy: Remedy {
        summary: "Create a metric alert on the tokens with an action group; choose a threshold above a busy hour.",
        az: Some(
            "az monitor metrics alert create --name tokens --resource-group GROUP --scopes $ID --condition \"total TokenTransaction > 180000\" --window-size 5m --evaluation-frequency 5m --action ACTION_GROUP_ID",
        ),
        bicep: Some(
            "resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = {\n  name: 'tokens'\n  location: 'global'\n  properties: {\n    enabled: true\n    severity: 2\n    scopes: [\n      account.id\n    ]\n    evaluationFrequency: 'PT5M'\n    windowSize: 'PT5M'\n    criteria: {\n      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'\n      allOf: [\n        {\n          criterionType: 'StaticThresholdCriterion'\n          name: 'tokens'\n          metricName: 'TokenTransaction'\n          operator: 'GreaterThan'\n          threshold: 180000\n          timeAggregation: 'Total'\n        }\n      ]\n    }\n    actions: [\n      {\n        actionGroupId: actionGroup.id\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_monitor_metric_alert\" \"tokens\" {\n  name   = \"tokens\"\n  scopes = [azurerm_cognitive_account.this.id]\n  criteria {\n    metric_namespace = \"Microsoft.CognitiveServices/accounts\"\n    metric_name      = \"TokenTransaction\"\n    aggregation      = \"Total\"\n    operator         = \"GreaterThan\"\n    threshold        = 180000\n  }\n  action {\n    action_group_id = azurerm_monitor_action_group.this.id\n  }\n}",
        ),
        portal: PORTAL,
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[METRICS, BASELINE_ALERTS, LANDING_ZONE],
    judge: |asset| {
        let metrics = &[
            "TokenTransaction",
            "ProcessedPromptTokens",
            "GeneratedTokens",
            "TotalTokens",
            "InputTokens",
            "OutputTokens",
        ];
        let words = Words {
            pass: "An alert watches the use of tokens.",
            fail: "No working alert watches the use of tokens.",
            none: "an enabled alert on TokenTransaction, TotalTokens or their parts, with an action group",
        };
        alerted(asset, Watch { metrics, ..NOTHING }, words)
    },
};

/// MON-16: throttling.
pub static THROTTLED: Rule = Rule {
    id: "MON-16",
    title: "An alert watches throttled requests",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "our own judgement: medium (AI landing zone checklist AI.154 and AI.155)",
    rationale: "A used-up quota stops every application on the account with status 429. \
                It is a growing workload, a loop, or somebody else's use of a stolen key. \
                The utilization of provisioned deployments tells of it too, where there is such a deployment.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: EXCEPTIONS,
    never: &[],
    reads: &READS,
    settings: &[],
    remedy: Remedy {
        summary: "Create a metric alert on requests with status 429, or where deployments are provisioned on their utilization, with an action group.",
        az: Some(
            "az monitor metrics alert create --name throttled --resource-group GROUP --scopes $ID --condition \"total AzureOpenAIRequests > 10 where StatusCode includes 429\" --window-size 5m --evaluation-frequency 5m --action ACTION_GROUP_ID",
        ),
        bicep: Some(
            "resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = {\n  name: 'throttled'\n  location: 'global'\n  properties: {\n    enabled: true\n    severity: 2\n    scopes: [\n      account.id\n    ]\n    evaluationFrequency: 'PT5M'\n    windowSize: 'PT5M'\n    criteria: {\n      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'\n      allOf: [\n        {\n          criterionType: 'StaticThresholdCriterion'\n          name: 'throttled'\n          metricName: 'AzureOpenAIRequests'\n          dimensions: [\n            {\n              name: 'StatusCode'\n              operator: 'Include'\n              values: [\n                '429'\n              ]\n            }\n          ]\n          operator: 'GreaterThan'\n          threshold: 10\n          timeAggregation: 'Total'\n        }\n      ]\n    }\n    actions: [\n      {\n        actionGroupId: actionGroup.id\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_monitor_metric_alert\" \"throttled\" {\n  name   = \"throttled\"\n  scopes = [azurerm_cognitive_account.this.id]\n  criteria {\n    metric_namespace = \"Microsoft.CognitiveServices/accounts\"\n    metric_name      = \"AzureOpenAIRequests\"\n    aggregation      = \"Total\"\n    operator         = \"GreaterThan\"\n    threshold        = 10\n    dimension {\n      name     = \"StatusCode\"\n      operator = \"Include\"\n      values   = [\"429\"]\n    }\n  }\n  action {\n    action_group_id = azurerm_monitor_action_group.this.id\n  }\n}",
        ),
        portal: PORTAL,
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[METRICS, BASELINE_ALERTS, LANDING_ZONE],
    judge: |asset| {
        let of_provisioned = &[
            "AzureOpenAIProvisionedManagedUtilizationV2",
            "AzureOpenAIProvisionedManagedUtilization",
            "ProvisionedUtilization",
        ];
        let words = Words {
            pass: "An alert watches throttled requests.",
            fail: "No working alert watches throttled requests.",
            none: "an enabled alert on requests with status 429 or on provisioned utilization, with an action group",
        };
        let codes = &["429"];
        alerted(asset, Watch { of_provisioned, by_code: REQUESTS, codes, ..NOTHING }, words)
    },
};

/// MON-17: refused credentials.
pub static REFUSED: Rule = Rule {
    id: "MON-17",
    title: "An alert watches refused credentials",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "our own judgement: medium, since somebody tries keys or tokens that do not work",
    rationale: "Requests with status 401 or 403 are an application with an old key, or somebody who tries credentials. \
                Without an alert the attempt that succeeds is never connected with those before.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: EXCEPTIONS,
    never: &[],
    reads: &READS,
    settings: &[],
    remedy: Remedy {
        summary: "Create a metric alert on requests with status 401 or 403, with an action group. The metric ClientErrors does not count Azure OpenAI.",
        az: Some(
            "az monitor metrics alert create --name refused --resource-group GROUP --scopes $ID --condition \"total AzureOpenAIRequests > 10 where StatusCode includes 401 or 403\" --window-size 5m --evaluation-frequency 5m --action ACTION_GROUP_ID",
        ),
        bicep: Some(
            "resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = {\n  name: 'refused'\n  location: 'global'\n  properties: {\n    enabled: true\n    severity: 2\n    scopes: [\n      account.id\n    ]\n    evaluationFrequency: 'PT5M'\n    windowSize: 'PT5M'\n    criteria: {\n      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'\n      allOf: [\n        {\n          criterionType: 'StaticThresholdCriterion'\n          name: 'refused'\n          metricName: 'AzureOpenAIRequests'\n          dimensions: [\n            {\n              name: 'StatusCode'\n              operator: 'Include'\n              values: [\n                '401'\n                '403'\n              ]\n            }\n          ]\n          operator: 'GreaterThan'\n          threshold: 10\n          timeAggregation: 'Total'\n        }\n      ]\n    }\n    actions: [\n      {\n        actionGroupId: actionGroup.id\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_monitor_metric_alert\" \"refused\" {\n  name   = \"refused\"\n  scopes = [azurerm_cognitive_account.this.id]\n  criteria {\n    metric_namespace = \"Microsoft.CognitiveServices/accounts\"\n    metric_name      = \"AzureOpenAIRequests\"\n    aggregation      = \"Total\"\n    operator         = \"GreaterThan\"\n    threshold        = 10\n    dimension {\n      name     = \"StatusCode\"\n      operator = \"Include\"\n      values   = [\"401\", \"403\"]\n    }\n  }\n  action {\n    action_group_id = azurerm_monitor_action_group.this.id\n  }\n}",
        ),
        portal: PORTAL,
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[METRICS, BASELINE_ALERTS],
    judge: |asset| {
        let words = Words {
            pass: "An alert watches refused credentials.",
            fail: "No working alert watches refused credentials.",
            none: "an enabled alert on requests with status 401 or 403, with an action group",
        };
        alerted(asset, Watch { by_code: REQUESTS, codes: &["401", "403"], ..NOTHING }, words)
    },
};

/// MON-18: blocked content.
pub static BLOCKED: Rule = Rule {
    id: "MON-18",
    title: "An alert watches blocked prompts",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "our own judgement: medium (AI landing zone checklist AI.54: high)",
    rationale: "Somebody who tries to break out of the content filters is blocked many times before it works. \
                Without an alert nobody looks at who that is while it goes on.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: EXCEPTIONS,
    never: &[],
    reads: &READS,
    settings: &[],
    remedy: Remedy {
        summary: "Create a metric alert on RAIRejectedRequests or RAIHarmfulRequests with an action group.",
        az: Some(
            "az monitor metrics alert create --name blocked --resource-group GROUP --scopes $ID --condition \"total RAIRejectedRequests > 10\" --window-size 5m --evaluation-frequency 5m --action ACTION_GROUP_ID",
        ),
        bicep: Some(
            "resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = {\n  name: 'blocked'\n  location: 'global'\n  properties: {\n    enabled: true\n    severity: 2\n    scopes: [\n      account.id\n    ]\n    evaluationFrequency: 'PT5M'\n    windowSize: 'PT5M'\n    criteria: {\n      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'\n      allOf: [\n        {\n          criterionType: 'StaticThresholdCriterion'\n          name: 'blocked'\n          metricName: 'RAIRejectedRequests'\n          operator: 'GreaterThan'\n          threshold: 10\n          timeAggregation: 'Total'\n        }\n      ]\n    }\n    actions: [\n      {\n        actionGroupId: actionGroup.id\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_monitor_metric_alert\" \"blocked\" {\n  name   = \"blocked\"\n  scopes = [azurerm_cognitive_account.this.id]\n  criteria {\n    metric_namespace = \"Microsoft.CognitiveServices/accounts\"\n    metric_name      = \"RAIRejectedRequests\"\n    aggregation      = \"Total\"\n    operator         = \"GreaterThan\"\n    threshold        = 10\n  }\n  action {\n    action_group_id = azurerm_monitor_action_group.this.id\n  }\n}",
        ),
        portal: PORTAL,
    },
    policies: &[],
    policy_difference: "",
    controls: &["mcsb-v2:AI-6"],
    references: &[METRICS, LANDING_ZONE],
    judge: |asset| {
        let metrics = &["RAIRejectedRequests", "RAIHarmfulRequests"];
        let words = Words {
            pass: "An alert watches blocked prompts.",
            fail: "No working alert watches blocked prompts.",
            none: "an enabled alert on RAIRejectedRequests or RAIHarmfulRequests, with an action group",
        };
        alerted(asset, Watch { metrics, ..NOTHING }, words)
    },
};

fn alerted(asset: &AssetContext<'_>, watch: Watch, words: Words) -> Outcome {
    if let Some(other) = asset.other_kind(MODEL_KINDS)? {
        return Ok(other);
    }
    // Where the deployments could not be read there may be some.
    if let Ok(deployments) = asset.related(fact::DEPLOYMENTS)
        && deployments.is_empty()
        && deployments.complete().is_ok()
    {
        let evidence = deployments.expected("a deployment, for the rule to apply");
        return Ok(Judgement::not_applicable("The account has no deployments.", evidence));
    }
    let location = asset.text("location")?;
    asset.related(fact::METRIC_ALERTS)?.some(words, |alert| {
        if reaches(alert, location.value)? { check(asset, alert, watch) } else { Ok(Check::Skip) }
    })
}

/// Whether an alert on a group or a subscription is about accounts of this region; the scopes reach it in any case.
fn reaches(alert: &Node<'_>, location: Option<&str>) -> Result<bool, Unreadable> {
    let kind = alert.text("properties.targetResourceType")?;
    if kind.is_given() && !kind.is(COGNITIVE_SERVICES_ACCOUNT) {
        return Ok(false);
    }
    let target = alert.text("properties.targetResourceRegion")?;
    let target = target.value.filter(|target| !target.trim().is_empty());
    Ok(match (target, location) {
        (Some(target), Some(location)) => region::is_same(target, location),
        _ => true,
    })
}

/// Whether a deployment is provisioned; unknown where one of those that could not be read may be.
fn has_provisioned(asset: &AssetContext<'_>) -> Result<bool, Unreadable> {
    let deployments = asset.related(fact::DEPLOYMENTS)?;
    let mut unreadable = None;
    for deployment in deployments.nodes() {
        match deployment.text("sku.name") {
            Ok(Reading { value: Some(sku), .. }) => {
                if sku.to_ascii_lowercase().contains("provisioned") {
                    return Ok(true);
                }
            }
            Ok(sku) => {
                let error = || {
                    Unreadable::new(sku.expected(SKU), "The deployment does not say what it is.")
                };
                unreadable = unreadable.or_else(|| Some(error()));
            }
            Err(error) => unreadable = unreadable.or(Some(error)),
        }
    }
    deployments.complete()?;
    unreadable.map_or(Ok(false), Err)
}

fn check(asset: &AssetContext<'_>, alert: &Node<'_>, watch: Watch) -> Result<Check, Unreadable> {
    let criteria = alert.list("properties.criteria.allOf")?.entries();
    let (mut watched, mut is_alone) = (None, true);
    let (mut bad, mut silent) = (Vec::new(), None);
    for criterion in criteria.nodes() {
        if watches(&criterion, watch)? {
            let operator = criterion.text("operator")?;
            if operator.is_absent() {
                silent = silent.or(Some(operator));
            } else if !operator.is_any_of(RISING) {
                bad.push(
                    operator.expected("GreaterThan: the alert fires when there is much of it"),
                );
            }
            watched = watched.or(Some(criterion));
        } else {
            is_alone = false;
        }
    }
    let Some(criterion) = watched else { return Ok(Check::Skip) };
    if !is_alone {
        bad.push(criteria.expected("no other condition: the alert fires only where all hold"));
    }
    let enabled = alert.flag("properties.enabled")?;
    if !enabled.is_true() {
        bad.push(
            enabled.expected_or("true", "nothing that Azure documents: the property is required"),
        );
    }
    let actions = alert.list("properties.actions")?;
    let mut is_told = false;
    for action in actions.entries().nodes() {
        is_told |= action.text("actionGroupId")?.is_given();
    }
    if !is_told {
        bad.push(actions.expected_or("an action group", NOBODY));
    }
    if !bad.is_empty() {
        return Ok(Check::Bad(bad));
    }
    let metric = criterion.text("metricName")?;
    if metric.is_any_of(watch.of_provisioned) && !has_provisioned(asset)? {
        let evidence = metric.expected("requests with status 429: no deployment is provisioned");
        return Ok(Check::Bad(vec![evidence]));
    }
    match silent {
        Some(operator) => Err(Unreadable::new(
            operator.expected("GreaterThan"),
            "The alert does not say when it fires.",
        )),
        None => Ok(Check::Good(metric.expected("a metric that tells of it"))),
    }
}

/// Whether a criterion counts what is to be watched.
fn watches(criterion: &Node<'_>, watch: Watch) -> Result<bool, Unreadable> {
    let metric = criterion.text("metricName")?;
    if metric.is_any_of(watch.metrics) || metric.is_any_of(watch.of_provisioned) {
        return Ok(true);
    }
    if !metric.is_any_of(watch.by_code) {
        return Ok(false);
    }
    for dimension in criterion.list("dimensions")?.entries().nodes() {
        if dimension.text("name")?.is("StatusCode") {
            return counts_codes(&dimension, watch.codes);
        }
    }
    Ok(false)
}

/// Whether a dimension leaves at least one of the codes in: `*` stands for each of them by itself.
fn counts_codes(dimension: &Node<'_>, codes: &[&str]) -> Result<bool, Unreadable> {
    let values = dimension.list("values")?;
    let lists = |code: &str| {
        let is = |word: &str| word == code || word == "*";
        values.value.unwrap_or_default().iter().any(|value| value.as_str().is_some_and(is))
    };
    let is_exclusion = dimension.text("operator")?.is("Exclude");
    Ok(codes.iter().any(|code| lists(code) != is_exclusion))
}

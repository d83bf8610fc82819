//! What of a Machine Learning workspace can be seen afterwards: logs, traces, outbound calls.

use postern_rules_sdk::{
    AssetContext, Check, Judgement, MACHINE_LEARNING_WORKSPACE, Outcome, Read, Remedy, Rule,
    Severity, Topic, Verdict, Words, fact,
};

use super::diagnostic_settings::{Wanted, logged};
use crate::groundwork::azure::{DEFENDER_AI, DIAGNOSTICS, WORKSPACES};
use crate::networking::workspace::{
    ENDPOINT_SCHEMA, HUB_GUIDE, ISOLATION, ISOLATION_ABSENT, KIND_ABSENT, ONLINE_DEPLOYMENTS,
    WORKSPACE_SCHEMA, managed_network, of_hub,
};

const DESTINATION_ABSENT: &str = "that the logs go elsewhere";
const LOGS_ABSENT: &str = "that the setting sends no logs";
const INSIGHTS_PATH: &str = "properties.applicationInsights";
const INSIGHTS_ABSENT: &str = "none: what endpoints do is recorded nowhere";
const MONITOR: &str = "properties.managedNetwork.enableNetworkMonitor";
const MONITOR_ABSENT: &str = "false: the schema's default";
const TRACES: &str = "properties.appInsightsEnabled";
const TRACES_ABSENT: &str = "false: the schema's default";

/// MON-02.
pub static AUDIT_LOGS: Rule = Rule {
    id: "MON-02",
    title: "The workspace's audit logs go to Log Analytics",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium",
    rationale: "Without resource logs nobody can tell who ran which job on which data. \
                Azure keeps none of it unless a diagnostic setting sends it somewhere.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[
        Read {
            path: "diagnosticSettings[].properties.workspaceId",
            source: DIAGNOSTICS,
            absent: DESTINATION_ABSENT,
        },
        Read {
            path: "diagnosticSettings[].properties.logs",
            source: DIAGNOSTICS,
            absent: LOGS_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create a diagnostic setting that sends the audit logs to a Log Analytics workspace.",
        az: Some(
            "az monitor diagnostic-settings create --name audit --resource $ID --workspace WORKSPACE_ID --logs '[{\"categoryGroup\":\"audit\",\"enabled\":true}]'",
        ),
        bicep: Some(
            "resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {\n  name: 'audit'\n  scope: workspace\n  properties: {\n    workspaceId: logAnalyticsId\n    logs: [\n      {\n        categoryGroup: 'audit'\n        enabled: true\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_monitor_diagnostic_setting\" \"audit\" {\n  name                       = \"audit\"\n  target_resource_id         = azurerm_machine_learning_workspace.this.id\n  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id\n\n  enabled_log {\n    category_group = \"audit\"\n  }\n}",
        ),
        portal: Some("The workspace > Monitoring > Diagnostic settings > Add diagnostic setting"),
    },
    policies: &[
        "afe0c3be-ba3b-4544-ba52-0c99672a8ad6",
        "90c90eda-bfe7-4c67-bf26-410420ed1047",
        "f59276f0-5740-4aaf-821d-45d185aa210e",
    ],
    policy_difference: "Azure's policy afe0c3be is content with any enabled log to any destination; here the audit logs have to reach Log Analytics, where they can be searched.",
    controls: &[
        "mcsb-v1:LT-3",
        "mcsb-v2:LT-3",
        "nist-800-53-r5:AU-12",
        "nist-800-53-r5:AU-12(1)",
        "nist-800-53-r5:AU-2",
    ],
    references: &[DEFENDER_AI],
    judge: audit_logs,
};

/// MON-25.
pub static INSIGHTS: Rule = Rule {
    id: "MON-25",
    title: "The workspace has an Application Insights resource",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium",
    rationale: "Requests, failures and latency of endpoints are recorded in the Application Insights resource that the workspace names. \
                Without one, misuse of an endpoint leaves no trace to look at.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &["Projects that name none of their own: they use the one of their hub."],
    never: &[],
    reads: &[
        Read { path: INSIGHTS_PATH, source: WORKSPACES, absent: INSIGHTS_ABSENT },
        Read { path: "kind", source: WORKSPACES, absent: KIND_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create an Application Insights resource and name it in the workspace.",
        az: Some("az resource update --ids $ID --set properties.applicationInsights=INSIGHTS_ID"),
        bicep: Some(
            "resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-09-01' = {\n  properties: {\n    applicationInsights: insights.id\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_machine_learning_workspace\" \"this\" {\n  application_insights_id = azurerm_application_insights.this.id\n}",
        ),
        portal: Some("The workspace > Settings > Properties > Application Insights"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[DEFENDER_AI, HUB_GUIDE],
    judge: insights,
};

/// MON-26.
pub static NETWORK_MONITOR: Rule = Rule {
    id: "MON-26",
    title: "The managed network of the workspace is monitored",
    topic: Topic::Monitoring,
    severity: Severity::Low,
    severity_reason: "our own judgement: it shows attempts, it does not prevent them",
    rationale: "Outbound calls from the managed network are where stolen data would leave. \
                With the monitor on there is a record of them to look at.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "Projects: they use the managed network of their hub and are judged there.",
        "Workspaces without a managed network.",
    ],
    never: &[],
    reads: &[
        Read { path: "kind", source: WORKSPACES, absent: KIND_ABSENT },
        Read { path: ISOLATION, source: WORKSPACES, absent: ISOLATION_ABSENT },
        Read { path: MONITOR, source: WORKSPACES, absent: MONITOR_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Switch the monitor of the managed network on; no switch in the portal is documented.",
        az: Some(
            "az resource update --ids $ID --set properties.managedNetwork.enableNetworkMonitor=true",
        ),
        bicep: Some(
            "resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-09-01' = {\n  properties: {\n    managedNetwork: {\n      enableNetworkMonitor: true\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.MachineLearningServices/workspaces@2025-09-01\"\n  resource_id = azurerm_machine_learning_workspace.this.id\n  body = {\n    properties = {\n      managedNetwork = {\n        enableNetworkMonitor = true\n      }\n    }\n  }\n}",
        ),
        portal: None,
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[WORKSPACE_SCHEMA],
    judge: network_monitor,
};

/// MON-27.
pub static DEPLOYMENT_INSIGHTS: Rule = Rule {
    id: "MON-27",
    title: "Online deployments send traces to Application Insights",
    topic: Topic::Monitoring,
    severity: Severity::Low,
    severity_reason: "our own judgement: the workspace's logs still show that calls were made",
    rationale: "A deployment sends its requests, failures and output to Application Insights only where it is told to. \
                Without them an abused or broken model is found by its callers.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &["Workspaces without an online deployment."],
    never: &[],
    reads: &[Read {
        path: "onlineDeployments[].properties.appInsightsEnabled",
        source: ONLINE_DEPLOYMENTS,
        absent: TRACES_ABSENT,
    }],
    settings: &[],
    remedy: Remedy {
        summary: "Switch Application Insights on for the deployment.",
        az: Some(
            "az ml online-deployment update --resource-group RG --workspace-name $NAME --endpoint-name ENDPOINT --name DEPLOYMENT --set app_insights_enabled=true",
        ),
        bicep: Some(
            "resource deployment 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments@2025-09-01' = {\n  parent: endpoint\n  properties: {\n    appInsightsEnabled: true\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"deployment\" {\n  type        = \"Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments@2025-09-01\"\n  resource_id = \"${azurerm_machine_learning_workspace.this.id}/onlineEndpoints/ENDPOINT/deployments/DEPLOYMENT\"\n  body = {\n    properties = {\n      appInsightsEnabled = true\n    }\n  }\n}",
        ),
        portal: Some(
            "Machine Learning studio > Endpoints > the endpoint > Add deployment > Application Insights diagnostics",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ENDPOINT_SCHEMA],
    judge: deployment_insights,
};

/// By groups only: no source says which of a workspace's categories hold the audit trail; Azure's policies name groups too.
fn audit_logs(asset: &AssetContext<'_>) -> Outcome {
    logged(asset, Wanted::Audit(&[]))
}

fn insights(asset: &AssetContext<'_>) -> Outcome {
    let insights = asset.text(INSIGHTS_PATH)?;
    let evidence =
        insights.expected_or("the id of an Application Insights resource", INSIGHTS_ABSENT);
    if insights.is_given() {
        return Ok(Judgement::pass("There is an Application Insights resource.", evidence));
    }
    Ok(match of_hub(asset, "A project uses its hub's Application Insights resource.")? {
        Some(project) => project.and(evidence),
        None => Judgement::fail("There is no Application Insights resource.", evidence),
    })
}

fn network_monitor(asset: &AssetContext<'_>) -> Outcome {
    if let Some(project) = of_hub(asset, "A project uses its hub's managed network.")? {
        return Ok(project);
    }
    let (is_managed, mode) = managed_network(asset)?;
    if !is_managed {
        return Ok(Judgement::not_applicable(
            "The workspace has no managed network.",
            mode.expected_or("a managed network", ISOLATION_ABSENT),
        ));
    }
    let monitor = asset.flag(MONITOR)?;
    let evidence = monitor.expected_or("true", MONITOR_ABSENT);
    Ok(if monitor.is_true() {
        Judgement::pass("The managed network is monitored.", evidence)
    } else {
        Judgement::fail("The managed network is not monitored.", evidence)
    })
}

fn deployment_insights(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "Every online deployment sends traces.",
        fail: "An online deployment sends no traces.",
        none: "The workspace has no online deployment.",
    };
    asset.related(fact::ONLINE_DEPLOYMENTS)?.every(words, |deployment| {
        let traces = deployment.flag(TRACES)?;
        Ok(Check::of(traces.is_true(), traces.expected_or("true", TRACES_ABSENT)))
    })
}

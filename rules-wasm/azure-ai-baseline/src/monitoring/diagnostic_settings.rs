//! Diagnostic settings: whether the audit trail reaches a Log Analytics workspace.

use postern_rules_sdk::{
    AssetContext, BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, Check, Judgement, Node, Outcome, Read,
    Remedy, Rule, SEARCH_SERVICE, Severity, Topic, Unreadable, Verdict, Words, fact,
};

use crate::groundwork::azure::{ACCOUNT_LOGS, DEFENDER_AI, DIAGNOSTICS, LANDING_ZONE};

const READS: &[Read] = &[
    Read {
        path: "diagnosticSettings[].properties.workspaceId",
        source: DIAGNOSTICS,
        absent: "that the logs go elsewhere",
    },
    Read {
        path: "diagnosticSettings[].properties.logs",
        source: DIAGNOSTICS,
        absent: "that no log is sent, as where there is no setting at all",
    },
];
const SUMMARY: &str =
    "Create a diagnostic setting that sends the audit logs to a Log Analytics workspace.";
const PORTAL: Option<&str> =
    Some("The resource > Monitoring > Diagnostic settings > Add diagnostic setting");
const NEVER: &[Verdict] = &[Verdict::NotApplicable];
/// The groups that hold the audit trail on every type.
const GROUPS: [&str; 2] = ["audit", "allLogs"];
const POLICIES: &str = "https://github.com/Azure/azure-policy/tree/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/Monitoring";

/// What an entry of a setting has to log.
#[derive(Clone, Copy)]
pub enum Wanted {
    /// One of the groups, or of these categories.
    Audit(&'static [&'static str]),
    /// Anything: the categories of the type are not documented.
    Any,
}

/// MON-01: accounts.
pub static ACCOUNT: Rule = Rule {
    id: "MON-01",
    title: "The account's audit logs go to Log Analytics",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "sources disagree (Defender for Cloud: low; AI landing zone checklist AI.86: high), so the middle, as for MON-02 and MON-03",
    rationale: "Without resource logs nobody can tell who called the models, with what key, and when. \
                Azure keeps none of it unless a diagnostic setting sends it somewhere.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[],
    never: NEVER,
    reads: READS,
    settings: &[],
    remedy: Remedy {
        summary: SUMMARY,
        az: Some(
            "az monitor diagnostic-settings create --name audit --resource $ID --workspace WORKSPACE_ID --logs '[{\"categoryGroup\":\"audit\",\"enabled\":true}]'",
        ),
        bicep: Some(
            "resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {\n  name: 'audit'\n  scope: account\n  properties: {\n    workspaceId: workspace.id\n    logs: [\n      {\n        categoryGroup: 'audit'\n        enabled: true\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_monitor_diagnostic_setting\" \"this\" {\n  name                       = \"audit\"\n  target_resource_id         = azurerm_cognitive_account.this.id\n  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id\n  enabled_log {\n    category_group = \"audit\"\n  }\n}",
        ),
        portal: PORTAL,
    },
    policies: &[
        "1b4d1c4e-934c-4703-944c-27c82c06bebb",
        "55d1f543-d1b0-4811-9663-d6d0dbc6326d",
        "187242f4-89c6-4c43-9a4e-188c0efacc5f",
    ],
    policy_difference: "Policy 1b4d1c4e is content with any diagnostic setting, 187242f4 with any destination, and 55d1f543 wants one workspace and both groups named. \
                        Here an enabled audit group or category that reaches some Log Analytics workspace is enough, and needed.",
    controls: &["mcsb-v1:LT-3", "mcsb-v2:LT-3"],
    references: &[ACCOUNT_LOGS, DEFENDER_AI, LANDING_ZONE, POLICIES],
    judge: |asset| {
        logged(
            asset,
            Wanted::Audit(&["Audit", "RequestResponse", "Trace", "AzureOpenAIRequestUsage"]),
        )
    },
};

/// MON-03: Search services.
pub static SEARCH: Rule = Rule {
    id: "MON-03",
    title: "The search service's operation logs go to Log Analytics",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "Azure's policy: medium",
    rationale: "Without operation logs nobody can tell who queried or changed an index. \
                Azure keeps none of it unless a diagnostic setting sends it somewhere.",
    asset_types: &[SEARCH_SERVICE],
    exceptions: &[],
    never: NEVER,
    reads: READS,
    settings: &[],
    remedy: Remedy {
        summary: SUMMARY,
        az: Some(
            "az monitor diagnostic-settings create --name audit --resource $ID --workspace WORKSPACE_ID --logs '[{\"category\":\"OperationLogs\",\"enabled\":true}]'",
        ),
        bicep: Some(
            "resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {\n  name: 'audit'\n  scope: service\n  properties: {\n    workspaceId: workspace.id\n    logs: [\n      {\n        category: 'OperationLogs'\n        enabled: true\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_monitor_diagnostic_setting\" \"this\" {\n  name                       = \"audit\"\n  target_resource_id         = azurerm_search_service.this.id\n  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id\n  enabled_log {\n    category = \"OperationLogs\"\n  }\n}",
        ),
        portal: PORTAL,
    },
    policies: &["b4330a05-a843-4bc8-bf9a-cacce50c67f4", "8def4bdd-4362-4ed6-a26f-7bf8f2c58839"],
    policy_difference: "Policy b4330a05 is content with any destination and looks at retention in storage, and 8def4bdd wants one workspace and both groups named. \
                        Here enabled operation logs that reach some Log Analytics workspace are enough, and needed.",
    controls: &[
        "mcsb-v1:LT-3",
        "mcsb-v2:LT-3",
        "nist-800-53-r5:AU-6(4)",
        "nist-800-53-r5:AU-6(5)",
        "nist-800-53-r5:AU-12",
        "nist-800-53-r5:AU-12(1)",
    ],
    references: &[POLICIES],
    judge: |asset| logged(asset, Wanted::Audit(&["OperationLogs"])),
};

/// MON-04: bots.
pub static BOT: Rule = Rule {
    id: "MON-04",
    title: "The bot's logs go to Log Analytics",
    topic: Topic::Monitoring,
    severity: Severity::Low,
    severity_reason: "our own judgement: a bot's traffic is also seen at the application behind it",
    rationale: "Without logs nobody can tell which channel reached the bot, and when. \
                Azure keeps none of it unless a diagnostic setting sends it somewhere.",
    asset_types: &[BOT_SERVICE],
    exceptions: &[],
    never: NEVER,
    reads: READS,
    settings: &[],
    remedy: Remedy {
        summary: "Create a diagnostic setting that sends the logs to a Log Analytics workspace.",
        az: Some(
            "az monitor diagnostic-settings create --name logs --resource $ID --workspace WORKSPACE_ID --logs '[{\"categoryGroup\":\"allLogs\",\"enabled\":true}]'",
        ),
        bicep: Some(
            "resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {\n  name: 'logs'\n  scope: bot\n  properties: {\n    workspaceId: workspace.id\n    logs: [\n      {\n        categoryGroup: 'allLogs'\n        enabled: true\n      }\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_monitor_diagnostic_setting\" \"this\" {\n  name                       = \"logs\"\n  target_resource_id         = azurerm_bot_service_azure_bot.this.id\n  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id\n  enabled_log {\n    category_group = \"allLogs\"\n  }\n}",
        ),
        portal: PORTAL,
    },
    policies: &["415eaa04-e9db-476a-ba43-092d70ebe1e7"],
    policy_difference: "The policy wants the group allLogs in one given workspace; here any enabled log in any workspace is enough.",
    controls: &[],
    references: &[POLICIES],
    judge: |asset| logged(asset, Wanted::Any),
};

/// Passes where one setting has a workspace and an enabled log that is wanted.
pub fn logged(asset: &AssetContext<'_>, wanted: Wanted) -> Outcome {
    let settings = asset.related(fact::DIAGNOSTIC_SETTINGS)?;
    if settings.is_empty() {
        settings.complete()?;
        let evidence = settings
            .expected("a setting that sends the logs to Log Analytics")
            .noting("an empty list means that nothing is logged");
        return Ok(Judgement::fail("There is no diagnostic setting.", evidence));
    }
    let words = Words {
        pass: "The logs go to Log Analytics.",
        fail: "No diagnostic setting sends the logs to Log Analytics.",
        none: "a setting that sends the logs to Log Analytics",
    };
    settings.some(words, |setting| sends(setting, wanted))
}

fn sends(setting: &Node<'_>, wanted: Wanted) -> Result<Check, Unreadable> {
    let workspace = setting.text("properties.workspaceId")?;
    if !workspace.is_given() {
        let expected = "the id of a Log Analytics workspace";
        return Ok(Check::Bad(vec![workspace.expected_or(expected, "that the logs go elsewhere")]));
    }
    let logs = setting.list("properties.logs")?;
    for log in logs.entries().nodes() {
        let enabled = log.flag("enabled")?;
        if !enabled.is_true() {
            continue;
        }
        let Wanted::Audit(categories) = wanted else {
            return Ok(Check::Good(enabled.expected("true")));
        };
        let group = log.text("categoryGroup")?;
        if group.is_any_of(&GROUPS) {
            return Ok(Check::Good(group.expected("the group audit or allLogs, enabled")));
        }
        if categories.is_empty() {
            continue;
        }
        let category = log.text("category")?;
        if category.is_any_of(categories) {
            return Ok(Check::Good(category.expected("a category of the audit trail, enabled")));
        }
    }
    let expected = match wanted {
        Wanted::Audit([]) => "an enabled entry: the group audit or allLogs",
        Wanted::Audit(_) => {
            "an enabled entry: the group audit or allLogs, or a category of the audit trail"
        }
        Wanted::Any => "an enabled entry",
    };
    Ok(Check::Bad(vec![logs.expected_or(expected, "that no log is sent")]))
}

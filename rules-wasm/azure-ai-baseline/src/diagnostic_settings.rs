//! Diagnostic settings: whether the audit trail reaches a Log Analytics workspace.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, DIAGNOSTIC_SETTINGS, Evidence, Judgement,
    MACHINE_LEARNING_WORKSPACE, Note as _, Outcome, Read, Rule, SEARCH_SERVICE, Severity, Topic,
    Value,
};

use crate::azure::{ACCOUNT_LOGS, DEFENDER_AI, DIAGNOSTICS, LANDING_ZONE};

const ACTION: &str = "Microsoft.Insights/diagnosticSettings/read";
const ABSENT: &str =
    "unknown: the list needs a call of its own; an empty list means that nothing is logged";
const REMEDIATION: &str =
    "Create a diagnostic setting that sends the audit logs to a Log Analytics workspace.";
const AZ: &str = "az monitor diagnostic-settings create --name audit --resource $ID --workspace WORKSPACE_ID --logs '[{\"categoryGroup\":\"audit\",\"enabled\":true}]'";
const READS: &[Read] = &[Read { path: DIAGNOSTIC_SETTINGS, source: DIAGNOSTICS, absent: ABSENT }];
/// The groups that hold the audit trail on every type.
const GROUPS: [&str; 2] = ["audit", "allLogs"];

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
    reads: READS,
    remediation: REMEDIATION,
    az: Some(AZ),
    policies: &[
        "1b4d1c4e-934c-4703-944c-27c82c06bebb",
        "55d1f543-d1b0-4811-9663-d6d0dbc6326d",
        "187242f4-89c6-4c43-9a4e-188c0efacc5f",
    ],
    references: &[ACCOUNT_LOGS, DEFENDER_AI, LANDING_ZONE],
    judge: |asset| logged(asset, &["Audit", "RequestResponse", "Trace", "AzureOpenAIRequestUsage"]),
};

/// MON-02: workspaces.
pub static WORKSPACE: Rule = Rule {
    id: "MON-02",
    title: "The workspace's audit logs go to Log Analytics",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium",
    rationale: "Without resource logs nobody can tell who ran which job on which data. \
                Azure keeps none of it unless a diagnostic setting sends it somewhere.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    reads: READS,
    remediation: REMEDIATION,
    az: Some(AZ),
    policies: &[
        "afe0c3be-ba3b-4544-ba52-0c99672a8ad6",
        "90c90eda-bfe7-4c67-bf26-410420ed1047",
        "f59276f0-5740-4aaf-821d-45d185aa210e",
    ],
    references: &[DEFENDER_AI],
    judge: |asset| logged(asset, &[]),
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
    reads: READS,
    remediation: REMEDIATION,
    az: Some(AZ),
    policies: &["b4330a05-a843-4bc8-bf9a-cacce50c67f4", "8def4bdd-4362-4ed6-a26f-7bf8f2c58839"],
    references: &[],
    judge: |asset| logged(asset, &["OperationLogs"]),
};

/// Passes where one setting has a workspace and an enabled log of one of the groups or `categories`.
fn logged(asset: &AssetContext, categories: &[&str]) -> Outcome {
    let settings = asset.related_list(DIAGNOSTIC_SETTINGS, ACTION)?;
    let mut wanted: Vec<&str> = GROUPS.to_vec();
    wanted.extend(categories);
    let mut shortcomings = Vec::new();
    for (position, setting) in settings.value.unwrap_or_default().iter().enumerate() {
        let at = format!("{DIAGNOSTIC_SETTINGS}[{position}].properties");
        let workspace = setting.pointer("/properties/workspaceId");
        let to_workspace = Evidence {
            path: format!("{at}.workspaceId"),
            actual: workspace.filter(|value| !value.is_null()).cloned(),
            expected: "the id of a Log Analytics workspace".to_owned(),
            note: None,
        };
        if workspace.and_then(Value::as_str).is_none_or(|id| id.trim().is_empty()) {
            shortcomings.push(to_workspace.absent_means("that the logs go elsewhere"));
            continue;
        }
        let logs = setting.pointer("/properties/logs");
        let list = logs.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let found = list.iter().enumerate().find_map(|(log, entry)| {
            enabled_as(entry, &wanted).map(|(key, value)| (log, key, value))
        });
        if let Some((log, key, value)) = found {
            let evidence = Evidence {
                path: format!("{at}.logs[{log}].{key}"),
                actual: Some(value.clone()),
                expected: format!("enabled, one of {}", wanted.join(", ")),
                note: None,
            };
            return Ok(
                Judgement::pass("The audit logs go to Log Analytics.", evidence).and(to_workspace)
            );
        }
        shortcomings.push(Evidence {
            path: format!("{at}.logs"),
            actual: logs.filter(|value| !value.is_null()).cloned(),
            expected: format!("an enabled entry with one of {}", wanted.join(", ")),
            note: None,
        });
    }
    let mut shortcomings = shortcomings.into_iter();
    Ok(match shortcomings.next() {
        Some(first) => shortcomings.fold(
            Judgement::fail("No diagnostic setting sends the audit logs to Log Analytics.", first),
            Judgement::and,
        ),
        None => Judgement::fail(
            "There is no diagnostic setting.",
            settings
                .expected("a setting that sends the audit logs to Log Analytics")
                .noting("an empty list means that nothing is logged"),
        ),
    })
}

/// The key and the value by which an enabled entry names one of `wanted`.
fn enabled_as<'a>(entry: &'a Value, wanted: &[&str]) -> Option<(&'static str, &'a Value)> {
    if entry.get("enabled").and_then(Value::as_bool) != Some(true) {
        return None;
    }
    let is_wanted = |text: &str| wanted.iter().any(|word| word.eq_ignore_ascii_case(text));
    ["categoryGroup", "category"].into_iter().find_map(|key| {
        entry
            .get(key)
            .filter(|value| value.as_str().is_some_and(is_wanted))
            .map(|value| (key, value))
    })
}

//! The complete content filter that every remedy on content filters prints: a put replaces the whole policy,
//! so that a body with one filter would switch the others off.

use postern_rules_sdk::Remedy;

const AZ: &str = "az rest --method put --url \"$ID/raiPolicies/<filter>?api-version=2025-06-01\" --body '{\"properties\":{\"basePolicyName\":\"Microsoft.DefaultV2\",\"mode\":\"Default\",\"contentFilters\":[{\"name\":\"Hate\",\"source\":\"Prompt\",\"enabled\":true,\"blocking\":true,\"severityThreshold\":\"Medium\"},{\"name\":\"Hate\",\"source\":\"Completion\",\"enabled\":true,\"blocking\":true,\"severityThreshold\":\"Medium\"},{\"name\":\"Sexual\",\"source\":\"Prompt\",\"enabled\":true,\"blocking\":true,\"severityThreshold\":\"Medium\"},{\"name\":\"Sexual\",\"source\":\"Completion\",\"enabled\":true,\"blocking\":true,\"severityThreshold\":\"Medium\"},{\"name\":\"Violence\",\"source\":\"Prompt\",\"enabled\":true,\"blocking\":true,\"severityThreshold\":\"Medium\"},{\"name\":\"Violence\",\"source\":\"Completion\",\"enabled\":true,\"blocking\":true,\"severityThreshold\":\"Medium\"},{\"name\":\"Selfharm\",\"source\":\"Prompt\",\"enabled\":true,\"blocking\":true,\"severityThreshold\":\"Medium\"},{\"name\":\"Selfharm\",\"source\":\"Completion\",\"enabled\":true,\"blocking\":true,\"severityThreshold\":\"Medium\"},{\"name\":\"Jailbreak\",\"source\":\"Prompt\",\"enabled\":true,\"blocking\":true},{\"name\":\"Indirect Attack\",\"source\":\"Prompt\",\"enabled\":true,\"blocking\":true},{\"name\":\"Protected Material Text\",\"source\":\"Completion\",\"enabled\":true,\"blocking\":true},{\"name\":\"Protected Material Code\",\"source\":\"Completion\",\"enabled\":true,\"blocking\":true}]}}'";
const BICEP: &str = "resource filter 'Microsoft.CognitiveServices/accounts/raiPolicies@2025-06-01' = {\n  parent: account\n  name: '<filter>'\n  properties: {\n    basePolicyName: 'Microsoft.DefaultV2'\n    mode: 'Default'\n    contentFilters: [\n      { name: 'Hate', source: 'Prompt', enabled: true, blocking: true, severityThreshold: 'Medium' }\n      { name: 'Hate', source: 'Completion', enabled: true, blocking: true, severityThreshold: 'Medium' }\n      { name: 'Sexual', source: 'Prompt', enabled: true, blocking: true, severityThreshold: 'Medium' }\n      { name: 'Sexual', source: 'Completion', enabled: true, blocking: true, severityThreshold: 'Medium' }\n      { name: 'Violence', source: 'Prompt', enabled: true, blocking: true, severityThreshold: 'Medium' }\n      { name: 'Violence', source: 'Completion', enabled: true, blocking: true, severityThreshold: 'Medium' }\n      { name: 'Selfharm', source: 'Prompt', enabled: true, blocking: true, severityThreshold: 'Medium' }\n      { name: 'Selfharm', source: 'Completion', enabled: true, blocking: true, severityThreshold: 'Medium' }\n      { name: 'Jailbreak', source: 'Prompt', enabled: true, blocking: true }\n      { name: 'Indirect Attack', source: 'Prompt', enabled: true, blocking: true }\n      { name: 'Protected Material Text', source: 'Completion', enabled: true, blocking: true }\n      { name: 'Protected Material Code', source: 'Completion', enabled: true, blocking: true }\n    ]\n  }\n}";
const TERRAFORM: &str = "resource \"azapi_resource\" \"filter\" {\n  type      = \"Microsoft.CognitiveServices/accounts/raiPolicies@2025-06-01\"\n  parent_id = \"$ID\"\n  name      = \"<filter>\"\n  body = {\n    properties = {\n      basePolicyName = \"Microsoft.DefaultV2\"\n      mode           = \"Default\"\n      contentFilters = [\n        { name = \"Hate\", source = \"Prompt\", enabled = true, blocking = true, severityThreshold = \"Medium\" },\n        { name = \"Hate\", source = \"Completion\", enabled = true, blocking = true, severityThreshold = \"Medium\" },\n        { name = \"Sexual\", source = \"Prompt\", enabled = true, blocking = true, severityThreshold = \"Medium\" },\n        { name = \"Sexual\", source = \"Completion\", enabled = true, blocking = true, severityThreshold = \"Medium\" },\n        { name = \"Violence\", source = \"Prompt\", enabled = true, blocking = true, severityThreshold = \"Medium\" },\n        { name = \"Violence\", source = \"Completion\", enabled = true, blocking = true, severityThreshold = \"Medium\" },\n        { name = \"Selfharm\", source = \"Prompt\", enabled = true, blocking = true, severityThreshold = \"Medium\" },\n        { name = \"Selfharm\", source = \"Completion\", enabled = true, blocking = true, severityThreshold = \"Medium\" },\n        { name = \"Jailbreak\", source = \"Prompt\", enabled = true, blocking = true },\n        { name = \"Indirect Attack\", source = \"Prompt\", enabled = true, blocking = true },\n        { name = \"Protected Material Text\", source = \"Completion\", enabled = true, blocking = true },\n        { name = \"Protected Material Code\", source = \"Completion\", enabled = true, blocking = true },\n      ]\n    }\n  }\n}";
/// Where the portal edits a filter.
pub const PORTAL: &str =
    "Foundry portal > the account > Guardrails + controls > Content filters > the filter > Edit";

/// A remedy whose templates are a complete content filter.
pub const fn remedy(summary: &'static str, portal: &'static str) -> Remedy {
    Remedy {
        summary,
        az: Some(AZ),
        bicep: Some(BICEP),
        terraform: Some(TERRAFORM),
        portal: Some(portal),
    }
}

#[cfg(test)]
mod tests {
    use postern_rules_sdk::{AssetContext, COGNITIVE_SERVICES_ACCOUNT, Rule, Value, Verdict};

    use super::*;
    use crate::models::{content_filters, filter_mode};

    #[test]
    fn a_filter_of_the_template_passes_every_rule_on_filters() {
        let body = AZ.split_once("--body '").unwrap().1.strip_suffix('\'').unwrap();
        let filter = body.replacen('{', r#"{"name": "own", "#, 1);
        let document = format!(
            r#"{{"resource": {{"kind": "AIServices", "properties": {{"allowProjectManagement": true}}}},
            "related": {{"deployments": {{"state": "read", "value": [{{"properties": {{"model": {{"name": "gpt-4o"}}, "raiPolicyName": "own"}}}}]}},
            "raiPolicies": {{"state": "read", "value": [{filter}]}}}}}}"#
        );
        let document = serde_json::from_str(&document).unwrap();
        let asset =
            AssetContext::new("id", COGNITIVE_SERVICES_ACCOUNT, &document, &Value::Null, "");
        let rules: [&Rule; 5] = [
            &content_filters::HARM,
            &content_filters::JAILBREAK,
            &content_filters::INDIRECT_ATTACK,
            &content_filters::PROTECTED_MATERIAL,
            &filter_mode::SYNCHRONOUS,
        ];
        for rule in rules {
            let judgement = rule.judge(&asset);
            assert_eq!(judgement.verdict, Verdict::Pass, "{}: {judgement:?}", rule.id);
            let Remedy { az, bicep, terraform, .. } = rule.remedy;
            for template in [az, bicep, terraform] {
                assert_eq!(template.unwrap().matches("enabled").count(), 12, "{}", rule.id);
            }
        }
    }
}

//! Network security perimeters: whether they refuse what they see.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Outcome, Read, Remedy, Rule, SEARCH_SERVICE,
    Severity, Topic, Words, fact,
};

use super::sources::{ACCOUNT_SCHEMA, SEARCH_SCHEMA};

const SOURCE: &str = "NetworkSecurityPerimeterConfigurations_List 2025-06-01 (accounts), NetworkSecurityPerimeterConfigurations_ListByService 2025-05-01 (Search services)";
const MODE: &str = "properties.resourceAssociation.accessMode";
const MODE_ABSENT: &str = "not documented: taken as not enforced";
const STATE: &str = "properties.provisioningState";
const ISSUES: &str = "properties.provisioningIssues";

/// NET-12: accounts and Search services.
pub static ENFORCED: Rule = Rule {
    id: "NET-12",
    title: "The network security perimeter around the resource is enforced",
    topic: Topic::Networking,
    severity: Severity::Low,
    severity_reason: "our own judgement: the resource's own network rules still hold while the perimeter learns",
    rationale: "In the learning and audit modes a perimeter writes down what it would refuse and lets it through. \
                Who sees a perimeter on the map believes the resource protected, so finish what was begun.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE],
    exceptions: &["Resources that no network security perimeter is around."],
    never: &[],
    reads: &[
        Read {
            path: "networkSecurityPerimeterConfigurations[].properties.resourceAssociation.accessMode",
            source: SOURCE,
            absent: MODE_ABSENT,
        },
        Read {
            path: "networkSecurityPerimeterConfigurations[].properties.provisioningState",
            source: SOURCE,
            absent: "not documented: the access mode alone is judged",
        },
        Read {
            path: "networkSecurityPerimeterConfigurations[].properties.provisioningIssues",
            source: SOURCE,
            absent: "none: the schema says issues, if any",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Look through what the perimeter logged, add the access rules that are missing, then switch the association to Enforced.",
        az: Some("az resource update --ids ASSOCIATION_ID --set properties.accessMode=Enforced"),
        bicep: Some(
            "resource association 'Microsoft.Network/networkSecurityPerimeters/resourceAssociations@2024-10-01' = {\n  properties: {\n    accessMode: 'Enforced'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.Network/networkSecurityPerimeters/resourceAssociations@2024-10-01\"\n  resource_id = \"ASSOCIATION_ID\"\n  body = {\n    properties = {\n      accessMode = \"Enforced\"\n    }\n  }\n}",
        ),
        portal: Some(
            "The network security perimeter > Settings > Associated resources > Change access mode > Enforced",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &["cis-azure-foundations-6.0:7.16"],
    references: &[ACCOUNT_SCHEMA, SEARCH_SCHEMA],
    judge: enforced,
};

fn enforced(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "The perimeter around the resource is enforced.",
        fail: "The perimeter around the resource is not in force.",
        none: "No network security perimeter is around the resource.",
    };
    asset.related(fact::NETWORK_SECURITY_PERIMETER_CONFIGURATIONS)?.every(words, |configuration| {
        let mode = configuration.text(MODE)?;
        let evidence = mode.expected_or("Enforced", MODE_ABSENT);
        if !mode.is("Enforced") {
            return Ok(Check::Bad(vec![evidence]));
        }
        let state = configuration.text(STATE)?;
        if !state.is_absent() && !state.is("Succeeded") {
            return Ok(Check::Bad(vec![state.expected("Succeeded")]));
        }
        let issues = configuration.list(ISSUES)?;
        if !issues.entries().is_empty() {
            return Ok(Check::Bad(vec![issues.expected("no issue")]));
        }
        Ok(Check::Good(evidence))
    })
}

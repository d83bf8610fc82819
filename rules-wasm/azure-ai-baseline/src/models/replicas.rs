//! How many replicas a Search service has.

use postern_rules_sdk::{
    AssetContext, Judgement, Outcome, Read, Remedy, Rule, SEARCH_SERVICE, Setting, SettingKind,
    Severity, Topic, Unreadable, Verdict,
};

use crate::groundwork::azure::{LANDING_ZONE, SERVICES};

const REPLICAS: &str = "properties.replicaCount";
const ABSENT: &str = "1";

/// How many replicas a Search service needs.
static MINIMUM_SEARCH_REPLICAS: Setting = Setting {
    name: "minimumSearchReplicas",
    description: "How many replicas a Search service has at least. Azure's service level covers queries from 2 on, and queries with indexing from 3 on.",
    kind: SettingKind::Integer { default: 3, least: 1, most: 12 },
};

/// GOV-23: replicas.
pub static SEARCH: Rule = Rule {
    id: "GOV-23",
    title: "The search service has enough replicas",
    topic: Topic::Models,
    severity: Severity::Medium,
    severity_reason: "our own judgement: medium (AI landing zone checklist AI.158: high)",
    rationale: "With one replica a search service has no service level agreement and is away during maintenance. \
                Two replicas cover queries, three cover queries and indexing, and replicas are spread over the region's zones.",
    asset_types: &[SEARCH_SERVICE],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[
        Read { path: REPLICAS, source: SERVICES, absent: ABSENT },
        Read {
            path: "sku.name",
            source: SERVICES,
            absent: "not documented: the schema requires it; read as not free",
        },
    ],
    settings: &[&MINIMUM_SEARCH_REPLICAS],
    remedy: Remedy {
        summary: "Raise the number of replicas. A free service cannot have more than one: make a service of a billable tier and move the indexes.",
        az: Some("az search service update --ids $ID --replica-count 3"),
        bicep: Some(
            "resource service 'Microsoft.Search/searchServices@2025-05-01' = {\n  sku: {\n    name: 'standard'\n  }\n  properties: {\n    replicaCount: 3\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_search_service\" \"this\" {\n  sku           = \"standard\"\n  replica_count = 3\n}",
        ),
        portal: Some("The search service > Settings > Scale > Replicas"),
    },
    policies: &["90bc8109-d21a-4692-88fc-51419391da3d"],
    policy_difference: "The policy always asks for three replicas; here the setting minimumSearchReplicas decides, and its default is three.",
    controls: &[],
    references: &[LANDING_ZONE],
    judge: enough,
};

fn enough(asset: &AssetContext<'_>) -> Outcome {
    let wanted = asset.integer_setting(&MINIMUM_SEARCH_REPLICAS);
    let sku = asset.text("sku.name")?;
    let replicas = asset.integer(REPLICAS)?;
    if sku.is("free") {
        let evidence = sku.expected("a paid tier, which can have replicas");
        let replicas = replicas.expected_or("at least minimumSearchReplicas", ABSENT);
        let summary = "A free search service has one replica and no service level.";
        return Ok(Judgement::fail(summary, evidence).and(replicas));
    }
    let evidence = replicas.expected_or("at least minimumSearchReplicas", ABSENT);
    let count = replicas.value.unwrap_or(1);
    if count < 1 {
        return Err(Unreadable::new(evidence, "A service has at least one replica."));
    }
    Ok(if count >= wanted {
        Judgement::pass("The search service has enough replicas.", evidence)
    } else {
        Judgement::fail("The search service has too few replicas.", evidence)
    })
}

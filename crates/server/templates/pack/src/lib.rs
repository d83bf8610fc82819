//! Rules of our own for Azure AI resources.
//!
//! A rule is a `static` of type [`Rule`]: what it says of itself, and a function from an asset to a judgement.
//! It knows no clock, no network and no file; all that it judges stands in the asset, as Azure returned it.

use postern_rules_sdk::{
    AssetContext, Judgement, Outcome, Pack, Read, Remedy, Rule, SEARCH_SERVICE, Setting,
    SettingKind, Severity, Topic,
};

/// The pack. Every rule has to be named here.
pub static PACK: Pack = Pack {
    // Lower-case letters, digits and dashes. A pack that is activated replaces the one of the same name.
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    description: env!("CARGO_PKG_DESCRIPTION"),
    // Its rules are handed what their `reads` name and nothing else, which is faster and keeps `reads` true:
    // what a rule asks for beyond them is unreadable, in its cases too.
    reads_only: true,
    // A list of lists, so that each module can keep its own.
    rules: &[&[&SEARCH_REPLICAS]],
};

#[cfg(target_arch = "wasm32")]
postern_rules_sdk::export_pack!(crate::PACK);

// Paths and texts that are used twice have a name, so that they cannot differ.
const REPLICAS: &str = "properties.replicaCount";
const REPLICAS_ABSENT: &str = "1";
const TIER: &str = "sku.name";
const TIER_ABSENT: &str = "not documented: the rule applies, as to any tier but free";
const SERVICES: &str = "Services_ListBySubscription 2025-05-01";

/// What an organisation may decide otherwise, for everything or for some tags, groups and subscriptions.
static LEAST_REPLICAS: Setting = Setting {
    // The name in the settings' JSON.
    name: "leastSearchReplicas",
    // What it means, its unit, and why the default is what it is.
    description: "How many replicas a search service has at least. Azure's service level covers queries from 2 on, and indexing too from 3 on.",
    // Also: SettingKind::Flag, and SettingKind::Texts with a pattern.
    kind: SettingKind::Integer { default: 2, least: 1, most: 12 },
};

/// __RULE__, an example: change it into a rule of your own.
pub static SEARCH_REPLICAS: Rule = Rule {
    // Never changes once it was activated, because findings hang on it, and no other active pack may have it.
    // Letters, digits, dots, dashes and underscores, at most 64. Its cases are in cases/__RULE__.json.
    id: "__RULE__",
    // What is so when the rule passes; a short sentence without a full stop.
    title: "The search service has enough replicas",
    // One of Policy, Networking, Authentication, Data, Monitoring, Models.
    topic: Topic::Models,
    // How bad a failure is: Critical (exploitable as it stands), High (one step from it),
    // Medium (weakens a defence) or Low (governance and hygiene).
    // A single judgement may differ: Judgement::fail(…).with_severity(Severity::High).
    severity: Severity::Medium,
    // Where the severity comes from: a source that can be looked up, or who proposed it.
    severity_reason: "our own judgement",
    // Two or three sentences on why it matters, for whoever has to put it right.
    rationale: "With one replica a search service has no service level agreement and is away during maintenance. \
                Two replicas cover queries, three cover indexing too.",
    // The types that it is about, in lower case; the SDK has constants for the common ones.
    asset_types: &[SEARCH_SERVICE],
    // The kinds, tiers and states in which it is not applicable, as sentences; empty where it always applies.
    exceptions: &["Search services of the free tier: they cannot have a second replica."],
    // Verdicts that it cannot give, such as Verdict::NotApplicable without exceptions.
    // For every other verdict the tests ask for a case.
    never: &[],
    // Every property that it reads: the path as in evidence, the Azure operation and API version that returns it,
    // and what an absent or null value means by Azure's documentation. Never guess: say "not documented".
    reads: &[
        Read { path: TIER, source: SERVICES, absent: TIER_ABSENT },
        Read { path: REPLICAS, source: SERVICES, absent: REPLICAS_ABSENT },
    ],
    // The settings that it reads.
    settings: &[&LEAST_REPLICAS],
    // How to put a failure right. $ID stands for the asset's ARM id and $NAME for its name.
    remedy: Remedy {
        // What to do, in words.
        summary: "Raise the number of replicas to what the setting leastSearchReplicas asks for.",
        // A command for the Azure CLI; None where there is none.
        az: Some("az search service update --ids $ID --replica-count 2"),
        // The part of a Bicep template.
        bicep: Some(
            "resource service 'Microsoft.Search/searchServices@2025-05-01' = {\n  properties: {\n    replicaCount: 2\n  }\n}",
        ),
        // The part of a Terraform configuration.
        terraform: Some("resource \"azurerm_search_service\" \"this\" {\n  replica_count = 2\n}"),
        // The way through the Azure portal, as labels.
        portal: Some("The search service > Settings > Scale > Replicas"),
    },
    // Ids of Azure's built-in policy definitions that prevent or find a failure; empty where there are none.
    policies: &["90bc8109-d21a-4692-88fc-51419391da3d"],
    // Where the rule judges otherwise than these on purpose, and why; "" where it does not.
    policy_difference: "The policy asks for three replicas, of the free tier too, which can have one only; here a setting decides, and its default is two.",
    // Controls that it is evidence for, as framework:control.
    controls: &["nist-800-53-r5:SC-5(2)"],
    // Addresses to read on.
    references: &["https://learn.microsoft.com/azure/search/search-capacity-planning"],
    // The function that judges one asset of one of its types.
    judge: enough_replicas,
};

fn enough_replicas(asset: &AssetContext<'_>) -> Outcome {
    // `?` makes the verdict `unknown`, with the reason as evidence, where a property could not be read.
    let tier = asset.text(TIER)?;
    if tier.is("free") {
        // Every judgement has evidence: what was read, beside what the rule wants there.
        let evidence = tier.expected_or("a tier that can have more than one replica", TIER_ABSENT);
        return Ok(Judgement::not_applicable("The free tier has one replica.", evidence));
    }
    let replicas = asset.integer(REPLICAS)?;
    let least = asset.integer_setting(&LEAST_REPLICAS);
    let evidence = replicas.expected_or(format!("at least {least}"), REPLICAS_ABSENT);
    // Absent is not unknown: Azure documents what it means.
    Ok(if replicas.value.unwrap_or(1) >= least {
        Judgement::pass("The search service has enough replicas.", evidence)
    } else {
        Judgement::fail("The search service has too few replicas.", evidence)
    })
}

//! The free tier, where it does not belong.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Read, Remedy, Rule, Severity,
    Topic, Unreadable, setting_evidence,
};

use crate::groundwork::azure::ACCOUNTS;
use crate::groundwork::scope::{tagged, tags};
use crate::groundwork::settings::PRODUCTION_TAGS;

/// GOV-25: the free tier in production.
pub static PRODUCTION: Rule = Rule {
    id: "GOV-25",
    title: "Production does not run on the free tier",
    topic: Topic::Models,
    severity: Severity::Low,
    severity_reason: "our own judgement: the free tier has no service level and small quotas",
    rationale: "The free tier F0 has small quotas and no service level. \
                It is meant for trials. An application that customers depend on stops when the month's quota is used up.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &["Accounts without a tag that the setting productionTags lists."],
    never: &[],
    reads: &[
        Read {
            path: "sku.name",
            source: ACCOUNTS,
            absent: "not documented: the schema requires it",
        },
        tags(ACCOUNTS),
    ],
    settings: &[&PRODUCTION_TAGS],
    remedy: Remedy {
        summary: "Change the account to a paid tier.",
        az: Some("az resource update --ids $ID --set sku.name=S0"),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  sku: {\n    name: 'S0'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  sku_name = \"S0\"\n}",
        ),
        portal: Some("The account > Resource Management > Pricing tier"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[],
    judge: paid,
};

fn paid(asset: &AssetContext<'_>) -> Outcome {
    let sku = asset.text("sku.name")?;
    let evidence = sku.expected("a paid tier such as S0");
    if tagged(asset, &PRODUCTION_TAGS)?.is_none() {
        let evidence = setting_evidence(&PRODUCTION_TAGS, "a tag that the account has");
        return Ok(Judgement::not_applicable("The account is not marked as production.", evidence));
    }
    if sku.is_absent() {
        return Err(Unreadable::new(evidence, "Azure does not give the tier."));
    }
    Ok(if sku.is("F0") {
        Judgement::fail("A production account is on the free tier.", evidence)
    } else {
        Judgement::pass("The account has a paid tier.", evidence)
    })
}

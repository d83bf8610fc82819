//! The name of its own that an account needs for Entra ID and for private endpoints.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Read, Remedy, Rule, Severity,
    Topic, Verdict,
};

use super::sources::ACCOUNT_SCHEMA;
use crate::groundwork::azure::{ACCOUNTS, VIRTUAL_NETWORKS};

const PATH: &str = "properties.customSubDomainName";
const ABSENT: &str = "none: the account answers under the name of its region only";

/// NET-08: accounts.
pub static CUSTOM_DOMAIN: Rule = Rule {
    id: "NET-08",
    title: "The account has a subdomain of its own",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement: without it neither keys nor public access can be switched off",
    rationale: "Sign-in with Entra ID, subnet rules and private endpoints work only under a custom subdomain. \
                An account under its region's shared name has to keep keys and its public end point.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[Read { path: PATH, source: ACCOUNTS, absent: ABSENT }],
    settings: &[],
    remedy: Remedy {
        summary: "Choose a subdomain and move the clients to it; it can be set once and not be changed afterwards.",
        az: Some(
            "az cognitiveservices account update --name $NAME --resource-group RG --custom-domain SUBDOMAIN",
        ),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  properties: {\n    customSubDomainName: 'contoso-claims'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  custom_subdomain_name = \"contoso-claims\"\n}",
        ),
        portal: Some(
            "The account > Resource Management > Networking > Firewalls and virtual networks > Generate Custom Domain Name",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[VIRTUAL_NETWORKS, ACCOUNT_SCHEMA],
    judge: named,
};

fn named(asset: &AssetContext<'_>) -> Outcome {
    let name = asset.text(PATH)?;
    let evidence = name.expected_or("a subdomain", ABSENT);
    Ok(if name.is_given() {
        Judgement::pass("The account has a subdomain of its own.", evidence)
    } else {
        Judgement::fail("The account answers under the shared name of its region only.", evidence)
    })
}

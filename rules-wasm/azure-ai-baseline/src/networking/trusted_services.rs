//! Trusted services: who passes the network rules without a rule.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Read, Reading, Remedy, Rule,
    SEARCH_SERVICE, Severity, Topic, Unreadable,
};

use super::network_rules::{
    DEFAULT_ACTION_ABSENT, DEFAULT_ACTION_PATH, SEARCH_RULES_ABSENT, SEARCH_RULES_PATH,
};
use super::organisation::TRUSTED_SERVICES_TAGS;
use super::public_access::{ACCOUNT_ABSENT, SEARCH_ABSENT};
use super::sources::{ACCOUNT_SCHEMA, SEARCH_SCHEMA};
use crate::groundwork::access::is_closed;
use crate::groundwork::azure::{ACCOUNTS, PUBLIC_NETWORK_ACCESS, SERVICES, VIRTUAL_NETWORKS};
use crate::groundwork::scope::{tagged, tags};

const ACCOUNT_BYPASS: &str = "properties.networkAcls.bypass";
const SEARCH_BYPASS: &str = "properties.networkRuleSet.bypass";
const ACLS: &str = "properties.networkAcls";
const EXCEPTION: &str =
    "Resources with a tag that the setting trustedServicesTags lists: the reason is recorded.";
const OPEN: &str =
    "Every network is let in, so the exception for trusted services changes nothing.";

/// NET-04: accounts.
pub static ACCOUNT: Rule = Rule {
    id: "NET-04",
    title: "Trusted Azure services do not pass the account's network rules",
    topic: Topic::Networking,
    severity: Severity::Low,
    severity_reason: "our own judgement: such services still need a managed identity with a role",
    rationale: "With the exception, Azure services that Microsoft calls trusted reach the account from outside its networks. \
                They sign in with a managed identity, but it may be one of another team's resource; grant it only for a use that is recorded.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        EXCEPTION,
        "Accounts that let every network in: NET-01 and NET-02 say so already.",
    ],
    never: &[],
    reads: &[
        Read { path: PUBLIC_NETWORK_ACCESS, source: ACCOUNTS, absent: ACCOUNT_ABSENT },
        Read { path: DEFAULT_ACTION_PATH, source: ACCOUNTS, absent: DEFAULT_ACTION_ABSENT },
        Read {
            path: ACCOUNT_BYPASS,
            source: ACCOUNTS,
            absent: "not documented: API versions before 2023-10-01-preview do not return it; without any networkAcls there is no exception, because it has to be made in them",
        },
        tags(ACCOUNTS),
    ],
    settings: &[&TRUSTED_SERVICES_TAGS],
    remedy: Remedy {
        summary: "Check which trusted services use the account, give them a private endpoint or a rule, then revoke the exception.",
        az: Some(
            "az resource update --ids $ID --set properties.networkAcls.bypass=None --force-string",
        ),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  properties: {\n    networkAcls: {\n      bypass: 'None'\n      defaultAction: 'Deny'\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  network_acls {\n    bypass         = \"None\"\n    default_action = \"Deny\"\n  }\n}",
        ),
        portal: Some("The account > Resource Management > Networking > Exceptions"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[VIRTUAL_NETWORKS, ACCOUNT_SCHEMA],
    judge: account,
};

/// NET-31: Search services.
pub static SEARCH: Rule = Rule {
    id: "NET-31",
    title: "Trusted Azure services do not pass the search service's firewall",
    topic: Topic::Networking,
    severity: Severity::Low,
    severity_reason: "our own judgement: such services still need a managed identity with a role",
    rationale: "With the exception, Azure services that Microsoft calls trusted pass the firewall rules. \
                They sign in with a managed identity, but it may be one of another team's resource; grant it only for a use that is recorded.",
    asset_types: &[SEARCH_SERVICE],
    exceptions: &[EXCEPTION, "Search services that let every address in: NET-28 says so already."],
    never: &[],
    reads: &[
        Read { path: PUBLIC_NETWORK_ACCESS, source: SERVICES, absent: SEARCH_ABSENT },
        Read { path: SEARCH_RULES_PATH, source: SERVICES, absent: SEARCH_RULES_ABSENT },
        Read {
            path: SEARCH_BYPASS,
            source: SERVICES,
            absent: "not documented: API versions before 2024-03-01-preview do not return it",
        },
        tags(SERVICES),
    ],
    settings: &[&TRUSTED_SERVICES_TAGS],
    remedy: Remedy {
        summary: "Check which trusted services use the search service, give them a private endpoint or a rule, then revoke the exception.",
        az: Some(
            "az resource update --ids $ID --set properties.networkRuleSet.bypass=None --force-string",
        ),
        bicep: Some(
            "resource service 'Microsoft.Search/searchServices@2025-05-01' = {\n  properties: {\n    networkRuleSet: {\n      bypass: 'None'\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_search_service\" \"this\" {\n  network_rule_bypass_option = \"None\"\n}",
        ),
        portal: Some("The search service > Settings > Networking > Exceptions"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[SEARCH_SCHEMA],
    judge: search,
};

fn account(asset: &AssetContext<'_>) -> Outcome {
    if !is_closed(asset)? {
        let action = asset.text(DEFAULT_ACTION_PATH)?;
        if !action.is("Deny") {
            let evidence =
                action.expected_or("Deny, for an exception to matter", DEFAULT_ACTION_ABSENT);
            return Ok(Judgement::not_applicable(OPEN, evidence));
        }
    }
    let rules = asset.object(ACLS)?;
    if rules.is_absent() {
        let evidence = rules.expected_or(
            "no exception for trusted services",
            "no exception: it has to be made in the network rules",
        );
        let summary = "There are no network rules, so none of them makes an exception.";
        return Ok(Judgement::pass(summary, evidence));
    }
    let note = "Azure did not return it: API versions before 2023-10-01-preview do not know it.";
    bypassed(asset, &asset.text(ACCOUNT_BYPASS)?, note)
}

fn search(asset: &AssetContext<'_>) -> Outcome {
    if !is_closed(asset)? {
        let rules = asset.list(SEARCH_RULES_PATH)?;
        if rules.entries().is_empty() {
            let wanted = "at least one address, for an exception to matter";
            let evidence = rules.expected_or(wanted, SEARCH_RULES_ABSENT);
            return Ok(Judgement::not_applicable(OPEN, evidence));
        }
    }
    let note = "Azure did not return it: API versions before 2024-03-01-preview do not know it.";
    bypassed(asset, &asset.text(SEARCH_BYPASS)?, note)
}

fn bypassed(asset: &AssetContext<'_>, bypass: &Reading<'_, &str>, absent: &'static str) -> Outcome {
    let evidence = bypass.expected("None");
    if bypass.is("None") {
        return Ok(Judgement::pass("Trusted services need a rule like everybody else.", evidence));
    }
    if bypass.is_absent() {
        return Err(Unreadable::new(evidence, absent));
    }
    Ok(match tagged(asset, &TRUSTED_SERVICES_TAGS)? {
        Some(recorded) => Judgement::not_applicable(
            "Trusted services are let in for a recorded reason.",
            recorded,
        ),
        None => Judgement::fail("Trusted Azure services pass the network rules.", evidence),
    })
}

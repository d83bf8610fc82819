//! Network rules: who may come in while public network access is on.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Read, Remedy, Rule,
    SEARCH_SERVICE, Severity, Topic, Value, failing,
};

use super::addresses::{ALLOWED_ADDRESS_RANGES, Allowance};
use super::public_access::{ACCOUNT_ABSENT, SEARCH_ABSENT};
use super::sources::{ACCOUNT_SCHEMA, SEARCH_SCHEMA};
use crate::groundwork::access::is_closed;
use crate::groundwork::azure::{
    ACCOUNTS, LANDING_ZONE, PUBLIC_NETWORK_ACCESS, SERVICES, VIRTUAL_NETWORKS,
};
use crate::groundwork::settings::MINIMUM_PREFIX_LENGTH;

/// What an account does with networks that no rule allows.
pub const DEFAULT_ACTION_PATH: &str = "properties.networkAcls.defaultAction";
/// What it does where that is not set.
pub const DEFAULT_ACTION_ABSENT: &str =
    "Allow: an account without networkAcls answers to all networks";
/// The addresses that an account allows.
pub const IP_RULES_PATH: &str = "properties.networkAcls.ipRules";
/// None.
pub const IP_RULES_ABSENT: &str = "no allowed addresses";
/// The addresses that a Search service allows.
pub const SEARCH_RULES_PATH: &str = "properties.networkRuleSet.ipRules";
/// All of them.
pub const SEARCH_RULES_ABSENT: &str = "all addresses are allowed";
const NETWORK_RULES_PATH: &str = "properties.networkAcls.virtualNetworkRules";
const IGNORES: &str = "ignoreMissingVnetServiceEndpoint";
const NETWORK_RULES_ABSENT: &str = "no allowed virtual networks";
const IGNORED: &str = "Network rules have no effect: public network access is closed.";
const CLOSED: &str =
    "Accounts whose public network access is disabled: their network rules have no effect.";

/// NET-02: accounts.
pub static DEFAULT_ACTION: Rule = Rule {
    id: "NET-02",
    title: "The account refuses networks that no rule allows",
    topic: Topic::Networking,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.103: high where public access is on as well, and only there this rule applies",
    rationale: "Public network access is on and the default action lets every network in. \
                A leaked key or token then works from anywhere on the internet.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[CLOSED],
    never: &[],
    reads: &[
        Read { path: PUBLIC_NETWORK_ACCESS, source: ACCOUNTS, absent: ACCOUNT_ABSENT },
        Read { path: DEFAULT_ACTION_PATH, source: ACCOUNTS, absent: DEFAULT_ACTION_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Add rules for the networks that need the account, then set the default action to Deny; or disable public network access.",
        az: Some(
            "az cognitiveservices account network-rule add --name $NAME --resource-group RG --ip-address 203.0.113.0/24\naz resource update --ids $ID --set properties.networkAcls.defaultAction=Deny",
        ),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  properties: {\n    networkAcls: {\n      defaultAction: 'Deny'\n      ipRules: [\n        {\n          value: '203.0.113.0/24'\n        }\n      ]\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  network_acls {\n    default_action = \"Deny\"\n    ip_rules       = [\"203.0.113.0/24\"]\n  }\n}",
        ),
        portal: Some(
            "The account > Resource Management > Networking > Firewalls and virtual networks > Selected Networks and Private Endpoints",
        ),
    },
    policies: &["037eea7a-bd0a-46c5-9a66-03aea78705d3"],
    policy_difference: "",
    controls: &[
        "mcsb-v1:NS-2",
        "mcsb-v2:NS-2",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:SC-7",
        "nist-800-53-r5:SC-7(3)",
    ],
    references: &[VIRTUAL_NETWORKS, LANDING_ZONE],
    judge: default_action,
};

/// NET-03: accounts.
pub static ALLOWED_ADDRESSES: Rule = Rule {
    id: "NET-03",
    title: "The account's network rules allow no wide or foreign address range",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement: a wide list of allowed addresses defeats the default action Deny",
    rationale: "A list of allowed addresses with 0.0.0.0/0, or with half the internet, allows everybody. \
                A subnet rule that ignores the missing service endpoint promises a restriction that is not in force.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[CLOSED],
    never: &[],
    reads: &[
        Read { path: PUBLIC_NETWORK_ACCESS, source: ACCOUNTS, absent: ACCOUNT_ABSENT },
        Read { path: IP_RULES_PATH, source: ACCOUNTS, absent: IP_RULES_ABSENT },
        Read { path: NETWORK_RULES_PATH, source: ACCOUNTS, absent: NETWORK_RULES_ABSENT },
    ],
    settings: &[&MINIMUM_PREFIX_LENGTH, &ALLOWED_ADDRESS_RANGES],
    remedy: Remedy {
        summary: "Remove the reported ranges and allow the addresses that are really used; give subnets their service endpoint Microsoft.CognitiveServices.",
        az: Some(
            "az cognitiveservices account network-rule remove --name $NAME --resource-group RG --ip-address 0.0.0.0/0",
        ),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  properties: {\n    networkAcls: {\n      ipRules: [\n        {\n          value: '203.0.113.0/24'\n        }\n      ]\n      virtualNetworkRules: [\n        {\n          id: subnetId\n          ignoreMissingVnetServiceEndpoint: false\n        }\n      ]\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  network_acls {\n    default_action = \"Deny\"\n    ip_rules       = [\"203.0.113.0/24\"]\n\n    virtual_network_rules {\n      subnet_id                            = azurerm_subnet.this.id\n      ignore_missing_vnet_service_endpoint = false\n    }\n  }\n}",
        ),
        portal: Some(
            "The account > Resource Management > Networking > Firewalls and virtual networks > Address range",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[VIRTUAL_NETWORKS, ACCOUNT_SCHEMA],
    judge: allowed_addresses,
};

/// NET-28: Search services.
pub static SEARCH_ADDRESSES: Rule = Rule {
    id: "NET-28",
    title: "The search service's firewall allows known addresses only",
    topic: Topic::Networking,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.103: high where public access is on as well, and only there this rule applies",
    rationale: "Public network access is on and the firewall has no rule, or one that lets almost everybody in. \
                A leaked key then reads the index from anywhere.",
    asset_types: &[SEARCH_SERVICE],
    exceptions: &[
        "Search services whose public network access is disabled or secured by a perimeter: their firewall rules have no effect.",
    ],
    never: &[],
    reads: &[
        Read { path: PUBLIC_NETWORK_ACCESS, source: SERVICES, absent: SEARCH_ABSENT },
        Read { path: SEARCH_RULES_PATH, source: SERVICES, absent: SEARCH_RULES_ABSENT },
    ],
    settings: &[&MINIMUM_PREFIX_LENGTH, &ALLOWED_ADDRESS_RANGES],
    remedy: Remedy {
        summary: "Allow the addresses that are really used, or disable public network access. The free tier has no firewall: make a service of a billable tier and move the indexes.",
        az: Some("az search service update --ids $ID --ip-rules 203.0.113.7"),
        bicep: Some(
            "resource service 'Microsoft.Search/searchServices@2025-05-01' = {\n  properties: {\n    networkRuleSet: {\n      ipRules: [\n        {\n          value: '203.0.113.7'\n        }\n      ]\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_search_service\" \"this\" {\n  allowed_ips = [\"203.0.113.7\"]\n}",
        ),
        portal: Some(
            "The search service > Settings > Networking > Firewalls and virtual networks > Selected IP addresses",
        ),
    },
    policies: &["037eea7a-bd0a-46c5-9a66-03aea78705d3"],
    policy_difference: "Azure's policy is content with any firewall rule, even 0.0.0.0/0; here a wide or foreign range fails. It reports SecuredByPerimeter without rules, where a perimeter decides who comes in: not applicable here.",
    controls: &[
        "mcsb-v1:NS-2",
        "mcsb-v2:NS-2",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:SC-7",
        "nist-800-53-r5:SC-7(3)",
    ],
    references: &[SEARCH_SCHEMA, LANDING_ZONE],
    judge: search_addresses,
};

fn default_action(asset: &AssetContext<'_>) -> Outcome {
    if is_closed(asset)? {
        return closed(asset);
    }
    let action = asset.text(DEFAULT_ACTION_PATH)?;
    let evidence = action.expected_or("Deny", DEFAULT_ACTION_ABSENT);
    if action.is("Deny") {
        return Ok(Judgement::pass("Networks that no rule allows are refused.", evidence));
    }
    let access = asset.text(PUBLIC_NETWORK_ACCESS)?;
    let access = access.expected_or("Disabled, or a default action of Deny", ACCOUNT_ABSENT);
    Ok(Judgement::fail("Every network is let in.", evidence).and(access))
}

fn allowed_addresses(asset: &AssetContext<'_>) -> Outcome {
    if is_closed(asset)? {
        return closed(asset);
    }
    let addresses = asset.list(IP_RULES_PATH)?;
    let networks = asset.list(NETWORK_RULES_PATH)?;
    let allowance = Allowance::of(asset);
    let (mut bad, mut unreadable) = match allowance.excess(&addresses) {
        Ok(excess) => (excess, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let has_wide_range = !bad.is_empty();
    let keeps = |rule: &Value<'_>| {
        let ignores = rule.as_object().and_then(|fields| fields.get(IGNORES));
        ignores.and_then(Value::as_bool) == Some(false)
    };
    if !networks.value.unwrap_or_default().iter().all(keeps) {
        for rule in networks.entries().nodes() {
            match rule.flag(IGNORES) {
                Ok(ignores) if ignores.is_true() => bad.push(ignores.expected("false")),
                Ok(_) => {}
                Err(error) => unreadable = unreadable.or(Some(error)),
            }
        }
    }
    if let Some(failed) = failing("The network rules allow more than they should.", bad) {
        // The Azure CLI itself writes the flag, and without its service endpoint a subnet is refused, not let in.
        return Ok(if has_wide_range { failed } else { failed.with_severity(Severity::Low) });
    }
    if let Some(error) = unreadable {
        return Err(error);
    }
    let evidence = addresses.expected_or(allowance.in_words(), IP_RULES_ABSENT);
    Ok(Judgement::pass("No network rule allows too much.", evidence))
}

fn search_addresses(asset: &AssetContext<'_>) -> Outcome {
    if is_closed(asset)? {
        return closed(asset);
    }
    let rules = asset.list(SEARCH_RULES_PATH)?;
    let allowance = Allowance::of(asset);
    let wanted = "at least one address, and no range that is too wide or foreign";
    if rules.value.unwrap_or_default().is_empty() {
        let evidence = if rules.is_absent() {
            rules.expected_or(wanted, SEARCH_RULES_ABSENT)
        } else {
            rules.expected(wanted).noting("an empty list allows all addresses")
        };
        let summary = "The firewall has no rule, so every address is let in.";
        return Ok(Judgement::fail(summary, evidence));
    }
    let excess = allowance.excess(&rules)?;
    Ok(failing("The firewall allows more than it should.", excess).unwrap_or_else(|| {
        Judgement::pass("The firewall allows known addresses only.", rules.expected(wanted))
    }))
}

/// The rules do not matter: nobody comes in from a public network.
fn closed(asset: &AssetContext<'_>) -> Outcome {
    let access = asset.text(PUBLIC_NETWORK_ACCESS)?;
    Ok(Judgement::not_applicable(IGNORED, access.expected("Enabled, for network rules to matter")))
}

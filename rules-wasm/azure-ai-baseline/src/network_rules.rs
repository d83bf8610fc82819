//! Network rules: who may come in while public network access is on.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Evidence, Judgement, Note as _, Outcome, Read, Rule,
    SEARCH_SERVICE, Severity, Topic, Unreadable, Value,
};

use crate::address_range::{minimum_prefix_length, prefix_length};
use crate::azure::{ACCOUNTS, LANDING_ZONE, PUBLIC_NETWORK_ACCESS, SERVICES, VIRTUAL_NETWORKS};
use crate::public_access::is_closed;

const DEFAULT_ACTION_PATH: &str = "properties.networkAcls.defaultAction";
const DEFAULT_ACTION_ABSENT: &str = "Allow: an account without networkAcls answers to all networks";
const IP_RULES_PATH: &str = "properties.networkAcls.ipRules";
const IP_RULES_ABSENT: &str = "no allowed addresses";
const NETWORK_RULES_PATH: &str = "properties.networkAcls.virtualNetworkRules";
const NETWORK_RULES_ABSENT: &str = "no allowed virtual networks";
const SEARCH_RULES_PATH: &str = "properties.networkRuleSet.ipRules";
const SEARCH_RULES_ABSENT: &str = "all addresses are allowed";
const IGNORED: &str = "Network rules have no effect: public network access is closed.";
const PUBLIC_READ: &str = "enabled";

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
    reads: &[
        Read { path: PUBLIC_NETWORK_ACCESS, source: ACCOUNTS, absent: PUBLIC_READ },
        Read { path: DEFAULT_ACTION_PATH, source: ACCOUNTS, absent: DEFAULT_ACTION_ABSENT },
    ],
    remediation: "Set the default action to Deny, then allow the networks that need it; or disable public network access.",
    az: Some("az resource update --ids $ID --set properties.networkAcls.defaultAction=Deny"),
    policies: &["037eea7a-bd0a-46c5-9a66-03aea78705d3"],
    references: &[VIRTUAL_NETWORKS, LANDING_ZONE],
    judge: default_action,
};

/// NET-03: accounts.
pub static ALLOWED_ADDRESSES: Rule = Rule {
    id: "NET-03",
    title: "The account's network rules allow no wide address range",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "proposed: a wide allow-list defeats the default action Deny",
    rationale: "An allow-list with 0.0.0.0/0, or with half the internet, is no allow-list. \
                A subnet rule that ignores the missing service endpoint promises a restriction that is not in force. \
                The setting minimumPrefixLength of this pack says how wide a range may be (8 bits unless set).",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    reads: &[
        Read { path: PUBLIC_NETWORK_ACCESS, source: ACCOUNTS, absent: PUBLIC_READ },
        Read { path: IP_RULES_PATH, source: ACCOUNTS, absent: IP_RULES_ABSENT },
        Read { path: NETWORK_RULES_PATH, source: ACCOUNTS, absent: NETWORK_RULES_ABSENT },
    ],
    remediation: "Remove the wide ranges and allow the addresses that are really used.",
    az: Some("az cognitiveservices account network-rule remove --ids $ID --ip-address 0.0.0.0/0"),
    policies: &[],
    references: &[VIRTUAL_NETWORKS],
    judge: allowed_addresses,
};

/// NET-28: Search services.
pub static SEARCH_ADDRESSES: Rule = Rule {
    id: "NET-28",
    title: "The search service's firewall allows known addresses only",
    topic: Topic::Networking,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.103: high where public access is on as well, and only there this rule applies",
    rationale: "Public network access is on and the firewall has no rule, or one that lets almost everybody in: \
                a leaked key then reads the index from anywhere. \
                The setting minimumPrefixLength of this pack says how wide a range may be (8 bits unless set).",
    asset_types: &[SEARCH_SERVICE],
    reads: &[
        Read { path: PUBLIC_NETWORK_ACCESS, source: SERVICES, absent: PUBLIC_READ },
        Read { path: SEARCH_RULES_PATH, source: SERVICES, absent: SEARCH_RULES_ABSENT },
    ],
    remediation: "Allow the addresses that are really used, or disable public network access.",
    az: Some("az search service update --ids $ID --ip-rules 203.0.113.7"),
    policies: &["037eea7a-bd0a-46c5-9a66-03aea78705d3"],
    references: &[LANDING_ZONE],
    judge: search_addresses,
};

fn default_action(asset: &AssetContext) -> Outcome {
    if is_closed(asset)? {
        return closed(asset);
    }
    let action = asset.text(DEFAULT_ACTION_PATH)?;
    let evidence = action.expected_or("Deny", DEFAULT_ACTION_ABSENT);
    let access = asset
        .text(PUBLIC_NETWORK_ACCESS)?
        .expected_or("Disabled, or a default action of Deny", PUBLIC_READ);
    Ok(if action.is("Deny") {
        Judgement::pass("Networks that no rule allows are refused.", evidence)
    } else {
        Judgement::fail("Every network is let in.", evidence).and(access)
    })
}

fn allowed_addresses(asset: &AssetContext) -> Outcome {
    if is_closed(asset)? {
        return closed(asset);
    }
    let addresses = asset.list(IP_RULES_PATH)?;
    let networks = asset.list(NETWORK_RULES_PATH)?;
    let limit = minimum_prefix_length(asset);
    let mut wide = wide_ranges(IP_RULES_PATH, addresses.value.unwrap_or_default(), limit)?;
    for (position, rule) in networks.value.unwrap_or_default().iter().enumerate() {
        let ignores = rule.get("ignoreMissingVnetServiceEndpoint");
        if ignores.and_then(Value::as_bool) == Some(true) {
            wide.push(Evidence {
                path: format!("{NETWORK_RULES_PATH}[{position}].ignoreMissingVnetServiceEndpoint"),
                actual: ignores.cloned(),
                expected: "false".to_owned(),
                note: None,
            });
        }
    }
    Ok(failing("The network rules allow a wide range.", wide).unwrap_or_else(|| {
        let wanted = format!("no range wider than /{limit}");
        Judgement::pass(
            "No network rule is too wide.",
            addresses.expected_or(&wanted, IP_RULES_ABSENT),
        )
    }))
}

fn search_addresses(asset: &AssetContext) -> Outcome {
    if is_closed(asset)? {
        return closed(asset);
    }
    let rules = asset.list(SEARCH_RULES_PATH)?;
    let limit = minimum_prefix_length(asset);
    let wanted = format!("at least one address, none wider than /{limit}");
    let allowed = rules.value.unwrap_or_default();
    if allowed.is_empty() {
        let evidence = rules.expected_or(&wanted, SEARCH_RULES_ABSENT);
        let evidence = if rules.is_absent() {
            evidence
        } else {
            evidence.noting("an empty list allows all addresses")
        };
        return Ok(Judgement::fail(
            "The firewall has no rule, so every address is let in.",
            evidence,
        ));
    }
    let wide = wide_ranges(SEARCH_RULES_PATH, allowed, limit)?;
    Ok(failing("The firewall allows a wide range.", wide).unwrap_or_else(|| {
        Judgement::pass("The firewall allows known addresses only.", rules.expected(&wanted))
    }))
}

/// The rules do not matter: nobody comes in from a public network.
fn closed(asset: &AssetContext) -> Outcome {
    let access = asset.text(PUBLIC_NETWORK_ACCESS)?;
    Ok(Judgement::not_applicable(IGNORED, access.expected("Enabled, for network rules to matter")))
}

/// Evidence of each range that is wider than `limit` bits; what is neither address nor range cannot be judged.
fn wide_ranges(path: &str, rules: &[Value], limit: u64) -> Result<Vec<Evidence>, Unreadable> {
    let mut wide = Vec::new();
    let mut unreadable = None;
    for (position, rule) in rules.iter().enumerate() {
        let value = rule.get("value");
        let evidence = Evidence {
            path: format!("{path}[{position}].value"),
            actual: value.cloned(),
            expected: format!("an address, or a range no wider than /{limit}"),
            note: None,
        };
        match value.and_then(Value::as_str).and_then(prefix_length) {
            Some(length) if length >= limit => {}
            Some(_) => wide.push(evidence),
            None => {
                unreadable = Some(Unreadable {
                    summary: "A network rule could not be read, so this cannot be judged."
                        .to_owned(),
                    evidence: Box::new(evidence.noting("this is neither an address nor a range")),
                });
            }
        }
    }
    match unreadable {
        // One wide range fails the rule, whatever the others are.
        Some(unreadable) if wide.is_empty() => Err(unreadable),
        _ => Ok(wide),
    }
}

/// A failure that rests on all of `evidence`; `None` where there is none.
fn failing(summary: &str, evidence: Vec<Evidence>) -> Option<Judgement> {
    let mut evidence = evidence.into_iter();
    let first = evidence.next()?;
    Some(evidence.fold(Judgement::fail(summary, first), Judgement::and))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use postern_rules_sdk::{AssetDocument, Verdict, json};

    use super::*;

    #[test]
    fn the_setting_says_how_wide_a_range_may_be() {
        for (settings, expected) in [
            (json!({}), Verdict::Pass),
            (json!({"minimumPrefixLength": 24}), Verdict::Fail),
            (json!({"minimumPrefixLength": null}), Verdict::Pass),
        ] {
            let resource =
                json!({"properties": {"networkAcls": {"ipRules": [{"value": "10.1.0.0/16"}]}}});
            let document = AssetDocument { resource, related: BTreeMap::new() };
            let asset = AssetContext::new(COGNITIVE_SERVICES_ACCOUNT, document, settings);
            assert_eq!(ALLOWED_ADDRESSES.judge(&asset).verdict, expected);
        }
    }
}

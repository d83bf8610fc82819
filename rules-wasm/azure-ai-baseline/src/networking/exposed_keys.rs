//! Keys that work from anywhere: three weaknesses that are one incident together.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Evidence, Judgement, Outcome, Read, Remedy, Rule,
    SEARCH_SERVICE, Severity, Topic, Unreadable, Value, Verdict, failing,
};

use super::addresses::Allowance;
use super::network_rules::{
    DEFAULT_ACTION_ABSENT, DEFAULT_ACTION_PATH, IP_RULES_ABSENT, IP_RULES_PATH,
    SEARCH_RULES_ABSENT, SEARCH_RULES_PATH,
};
use super::public_access::{ACCOUNT_ABSENT, SEARCH_ABSENT};
use super::sources::ACCOUNTS_AND_SERVICES;
use crate::groundwork::access::is_closed;
use crate::groundwork::access::keys_off;
use crate::groundwork::azure::{
    ACCOUNTS, DISABLE_LOCAL_AUTH, DISABLE_LOCAL_AUTH_PATH, PUBLIC_NETWORK_ACCESS, SERVICES,
    VIRTUAL_NETWORKS,
};
use crate::groundwork::settings::MINIMUM_PREFIX_LENGTH;

const KEYS_ABSENT: &str = "false: keys are accepted";

/// NET-37: accounts and Search services.
pub static EXPOSED_KEYS: Rule = Rule {
    id: "NET-37",
    title: "No key of this resource works from anywhere",
    topic: Topic::Networking,
    severity: Severity::Critical,
    severity_reason: "our own judgement: public access, keys and an open firewall together leave nothing between a leaked key and the data",
    rationale: "Public access is on, keys are accepted and every network is let in: who finds a key in a repository, a log or a laptop can use it at once, without a sign-in. \
                The models are billed to the owner and the data can be read. \
                Closing any one of the three breaks the chain.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[
        Read { path: PUBLIC_NETWORK_ACCESS, source: ACCOUNTS_AND_SERVICES, absent: ACCOUNT_ABSENT },
        Read { path: DISABLE_LOCAL_AUTH_PATH, source: ACCOUNTS_AND_SERVICES, absent: KEYS_ABSENT },
        Read { path: DEFAULT_ACTION_PATH, source: ACCOUNTS, absent: DEFAULT_ACTION_ABSENT },
        Read { path: IP_RULES_PATH, source: ACCOUNTS, absent: IP_RULES_ABSENT },
        Read { path: SEARCH_RULES_PATH, source: SERVICES, absent: SEARCH_RULES_ABSENT },
    ],
    settings: &[&MINIMUM_PREFIX_LENGTH],
    remedy: Remedy {
        summary: "Switch keys off, which leaves the network as it is; or disable public access; or let in only the networks that need it. Then regenerate the keys, because nobody knows who has them.",
        az: Some("az resource update --ids $ID --set properties.disableLocalAuth=true"),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  properties: {\n    disableLocalAuth: true\n    publicNetworkAccess: 'Disabled'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  local_auth_enabled            = false\n  public_network_access_enabled = false\n}",
        ),
        portal: Some("The resource > Networking > Public network access > Disabled"),
    },
    policies: &["037eea7a-bd0a-46c5-9a66-03aea78705d3", "71ef260a-8f18-47b7-abcb-62d0673d94dc"],
    policy_difference: "Each policy reports one weakness by itself; this rule fails only where nothing closes the chain. Policy 037eea7a is content with a rule for 0.0.0.0/0, this one is not.",
    controls: &[
        "mcsb-v1:NS-2",
        "mcsb-v1:IM-1",
        "mcsb-v2:NS-2",
        "mcsb-v2:IM-1",
        "nist-800-53-r5:AC-3",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:IA-2",
        "nist-800-53-r5:SC-7",
        "nist-800-53-r5:SC-7(3)",
    ],
    references: &[VIRTUAL_NETWORKS, DISABLE_LOCAL_AUTH],
    judge,
};

/// One of the three conditions.
enum Link<'a> {
    /// Nobody gets further than this.
    Closed(&'static str, Evidence),
    /// The property that leaves it open.
    Open(Property<'a>),
    /// The addresses that are let in.
    Wide(Vec<Evidence>),
}

/// What evidence of an open condition is made of, once it is needed: mostly another condition is closed.
struct Property<'a> {
    path: &'static str,
    actual: Option<&'a Value<'a>>,
    expected: &'static str,
    absent: &'static str,
}

fn judge(asset: &AssetContext<'_>) -> Outcome {
    let links = [public_access, keys, networks];
    let (mut open, mut unreadable) = (Vec::with_capacity(links.len()), None);
    for link in links {
        match link(asset) {
            // One closed link is enough, whatever could not be read of the others.
            Ok(Link::Closed(summary, evidence)) => return Ok(Judgement::pass(summary, evidence)),
            Ok(link) => open.push(link),
            Err(error) => unreadable = unreadable.or(Some(error)),
        }
    }
    if let Some(error) = unreadable {
        return Err(error);
    }
    let evidence = open.into_iter().flat_map(Link::evidence).collect();
    let failed = failing("Whoever has a key can use it from anywhere on the internet.", evidence);
    Ok(failed.expect("each open link has its evidence"))
}

impl Link<'_> {
    fn evidence(self) -> Vec<Evidence> {
        match self {
            Self::Closed(_, evidence) => vec![evidence],
            Self::Open(Property { path, actual, expected, absent }) => {
                vec![Evidence::new(path, actual, expected).absent_means(absent)]
            }
            Self::Wide(evidence) => evidence,
        }
    }
}

fn public_access<'a>(asset: &AssetContext<'a>) -> Result<Link<'a>, Unreadable> {
    let access = asset.text(PUBLIC_NETWORK_ACCESS)?;
    let absent = if asset.asset_type() == SEARCH_SERVICE { SEARCH_ABSENT } else { ACCOUNT_ABSENT };
    Ok(if is_closed(asset)? {
        let summary = "Public network access is closed, so that a key alone is of no use.";
        Link::Closed(summary, access.expected_or("Disabled", absent))
    } else {
        let (path, actual) = (PUBLIC_NETWORK_ACCESS, access.actual);
        Link::Open(Property { path, actual, expected: "Disabled", absent })
    })
}

fn keys<'a>(asset: &AssetContext<'a>) -> Result<Link<'a>, Unreadable> {
    let off = keys_off(asset)?;
    Ok(if off.is_true() {
        Link::Closed("Keys are refused.", off.expected("true"))
    } else {
        let (path, actual) = (DISABLE_LOCAL_AUTH_PATH, off.actual);
        Link::Open(Property { path, actual, expected: "true", absent: KEYS_ABSENT })
    })
}

fn networks<'a>(asset: &AssetContext<'a>) -> Result<Link<'a>, Unreadable> {
    let closed = |evidence| Link::Closed("Only listed networks are let in.", evidence);
    if asset.asset_type() == SEARCH_SERVICE {
        let rules = asset.list(SEARCH_RULES_PATH)?;
        if rules.value.unwrap_or_default().is_empty() {
            return Ok(Link::Open(Property {
                path: SEARCH_RULES_PATH,
                actual: rules.actual,
                expected: "at least one address",
                absent: SEARCH_RULES_ABSENT,
            }));
        }
        let allowance = Allowance::narrow(asset);
        let wide = allowance.excess(&rules)?;
        return Ok(if wide.is_empty() {
            closed(rules.expected(allowance.in_words()))
        } else {
            Link::Wide(wide)
        });
    }
    let action = asset.text(DEFAULT_ACTION_PATH)?;
    if !action.is("Deny") {
        return Ok(Link::Open(Property {
            path: DEFAULT_ACTION_PATH,
            actual: action.actual,
            expected: "Deny",
            absent: DEFAULT_ACTION_ABSENT,
        }));
    }
    let wide = Allowance::narrow(asset).excess(&asset.list(IP_RULES_PATH)?)?;
    Ok(if wide.is_empty() { closed(action.expected("Deny")) } else { Link::Wide(wide) })
}

//! Outbound restriction: where data may go when an account itself makes the call.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Judgement, Outcome, Read, Remedy, Rule,
    Setting, SettingKind, Severity, Topic, Unreadable, Words,
};

use super::sources::without_kind;
use crate::groundwork::azure::{ACCOUNT_KIND, ACCOUNTS, DATA_LOSS_PREVENTION, LANDING_ZONE};

const RESTRICT: &str = "properties.restrictOutboundNetworkAccess";
const RESTRICT_ABSENT: &str = "false: the account may call any address";
const ADDRESS_LIST: &str = "properties.allowedFqdnList";
const ADDRESS_LIST_ABSENT: &str = "an empty list: with the restriction on, nothing may be called";
const EXCEPTION: &str = "Kinds that Microsoft does not name as supporting data loss prevention, such as TextTranslation.";
const MULTI_SERVICE: &str = "Of AIServices and CognitiveServices, which hold several services in one, Microsoft does not say whether data loss prevention covers them; they are judged one severity lower.";

/// The kinds of the services that Microsoft names as supporting data loss prevention.
///
/// `AIServices` and `CognitiveServices` are the multi-service kinds: they hold several of the named services
/// (Azure OpenAI, Vision, Document Intelligence, Speech), so leaving them out would hide those.
const SUPPORTED_KINDS: [&str; 12] = [
    "AIServices",
    "CognitiveServices",
    "ComputerVision",
    "ContentModerator",
    "CustomVision.Prediction",
    "CustomVision.Training",
    "Face",
    "FormRecognizer",
    "OpenAI",
    "QnAMaker",
    "QnAMaker.v2",
    "SpeechServices",
];

/// The kinds of these that Microsoft does not name itself.
const MULTI_SERVICE_KINDS: [&str; 2] = ["AIServices", "CognitiveServices"];

/// Domains below which anybody can have a host or a bucket.
///
/// Azure does not say whether an entry covers the names below it, so these are judged as if it did.
const PROVIDER_WIDE: [&str; 17] = [
    "amazonaws.com",
    "azure.com",
    "azure.net",
    "azureedge.net",
    "azurefd.net",
    "azurewebsites.net",
    "blob.core.windows.net",
    "cloudapp.azure.com",
    "cloudfront.net",
    "core.windows.net",
    "github.io",
    "githubusercontent.com",
    "googleapis.com",
    "s3.amazonaws.com",
    "sharepoint.com",
    "storage.googleapis.com",
    "windows.net",
];

/// Which addresses an account may call.
static ALLOWED_FQDNS: Setting = Setting {
    name: "allowedFqdns",
    description: "Addresses that accounts may call: domain names, *.domain for all below it, or IPv4 addresses. Empty: any that is not as wide as a whole provider or top-level domain.",
    kind: SettingKind::Texts { default: &[], pattern: "^(\\*\\.)?[A-Za-z0-9.-]+$" },
};

/// DATA-01: whether calls are restricted.
pub static RESTRICTED: Rule = Rule {
    id: "DATA-01",
    title: "The account calls approved addresses only",
    topic: Topic::Data,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.106: high; proposed medium for AIServices and CognitiveServices, which the source does not name",
    rationale: "Services that fetch addresses from a request can be made to send data out. \
                With outbound access restricted they call only the addresses in allowedFqdnList.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[EXCEPTION, MULTI_SERVICE],
    never: &[],
    reads: &[ACCOUNT_KIND, Read { path: RESTRICT, source: ACCOUNTS, absent: RESTRICT_ABSENT }],
    settings: &[],
    remedy: Remedy {
        summary: "List the addresses that the account has to call in allowedFqdnList, then restrict outbound access; both in one request. Put them in place of the host here: what is not listed can no longer be called. It takes about 15 minutes to apply; the portal has no page for it.",
        az: Some(
            "az rest -m patch -u \"$ID?api-version=2024-10-01\" -b '{\"properties\":{\"restrictOutboundNetworkAccess\":true,\"allowedFqdnList\":[\"HOST.blob.core.windows.net\"]}}'",
        ),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  properties: {\n    restrictOutboundNetworkAccess: true\n    allowedFqdnList: [\n      'host.blob.core.windows.net'\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  outbound_network_access_restricted = true\n  fqdns                              = [\"host.blob.core.windows.net\"]\n}",
        ),
        portal: None,
    },
    policies: &[],
    policy_difference: "",
    controls: &["mcsb-v1:DP-2"],
    references: &[DATA_LOSS_PREVENTION, LANDING_ZONE],
    judge: restricted,
};

/// DATA-02: which addresses remain.
pub static ADDRESSES: Rule = Rule {
    id: "DATA-02",
    title: "The addresses that the account may call are narrow and approved",
    topic: Topic::Data,
    severity: Severity::Medium,
    severity_reason: "our own judgement: a list that is too wide defeats the restriction itself (DATA-01); low for AIServices and CognitiveServices",
    rationale: "Data leaves through the widest entry of the list. \
                A wildcard, a top-level domain or the domain of a cloud provider lets anybody's bucket receive it.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        EXCEPTION,
        MULTI_SERVICE,
        "Accounts without the restriction: their list has no effect.",
    ],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        Read { path: RESTRICT, source: ACCOUNTS, absent: RESTRICT_ABSENT },
        Read { path: ADDRESS_LIST, source: ACCOUNTS, absent: ADDRESS_LIST_ABSENT },
    ],
    settings: &[&ALLOWED_FQDNS],
    remedy: Remedy {
        summary: "Replace each wide or unapproved entry by the full names of the hosts that the account has to call. The portal has no page for it.",
        az: Some(
            "az rest -m patch -u \"$ID?api-version=2024-10-01\" -b '{\"properties\":{\"restrictOutboundNetworkAccess\":true,\"allowedFqdnList\":[\"HOST.blob.core.windows.net\"]}}'",
        ),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  properties: {\n    restrictOutboundNetworkAccess: true\n    allowedFqdnList: [\n      'host.blob.core.windows.net'\n    ]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  outbound_network_access_restricted = true\n  fqdns                              = [\"host.blob.core.windows.net\"]\n}",
        ),
        portal: None,
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[DATA_LOSS_PREVENTION],
    judge: addresses,
};

fn restricted(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = unsupported(asset)? {
        return Ok(other);
    }
    let restricted = asset.flag(RESTRICT)?;
    let evidence = restricted.expected_or("true", RESTRICT_ABSENT);
    let judgement = if restricted.is_true() {
        Judgement::pass("Outbound calls are limited to approved addresses.", evidence)
    } else {
        Judgement::fail("Outbound calls may go anywhere.", evidence)
    };
    weighed(asset, judgement, Severity::Medium)
}

fn addresses(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = unsupported(asset)? {
        return Ok(other);
    }
    let restricted = asset.flag(RESTRICT)?;
    if !restricted.is_true() {
        let evidence = restricted.expected_or("true", RESTRICT_ABSENT);
        let summary = "Outbound calls are not restricted, so the list has no effect.";
        return Ok(Judgement::not_applicable(summary, evidence));
    }
    let list = asset.list(ADDRESS_LIST)?;
    if list.value.unwrap_or_default().is_empty() {
        let evidence = list.expected_or("approved addresses only", ADDRESS_LIST_ABSENT);
        return Ok(Judgement::pass("The account may call no address at all.", evidence));
    }
    let approved = asset.texts_setting(&ALLOWED_FQDNS);
    let words = Words {
        pass: "The account may call narrow and approved addresses only.",
        fail: "The account may call addresses that are too wide or not approved.",
        none: "The account may call no address at all.",
    };
    let judgement = list.entries().every(words, |entry| {
        let Some(address) = entry.value().as_str() else {
            let evidence = entry.expected("a domain name or an address");
            return Err(Unreadable::new(evidence, "This is not a text."));
        };
        Ok(if approved.is_empty() {
            let expected = "a host's full name: no wildcard, no top-level or provider's domain";
            Check::of(!is_wide(address), entry.expected(expected))
        } else {
            let is_approved = approved.iter().any(|approved| covers(approved, address));
            Check::of(is_approved, entry.expected("an address that the setting allowedFqdns lists"))
        })
    })?;
    weighed(asset, judgement, Severity::Low)
}

/// Lower for the multi-service kinds.
fn weighed(asset: &AssetContext<'_>, judgement: Judgement, lower: Severity) -> Outcome {
    let is_multi = asset.text("kind")?.is_any_of(&MULTI_SERVICE_KINDS);
    Ok(if is_multi { judgement.with_severity(lower) } else { judgement })
}

/// `Some(not applicable)` for kinds that cannot restrict their calls.
fn unsupported(asset: &AssetContext<'_>) -> Result<Option<Judgement>, Unreadable> {
    let kind = asset.text("kind")?;
    if kind.is_absent() {
        return Err(without_kind(&kind));
    }
    Ok((!kind.is_any_of(&SUPPORTED_KINDS)).then(|| {
        Judgement::not_applicable(
            "Accounts of this kind have no outbound restriction to set.",
            kind.expected("a kind that supports data loss prevention"),
        )
    }))
}

fn is_wide(address: &str) -> bool {
    let address = address.trim().trim_matches('.');
    address.contains('*')
        || !address.contains('.')
        || address.starts_with("0.0.0.0")
        || PROVIDER_WIDE.iter().any(|domain| address.eq_ignore_ascii_case(domain))
}

/// Whether an approved address is this one or, as `*.domain`, lies above it.
fn covers(approved: &str, address: &str) -> bool {
    let address = address.trim();
    if approved.trim().eq_ignore_ascii_case(address) {
        return true;
    }
    let below = approved.trim().strip_prefix('*').filter(|_| !address.contains('*'));
    below.is_some_and(|suffix| {
        let start = address.len().checked_sub(suffix.len());
        start
            .filter(|start| *start > 0)
            .and_then(|start| address.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    })
}

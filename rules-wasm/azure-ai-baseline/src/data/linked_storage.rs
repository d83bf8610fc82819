//! Storage accounts that accounts and workspaces keep their data in.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Judgement, MACHINE_LEARNING_WORKSPACE, Node,
    Outcome, Read, Remedy, Rule, Severity, Topic, Unreadable, Words, fact,
};

use super::sources::{LINKED, STORAGE_POLICIES};
use crate::groundwork::azure::{ACCOUNTS, LANDING_ZONE, WORKSPACES};

const TYPES: &[&str] = &[COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE];
const EXCEPTIONS: &[&str] = &[
    "Accounts without storage of one's own, and workspaces that name none.",
    "Workspaces of kind Project: they use their hub's storage, which is judged there.",
];
const OWNED: &str = "properties.userOwnedStorage";
const OWNED_ABSENT: &str = "Microsoft's storage holds what the account keeps";
const STORAGE: &str = "properties.storageAccount";
const STORAGE_ABSENT: &str = "the workspace names no storage account";
const TLS: &str = "properties.minimumTlsVersion";
const TLS_ABSENT: &str = "TLS 1.0";
const HTTPS: &str = "properties.supportsHttpsTrafficOnly";
const HTTPS_ABSENT: &str = "true since API version 2019-04-01";
const PUBLIC_BLOBS: &str = "properties.allowBlobPublicAccess";
const PUBLIC_BLOBS_ABSENT: &str =
    "false in API version 2025-01-01, true in older ones: unknown, since the answer's version is";
const NO_STORAGE: &str = "No storage account is linked.";
const KIND_READ: Read = Read { path: "kind", source: WORKSPACES, absent: "Default" };
const TYPE_READ: Read = Read {
    path: "linkedResources[].type",
    source: LINKED,
    absent: "not documented: the resource is not taken as a storage account",
};
const OWNED_READ: Read = Read { path: OWNED, source: ACCOUNTS, absent: OWNED_ABSENT };
const STORAGE_READ: Read = Read { path: STORAGE, source: WORKSPACES, absent: STORAGE_ABSENT };

/// DATA-23: transport.
pub static TRANSPORT: Rule = Rule {
    id: "DATA-23",
    title: "The linked storage is reached over TLS 1.2 or later only",
    topic: Topic::Data,
    severity: Severity::Medium,
    severity_reason: "Azure's policy: medium (AI landing zone checklist AI.65: high)",
    rationale: "Training data and recordings travel to and from this storage. \
                Old versions of TLS, and plain http, let whoever listens on the way read and change them.",
    asset_types: TYPES,
    exceptions: EXCEPTIONS,
    never: &[],
    reads: &[
        KIND_READ,
        OWNED_READ,
        STORAGE_READ,
        TYPE_READ,
        Read {
            path: "linkedResources[].properties.minimumTlsVersion",
            source: LINKED,
            absent: TLS_ABSENT,
        },
        Read {
            path: "linkedResources[].properties.supportsHttpsTrafficOnly",
            source: LINKED,
            absent: HTTPS_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Set the storage account that the evidence names to TLS 1.2 and https only.",
        az: Some(
            "az storage account update --ids STORAGE_ID --min-tls-version TLS1_2 --https-only true",
        ),
        bicep: Some(
            "resource storage 'Microsoft.Storage/storageAccounts@2025-01-01' = {\n  properties: {\n    minimumTlsVersion: 'TLS1_2'\n    supportsHttpsTrafficOnly: true\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_storage_account\" \"this\" {\n  min_tls_version            = \"TLS1_2\"\n  https_traffic_only_enabled = true\n}",
        ),
        portal: Some("The storage account > Settings > Configuration > Minimum TLS version"),
    },
    policies: &["fe83a0eb-a853-422d-aac2-1bffd182c5d0"],
    policy_difference: "The policy accepts TLS1_2 alone and does not look at plain http; here TLS1_3 passes as well, and plain http fails.",
    controls: &[
        "mcsb-v2:DP-3",
        "cis-azure-foundations-6.0:9.3.4",
        "cis-azure-foundations-6.0:9.3.6",
    ],
    references: &[LANDING_ZONE, STORAGE_POLICIES],
    judge: transport,
};

/// DATA-24: anonymous access.
pub static ANONYMOUS: Rule = Rule {
    id: "DATA-24",
    title: "Nothing in the linked storage can be public",
    topic: Topic::Data,
    severity: Severity::High,
    severity_reason: "our own judgement: training data can become public",
    rationale: "With public blobs allowed, whoever owns a container can open it to the whole internet without any sign-in. \
                Training data, recordings and models lie in this storage.",
    asset_types: TYPES,
    exceptions: EXCEPTIONS,
    never: &[],
    reads: &[
        KIND_READ,
        OWNED_READ,
        STORAGE_READ,
        TYPE_READ,
        Read {
            path: "linkedResources[].properties.allowBlobPublicAccess",
            source: LINKED,
            absent: PUBLIC_BLOBS_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Forbid anonymous access to blobs on the storage account that the evidence names.",
        az: Some("az storage account update --ids STORAGE_ID --allow-blob-public-access false"),
        bicep: Some(
            "resource storage 'Microsoft.Storage/storageAccounts@2025-01-01' = {\n  properties: {\n    allowBlobPublicAccess: false\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_storage_account\" \"this\" {\n  allow_nested_items_to_be_public = false\n}",
        ),
        portal: Some(
            "The storage account > Settings > Configuration > Allow Blob anonymous access > Disabled",
        ),
    },
    policies: &["4fa4b6c0-31ca-4c0d-b10d-24b96f62a751"],
    policy_difference: "The policy reports an account that does not show the property; here that is unknown, because its meaning depends on the API version.",
    controls: &[
        "mcsb-v1:NS-2",
        "mcsb-v2:NS-2",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:SC-7",
        "nist-800-53-r5:SC-7(3)",
        "cis-azure-foundations-6.0:9.3.8",
    ],
    references: &[STORAGE_POLICIES],
    judge: anonymous,
};

fn transport(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "The linked storage is reached over TLS 1.2 or later only.",
        fail: "The linked storage can be reached over old TLS or without any.",
        none: NO_STORAGE,
    };
    each_storage(asset, words, |storage| {
        let tls = storage.text(TLS)?;
        let https = storage.flag(HTTPS)?;
        let version = tls.expected_or("TLS1_2 or TLS1_3", TLS_ABSENT);
        let is_new = tls.is_any_of(&["TLS1_2", "TLS1_3"]);
        let is_clear = https.value == Some(false);
        if is_new && !is_clear {
            return Ok(Check::Good(version));
        }
        let mut bad = Vec::new();
        if !is_new {
            bad.push(version);
        }
        if is_clear {
            bad.push(https.expected("true"));
        }
        Ok(Check::Bad(bad))
    })
}

fn anonymous(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "Nothing in the linked storage can be public.",
        fail: "Containers of the linked storage can be made public.",
        none: NO_STORAGE,
    };
    each_storage(asset, words, |storage| {
        let allowed = storage.flag(PUBLIC_BLOBS)?;
        let evidence = allowed.expected("false");
        match allowed.value {
            Some(allowed) => Ok(Check::of(!allowed, evidence)),
            None => Err(Unreadable::new(
                evidence,
                "An absent value means false in API version 2025-01-01 and true in older ones.",
            )),
        }
    })
}

fn each_storage<'a>(
    asset: &AssetContext<'a>,
    words: Words,
    mut check: impl FnMut(&Node<'a>) -> Result<Check, Unreadable>,
) -> Outcome {
    if let Some(other) = without_storage(asset)? {
        return Ok(other);
    }
    asset.related(fact::LINKED_RESOURCES)?.every(words, |linked| {
        if linked.is_any_of("type", &["Microsoft.Storage/storageAccounts"])? {
            check(linked)
        } else {
            Ok(Check::Skip)
        }
    })
}

/// `Some(not applicable)` where the asset names no storage account of its own.
fn without_storage(asset: &AssetContext<'_>) -> Result<Option<Judgement>, Unreadable> {
    let evidence = if asset.asset_type() == MACHINE_LEARNING_WORKSPACE {
        let kind = asset.text("kind")?;
        if kind.is("Project") {
            let evidence = kind.expected("a workspace that is not a project");
            let summary = "A project uses its hub's storage.";
            return Ok(Some(Judgement::not_applicable(summary, evidence)));
        }
        let storage = asset.text(STORAGE)?;
        if storage.is_given() {
            return Ok(None);
        }
        storage.expected_or("a storage account", STORAGE_ABSENT)
    } else {
        let owned = asset.list(OWNED)?;
        if !owned.value.unwrap_or_default().is_empty() {
            return Ok(None);
        }
        owned.expected_or("a storage account", OWNED_ABSENT)
    };
    Ok(Some(Judgement::not_applicable("The asset has no storage of one's own.", evidence)))
}

//! The key vaults whose keys encrypt assets: lose the vault, and the data is lost.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Outcome, Read, Remedy, Rule, Severity, Topic,
    Words, fact,
};

use super::own_key::{EXCEPTIONS, SWITCH_READS, TYPES, reads, without_own_key};
use super::sources::{KEY_VAULT_POLICIES, LINKED};
use crate::groundwork::azure::ENCRYPT_AT_REST;

const PURGE_PROTECTION: &str = "properties.enablePurgeProtection";
const PURGE_PROTECTION_ABSENT: &str = "purge protection is off";
const SOFT_DELETE: &str = "properties.enableSoftDelete";
const SOFT_DELETE_ABSENT: &str = "true since API version 2019-09-01";
const ACCESS: &str = "properties.publicNetworkAccess";
const ACCESS_ABSENT: &str = "Enabled: the vault has a public address";
const FIREWALL: &str = "properties.networkAcls.defaultAction";
const FIREWALL_ABSENT: &str = "Allow: every network reaches the vault";
const ROLE_BASED: &str = "properties.enableRbacAuthorization";
const ROLE_BASED_ABSENT: &str = "false: access policies decide";
const GUIDE: &str = "Microsoft's guide for Azure OpenAI asks for access policies: see that the account still reaches its key";
const NO_VAULT: &str = "No key vault encrypts the asset.";

/// DATA-04: whether key and vault can be brought back.
pub static RECOVERABLE: Rule = Rule {
    id: "DATA-04",
    title: "The key vault that encrypts the asset cannot be purged",
    topic: Topic::Data,
    severity: Severity::High,
    severity_reason: "our own judgement: losing the key loses the data",
    rationale: "Who deletes the key or its vault makes all that it encrypts unreadable. \
                Soft delete keeps them for a while, and purge protection lets nobody, an attacker or an administrator, end that while early.",
    asset_types: TYPES,
    exceptions: EXCEPTIONS,
    never: &[],
    reads: &reads::<2, { SWITCH_READS + 2 }>([
        Read {
            path: "keyVaults[].properties.enablePurgeProtection",
            source: LINKED,
            absent: PURGE_PROTECTION_ABSENT,
        },
        Read {
            path: "keyVaults[].properties.enableSoftDelete",
            source: LINKED,
            absent: SOFT_DELETE_ABSENT,
        },
    ]),
    settings: &[],
    remedy: Remedy {
        summary: "Switch purge protection on for the vault that the evidence names. It cannot be switched off again.",
        az: Some("az keyvault update --name VAULT_NAME --enable-purge-protection true"),
        bicep: Some(
            "resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {\n  properties: {\n    enableSoftDelete: true\n    enablePurgeProtection: true\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_key_vault\" \"this\" {\n  purge_protection_enabled   = true\n  soft_delete_retention_days = 90\n}",
        ),
        portal: Some(
            "The key vault > Settings > Properties > Purge protection > Enable purge protection",
        ),
    },
    policies: &["0b60c0b2-2dc2-4e1c-b5c9-abbed971de53", "1e66c121-a66a-4b1f-9b83-0fd99bf0fc2d"],
    policy_difference: "Policy 1e66c121 asks for soft delete only, and reports a vault that does not show it; here that is Azure's documented default, and purge protection has to be on as well.",
    controls: &[
        "mcsb-v1:DP-8",
        "mcsb-v2:DP-8",
        "nist-800-53-r5:CP-9",
        "cis-azure-foundations-6.0:8.3.5",
    ],
    references: &[ENCRYPT_AT_REST, KEY_VAULT_POLICIES],
    judge: recoverable,
};

/// DATA-05: who reaches the vault.
pub static CLOSED: Rule = Rule {
    id: "DATA-05",
    title: "The key vault that encrypts the asset is closed to public networks",
    topic: Topic::Data,
    severity: Severity::Medium,
    severity_reason: "Azure's policies on key vaults: medium",
    rationale: "A stolen token of an identity with rights on the vault works from anywhere as long as its address is open. \
                A firewall with the exception for trusted services leaves Azure's own encryption working.",
    asset_types: TYPES,
    exceptions: EXCEPTIONS,
    never: &[],
    reads: &reads::<2, { SWITCH_READS + 2 }>([
        Read {
            path: "keyVaults[].properties.publicNetworkAccess",
            source: LINKED,
            absent: ACCESS_ABSENT,
        },
        Read {
            path: "keyVaults[].properties.networkAcls.defaultAction",
            source: LINKED,
            absent: FIREWALL_ABSENT,
        },
    ]),
    settings: &[],
    remedy: Remedy {
        summary: "Deny networks by default and keep the exception for trusted Azure services (bypass AzureServices), which encryption with the key needs; \
                  or switch public access off and use private endpoints.",
        az: Some(
            "az keyvault update --name VAULT_NAME --default-action Deny --bypass AzureServices",
        ),
        bicep: Some(
            "resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {\n  properties: {\n    publicNetworkAccess: 'Disabled'\n    networkAcls: {\n      defaultAction: 'Deny'\n      bypass: 'AzureServices'\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_key_vault\" \"this\" {\n  public_network_access_enabled = false\n  network_acls {\n    default_action = \"Deny\"\n    bypass         = \"AzureServices\"\n  }\n}",
        ),
        portal: Some("The key vault > Settings > Networking > Firewalls and virtual networks"),
    },
    policies: &["405c5871-3e91-4644-8a63-58e19d68ff5b", "55615ac9-af46-4a59-874e-391cc3dfb490"],
    policy_difference: "Policy 405c5871 wants public access off; here, as in 55615ac9, a firewall that denies by default is enough. Private endpoints (a6abeaec) are not asked for.",
    controls: &[
        "mcsb-v1:DP-8",
        "mcsb-v1:NS-2",
        "mcsb-v2:DP-8",
        "mcsb-v2:NS-2",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:AC-17",
        "nist-800-53-r5:AC-17(1)",
        "nist-800-53-r5:SC-7",
        "nist-800-53-r5:SC-7(3)",
        "cis-azure-foundations-6.0:8.3.7",
        "cis-azure-foundations-6.0:8.3.8",
    ],
    references: &[ENCRYPT_AT_REST, KEY_VAULT_POLICIES],
    judge: closed,
};

/// DATA-06: how rights on the vault are given.
pub static ROLES: Rule = Rule {
    id: "DATA-06",
    title: "Roles decide who may use the key vault that encrypts the asset",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "our own judgement: Azure's policy wants roles, Microsoft's guide for Azure OpenAI access policies, so that each vault is a decision",
    rationale: "Whoever may write the vault can give himself an access policy to every key in it; roles are given for one key, reviewed and logged like any other. \
                Microsoft's guide to customer-managed keys for Azure OpenAI asks for access policies all the same.",
    asset_types: TYPES,
    exceptions: &[
        EXCEPTIONS[0],
        EXCEPTIONS[1],
        "Accounts whose vault works with access policies, as Microsoft's guide for them asks.",
    ],
    never: &[],
    reads: &reads::<1, { SWITCH_READS + 1 }>([Read {
        path: "keyVaults[].properties.enableRbacAuthorization",
        source: LINKED,
        absent: ROLE_BASED_ABSENT,
    }]),
    settings: &[],
    remedy: Remedy {
        summary: "Give the asset's identity the role Key Vault Crypto Service Encryption User on the key, then switch the vault to roles. Decide per vault: all access policies of it end.",
        az: Some("az keyvault update --name VAULT_NAME --enable-rbac-authorization true"),
        bicep: Some(
            "resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {\n  properties: {\n    enableRbacAuthorization: true\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.KeyVault/vaults@2025-05-01\"\n  resource_id = var.key_vault_id\n  body = {\n    properties = {\n      enableRbacAuthorization = true\n    }\n  }\n}",
        ),
        portal: Some(
            "The key vault > Settings > Access configuration > Azure role-based access control",
        ),
    },
    policies: &["12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5"],
    policy_difference: "The policy reports every vault with access policies; here the vault of an account is not applicable, because Microsoft's guide for Azure OpenAI asks for them.",
    controls: &[
        "mcsb-v1:PA-7",
        "mcsb-v2:PA-7",
        "nist-800-53-r5:AC-2(1)",
        "nist-800-53-r5:AC-3(7)",
        "cis-azure-foundations-6.0:8.3.6",
    ],
    references: &[ENCRYPT_AT_REST, KEY_VAULT_POLICIES],
    judge: roles,
};

fn recoverable(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_own_key(asset)? {
        return Ok(other);
    }
    let words = Words {
        pass: "The key vault and its keys can always be brought back.",
        fail: "The key vault or its keys can be purged, and the data with them.",
        none: NO_VAULT,
    };
    asset.related(fact::KEY_VAULTS)?.every(words, |vault| {
        let purge_protection = vault.flag(PURGE_PROTECTION)?;
        let soft_delete = vault.flag(SOFT_DELETE)?;
        let mut bad = Vec::new();
        if soft_delete.value == Some(false) {
            bad.push(soft_delete.expected("true"));
        }
        let evidence = purge_protection.expected_or("true", PURGE_PROTECTION_ABSENT);
        if purge_protection.is_true() && bad.is_empty() {
            return Ok(Check::Good(evidence));
        }
        if !purge_protection.is_true() {
            bad.push(evidence);
        }
        Ok(Check::Bad(bad))
    })
}

fn closed(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_own_key(asset)? {
        return Ok(other);
    }
    let words = Words {
        pass: "The key vault is closed to public networks.",
        fail: "Every network reaches the key vault.",
        none: NO_VAULT,
    };
    asset.related(fact::KEY_VAULTS)?.every(words, |vault| {
        let access = vault.text(ACCESS)?;
        let closed = access.expected_or("Disabled", ACCESS_ABSENT);
        if access.is_any_of(&["Disabled", "SecuredByPerimeter"]) {
            return Ok(Check::Good(closed));
        }
        let firewall = vault.text(FIREWALL)?;
        let denied = firewall.expected_or("Deny", FIREWALL_ABSENT);
        Ok(if firewall.is("Deny") { Check::Good(denied) } else { Check::Bad(vec![closed, denied]) })
    })
}

fn roles(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_own_key(asset)? {
        return Ok(other);
    }
    let is_account = asset.asset_type() == COGNITIVE_SERVICES_ACCOUNT;
    let words = Words {
        pass: "Roles decide who may use the key vault.",
        fail: "Access policies decide who may use the key vault.",
        none: "The vault works with access policies, as Microsoft's guide for accounts asks.",
    };
    asset.related(fact::KEY_VAULTS)?.every(words, |vault| {
        let role_based = vault.flag(ROLE_BASED)?;
        let evidence = role_based.expected_or("true", ROLE_BASED_ABSENT);
        Ok(match (role_based.is_true(), is_account) {
            (true, true) => Check::Good(evidence.noting(GUIDE)),
            (false, true) => Check::Skip,
            (good, false) => Check::of(good, evidence),
        })
    })
}

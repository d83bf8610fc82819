//! The keys that encrypt assets: how strong they are, and whether they are renewed in time.

use postern_rules_sdk::{
    AssetContext, Check, Node, OffsetDateTime, Outcome, Read, Reading, Remedy, Rule, Setting,
    SettingKind, Severity, Topic, Unreadable, Words, fact,
};

use super::own_key::{self, EXCEPTIONS, SWITCH_READS, TYPES, reads, without_own_key};
use super::sources::{KEY_VAULT_POLICIES, KEYS};
use crate::groundwork::azure::{ACCOUNTS, ENCRYPT_AT_REST, LANDING_ZONE};

const ENABLED: &str = "properties.attributes.enabled";
const ENABLED_ABSENT: &str = "not documented: Azure returns it with every key";
const VERSION: &str = "properties.keyUriWithVersion";
const NO_VERSION: &str = "no version is named: Azure uses the newest";
const EXPIRES: &str = "properties.attributes.exp";
const EXPIRES_ABSENT: &str = "the key never expires";
const ACTIONS: &str = "properties.rotationPolicy.lifetimeActions";
const ACTIONS_ABSENT: &str = "nothing renews the key";
const TYPE: &str = "properties.kty";
const SIZE: &str = "properties.keySize";
const NO_KEY: &str = "No key of a key vault encrypts the asset.";
/// The size that Azure OpenAI asks for; other services take longer keys too.
const LEAST_SIZE: i64 = 2048;

/// How early a key has to be renewed.
static CMK_EXPIRY_NOTICE_DAYS: Setting = Setting {
    name: "cmkExpiryNoticeDays",
    description: "How many days before it expires a key that encrypts data has to be renewed. 0: only an expired key fails.",
    kind: SettingKind::Integer { default: 14, least: 0, most: 365 },
};

/// DATA-07: renewal.
pub static RENEWED: Rule = Rule {
    id: "DATA-07",
    title: "The key that encrypts the asset expires and is rotated before",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "our own judgement: low, since the data is encrypted in any case (AI landing zone checklist AI.88: high)",
    rationale: "A key without an end is used for years by whoever once got at it. \
                A key with an end that nobody renews stops the asset on that day, so a rotation policy has to do it.",
    asset_types: TYPES,
    exceptions: EXCEPTIONS,
    never: &[],
    reads: &reads::<5, { SWITCH_READS + 5 }>([
        Read { path: own_key::KEY_VERSION, source: ACCOUNTS, absent: NO_VERSION },
        Read {
            path: "keyVaultKeys[].properties.keyUriWithVersion",
            source: KEYS,
            absent: "not documented: Azure returns it with every key",
        },
        Read {
            path: "keyVaultKeys[].properties.attributes.enabled",
            source: KEYS,
            absent: ENABLED_ABSENT,
        },
        Read {
            path: "keyVaultKeys[].properties.attributes.exp",
            source: KEYS,
            absent: EXPIRES_ABSENT,
        },
        Read {
            path: "keyVaultKeys[].properties.rotationPolicy.lifetimeActions",
            source: KEYS,
            absent: ACTIONS_ABSENT,
        },
    ]),
    settings: &[&CMK_EXPIRY_NOTICE_DAYS],
    remedy: Remedy {
        summary: "Give the key an expiry date and a rotation policy that renews it well before. \
                  A resource that names a version of the key has to be set to the new one after each rotation.",
        az: Some(
            "az keyvault key rotation-policy update --vault-name VAULT_NAME --name KEY_NAME --value '{\"lifetimeActions\":[{\"trigger\":{\"timeBeforeExpiry\":\"P30D\"},\"action\":{\"type\":\"Rotate\"}}],\"attributes\":{\"expiryTime\":\"P1Y\"}}'",
        ),
        bicep: Some(
            "resource key 'Microsoft.KeyVault/vaults/keys@2025-05-01' = {\n  properties: {\n    attributes: {\n      exp: expiresInSecondsSince1970\n    }\n    rotationPolicy: {\n      attributes: {\n        expiryTime: 'P1Y'\n      }\n      lifetimeActions: [\n        {\n          trigger: {\n            timeBeforeExpiry: 'P30D'\n          }\n          action: {\n            type: 'rotate'\n          }\n        }\n      ]\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_key_vault_key\" \"this\" {\n  expiration_date = \"2027-01-01T00:00:00Z\"\n  rotation_policy {\n    expire_after = \"P1Y\"\n    automatic {\n      time_before_expiry = \"P30D\"\n    }\n  }\n}",
        ),
        portal: Some("The key vault > Objects > Keys > the key > Rotation policy"),
    },
    policies: &["152b15f7-8e1f-4c1f-ab71-8c010ba5dbc0", "d8cf8476-a2ec-4916-896e-992351803c44"],
    policy_difference: "Each policy asks for one of the two, an expiry date or a scheduled rotation; here both are asked for, and a disabled or almost expired key fails, as does the use of an older version.",
    controls: &[
        "mcsb-v1:DP-6",
        "mcsb-v2:DP-6",
        "nist-800-53-r5:IA-5",
        "cis-azure-foundations-6.0:8.3.1",
        "cis-azure-foundations-6.0:8.3.9",
    ],
    references: &[ENCRYPT_AT_REST, LANDING_ZONE, KEY_VAULT_POLICIES],
    judge: renewed,
};

/// DATA-08: strength.
pub static STRONG: Rule = Rule {
    id: "DATA-08",
    title: "The key that encrypts the asset is RSA of at least 2048 bits",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "our own judgement: Azure refuses most weaker keys itself",
    rationale: "Azure wraps the keys of the data with this one, and supports RSA keys only. \
                A key of another kind does not work with the asset, and a shorter one can be broken.",
    asset_types: TYPES,
    exceptions: EXCEPTIONS,
    never: &[],
    reads: &reads::<2, { SWITCH_READS + 2 }>([
        Read {
            path: "keyVaultKeys[].properties.kty",
            source: KEYS,
            absent: "not documented: Azure returns it with every key",
        },
        Read {
            path: "keyVaultKeys[].properties.keySize",
            source: KEYS,
            absent: "not documented: Azure returns it with every RSA key",
        },
    ]),
    settings: &[],
    remedy: Remedy {
        summary: "Make a new RSA key of 2048 bits, the only size that Azure OpenAI supports, and let the asset use it; a key's type and size cannot be changed.",
        az: Some(
            "az keyvault key create --vault-name VAULT_NAME --name KEY_NAME --kty RSA --size 2048",
        ),
        bicep: Some(
            "resource key 'Microsoft.KeyVault/vaults/keys@2025-05-01' = {\n  properties: {\n    kty: 'RSA'\n    keySize: 2048\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_key_vault_key\" \"this\" {\n  key_type = \"RSA\"\n  key_size = 2048\n}",
        ),
        portal: Some("The key vault > Objects > Keys > Generate/Import"),
    },
    policies: &["82067dbb-e53b-4e06-b631-546d197452d9"],
    policy_difference: "The policy knows RSA keys only and leaves the size to a parameter; here it is 2048, and a key of another kind fails.",
    controls: &["nist-800-53-r5:IA-7"],
    references: &[ENCRYPT_AT_REST, KEY_VAULT_POLICIES],
    judge: strong,
};

fn renewed(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_own_key(asset)? {
        return Ok(other);
    }
    let keys = asset.related(fact::KEY_VAULT_KEYS)?;
    let taken_at = asset.taken_at()?;
    let notice = asset.integer_setting(&CMK_EXPIRY_NOTICE_DAYS);
    let used = own_key::version(asset)?;
    let words = Words {
        pass: "The key expires and is rotated before.",
        fail: "The key does not expire, nothing renews it in time, or an older version of it is in use.",
        none: NO_KEY,
    };
    keys.every(words, |key| renewal(key, taken_at, notice, used.as_ref()))
}

fn renewal(
    key: &Node<'_>,
    taken_at: OffsetDateTime,
    notice: i64,
    used: Option<&(Reading<'_, &str>, &str)>,
) -> Result<Check, Unreadable> {
    let enabled = key.flag(ENABLED)?;
    let expires = key.unix_time(EXPIRES)?;
    let actions = key.list(ACTIONS)?;
    let mut bad = Vec::new();
    let mut unreadable = None;
    match enabled.value {
        Some(true) => {}
        Some(false) => bad.push(enabled.expected("true")),
        None => unreadable = Some(unsaid(&enabled, "true", "whether the key is enabled")),
    }
    let in_time =
        expires.expected_or("a date that lies ahead (seconds since 1970)", EXPIRES_ABSENT);
    let is_due = expires
        .value
        .is_none_or(|expires| expires <= taken_at || (expires - taken_at).whole_days() < notice);
    if is_due {
        bad.push(match expires.days_after(taken_at) {
            None => in_time.clone(),
            Some(days) if days < 0 || expires.value.is_some_and(|at| at <= taken_at) => {
                in_time.clone().noting("the key has expired")
            }
            Some(days) => in_time.clone().noting(format!("the key expires in {days} days")),
        });
    }
    let mut rotates = false;
    for action in actions.entries().nodes() {
        rotates |= action.is_any_of("action.type", &["rotate"])?;
    }
    if !rotates {
        bad.push(actions.expected_or("an action that rotates the key", ACTIONS_ABSENT));
    }
    if let Some((named, used)) = used {
        let newest = key.text(VERSION)?;
        match newest.value.and_then(own_key::version_of) {
            Some(version) if version.eq_ignore_ascii_case(used) => {}
            Some(version) => bad.push(
                named
                    .expected("the newest version of the key, or no version")
                    .noting(format!("the key's newest version is {version}")),
            ),
            None => {
                let what = "what the key's newest version is";
                unreadable = unreadable.or(Some(unsaid(&newest, "the key's newest version", what)));
            }
        }
    }
    match unreadable {
        Some(error) if bad.is_empty() => Err(error),
        _ if bad.is_empty() => Ok(Check::Good(in_time)),
        _ => Ok(Check::Bad(bad)),
    }
}

fn strong(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_own_key(asset)? {
        return Ok(other);
    }
    let words = Words {
        pass: "The key is RSA of at least 2048 bits.",
        fail: "The key is not RSA of at least 2048 bits.",
        none: NO_KEY,
    };
    asset.related(fact::KEY_VAULT_KEYS)?.every(words, |key| {
        let kind = key.text(TYPE)?;
        if kind.is_absent() {
            return Err(unsaid(&kind, "RSA or RSA-HSM", "of which type the key is"));
        }
        if !kind.is_any_of(&["RSA", "RSA-HSM"]) {
            return Ok(Check::Bad(vec![kind.expected("RSA or RSA-HSM")]));
        }
        let size = key.integer(SIZE)?;
        if size.is_absent() {
            return Err(unsaid(&size, "2048 or more", "how long the key is"));
        }
        let is_long = size.value.is_some_and(|size| size >= LEAST_SIZE);
        Ok(Check::of(is_long, size.expected("2048 or more")))
    })
}

/// For what Azure returns with every key, where it did not.
fn unsaid<T>(reading: &Reading<'_, T>, wanted: &'static str, what: &str) -> Unreadable {
    Unreadable::new(reading.expected(wanted), format!("Azure's answer does not say {what}."))
}

//! Which assets are encrypted with a key of a Key Vault of their own: where the facts on vaults and keys are looked for.

use postern_rules_sdk::{
    AssetContext, BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, Evidence, Judgement,
    MACHINE_LEARNING_WORKSPACE, Read, Reading, Unreadable,
};

use crate::groundwork::azure::{ACCOUNTS, BOTS, WORKSPACES};
use crate::groundwork::reads::join;

/// The types that name their key in the resource itself. The indexes of a search service name theirs, where ARM does not see it.
pub const TYPES: &[&str] = &[COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE, BOT_SERVICE];
/// For rules on the vaults and keys of these.
pub const EXCEPTIONS: &[&str] = &[
    "Assets that Microsoft's keys encrypt, or that name no key: there is no vault to judge.",
    "Workspaces of kind Project: they use their hub's key, which is judged there.",
];

/// Who encrypts an account.
pub const KEY_SOURCE: &str = "properties.encryption.keySource";
/// The key of an account.
pub const KEY_NAME: &str = "properties.encryption.keyVaultProperties.keyName";
/// The version of an account's key.
pub const KEY_VERSION: &str = "properties.encryption.keyVaultProperties.keyVersion";
/// Whether a workspace has a key of its own.
pub const STATUS: &str = "properties.encryption.status";
/// The key of a workspace.
pub const KEY_IDENTIFIER: &str = "properties.encryption.keyVaultProperties.keyIdentifier";
/// Whether a bot has a key of its own.
pub const IS_CMEK_ENABLED: &str = "properties.isCmekEnabled";
/// The key of a bot.
pub const CMEK_URL: &str = "properties.cmekKeyVaultUrl";
/// Where the resource says nothing of encryption.
pub const MICROSOFT_KEYS: &str =
    "keys managed by Microsoft: still encrypted at rest, but with no key to withdraw";

const NO_KEY: &str = "no key is named";

/// What says whether there is such a key.
const SWITCH: [Read; 7] = [
    Read { path: "kind", source: WORKSPACES, absent: "Default" },
    Read { path: KEY_SOURCE, source: ACCOUNTS, absent: MICROSOFT_KEYS },
    Read { path: KEY_NAME, source: ACCOUNTS, absent: NO_KEY },
    Read { path: STATUS, source: WORKSPACES, absent: MICROSOFT_KEYS },
    Read { path: KEY_IDENTIFIER, source: WORKSPACES, absent: NO_KEY },
    Read { path: IS_CMEK_ENABLED, source: BOTS, absent: MICROSOFT_KEYS },
    Read { path: CMEK_URL, source: BOTS, absent: NO_KEY },
];
/// How many reads that is.
pub const SWITCH_READS: usize = SWITCH.len();

/// The reads of [`without_own_key`], then those of the rule itself.
pub const fn reads<const OWN: usize, const ALL: usize>(own: [Read; OWN]) -> [Read; ALL] {
    join(SWITCH, own)
}

/// `Some(not applicable)` where no key of a vault of one's own encrypts the asset.
pub fn without_own_key(asset: &AssetContext<'_>) -> Result<Option<Judgement>, Unreadable> {
    let key = match asset.asset_type() {
        COGNITIVE_SERVICES_ACCOUNT => {
            let source = asset.text(KEY_SOURCE)?;
            if !source.is("Microsoft.KeyVault") {
                let evidence = source.expected_or("Microsoft.KeyVault", MICROSOFT_KEYS);
                return Ok(Some(microsoft(evidence)));
            }
            KEY_NAME
        }
        MACHINE_LEARNING_WORKSPACE => {
            let kind = asset.text("kind")?;
            if kind.is("Project") {
                let summary = "A project uses its hub's key.";
                let evidence = kind.expected("a workspace that is not a project");
                return Ok(Some(Judgement::not_applicable(summary, evidence)));
            }
            let status = asset.text(STATUS)?;
            if !status.is("Enabled") {
                return Ok(Some(microsoft(status.expected_or("Enabled", MICROSOFT_KEYS))));
            }
            KEY_IDENTIFIER
        }
        _ => {
            let enabled = asset.flag(IS_CMEK_ENABLED)?;
            if !enabled.is_true() {
                return Ok(Some(microsoft(enabled.expected_or("true", MICROSOFT_KEYS))));
            }
            CMEK_URL
        }
    };
    let key = asset.text(key)?;
    Ok((!key.is_given()).then(|| {
        let evidence = key.expected_or("a key of a key vault", NO_KEY);
        Judgement::not_applicable("The asset names no key, so no vault can be judged.", evidence)
    }))
}

/// Which version of its key the asset names, and where; `None` where it names none, and the newest is used.
pub fn version<'a>(
    asset: &AssetContext<'a>,
) -> Result<Option<(Reading<'a, &'a str>, &'a str)>, Unreadable> {
    let named = match asset.asset_type() {
        COGNITIVE_SERVICES_ACCOUNT => asset.text(KEY_VERSION)?,
        MACHINE_LEARNING_WORKSPACE => asset.text(KEY_IDENTIFIER)?,
        _ => asset.text(CMEK_URL)?,
    };
    let version = if asset.asset_type() == COGNITIVE_SERVICES_ACCOUNT {
        named.value.map(str::trim).filter(|version| !version.is_empty())
    } else {
        named.value.and_then(version_of)
    };
    Ok(version.map(|version| (named, version)))
}

/// The version in `https://{vault}.vault.azure.net/keys/{key}/{version}`.
pub fn version_of(address: &str) -> Option<&str> {
    address.trim().split('/').nth(5).filter(|version| !version.is_empty())
}

fn microsoft(evidence: Evidence) -> Judgement {
    Judgement::not_applicable("Microsoft's keys encrypt this, so it has no vault.", evidence)
}

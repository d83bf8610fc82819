//! Versions: whether a deployment names one, and what happens when it is retired.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Outcome, Read, Remedy, Rule, Setting,
    SettingKind, Severity, Topic, Words, fact,
};

use super::names::{
    NO_DEPLOYMENT, NOTHING_DEPLOYED, OTHER_KINDS, WORKING_WITH_MODELS, without_models,
};
use crate::groundwork::azure::{ACCOUNT_KIND, DEPLOYMENTS, LANDING_ZONE};
use crate::groundwork::words::position;

const EXPIRED: &str = "OnceCurrentVersionExpired";
const UPGRADE_ABSENT: &str =
    "OnceCurrentVersionExpired: it moves to the default version when its own is retired";
const VERSION_ABSENT: &str = "the default version, which may change";

/// The ways of upgrading that an organisation agrees to.
static APPROVED_VERSION_UPGRADE_OPTIONS: Setting = Setting {
    name: "approvedVersionUpgradeOptions",
    description: "Values of versionUpgradeOption that deployments may have. The default leaves out NoAutoUpgrade, with which a deployment stops answering when its version is retired.",
    kind: SettingKind::Texts {
        default: &["OnceNewDefaultVersionAvailable", EXPIRED],
        pattern: "^[A-Za-z]+$",
    },
};

/// GOV-04: upgrades.
pub static UPGRADES: Rule = Rule {
    id: "GOV-04",
    title: "Deployments move on when their model version is retired",
    topic: Topic::Models,
    severity: Severity::Medium,
    severity_reason: "our own judgement: medium (AI landing zone checklist AI.117: high)",
    rationale: "With NoAutoUpgrade a deployment stops answering on the day that its version is retired. \
                With the other options it moves to the default version, at once or when its own is retired.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        OTHER_KINDS,
        NOTHING_DEPLOYED,
        "Provisioned deployments: Azure upgrades only standard ones by itself.",
    ],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        Read {
            path: "deployments[].properties.versionUpgradeOption",
            source: DEPLOYMENTS,
            absent: UPGRADE_ABSENT,
        },
        Read {
            path: "deployments[].sku.name",
            source: DEPLOYMENTS,
            absent: "not documented: the schema requires it; read as not provisioned",
        },
    ],
    settings: &[&APPROVED_VERSION_UPGRADE_OPTIONS],
    remedy: Remedy {
        summary: "Put the deployment again with an upgrade option; the az command for deployments has no argument for it.",
        az: Some(
            "az rest --method put --url \"$ID/deployments/<deployment>?api-version=2025-06-01\" --body '{\"sku\":{\"name\":\"<type>\",\"capacity\":10},\"properties\":{\"model\":{\"format\":\"OpenAI\",\"name\":\"<model>\",\"version\":\"<version>\"},\"versionUpgradeOption\":\"OnceCurrentVersionExpired\"}}'",
        ),
        bicep: Some(
            "resource deployment 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = {\n  properties: {\n    versionUpgradeOption: 'OnceCurrentVersionExpired'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_deployment\" \"this\" {\n  version_upgrade_option = \"OnceCurrentVersionExpired\"\n}",
        ),
        portal: Some(
            "Foundry portal > the account > Deployments > the deployment > Edit > Model version update policy",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[WORKING_WITH_MODELS, LANDING_ZONE],
    judge: upgraded,
};

/// GOV-05: pinned versions.
pub static PINNED: Rule = Rule {
    id: "GOV-05",
    title: "Deployments name their model version",
    topic: Topic::Models,
    severity: Severity::Low,
    severity_reason: "our own judgement: an unpinned version may change between two deployments of the same template",
    rationale: "Without a version Azure takes the default one, which changes over time and differs by model. \
                With a version in the template, what was tested is what runs.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[OTHER_KINDS, NOTHING_DEPLOYED],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        Read {
            path: "deployments[].properties.model.version",
            source: DEPLOYMENTS,
            absent: VERSION_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Name the version that was tested.",
        az: Some(
            "az rest --method put --url \"$ID/deployments/<deployment>?api-version=2025-06-01\" --body '{\"sku\":{\"name\":\"<type>\",\"capacity\":10},\"properties\":{\"model\":{\"format\":\"OpenAI\",\"name\":\"<model>\",\"version\":\"<version>\"}}}'",
        ),
        bicep: Some(
            "resource deployment 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = {\n  properties: {\n    model: {\n      format: 'OpenAI'\n      name: '<model>'\n      version: '<version>'\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_deployment\" \"this\" {\n  model {\n    format  = \"OpenAI\"\n    name    = \"<model>\"\n    version = \"<version>\"\n  }\n}",
        ),
        portal: Some(
            "Foundry portal > the account > Deployments > the deployment > Edit > Model version",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[WORKING_WITH_MODELS],
    judge: pinned,
};

fn upgraded(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_models(asset)? {
        return Ok(other);
    }
    let approved = asset.texts_setting(&APPROVED_VERSION_UPGRADE_OPTIONS);
    let absent_is_approved = approved.iter().any(|option| option.eq_ignore_ascii_case(EXPIRED));
    let words = Words {
        pass: "Every deployment has an approved way to upgrade.",
        fail: "A deployment has no approved way to upgrade.",
        none: NO_DEPLOYMENT,
    };
    asset.related(fact::DEPLOYMENTS)?.every(words, |deployment| {
        if is_provisioned(deployment.text("sku.name")?.value.unwrap_or_default()) {
            return Ok(Check::Skip);
        }
        let option = deployment.text("properties.versionUpgradeOption")?;
        let good = option.is_any_of(&approved) || (option.is_absent() && absent_is_approved);
        let evidence = option
            .expected_or("an option that approvedVersionUpgradeOptions lists", UPGRADE_ABSENT);
        Ok(Check::of(good, evidence))
    })
}

fn pinned(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_models(asset)? {
        return Ok(other);
    }
    let words = Words {
        pass: "Every deployment names its model version.",
        fail: "A deployment does not name its model version.",
        none: NO_DEPLOYMENT,
    };
    asset.related(fact::DEPLOYMENTS)?.every(words, |deployment| {
        let version = deployment.text("properties.model.version")?;
        Ok(Check::of(version.is_given(), version.expected_or("a version", VERSION_ABSENT)))
    })
}

/// Whether a deployment type has capacity of its own: `ProvisionedManaged` and its global and data zone forms.
pub fn is_provisioned(sku: &str) -> bool {
    position(sku, "provisioned").is_some()
}

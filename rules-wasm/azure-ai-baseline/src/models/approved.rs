//! What may be deployed: models, and the deployment types that they run as.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Node, Outcome, Read, Remedy, Rule, Setting,
    SettingKind, Severity, Topic, Unreadable, Words, fact,
};

use super::names::{
    MODEL_NAME, NO_DEPLOYMENT, NOTHING_DEPLOYED, OTHER_KINDS, switched_off, without_models,
};
use crate::groundwork::azure::{ACCOUNT_KIND, DEPLOYMENTS, LANDING_ZONE};

/// The models that an organisation has approved.
static APPROVED_MODELS: Setting = Setting {
    name: "approvedModels",
    description: "Models that may be deployed: a name (gpt-4o), a name with a version (gpt-4o:2024-11-20), or the beginning of a registry's asset id (azureml://registries/...). Empty: only approvedModelPublishers counts.",
    kind: SettingKind::Texts { default: &[], pattern: "" },
};

/// The publishers whose models an organisation has approved.
static APPROVED_MODEL_PUBLISHERS: Setting = Setting {
    name: "approvedModelPublishers",
    description: "Publishers all of whose models may be deployed, such as OpenAI; where Azure returns no publisher the model's format is taken. Empty: only approvedModels counts.",
    kind: SettingKind::Texts { default: &[], pattern: "" },
};

/// The deployment types that an organisation has approved.
static APPROVED_DEPLOYMENT_SKUS: Setting = Setting {
    name: "approvedDeploymentSkus",
    description: "Deployment types that may be used, by SKU name, such as Standard or DataZoneStandard. Empty: the organisation has not limited them.",
    kind: SettingKind::Texts { default: &[], pattern: "^[A-Za-z0-9]+$" },
};

/// GOV-01: models.
pub static MODELS: Rule = Rule {
    id: "GOV-01",
    title: "Only approved models are deployed",
    topic: Topic::Models,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.36: high",
    rationale: "The model catalogue has models of many publishers, with other licences, other terms for data and other safety tests. \
                A list of approved models keeps out what nobody has assessed.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        OTHER_KINDS,
        NOTHING_DEPLOYED,
        "All accounts, as long as neither approvedModels nor approvedModelPublishers is set.",
    ],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        Read {
            path: MODEL_NAME,
            source: DEPLOYMENTS,
            absent: "not documented: every deployment has one",
        },
        Read {
            path: "deployments[].properties.model.version",
            source: DEPLOYMENTS,
            absent: "the default version of the model, which may change",
        },
        Read {
            path: "deployments[].properties.model.publisher",
            source: DEPLOYMENTS,
            absent: "a model of OpenAI in older API versions; the format is taken",
        },
        Read {
            path: "deployments[].properties.model.format",
            source: DEPLOYMENTS,
            absent: "not documented",
        },
        Read {
            path: "deployments[].properties.model.source",
            source: DEPLOYMENTS,
            absent: "a model of the catalogue, not of a registry",
        },
    ],
    settings: &[&APPROVED_MODELS, &APPROVED_MODEL_PUBLISHERS],
    remedy: Remedy {
        summary: "Move the callers to an approved model and delete the deployment, or have the model assessed and added to the list.",
        az: Some(
            "az rest --method delete --url \"$ID/deployments/<deployment>?api-version=2025-06-01\"",
        ),
        bicep: Some(
            "resource deployment 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = {\n  properties: {\n    model: {\n      format: '<approved format>'\n      name: '<approved model>'\n      version: '<approved version>'\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_deployment\" \"this\" {\n  model {\n    format  = \"<approved format>\"\n    name    = \"<approved model>\"\n    version = \"<approved version>\"\n  }\n}",
        ),
        portal: Some("Foundry portal > the account > Deployments > the deployment > Delete"),
    },
    policies: &["aafe3651-cb78-4f68-9f81-e7e41509110f"],
    policy_difference: "The policy knows publishers and asset ids only; here approvedModels also lists names and versions, and where Azure returns no publisher the model's format is taken.",
    controls: &["mcsb-v2:AI-1"],
    references: &[LANDING_ZONE],
    judge: approved_models,
};

/// GOV-28: deployment types.
pub static DEPLOYMENT_TYPES: Rule = Rule {
    id: "GOV-28",
    title: "Deployments use approved deployment types",
    topic: Topic::Models,
    severity: Severity::Medium,
    severity_reason: "our own judgement: the type decides where prompts are processed and how they are billed",
    rationale: "The SKU of a deployment decides where prompts are processed and what they cost: provisioned capacity is billed by the hour even when idle, batch and global types run elsewhere. \
                A list of approved types keeps cost and place as agreed.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        OTHER_KINDS,
        NOTHING_DEPLOYED,
        "All accounts, as long as approvedDeploymentSkus is not set.",
    ],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        Read {
            path: "deployments[].sku.name",
            source: DEPLOYMENTS,
            absent: "not documented: the schema requires it",
        },
    ],
    settings: &[&APPROVED_DEPLOYMENT_SKUS],
    remedy: Remedy {
        summary: "Deploy the model again with an approved type, move the callers, then delete the old deployment; some types can also be changed in place.",
        az: Some(
            "az rest --method put --url \"$ID/deployments/<new deployment>?api-version=2025-06-01\" --body '{\"sku\":{\"name\":\"<approved type>\",\"capacity\":10},\"properties\":{\"model\":{\"format\":\"OpenAI\",\"name\":\"<model>\",\"version\":\"<version>\"}}}'",
        ),
        bicep: Some(
            "resource deployment 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = {\n  sku: {\n    name: '<approved type>'\n    capacity: 10\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_deployment\" \"this\" {\n  sku {\n    name     = \"<approved type>\"\n    capacity = 10\n  }\n}",
        ),
        portal: Some(
            "Foundry portal > the account > Deployments > the deployment > Edit > Deployment type",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[LANDING_ZONE],
    judge: approved_types,
};

fn approved_models(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_models(asset)? {
        return Ok(other);
    }
    let models = asset.texts_setting(&APPROVED_MODELS);
    let publishers = asset.texts_setting(&APPROVED_MODEL_PUBLISHERS);
    if models.is_empty() && publishers.is_empty() {
        return Ok(switched_off(&APPROVED_MODELS));
    }
    let words = Words {
        pass: "Every deployed model is approved.",
        fail: "A model is deployed that is not approved.",
        none: NO_DEPLOYMENT,
    };
    asset.related(fact::DEPLOYMENTS)?.every(words, |deployment| {
        let publisher = deployment.text("properties.model.publisher")?;
        let publisher = if publisher.is_given() {
            publisher
        } else {
            deployment.text("properties.model.format")?
        };
        if publisher.is_any_of(&publishers) {
            return Ok(Check::Good(publisher.expected("an approved publisher")));
        }
        let name = deployment.text("properties.model.name")?;
        let evidence = name.expected("an approved model, or a model of an approved publisher");
        if !name.is_given() {
            return Err(Unreadable::new(
                evidence,
                "The deployment does not say which model it runs.",
            ));
        }
        if is_listed(deployment, &models)? {
            return Ok(Check::Good(evidence));
        }
        let version = deployment.text("properties.model.version")?;
        Ok(Check::Bad(vec![
            evidence,
            version.expected("of an approved model"),
            publisher.expected("approved"),
        ]))
    })
}

fn is_listed(deployment: &Node<'_>, models: &[&str]) -> Result<bool, Unreadable> {
    let name = deployment.text("properties.model.name")?;
    let version = deployment.text("properties.model.version")?;
    let source = deployment.text("properties.model.source")?;
    Ok(models.iter().any(|listed| {
        if listed.contains("://") {
            let start = source.value.and_then(|source| source.get(..listed.len()));
            return start.is_some_and(|start| start.eq_ignore_ascii_case(listed));
        }
        match listed.split_once(':') {
            Some((wanted, of_version)) => name.is(wanted.trim()) && version.is(of_version.trim()),
            None => name.is(listed.trim()),
        }
    }))
}

fn approved_types(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_models(asset)? {
        return Ok(other);
    }
    let approved = asset.texts_setting(&APPROVED_DEPLOYMENT_SKUS);
    if approved.is_empty() {
        return Ok(switched_off(&APPROVED_DEPLOYMENT_SKUS));
    }
    let words = Words {
        pass: "Every deployment has an approved type.",
        fail: "A deployment has a type that is not approved.",
        none: NO_DEPLOYMENT,
    };
    asset.related(fact::DEPLOYMENTS)?.every(words, |deployment| {
        let sku = deployment.text("sku.name")?;
        let evidence = sku.expected("a deployment type that approvedDeploymentSkus lists");
        if !sku.is_given() {
            return Err(Unreadable::new(evidence, "The deployment does not say its type."));
        }
        Ok(Check::of(sku.is_any_of(&approved), evidence))
    })
}

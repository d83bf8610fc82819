//! Models in a Machine Learning workspace: where they come from, and what filters them.

use postern_rules_sdk::{
    AssetContext, Check, Entries, Judgement, MACHINE_LEARNING_WORKSPACE, Outcome, Read, Remedy,
    Rule, Setting, SettingKind, Severity, Topic, Unreadable, Words, fact, setting_evidence,
};

use crate::groundwork::words::position;
use crate::networking::workspace::{
    ENDPOINT_SCHEMA, ONLINE_DEPLOYMENTS, SERVERLESS_ENDPOINTS, TYPES_OF_2026, both,
};

const SAFETY: &str = "properties.contentSafety.contentSafetyStatus";
const SAFETY_ABSENT: &str = "that the default content safety settings are configured (schema)";
const MODEL: &str = "properties.model";
const MODEL_ABSENT: &str = "no model of a registry: the rule skips the deployment";
const MODEL_ID: &str = "properties.modelSettings.modelId";
const MODEL_ID_ABSENT: &str = "no model of a registry: the rule skips the endpoint";
const REGISTRY: &str = "/registries/";
const REGISTRY_POLICIES: &str = "https://github.com/Azure/azure-policy/blob/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/Machine%20Learning/OnlyDeployAllowedRegistryModels_Deny.json";

/// Where models may come from.
static APPROVED_MODEL_REGISTRIES: Setting = Setting {
    name: "approvedModelRegistries",
    description: "Names of the Machine Learning registries that deployed models may come from, such as contoso or azureml-meta. Empty: the organisation has not limited them.",
    kind: SettingKind::Texts { default: &[], pattern: "^[A-Za-z0-9._-]+$" },
};

/// GOV-19.
pub static CONTENT_SAFETY: Rule = Rule {
    id: "GOV-19",
    title: "Serverless endpoints filter content",
    topic: Topic::Models,
    severity: Severity::Medium,
    severity_reason: "our own judgement, as for content filters of accounts",
    rationale: "A serverless endpoint answers with what the model makes of a prompt. \
                With content safety on, harmful prompts and answers are held back before anybody sees them.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &["Workspaces without a serverless endpoint."],
    never: &[],
    reads: &[Read {
        path: "serverlessEndpoints[].properties.contentSafety.contentSafetyStatus",
        source: SERVERLESS_ENDPOINTS,
        absent: SAFETY_ABSENT,
    }],
    settings: &[],
    remedy: Remedy {
        summary: "Switch content safety on for the endpoint.",
        az: Some(
            "az rest -m put -u \"https://management.azure.com$ID/serverlessEndpoints/ENDPOINT?api-version=2026-05-01\" -b '{\"location\":\"LOCATION\",\"sku\":{\"name\":\"Consumption\"},\"properties\":{\"authMode\":\"AAD\",\"modelSettings\":{\"modelId\":\"MODEL_ID\"},\"contentSafety\":{\"contentSafetyStatus\":\"Enabled\"}}}'",
        ),
        bicep: Some(
            "resource endpoint 'Microsoft.MachineLearningServices/workspaces/serverlessEndpoints@2026-05-01' = {\n  parent: workspace\n  name: 'ENDPOINT'\n  location: workspace.location\n  sku: {\n    name: 'Consumption'\n  }\n  properties: {\n    authMode: 'AAD'\n    modelSettings: {\n      modelId: 'MODEL_ID'\n    }\n    contentSafety: {\n      contentSafetyStatus: 'Enabled'\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"endpoint\" {\n  type        = \"Microsoft.MachineLearningServices/workspaces/serverlessEndpoints@2026-05-01\"\n  resource_id = \"${azurerm_machine_learning_workspace.this.id}/serverlessEndpoints/ENDPOINT\"\n  body = {\n    properties = {\n      contentSafety = {\n        contentSafetyStatus = \"Enabled\"\n      }\n    }\n  }\n}",
        ),
        portal: Some(
            "Machine Learning studio > Endpoints > Serverless endpoints > the endpoint > Content filter",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ENDPOINT_SCHEMA, TYPES_OF_2026],
    judge: content_safety,
};

/// GOV-20.
pub static REGISTRIES: Rule = Rule {
    id: "GOV-20",
    title: "Models from registries come from approved registries",
    topic: Topic::Models,
    severity: Severity::Medium,
    severity_reason: "Azure's preview policies, which can deny it: medium",
    rationale: "A model from a public catalogue was reviewed by nobody in the organisation and may bring code of its own. \
                A list of registries keeps deployments to models that were looked at. \
                Models that the workspace itself registered are not judged.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "All workspaces, while the setting approvedModelRegistries is empty.",
        "Workspaces without a deployed model of a registry.",
    ],
    never: &[],
    reads: &[
        Read {
            path: "onlineDeployments[].properties.model",
            source: ONLINE_DEPLOYMENTS,
            absent: MODEL_ABSENT,
        },
        Read {
            path: "serverlessEndpoints[].properties.modelSettings.modelId",
            source: SERVERLESS_ENDPOINTS,
            absent: MODEL_ID_ABSENT,
        },
    ],
    settings: &[&APPROVED_MODEL_REGISTRIES],
    remedy: Remedy {
        summary: "Deploy a reviewed model of an approved registry instead, then assign Azure's policy so that no other can be deployed.",
        az: Some(
            "az policy assignment create --name approved-registry --scope SUBSCRIPTION_ID --policy 19539b54-c61e-4196-9a38-67598701be90 --params '{\"allowedRegistryName\":{\"value\":\"REGISTRY\"},\"effect\":{\"value\":\"Deny\"}}'",
        ),
        bicep: Some(
            "resource deployment 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments@2025-09-01' = {\n  parent: endpoint\n  properties: {\n    model: 'azureml://registries/REGISTRY/models/MODEL/versions/1'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_resource\" \"deployment\" {\n  type      = \"Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments@2025-09-01\"\n  parent_id = azapi_resource.endpoint.id\n  body = {\n    properties = {\n      model = \"azureml://registries/REGISTRY/models/MODEL/versions/1\"\n    }\n  }\n}",
        ),
        portal: Some("Policy > Definitions > the definition > Assign policy"),
    },
    policies: &["12e5dd16-d201-47ff-849b-8454061c293d", "19539b54-c61e-4196-9a38-67598701be90"],
    policy_difference: "Azure's policies can also name publishers and single models, and 19539b54 knows one registry only; here the setting lists registries.",
    controls: &["mcsb-v2:AI-1"],
    references: &[REGISTRY_POLICIES],
    judge: registries,
};

fn content_safety(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "Every serverless endpoint filters content.",
        fail: "A serverless endpoint does not filter content.",
        none: "The workspace has no serverless endpoint.",
    };
    asset.related(fact::SERVERLESS_ENDPOINTS)?.every(words, |endpoint| {
        let safety = endpoint.text(SAFETY)?;
        if safety.is_absent() && !endpoint.object("properties.contentSafety")?.is_absent() {
            return Err(Unreadable::new(
                safety.expected("Enabled"),
                "Content safety is set up, but Azure does not say whether it is on.",
            ));
        }
        let evidence = safety.expected_or("Enabled", SAFETY_ABSENT);
        Ok(Check::of(safety.is_absent() || safety.is("Enabled"), evidence))
    })
}

fn registries(asset: &AssetContext<'_>) -> Outcome {
    let approved = asset.texts_setting(&APPROVED_MODEL_REGISTRIES);
    if approved.is_empty() {
        let evidence =
            setting_evidence(&APPROVED_MODEL_REGISTRIES, "the names of the approved registries");
        return Ok(Judgement::not_applicable(
            "The organisation has not limited where models come from.",
            evidence,
        ));
    }
    both(
        asset
            .related(fact::ONLINE_DEPLOYMENTS)
            .and_then(|deployments| all_from(&deployments, MODEL, &approved)),
        asset
            .related(fact::SERVERLESS_ENDPOINTS)
            .and_then(|endpoints| all_from(&endpoints, MODEL_ID, &approved)),
    )
}

fn all_from(entries: &Entries<'_>, path: &'static str, approved: &[&str]) -> Outcome {
    let words = Words {
        pass: "Every model from a registry comes from an approved one.",
        fail: "A model comes from a registry that is not approved.",
        none: "No model from a registry is deployed.",
    };
    entries.every(words, |entry| {
        let model = entry.text(path)?;
        let Some(registry) = model.value.and_then(registry_of) else {
            return Ok(Check::Skip);
        };
        let is_approved = approved.iter().any(|name| name.trim().eq_ignore_ascii_case(registry));
        Ok(Check::of(is_approved, model.expected("a model of an approved registry")))
    })
}

/// `contoso` of `azureml://registries/contoso/models/scorer/versions/4`; `None` for the models of a workspace.
fn registry_of(model: &str) -> Option<&str> {
    let start = position(model, REGISTRY)?;
    let rest = model.get(start + REGISTRY.len()..)?;
    rest.split('/').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_of_a_registry_names_it() {
        for (model, expected) in [
            ("azureml://registries/contoso/models/scorer/versions/4", Some("contoso")),
            ("azureml://Registries/azureml-meta/models/Llama", Some("azureml-meta")),
            (
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/registries/r/models/m/versions/1",
                Some("r"),
            ),
            (
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/models/m/versions/1",
                None,
            ),
            ("azureml:scorer:4", None),
            ("azureml://registries/", None),
            ("", None),
        ] {
            assert_eq!(registry_of(model), expected, "{model}");
        }
    }
}

//! Endpoints of a Machine Learning workspace: what callers have to show.

use postern_rules_sdk::{
    AssetContext, Check, MACHINE_LEARNING_WORKSPACE, Node, Outcome, Read, Remedy, Rule, Severity,
    Topic, Unreadable, Words, fact,
};

use crate::groundwork::azure::LANDING_ZONE;
use crate::networking::workspace::{
    ENDPOINT_SCHEMA, ONLINE_ENDPOINTS, SERVERLESS_ENDPOINTS, both, is_on_kubernetes,
};

const BATCH_ENDPOINTS: &str = "BatchEndpoints_List 2025-09-01";
const MODE: &str = "properties.authMode";
const MODE_ABSENT: &str = "not possible: a required property, so the entry is unknown";
const ENTRA_GUIDE: &str = "https://github.com/MicrosoftDocs/azure-ai-docs/blob/4f90c3beca3703a1d7279142d4bdf16be4997150/articles/machine-learning/concept-endpoints-online-auth.md";
const TYPES_OF_2026: &str = "https://github.com/Azure/bicep-types-az/blob/1f896de2db966ad91e8f7d7d981e11d32e4f5d8d/generated/machinelearningservices/microsoft.machinelearningservices/2026-05-01/types.md";

/// AUTH-06.
pub static ONLINE_AND_BATCH: Rule = Rule {
    id: "AUTH-06",
    title: "Online and batch endpoints accept Entra ID tokens only",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "our own judgement, as for keys of accounts (AI landing zone checklist AI.101: high)",
    rationale: "An endpoint's key does not expire and does not say who called; a Machine Learning token expires, but conditional access does not see it. \
                Entra ID tokens name the caller and obey roles.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "Workspaces without an online or batch endpoint.",
        "Online endpoints on Kubernetes do not support Entra ID tokens: there Machine Learning tokens are enough.",
    ],
    never: &[],
    reads: &[
        Read {
            path: "onlineEndpoints[].properties.authMode",
            source: ONLINE_ENDPOINTS,
            absent: MODE_ABSENT,
        },
        Read {
            path: "onlineEndpoints[].kind",
            source: ONLINE_ENDPOINTS,
            absent: "not documented: properties.compute decides",
        },
        Read {
            path: "onlineEndpoints[].properties.compute",
            source: ONLINE_ENDPOINTS,
            absent: "a managed endpoint: only those on Kubernetes name a compute",
        },
        Read {
            path: "batchEndpoints[].properties.authMode",
            source: BATCH_ENDPOINTS,
            absent: MODE_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Give callers the role AzureML Data Scientist or a custom role with the score action, create the endpoint again with Entra ID tokens, move the traffic.",
        az: Some(
            "az ml online-endpoint create --resource-group RG --workspace-name $NAME --name ENDPOINT --auth-mode aad_token",
        ),
        bicep: Some(
            "resource endpoint 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints@2025-09-01' = {\n  parent: workspace\n  properties: {\n    authMode: 'AADToken'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_resource\" \"endpoint\" {\n  type      = \"Microsoft.MachineLearningServices/workspaces/onlineEndpoints@2025-09-01\"\n  parent_id = azurerm_machine_learning_workspace.this.id\n  body = {\n    properties = {\n      authMode = \"AADToken\"\n    }\n  }\n}",
        ),
        portal: Some(
            "Machine Learning studio > Endpoints > Create > Authentication type > Microsoft Entra token-based authentication",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ENTRA_GUIDE, LANDING_ZONE, ENDPOINT_SCHEMA],
    judge: online_and_batch,
};

/// AUTH-07.
pub static SERVERLESS: Rule = Rule {
    id: "AUTH-07",
    title: "Serverless endpoints accept Entra ID only",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "our own judgement, as for keys of accounts",
    rationale: "Serverless endpoints are billed by the token, so a leaked key is also a bill. \
                With keys off, each call names its caller and obeys roles.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &["Workspaces without a serverless endpoint."],
    never: &[],
    reads: &[Read {
        path: "serverlessEndpoints[].properties.authMode",
        source: SERVERLESS_ENDPOINTS,
        absent: MODE_ABSENT,
    }],
    settings: &[],
    remedy: Remedy {
        summary: "Move the callers to Entra ID (the mode KeyAndAAD helps meanwhile), then set the endpoint's authMode to AAD.",
        az: Some(
            "az rest -m put -u \"https://management.azure.com$ID/serverlessEndpoints/ENDPOINT?api-version=2026-05-01\" -b '{\"location\":\"LOCATION\",\"sku\":{\"name\":\"Consumption\"},\"properties\":{\"authMode\":\"AAD\",\"modelSettings\":{\"modelId\":\"MODEL_ID\"}}}'",
        ),
        bicep: Some(
            "resource endpoint 'Microsoft.MachineLearningServices/workspaces/serverlessEndpoints@2026-05-01' = {\n  parent: workspace\n  properties: {\n    authMode: 'AAD'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"endpoint\" {\n  type        = \"Microsoft.MachineLearningServices/workspaces/serverlessEndpoints@2026-05-01\"\n  resource_id = \"${azurerm_machine_learning_workspace.this.id}/serverlessEndpoints/ENDPOINT\"\n  body = {\n    properties = {\n      authMode = \"AAD\"\n    }\n  }\n}",
        ),
        portal: Some("Machine Learning studio > Endpoints > Serverless endpoints > the endpoint"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[TYPES_OF_2026],
    judge: serverless,
};

fn online_and_batch(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "Every endpoint accepts the tokens that it should, and no keys.",
        fail: "An endpoint accepts keys, or Machine Learning tokens where Entra ID would do.",
        none: "The workspace has no online and no batch endpoint.",
    };
    both(
        asset.related(fact::ONLINE_ENDPOINTS).and_then(|endpoints| {
            endpoints.every(words, |endpoint| {
                let wanted = if is_on_kubernetes(endpoint)? { "AMLToken" } else { "AADToken" };
                accepts(endpoint, wanted)
            })
        }),
        asset
            .related(fact::BATCH_ENDPOINTS)
            .and_then(|endpoints| endpoints.every(words, |endpoint| accepts(endpoint, "AADToken"))),
    )
}

fn serverless(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "Every serverless endpoint accepts Entra ID only.",
        fail: "A serverless endpoint accepts keys.",
        none: "The workspace has no serverless endpoint.",
    };
    asset.related(fact::SERVERLESS_ENDPOINTS)?.every(words, |endpoint| accepts(endpoint, "AAD"))
}

fn accepts(endpoint: &Node<'_>, wanted: &'static str) -> Result<Check, Unreadable> {
    let mode = endpoint.text(MODE)?;
    let evidence = mode.expected(wanted);
    if mode.is_absent() {
        let note = "Azure names the mode of every endpoint, so this entry is not understood.";
        return Err(Unreadable::new(evidence, note));
    }
    Ok(Check::of(mode.is(wanted), evidence))
}

//! The data of a Machine Learning workspace: whose key encrypts it, who else sees it, and what keeps projects apart.

use postern_rules_sdk::{
    AssetContext, Evidence, Judgement, MACHINE_LEARNING_WORKSPACE, Outcome, Read, Remedy, Rule,
    Setting, SettingKind, Severity, Topic,
};

use crate::groundwork::azure::{DEFENDER_AI, WORKSPACES};
use crate::groundwork::scope::tagged;
use crate::networking::workspace::{HUB_GUIDE, KIND_ABSENT, WORKSPACE_SCHEMA, of_hub};

const STATUS: &str = "properties.encryption.status";
const MICROSOFT_KEYS: &str =
    "keys managed by Microsoft: still encrypted at rest, but with no key to withdraw";
const VAULT: &str = "properties.encryption.keyVaultProperties.keyVaultArmId";
const KEY: &str = "properties.encryption.keyVaultProperties.keyIdentifier";
const NO_KEY: &str = "no key is named";
const HBI: &str = "properties.hbiWorkspace";
const HBI_ABSENT: &str = "false: the schema's default, Microsoft collects more diagnostic data";
const ISOLATED: &str = "properties.enableDataIsolation";
const ISOLATED_ABSENT: &str = "false: projects share the containers of their hub's storage";
const KEYS_GUIDE: &str = "https://github.com/MicrosoftDocs/azure-ai-docs/blob/3551178f38247865618fdf19527421d19316758f/articles/machine-learning/concept-customer-managed-keys.md";

/// What holds highly sensitive data.
static HIGHLY_SENSITIVE_TAGS: Setting = Setting {
    name: "highlySensitiveTags",
    description: "Tags, as name=value, that mark a resource as holding highly sensitive data; some rules are about such data only. The defaults are the words of Microsoft's Cloud Adoption Framework.",
    kind: SettingKind::Texts {
        default: &[
            "DataClassification=Highly confidential",
            "Data classification=Highly confidential",
        ],
        pattern: "^[^=]+=.+$",
    },
};

/// DATA-18.
pub static OWN_KEY: Rule = Rule {
    id: "DATA-18",
    title: "The workspace's data is encrypted with a customer-managed key",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "Azure's policy only audits it: low (Defender for Cloud for Foundry, enable if required: medium)",
    rationale: "Data at rest is always encrypted; a key of one's own can be withdrawn and its use be seen. \
                The key can only be chosen when the workspace is created.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &["Projects: they use the encryption of their hub and are judged there."],
    never: &[],
    reads: &[
        Read { path: "kind", source: WORKSPACES, absent: KIND_ABSENT },
        Read { path: STATUS, source: WORKSPACES, absent: MICROSOFT_KEYS },
        Read { path: VAULT, source: WORKSPACES, absent: NO_KEY },
        Read { path: KEY, source: WORKSPACES, absent: NO_KEY },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create the workspace again with a customer-managed key in a Key Vault that has soft delete and purge protection; it cannot be added later.",
        az: Some(
            "az rest -m put -u \"https://management.azure.com/subscriptions/SUBSCRIPTION/resourceGroups/RG/providers/Microsoft.MachineLearningServices/workspaces/NEW_NAME?api-version=2025-09-01\" -b '{\"location\":\"LOCATION\",\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{\"storageAccount\":\"STORAGE_ID\",\"keyVault\":\"VAULT_ID\",\"applicationInsights\":\"INSIGHTS_ID\",\"encryption\":{\"status\":\"Enabled\",\"keyVaultProperties\":{\"keyVaultArmId\":\"VAULT_ID\",\"keyIdentifier\":\"KEY_URI\"}}}}'",
        ),
        bicep: Some(
            "resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-09-01' = {\n  properties: {\n    encryption: {\n      status: 'Enabled'\n      keyVaultProperties: {\n        keyVaultArmId: vault.id\n        keyIdentifier: key.properties.keyUriWithVersion\n      }\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_machine_learning_workspace\" \"this\" {\n  encryption {\n    key_vault_id = azurerm_key_vault.this.id\n    key_id       = azurerm_key_vault_key.this.id\n  }\n}",
        ),
        portal: Some(
            "Create a resource > Azure Machine Learning > Encryption > Encrypt data using a customer-managed key",
        ),
    },
    policies: &["ba769a63-b8cc-4b2d-abf6-ac33c7204be8", "7f40cee6-e933-4d0f-a782-b96615e0f4a6"],
    policy_difference: "Azure's policies look at encryption.status only; here the vault and the key have to be named too.",
    controls: &["mcsb-v1:DP-5", "mcsb-v2:DP-5", "nist-800-53-r5:SC-12"],
    references: &[KEYS_GUIDE, DEFENDER_AI, HUB_GUIDE],
    judge: own_key,
};

/// DATA-19.
pub static HIGH_IMPACT: Rule = Rule {
    id: "DATA-19",
    title: "A workspace for highly sensitive data is marked as such in Azure",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "our own judgement: it concerns diagnostic data and scratch disks, not the data themselves",
    rationale: "With hbiWorkspace on, Microsoft collects less diagnostic data, scratch disks are encrypted and emptied between jobs, and credentials pass through the Key Vault. \
                The flag can only be set when the workspace is created.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "Projects: they follow their hub.",
        "Workspaces without a tag that the setting highlySensitiveTags lists.",
    ],
    never: &[],
    reads: &[
        Read { path: "kind", source: WORKSPACES, absent: KIND_ABSENT },
        Read { path: "tags", source: WORKSPACES, absent: "not marked: the rule does not apply" },
        Read { path: HBI, source: WORKSPACES, absent: HBI_ABSENT },
    ],
    settings: &[&HIGHLY_SENSITIVE_TAGS],
    remedy: Remedy {
        summary: "Create the workspace again with hbiWorkspace true; it cannot be changed later.",
        az: Some(
            "az rest -m put -u \"https://management.azure.com/subscriptions/SUBSCRIPTION/resourceGroups/RG/providers/Microsoft.MachineLearningServices/workspaces/NEW_NAME?api-version=2025-09-01\" -b '{\"location\":\"LOCATION\",\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{\"storageAccount\":\"STORAGE_ID\",\"keyVault\":\"VAULT_ID\",\"applicationInsights\":\"INSIGHTS_ID\",\"hbiWorkspace\":true}}'",
        ),
        bicep: Some(
            "resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-09-01' = {\n  properties: {\n    hbiWorkspace: true\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_machine_learning_workspace\" \"this\" {\n  high_business_impact = true\n}",
        ),
        portal: Some(
            "Create a resource > Azure Machine Learning > Encryption > High business impact workspace",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[KEYS_GUIDE, WORKSPACE_SCHEMA],
    judge: high_impact,
};

/// DATA-20.
pub static ISOLATION: Rule = Rule {
    id: "DATA-20",
    title: "The hub keeps the data of its projects apart",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "our own judgement: it takes a role on a project of the same hub to read another's data",
    rationale: "All projects of a hub share its storage account. \
                With data isolation on, each project has containers of its own and an identity that opens only those.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &["Workspaces that are not hubs: they have no projects to keep apart."],
    never: &[],
    reads: &[
        Read { path: "kind", source: WORKSPACES, absent: KIND_ABSENT },
        Read { path: ISOLATED, source: WORKSPACES, absent: ISOLATED_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create the hub again with enableDataIsolation true; it cannot be changed later, and no switch in the portal is documented.",
        az: Some(
            "az rest -m put -u \"https://management.azure.com/subscriptions/SUBSCRIPTION/resourceGroups/RG/providers/Microsoft.MachineLearningServices/workspaces/NEW_HUB?api-version=2025-09-01\" -b '{\"location\":\"LOCATION\",\"kind\":\"Hub\",\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{\"storageAccount\":\"STORAGE_ID\",\"keyVault\":\"VAULT_ID\",\"enableDataIsolation\":true}}'",
        ),
        bicep: Some(
            "resource hub 'Microsoft.MachineLearningServices/workspaces@2025-09-01' = {\n  kind: 'Hub'\n  properties: {\n    enableDataIsolation: true\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_resource\" \"hub\" {\n  type = \"Microsoft.MachineLearningServices/workspaces@2025-09-01\"\n  body = {\n    kind = \"Hub\"\n    properties = {\n      enableDataIsolation = true\n    }\n  }\n}",
        ),
        portal: None,
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[HUB_GUIDE, WORKSPACE_SCHEMA],
    judge: isolation,
};

fn own_key(asset: &AssetContext<'_>) -> Outcome {
    if let Some(project) = of_hub(asset, "A project uses its hub's encryption.")? {
        return Ok(project);
    }
    let status = asset.text(STATUS)?;
    let on = status.expected_or("Enabled", MICROSOFT_KEYS);
    if !status.is("Enabled") {
        return Ok(Judgement::fail("Data is encrypted with a key managed by Microsoft.", on));
    }
    let (vault, key) = (asset.text(VAULT)?, asset.text(KEY)?);
    for part in [&vault, &key] {
        if !part.is_given() {
            let evidence = part.expected_or("the key's vault and name", NO_KEY);
            let summary = "A customer-managed key is asked for, but none is named.";
            return Ok(Judgement::fail(summary, evidence).and(on));
        }
    }
    Ok(Judgement::pass("Data is encrypted with a customer-managed key.", on)
        .and(vault.expected("a Key Vault"))
        .and(key.expected("a key")))
}

fn high_impact(asset: &AssetContext<'_>) -> Outcome {
    if let Some(project) = of_hub(asset, "A project follows its hub.")? {
        return Ok(project);
    }
    if tagged(asset, &HIGHLY_SENSITIVE_TAGS)?.is_none() {
        let evidence = Evidence::new("tags", None, "a tag that highlySensitiveTags lists");
        return Ok(Judgement::not_applicable(
            "The workspace is not marked as holding highly sensitive data.",
            evidence,
        ));
    }
    let flag = asset.flag(HBI)?;
    let evidence = flag.expected_or("true", HBI_ABSENT);
    Ok(if flag.is_true() {
        Judgement::pass("Azure treats the workspace as one of high business impact.", evidence)
    } else {
        Judgement::fail("Azure does not know that the data are highly sensitive.", evidence)
    })
}

fn isolation(asset: &AssetContext<'_>) -> Outcome {
    let kind = asset.text("kind")?;
    if !kind.is("Hub") {
        let evidence = kind.expected_or("Hub", KIND_ABSENT);
        return Ok(Judgement::not_applicable("Only hubs have projects to keep apart.", evidence));
    }
    let isolated = asset.flag(ISOLATED)?;
    let evidence = isolated.expected_or("true", ISOLATED_ABSENT);
    Ok(if isolated.is_true() {
        Judgement::pass("Each project has containers of its own.", evidence)
    } else {
        Judgement::fail("Projects share the containers of the hub's storage.", evidence)
    })
}

//! What a Machine Learning workspace signs in with: its identity, and how it reaches storage.

use postern_rules_sdk::{
    AssetContext, Check, Judgement, MACHINE_LEARNING_WORKSPACE, Outcome, Read, Remedy, Rule,
    Severity, Topic, Unreadable, Verdict, Words, fact,
};

use crate::groundwork::azure::{DEFENDER_AI, LANDING_ZONE, WORKSPACES};
use crate::networking::workspace::{ENDPOINT_SCHEMA, KIND_ABSENT, WORKSPACE_SCHEMA};

const DATASTORES_LIST: &str = "Datastores_List 2025-09-01";
const MODE: &str = "properties.systemDatastoresAuthMode";
const MODE_ABSENT: &str =
    "not documented: the schema has no default, so keys of the storage account may be in use";
const CREDENTIALS: &str = "properties.credentials.credentialsType";
const CREDENTIALS_ABSENT: &str = "not possible: a required property, so the entry is unknown";
const SERVICE_IDENTITY: &str = "properties.serviceDataAccessAuthIdentity";
const SERVICE_IDENTITY_ABSENT: &str =
    "None: the service itself has no access, and people and jobs use identities of their own";
const TYPE: &str = "identity.type";
const TYPE_ABSENT: &str = "None: the resource has no identity";
const PRIMARY: &str = "properties.primaryUserAssignedIdentity";
const PRIMARY_ABSENT: &str = "the system-assigned identity is the workspace's";

/// AUTH-08.
pub static SYSTEM_DATASTORES: Rule = Rule {
    id: "AUTH-08",
    title: "The workspace reaches its own storage with an identity",
    topic: Topic::Authentication,
    severity: Severity::High,
    severity_reason: "Defender for Cloud (Entra ID for default storage of Foundry): high; AI landing zone checklist AI.62: high",
    rationale: "In the mode AccessKey the workspace holds a key of its storage account, which opens all data in it for whoever obtains it. \
                With an identity each access is granted, logged and can be withdrawn. \
                A SAS made by delegation names no account key, but works for whoever holds it: a failure of medium severity.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &["Projects that do not state a mode: they use the storage of their hub."],
    never: &[],
    reads: &[
        Read { path: MODE, source: WORKSPACES, absent: MODE_ABSENT },
        Read { path: "kind", source: WORKSPACES, absent: KIND_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Give people and the workspace's identity the roles Storage Blob Data Contributor and Storage File Data Privileged Contributor, then set the mode to identity.",
        az: Some("az resource update --ids $ID --set properties.systemDatastoresAuthMode=identity"),
        bicep: Some(
            "resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-09-01' = {\n  properties: {\n    systemDatastoresAuthMode: 'identity'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.MachineLearningServices/workspaces@2025-09-01\"\n  resource_id = azurerm_machine_learning_workspace.this.id\n  body = {\n    properties = {\n      systemDatastoresAuthMode = \"identity\"\n    }\n  }\n}",
        ),
        portal: Some(
            "The workspace > Settings > Properties > Storage account access type > Identity-based access",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[DEFENDER_AI, LANDING_ZONE, WORKSPACE_SCHEMA],
    judge: system_datastores,
};

/// AUTH-09.
pub static DATASTORES: Rule = Rule {
    id: "AUTH-09",
    title: "No datastore of the workspace holds a credential",
    topic: Topic::Authentication,
    severity: Severity::High,
    severity_reason: "Defender for Cloud (Entra ID for data stores): high",
    rationale: "A datastore with an account key, a SAS or the secret of a service principal hands it to everybody who may use the workspace. \
                Without a credential, people, jobs and the workspace sign in with identities of their own.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &["Workspaces without a datastore."],
    never: &[],
    reads: &[
        Read {
            path: "datastores[].properties.credentials.credentialsType",
            source: DATASTORES_LIST,
            absent: CREDENTIALS_ABSENT,
        },
        Read {
            path: "datastores[].properties.serviceDataAccessAuthIdentity",
            source: DATASTORES_LIST,
            absent: SERVICE_IDENTITY_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Grant the identities a role on the data, then create the datastore again without a credential; change the key that it held. Default datastores follow AUTH-08.",
        az: Some(
            "az rest -m put -u \"https://management.azure.com$ID/datastores/DATASTORE?api-version=2025-09-01\" -b '{\"properties\":{\"datastoreType\":\"AzureBlob\",\"accountName\":\"ACCOUNT\",\"containerName\":\"CONTAINER\",\"credentials\":{\"credentialsType\":\"None\"},\"serviceDataAccessAuthIdentity\":\"WorkspaceSystemAssignedIdentity\"}}'",
        ),
        bicep: Some(
            "resource datastore 'Microsoft.MachineLearningServices/workspaces/datastores@2025-09-01' = {\n  parent: workspace\n  properties: {\n    datastoreType: 'AzureBlob'\n    accountName: accountName\n    containerName: containerName\n    credentials: {\n      credentialsType: 'None'\n    }\n    serviceDataAccessAuthIdentity: 'WorkspaceSystemAssignedIdentity'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_machine_learning_datastore_blobstorage\" \"this\" {\n  name                       = \"sales\"\n  workspace_id               = azurerm_machine_learning_workspace.this.id\n  storage_container_id       = azurerm_storage_container.this.resource_manager_id\n  service_data_auth_identity = \"WorkspaceSystemAssignedIdentity\"\n}",
        ),
        portal: Some(
            "Machine Learning studio > Data > Datastores > the datastore > Update authentication > Save credentials with the datastore for data access: No",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[DEFENDER_AI, ENDPOINT_SCHEMA],
    judge: datastores,
};

/// AUTH-13: workspaces always have an identity; this asks for one of their owner's choosing.
pub static OWN_IDENTITY: Rule = Rule {
    id: "AUTH-13",
    title: "The workspace uses a user-assigned managed identity",
    topic: Topic::Authentication,
    severity: Severity::Low,
    severity_reason: "Azure's policy only audits it: low",
    rationale: "A user-assigned identity keeps its role assignments where they can be reviewed before the workspace exists and after it is gone. \
                A system-assigned one comes and goes with the workspace, and so do its rights.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[
        Read { path: TYPE, source: WORKSPACES, absent: TYPE_ABSENT },
        Read { path: PRIMARY, source: WORKSPACES, absent: PRIMARY_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Add a user-assigned identity with the roles that the workspace needs and make it the primary one.",
        az: Some(
            "az rest -m patch -u \"https://management.azure.com$ID?api-version=2025-09-01\" -b '{\"identity\":{\"type\":\"UserAssigned\",\"userAssignedIdentities\":{\"IDENTITY_ID\":{}}},\"properties\":{\"primaryUserAssignedIdentity\":\"IDENTITY_ID\"}}'",
        ),
        bicep: Some(
            "resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-09-01' = {\n  identity: {\n    type: 'UserAssigned'\n    userAssignedIdentities: {\n      '${identity.id}': {}\n    }\n  }\n  properties: {\n    primaryUserAssignedIdentity: identity.id\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_machine_learning_workspace\" \"this\" {\n  primary_user_assigned_identity = azurerm_user_assigned_identity.this.id\n\n  identity {\n    type         = \"UserAssigned\"\n    identity_ids = [azurerm_user_assigned_identity.this.id]\n  }\n}",
        ),
        portal: Some(
            "Create a resource > Azure Machine Learning > Identity > User assigned identity",
        ),
    },
    policies: &["5f0c7d88-c7de-45b8-ac49-db49e72eaa78"],
    policy_difference: "Azure's policy looks at primaryUserAssignedIdentity only; here identity.type has to include UserAssigned too, so that a left-over id does not pass.",
    controls: &["mcsb-v2:IM-3"],
    references: &[WORKSPACE_SCHEMA],
    judge: own_identity,
};

fn system_datastores(asset: &AssetContext<'_>) -> Outcome {
    let mode = asset.text(MODE)?;
    let evidence = mode.expected_or("Identity", MODE_ABSENT);
    if mode.is("Identity") {
        return Ok(Judgement::pass(
            "The workspace's storage is reached with an identity.",
            evidence,
        ));
    }
    if mode.is("UserDelegationSAS") {
        let summary = "The workspace's storage is reached with a SAS, not with an identity.";
        return Ok(Judgement::fail(summary, evidence).with_severity(Severity::Medium));
    }
    if mode.is_absent() {
        let kind = asset.text("kind")?;
        if kind.is("Project") {
            let project = kind.expected("a workspace that has its own storage or states a mode");
            return Ok(Judgement::not_applicable("A project uses its hub's storage.", project)
                .and(evidence));
        }
        return Ok(Judgement::fail("The workspace does not ask for identities.", evidence));
    }
    Ok(Judgement::fail("The workspace's storage is reached with an account key.", evidence))
}

fn datastores(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "No datastore holds a credential.",
        fail: "A datastore holds a credential.",
        none: "The workspace has no datastore.",
    };
    asset.related(fact::DATASTORES)?.every(words, |datastore| {
        let kind = datastore.text(CREDENTIALS)?;
        if kind.is_absent() {
            return Err(Unreadable::new(
                kind.expected("None"),
                "Azure names the type of every credential, so this entry is not understood.",
            ));
        }
        if !kind.is("None") {
            return Ok(Check::Bad(vec![kind.expected("None")]));
        }
        let identity = datastore.text(SERVICE_IDENTITY)?;
        let evidence = kind.expected("None");
        Ok(Check::Good(if identity.is("WorkspaceUserAssignedIdentity") {
            evidence.noting("the service uses the workspace's user-assigned identity")
        } else if identity.is("WorkspaceSystemAssignedIdentity") {
            evidence.noting("the service uses the workspace's system-assigned identity")
        } else {
            evidence.noting("people and jobs use identities of their own")
        }))
    })
}

fn own_identity(asset: &AssetContext<'_>) -> Outcome {
    let kind = asset.text(TYPE)?;
    let kind_evidence = kind.expected_or("UserAssigned, alone or with SystemAssigned", TYPE_ABSENT);
    // `SystemAssigned,UserAssigned`, spaced as Azure likes today.
    let has_own = kind.value.is_some_and(|kinds| {
        kinds.split(',').any(|one| one.trim().eq_ignore_ascii_case("UserAssigned"))
    });
    if !has_own {
        return Ok(Judgement::fail("There is no user-assigned identity.", kind_evidence));
    }
    let primary = asset.text(PRIMARY)?;
    let evidence = primary.expected_or("the id of a user-assigned identity", PRIMARY_ABSENT);
    Ok(if primary.is_given() {
        Judgement::pass("The workspace works as a user-assigned identity.", evidence)
            .and(kind_evidence)
    } else {
        Judgement::fail(
            "A user-assigned identity is there, but the workspace does not work as it.",
            evidence,
        )
        .and(kind_evidence)
    })
}

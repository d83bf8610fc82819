//! The three workspaces and what they depend on.

use serde_json::{Value, json};

use super::{CREATED, Ground, OWNER, STAMP, merged};
use crate::estate::Territory;
use crate::estate::landscape::Landscape;
use crate::estate::shape::cognitive::Connection;
use crate::estate::shape::learning::{
    Exposure, Instance, attached, batch_endpoint, cluster, datastore, online_deployment,
    online_endpoint, outbound_rule, serverless_endpoint,
};
use crate::estate::shape::monitor::{Destination, diagnostic_setting};
use crate::estate::shape::vault::{Storage, Vault, key, previous_key_version, registry};
use crate::estate::shape::with;
use crate::random::uuid;

const TYPE: &str = "Microsoft.MachineLearningServices/workspaces";
const VAULTS: &str = "Microsoft.KeyVault/vaults";
const STORAGE: &str = "Microsoft.Storage/storageAccounts";
const REGISTRIES: &str = "Microsoft.ContainerRegistry/registries";

/// All three.
pub(super) fn live(territory: &mut Territory, ground: &Ground) {
    dependencies(territory, ground);
    forecast(territory, ground);
    hub(territory, ground);
    project(territory, ground);
}

fn forecast(territory: &mut Territory, ground: &Ground) {
    let name = "mlw-forecast";
    let id = ground.id(TYPE, name);
    let linked = json!({
        "storageAccount": ground.id(STORAGE, "stforecast"),
        "keyVault": ground.id(VAULTS, "kv-forecast"),
        "containerRegistry": ground.id(REGISTRIES, "crforecast"),
        "publicNetworkAccess": "Enabled",
        "systemDatastoresAuthMode": "accesskey",
        "managedNetwork": {
            "isolationMode": "AllowOnlyApprovedOutbound",
            "networkId": uuid(0, &[name, "network"]),
            "status": {"status": "Active", "sparkReady": false}
        }
    });
    territory.add(workspace(ground, name, "Default", linked));
    computes(territory, ground, &id);
    endpoints(territory, ground, &id);
    let stamp = STAMP;
    territory.append(
        &format!("{id}/datastores"),
        [
            datastore(&id, ("workspaceblobstore", "stforecast"), true, true, stamp),
            datastore(&id, ("sales", "stforecast"), false, false, stamp),
        ],
    );
    let connections = [
        connection(("aoai-key", "AzureOpenAI", "ApiKey"), Some(("Required", "Inactive"))),
        connection(("aoai", "AzureOpenAI", "AAD"), Some(("Required", "Active"))),
    ];
    territory.append(
        &format!("{id}/connections"),
        connections.map(|connection| connection.body(&id, TYPE, stamp)),
    );
    let target = json!({
        "serviceResourceId": ground.id(STORAGE, "stforecast"),
        "subresourceTarget": "blob",
        "sparkEnabled": false
    });
    let tag = json!({"serviceTag": "Internet", "protocol": "TCP", "portRanges": "443", "action": "Allow"});
    territory.append(
        &format!("{id}/outboundRules"),
        [
            outbound_rule(&id, "packages", "FQDN", "UserDefined", &json!("*.pypi.org")),
            outbound_rule(&id, "sales", "PrivateEndpoint", "UserDefined", &target),
            outbound_rule(&id, "internet", "ServiceTag", "UserDefined", &tag),
        ],
    );
    log(territory, &id);
}

/// Each kind once; the attached ones are elsewhere.
fn computes(territory: &mut Territory, ground: &Ground, id: &str) {
    let (region, stamp) = (&ground.landscape.region, STAMP);
    let subnet = ground.landscape.subnet("training");
    let closed = Exposure { subnet: Some(&subnet), has_ssh: false, has_public_ip: false };
    let open = Exposure { subnet: None, has_ssh: true, has_public_ip: true };
    let mut computes = vec![
        cluster(id, "gpu-closed", region, closed, stamp),
        cluster(id, "gpu-open", region, open, stamp),
    ];
    for (name, exposure, idle_time, single_sign_on) in [
        ("ci-solberg", open, None, Some(false)),
        ("ci-nightshift", closed, Some("PT30M"), Some(true)),
        ("ci-shared", closed, Some("P3D"), None),
    ] {
        let instance = Instance { name, exposure, idle_time, single_sign_on };
        computes.push(instance.body(id, region, stamp));
    }
    for (name, kind, resource) in [
        ("aks", "AKS", "Microsoft.ContainerService/managedClusters"),
        ("k8s", "Kubernetes", "Microsoft.Kubernetes/connectedClusters"),
        ("databricks", "Databricks", "Microsoft.Databricks/workspaces"),
        ("spark", "SynapseSpark", "Microsoft.Synapse/workspaces"),
        ("hdinsight", "HDInsight", "Microsoft.HDInsight/clusters"),
        ("vm", "VirtualMachine", "Microsoft.Compute/virtualMachines"),
        ("factory", "DataFactory", "Microsoft.DataFactory/factories"),
        ("lake", "DataLakeAnalytics", "Microsoft.DataLakeAnalytics/accounts"),
    ] {
        let resource = ground.id(resource, &format!("{name}-contoso"));
        computes.push(attached(id, name, region, (kind, &resource), stamp));
    }
    territory.append(&format!("{id}/computes"), computes);
}

fn endpoints(territory: &mut Territory, ground: &Ground, id: &str) {
    let (region, stamp) = (&ground.landscape.region, STAMP);
    let closed = ("AADToken", Some("Disabled"));
    territory.append(
        &format!("{id}/onlineEndpoints"),
        [
            online_endpoint(id, "demand-score", region, ("Key", None), stamp),
            online_endpoint(id, "demand-closed", region, closed, stamp),
        ],
    );
    for (name, egress) in [("demand-score", None), ("demand-closed", Some("Disabled"))] {
        let endpoint = format!("{id}/onlineEndpoints/{name}");
        territory.append(
            &format!("{endpoint}/deployments"),
            [online_deployment(&endpoint, "blue", region, egress, stamp)],
        );
    }
    territory.append(
        &format!("{id}/batchEndpoints"),
        [batch_endpoint(id, "demand-nightly", region, stamp)],
    );
    territory.append(
        &format!("{id}/serverlessEndpoints"),
        [
            serverless_endpoint(id, "llama-answers", region, ("Key", "Disabled"), stamp),
            serverless_endpoint(id, "phi-answers", region, ("AAD", "Enabled"), stamp),
            serverless_endpoint(id, "mistral-answers", region, ("KeyAndAAD", "Enabled"), stamp),
        ],
    );
}

fn hub(territory: &mut Territory, ground: &Ground) {
    let name = "hub-knowledge";
    let id = ground.id(TYPE, name);
    let endpoint = (id.as_str(), TYPE, "amlworkspace");
    let connected = super::other::private_endpoint(territory, ground, endpoint, ("Approved", true));
    // The key was rotated and the hub stayed behind.
    let version = previous_key_version(&ground.id(VAULTS, "kv-hub-cmk"), "cmk-hub");
    let properties = json!({
        "storageAccount": ground.id(STORAGE, "sthub"),
        "keyVault": ground.id(VAULTS, "kv-hub-cmk"),
        "containerRegistry": ground.id(REGISTRIES, "crhub"),
        "publicNetworkAccess": "Disabled",
        "systemDatastoresAuthMode": "identity",
        "privateEndpointConnections": [connected],
        "enableDataIsolation": true,
        "hbiWorkspace": true,
        "encryption": {
            "status": "Enabled",
            "keyVaultProperties": {
                "keyVaultArmId": ground.id(VAULTS, "kv-hub-cmk"),
                "keyIdentifier": format!("https://kv-hub-cmk.vault.azure.net/keys/cmk-hub/{version}"),
                "identityClientId": null
            }
        }
    });
    territory.add(workspace(ground, name, "Hub", properties));
    let shared = connection(("aoai-shared", "AzureOpenAI", "AAD"), Some(("Required", "Active")));
    territory.append(&format!("{id}/connections"), [shared.body(&id, TYPE, STAMP)]);
    log(territory, &id);
}

fn project(territory: &mut Territory, ground: &Ground) {
    let name = "prj-handbook";
    let id = ground.id(TYPE, name);
    let properties = json!({
        "hubResourceId": ground.id(TYPE, "hub-knowledge"),
        "storageAccount": ground.id(STORAGE, "sthub"),
        "keyVault": ground.id(VAULTS, "kv-hub-cmk"),
        "publicNetworkAccess": "Enabled",
        "systemDatastoresAuthMode": "identity",
        "enableDataIsolation": true
    });
    territory.add(workspace(ground, name, "Project", properties));
    let own = connection(("crm", "CustomKeys", "CustomKeys"), None);
    territory.append(&format!("{id}/connections"), [own.body(&id, TYPE, STAMP)]);
}

/// A workspace as Azure makes it, with these properties over it.
fn workspace(ground: &Ground, name: &str, kind: &str, properties: Value) -> Value {
    let region = &ground.landscape.region;
    let made = json!({
        "friendlyName": name,
        "description": "",
        "applicationInsights": ground.id("Microsoft.Insights/components", "appi-live"),
        "hbiWorkspace": false,
        "provisioningState": "Succeeded",
        "v1LegacyMode": false,
        "workspaceId": uuid(0, &[name, "workspace"]),
        "discoveryUrl": format!("https://{region}.api.azureml.ms/discovery"),
        "mlFlowTrackingUri": format!("azureml://{region}.api.azureml.ms/mlflow/v1.0{}", ground.id(TYPE, name)),
        "allowPublicAccessWhenBehindVnet": false,
        "privateEndpointConnections": [],
        "tenantId": ground.landscape.tenant,
        "enableDataIsolation": false
    });
    let body = json!({
        "id": ground.id(TYPE, name),
        "name": name,
        "type": TYPE,
        "location": region,
        "tags": {"owner": OWNER},
        "kind": kind,
        "sku": {"name": "Basic", "tier": "Basic"},
        "identity": ground.identity(name),
        "systemData": STAMP.system_data()
    });
    with(body, "properties", merged(made, properties))
}

fn dependencies(territory: &mut Territory, ground: &Ground) {
    let location = ground.landscape.region.as_str();
    let stamp = STAMP;
    let now = ground.day.midnight().assume_utc().unix_timestamp();
    let made = now - 400 * 86_400;
    for (name, has_purge_protection, is_public, has_rbac) in [
        ("kv-live-cmk", true, false, false),
        ("kv-hub-cmk", false, true, false),
        ("kv-forecast", true, true, true),
    ] {
        let id = ground.id(VAULTS, name);
        let vault = Vault { id: &id, location, has_purge_protection, is_public, has_rbac };
        territory.add(vault.body(&ground.landscape.tenant, stamp));
    }
    for (vault, name, expires) in
        [("kv-live-cmk", "cmk-claims", Some(now + 120 * 86_400)), ("kv-hub-cmk", "cmk-hub", None)]
    {
        let vault = ground.id(VAULTS, vault);
        territory.objects.insert(
            format!("{vault}/keys/{name}").to_ascii_lowercase(),
            key(&vault, name, location, (made, expires)),
        );
    }
    for (name, shared_key, is_open, tls) in
        [("stforecast", None, true, "TLS1_0"), ("sthub", Some(false), false, "TLS1_2")]
    {
        let id = ground.id(STORAGE, name);
        let storage = Storage {
            id: &id,
            location,
            shared_key,
            is_public: is_open,
            has_public_blobs: is_open,
            tls,
        };
        territory.add(storage.body(CREATED));
    }
    for (name, is_open) in [("crforecast", true), ("crhub", false)] {
        let id = ground.id(REGISTRIES, name);
        territory.add(registry(&id, location, (is_open, is_open), stamp));
    }
}

fn connection<'a>(
    (name, category, auth): (&'a str, &'a str, &'a str),
    privacy: Option<(&'a str, &'a str)>,
) -> Connection<'a> {
    let target = "https://oai-claims.openai.azure.com/";
    Connection { name, category, auth, target, is_shared: true, expires: None, privacy }
}

fn log(territory: &mut Territory, id: &str) {
    let logs = Destination::Workspace(Landscape::logs());
    territory.append(
        &format!("{id}/providers/Microsoft.Insights/diagnosticSettings"),
        [diagnostic_setting(id, "logs", "audit", logs)],
    );
}

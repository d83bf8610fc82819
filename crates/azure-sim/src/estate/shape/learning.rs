//! What is below a Machine Learning workspace (2025-09-01; computes, serverless endpoints and connections 2026-05-01).

use serde_json::{Value, json};

use super::{Stamp, with};
use crate::random::uuid;

const TYPE: &str = "Microsoft.MachineLearningServices/workspaces";

/// Where a compute may be reached from.
#[derive(Clone, Copy)]
pub(in crate::estate) struct Exposure<'a> {
    /// The subnet's id; `None`: in Microsoft's network.
    pub subnet: Option<&'a str>,
    pub has_ssh: bool,
    pub has_public_ip: bool,
}

fn compute(
    workspace: &str,
    name: &str,
    location: &str,
    properties: Value,
    stamp: Stamp<'_>,
) -> Value {
    let mut all = json!({
        "description": "",
        "createdOn": stamp.at,
        "modifiedOn": stamp.at,
        "provisioningState": "Succeeded"
    });
    if let (Some(all), Value::Object(own)) = (all.as_object_mut(), properties) {
        all.extend(own);
    }
    let body = json!({
        "id": format!("{workspace}/computes/{name}"),
        "type": format!("{TYPE}/computes"),
        "name": name,
        "location": location,
        "systemData": stamp.system_data()
    });
    with(body, "properties", all)
}

/// A cluster.
pub(in crate::estate) fn cluster(
    workspace: &str,
    name: &str,
    location: &str,
    exposure: Exposure<'_>,
    stamp: Stamp<'_>,
) -> Value {
    let mut inner = json!({
        "vmSize": "Standard_NC4as_T4_v3",
        "vmPriority": "Dedicated",
        "osType": "Linux",
        "virtualMachineImage": null,
        "isolatedNetwork": false,
        "scaleSettings": {"maxNodeCount": 4, "minNodeCount": 0, "nodeIdleTimeBeforeScaleDown": "PT15M"},
        "remoteLoginPortPublicAccess": if exposure.has_ssh { "Enabled" } else { "Disabled" },
        "allocationState": "Steady",
        "allocationStateTransitionTime": stamp.at,
        "errors": null,
        "currentNodeCount": 0,
        "targetNodeCount": 0,
        "nodeStateCounts": {
            "preparingNodeCount": 0, "runningNodeCount": 0, "idleNodeCount": 0,
            "unusableNodeCount": 0, "leavingNodeCount": 0, "preemptedNodeCount": 0
        },
        "enableNodePublicIp": exposure.has_public_ip
    });
    if let Some(subnet) = exposure.subnet {
        inner["subnet"] = json!({"id": subnet});
    }
    let properties = json!({"computeType": "AmlCompute", "disableLocalAuth": !exposure.has_ssh});
    compute(workspace, name, location, with(properties, "properties", inner), stamp)
}

/// One person's virtual machine.
pub(in crate::estate) struct Instance<'a> {
    pub name: &'a str,
    pub exposure: Exposure<'a>,
    /// After which idle time it stops, as ISO 8601; Azure leaves it out where it never does.
    pub idle_time: Option<&'a str>,
    /// Azure leaves it out of instances that were made before there was a choice.
    pub single_sign_on: Option<bool>,
}

impl Instance<'_> {
    pub(in crate::estate) fn body(
        &self,
        workspace: &str,
        location: &str,
        stamp: Stamp<'_>,
    ) -> Value {
        let (name, exposure) = (self.name, self.exposure);
        let mut inner = instance_properties(name, location, exposure, stamp);
        if let Some(subnet) = exposure.subnet {
            inner["subnet"] = json!({"id": subnet});
        }
        if let Some(idle_time) = self.idle_time {
            inner["idleTimeBeforeShutdown"] = json!(idle_time);
        }
        if let Some(single_sign_on) = self.single_sign_on {
            inner["enableSSO"] = json!(single_sign_on);
        }
        let properties =
            json!({"computeType": "ComputeInstance", "disableLocalAuth": !exposure.has_ssh});
        compute(workspace, name, location, with(properties, "properties", inner), stamp)
    }
}

fn instance_properties(
    name: &str,
    location: &str,
    exposure: Exposure<'_>,
    stamp: Stamp<'_>,
) -> Value {
    let user = uuid(0, &[stamp.by, "object"]);
    json!({
        "vmSize": "Standard_DS3_v2",
        "applicationSharingPolicy": if exposure.has_ssh { "Shared" } else { "Personal" },
        "sshSettings": {
            "sshPublicAccess": if exposure.has_ssh { "Enabled" } else { "Disabled" },
            "adminUserName": "azureuser",
            "sshPort": 22
        },
        "osImageMetadata": {
            "currentImageVersion": "25.02.11", "latestImageVersion": "25.07.08", "isLatestOsImageVersion": false
        },
        "customServices": [],
        "computeInstanceAuthorizationType": "personal",
        "createdBy": {"userName": stamp.by, "userOrgId": uuid(0, &["organisation"]), "userId": user},
        "connectivityEndpoints": {"publicIpAddress": null, "privateIpAddress": "10.20.0.12"},
        "applications": [{
            "displayName": "Jupyter",
            "endpointUri": format!("https://{name}.{location}.instances.azureml.ms/tree")
        }],
        "enableNodePublicIp": exposure.has_public_ip,
        "errors": null,
        "state": "Running"
    })
}

/// Something that is elsewhere and attached: `AKS`, `Kubernetes`, `Databricks`, `SynapseSpark`, `HDInsight`, `VirtualMachine`…
pub(in crate::estate) fn attached(
    workspace: &str,
    name: &str,
    location: &str,
    (kind, resource): (&str, &str),
    stamp: Stamp<'_>,
) -> Value {
    let inner = match kind {
        "Kubernetes" => json!({
            "extensionInstanceReleaseTrain": "stable",
            "namespace": "default",
            "defaultInstanceType": "defaultInstanceType",
            "instanceTypes": {"defaultInstanceType": {
                "nodeSelector": null,
                "resources": {"requests": {"cpu": "1", "memory": "4Gi"}, "limits": {"cpu": "1", "memory": "4Gi"}}
            }}
        }),
        "Databricks" => {
            json!({"databricksAccessToken": null, "workspaceUrl": "https://adb-100200300.7.azuredatabricks.net"})
        }
        "SynapseSpark" => json!({
            "nodeSize": "Medium", "nodeSizeFamily": "MemoryOptimized", "nodeCount": 3,
            "sparkVersion": "3.4", "poolName": name, "workspaceName": "syn-contoso",
            "autoScaleProperties": {"minNodeCount": 3, "maxNodeCount": 10, "enabled": true},
            "autoPauseProperties": {"delayInMinutes": 15, "enabled": true}
        }),
        "HDInsight" => json!({"sshPort": 22, "address": "hdi-contoso-ssh.azurehdinsight.net"}),
        "VirtualMachine" => {
            json!({"virtualMachineSize": "Standard_D4s_v5", "sshPort": 22, "address": "10.20.1.4"})
        }
        _ => Value::Null,
    };
    let mut properties =
        json!({"computeType": kind, "resourceId": resource, "isAttachedCompute": true});
    if !inner.is_null() {
        properties["properties"] = inner;
    }
    compute(workspace, name, location, properties, stamp)
}

/// An online endpoint.
pub(in crate::estate) fn online_endpoint(
    workspace: &str,
    name: &str,
    location: &str,
    (auth, public_access): (&str, Option<&str>),
    stamp: Stamp<'_>,
) -> Value {
    let host = format!("{name}.{location}.inference.ml.azure.com");
    let mut body = endpoint(workspace, ("onlineEndpoints", name), location, stamp);
    body["kind"] = json!("Managed");
    body["properties"] = json!({
        "description": "",
        "properties": {},
        "scoringUri": format!("https://{host}/score"),
        "swaggerUri": format!("https://{host}/swagger.json"),
        "authMode": auth,
        "provisioningState": "Succeeded",
        "traffic": {"blue": 100}
    });
    // Azure leaves it out until someone sets it; then it means `Enabled`.
    if let Some(access) = public_access {
        body["properties"]["publicNetworkAccess"] = json!(access);
    }
    body
}

/// A deployment of an online endpoint.
pub(in crate::estate) fn online_deployment(
    endpoint: &str,
    name: &str,
    location: &str,
    egress: Option<&str>,
    stamp: Stamp<'_>,
) -> Value {
    let mut properties = json!({
        "description": "",
        "properties": {},
        "codeConfiguration": {"scoringScript": "score.py"},
        "environmentVariables": {},
        "scaleSettings": {"scaleType": "Default"},
        "requestSettings": {
            "maxQueueWait": "PT0.5S", "requestTimeout": "PT1M", "maxConcurrentRequestsPerInstance": 1
        },
        "appInsightsEnabled": egress.is_some(),
        "provisioningState": "Succeeded",
        "instanceType": "Standard_DS3_v2",
        "model": "azureml://registries/contoso/models/scorer/versions/4",
        "endpointComputeType": "Managed"
    });
    if let Some(egress) = egress {
        properties["egressPublicNetworkAccess"] = json!(egress);
    }
    with(
        json!({
            "id": format!("{endpoint}/deployments/{name}"),
            "name": name,
            "type": format!("{TYPE}/onlineEndpoints/deployments"),
            "location": location,
            "tags": {},
            "kind": "Managed",
            "sku": {"name": "Default", "tier": "Standard", "capacity": 1},
            "systemData": stamp.system_data()
        }),
        "properties",
        properties,
    )
}

/// A batch endpoint.
pub(in crate::estate) fn batch_endpoint(
    workspace: &str,
    name: &str,
    location: &str,
    stamp: Stamp<'_>,
) -> Value {
    let mut body = endpoint(workspace, ("batchEndpoints", name), location, stamp);
    body["properties"] = json!({
        "description": "",
        "properties": {},
        "scoringUri": format!("https://{name}.{location}.inference.ml.azure.com/jobs"),
        "authMode": "AADToken",
        "provisioningState": "Succeeded",
        "defaults": {"deploymentName": "nightly"}
    });
    body
}

/// A serverless endpoint: a model of the catalogue by the token. How callers say who they are is `AAD`, `Key`
/// or `KeyAndAAD`; content safety is `Enabled` or `Disabled`.
pub(in crate::estate) fn serverless_endpoint(
    workspace: &str,
    name: &str,
    location: &str,
    (auth, content_safety): (&str, &str),
    stamp: Stamp<'_>,
) -> Value {
    let mut body = endpoint(workspace, ("serverlessEndpoints", name), location, stamp);
    body["properties"] = json!({
        "modelSettings": {"modelId": "azureml://registries/azureml-meta/models/Llama-3.3-70B-Instruct"},
        "authMode": auth,
        "inferenceEndpoint": {"uri": format!("https://{name}.{location}.models.ai.azure.com"), "headers": {}},
        "provisioningState": "Succeeded",
        "endpointState": "Online",
        "contentSafety": {"contentSafetyStatus": content_safety}
    });
    body
}

fn endpoint(
    workspace: &str,
    (kind, name): (&str, &str),
    location: &str,
    stamp: Stamp<'_>,
) -> Value {
    json!({
        "id": format!("{workspace}/{kind}/{name}"),
        "name": name,
        "type": format!("{TYPE}/{kind}"),
        "location": location,
        "tags": {},
        "identity": {
            "type": "SystemAssigned",
            "principalId": uuid(0, &[workspace, name, "principal"]),
            "tenantId": uuid(0, &["organisation"])
        },
        "properties": {},
        "systemData": stamp.system_data()
    })
}

/// A blob datastore, read with the account's key or with the workspace's identity.
pub(in crate::estate) fn datastore(
    workspace: &str,
    (name, account): (&str, &str),
    has_key: bool,
    is_default: bool,
    stamp: Stamp<'_>,
) -> Value {
    let credentials = if has_key {
        json!({"credentialsType": "AccountKey", "secrets": {"secretsType": "AccountKey"}})
    } else {
        json!({"credentialsType": "None"})
    };
    json!({
        "id": format!("{workspace}/datastores/{name}"),
        "name": name,
        "type": format!("{TYPE}/datastores"),
        "properties": {
            "description": null,
            "tags": {},
            "properties": null,
            "isDefault": is_default,
            "credentials": credentials,
            "datastoreType": "AzureBlob",
            "accountName": account,
            "containerName": format!("azureml-blobstore-{name}"),
            "endpoint": "core.windows.net",
            "protocol": "https",
            "serviceDataAccessAuthIdentity": if has_key { "None" } else { "WorkspaceSystemAssignedIdentity" }
        },
        "systemData": stamp.system_data()
    })
}

/// A rule of the managed network; `destination` in the shape of its kind.
pub(in crate::estate) fn outbound_rule(
    workspace: &str,
    name: &str,
    kind: &str,
    category: &str,
    destination: &Value,
) -> Value {
    json!({
        "id": format!("{workspace}/outboundRules/{name}"),
        "name": name,
        "type": format!("{TYPE}/outboundRules"),
        "properties": {
            "type": kind,
            "destination": destination,
            "status": "Active",
            "category": category
        }
    })
}

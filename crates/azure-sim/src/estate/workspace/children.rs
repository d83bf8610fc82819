//! What is below a workspace.

use serde_json::json;

use super::TYPE;
use crate::estate::Territory;
use crate::estate::blueprint::Blueprint;
use crate::estate::drift::Opening;
use crate::estate::shape::cognitive::Connection;
use crate::estate::shape::learning::{
    Exposure, Instance, batch_endpoint, cluster, datastore, online_deployment, online_endpoint,
    outbound_rule, serverless_endpoint,
};

/// Adds what a workspace of this kind has.
pub(super) fn place(territory: &mut Territory, blueprint: &Blueprint<'_>, kind: &str, id: &str) {
    let has_key = blueprint.is_open(Opening::StoredKey);
    if kind != "Project" {
        computes(territory, blueprint, id);
        outbound_rules(territory, blueprint, id);
    }
    if kind != "Hub" {
        endpoints(territory, blueprint, id);
    }
    let account = blueprint.compact_name("st");
    let stores = [("workspaceblobstore", true), ("claimsdata", false)].map(|(name, is_default)| {
        let has_key = has_key || (is_default && blueprint.is_open(Opening::KeyAuthentication));
        datastore(id, (name, &account), has_key, is_default, blueprint.stamp())
    });
    territory.append(&format!("{id}/datastores"), stores);
    if kind != "Default" {
        let connection = Connection {
            name: "aoai",
            category: "AzureOpenAI",
            auth: if has_key { "ApiKey" } else { "AAD" },
            target: "https://embeddings.openai.azure.com/",
            is_shared: kind == "Hub",
            expires: None,
            privacy: blueprint.privacy(),
        };
        territory
            .append(&format!("{id}/connections"), [connection.body(id, TYPE, blueprint.stamp())]);
    }
}

fn computes(territory: &mut Territory, blueprint: &Blueprint<'_>, id: &str) {
    let is_public = blueprint.is_open(Opening::PublicCompute);
    let subnet = blueprint.landscape.subnet("training");
    let exposure = Exposure {
        subnet: (!is_public).then_some(subnet.as_str()),
        has_ssh: is_public && blueprint.happens("ssh", 40),
        has_public_ip: is_public,
    };
    let (region, stamp) = (&blueprint.landscape.region, blueprint.stamp());
    let mut computes = Vec::new();
    if blueprint.happens("cluster", 70) {
        computes.push(cluster(id, "gpu-cluster", region, exposure, stamp));
    }
    for position in 0..blueprint.below("instances", if blueprint.is_brief { 2 } else { 3 }) {
        let name = format!("ci-{}-{position}", blueprint.team.name);
        let idle_time = blueprint.happens(&format!("{name} stops"), 45).then_some("PT1H");
        let single_sign_on = match blueprint.below(&format!("{name} sign-on"), 3) {
            0 => None,
            choice => Some(choice == 1),
        };
        let instance = Instance { name: &name, exposure, idle_time, single_sign_on };
        computes.push(instance.body(id, region, stamp));
    }
    territory.append(&format!("{id}/computes"), computes);
}

fn outbound_rules(territory: &mut Territory, blueprint: &Blueprint<'_>, id: &str) {
    if blueprint.is_open(Opening::OpenOutbound) {
        return;
    }
    let domain = if blueprint.happens("wildcard", 30) { "*.pypi.org" } else { "pypi.org" };
    let storage = blueprint.sibling("Microsoft.Storage/storageAccounts", "stcontosofeatures");
    let target =
        json!({"serviceResourceId": storage, "subresourceTarget": "blob", "sparkEnabled": false});
    let tag = json!({
        "serviceTag": "AzureMonitor", "protocol": "TCP", "portRanges": "443", "action": "Allow"
    });
    territory.append(
        &format!("{id}/outboundRules"),
        [
            outbound_rule(id, "packages", "FQDN", "UserDefined", &json!(domain)),
            outbound_rule(id, "features", "PrivateEndpoint", "UserDefined", &target),
            outbound_rule(id, "monitoring", "ServiceTag", "Required", &tag),
        ],
    );
}

fn endpoints(territory: &mut Territory, blueprint: &Blueprint<'_>, id: &str) {
    let (region, stamp) = (&blueprint.landscape.region, blueprint.stamp());
    let is_public = blueprint.is_open(Opening::PublicEndpoint);
    let workload = blueprint.team.workloads[0];
    if blueprint.happens("online", 60) {
        let auth = if blueprint.is_open(Opening::KeyAuthentication) { "Key" } else { "AADToken" };
        let access = (!is_public).then_some("Disabled");
        let name = format!("{workload}-score");
        let endpoint = format!("{id}/onlineEndpoints/{name}");
        territory.append(
            &format!("{id}/onlineEndpoints"),
            [online_endpoint(id, &name, region, (auth, access), stamp)],
        );
        territory.append(
            &format!("{endpoint}/deployments"),
            [online_deployment(&endpoint, "blue", region, access, stamp)],
        );
    }
    if blueprint.happens("batch", 30) {
        let name = format!("{workload}-nightly");
        territory
            .append(&format!("{id}/batchEndpoints"), [batch_endpoint(id, &name, region, stamp)]);
    }
    if blueprint.happens("serverless", 25) {
        let auth = match blueprint.is_open(Opening::KeyAuthentication) {
            true if blueprint.happens("both kinds", 45) => "KeyAndAAD",
            true => "Key",
            false => "AAD",
        };
        let safety = if blueprint.is_open(Opening::WeakFilter) { "Disabled" } else { "Enabled" };
        territory.append(
            &format!("{id}/serverlessEndpoints"),
            [serverless_endpoint(id, "llama-answers", region, (auth, safety), stamp)],
        );
    }
}

//! Five plain checks on accounts, the same as in `crates/engine/benches/five.rego`: what a benchmark compares.
//!
//! Not for use: the shipped pack judges the same properties with far more care.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Pack, Read, Remedy, Rule,
    Severity, Topic,
};

/// The pack.
pub static PACK: Pack = Pack {
    name: "five-checks",
    version: "0.1.0",
    description: "Five plain checks, for benchmarks.",
    reads_only: true,
    rules: &[&[
        &rule("FIVE-01", "Public network access is disabled", ACCESS, public_network_access),
        &rule("FIVE-02", "Local authentication is disabled", LOCAL_AUTH, local_auth),
        &rule("FIVE-03", "The network rules deny by default", DEFAULT_ACTION, default_action),
        &rule("FIVE-04", "There is a managed identity", IDENTITY, managed_identity),
        &rule("FIVE-05", "A private endpoint is approved", STATUS, private_endpoint),
    ]],
};

const ACCESS: &[Read] = &[reads("properties.publicNetworkAccess")];
const LOCAL_AUTH: &[Read] = &[reads("properties.disableLocalAuth")];
const DEFAULT_ACTION: &[Read] = &[reads("properties.networkAcls.defaultAction")];
const IDENTITY: &[Read] = &[reads("identity.type")];
const STATUS: &[Read] = &[reads(
    "properties.privateEndpointConnections[].properties.privateLinkServiceConnectionState.status",
)];

const fn reads(path: &'static str) -> Read {
    Read { path, source: "any", absent: "nothing" }
}

const fn rule(
    id: &'static str,
    title: &'static str,
    reads: &'static [Read],
    judge: fn(&AssetContext<'_>) -> Outcome,
) -> Rule {
    Rule {
        id,
        title,
        topic: Topic::Networking,
        severity: Severity::High,
        severity_reason: "made up",
        rationale: "For benchmarks.",
        asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
        exceptions: &[],
        never: &[],
        reads,
        settings: &[],
        remedy: Remedy { summary: "None.", az: None, bicep: None, terraform: None, portal: None },
        policies: &[],
        policy_difference: "",
        controls: &[],
        references: &[],
        judge,
    }
}

fn public_network_access(asset: &AssetContext<'_>) -> Outcome {
    let access = asset.text("properties.publicNetworkAccess")?;
    let evidence = access.expected("Disabled");
    Ok(if access.is("Disabled") {
        Judgement::pass("Public network access is disabled.", evidence)
    } else {
        Judgement::fail("Public network access is not disabled.", evidence)
    })
}

fn local_auth(asset: &AssetContext<'_>) -> Outcome {
    let keys = asset.flag("properties.disableLocalAuth")?;
    let evidence = keys.expected("true");
    Ok(if keys.is_true() {
        Judgement::pass("Keys are refused.", evidence)
    } else {
        Judgement::fail("Keys are accepted.", evidence)
    })
}

fn default_action(asset: &AssetContext<'_>) -> Outcome {
    let action = asset.text("properties.networkAcls.defaultAction")?;
    let evidence = action.expected("Deny");
    Ok(if action.is("Deny") {
        Judgement::pass("What no rule names is denied.", evidence)
    } else {
        Judgement::fail("What no rule names is let in.", evidence)
    })
}

fn managed_identity(asset: &AssetContext<'_>) -> Outcome {
    let identity = asset.text("identity.type")?;
    let evidence = identity.expected("a managed identity");
    Ok(if identity.is_given() && !identity.is("None") {
        Judgement::pass("The account has a managed identity.", evidence)
    } else {
        Judgement::fail("The account has no managed identity.", evidence)
    })
}

fn private_endpoint(asset: &AssetContext<'_>) -> Outcome {
    const STATUS: &str = "properties.privateLinkServiceConnectionState.status";
    let connections = asset.list("properties.privateEndpointConnections")?.entries();
    for connection in connections.nodes() {
        let status = connection.text(STATUS)?;
        if status.is("Approved") {
            let evidence = status.expected("Approved");
            return Ok(Judgement::pass("A private endpoint is approved.", evidence));
        }
    }
    let evidence = connections.expected("an approved private endpoint");
    Ok(Judgement::fail("No private endpoint is approved.", evidence))
}

#[cfg(target_arch = "wasm32")]
postern_rules_sdk::export_pack!(crate::PACK);

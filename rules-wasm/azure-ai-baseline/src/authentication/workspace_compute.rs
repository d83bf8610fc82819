//! Computes of a Machine Learning workspace: who may sign in to them.

use postern_rules_sdk::{
    AssetContext, Check, MACHINE_LEARNING_WORKSPACE, Outcome, Read, Remedy, Rule, Severity, Topic,
    Words, fact,
};

use crate::groundwork::azure::DEFENDER_AI;
use crate::groundwork::compute_body::{
    CLUSTER_AZ, CLUSTER_BICEP, CLUSTER_TERRAFORM, INSTANCE_AZ, INSTANCE_BICEP, INSTANCE_TERRAFORM,
};
use crate::networking::workspace::{
    COMPUTE_SCHEMA, COMPUTES, MANAGED_COMPUTES, NO_MANAGED_COMPUTE, TYPE_ABSENT, compute_settings,
    is_compute,
};

const LOCAL: &str = "properties.disableLocalAuth";
const LOCAL_ABSENT: &str = "false: local users may sign in over SSH";
const SHARING: &str = "applicationSharingPolicy";
const SHARING_ABSENT: &str = "Shared: the schema's default";
const AUTHORIZATION: &str = "computeInstanceAuthorizationType";
const AUTHORIZATION_ABSENT: &str = "personal: the schema's default";
const SSO: &str = "enableSSO";
const SSO_ABSENT: &str = "not documented, and not returned before API version 2025-12-01: only a false that is there fails";

const TYPE: Read =
    Read { path: "computes[].properties.computeType", source: COMPUTES, absent: TYPE_ABSENT };

/// AUTH-04.
pub static LOCAL_USERS: Rule = Rule {
    id: "AUTH-04",
    title: "Clusters and compute instances have no local users",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium (PSRule: critical)",
    rationale: "Local users sign in over SSH with a key or a password that Entra ID knows nothing of. \
                With local authentication off, only identities that roles allow reach the nodes.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "Workspaces without a cluster and without a compute instance.",
        "Attached computes, such as Kubernetes or Databricks: they are set up where they are.",
    ],
    never: &[],
    reads: &[
        TYPE,
        Read {
            path: "computes[].properties.disableLocalAuth",
            source: COMPUTES,
            absent: LOCAL_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create the compute again with disableLocalAuth true. The template closes what other rules ask for too; a compute instance has one of its own (AUTH-24).",
        az: Some(CLUSTER_AZ),
        bicep: Some(CLUSTER_BICEP),
        terraform: Some(CLUSTER_TERRAFORM),
        portal: Some("Machine Learning studio > Compute > New > Security > Enable SSH access: off"),
    },
    policies: &["e96a9a5f-07ca-471b-9bc5-6a0f33cbd68f", "a6f9a2d0-cff7-4855-83ad-4cd750666512"],
    policy_difference: "",
    controls: &["mcsb-v1:IM-1", "mcsb-v2:IM-1", "nist-800-53-r5:AC-2"],
    references: &[DEFENDER_AI, COMPUTE_SCHEMA],
    judge: local_users,
};

/// AUTH-24.
pub static PERSONAL: Rule = Rule {
    id: "AUTH-24",
    title: "Compute instances are for one person each",
    topic: Topic::Authentication,
    severity: Severity::Low,
    severity_reason: "our own judgement: it takes a role on the workspace to abuse a shared instance",
    rationale: "On a shared instance others open the notebooks and terminals of its owner, and work with the owner's token. \
                Without single sign-on people paste their own credentials into it.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &["Workspaces without a compute instance."],
    never: &[],
    reads: &[
        TYPE,
        Read {
            path: "computes[].properties.properties.applicationSharingPolicy",
            source: COMPUTES,
            absent: SHARING_ABSENT,
        },
        Read {
            path: "computes[].properties.properties.computeInstanceAuthorizationType",
            source: COMPUTES,
            absent: AUTHORIZATION_ABSENT,
        },
        Read {
            path: "computes[].properties.properties.enableSSO",
            source: COMPUTES,
            absent: SSO_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create the instance again with applicationSharingPolicy Personal, for one person and with single sign-on. The template closes what other rules ask for too.",
        az: Some(INSTANCE_AZ),
        bicep: Some(INSTANCE_BICEP),
        terraform: Some(INSTANCE_TERRAFORM),
        portal: Some(
            "Machine Learning studio > Compute > Compute instances > New > Security > Assign to another user; Enable single sign-on",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[COMPUTE_SCHEMA],
    judge: personal,
};

fn local_users(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "No cluster and no compute instance has local users.",
        fail: "Local users may sign in to a compute.",
        none: NO_MANAGED_COMPUTE,
    };
    asset.related(fact::COMPUTES)?.every(words, |compute| {
        if !is_compute(compute, &MANAGED_COMPUTES)? {
            return Ok(Check::Skip);
        }
        let off = compute.flag(LOCAL)?;
        Ok(Check::of(off.is_true(), off.expected_or("true", LOCAL_ABSENT)))
    })
}

fn personal(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "Every compute instance is for one person.",
        fail: "A compute instance is shared, or works without single sign-on.",
        none: "The workspace has no compute instance.",
    };
    asset.related(fact::COMPUTES)?.every(words, |compute| {
        let Some(settings) = compute_settings(compute, &["ComputeInstance"])? else {
            return Ok(Check::Skip);
        };
        let sharing = settings.text(SHARING)?;
        let authorization = settings.text(AUTHORIZATION)?;
        let sign_on = settings.flag(SSO)?;
        let mut bad = Vec::new();
        if !sharing.is("Personal") {
            bad.push(sharing.expected_or("Personal", SHARING_ABSENT));
        }
        if !authorization.is_absent() && !authorization.is("personal") {
            bad.push(authorization.expected("personal"));
        }
        if sign_on.value == Some(false) {
            bad.push(sign_on.expected("true"));
        }
        Ok(if bad.is_empty() { Check::Good(sharing.expected("Personal")) } else { Check::Bad(bad) })
    })
}

//! Compute instances of a Machine Learning workspace: how long they run, and on what image.

use postern_rules_sdk::{
    AssetContext, Check, MACHINE_LEARNING_WORKSPACE, Outcome, Read, Remedy, Rule, Severity, Topic,
    Unreadable, Words, fact,
};

use crate::groundwork::azure::{DEFENDER_AI, LANDING_ZONE};
use crate::groundwork::compute_body::{INSTANCE_AZ, INSTANCE_BICEP, INSTANCE_TERRAFORM};
use crate::networking::workspace::{
    COMPUTE_SCHEMA, COMPUTES, TYPE_ABSENT, TYPES_OF_2026, compute_settings,
};

const IDLE: &str = "idleTimeBeforeShutdown";
const IDLE_ABSENT: &str = "that the instance never shuts down by itself";
const LATEST: &str = "osImageMetadata.isLatestOsImageVersion";
const NO_INSTANCE: &str = "The workspace has no compute instance.";
const WITHOUT: &str = "Workspaces without a compute instance.";

const TYPE: Read =
    Read { path: "computes[].properties.computeType", source: COMPUTES, absent: TYPE_ABSENT };

/// GOV-21.
pub static IDLE_SHUTDOWN: Rule = Rule {
    id: "GOV-21",
    title: "Idle compute instances shut down",
    topic: Topic::Models,
    severity: Severity::Low,
    severity_reason: "AI landing zone checklist AI.19: low (PSRule: critical)",
    rationale: "An instance that runs on after its owner went home costs money and keeps an unattended session with the owner's rights. \
                Shutdown after 15 minutes to 3 days without use ends both.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[WITHOUT],
    never: &[],
    reads: &[
        TYPE,
        Read {
            path: "computes[].properties.properties.idleTimeBeforeShutdown",
            source: COMPUTES,
            absent: IDLE_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Set an idle time for the instance, from 15 minutes (PT15M) to 3 days (P3D): in the portal, or create it again with one. A put replaces the whole compute and most of its properties cannot be changed: save what is on it and delete it first. In a workspace with a managed network leave the subnet out.",
        az: Some(INSTANCE_AZ),
        bicep: Some(INSTANCE_BICEP),
        terraform: Some(INSTANCE_TERRAFORM),
        portal: Some(
            "Machine Learning studio > Compute > Compute instances > the instance > Schedules > Idle shutdown",
        ),
    },
    policies: &["679ddf89-ab8f-48a5-9029-e76054077449"],
    policy_difference: "",
    controls: &[],
    references: &[TYPES_OF_2026, LANDING_ZONE],
    judge: idle_shutdown,
};

/// GOV-22.
pub static LATEST_IMAGE: Rule = Rule {
    id: "GOV-22",
    title: "Compute instances run the latest system image",
    topic: Topic::Models,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium",
    rationale: "Azure does not patch a compute instance while it exists: it keeps the image it was made from, with every flaw found since. \
                A new instance has the latest image.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[WITHOUT],
    never: &[],
    reads: &[
        TYPE,
        Read {
            path: "computes[].properties.properties.osImageMetadata.isLatestOsImageVersion",
            source: COMPUTES,
            absent: "not documented: the image is unknown",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create the instance again, which gives it the latest image; there is no property that a template could set. A put replaces the whole compute and most of its properties cannot be changed: save what is on it and delete it first. In a workspace with a managed network leave the subnet out.",
        az: Some(INSTANCE_AZ),
        bicep: Some(INSTANCE_BICEP),
        terraform: Some(INSTANCE_TERRAFORM),
        portal: Some(
            "Machine Learning studio > Compute > Compute instances > the instance > Delete; then New",
        ),
    },
    policies: &["f110a506-2dcb-422e-bcea-d533fc8c35e2"],
    policy_difference: "Azure's policy takes an instance that does not state its image as compliant; here it is unknown.",
    controls: &["mcsb-v1:PV-2", "mcsb-v2:PV-2", "nist-800-53-r5:SI-2"],
    references: &[DEFENDER_AI, COMPUTE_SCHEMA],
    judge: latest_image,
};

fn idle_shutdown(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "Every compute instance shuts down when idle.",
        fail: "A compute instance never shuts down by itself.",
        none: NO_INSTANCE,
    };
    asset.related(fact::COMPUTES)?.every(words, |compute| {
        let Some(settings) = compute_settings(compute, &["ComputeInstance"])? else {
            return Ok(Check::Skip);
        };
        let idle = settings.text(IDLE)?;
        let evidence =
            idle.expected_or("a time from 15 minutes (PT15M) to 3 days (P3D)", IDLE_ABSENT);
        Ok(Check::of(idle.is_given(), evidence))
    })
}

fn latest_image(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "Every compute instance runs the latest image.",
        fail: "A compute instance runs an old image.",
        none: NO_INSTANCE,
    };
    asset.related(fact::COMPUTES)?.every(words, |compute| {
        let Some(settings) = compute_settings(compute, &["ComputeInstance"])? else {
            return Ok(Check::Skip);
        };
        let latest = settings.flag(LATEST)?;
        if latest.is_absent() {
            let note = "Azure does not state the image of this instance.";
            return Err(Unreadable::new(latest.expected("true"), note));
        }
        Ok(Check::of(latest.is_true(), latest.expected("true")))
    })
}

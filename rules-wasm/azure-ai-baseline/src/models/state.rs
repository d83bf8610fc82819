//! Whether deployments came about.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Outcome, Read, Remedy, Rule, Severity, Topic,
    Unreadable, Words, fact,
};

use super::names::{
    NO_DEPLOYMENT, NOTHING_DEPLOYED, OTHER_KINDS, WORKING_WITH_MODELS, without_models,
};
use crate::groundwork::azure::{ACCOUNT_KIND, DEPLOYMENTS};

const STATE: &str = "properties.provisioningState";

/// GOV-18: failed deployments.
pub static SUCCEEDED: Rule = Rule {
    id: "GOV-18",
    title: "No deployment has failed or is disabled",
    topic: Topic::Models,
    severity: Severity::Low,
    severity_reason: "our own judgement: forgotten deployments hold quota and nobody looks after them",
    rationale: "A deployment that failed, was cancelled or is disabled does not serve anyone, but may hold quota and hides in lists. \
                Repair it, or delete it.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        OTHER_KINDS,
        NOTHING_DEPLOYED,
        "Deployments that are under way: accepted, being created, moved, updated or deleted.",
    ],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        Read {
            path: "deployments[].properties.provisioningState",
            source: DEPLOYMENTS,
            absent: "not documented: the state is not known",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Deploy it again if it is needed, else delete it and take it out of the template. A template cannot delete it by itself.",
        az: Some(
            "az rest --method delete --url \"$ID/deployments/<deployment>?api-version=2025-06-01\"",
        ),
        bicep: None,
        terraform: None,
        portal: Some("Foundry portal > the account > Deployments > the deployment > Delete"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[WORKING_WITH_MODELS],
    judge: succeeded,
};

fn succeeded(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_models(asset)? {
        return Ok(other);
    }
    let words = Words {
        pass: "Every deployment succeeded.",
        fail: "A deployment has failed or is disabled.",
        none: NO_DEPLOYMENT,
    };
    asset.related(fact::DEPLOYMENTS)?.every(words, |deployment| {
        let state = deployment.text(STATE)?;
        let evidence = state.expected("Succeeded");
        if state.is_absent() {
            return Err(Unreadable::new(evidence, "Azure does not give the state."));
        }
        Ok(if state.is("Succeeded") {
            Check::Good(evidence)
        } else if state.is_any_of(&["Failed", "Canceled", "Disabled"]) {
            Check::Bad(vec![evidence])
        } else {
            Check::Skip
        })
    })
}

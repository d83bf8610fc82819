//! Whether Azure enforces its terms of use against an account.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Read, Remedy, Rule, Severity,
    Topic, Verdict,
};

use crate::groundwork::azure::{ACCOUNTS, DATA_PRIVACY};

const PENALTY_PATH: &str = "properties.abusePenalty";
const ABSENT: &str = "no penalty";

/// GOV-15: penalties.
pub static PENALTY: Rule = Rule {
    id: "GOV-15",
    title: "Azure has not put a penalty on the account for abuse",
    topic: Topic::Models,
    severity: Severity::High,
    severity_reason: "our own judgement: Azure throttles or blocks the account because of what is done with it",
    rationale: "Azure watches how its models are used and throttles or blocks an account that breaks the terms of use. \
                A penalty means that somebody misuses the account, perhaps with a stolen key, and that its applications fail.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[
        Read { path: PENALTY_PATH, source: ACCOUNTS, absent: ABSENT },
        Read {
            path: "properties.abusePenalty.expiration",
            source: ACCOUNTS,
            absent: "not documented: read as a penalty without an end",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Find out who calls the account, change its keys, stop the misuse, then open a support request with Microsoft. Only Microsoft lifts the penalty; no template or portal page does.",
        az: Some("az cognitiveservices account show --ids $ID --query properties.abusePenalty"),
        bicep: None,
        terraform: None,
        portal: Some("The account > Help > Support + Troubleshooting > Create a support request"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[DATA_PRIVACY],
    judge: unpunished,
};

fn unpunished(asset: &AssetContext<'_>) -> Outcome {
    let penalty = asset.object(PENALTY_PATH)?;
    if penalty.is_absent() {
        return Ok(Judgement::pass(
            "Azure has no penalty on the account.",
            penalty.expected_or("absent", ABSENT),
        ));
    }
    let expiration = asset.resource().moment("properties.abusePenalty.expiration")?;
    let now = asset.taken_at()?;
    if expiration.value.is_some_and(|end| end <= now) {
        let evidence = expiration.expected("absent, or in the past");
        return Ok(Judgement::pass("Azure's penalty on the account has ended.", evidence));
    }
    let action = asset.text("properties.abusePenalty.action")?;
    let summary = if action.is("Block") {
        "Azure blocks the account for abuse."
    } else {
        "Azure throttles the account for abuse."
    };
    Ok(Judgement::fail(summary, penalty.expected("absent")))
}

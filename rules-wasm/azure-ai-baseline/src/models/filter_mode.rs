//! When content filters act: before the answer leaves, or after.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Outcome, Read, Rule, Severity, Topic, Words,
};

use super::filter_template::remedy;
use super::filter_use::{FILTERS, MODEL, NAME, USED, judge_each_filter};
use super::names::{
    CONTENT_FILTERS, FILTERS_EXAMPLE, NO_DEPLOYMENT, NOTHING_DEPLOYED, OTHER_KINDS, WHISPER,
};
use crate::groundwork::azure::ACCOUNT_KIND;

const ABSENT: &str = "Default: the answer is filtered before it leaves";

/// GOV-11: filtering before the answer leaves.
pub static SYNCHRONOUS: Rule = Rule {
    id: "GOV-11",
    title: "Content filters act before the answer leaves",
    topic: Topic::Models,
    severity: Severity::Medium,
    severity_reason: "our own judgement: content leaves before it is filtered",
    rationale: "With the asynchronous filter an answer is streamed at once and the filter's verdict follows later. \
                The reader has then seen what should have been blocked. It saves some latency and needs a reason.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        OTHER_KINDS,
        NOTHING_DEPLOYED,
        WHISPER,
        "Content filters that no deployment uses.",
    ],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        MODEL,
        USED,
        NAME,
        FILTERS,
        Read { path: "raiPolicies[].properties.mode", source: CONTENT_FILTERS, absent: ABSENT },
    ],
    settings: &[],
    remedy: remedy(
        "Set the content filter's mode to Default. A put replaces the whole policy: what its list does not name is off, so the templates name every filter; keep stricter thresholds and blocklists of your own. Leave Indirect Attack out where no model reads documents of others.",
        "Foundry portal > the account > Guardrails + controls > Content filters > the filter > Edit > Streaming mode",
    ),
    policies: &["c1ad46c6-37f8-4af0-9c71-c208375c87dd"],
    policy_difference: "By default the policy accepts Asynchronous_filter; with Default as its only allowed mode it reports what this rule reports. Blocking and an absent mode filter before the answer leaves and pass here, where the policy reports them.",
    controls: &[],
    references: &[FILTERS_EXAMPLE],
    judge: synchronous,
};

fn synchronous(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "The content filters in use act before the answer leaves.",
        fail: "A content filter in use acts after the answer has left.",
        none: NO_DEPLOYMENT,
    };
    judge_each_filter(asset, words, Check::Good, |filter| {
        let mode = filter.text("properties.mode")?;
        let good = mode.is_absent() || mode.is_any_of(&["Default", "Blocking"]);
        Ok(Check::of(good, mode.expected_or("Default or Blocking", ABSENT)))
    })
}

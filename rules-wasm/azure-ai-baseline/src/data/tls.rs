//! TLS: what there is to say where Azure leaves nothing to set.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Judgement, Outcome, Read, Remedy, Rule,
    SEARCH_SERVICE, Severity, Topic, Verdict,
};

use crate::groundwork::azure::DATA_PRIVACY;

const ENDPOINT: &str = "properties.endpoint";
const ENDPOINT_ABSENT: &str = "not returned by this API version; it says nothing of TLS";
const PLATFORM: &str =
    "Azure's end points enforce TLS 1.2 or later; no ARM property sets or shows it";

/// DATA-22: accounts and Search services.
pub static ENDPOINTS: Rule = Rule {
    id: "DATA-22",
    title: "The end point speaks TLS 1.2 or later",
    topic: Topic::Data,
    severity: Severity::Low,
    severity_reason: "our own judgement: the source rates it as information, and there is nothing to set",
    rationale: "Azure manages TLS for these services: their end points enforce TLS 1.2 or later, and no ARM property sets or shows the version. \
                So this rule cannot pass on anything it read, and says not applicable with the end point as evidence. \
                It fails only where Azure itself names an end point that is not https.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE],
    exceptions: &["All resources whose end point Azure names as https, or does not name."],
    never: &[Verdict::Pass],
    reads: &[Read {
        path: ENDPOINT,
        source: "Accounts_List 2026-07-01, Services_ListBySubscription 2025-05-01",
        absent: ENDPOINT_ABSENT,
    }],
    settings: &[],
    remedy: Remedy {
        summary: "Nothing can be set in Azure, by command, template or portal; let clients speak TLS 1.2 or later.",
        az: None,
        bicep: None,
        terraform: None,
        portal: None,
    },
    policies: &[],
    policy_difference: "",
    controls: &["mcsb-v1:DP-3"],
    references: &[DATA_PRIVACY],
    judge: endpoints,
};

fn endpoints(asset: &AssetContext<'_>) -> Outcome {
    let endpoint = asset.text(ENDPOINT)?;
    let evidence = endpoint.expected("an https address");
    let is_clear = endpoint.value.is_some_and(|address| {
        address.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
    });
    if is_clear {
        return Ok(Judgement::fail("The end point is reached without TLS.", evidence));
    }
    let evidence = if endpoint.is_absent() {
        evidence.absent_means(ENDPOINT_ABSENT)
    } else {
        evidence.noting(PLATFORM)
    };
    Ok(Judgement::not_applicable("Azure manages TLS; there is nothing to set.", evidence))
}

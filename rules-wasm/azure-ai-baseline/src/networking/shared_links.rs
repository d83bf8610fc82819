//! A Search service's own private links to what it indexes.

use postern_rules_sdk::{
    AssetContext, Check, Outcome, Read, Remedy, Rule, SEARCH_SERVICE, Severity, Topic, Unreadable,
    Words, fact,
};

use super::organisation::{KNOWN_SUBSCRIPTIONS, known_subscriptions, lies_in};
use super::sources::SEARCH_SCHEMA;

const SOURCE: &str = "SharedPrivateLinkResources_ListByService 2025-05-01";
const STATUS: &str = "properties.status";
const STATE: &str = "properties.provisioningState";
const TARGET: &str = "properties.privateLinkResourceId";

/// NET-30: Search services.
pub static SHARED_LINKS: Rule = Rule {
    id: "NET-30",
    title: "The search service's shared private links are approved",
    topic: Topic::Networking,
    severity: Severity::Low,
    severity_reason: "our own judgement: an indexer whose link is not approved fails, or reads its source over the public network",
    rationale: "A shared private link is how indexers reach data sources that are closed to the internet. \
                While it is not approved people open the source instead; a link to a resource that is not the organisation's can carry data away.",
    asset_types: &[SEARCH_SERVICE],
    exceptions: &["Search services without shared private links."],
    never: &[],
    reads: &[
        Read {
            path: "sharedPrivateLinkResources[].properties.status",
            source: SOURCE,
            absent: "not documented: the status is unknown",
        },
        Read {
            path: "sharedPrivateLinkResources[].properties.provisioningState",
            source: SOURCE,
            absent: "not documented: the status alone is judged",
        },
        Read {
            path: "sharedPrivateLinkResources[].properties.privateLinkResourceId",
            source: SOURCE,
            absent: "not documented: the target is unknown",
        },
    ],
    settings: &[&KNOWN_SUBSCRIPTIONS],
    remedy: Remedy {
        summary: "Approve the connection on the resource that the link leads to, or delete the link where nobody needs it.",
        az: Some("az network private-endpoint-connection approve --id CONNECTION_ID_ON_THE_TARGET"),
        bicep: Some(
            "resource connection 'Microsoft.Storage/storageAccounts/privateEndpointConnections@2025-01-01' = {\n  properties: {\n    privateLinkServiceConnectionState: {\n      status: 'Approved'\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"this\" {\n  type        = \"Microsoft.Storage/storageAccounts/privateEndpointConnections@2025-01-01\"\n  resource_id = \"CONNECTION_ID_ON_THE_TARGET\"\n  body = {\n    properties = {\n      privateLinkServiceConnectionState = {\n        status = \"Approved\"\n      }\n    }\n  }\n}",
        ),
        portal: Some("The target resource > Networking > Private endpoint connections > Approve"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[SEARCH_SCHEMA],
    judge: approved,
};

fn approved(asset: &AssetContext<'_>) -> Outcome {
    let known = known_subscriptions(asset);
    let words = Words {
        pass: "Every shared private link is approved.",
        fail: "There are shared private links that are not approved, failed or lead elsewhere.",
        none: "The search service has no shared private link.",
    };
    asset.related(fact::SHARED_PRIVATE_LINK_RESOURCES)?.every(words, |link| {
        let status = link.text(STATUS)?;
        let evidence = status.expected("Approved");
        if status.is_absent() {
            return Err(Unreadable::new(evidence, "Azure did not say the status of the link."));
        }
        if !status.is("Approved") {
            return Ok(Check::Bad(vec![evidence]));
        }
        let state = link.text(STATE)?;
        if !state.is_absent() && !state.is("Succeeded") {
            return Ok(Check::Bad(vec![state.expected("Succeeded")]));
        }
        let Some(known) = &known else { return Ok(Check::Good(evidence)) };
        let target = link.text(TARGET)?;
        let wanted = "in a subscription that the setting knownSubscriptions lists";
        match target.value {
            Some(id) if lies_in(id, known) => Ok(Check::Good(evidence)),
            Some(_) => Ok(Check::Bad(vec![target.expected(wanted)])),
            None => {
                let note = "Azure did not say where the link leads.";
                Err(Unreadable::new(target.expected(wanted), note))
            }
        }
    })
}

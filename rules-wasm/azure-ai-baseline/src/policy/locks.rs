//! Locks against deletion.

use postern_rules_sdk::{
    AssetContext, BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, Check, Judgement,
    MACHINE_LEARNING_WORKSPACE, Outcome, Read, Remedy, Rule, SEARCH_SERVICE, Severity, Topic,
    Words, fact, setting_evidence,
};

use crate::groundwork::azure::{ALL_ASSETS, LANDING_ZONE};
use crate::groundwork::scope::{tagged, tags};
use crate::groundwork::settings::PRODUCTION_TAGS;

const EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/resources/resource-manager/Microsoft.Authorization/stable/2020-05-01/examples/ManagementLocks_ListAtScope.json";

/// POL-17: production cannot be deleted by mistake.
pub static LOCKED: Rule = Rule {
    id: "POL-17",
    title: "Production resources are locked against deletion",
    topic: Topic::Policy,
    severity: Severity::Medium,
    severity_reason: "our own judgement: deletion needs a role that few have (AI landing zone checklist AI.122: high)",
    rationale: "Who deletes an account or a search service takes deployments, indexes and everything that calls them down with it. \
                A lock on the resource, its group or its subscription asks for a second step first.",
    asset_types: &[
        COGNITIVE_SERVICES_ACCOUNT,
        SEARCH_SERVICE,
        MACHINE_LEARNING_WORKSPACE,
        BOT_SERVICE,
    ],
    exceptions: &["Resources without a tag that the setting productionTags lists."],
    never: &[],
    reads: &[
        Read {
            path: "locks[].properties.level",
            source: "ManagementLocks_ListAtSubscriptionLevel 2020-05-01",
            absent: "not documented: required. No lock means that the resource can be deleted",
        },
        tags(ALL_ASSETS),
    ],
    settings: &[&PRODUCTION_TAGS],
    remedy: Remedy {
        summary: "Lock the resource or its group against deletion. ReadOnly would also keep callers from listing keys and from deploying models.",
        az: Some("az lock create --name no-deletion --lock-type CanNotDelete --resource $ID"),
        bicep: Some(
            "resource lock 'Microsoft.Authorization/locks@2020-05-01' = {\n  name: 'no-deletion'\n  scope: account\n  properties: {\n    level: 'CanNotDelete'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_management_lock\" \"this\" {\n  name       = \"no-deletion\"\n  scope      = \"$ID\"\n  lock_level = \"CanNotDelete\"\n}",
        ),
        portal: Some("The resource > Settings > Locks > Add > Delete"),
    },
    policies: &[],
    policy_difference: "",
    controls: &["cis-azure-foundations-6.0:6.2"],
    references: &[EXAMPLE, LANDING_ZONE],
    judge: locked,
};

fn locked(asset: &AssetContext<'_>) -> Outcome {
    if tagged(asset, &PRODUCTION_TAGS)?.is_none() {
        let evidence =
            setting_evidence(&PRODUCTION_TAGS, "a tag of the resource, for the rule to apply");
        return Ok(Judgement::not_applicable(
            "The resource is not marked as production.",
            evidence,
        ));
    }
    asset.related(fact::LOCKS)?.some(
        Words {
            pass: "The resource is locked against deletion.",
            fail: "The resource can be deleted in one step.",
            none: "a lock on the resource, its group or its subscription",
        },
        |lock| {
            let level = lock.text("properties.level")?;
            let evidence = level.expected("CanNotDelete or ReadOnly");
            Ok(Check::of(level.is_any_of(&["CanNotDelete", "ReadOnly"]), evidence))
        },
    )
}

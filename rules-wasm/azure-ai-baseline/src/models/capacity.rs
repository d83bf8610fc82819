//! Capacity: quotas that are nearly used up, and provisioned throughput that overflows.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Evidence, Judgement, Node, Outcome, Read,
    Remedy, Rule, Setting, SettingKind, Severity, Topic, Unreadable, Words, fact, failing,
};

use super::names::{
    NO_DEPLOYMENT, NOTHING_DEPLOYED, OTHER_KINDS, RESILIENCY_LIBRARY, USAGES, USAGES_EXAMPLE,
    without_models,
};
use super::version::is_provisioned;
use crate::groundwork::azure::{ACCOUNT_KIND, DEPLOYMENTS, LANDING_ZONE};

const SPILLOVER_ABSENT: &str = "requests fail when the capacity is used up";

/// From which share of a quota on it is reported.
static QUOTA_WARNING_PERCENT: Setting = Setting {
    name: "quotaWarningPercent",
    description: "From which share of a quota on, in percent, it counts as nearly used up.",
    kind: SettingKind::Integer { default: 90, least: 1, most: 100 },
};

/// GOV-16: quotas.
pub static QUOTA: Rule = Rule {
    id: "GOV-16",
    title: "No quota of the account is nearly used up",
    topic: Topic::Models,
    severity: Severity::Low,
    severity_reason: "AI landing zone checklist AI.10: low",
    rationale: "When a quota is used up no further deployment fits, and calls are refused. \
                Quota that is handed out also bounds what a stolen key can cost, so ask for more only where it is needed.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        OTHER_KINDS,
        "Accounts for which Azure gives no quota.",
        "Quotas with a limit of zero.",
    ],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        Read {
            path: "usages[].currentValue",
            source: USAGES,
            absent: "not documented: the quota cannot be judged",
        },
        Read { path: "usages[].limit", source: USAGES, absent: "no information on the quota" },
        Read { path: "usages[].status", source: USAGES, absent: "not documented: not blocked" },
        Read {
            path: "usages[].name.value",
            source: USAGES,
            absent: "not documented: the evidence does not name the quota",
        },
    ],
    settings: &[&QUOTA_WARNING_PERCENT],
    remedy: Remedy {
        summary: "Lower the capacity of deployments that do not need it, delete unused ones, or request more quota. Quota is no property of a template.",
        az: Some(
            "az rest --method patch --url \"$ID/deployments/<deployment>?api-version=2025-06-01\" --body '{\"sku\":{\"name\":\"<type>\",\"capacity\":10}}'",
        ),
        bicep: Some(
            "resource deployment 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = {\n  sku: {\n    name: '<type>'\n    capacity: 10\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_deployment\" \"this\" {\n  sku {\n    name     = \"<type>\"\n    capacity = 10\n  }\n}",
        ),
        portal: Some("Foundry portal > Management center > Quota > Request quota"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[USAGES_EXAMPLE, LANDING_ZONE],
    judge: within_quota,
};

/// GOV-17: spillover.
pub static SPILLOVER: Rule = Rule {
    id: "GOV-17",
    title: "Provisioned deployments spill over to another deployment",
    topic: Topic::Models,
    severity: Severity::Low,
    severity_reason: "AI landing zone checklist AI.141: low (Azure Proactive Resiliency Library: high)",
    rationale: "Provisioned throughput is a fixed capacity: at 100 percent Azure refuses further calls. \
                With a spillover deployment they go to a standard deployment of the same account.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[OTHER_KINDS, NOTHING_DEPLOYED, "Deployments that are not provisioned."],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        Read {
            path: "deployments[].properties.spilloverDeploymentName",
            source: DEPLOYMENTS,
            absent: SPILLOVER_ABSENT,
        },
        Read {
            path: "deployments[].sku.name",
            source: DEPLOYMENTS,
            absent: "not documented: the schema requires it; read as not provisioned",
        },
        Read {
            path: "deployments[].name",
            source: DEPLOYMENTS,
            absent: "not documented: every deployment has one",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Make a standard deployment of the same model in the account and name it as the spillover of the provisioned one.",
        az: Some(
            "az rest --method put --url \"$ID/deployments/<deployment>?api-version=2025-06-01\" --body '{\"sku\":{\"name\":\"ProvisionedManaged\",\"capacity\":50},\"properties\":{\"model\":{\"format\":\"OpenAI\",\"name\":\"<model>\",\"version\":\"<version>\"},\"spilloverDeploymentName\":\"<standard deployment>\"}}'",
        ),
        bicep: Some(
            "resource deployment 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = {\n  properties: {\n    spilloverDeploymentName: '<standard deployment>'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"deployment\" {\n  type        = \"Microsoft.CognitiveServices/accounts/deployments@2025-06-01\"\n  resource_id = azurerm_cognitive_deployment.this.id\n  body = {\n    properties = {\n      spilloverDeploymentName = \"<standard deployment>\"\n    }\n  }\n}",
        ),
        portal: Some(
            "Foundry portal > the account > Deployments > the deployment > Edit > Traffic spillover",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[RESILIENCY_LIBRARY, LANDING_ZONE],
    judge: spills_over,
};

fn within_quota(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_models(asset)? {
        return Ok(other);
    }
    let usages = asset.related(fact::USAGES)?;
    let percent = asset.integer_setting(&QUOTA_WARNING_PERCENT);
    // An account may have hundreds of quotas: only those that are used up become evidence.
    let (mut bad, mut judged, mut unreadable) = (Vec::new(), 0_usize, None);
    for usage in usages.nodes() {
        match used_up(&usage, percent) {
            Ok(Some(evidence)) => {
                judged += usize::from(evidence.is_empty());
                bad.extend(evidence);
            }
            Ok(None) => {}
            Err(error) => unreadable = unreadable.or(Some(error)),
        }
    }
    if let Some(failed) = failing("A quota of the account is used up, or nearly so.", bad) {
        return Ok(failed);
    }
    if let Some(error) = unreadable {
        return Err(error);
    }
    usages.complete()?;
    Ok(if judged == 0 {
        let evidence = usages.expected("a quota with a limit");
        Judgement::not_applicable("Azure gives no quota for the account.", evidence)
    } else {
        let evidence = usages.expected("each below quotaWarningPercent of its limit");
        Judgement::pass("No quota of the account is nearly used up.", evidence)
    })
}

/// Evidence where a quota is used up, empty where it is not; `None` where there is no limit.
fn used_up(usage: &Node<'_>, percent: i64) -> Result<Option<Vec<Evidence>>, Unreadable> {
    let status = usage.text("status")?;
    if status.is("Blocked") {
        return Ok(Some(vec![status.expected("another status than Blocked")]));
    }
    let limit = usage.number("limit")?;
    let used = usage.number("currentValue")?;
    let (Some(most), Some(value)) = (limit.value, used.value) else {
        let unsaid = if limit.is_absent() { limit } else { used };
        return Err(Unreadable::new(
            unsaid.expected("a number"),
            "Azure does not give this number.",
        ));
    };
    if most <= 0.0 {
        return Ok(None);
    }
    #[expect(clippy::cast_precision_loss, reason = "a percentage is at most 100")]
    if value * 100.0 < most * percent as f64 {
        return Ok(Some(Vec::new()));
    }
    let evidence = used.expected(format!("below {percent} percent of the limit, which is {most}"));
    let name = usage.text("name.value")?.value.unwrap_or("a quota without a name");
    Ok(Some(vec![evidence.noting(name.to_owned())]))
}

fn spills_over(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_models(asset)? {
        return Ok(other);
    }
    let words = Words {
        pass: "Every provisioned deployment spills over to another.",
        fail: "A provisioned deployment refuses calls when its capacity is used up.",
        none: NO_DEPLOYMENT,
    };
    let deployments = asset.related(fact::DEPLOYMENTS)?;
    deployments.every(words, |deployment| {
        if !is_provisioned(deployment.text("sku.name")?.value.unwrap_or_default()) {
            return Ok(Check::Skip);
        }
        let spillover = deployment.text("properties.spilloverDeploymentName")?;
        let evidence = spillover.expected_or("another deployment of the account", SPILLOVER_ABSENT);
        let Some(target) = spillover.value.filter(|name| !name.trim().is_empty()) else {
            return Ok(Check::Bad(vec![evidence]));
        };
        for other in deployments.nodes() {
            if other.path() != deployment.path() && other.text("name")?.is(target) {
                return Ok(Check::Good(evidence));
            }
        }
        deployments.complete()?;
        Ok(Check::Bad(vec![evidence.noting("the account has no other deployment of this name")]))
    })
}

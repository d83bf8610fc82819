//! Defender for Cloud: its plans, and what it has found.

use postern_rules_sdk::{
    AssetContext, Check, Evidence, Judgement, Node, Outcome, Read, Remedy, Rule, SUBSCRIPTION,
    Severity, Topic, Unreadable, Verdict, Words, fact, failing,
};

use super::subscription::EVERY_SUBSCRIPTION;

/// How plans are read.
pub const PLANS: &str = "Resource Graph securityresources, microsoft.security/pricings";
/// Plans, as Microsoft's own example has them.
pub const PLANS_EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/security/resource-manager/Microsoft.Security/stable/2024-01-01/examples/Pricings/ListPricings_example.json";
const ALERT_LIST: &str = "Resource Graph securityresources, microsoft.security/locations/alerts";
const ALERTS_EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/security/resource-manager/Microsoft.Security/stable/2022-01-01/examples/Alerts/GetAlertsSubscription_example.json";

/// What a plan is for.
pub const NAME: Read = Read {
    path: "defenderPlans[].name",
    source: PLANS,
    absent: "not documented: the entry is passed over",
};
/// Where it holds.
pub const ID: Read = Read {
    path: "defenderPlans[].id",
    source: PLANS,
    absent: "not documented: taken as a plan of the subscription, not of a single resource",
};
/// Whether it is on.
pub const TIER: Read = Read {
    path: "defenderPlans[].properties.pricingTier",
    source: PLANS,
    absent: "not documented: required. A plan that is not listed is off",
};

/// What [`is_on`] reads.
pub const PLAN_READS: [Read; 3] = [NAME, ID, TIER];

/// A plan of the subscription, by name.
///
/// Resource Graph lists all plans of a subscription, those that are off too; plans of single resources are passed over.
pub fn plan<'a>(
    subscription: &AssetContext<'a>,
    name: &str,
) -> Result<Option<Node<'a>>, Unreadable> {
    let plans = subscription.related(fact::DEFENDER_PLANS)?;
    for plan in plans.nodes() {
        if !plan.is_any_of("name", &[name])? {
            continue;
        }
        let id = plan.text("id")?.value.unwrap_or_default().to_ascii_lowercase();
        if !id.contains("/resourcegroups/") {
            return Ok(Some(plan));
        }
    }
    plans.complete()?;
    Ok(None)
}

/// Whether a plan is on, with evidence.
pub fn is_on(subscription: &AssetContext<'_>, name: &str) -> Result<(bool, Evidence), Unreadable> {
    let Some(plan) = plan(subscription, name)? else {
        let plans = subscription.related(fact::DEFENDER_PLANS)?;
        let evidence = plans.expected(format!("the plan {name} with the tier Standard"));
        return Ok((false, evidence.noting("A plan that is not listed is off.")));
    };
    let tier = plan.text("properties.pricingTier")?;
    Ok((tier.is("Standard"), tier.expected_or("Standard", "no tier")))
}

/// MON-11: posture management.
pub static POSTURE_PLAN: Rule = Rule {
    id: "MON-11",
    title: "Defender CSPM is on",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "our own judgement: Azure's policy asks for the plan without a severity",
    rationale: "The free plan gives recommendations only. \
                The paid one finds AI workloads and the paths by which an attacker reaches them.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &PLAN_READS,
    settings: &[],
    remedy: Remedy {
        summary: "Switch the plan Defender CSPM on; it is billed by resource.",
        az: Some("az security pricing create --subscription $NAME -n CloudPosture --tier Standard"),
        bicep: Some(
            "targetScope = 'subscription'\n\nresource posture 'Microsoft.Security/pricings@2024-01-01' = {\n  name: 'CloudPosture'\n  properties: {\n    pricingTier: 'Standard'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_security_center_subscription_pricing\" \"posture\" {\n  tier          = \"Standard\"\n  resource_type = \"CloudPosture\"\n}",
        ),
        portal: Some(
            "Microsoft Defender for Cloud > Management > Environment settings > The subscription > Defender CSPM",
        ),
    },
    policies: &["1f90fc71-a595-4066-8974-d4d0802e8ef0"],
    policy_difference: "",
    controls: &[
        "mcsb-v1:IR-3",
        "mcsb-v1:IR-5",
        "mcsb-v1:LT-1",
        "mcsb-v1:LT-2",
        "mcsb-v2:IR-3",
        "mcsb-v2:IR-5",
        "mcsb-v2:LT-1",
        "mcsb-v2:LT-2",
        "nist-800-53-r5:CA-7",
        "nist-800-53-r5:CM-4(2)",
        "nist-800-53-r5:CM-6(1)",
        "nist-800-53-r5:SA-4(8)",
        "cis-azure-foundations-6.0:8.1.1.1",
    ],
    references: &[PLANS_EXAMPLE],
    judge: posture_plan,
};

fn posture_plan(subscription: &AssetContext<'_>) -> Outcome {
    let (is_on, evidence) = is_on(subscription, "CloudPosture")?;
    Ok(if is_on {
        Judgement::pass("Defender CSPM is on.", evidence)
    } else {
        Judgement::fail("Defender CSPM is off.", evidence)
    })
}

/// MON-12: key vaults and the resource manager.
pub static KEY_VAULT_AND_ARM_PLANS: Rule = Rule {
    id: "MON-12",
    title: "Defender for Key Vault and for Resource Manager are on",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "our own judgement: PSRule for Azure says critical of all plans alike",
    rationale: "Customer-managed keys lie in key vaults, and keys of accounts are listed through the resource manager. \
                These plans notice unusual use of either.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &PLAN_READS,
    settings: &[],
    remedy: Remedy {
        summary: "Switch the plans Key Vault and Resource Manager on.",
        az: Some(
            "az security pricing create --subscription $NAME -n KeyVaults --tier Standard\naz security pricing create --subscription $NAME -n Arm --tier Standard",
        ),
        bicep: Some(
            "targetScope = 'subscription'\n\nresource vaults 'Microsoft.Security/pricings@2024-01-01' = {\n  name: 'KeyVaults'\n  properties: {\n    pricingTier: 'Standard'\n  }\n}\n\nresource manager 'Microsoft.Security/pricings@2024-01-01' = {\n  name: 'Arm'\n  properties: {\n    pricingTier: 'Standard'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_security_center_subscription_pricing\" \"vaults\" {\n  tier          = \"Standard\"\n  resource_type = \"KeyVaults\"\n}\n\nresource \"azurerm_security_center_subscription_pricing\" \"manager\" {\n  tier          = \"Standard\"\n  resource_type = \"Arm\"\n}",
        ),
        portal: Some(
            "Microsoft Defender for Cloud > Management > Environment settings > The subscription > Key Vault; Resource Manager",
        ),
    },
    policies: &["1f725891-01c0-420a-9059-4fa46cb770b7"],
    policy_difference: "The policy asks for a certain subplan of Key Vault too, PerTransaction unless its assignment says otherwise, which is a question of the price; the rule takes any. The policy says nothing of Resource Manager.",
    controls: &["cis-azure-foundations-6.0:8.1.8.1", "cis-azure-foundations-6.0:8.1.9.1"],
    references: &[PLANS_EXAMPLE],
    judge: key_vault_and_arm_plans,
};

fn key_vault_and_arm_plans(subscription: &AssetContext<'_>) -> Outcome {
    let vaults = is_on(subscription, "KeyVaults");
    let manager = is_on(subscription, "Arm");
    let off = [&vaults, &manager].into_iter().filter_map(|plan| match plan {
        Ok((false, evidence)) => Some(evidence.clone()),
        _ => None,
    });
    if let Some(failed) = failing("A plan of Defender for Cloud is off.", off.collect()) {
        return Ok(failed);
    }
    let ((_, vaults), (_, manager)) = (vaults?, manager?);
    Ok(Judgement::pass("Both plans of Defender for Cloud are on.", vaults).and(manager))
}

/// MON-14: no alert is open.
pub static ALERTS: Rule = Rule {
    id: "MON-14",
    title: "No security alert of high severity is open on AI resources",
    topic: Topic::Monitoring,
    severity: Severity::High,
    severity_reason: "our own judgement: the alert itself is of high severity",
    rationale: "An alert of high severity says that something is probably happening now. \
                Until somebody has looked at it, every other finding is of less weight.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[
        "Subscriptions where Defender for AI services is off and no alert is open: nobody looks, so that no alert means nothing.",
    ],
    never: &[],
    reads: &[
        Read {
            path: "securityAlerts[].properties.severity",
            source: "Resource Graph securityresources, microsoft.security/locations/alerts, which may write Severity",
            absent: "not documented: unknown, unless the alert is resolved or dismissed",
        },
        Read {
            path: "securityAlerts[].properties.status",
            source: "Resource Graph securityresources, microsoft.security/locations/alerts, which may write Status",
            absent: "not documented: taken as active",
        },
        Read {
            path: "securityAlerts[].properties.Severity",
            source: ALERT_LIST,
            absent: "not documented: looked at only where severity is absent",
        },
        Read {
            path: "securityAlerts[].properties.Status",
            source: ALERT_LIST,
            absent: "not documented: looked at only where status is absent",
        },
        NAME,
        ID,
        TIER,
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Look at the alert and follow its steps, then resolve or dismiss it.",
        az: Some(
            "az security alert update --subscription $NAME --location <region> --name <alert> --status resolve",
        ),
        bicep: None,
        terraform: None,
        portal: Some(
            "Microsoft Defender for Cloud > General > Security alerts > The alert > Take action",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ALERTS_EXAMPLE],
    judge: alerts,
};

fn alerts(subscription: &AssetContext<'_>) -> Outcome {
    let alerts = subscription.related(fact::SECURITY_ALERTS)?;
    let judgement = alerts.every(
        Words {
            pass: "No alert of high severity is open.",
            fail: "Alerts of high severity are open on AI resources.",
            none: "No alert of high severity is open.",
        },
        is_open,
    )?;
    if judgement.verdict == Verdict::Fail {
        return Ok(judgement);
    }
    let (is_on, evidence) = is_on(subscription, "AI")?;
    Ok(if is_on {
        Judgement::pass(
            "No alert of high severity is open.",
            alerts.expected("no alert of high severity that is neither resolved nor dismissed"),
        )
    } else {
        Judgement::not_applicable(
            "Defender for AI services is off, so that there are no alerts to look at.",
            evidence,
        )
    })
}

/// Resource Graph writes the properties of alerts with capitals, unlike the API.
fn is_open(alert: &Node<'_>) -> Result<Check, Unreadable> {
    let either = |lower, upper| -> Result<_, Unreadable> {
        let found = alert.text(lower)?;
        if found.is_absent() { alert.text(upper) } else { Ok(found) }
    };
    let status = either("properties.status", "properties.Status")?;
    if status.is_any_of(&["Resolved", "Dismissed"]) {
        return Ok(Check::Skip);
    }
    let severity = either("properties.severity", "properties.Severity")?;
    if severity.is_absent() {
        let evidence = severity.expected("a severity");
        return Err(Unreadable::new(evidence, "The alert does not say how severe it is."));
    }
    if !severity.is("High") {
        return Ok(Check::Skip);
    }
    Ok(Check::Bad(vec![
        status.expected_or("Resolved or Dismissed", "active: no default is documented"),
    ]))
}

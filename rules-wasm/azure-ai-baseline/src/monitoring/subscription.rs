//! What holds for a whole subscription: how long its activity log is kept, and who is told of alerts.

use postern_rules_sdk::{
    AssetContext, Check, Judgement, Node, Outcome, Read, Remedy, Rule, SUBSCRIPTION, Severity,
    Topic, Unreadable, Verdict, Words, fact, failing,
};

/// No rule on subscriptions can tell whether one has AI resources.
pub const EVERY_SUBSCRIPTION: &str = "No subscription: what one holds is not in its document, so that one without AI resources is judged too.";

const SETTINGS: &str = "SubscriptionDiagnosticSettings_List 2021-05-01-preview";
const SETTINGS_EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/monitor/resource-manager/Microsoft.Insights/preview/2021-05-01-preview/examples/listSubscriptionDiagnosticSettings.json";
const CONTACTS: &str = "SecurityContacts_List 2023-12-01-preview";
const CONTACTS_EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/security/resource-manager/Microsoft.Security/preview/2023-12-01-preview/examples/SecurityContacts/GetSecurityContactsSubscription_example.json";

const CATEGORIES: [&str; 4] = ["Administrative", "Security", "Policy", "Alert"];

/// MON-06: the activity log is kept.
pub static ACTIVITY_LOG_KEPT: Rule = Rule {
    id: "MON-06",
    title: "The activity log goes to Log Analytics",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "our own judgement: CIS Microsoft Azure Foundations 6.0 asks for it in 6.1.1.1 and 6.1.1.2 without a severity",
    rationale: "Azure keeps the activity log for 90 days. \
                Who listed a key or switched a firewall off half a year ago can be told only where the log is sent to a workspace.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &[
        Read {
            path: "diagnosticSettings[].properties.workspaceId",
            source: SETTINGS,
            absent: "the log is not sent to Log Analytics",
        },
        Read {
            path: "diagnosticSettings[].properties.logs",
            source: SETTINGS,
            absent: "nothing is sent",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Send the categories Administrative, Security, Policy and Alert to a Log Analytics workspace.",
        az: Some(
            "az monitor diagnostic-settings subscription create --subscription $NAME --name activity --location westeurope --workspace <id of the workspace> --logs '[{\"category\":\"Administrative\",\"enabled\":true},{\"category\":\"Security\",\"enabled\":true},{\"category\":\"Policy\",\"enabled\":true},{\"category\":\"Alert\",\"enabled\":true}]'",
        ),
        bicep: Some(
            "targetScope = 'subscription'\n\nresource activity 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {\n  name: 'activity'\n  properties: {\n    workspaceId: workspaceId\n    logs: [for category in ['Administrative', 'Security', 'Policy', 'Alert']: {\n      category: category\n      enabled: true\n    }]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_monitor_diagnostic_setting\" \"activity\" {\n  name                       = \"activity\"\n  target_resource_id         = \"$ID\"\n  log_analytics_workspace_id = var.workspace_id\n  enabled_log { category = \"Administrative\" }\n  enabled_log { category = \"Security\" }\n  enabled_log { category = \"Policy\" }\n  enabled_log { category = \"Alert\" }\n}",
        ),
        portal: Some("Monitor > Activity log > Export Activity Logs > Add diagnostic setting"),
    },
    policies: &[],
    policy_difference: "",
    controls: &["cis-azure-foundations-6.0:6.1.1.1", "cis-azure-foundations-6.0:6.1.1.2"],
    references: &[SETTINGS_EXAMPLE],
    judge: activity_log_kept,
};

fn activity_log_kept(subscription: &AssetContext<'_>) -> Outcome {
    let settings = subscription.related(fact::DIAGNOSTIC_SETTINGS)?;
    let mut kept = [false; CATEGORIES.len()];
    let mut unreadable = None;
    for setting in settings.nodes() {
        if let Err(error) = note_kept(&setting, &mut kept) {
            unreadable = unreadable.or(Some(error));
        }
    }
    let evidence = |expected: &'static str| settings.expected(expected);
    if kept == [true; CATEGORIES.len()] {
        let evidence = evidence("Administrative, Security, Policy and Alert, to a workspace");
        return Ok(Judgement::pass("The activity log goes to Log Analytics.", evidence));
    }
    if let Some(error) = unreadable {
        return Err(error);
    }
    settings.complete()?;
    let missing = CATEGORIES.iter().zip(kept).filter(|(_, kept)| !kept).map(|(category, _)| {
        settings.expected(format!("the category {category}, enabled, to a Log Analytics workspace"))
    });
    let failed = failing("Not all of the activity log goes to Log Analytics.", missing.collect());
    Ok(failed.unwrap_or_else(|| {
        Judgement::fail("The activity log is not kept.", evidence("a diagnostic setting"))
    }))
}

/// Notes which categories a setting sends to a workspace.
fn note_kept(setting: &Node<'_>, kept: &mut [bool; CATEGORIES.len()]) -> Result<(), Unreadable> {
    if !setting.text("properties.workspaceId")?.is_given() {
        return Ok(());
    }
    for log in setting.list("properties.logs")?.entries().nodes() {
        if !log.flag("enabled")?.is_true() {
            continue;
        }
        let is_all = log.is_any_of("categoryGroup", &["allLogs"])?;
        let category = log.text("category")?;
        for (known, kept) in CATEGORIES.iter().zip(kept.iter_mut()) {
            *kept |= is_all || category.is(known);
        }
    }
    Ok(())
}

/// MON-13: somebody is told.
pub static SECURITY_CONTACT: Rule = Rule {
    id: "MON-13",
    title: "Somebody is told of security alerts",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "our own judgement: PSRule for Azure says important",
    rationale: "Defender for Cloud raises alerts whether or not anybody looks. \
                Without an address and a severity to tell of, a stolen key is found on the bill.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[EVERY_SUBSCRIPTION],
    never: &[Verdict::NotApplicable],
    reads: &[
        Read {
            path: "securityContacts[].properties.emails",
            source: CONTACTS,
            absent: "no address",
        },
        Read {
            path: "securityContacts[].properties.isEnabled",
            source: CONTACTS,
            absent: "not documented: taken as off",
        },
        Read {
            path: "securityContacts[].properties.notificationsSources",
            source: CONTACTS,
            absent: "nobody is told of anything",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Give Defender for Cloud an address, and let it tell of alerts.",
        az: Some(
            "az rest --method put --url \"$ID/providers/Microsoft.Security/securityContacts/default?api-version=2023-12-01-preview\" --body '{\"properties\":{\"isEnabled\":true,\"emails\":\"soc@example.com\",\"notificationsByRole\":{\"state\":\"On\",\"roles\":[\"Owner\"]},\"notificationsSources\":[{\"sourceType\":\"Alert\",\"minimalSeverity\":\"Medium\"}]}}'",
        ),
        bicep: Some(
            "targetScope = 'subscription'\n\nresource contact 'Microsoft.Security/securityContacts@2023-12-01-preview' = {\n  name: 'default'\n  properties: {\n    isEnabled: true\n    emails: 'soc@example.com'\n    notificationsByRole: { state: 'On', roles: ['Owner'] }\n    notificationsSources: [{ sourceType: 'Alert', minimalSeverity: 'Medium' }]\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_resource\" \"contact\" {\n  type      = \"Microsoft.Security/securityContacts@2023-12-01-preview\"\n  name      = \"default\"\n  parent_id = \"$ID\"\n  body = {\n    properties = {\n      isEnabled            = true\n      emails               = \"soc@example.com\"\n      notificationsByRole  = { state = \"On\", roles = [\"Owner\"] }\n      notificationsSources = [{ sourceType = \"Alert\", minimalSeverity = \"Medium\" }]\n    }\n  }\n}",
        ),
        portal: Some(
            "Microsoft Defender for Cloud > Management > Environment settings > The subscription > Email notifications",
        ),
    },
    policies: &[
        "4f4f78b8-e367-4b10-a341-d9a4ad5cf1c7",
        "6e2593d9-add6-4083-9c9b-4b7d2188c899",
        "0b15565f-aa9e-48ba-8619-45960f2c314d",
    ],
    policy_difference: "Each policy asks for one thing: an address, alerts that are told of, or owners that are told of alerts of high severity. The rule asks for an enabled contact with an address that is told of alerts; whether owners are told as well is not asked, because an address is enough to reach somebody.",
    controls: &[
        "mcsb-v1:IR-2",
        "mcsb-v2:IR-2",
        "nist-800-53-r5:IR-4",
        "nist-800-53-r5:IR-5",
        "nist-800-53-r5:IR-6(2)",
        "nist-800-53-r5:SI-4(12)",
        "cis-azure-foundations-6.0:8.1.12",
        "cis-azure-foundations-6.0:8.1.13",
        "cis-azure-foundations-6.0:8.1.14",
    ],
    references: &[CONTACTS_EXAMPLE],
    judge: security_contact,
};

fn security_contact(subscription: &AssetContext<'_>) -> Outcome {
    subscription.related(fact::SECURITY_CONTACTS)?.some(
        Words {
            pass: "A security contact is told of alerts.",
            fail: "Nobody is told of security alerts.",
            none: "a security contact",
        },
        is_told,
    )
}

fn is_told(contact: &Node<'_>) -> Result<Check, Unreadable> {
    let mut bad = Vec::new();
    let emails = contact.text("properties.emails")?;
    if !emails.is_given() {
        bad.push(emails.expected_or("an address", "no address"));
    }
    let enabled = contact.flag("properties.isEnabled")?;
    if !enabled.is_true() {
        bad.push(enabled.expected_or("true", "off: no default is documented"));
    }
    let sources = contact.list("properties.notificationsSources")?;
    let mut tells_of_alerts = false;
    for source in sources.entries().nodes() {
        tells_of_alerts |= source.is_any_of("sourceType", &["Alert"])?
            && source.text("minimalSeverity")?.is_given();
    }
    if !tells_of_alerts {
        bad.push(sources.expected_or("Alert with a severity", "nobody is told of anything"));
    }
    Ok(if bad.is_empty() { Check::Good(emails.expected("an address")) } else { Check::Bad(bad) })
}

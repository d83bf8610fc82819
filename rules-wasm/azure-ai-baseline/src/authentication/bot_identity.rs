//! What a bot signs in as.

use postern_rules_sdk::{
    AssetContext, BOT_SERVICE, Judgement, Outcome, Read, Remedy, Rule, Severity, Topic, Verdict,
};

use super::sources::BOT_SCHEMA;
use crate::groundwork::azure::BOTS;

const TYPE: &str = "properties.msaAppType";
const ABSENT: &str = "not documented; bots that are older than the property are multi-tenant";

/// AUTH-15.
pub static TENANCY: Rule = Rule {
    id: "AUTH-15",
    title: "The bot's identity belongs to one tenant",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "our own judgement: it takes the bot's secret, or a user's consent in another tenant, to use it",
    rationale: "A multi-tenant bot signs in with a secret that somebody has to keep and rotate, and its application can be used in any tenant. \
                A user-assigned managed identity has no secret; a single-tenant application at least stays at home.",
    asset_types: &[BOT_SERVICE],
    exceptions: &[],
    never: &[Verdict::NotApplicable],
    reads: &[Read { path: TYPE, source: BOTS, absent: ABSENT }],
    settings: &[],
    remedy: Remedy {
        summary: "A bot keeps the application with which it was created: create it again with a user-assigned managed identity, and move its channels.",
        az: Some(
            "az bot create --name $NAME --resource-group <group> --app-type UserAssignedMSI --appid <client id> --tenant-id <tenant> --msi-resource-id <identity id>",
        ),
        bicep: Some(
            "resource bot 'Microsoft.BotService/botServices@2022-09-15' = {\n  properties: {\n    msaAppType: 'UserAssignedMSI'\n    msaAppId: identity.properties.clientId\n    msaAppTenantId: tenant().tenantId\n    msaAppMSIResourceId: identity.id\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_bot_service_azure_bot\" \"this\" {\n  microsoft_app_type      = \"UserAssignedMSI\"\n  microsoft_app_id        = azurerm_user_assigned_identity.bot.client_id\n  microsoft_app_tenant_id = azurerm_user_assigned_identity.bot.tenant_id\n  microsoft_app_msi_id    = azurerm_user_assigned_identity.bot.id\n}",
        ),
        portal: Some(
            "Create a resource > Azure Bot > Type of App > User-Assigned Managed Identity (an existing bot shows it in Settings > Configuration > Bot type)",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[BOT_SCHEMA],
    judge: tenancy,
};

fn tenancy(asset: &AssetContext<'_>) -> Outcome {
    let kind = asset.text(TYPE)?;
    let evidence = kind.expected_or("UserAssignedMSI or SingleTenant", ABSENT);
    Ok(if kind.is("UserAssignedMSI") {
        Judgement::pass("The bot signs in as a managed identity.", evidence)
    } else if kind.is("SingleTenant") {
        Judgement::pass("The bot's application belongs to one tenant.", evidence)
    } else if kind.is("MultiTenant") {
        Judgement::fail("The bot's application is multi-tenant.", evidence)
    } else {
        Judgement::fail(
            "The bot does not say that its application belongs to one tenant.",
            evidence,
        )
    })
}

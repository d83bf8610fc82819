//! The five accounts.

use serde_json::{Value, json};

use super::{CREATED, Ground, OWNER, STAMP, merged};
use crate::estate::Territory;
use crate::estate::landscape::Landscape;
use crate::estate::shape::cognitive::{
    Connection, Deployment, Filtering, NOT_PRIVATE, defender_setting, managed_network, project,
    rai_policy, usage,
};
use crate::estate::shape::model::{MODELS, Model};
use crate::estate::shape::monitor::{Destination, diagnostic_setting, metric_alert};
use crate::estate::shape::network::perimeter_configuration;
use crate::estate::shape::security::lock;
use crate::estate::shape::vault::key_version;
use crate::estate::shape::with;
use crate::random::{hash, uuid};

const TYPE: &str = "Microsoft.CognitiveServices/accounts";
const PROJECT_TYPE: &str = "Microsoft.CognitiveServices/accounts/projects";

/// The four of `LIVE`.
pub(super) fn live(territory: &mut Territory, ground: &Ground) {
    claims(territory, ground);
    legacy(territory, ground);
    agents(territory, ground);
    forms(territory, ground);
}

/// The one of `LAB`.
pub(super) fn lab(territory: &mut Territory, ground: &Ground) {
    let acls = json!({"networkAcls": {"defaultAction": "Allow", "virtualNetworkRules": [], "ipRules": []}});
    let account = account(ground, "oai-sandbox", "AIServices", acls);
    let id = ground.id(TYPE, "oai-sandbox");
    deploy(
        territory,
        &id,
        &[
            ("gpt-4", "0613", "Microsoft.DefaultV2", "NoAutoUpgrade"),
            ("Phi-4", "7", "Microsoft.DefaultV2", "NoAutoUpgrade"),
        ],
    );
    filter(territory, &id, None);
    territory
        .append(&format!("{id}/defenderForAISettings"), [defender_setting(&id, "Disabled", STAMP)]);
    territory.add(account);
}

/// Closed.
fn claims(territory: &mut Territory, ground: &Ground) {
    let name = "oai-claims";
    let id = ground.id(TYPE, name);
    let connection = endpoint(territory, ground, &id, "Approved", true);
    let properties = json!({
        "publicNetworkAccess": "Disabled",
        "networkAcls": {"defaultAction": "Deny", "virtualNetworkRules": [], "ipRules": []},
        "disableLocalAuth": true,
        "storedCompletionsDisabled": true,
        "restrictOutboundNetworkAccess": true,
        "allowedFqdnList": ["contoso.example"],
        "privateEndpointConnections": [connection],
        "encryption": {
            "keySource": "Microsoft.KeyVault",
            "keyVaultProperties": {
                "keyName": "cmk-claims",
                "keyVersion": key_version(&ground.id("Microsoft.KeyVault/vaults", "kv-live-cmk"), "cmk-claims"),
                "keyVaultUri": "https://kv-live-cmk.vault.azure.net"
            }
        }
    });
    let account = account(ground, name, "OpenAI", properties);
    territory.add(with(account, "identity", ground.identity(name)));
    deploy(
        territory,
        &id,
        &[
            ("gpt-4o", "2024-11-20", "claims-strict", "OnceNewDefaultVersionAvailable"),
            ("text-embedding-3-large", "1", "Microsoft.DefaultV2", "OnceCurrentVersionExpired"),
        ],
    );
    filter(territory, &id, Some(("claims-strict", Filtering::Strict)));
    territory
        .append(&format!("{id}/defenderForAISettings"), [defender_setting(&id, "Enabled", STAMP)]);
    territory.append(
        &format!("{id}/networkSecurityPerimeterConfigurations"),
        [perimeter_configuration(&id, TYPE, &ground.landscape.perimeter(), "Enforced")],
    );
    log(territory, &id, Destination::Workspace(Landscape::logs()));
    territory
        .append(&ground.list("Microsoft.Authorization/locks"), [lock(&id, "keep", "CanNotDelete")]);
    let alert = ground.id("Microsoft.Insights/metricAlerts", "alert-claims-blocked");
    let group = ground.landscape.action_group();
    territory.add(metric_alert(&alert, (&id, TYPE), ("RAIRejectedRequests", &[]), &group, true));
}

/// Open.
fn legacy(territory: &mut Territory, ground: &Ground) {
    let name = "oai-legacy";
    let id = ground.id(TYPE, name);
    let connection = endpoint(territory, ground, &id, "Approved", false);
    let properties = json!({"privateEndpointConnections": [connection]});
    territory.add(account(ground, name, "OpenAI", properties));
    deploy(
        territory,
        &id,
        &[
            ("gpt-35-turbo", "0613", "anything-goes", "NoAutoUpgrade"),
            ("gpt-4o-mini", "2024-07-18", "Microsoft.DefaultV2", "OnceCurrentVersionExpired"),
        ],
    );
    filter(territory, &id, Some(("anything-goes", Filtering::Weak)));
    territory
        .append(&format!("{id}/defenderForAISettings"), [defender_setting(&id, "Disabled", STAMP)]);
}

/// A Foundry account.
fn agents(territory: &mut Territory, ground: &Ground) {
    let name = "foundry-agents";
    let id = ground.id(TYPE, name);
    let properties = json!({
        "networkAcls": {
            "defaultAction": "Deny",
            "virtualNetworkRules": [{
                "id": ground.landscape.subnet("agents"), "ignoreMissingVnetServiceEndpoint": false
            }],
            "ipRules": []
        },
        "disableLocalAuth": true,
        "storedCompletionsDisabled": false,
        "allowProjectManagement": true,
        "defaultProject": "handbook",
        "associatedProjects": ["handbook", "sandbox"],
        "networkInjections": [{
            "scenario": "agent",
            "subnetArmId": ground.landscape.subnet("agents"),
            "useMicrosoftManagedNetwork": false
        }]
    });
    let account = account(ground, name, "AIServices", properties);
    territory.add(with(account, "identity", ground.identity(name)));
    deploy(
        territory,
        &id,
        &[
            ("gpt-4.1", "2025-04-14", "Microsoft.DefaultV2", "OnceNewDefaultVersionAvailable"),
            ("DeepSeek-R1", "1", "Microsoft.DefaultV2", "NoAutoUpgrade"),
        ],
    );
    filter(territory, &id, None);
    projects(territory, ground, &id);
    territory.objects.insert(
        format!("{id}/managedNetworks/default").to_ascii_lowercase(),
        managed_network(&id, "AllowOnlyApprovedOutbound"),
    );
    territory.append(
        &format!("{id}/networkSecurityPerimeterConfigurations"),
        [perimeter_configuration(&id, TYPE, &ground.landscape.perimeter(), "Learning")],
    );
    territory
        .append(&format!("{id}/defenderForAISettings"), [defender_setting(&id, "Enabled", STAMP)]);
    log(territory, &id, Destination::Workspace(Landscape::logs()));
}

/// The Foundry account's projects, its connections and theirs.
fn projects(territory: &mut Territory, ground: &Ground, id: &str) {
    let stamp = STAMP;
    let region = &ground.landscape.region;
    territory.append(
        &format!("{id}/projects"),
        [
            project(id, "handbook", region, true, stamp),
            project(id, "sandbox", region, false, stamp),
        ],
    );
    // The end point of the Search service waits for its approval.
    let search = Connection {
        privacy: Some(("Required", "Inactive")),
        ..connection("handbook-index", "CognitiveSearch", "AAD", None)
    };
    let web = connection("web-search", "GroundingWithBingSearch", "ApiKey", None);
    territory.append(
        &format!("{id}/connections"),
        [search.body(id, TYPE, stamp), web.body(id, TYPE, stamp)],
    );
    let expired = ground.after(-10);
    let partner = connection("partner-feed", "ApiKey", "ApiKey", Some(&expired));
    let telemetry = Connection {
        privacy: Some(("Required", "Active")),
        ..connection("telemetry", "AppInsights", "AAD", None)
    };
    let parent = format!("{id}/projects/handbook");
    territory.append(
        &format!("{parent}/connections"),
        [partner.body(&parent, PROJECT_TYPE, stamp), telemetry.body(&parent, PROJECT_TYPE, stamp)],
    );
}

fn forms(territory: &mut Territory, ground: &Ground) {
    let name = "forms-invoices";
    let id = ground.id(TYPE, name);
    let properties = json!({
        "networkAcls": {
            "bypass": "AzureServices",
            "defaultAction": "Deny",
            "virtualNetworkRules": [],
            "ipRules": [{"value": "198.51.100.0/28"}]
        },
        "disableLocalAuth": false,
        "restrictOutboundNetworkAccess": true,
        "allowedFqdnList": ["stinvoices.blob.core.windows.net"]
    });
    let account = account(ground, name, "FormRecognizer", properties);
    territory.add(with(account, "identity", ground.identity(name)));
    territory
        .append(&format!("{id}/usages"), [usage("FormRecognizer.Transactions", 1_204, 500_000)]);
    let archive = ground.id("Microsoft.Storage/storageAccounts", "starchive");
    log(territory, &id, Destination::Storage(&archive));
}

/// An account as Azure makes it, with these properties over it.
fn account(ground: &Ground, name: &str, kind: &str, properties: Value) -> Value {
    let host = format!("https://{name}.cognitiveservices.azure.com/");
    let made = json!({
        "endpoint": host,
        "provisioningState": "Succeeded",
        "internalId": format!("{:032x}", hash(0, &[name, "internal"])),
        "dateCreated": CREATED,
        "callRateLimit": {"rules": [{
            "key": "default", "renewalPeriod": 1, "count": 10,
            "matchPatterns": [{"path": "*", "method": "*"}]
        }]},
        "isMigrated": false,
        "customSubDomainName": name,
        "privateEndpointConnections": [],
        "publicNetworkAccess": "Enabled",
        "capabilities": [{"name": "VirtualNetworks"}, {"name": "CustomerManagedKey"}],
        "endpoints": {kind: host}
    });
    let body = json!({
        "id": ground.id(TYPE, name),
        "name": name,
        "type": TYPE,
        "etag": format!("\"{}\"", uuid(0, &[name, "etag"])),
        "location": ground.landscape.region,
        "sku": {"name": "S0"},
        "kind": kind,
        "tags": {"owner": OWNER, "environment": "live"},
        "systemData": STAMP.system_data()
    });
    with(body, "properties", merged(made, properties))
}

/// A private endpoint with its side of the connection, and its DNS zones where it has them.
fn endpoint(
    territory: &mut Territory,
    ground: &Ground,
    target: &str,
    status: &str,
    has_dns: bool,
) -> Value {
    let endpoint = (target, TYPE, "account");
    super::other::private_endpoint(territory, ground, endpoint, (status, has_dns))
}

/// Deployments of (model, version, filter, upgrade option).
fn deploy(territory: &mut Territory, id: &str, wanted: &[(&str, &str, &str, &str)]) {
    let found = |name: &str, version: &str| -> Option<&'static Model> {
        MODELS.iter().find(|model| model.name == name && model.version == version)
    };
    for (name, version, rai_policy, upgrade) in wanted {
        let Some(model) = found(name, version) else { continue };
        let deployment = Deployment {
            name: &name.to_ascii_lowercase(),
            model,
            sku: "GlobalStandard",
            capacity: 50,
            rai_policy,
            upgrade,
        };
        let etag = uuid(0, &[id, name, "etag"]);
        let quota = format!("{}.GlobalStandard.{name}", model.format);
        territory.append(&format!("{id}/deployments"), [deployment.body(id, &etag, STAMP)]);
        territory.append(&format!("{id}/usages"), [usage(&quota, 50, 1000)]);
    }
}

/// Azure's own content filters, and one more.
fn filter(territory: &mut Territory, id: &str, own: Option<(&str, Filtering)>) {
    let made = ["Microsoft.Default", "Microsoft.DefaultV2"]
        .map(|name| rai_policy(id, name, Filtering::Default));
    territory.append(&format!("{id}/raiPolicies"), made);
    let own = own.map(|(name, filtering)| rai_policy(id, name, filtering));
    territory.append(&format!("{id}/raiPolicies"), own);
}

fn log(territory: &mut Territory, id: &str, destination: Destination<'_>) {
    territory.append(
        &format!("{id}/providers/Microsoft.Insights/diagnosticSettings"),
        [diagnostic_setting(id, "logs", "audit", destination)],
    );
}

fn connection<'a>(
    name: &'a str,
    category: &'a str,
    auth: &'a str,
    expires: Option<&'a str>,
) -> Connection<'a> {
    let target = "https://srch-handbook.search.windows.net/";
    Connection { name, category, auth, target, is_shared: true, expires, privacy: NOT_PRIVATE }
}

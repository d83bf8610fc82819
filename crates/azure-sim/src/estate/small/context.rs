//! What belongs to the subscriptions: zones, rights, policies, plans, budgets, costs and the activity log.

use serde_json::{Value, json};

use super::{CREATED, Ground, OWNER, STAMP};
use crate::estate::landscape::Landscape;
use crate::estate::shape::authorization::{
    self, COGNITIVE_CONTRIBUTOR, CONTRIBUTOR, OPENAI_USER, custom_role, custom_role_id,
};
use crate::estate::shape::money::Budget;
use crate::estate::shape::monitor::{Event, activity_alert, subscription_setting};
use crate::estate::shape::network::{link, zone, zones_of};
use crate::estate::shape::policy::{
    self, BENCHMARK, DIAGNOSTICS, LOCAL_AUTH, LOCATIONS, NETWORK, exemption,
};
use crate::estate::shape::{model, row, security};
use crate::estate::{CostRow, Territory, paths};
use crate::random::uuid;

const ACCOUNTS: &str = "Microsoft.CognitiveServices/accounts";
/// Somebody who has no role that lists keys, any more.
const STRANGER: &str = "intern.2024@partner.example";

/// Adds it all; after the assets.
pub(super) fn place(territory: &mut Territory, ground: &Ground, is_live: bool) {
    let region = &ground.landscape.region;
    territory.append(
        &ground.list(&format!("Microsoft.CognitiveServices/locations/{region}/models")),
        model::catalogue(ground.first_day, ground.day),
    );
    if is_live {
        zones(territory, ground);
        watch(territory, ground);
    }
    plans(territory, ground, is_live);
    rights(territory, ground, is_live);
    policies(territory, ground, is_live);
    events(territory, ground, is_live);
    money(territory, ground, is_live);
}

fn zones(territory: &mut Territory, ground: &Ground) {
    for name in ["account", "searchService", "amlworkspace"].into_iter().flat_map(zones_of) {
        let id = ground.landscape.zone(name);
        let is_linked = *name != "privatelink.openai.azure.com";
        territory.add(zone(&id, usize::from(is_linked)));
        let links = is_linked.then(|| link(&id, &ground.landscape.network()));
        territory.append(&format!("{id}/virtualNetworkLinks"), links);
    }
}

fn watch(territory: &mut Territory, ground: &Ground) {
    let landscape = &ground.landscape;
    let group = format!("{}/resourceGroups/{}", landscape.scope(), ground.group);
    territory.append(
        &ground.list("Microsoft.Authorization/locks"),
        [security::lock(&group, "group", "ReadOnly")],
    );
    let categories = ["Administrative", "Security", "Policy", "Alert"];
    let setting = subscription_setting(&landscape.subscription, &categories, Landscape::logs());
    territory.append(&ground.list("Microsoft.Insights/diagnosticSettings"), [setting]);
    territory.append(
        &ground.list("Microsoft.Security/securityContacts"),
        [security::contact(&landscape.subscription, "soc@contoso.example")],
    );
    let alert = ground.id("Microsoft.Insights/activityLogAlerts", "alert-keys");
    let operation = "Microsoft.CognitiveServices/accounts/regenerateKey/action";
    territory.add(activity_alert(
        &alert,
        &landscape.subscription,
        operation,
        &landscape.action_group(),
    ));
}

fn plans(territory: &mut Territory, ground: &Ground, is_live: bool) {
    for plan in ["AI", "KeyVaults", "StorageAccounts", "Arm", "CloudPosture"] {
        let since = (is_live || plan == "Arm").then_some(CREATED);
        let pricing = security::pricing(&ground.landscape.subscription, plan, since);
        tabulate(territory, ground, "securityresources", &pricing);
    }
}

fn rights(territory: &mut Territory, ground: &Ground, is_live: bool) {
    let scope = ground.landscape.scope();
    let group = format!("{scope}/resourceGroups/{}", ground.group);
    let object = |name: &str| uuid(0, &[name, "object"]);
    let mut granted = vec![(scope.clone(), authorization::OWNER.id, object(OWNER), "User")];
    let custom = "Contoso Key Reader";
    let custom_id = custom_role_id(&ground.landscape.subscription, custom);
    if is_live {
        let legacy = ground.id(ACCOUNTS, "oai-legacy");
        let claims = ground.id(ACCOUNTS, "oai-claims");
        let pipeline = object("deployment-pipeline");
        granted.push((group, CONTRIBUTOR.id, object("ai-engineers"), "Group"));
        granted.push((legacy, COGNITIVE_CONTRIBUTOR.id, pipeline, "ServicePrincipal"));
        let agents = ground.principal("foundry-agents");
        granted.push((claims, OPENAI_USER.id, agents, "ServicePrincipal"));
    } else {
        let actions = ["Microsoft.CognitiveServices/accounts/listKeys/action", "*/read"];
        let role = custom_role(&ground.landscape.subscription, custom, &actions);
        tabulate(territory, ground, "authorizationresources", &role);
        granted.push((group, custom_id.as_str(), object("interns"), "Group"));
    }
    for (scope, role, principal, kind) in granted {
        let right = authorization::assignment(&scope, role, (&principal, kind), CREATED);
        tabulate(territory, ground, "authorizationresources", &right);
    }
}

fn policies(territory: &mut Territory, ground: &Ground, is_live: bool) {
    let scope = ground.landscape.scope();
    let stamp = STAMP;
    let deny = json!({"effect": {"value": "Deny"}});
    let audit = json!({"effect": {"value": "AuditIfNotExists"}});
    let regions = json!({"listOfAllowedLocations": {"value": ["westeurope"]}});
    let assigned = if is_live {
        vec![
            policy::assignment(&LOCAL_AUTH, &scope, &deny, "Default", &[], stamp),
            policy::assignment(&NETWORK, &scope, &deny, "Default", &[], stamp),
            policy::assignment(&DIAGNOSTICS, &scope, &audit, "Default", &[], stamp),
            policy::assignment(&BENCHMARK, &scope, &json!({}), "Default", &[], stamp),
            policy::assignment(&LOCATIONS, &scope, &regions, "Default", &[], stamp),
        ]
    } else {
        let carved = [format!("{scope}/resourceGroups/rg-lab")];
        vec![policy::assignment(&LOCAL_AUTH, &scope, &deny, "DoNotEnforce", &carved, stamp)]
    };
    for one in assigned {
        tabulate(territory, ground, "policyresources", &one);
    }
    let assignment = LOCAL_AUTH.assignment_id(&scope);
    if is_live {
        let past = ground.after(-20);
        let future = ground.after(60);
        let network = NETWORK.assignment_id(&scope);
        let reason = ("Waiver", "The old claims client cannot use Entra ID yet.");
        for (account, name, assignment, expires) in [
            ("oai-legacy", "keys", &assignment, Some(past.as_str())),
            ("forms-invoices", "keys", &assignment, None),
            ("oai-legacy", "network", &network, Some(future.as_str())),
        ] {
            let id = ground.id(ACCOUNTS, account);
            let exemption = exemption(&id, name, assignment, reason, expires, stamp);
            tabulate(territory, ground, "policyresources", &exemption);
        }
    }
    let at = format!("{}T03:12:44.7261939Z", ground.day);
    let states: Vec<Value> = territory
        .resources
        .values()
        .filter(|resource| resource["type"] == ACCOUNTS)
        .map(|account| {
            let has_keys = account["properties"]["disableLocalAuth"] != true;
            let said = if has_keys { "NonCompliant" } else { "Compliant" };
            let state = policy::state(account, &LOCAL_AUTH, &assignment, said, &at);
            row(&state, &ground.landscape.tenant, &ground.landscape.subscription)
        })
        .collect();
    territory.tabulate("policyresources", states);
}

fn events(territory: &mut Territory, ground: &Ground, is_live: bool) {
    let legacy = ground.id(ACCOUNTS, "oai-legacy");
    let forms = ground.id(ACCOUNTS, "forms-invoices");
    let vault = ground.id("Microsoft.KeyVault/vaults", "kv-hub-cmk");
    let group = format!("{}/resourceGroups/{}", ground.landscape.scope(), ground.group);
    let keys = "Microsoft.CognitiveServices/accounts/listKeys/action";
    let event_by = |caller: &str,
                    (resource, resource_type): (&str, &str),
                    (operation, title): (&str, &str),
                    days: i64| {
        let day = ground.on(-days);
        let event = Event { resource, resource_type, operation, title, caller, day, minute: 615 };
        event.body(&ground.landscape.tenant)
    };
    let event = |resource: &str, resource_type: &str, what: (&str, &str), days: i64| {
        event_by(OWNER, (resource, resource_type), what, days)
    };
    let tags = ("Microsoft.Resources/tags/write", "Update tags");
    if !is_live {
        territory.events = vec![event(&group, "Microsoft.Resources/tags", tags, 2)];
        return;
    }
    territory.events = vec![
        event(&group, "Microsoft.Resources/tags", tags, 2),
        event(&legacy, ACCOUNTS, (keys, "List Keys"), 3),
        event(
            &legacy,
            ACCOUNTS,
            (
                "Microsoft.CognitiveServices/accounts/deployments/write",
                "Create or Update Deployment",
            ),
            5,
        ),
        event_by(STRANGER, (&forms, ACCOUNTS), (keys, "List Keys"), 8),
        event(
            &legacy,
            ACCOUNTS,
            ("Microsoft.CognitiveServices/accounts/regenerateKey/action", "Regenerate Key"),
            12,
        ),
        event(
            &vault,
            "Microsoft.KeyVault/vaults",
            ("Microsoft.KeyVault/vaults/write", "Update Key Vault"),
            30,
        ),
        event(&legacy, ACCOUNTS, (keys, "List Keys"), 40),
    ];
}

/// Each asset costs 12.50 EUR a day.
fn money(territory: &mut Territory, ground: &Ground, is_live: bool) {
    for id in territory.resources.keys() {
        let service = match paths::type_of(id).as_str() {
            "microsoft.cognitiveservices/accounts" => "Cognitive Services",
            "microsoft.search/searchservices" => "Azure Cognitive Search",
            "microsoft.machinelearningservices/workspaces" => "Azure Machine Learning",
            "microsoft.botservice/botservices" => "Azure Bot Service",
            _ => continue,
        };
        for day in 1..=ground.day.day() {
            let Ok(date) = ground.day.replace_day(day) else { continue };
            territory.costs.push(CostRow::of(date, service, id, 12.5));
        }
    }
    let spent: f64 = territory.costs.iter().map(|row| row.cost).sum();
    let budget = Budget {
        subscription: &ground.landscape.subscription,
        name: "ai",
        amount: if is_live { 5_000.0 } else { 1.0 },
        spent,
        starts: ground.first_day.replace_day(1).unwrap_or(ground.first_day),
        emails: if is_live { &["finops@contoso.example"] } else { &[] },
    };
    territory.append(&ground.list("Microsoft.Consumption/budgets"), [budget.body()]);
}

/// Adds a row to a table of Resource Graph, of which ARM's list is made too.
fn tabulate(territory: &mut Territory, ground: &Ground, table: &'static str, arm: &Value) {
    let row = row(arm, &ground.landscape.tenant, &ground.landscape.subscription);
    territory.tabulate(table, [row]);
}

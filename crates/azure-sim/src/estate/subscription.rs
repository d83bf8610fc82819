//! What belongs to a subscription rather than to one of its assets.

mod activity;
mod compliance;
mod spending;

use serde_json::{Value, json};
use time::{Date, Duration};

use super::Territory;
use super::blueprint::Blueprint;
use super::drift::{Course, Opening};
use super::landscape::{Landscape, OWN_KEY};
use super::organisation::Team;
use super::shape::authorization::{
    COGNITIVE_CONTRIBUTOR, CONTRIBUTOR, OPENAI_USER, OWNER, READER, assignment, custom_role,
    custom_role_id,
};
use super::shape::monitor::{activity_alert, health_alert, metric_alert, subscription_setting};
use super::shape::network::{link, zone, zones_of};
use super::shape::vault::{Vault, key};
use super::shape::{Stamp, midnight, model, row, security};
use crate::random::uuid;

pub(super) use activity::record;
pub(super) use compliance::judge;
pub(super) use spending::{Detail, spend};

const AUTHORIZATION: &str = "authorizationresources";

/// A subscription on one day.
pub(super) struct Context<'a> {
    pub seed: u64,
    pub landscape: &'a Landscape,
    pub name: &'a str,
    pub environment: &'a str,
    /// The team that looks after the subscription itself.
    pub team: &'a Team,
    pub first_day: Date,
    pub age: i64,
    /// How many assets it had at first, about.
    pub expected_assets: usize,
}

impl Context<'_> {
    pub(super) fn today(&self) -> Date {
        self.on(self.age)
    }

    fn on(&self, age: i64) -> Date {
        self.first_day.saturating_add(Duration::days(age))
    }

    fn is_open(&self, opening: Opening) -> bool {
        let course = Course {
            seed: self.seed,
            name: self.name,
            team: self.team,
            is_production: self.environment == "production",
            born: 0,
        };
        course.is_open(opening, self.age)
    }

    fn list(&self, path: &str) -> String {
        format!("{}/providers/{path}", self.landscape.scope())
    }

    /// Adds a row to a table of Resource Graph, of which ARM's list is made too.
    fn tabulate(&self, territory: &mut Territory, table: &'static str, arm: &Value) {
        let row = row(arm, &self.landscape.tenant, &self.landscape.subscription);
        territory.tabulate(table, [row]);
    }
}

/// Adds what the assets share, who may do what, and how the subscription is watched.
pub(super) fn place(territory: &mut Territory, context: &Context<'_>) {
    let made = midnight(context.on(-420));
    let stamp = Stamp { by: context.team.owner, at: &made };
    network(territory, context);
    vault(territory, context, stamp);
    models(territory, context);
    defender(territory, context, &made);
    watching(territory, context);
    roles(territory, context, &made);
}

fn network(territory: &mut Territory, context: &Context<'_>) {
    let landscape = context.landscape;
    for name in ["account", "searchService", "amlworkspace", "Bot"].into_iter().flat_map(zones_of) {
        let id = landscape.zone(name);
        // A zone that nobody linked resolves nothing; it is found and linked some day.
        let is_linked =
            *name != "privatelink.openai.azure.com" || !context.is_open(Opening::NoDnsZone);
        territory.add(zone(&id, usize::from(is_linked)));
        let links = is_linked.then(|| link(&id, &landscape.network()));
        territory.append(&format!("{id}/virtualNetworkLinks"), links);
    }
}

fn vault(territory: &mut Territory, context: &Context<'_>, stamp: Stamp<'_>) {
    let landscape = context.landscape;
    let id = landscape.vault();
    let vault = Vault {
        id: &id,
        location: &landscape.region,
        has_purge_protection: !context.is_open(Opening::NoPurgeProtection),
        is_public: context.is_open(Opening::PublicDependency),
        has_rbac: false,
    };
    territory.add(vault.body(&landscape.tenant, stamp));
    let second = |age: i64| context.on(age).midnight().assume_utc().unix_timestamp();
    // Rotated thirty days before it expires, so that its end moves once a year.
    let (made, year, ahead) = (-420, 365, 30);
    let rotations = (context.age + ahead - made).div_euclid(year) + 1;
    // Without a rotation policy in the research subscription.
    let expires = (context.environment != "research").then(|| second(made + rotations * year));
    territory.objects.insert(
        format!("{id}/keys/{OWN_KEY}").to_ascii_lowercase(),
        key(&id, OWN_KEY, &landscape.region, (second(made), expires)),
    );
}

fn models(territory: &mut Territory, context: &Context<'_>) {
    let region = &context.landscape.region;
    let path = context.list(&format!("Microsoft.CognitiveServices/locations/{region}/models"));
    territory.append(&path, model::catalogue(context.first_day, context.today()));
}

fn defender(territory: &mut Territory, context: &Context<'_>, made: &str) {
    let subscription = &context.landscape.subscription;
    for plan in ["AI", "KeyVaults", "StorageAccounts", "Arm", "CloudPosture"] {
        let is_bought = plan == "Arm" || !context.is_open(Opening::NoDefender);
        let pricing = security::pricing(subscription, plan, is_bought.then_some(made));
        context.tabulate(territory, "securityresources", &pricing);
    }
    if !context.is_open(Opening::NoContact) {
        let contact = security::contact(subscription, "soc@contoso.example");
        territory.append(&context.list("Microsoft.Security/securityContacts"), [contact]);
    }
    if context.environment == "production" {
        let group = format!("{}/resourceGroups/rg-network", context.landscape.scope());
        territory.append(
            &context.list("Microsoft.Authorization/locks"),
            [security::lock(&group, "network", "ReadOnly")],
        );
    }
}

fn watching(territory: &mut Territory, context: &Context<'_>) {
    let landscape = context.landscape;
    if !context.is_open(Opening::NoActivityLog) {
        let categories = ["Administrative", "Security", "Policy", "Alert"];
        let setting = subscription_setting(&landscape.subscription, &categories, Landscape::logs());
        territory.append(&context.list("Microsoft.Insights/diagnosticSettings"), [setting]);
    }
    if !context.is_open(Opening::NoAlert) {
        let id = landscape.id("rg-monitoring", "Microsoft.Insights/activityLogAlerts", "ai-keys");
        let operation = "Microsoft.CognitiveServices/accounts/regenerateKey/action";
        let alert =
            activity_alert(&id, &landscape.subscription, operation, &landscape.action_group());
        territory.add(alert);
        let id = landscape.id("rg-monitoring", "Microsoft.Insights/activityLogAlerts", "ai-health");
        territory.add(health_alert(&id, &landscape.subscription, &landscape.action_group()));
    }
}

fn roles(territory: &mut Territory, context: &Context<'_>, made: &str) {
    let scope = context.landscape.scope();
    let custom = custom_role(
        &context.landscape.subscription,
        "Contoso AI Operator",
        &[
            "Microsoft.CognitiveServices/*/read",
            "Microsoft.CognitiveServices/accounts/listKeys/action",
        ],
    );
    let custom_id = custom_role_id(&context.landscape.subscription, "Contoso AI Operator");
    if context.environment != "production" {
        context.tabulate(territory, AUTHORIZATION, &custom);
        let operators = assignment(&scope, &custom_id, (&object("operators"), "Group"), made);
        grant(territory, context, &operators);
    }
    let standing = [
        (OWNER.id, "platform-admins", "Group"),
        (READER.id, "security-readers", "Group"),
        (CONTRIBUTOR.id, "deployment-pipeline", "ServicePrincipal"),
    ];
    for (role, principal, kind) in standing {
        grant(territory, context, &assignment(&scope, role, (&object(principal), kind), made));
    }
    // Somebody who was made an owner for a migration, and stayed one for a while.
    let from = i64::try_from(crate::random::below(context.seed, &[context.name, "migration"], 60))
        .unwrap_or(0);
    if context.is_open(Opening::PolicyNotEnforced) || (from..from + 25).contains(&context.age) {
        let helper = (object(context.team.owner), "User");
        let since = midnight(context.on(from.min(context.age)));
        grant(territory, context, &assignment(&scope, OWNER.id, (&helper.0, helper.1), &since));
    }
}

/// Adds a role assignment.
fn grant(territory: &mut Territory, context: &Context<'_>, assignment: &Value) {
    context.tabulate(territory, AUTHORIZATION, assignment);
}

/// Adds the rights on and of one asset, and its alert.
pub(super) fn place_of_asset(
    territory: &mut Territory,
    context: &Context<'_>,
    blueprint: &Blueprint<'_>,
    id: &str,
) {
    if blueprint.happens("group rights", 30) {
        let group =
            format!("{}/resourceGroups/{}", context.landscape.scope(), blueprint.resource_group);
        let role = if blueprint.is_open(Opening::StoredKey) {
            &COGNITIVE_CONTRIBUTOR
        } else {
            &OPENAI_USER
        };
        let team = object(blueprint.team.name);
        let assigned = assignment(&group, role.id, (&team, "Group"), &blueprint.created);
        grant(territory, context, &assigned);
    }
    if !blueprint.is_open(Opening::NoIdentity) && blueprint.happens("identity rights", 25) {
        let scope = if blueprint.happens("wide rights", 20) {
            context.landscape.scope()
        } else {
            id.to_owned()
        };
        let principal = blueprint.principal();
        let role = if scope == *id { OPENAI_USER.id } else { CONTRIBUTOR.id };
        grant(
            territory,
            context,
            &assignment(&scope, role, (&principal, "ServicePrincipal"), &blueprint.created),
        );
    }
    let kind = "Microsoft.CognitiveServices/accounts";
    if id.contains(kind) && !blueprint.is_open(Opening::NoAlert) {
        let wanted: [(&str, (&str, &[&str])); 4] = [
            ("blocked", ("RAIRejectedRequests", &[])),
            ("tokens", ("TokenTransaction", &[])),
            ("throttled", ("AzureOpenAIRequests", &["429"])),
            ("refused", ("AzureOpenAIRequests", &["401", "403"])),
        ];
        let count = if blueprint.is_brief { 1 } else { 1 + blueprint.below("alerts", 4) };
        let action_group = context.landscape.action_group();
        for (name, metric) in wanted.into_iter().take(usize::try_from(count).unwrap_or(1)) {
            let alert = blueprint.sibling(
                "Microsoft.Insights/metricAlerts",
                &format!("alert-{}-{name}", blueprint.name),
            );
            territory.add(metric_alert(&alert, (id, kind), metric, &action_group, true));
        }
    }
}

/// The object id of a person, group or application.
fn object(name: &str) -> String {
    uuid(0, &[name, "object"])
}

/// Parameters of a policy assignment that set its effect.
fn effect(effect: &str) -> Value {
    json!({"effect": {"value": effect}})
}

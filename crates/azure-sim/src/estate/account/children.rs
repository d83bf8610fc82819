//! What is below an account.

use crate::estate::Territory;
use crate::estate::blueprint::Blueprint;
use crate::estate::drift::Opening;
use crate::estate::shape::cognitive::{
    Connection, Deployment, Filtering, NOT_PRIVATE, defender_setting, managed_network, project,
    rai_policy, usage,
};
use crate::estate::shape::model::{MODELS, Model};
use crate::estate::shape::network::perimeter_configuration;
use crate::random::{pick, uuid};

const TYPE: &str = super::TYPE;
const OWN_FILTER: &str = "team-filter";

/// Adds what an account of this kind has.
pub(super) fn place(territory: &mut Territory, blueprint: &Blueprint<'_>, kind: &str, id: &str) {
    if kind == "OpenAI" || kind == "AIServices" {
        deployments(territory, blueprint, kind, id);
        filters(territory, blueprint, id);
        let state = if blueprint.is_open(Opening::NoDefender) { "Disabled" } else { "Enabled" };
        territory.append(
            &format!("{id}/defenderForAISettings"),
            [defender_setting(id, state, blueprint.stamp())],
        );
    } else {
        let used = blueprint.below("transactions", 30_000);
        territory.append(
            &format!("{id}/usages"),
            [usage(&format!("{kind}.Transactions"), used, 30_000)],
        );
    }
    if kind == "AIServices" {
        projects(territory, blueprint, id);
    }
    if blueprint.happens("perimeter", 20) {
        let mode = if blueprint.is_open(Opening::NoPerimeter) { "Learning" } else { "Enforced" };
        let perimeter = blueprint.landscape.perimeter();
        territory.append(
            &format!("{id}/networkSecurityPerimeterConfigurations"),
            [perimeter_configuration(id, TYPE, &perimeter, mode)],
        );
    }
}

fn deployments(territory: &mut Territory, blueprint: &Blueprint<'_>, kind: &str, id: &str) {
    let models = if kind == "OpenAI" { MODELS.get(..Model::OPENAI) } else { MODELS.get(..) };
    let mut names: Vec<String> = Vec::new();
    let further = if blueprint.is_brief { 0 } else { blueprint.below("deployments", 3) };
    for position in 0..=further {
        let key = format!("deployment {position}");
        let Some(model) = blueprint.model_today(&key, models.unwrap_or_default()) else { continue };
        let mut name = model.name.to_ascii_lowercase().replace(' ', "-");
        if names.contains(&name) {
            name = format!("{name}-{position}");
        }
        let skus = ["GlobalStandard", "Standard", "DataZoneStandard", "GlobalStandard"];
        let upgrades =
            ["OnceNewDefaultVersionAvailable", "OnceCurrentVersionExpired", "NoAutoUpgrade"];
        let deployment = Deployment {
            name: &name,
            model,
            sku: pick::<&str>(blueprint.seed, &[&blueprint.name, &key, "sku"], &skus),
            capacity: 10 + 10 * blueprint.below(&format!("{key} capacity"), 20),
            rai_policy: if has_own_filter(blueprint) { OWN_FILTER } else { "Microsoft.DefaultV2" },
            upgrade: pick::<&str>(blueprint.seed, &[&blueprint.name, &key, "upgrade"], &upgrades),
        };
        let etag = uuid(blueprint.seed, &[&blueprint.name, &key, "etag"]);
        let usage = usage(
            &format!("{}.{}.{}", model.format.replace(' ', ""), deployment.sku, model.name),
            deployment.capacity,
            1000,
        );
        let body = deployment.body(id, &etag, blueprint.stamp());
        territory.append(&format!("{id}/deployments"), [body]);
        territory.append(&format!("{id}/usages"), [usage]);
        names.push(name);
    }
}

fn has_own_filter(blueprint: &Blueprint<'_>) -> bool {
    blueprint.happens("own filter", 45)
}

fn filters(territory: &mut Territory, blueprint: &Blueprint<'_>, id: &str) {
    let has_own = has_own_filter(blueprint);
    let mut filters = Vec::new();
    if !blueprint.is_brief {
        filters.push(rai_policy(id, "Microsoft.Default", Filtering::Default));
    }
    if !blueprint.is_brief || !has_own {
        filters.push(rai_policy(id, "Microsoft.DefaultV2", Filtering::Default));
    }
    if has_own {
        let is_weak = blueprint.is_open(Opening::WeakFilter);
        let filtering = if is_weak { Filtering::Weak } else { Filtering::Strict };
        filters.push(rai_policy(id, OWN_FILTER, filtering));
    }
    territory.append(&format!("{id}/raiPolicies"), filters);
}

fn projects(territory: &mut Territory, blueprint: &Blueprint<'_>, id: &str) {
    let auth = if blueprint.is_open(Opening::StoredKey) { "ApiKey" } else { "AAD" };
    let search = Connection {
        name: "knowledge",
        category: "CognitiveSearch",
        auth,
        target: "https://handbook-search.search.windows.net/",
        is_shared: true,
        expires: None,
        privacy: blueprint.privacy(),
    };
    territory.append(&format!("{id}/connections"), [search.body(id, TYPE, blueprint.stamp())]);
    // Projects start over the first months of the account.
    let begun = usize::from(
        !blueprint.is_brief
            && blueprint.age > i64::try_from(blueprint.below("second", 120)).unwrap_or(0),
    );
    for (position, name) in blueprint.team.workloads.iter().take(1 + begun).enumerate() {
        let body = project(id, name, &blueprint.landscape.region, position == 0, blueprint.stamp());
        territory.append(&format!("{id}/projects"), [body]);
        let expires = blueprint.on_day(20 + i64::try_from(blueprint.below(name, 300)).unwrap_or(0));
        let feed = Connection {
            name: "partner-feed",
            category: "ApiKey",
            auth: "ApiKey",
            target: "https://feeds.partner.example/v2",
            is_shared: false,
            expires: Some(&expires),
            privacy: NOT_PRIVATE,
        };
        let parent = format!("{id}/projects/{name}");
        let entries = blueprint.happens(name, 50).then(|| {
            feed.body(&parent, "Microsoft.CognitiveServices/accounts/projects", blueprint.stamp())
        });
        territory.append(&format!("{parent}/connections"), entries);
    }
    if blueprint.happens("managed network", 40) {
        let is_open = blueprint.is_open(Opening::OpenOutbound);
        let isolation = if is_open { "AllowInternetOutbound" } else { "AllowOnlyApprovedOutbound" };
        territory.objects.insert(
            format!("{id}/managedNetworks/default").to_ascii_lowercase(),
            managed_network(id, isolation),
        );
    }
}

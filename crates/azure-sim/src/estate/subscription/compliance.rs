//! Policy assignments, exemptions, and what Azure Policy says of the assets.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{AUTHORIZATION, Context, effect};
use crate::estate::Territory;
use crate::estate::drift::Opening;
use crate::estate::shape::policy::{
    self, BENCHMARK, DIAGNOSTICS, Definition, LOCAL_AUTH, LOCATIONS, NETWORK,
};
use crate::estate::shape::{Stamp, midnight, name_of};
use crate::random::{below, happens};

/// Adds the subscription's policies and their verdicts; after all assets, of which it counts what they show.
/// Puts the activity log and the rights in order besides.
pub(in crate::estate) fn judge(territory: &mut Territory, context: &Context<'_>) {
    assignments(territory, context);
    exemptions(territory, context);
    states(territory, context);
    // The same group has the same right once, however many assets it has in a resource group.
    if let Some(rights) = territory.tables.get_mut(AUTHORIZATION) {
        let mut seen = BTreeSet::new();
        rights.retain(|row| seen.insert(row["id"].as_str().unwrap_or_default().to_owned()));
    }
    let time = |event: &Value| event["eventTimestamp"].as_str().unwrap_or_default().to_owned();
    territory.events.sort_by_cached_key(|event| std::cmp::Reverse(time(event)));
}

fn assignments(territory: &mut Territory, context: &Context<'_>) {
    let made = midnight(context.on(-300));
    let stamp = Stamp { by: context.team.owner, at: &made };
    let scope = context.landscape.scope();
    let is_slack = context.is_open(Opening::PolicyNotEnforced);
    let effect = effect(if is_slack { "Audit" } else { "Deny" });
    let enforcement =
        if is_slack && context.environment == "development" { "DoNotEnforce" } else { "Default" };
    let sandbox = format!("{scope}/resourceGroups/rg-data-science-lab");
    let carved = if context.environment == "research" { vec![sandbox] } else { Vec::new() };
    let regions = json!({"listOfAllowedLocations": {"value": ["westeurope", "northeurope", "swedencentral"]}});
    let mut all = vec![
        policy::assignment(&BENCHMARK, &scope, &json!({}), "Default", &[], stamp),
        policy::assignment(&LOCAL_AUTH, &scope, &effect, enforcement, &carved, stamp),
        policy::assignment(&LOCATIONS, &scope, &regions, "Default", &[], stamp),
    ];
    if context.environment != "research" {
        all.push(policy::assignment(&NETWORK, &scope, &effect, enforcement, &[], stamp));
    }
    if context.environment == "production" {
        let audit = json!({"effect": {"value": "AuditIfNotExists"}});
        all.push(policy::assignment(&DIAGNOSTICS, &scope, &audit, "Default", &[], stamp));
    }
    for one in all {
        context.tabulate(territory, "policyresources", &one);
    }
}

/// Some assets are exempt for a while; a few for ever.
fn exemptions(territory: &mut Territory, context: &Context<'_>) {
    let assignment = LOCAL_AUTH.assignment_id(&context.landscape.scope());
    let accounts: Vec<String> = accounts(territory)
        .filter_map(|account| account["id"].as_str().map(str::to_owned))
        .collect();
    for id in accounts {
        let name = name_of(&id);
        if !happens(context.seed, &[name, "exempt"], 12) {
            continue;
        }
        let of = |what: &str, bound: u64| {
            i64::try_from(below(context.seed, &[name, what], bound)).unwrap_or(0)
        };
        let from = of("exempt from", 90) - 30;
        if context.age < from {
            continue;
        }
        let (made, until) =
            (midnight(context.on(from)), midnight(context.on(from + 30 + of("for", 150))));
        let is_endless = happens(context.seed, &[name, "for ever"], 20);
        let category = if is_endless { "Mitigated" } else { "Waiver" };
        let stamp = Stamp { by: context.team.owner, at: &made };
        let exemption = policy::exemption(
            &id,
            &format!("keys-of-{name}"),
            &assignment,
            (category, "A supplier's client cannot use Entra ID yet."),
            (!is_endless).then_some(until.as_str()),
            stamp,
        );
        context.tabulate(territory, "policyresources", &exemption);
    }
}

fn states(territory: &mut Territory, context: &Context<'_>) {
    let scope = context.landscape.scope();
    let at = format!("{}T03:12:44.7261939Z", context.today());
    let mut rows = Vec::new();
    for account in accounts(territory) {
        let properties = &account["properties"];
        let has_keys = properties["disableLocalAuth"] != true;
        let is_public = properties["publicNetworkAccess"] != "Disabled"
            && properties["networkAcls"]["defaultAction"] != "Deny";
        let mut verdicts: Vec<(&Definition, bool)> = vec![(&LOCAL_AUTH, has_keys)];
        if context.environment != "research" {
            verdicts.push((&NETWORK, is_public));
        }
        for (definition, is_bad) in verdicts {
            let said = if is_bad { "NonCompliant" } else { "Compliant" };
            let assignment = definition.assignment_id(&scope);
            let state = policy::state(account, definition, &assignment, said, &at);
            rows.push(crate::estate::shape::row(
                &state,
                &context.landscape.tenant,
                &context.landscape.subscription,
            ));
        }
    }
    territory.tabulate("policyresources", rows);
}

fn accounts(territory: &Territory) -> impl Iterator<Item = &Value> {
    let is_account = |resource: &&Value| resource["type"] == "Microsoft.CognitiveServices/accounts";
    territory.resources.values().filter(is_account)
}

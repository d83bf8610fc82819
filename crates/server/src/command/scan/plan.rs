//! `postern scan --plan`.

use postern_service::azure::{PlannedCalls, ScanPlan};
use serde_json::json;

use super::super::table::Table;
use super::super::tenant::Choice;
use crate::azure_connection::Resolver;
use crate::cli::ScanArguments;
use crate::{Environment, output, shutdown};

pub(super) async fn run(
    arguments: &ScanArguments,
    resolver: &Resolver,
    environment: &Environment,
) -> anyhow::Result<()> {
    let shutdown = shutdown::on_signal()?;
    let choice = Choice {
        connection: arguments.connection.as_deref(),
        database: &arguments.database,
        azure: &arguments.azure,
    };
    let tenant = choice.tenant(resolver, environment).await?;
    let collector = resolver.collector(&tenant.settings)?;
    let plan = Box::pin(collector.plan(&environment.clock, &shutdown)).await?;
    if arguments.json {
        return output::print_json(&as_json(&tenant.slug, &plan));
    }
    output::print(&as_text(&tenant.slug, &plan))
}

fn as_json(slug: &str, plan: &ScanPlan) -> serde_json::Value {
    let calls: Vec<_> = plan
        .calls
        .iter()
        .map(|calls| {
            json!({
                "api": calls.api,
                "operation": calls.operation,
                "action": calls.action,
                "calls": calls.calls,
                "is_at_least": calls.is_at_least,
            })
        })
        .collect();
    json!({
        "connection": slug,
        "subscriptions": plan.subscriptions,
        "assets": plan.assets,
        "calls": calls,
        "minimum": plan.minimum(),
        "counting_calls": plan.counting_calls,
    })
}

fn as_text(slug: &str, plan: &ScanPlan) -> String {
    let assets: u64 = plan.assets.values().sum();
    let is_at_least = plan.calls.iter().any(|calls| calls.is_at_least);
    let mut calls = Table::new(["API", "Operation", "Calls"]);
    for planned in by_api(plan) {
        calls.row([planned.api.clone(), planned.operation.clone(), count(planned)]);
    }
    calls.row(["Total".to_owned(), String::new(), at_least(plan.minimum(), is_at_least)]);
    let mut types = Table::new(["Assets", "Type"]);
    for (asset_type, count) in &plan.assets {
        types.row([count.to_string(), asset_type.to_string()]);
    }
    let types =
        if plan.assets.is_empty() { String::new() } else { format!("\n{}", types.text(&[0])) };
    format!(
        "A scan of \"{slug}\" would read {assets} assets in {subscriptions} subscriptions:\n\n{calls}{types}\n\
         None of these calls was made. To count what there is, {counting} calls were made: the list of \
         subscriptions, and counts by Resource Graph.\n",
        subscriptions = plan.subscriptions,
        calls = calls.text(&[2]),
        counting = plan.counting_calls,
    )
}

/// The calls with those to one API together, the APIs in the order in which a scan comes to them.
fn by_api(plan: &ScanPlan) -> Vec<&PlannedCalls> {
    let mut apis: Vec<&str> = Vec::new();
    for calls in &plan.calls {
        if !apis.contains(&calls.api.as_str()) {
            apis.push(&calls.api);
        }
    }
    apis.into_iter()
        .flat_map(|api| plan.calls.iter().filter(move |calls| calls.api == api))
        .collect()
}

fn count(planned: &PlannedCalls) -> String {
    at_least(planned.calls, planned.is_at_least)
}

fn at_least(calls: u64, is_at_least: bool) -> String {
    if is_at_least { format!("at least {calls}") } else { calls.to_string() }
}

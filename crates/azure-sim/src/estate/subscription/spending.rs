//! What the assets cost, and the budgets that this exceeds.

use super::Context;
use crate::estate::drift::Opening;
use crate::estate::shape::money::Budget;
use crate::estate::{CostRow, Territory, paths};
use crate::random::below;

/// How finely costs are told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::estate) enum Detail {
    /// A row for each asset and day of the month so far.
    Daily,
    /// One row for each asset, with the month's sum on the day.
    Monthly,
}

/// What an asset costs in a month, about.
const EXPECTED: u64 = 13 * 30;

/// Adds the costs of the month and the budget; after all assets.
pub(in crate::estate) fn spend(territory: &mut Territory, context: &Context<'_>, detail: Detail) {
    let today = context.today();
    let mut rows = Vec::new();
    for id in territory.resources.keys() {
        let (service, scale) = match paths::type_of(id).as_str() {
            "microsoft.cognitiveservices/accounts" => ("Cognitive Services", 30),
            "microsoft.search/searchservices" => ("Azure Cognitive Search", 9),
            "microsoft.machinelearningservices/workspaces" => ("Azure Machine Learning", 24),
            "microsoft.botservice/botservices" => ("Azure Bot Service", 1),
            _ => continue,
        };
        let base = 1 + below(context.seed, &[id, "cost"], scale);
        let days = match detail {
            Detail::Daily => 1..=today.day(),
            Detail::Monthly => today.day()..=today.day(),
        };
        for day in days {
            let Ok(date) = today.replace_day(day) else { continue };
            let key = date.to_string();
            let noise = 60 + below(context.seed, &[id, &key, "cost"], 81);
            let count = if detail == Detail::Monthly { u64::from(today.day()) } else { 1 };
            rows.push(CostRow::of(date, service, id, cents(base * noise * count)));
        }
    }
    budget(territory, context, &rows);
    territory.costs = rows;
}

/// The research subscription has none.
fn budget(territory: &mut Territory, context: &Context<'_>, rows: &[CostRow]) {
    if context.environment == "research" {
        return;
    }
    let spent: f64 = rows.iter().map(|row| row.cost).sum();
    // Made for what was there at first, with some room: what grows exceeds it one month.
    let percent = 100 + below(context.seed, &[context.name, "budget"], 50);
    let assets = u64::try_from(context.expected_assets.max(1)).unwrap_or(1);
    let amount = cents(assets * EXPECTED * percent).round();
    let emails: &[&str] =
        if context.is_open(Opening::NoBudgetWarning) { &[] } else { &["finops@contoso.example"] };
    let budget = Budget {
        subscription: &context.landscape.subscription,
        name: "ai-monthly",
        amount,
        spent: (spent * 100.0).round() / 100.0,
        starts: context.first_day.replace_day(1).unwrap_or(context.first_day),
        emails,
    };
    territory.append(&context.list("Microsoft.Consumption/budgets"), [budget.body()]);
}

/// Hundredths as a number.
fn cents(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX)) / 100.0
}

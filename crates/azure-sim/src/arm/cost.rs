//! Cost Management's query.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::{Date, Month};

use super::refusal::Refusal;
use crate::estate::{CostRow, Territory};
use crate::random::uuid;

/// What is asked for.
struct Question {
    /// The first and the last day, such as 20260105.
    days: (u32, u32),
    is_daily: bool,
    /// The name of the column with the sum.
    sum: String,
    /// `ServiceName`, `ResourceId`: in the order of the columns.
    groups: Vec<String>,
}

/// The whole body of the answer.
pub(super) fn answer(
    body: &[u8],
    territory: &Territory,
    subscription: &str,
    today: Date,
) -> Result<Vec<u8>, Refusal> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|_| refuse("The request content was invalid and could not be deserialized."))?;
    let question = Question::read(&body, today)?;
    let name = uuid(u64::from(question.days.1), &["cost", subscription]);
    let mut columns = vec![json!({"name": question.sum, "type": "Number"})];
    if question.is_daily {
        columns.push(json!({"name": "UsageDate", "type": "Number"}));
    }
    columns.extend(question.groups.iter().map(|name| json!({"name": name, "type": "String"})));
    columns.push(json!({"name": "Currency", "type": "String"}));
    let answer = json!({
        "id": format!("subscriptions/{subscription}/providers/Microsoft.CostManagement/query/{name}"),
        "name": name,
        "type": "Microsoft.CostManagement/query",
        "location": null,
        "sku": null,
        "eTag": null,
        "properties": {"nextLink": null, "columns": columns, "rows": question.rows(&territory.costs)},
    });
    Ok(answer.to_string().into_bytes())
}

impl Question {
    fn read(body: &Value, today: Date) -> Result<Self, Refusal> {
        if !is_one_of(&body["type"], &["ActualCost", "AmortizedCost", "Usage"]) {
            return Err(refuse("Invalid query definition: the type is missing or unknown."));
        }
        let dataset = &body["dataset"];
        if !is_one_of(&dataset["granularity"], &["Daily", "None"]) {
            return Err(refuse("Invalid dataset granularity: Daily and None are supported."));
        }
        let aggregation = dataset["aggregation"].as_object();
        let aggregation =
            aggregation.filter(|all| all.len() == 1).and_then(|all| all.values().next());
        let sum = aggregation
            .filter(|sum| is_one_of(&sum["name"], &["Cost", "PreTaxCost", "CostUSD"]))
            .filter(|sum| is_one_of(&sum["function"], &["Sum"]))
            .and_then(|sum| sum["name"].as_str())
            .ok_or_else(|| {
                refuse("Invalid dataset aggregation: one sum of the cost is supported.")
            })?;
        let none = Vec::new();
        let grouping = dataset["grouping"].as_array().unwrap_or(&none);
        if grouping.len() > 2 {
            return Err(refuse("Invalid dataset grouping: at most two are supported."));
        }
        let groups: Option<Vec<String>> = grouping
            .iter()
            .map(|group| {
                let name = group["name"].as_str().filter(|_| group["type"] == "Dimension")?;
                ["ServiceName", "ResourceId"].contains(&name).then(|| name.to_owned())
            })
            .collect();
        Ok(Self {
            days: days(body, today)?,
            is_daily: is_one_of(&dataset["granularity"], &["Daily"]),
            sum: sum.to_owned(),
            groups: groups.ok_or_else(|| refuse("Invalid dataset grouping."))?,
        })
    }

    /// The sums of each group, as rows in the order of the columns.
    fn rows(&self, costs: &[CostRow]) -> Vec<Value> {
        let mut sums: BTreeMap<(u32, Vec<&str>, &str), f64> = BTreeMap::new();
        for cost in costs.iter().filter(|cost| (self.days.0..=self.days.1).contains(&cost.date)) {
            let groups = self.groups.iter().map(|name| match name.as_str() {
                "ServiceName" => cost.service.as_str(),
                _ => cost.resource_id.as_str(),
            });
            let date = if self.is_daily { cost.date } else { 0 };
            *sums.entry((date, groups.collect(), cost.currency)).or_default() += cost.cost;
        }
        let row = |((date, groups, currency), sum): ((u32, Vec<&str>, &str), f64)| {
            let mut row = vec![json!(sum)];
            if self.is_daily {
                row.push(json!(date));
            }
            row.extend(groups.into_iter().map(|group| json!(group)));
            row.push(json!(currency));
            Value::Array(row)
        };
        sums.into_iter().map(row).collect()
    }
}

/// The first and the last day that are asked for.
fn days(body: &Value, today: Date) -> Result<(u32, u32), Refusal> {
    let first_of = |date: Date| date.replace_day(1).unwrap_or(date);
    match body["timeframe"].as_str() {
        Some("MonthToDate" | "BillingMonthToDate") => Ok((number(first_of(today)), number(today))),
        Some("TheLastMonth" | "TheLastBillingMonth") => {
            let last = first_of(today).previous_day().unwrap_or(today);
            Ok((number(first_of(last)), number(last)))
        }
        Some("Custom") => {
            let day = |key: &str| body["timePeriod"][key].as_str().and_then(date).map(number);
            day("from").zip(day("to")).ok_or_else(|| refuse("Invalid timePeriod."))
        }
        _ => Err(refuse("Invalid query definition: the timeframe is missing or unknown.")),
    }
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.get(..10)?.split('-');
    let mut next = || parts.next()?.parse::<u16>().ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()
}

/// Such as 20260105.
fn number(date: Date) -> u32 {
    let year = u32::try_from(date.year()).unwrap_or(0);
    year * 10_000 + u32::from(u8::from(date.month())) * 100 + u32::from(date.day())
}

fn is_one_of(value: &Value, known: &[&str]) -> bool {
    value.as_str().is_some_and(|value| known.contains(&value))
}

fn refuse(message: &str) -> Refusal {
    Refusal::bad_request("BadRequest", message)
}

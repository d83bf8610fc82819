//! Azure Monitor's metrics of an account: how much it is used.

use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::parameters::Parameters;
use super::refusal::Refusal;
use crate::random::below;

/// The metrics of `Microsoft.CognitiveServices/accounts` that are simulated, with what they count up to in an hour.
/// Source: Azure Monitor's supported metrics.
const METRICS: [(&str, u64); 5] = [
    ("AzureOpenAIRequests", 900),
    ("ProcessedPromptTokens", 700_000),
    ("GeneratedTokens", 150_000),
    ("RAIRejectedRequests", 4),
    ("TotalCalls", 1_200),
];
/// The grains that are simulated; an account is used in the hours from 6 to 18 UTC.
const GRAINS: [(&str, Duration); 2] = [("PT1H", Duration::HOUR), ("P1D", Duration::DAY)];

/// The whole body: totals of each metric over the time span.
pub(super) fn answer(
    resource: &Value,
    parameters: Parameters<'_>,
    today: OffsetDateTime,
) -> Result<Vec<u8>, Refusal> {
    let kind = resource["type"].as_str().unwrap_or_default();
    let id = resource["id"].as_str().unwrap_or_default();
    let namespace = parameters.get("metricnamespace").unwrap_or_else(|| kind.to_owned());
    let interval = parameters.get("interval").unwrap_or_else(|| "PT1H".to_owned());
    let (_, grain) = GRAINS
        .into_iter()
        .find(|(name, _)| *name == interval)
        .ok_or_else(|| refuse(&format!("Detected invalid time grain input: {interval}.")))?;
    if parameters.get("aggregation").is_some_and(|asked| !asked.eq_ignore_ascii_case("total")) {
        return Err(refuse("Only the aggregation Total is simulated."));
    }
    let (from, to) = match parameters.get("timespan") {
        Some(text) => span(&text).ok_or_else(|| refuse("The timespan is invalid."))?,
        // Azure's default: the last hour.
        None => (today - Duration::HOUR, today),
    };
    let names = parameters.get("metricnames").unwrap_or_else(|| "TotalCalls".to_owned());
    let metrics: Result<Vec<Value>, Refusal> = names
        .split(',')
        .map(|name| {
            let known = METRICS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim()));
            let (name, most) = known.ok_or_else(|| {
                refuse(&format!("Failed to find metric configuration for provider, resource Type: {kind}, metric: {name}."))
            })?;
            Ok(metric(id, name, *most, (from, to, grain)))
        })
        .collect();
    let text = |at: OffsetDateTime| at.format(&Rfc3339).unwrap_or_default();
    let body = json!({
        "cost": (to - from).whole_minutes().max(0),
        "timespan": format!("{}/{}", text(from), text(to)),
        "interval": interval,
        "value": metrics?,
        "namespace": namespace,
        "resourceregion": resource["location"],
    });
    Ok(body.to_string().into_bytes())
}

fn metric(
    id: &str,
    name: &str,
    most: u64,
    (from, to, grain): (OffsetDateTime, OffsetDateTime, Duration),
) -> Value {
    let mut data = Vec::new();
    let mut at = from;
    while at < to && data.len() < 2_000 {
        let hours = grain.whole_hours();
        let total: u64 =
            (0..hours).map(|hour| used(id, name, most, at + Duration::hours(hour))).sum();
        let stamp = at.format(&Rfc3339).unwrap_or_default();
        data.push(json!({"timeStamp": stamp, "total": total}));
        at += grain;
    }
    json!({
        "id": format!("{id}/providers/Microsoft.Insights/metrics/{name}"),
        "type": "Microsoft.Insights/metrics",
        "name": {"value": name, "localizedValue": name},
        "unit": "Count",
        "timeseries": [{"metadatavalues": [], "data": data}],
        "errorCode": "Success",
    })
}

/// How much of a metric an account has in an hour.
fn used(id: &str, name: &str, most: u64, at: OffsetDateTime) -> u64 {
    if !(6..18).contains(&at.hour()) {
        return 0;
    }
    let hour = (at.unix_timestamp() / 3600).to_string();
    below(1, &[id, name, &hour], most)
}

fn span(text: &str) -> Option<(OffsetDateTime, OffsetDateTime)> {
    let (from, to) = text.split_once('/')?;
    let at = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    Some((at(from)?, at(to)?)).filter(|(from, to)| from < to)
}

fn refuse(message: &str) -> Refusal {
    Refusal::bad_request("BadRequest", message)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn days_are_the_sums_of_their_hours_and_unknown_metrics_are_refused() {
        let account = json!({"id": "/a", "type": "T", "location": "westeurope"});
        let ask = |query: &str| {
            answer(&account, Parameters(Some(query)), datetime!(2026-01-06 00:00 UTC))
                .map(|body| serde_json::from_slice::<Value>(&body).unwrap())
        };
        let span = "metricnames=TotalCalls&timespan=2026-01-05T00:00:00Z/2026-01-06T00:00:00Z";
        let totals = |body: Value| -> Vec<u64> {
            let data = body["value"][0]["timeseries"][0]["data"].as_array().unwrap();
            data.iter().map(|point| point["total"].as_u64().unwrap()).collect()
        };
        let hours = totals(ask(&format!("{span}&interval=PT1H")).ok().unwrap());
        let days = totals(ask(&format!("{span}&interval=P1D")).ok().unwrap());
        assert_eq!((hours.len(), days.len()), (24, 1));
        assert_eq!(hours.iter().sum::<u64>(), days[0]);
        assert!(days[0] > 0);
        assert!(ask("metricnames=Nonsense").is_err());
        assert!(ask("metricnames=TotalCalls&interval=PT7H").is_err());
    }
}

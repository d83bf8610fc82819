//! The activity log, which Azure shows only with a filter.

use std::borrow::Cow;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::list::Entries;
use super::parameters::Parameters;
use super::refusal::Refusal;
use crate::estate::Territory;

/// What a filter asks for.
#[derive(Debug, Default)]
pub(super) struct Filter {
    from: Option<OffsetDateTime>,
    to: Option<OffsetDateTime>,
    /// Names of fields and the values that they have.
    fields: Vec<(String, String)>,
}

pub(super) fn entries<'a>(
    territory: &'a Territory,
    parameters: Parameters<'_>,
) -> Result<Entries<'a>, Refusal> {
    let filter = Filter::read(parameters)?;
    Ok(territory.events.iter().filter(|event| filter.takes(event)).map(Cow::Borrowed).collect())
}

/// An event with only the selected fields.
pub(super) fn shape<'a>(event: &'a Value, selected: &[String]) -> Cow<'a, Value> {
    let Value::Object(all) = event else { return Cow::Borrowed(event) };
    if selected.is_empty() {
        return Cow::Borrowed(event);
    }
    let is_selected = |name: &str| selected.iter().any(|own| own.eq_ignore_ascii_case(name));
    let kept = all.iter().filter(|(name, _)| is_selected(name));
    Cow::Owned(Value::Object(kept.map(|(k, v)| (k.clone(), v.clone())).collect::<Map<_, _>>()))
}

/// The fields of `$select`.
pub(super) fn selected(parameters: Parameters<'_>) -> Vec<String> {
    let list = parameters.get("$select").unwrap_or_default();
    list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

impl Filter {
    /// `eventTimestamp ge '…' and eventTimestamp le '…' and resourceProvider eq '…'`.
    pub(super) fn read(parameters: Parameters<'_>) -> Result<Self, Refusal> {
        let Some(text) = parameters.get("$filter") else {
            return Err(refuse("The $filter is required: it must hold eventTimestamp."));
        };
        let mut filter = Self::default();
        for clause in text.split(" and ") {
            let words: Vec<&str> = clause.split_whitespace().collect();
            let [name, operator, value] = words[..] else { return Err(invalid(clause)) };
            let value = value.trim_matches('\'');
            match (name.to_ascii_lowercase().as_str(), operator) {
                ("eventtimestamp", "ge") => filter.from = Some(time(value)?),
                ("eventtimestamp", "le") => filter.to = Some(time(value)?),
                (
                    name @ ("resourceprovider" | "resourcegroupname" | "resourceuri"
                    | "correlationid"),
                    "eq",
                ) => filter.fields.push((name.to_owned(), value.to_owned())),
                _ => return Err(invalid(clause)),
            }
        }
        if filter.from.is_none() {
            return Err(refuse("The $filter must hold the start time: eventTimestamp ge '…'."));
        }
        Ok(filter)
    }

    /// Refuses what is older than Azure keeps it.
    pub(super) fn check_age(&self, today: time::Date) -> Result<(), Refusal> {
        // There is no clock here: strict, as if the day were over.
        let earliest = today.midnight().assume_utc() - time::Duration::days(89);
        if self.from.is_some_and(|from| from < earliest) {
            return Err(refuse("The start time cannot be more than 90 days in the past."));
        }
        Ok(())
    }

    fn takes(&self, event: &Value) -> bool {
        let stamp = event["eventTimestamp"].as_str();
        let Some(stamp) = stamp.and_then(|stamp| OffsetDateTime::parse(stamp, &Rfc3339).ok())
        else {
            return false;
        };
        self.from.is_none_or(|from| from <= stamp)
            && self.to.is_none_or(|to| stamp <= to)
            && self.fields.iter().all(|(name, value)| has(event, name, value))
    }
}

fn has(event: &Value, name: &str, wanted: &str) -> bool {
    let value = match name {
        "resourceprovider" => &event["resourceProviderName"]["value"],
        "resourcegroupname" => &event["resourceGroupName"],
        "resourceuri" => &event["resourceId"],
        _ => &event["correlationId"],
    };
    value.as_str().is_some_and(|value| value.eq_ignore_ascii_case(wanted))
}

fn time(text: &str) -> Result<OffsetDateTime, Refusal> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|_| invalid(text))
}

fn invalid(part: &str) -> Refusal {
    refuse(&format!("The filter clause '{part}' is not supported."))
}

fn refuse(message: &str) -> Refusal {
    Refusal::bad_request("BadRequest", message).bare()
}

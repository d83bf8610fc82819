//! `{subscription}/resources`: all its resources, in the shape that all types have in common.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::list::Entries;
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::route::type_of;
use crate::estate::Territory;
use crate::view::View;

/// What the shape keeps of a resource.
const KEYS: [&str; 11] = [
    "id",
    "name",
    "type",
    "kind",
    "location",
    "sku",
    "tags",
    "identity",
    "managedBy",
    "plan",
    "zones",
];

pub(super) fn entries<'a>(
    view: &'a View,
    territory: &'a Territory,
    parameters: Parameters<'_>,
) -> Result<Entries<'a>, Refusal> {
    let wanted = match parameters.get("$filter") {
        Some(filter) => Some(types(&filter)?),
        None => None,
    };
    let has_denials = view.is_restricted();
    let mut entries = Entries::new();
    for (id, value) in &territory.resources {
        let Some(name) = type_of(id) else { continue };
        let is_wanted = wanted.as_ref().is_none_or(|wanted| wanted.contains(&name));
        if !is_wanted || view.is_unknown_to_arm(id) {
            continue;
        }
        if has_denials && view.is_denied(id, &format!("{name}/read")) {
            continue;
        }
        entries.push(Cow::Borrowed(view.odd_body(id).unwrap_or(value)));
    }
    Ok(entries)
}

/// A resource in the common shape.
pub(super) fn shape(resource: &Value) -> Cow<'_, Value> {
    let Value::Object(all) = resource else { return Cow::Borrowed(resource) };
    let kept = KEYS.into_iter().filter_map(|key| {
        let value = all.get(key).filter(|value| !value.is_null())?;
        Some((key.to_owned(), value.clone()))
    });
    Cow::Owned(Value::Object(kept.collect::<Map<_, _>>()))
}

/// The types, in lower case, of `resourceType eq 'A' or resourceType eq 'B'`.
fn types(filter: &str) -> Result<Vec<String>, Refusal> {
    let refuse = || {
        let message = format!("Invalid $filter '{filter}' specified in the query string.");
        Refusal::bad_request("InvalidFilterInQueryString", message)
    };
    filter
        .split(" or ")
        .map(|term| {
            let mut words = term.split_whitespace();
            let (Some(name), Some("eq"), Some(value), None) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                return Err(refuse());
            };
            let value = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
            let is_type = name.eq_ignore_ascii_case("resourceType");
            value.filter(|_| is_type).map(str::to_ascii_lowercase).ok_or_else(refuse)
        })
        .collect()
}

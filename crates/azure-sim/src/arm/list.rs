//! What the lists hold.

use std::borrow::Cow;

use serde_json::Value;

use super::kind::{self, Kind};
use super::refusal::{Refusal, not_found, subscription_not_found};
use super::route::{Route, type_of};
use super::{activity_log, descendants, generic};
use crate::arm::parameters::Parameters;
use crate::estate::{Holding, Territory};
use crate::rbac::{Denial, permissions};
use crate::view::{View, subscription_id};

/// The entries of a list, borrowed where they are sent as they are held.
pub(super) type Entries<'a> = Vec<Cow<'a, Value>>;

/// All that the caller gets of a list over all its pages. `path` is in the case of the request.
pub(super) fn entries<'a>(
    view: &'a View,
    territory: Option<&'a Territory>,
    route: &Route<'_>,
    parameters: Parameters<'_>,
    path: &str,
) -> Result<Entries<'a>, Refusal> {
    let name = route.kind.name.to_ascii_lowercase();
    match name.as_str() {
        kind::SUBSCRIPTIONS => {
            let all = view.holding.subscriptions().iter();
            return Ok(all
                .filter(|value| view.may_see(&subscription_id(value)))
                .map(Cow::Borrowed)
                .collect());
        }
        kind::DESCENDANTS => return descendants::entries(view, route),
        _ => {}
    }
    let Some(territory) = territory else { return Err(subscription_not_found(route.subscription)) };
    match name.as_str() {
        kind::PERMISSIONS => {
            let denied: Vec<&str> = view
                .denials()
                .filter(|denial| denial.covers(route.scope()))
                .map(|denial| denial.action)
                .collect();
            Ok(permissions(view.role(), &denied).into_iter().map(Cow::Owned).collect())
        }
        kind::ACTIVITY_LOG => activity_log::entries(territory, parameters),
        kind::GENERIC_RESOURCES => generic::entries(view, territory, parameters),
        _ if route.is_of_subscription() => Ok(of_subscription(view, territory, route, &name)),
        _ => {
            if view.is_unknown_to_arm(route.path) {
                return Err(not_found(path));
            }
            let list = territory.lists.get(route.path).ok_or_else(|| not_found(path))?;
            Ok(list.iter().map(Cow::Borrowed).collect())
        }
    }
}

/// What a subscription has of a type: a list of its own, its resources, or rows of a table.
fn of_subscription<'a>(
    view: &'a View,
    territory: &'a Territory,
    route: &Route<'_>,
    name: &str,
) -> Entries<'a> {
    if let Some(list) = territory.lists.get(route.path) {
        return list.iter().map(Cow::Borrowed).collect();
    }
    let action = route.kind.action();
    let denials: Vec<Denial<'_>> = view.denials().filter(|denial| denial.takes(&action)).collect();
    let mut entries: Entries<'a> = territory
        .resources
        .iter()
        .filter(|(id, _)| has_type(id, name) && !view.is_unknown_to_arm(id))
        .filter(|(id, _)| !denials.iter().any(|denial| denial.covers(id)))
        .map(|(id, value)| Cow::Borrowed(view.odd_body(id).unwrap_or(value)))
        .collect();
    if kind::ASSETS.contains(&name) {
        entries.extend(view.odd_rows(name).map(Cow::Borrowed));
    }
    if let Some(table) = table_of(name) {
        let rows = territory.tables.get(table).map(Vec::as_slice).unwrap_or_default();
        let above = above(&view.holding, table, route.subscription);
        let own = rows.iter().filter(|row| has_row_type(row, name));
        entries.extend(own.map(|row| Cow::Owned(arm_shape(row, route.kind))));
        let above = above.iter().filter(|row| has_row_type(row, name));
        entries.extend(above.map(|row| Cow::Owned(arm_shape(row, route.kind))));
    }
    entries
}

/// Whether a lower-case id is of a type, without taking it apart more than needed.
fn has_type(id: &str, name: &str) -> bool {
    id.contains(name) && type_of(id).is_some_and(|own| own == name)
}

fn has_row_type(row: &Value, name: &str) -> bool {
    row["type"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name))
}

/// The table of Resource Graph that has what ARM lists.
fn table_of(name: &str) -> Option<&'static str> {
    match name.split_once('/')? {
        ("microsoft.authorization", "policyassignments" | "policyexemptions") => {
            Some("policyresources")
        }
        ("microsoft.authorization", "roleassignments" | "roledefinitions") => {
            Some("authorizationresources")
        }
        ("microsoft.security", "pricings") => Some("securityresources"),
        _ => None,
    }
}

/// What a subscription has of the tenant and of the management groups above it.
fn above(holding: &Holding, table: &str, subscription: &str) -> Vec<Value> {
    let groups = holding.management_groups();
    let own = groups
        .iter()
        .find(|group| group.subscriptions.iter().any(|id| id.eq_ignore_ascii_case(subscription)));
    let names: Vec<&str> = own
        .map(|own| crate::graph::chain(groups, own).map(|group| group.name.as_str()).collect())
        .unwrap_or_default();
    let mut rows = holding.tenant_rows(table);
    rows.retain(|row| {
        let id = row["id"].as_str().unwrap_or_default().to_ascii_lowercase();
        let rest = id.strip_prefix("/providers/microsoft.management/managementgroups/");
        rest.and_then(|rest| rest.split('/').next())
            .is_none_or(|group| names.iter().any(|name| name.eq_ignore_ascii_case(group)))
    });
    rows
}

/// A row of Resource Graph as ARM shows it: the type in Azure's case, and without the columns of the table.
fn arm_shape(row: &Value, kind: &Kind) -> Value {
    let kept = ["id", "name", "properties", "identity", "location"];
    let mut shaped: serde_json::Map<String, Value> = kept
        .into_iter()
        .filter_map(|key| {
            let value = row.get(key)?;
            let is_empty = value.is_null() || value == "";
            (!is_empty).then(|| (key.to_owned(), value.clone()))
        })
        .collect();
    shaped.insert("type".to_owned(), Value::String(kind.name.to_owned()));
    Value::Object(shaped)
}

//! Which subscriptions a query is over.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::arm::refusal::Refusal;
use crate::estate::ManagementGroup;
use crate::view::View;

/// What a query is over.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scope {
    /// Lower-case ids of subscriptions that the caller sees, sorted.
    pub subscriptions: Vec<String>,
    /// The table's rows that belong to no subscription, where they are asked for.
    pub above: Vec<Value>,
}

impl Scope {
    pub(super) fn read(body: &Value, table: &str, view: &View) -> Result<Self, Refusal> {
        let asked = names(body, "subscriptions")?;
        let groups = names(body, "managementGroups")?;
        let visible = visible(view);
        let subscriptions: Vec<String> = if asked.is_empty() && groups.is_empty() {
            visible
        } else {
            let below = groups.iter().flat_map(|group| subscriptions_below(view, group));
            let wanted: BTreeSet<String> = asked.iter().cloned().chain(below).collect();
            visible.into_iter().filter(|id| wanted.contains(id)).collect()
        };
        if subscriptions.is_empty() {
            return Err(access_denied());
        }
        let above = match filter(body)? {
            "AtScopeAndBelow" | "AtScopeExact" => Vec::new(),
            _ => rows_above(view, table, &subscriptions),
        };
        Ok(Self { subscriptions, above })
    }
}

fn visible(view: &View) -> Vec<String> {
    let mut visible = view.visible_subscriptions();
    visible.retain(|id| {
        !view.is_denied(&format!("/subscriptions/{id}"), "Microsoft.ResourceGraph/resources/read")
    });
    visible.sort_unstable();
    visible
}

fn filter(body: &Value) -> Result<&str, Refusal> {
    match &body["options"]["authorizationScopeFilter"] {
        Value::Null => Ok("AtScopeAndBelow"),
        Value::String(filter)
            if ["AtScopeAndBelow", "AtScopeAndAbove", "AtScopeAboveAndBelow", "AtScopeExact"]
                .contains(&filter.as_str()) =>
        {
            Ok(filter)
        }
        other => Err(Refusal::bad_request(
            "BadRequest",
            format!("The authorizationScopeFilter {other} is invalid."),
        )),
    }
}

/// A list of texts of the body, in lower case.
fn names(body: &Value, key: &str) -> Result<Vec<String>, Refusal> {
    let invalid = || Refusal::bad_request("BadRequest", format!("'{key}' is not a list of texts."));
    match &body[key] {
        Value::Null => Ok(Vec::new()),
        Value::Array(entries) => entries
            .iter()
            .map(|entry| entry.as_str().map(str::to_ascii_lowercase).ok_or_else(invalid))
            .collect(),
        _ => Err(invalid()),
    }
}

fn access_denied() -> Refusal {
    let message =
        "Access is denied to the requested resource. The user might not have enough permission.";
    Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", message)
        .with_details(vec![json!({"code": "AccessDenied", "message": message})])
}

/// The subscriptions of a management group and of those below it, by its lower-case name.
fn subscriptions_below(view: &View, name: &str) -> Vec<String> {
    let groups = view.holding.management_groups();
    let is_below = |group: &&ManagementGroup| {
        chain(groups, group).any(|above| above.name.eq_ignore_ascii_case(name))
    };
    let below = groups.iter().filter(is_below);
    below.flat_map(|group| group.subscriptions.iter().map(|id| id.to_ascii_lowercase())).collect()
}

/// A group and all those above it.
pub(crate) fn chain<'a>(
    groups: &'a [ManagementGroup],
    group: &'a ManagementGroup,
) -> impl Iterator<Item = &'a ManagementGroup> {
    // As many steps as there are groups, so that a loop ends.
    std::iter::successors(Some(group), move |group| {
        let parent = group.parent.as_ref()?;
        groups.iter().find(|other| other.name.eq_ignore_ascii_case(parent))
    })
    .take(groups.len())
}

/// The table's rows of the tenant and of the management groups above the subscriptions.
fn rows_above(view: &View, table: &str, subscriptions: &[String]) -> Vec<Value> {
    let groups = view.holding.management_groups();
    let mut of: BTreeMap<String, &ManagementGroup> = BTreeMap::new();
    for group in groups {
        of.extend(group.subscriptions.iter().map(|id| (id.to_ascii_lowercase(), group)));
    }
    let above: BTreeSet<String> = subscriptions
        .iter()
        .filter_map(|id| of.get(id))
        .flat_map(|group| chain(groups, group))
        .map(|group| group.name.to_ascii_lowercase())
        .collect();
    let mut rows = view.holding.tenant_rows(table);
    rows.retain(|row| group_of(row).is_none_or(|group| above.contains(&group)));
    rows
}

/// The lower-case name of the management group that a row belongs to.
fn group_of(row: &Value) -> Option<String> {
    let id = row["id"].as_str()?.to_ascii_lowercase();
    let rest = id.strip_prefix("/providers/microsoft.management/managementgroups/")?;
    rest.split('/').next().map(str::to_owned)
}

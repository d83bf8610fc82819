//! What is below a management group, at any depth.

use std::borrow::Cow;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::list::Entries;
use super::refusal::Refusal;
use super::route::Route;
use crate::estate::ManagementGroup;
use crate::graph::chain;
use crate::view::{View, subscription_id};

pub(super) fn entries<'a>(view: &'a View, route: &Route<'_>) -> Result<Entries<'a>, Refusal> {
    let name = route.scope().rsplit('/').next().unwrap_or_default();
    let groups = view.holding.management_groups();
    if !groups.iter().any(|group| group.name.eq_ignore_ascii_case(name)) {
        let message =
            format!("'/providers/Microsoft.Management/managementGroups/{name}' not found");
        return Err(Refusal::new(StatusCode::NOT_FOUND, "NotFound", message));
    }
    let is_within = |group: &&ManagementGroup| {
        chain(groups, group).any(|above| above.name.eq_ignore_ascii_case(name))
    };
    let within: Vec<&ManagementGroup> = groups.iter().filter(is_within).collect();
    let mut entries = Entries::new();
    for group in &within {
        if let Some(parent) = group.parent.as_ref()
            && !group.name.eq_ignore_ascii_case(name)
        {
            entries.push(Cow::Owned(json!({
                "id": group_id(&group.name),
                "type": "Microsoft.Management/managementGroups",
                "name": group.name,
                "properties": {
                    "displayName": group.display_name,
                    "parent": {"id": group_id(parent)}
                }
            })));
        }
    }
    for group in &within {
        for subscription in &group.subscriptions {
            if view.is_gone(&subscription.to_ascii_lowercase()) {
                continue;
            }
            entries.push(Cow::Owned(json!({
                "id": format!("/subscriptions/{subscription}"),
                "type": "Microsoft.Management/managementGroups/subscriptions",
                "name": subscription,
                "properties": {
                    "displayName": display_name(view, subscription),
                    "parent": {"id": group_id(&group.name)}
                }
            })));
        }
    }
    Ok(entries)
}

fn group_id(name: &str) -> String {
    format!("/providers/Microsoft.Management/managementGroups/{name}")
}

fn display_name(view: &View, subscription: &str) -> Value {
    let lower = subscription.to_ascii_lowercase();
    let subscriptions = view.holding.subscriptions();
    // They are sorted by id.
    let found = subscriptions.binary_search_by_key(&lower, subscription_id);
    found
        .ok()
        .and_then(|position| subscriptions.get(position))
        .map_or(Value::Null, |own| own["displayName"].clone())
}

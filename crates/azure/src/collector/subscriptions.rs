//! Which subscriptions a scan reads.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::gap::{Gap, GapKind, GapReason};
use postern_domain::snapshot::{SnapshotBuilder, Subscription};
use serde_json::Value;

use super::add_listing;
use crate::client::{ArmClient, ArmList, Failure, malformed};
use crate::failure::CollectError;
use crate::operation::{MANAGEMENT_GROUP_DESCENDANTS, SUBSCRIPTIONS};
use crate::scope::Scope;

/// The subscriptions of a tenant, by lower-case id.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Those in the connection's scope.
    pub in_scope: BTreeMap<String, Seen>,
    /// Whether every list that says which subscriptions there are was read to its end.
    pub is_complete: bool,
    /// All that the credential sees: what assets name may be in any of them.
    pub visible: Vec<String>,
}

/// A subscription as Azure lists it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub subscription: Subscription,
    pub resource: Value,
}

/// Lists the subscriptions and chooses those in scope; what could not be listed becomes gaps.
pub(crate) async fn find(
    arm: &ArmClient,
    scope: &Scope,
    snapshot: &mut SnapshotBuilder,
) -> Result<Found, CollectError> {
    arm.regain_patience();
    let mut list = arm.list(&SUBSCRIPTIONS, "/").await;
    let mut visible = BTreeMap::new();
    for entry in std::mem::take(&mut list.entries) {
        match seen(entry) {
            Some(seen) => {
                visible.insert(seen.subscription.id.clone(), seen);
            }
            None => note_malformed(&mut list),
        }
    }
    if let Some(failure) = &list.failure
        && visible.is_empty()
        && matches!(failure.0.kind, GapKind::Unreachable | GapKind::TimedOut)
    {
        // Nobody is there: that is no snapshot of a tenant.
        return Err(CollectError::Unreachable {
            host: arm.host(),
            message: failure.0.message.clone(),
        });
    }
    if visible.is_empty() && list.failure.is_none() {
        // An identity that lost its roles sees an empty tenant: that is no reason to forget what was in it.
        let message = "the credential sees no subscription";
        list.failure = Some(Failure(GapReason {
            action: Some(SUBSCRIPTIONS.action.to_owned()),
            ..GapReason::new(GapKind::Forbidden, message)
        }));
    }
    add_listing(snapshot, &SUBSCRIPTIONS, "/", None, visible.len(), list.failure.as_ref());
    let ids: Vec<String> = visible.keys().cloned().collect();
    let mut is_complete = list.failure.is_none();
    let wanted = wanted(arm, scope, snapshot, &mut is_complete).await;
    let mut in_scope = match wanted {
        None => visible,
        Some(wanted) => choose(snapshot, &visible, wanted, list.failure.is_some()),
    };
    in_scope.retain(|id, seen| scope.admits(id, &seen.subscription.name));
    Ok(Found { in_scope, is_complete, visible: ids })
}

/// The subscriptions that the scope names or whose management groups it names; `None` for all.
async fn wanted(
    arm: &ArmClient,
    scope: &Scope,
    snapshot: &mut SnapshotBuilder,
    is_complete: &mut bool,
) -> Option<BTreeSet<String>> {
    if scope.management_groups.is_empty() && scope.subscriptions.is_empty() {
        return None;
    }
    let mut wanted: BTreeSet<String> =
        scope.subscriptions.iter().map(|id| id.trim().to_ascii_lowercase()).collect();
    for group in &scope.management_groups {
        let id = format!("/providers/Microsoft.Management/managementGroups/{group}");
        let mut list = arm.list(&MANAGEMENT_GROUP_DESCENDANTS, &id).await;
        if list.entries.iter().any(|entry| entry.get("id").and_then(Value::as_str).is_none()) {
            let message = "the management group has an entry without an id".to_owned();
            list.failure.get_or_insert_with(|| malformed(message));
        }
        let found: Vec<String> = list
            .entries
            .iter()
            .filter_map(|entry| entry.get("id")?.as_str()?.strip_prefix("/subscriptions/"))
            .map(str::to_ascii_lowercase)
            .collect();
        *is_complete &= list.failure.is_none();
        add_listing(
            snapshot,
            &MANAGEMENT_GROUP_DESCENDANTS,
            &id,
            None,
            found.len(),
            list.failure.as_ref(),
        );
        wanted.extend(found);
    }
    Some(wanted)
}

/// The wanted subscriptions. One that Azure does not show is a gap,
/// and is still asked for its assets where the list of subscriptions itself could not be read.
fn choose(
    snapshot: &mut SnapshotBuilder,
    visible: &BTreeMap<String, Seen>,
    wanted: BTreeSet<String>,
    list_failed: bool,
) -> BTreeMap<String, Seen> {
    let mut chosen = BTreeMap::new();
    for id in wanted {
        match visible.get(&id) {
            Some(seen) => {
                chosen.insert(id, seen.clone());
            }
            None if list_failed => {
                let resource = serde_json::json!({"id": format!("/subscriptions/{id}")});
                let subscription = Subscription { name: id.clone(), id: id.clone() };
                chosen.insert(id, Seen { subscription, resource });
            }
            None => {
                let message =
                    "the credential does not see this subscription, which the connection names";
                snapshot.add_gap(Gap {
                    operation: SUBSCRIPTIONS.label(),
                    scope: format!("/subscriptions/{id}"),
                    asset_type: None,
                    asset: None,
                    assets: 0,
                    reason: GapReason {
                        action: Some(SUBSCRIPTIONS.action.to_owned()),
                        ..GapReason::new(GapKind::NotFound, message)
                    },
                });
            }
        }
    }
    chosen
}

fn seen(entry: Value) -> Option<Seen> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let id = text("subscriptionId")
        .or_else(|| text("id")?.strip_prefix("/subscriptions/"))
        .filter(|id| !id.is_empty() && !id.contains('/'))?
        .to_ascii_lowercase();
    let name = text("displayName").unwrap_or(&id).to_owned();
    Some(Seen { subscription: Subscription { id, name }, resource: entry })
}

fn note_malformed(list: &mut ArmList) {
    list.failure.get_or_insert_with(|| {
        malformed(format!("{} holds an entry without a usable id", SUBSCRIPTIONS.name))
    });
}

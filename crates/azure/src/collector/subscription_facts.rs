//! What ARM lists for a subscription: facts of the subscription itself, and facts of single assets in it.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::arm::AssetType;
use postern_domain::fact;
use postern_domain::gap::GapReason;
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::listed::Listed;
use super::surroundings::{Roles, scopes_of};
use super::tally::{FactsOf, Gathered};
use crate::client::ArmClient;
use crate::operation::{ACTIVITY_LOG, KEY_PROVIDERS, SUBSCRIPTION_FACTS};

/// How far back the activity log is read. Azure keeps it for 90 days and refuses a time before that,
/// which a scan that takes hours would reach.
const LOG_READ: Duration = Duration::days(89);
/// Of an event, what is of use; the whole would hold the claims of the caller's token.
const EVENT_FIELDS: &str =
    "eventTimestamp,operationName,resourceId,status,caller,eventDataId,resourceProviderName";
/// The last steps of the operations that show or change keys, in lower case.
const KEY_OPERATIONS: [&str; 16] = [
    "/listkeys/action",
    "/regeneratekey/action",
    "/listadminkeys/action",
    "/regenerateadminkey/action",
    "/listquerykeys/action",
    "/createquerykey/action",
    "/deletequerykey/delete",
    "/resynckeys/action",
    "/listsecrets/action",
    "/listchannelwithkeys/action",
    "/listwithsecrets/action",
    "/regeneratekeys/action",
    "/liststorageaccountkeys/action",
    "/listnotebookkeys/action",
    "/listnotebookaccesstoken/action",
    "/token/action",
];

/// The lists of one subscription.
#[derive(Debug)]
pub(super) struct SubscriptionLists {
    id: String,
    /// By the fact's name, as ARM listed them.
    lists: BTreeMap<&'static str, Gathered>,
    /// Uses of keys, by the type of the assets.
    events: BTreeMap<&'static str, Gathered>,
    custom_roles: Gathered,
}

impl SubscriptionLists {
    /// Asks for the lists; for the log of a provider only where the subscription has assets of it.
    pub async fn read(
        arm: ArmClient,
        id: String,
        types: BTreeSet<AssetType>,
        now: OffsetDateTime,
    ) -> Self {
        let scope = format!("/subscriptions/{id}");
        let mut lists = BTreeMap::new();
        for read in &SUBSCRIPTION_FACTS {
            lists.insert(read.fact, Gathered::from(arm.list(&read.operation, &scope).await));
        }
        let mut events = BTreeMap::new();
        for (asset_type, provider) in KEY_PROVIDERS {
            if types.iter().any(|present| present.as_str() == asset_type) {
                events.insert(asset_type, key_events(&arm, &scope, provider, now).await);
            }
        }
        Self { id, lists, events, custom_roles: Gathered::complete(Vec::new()) }
    }

    /// Keeps of the role assignments those with powers, each with its role's definition.
    ///
    /// `permitted` is whether the credential may read definitions; Resource Graph would show none without a word.
    pub fn resolve_roles(&mut self, roles: &Roles, permitted: Result<(), GapReason>) {
        let unknown = roles.failure().cloned().or(permitted.err());
        if let Some(assignments) = self.lists.get_mut(fact::ROLE_ASSIGNMENTS) {
            let entries = std::mem::take(&mut assignments.entries);
            assignments.entries =
                entries.iter().filter_map(|entry| roles.powerful(entry)).collect();
            if assignments.reason.is_none() {
                assignments.reason.clone_from(&unknown);
            }
        }
        self.custom_roles = Gathered::new(roles.custom(&self.id), unknown);
    }

    /// Adds the facts of the subscription itself.
    pub fn add_to_subscription(&self, facts: &mut FactsOf) {
        let scope = format!("/subscriptions/{}", self.id);
        for read in &SUBSCRIPTION_FACTS {
            let Some(list) = self.lists.get(read.fact) else { continue };
            let gathered = match read.fact {
                // Those of groups and resources are facts of these.
                fact::ROLE_ASSIGNMENTS => only(list, |entry| {
                    let at = role_scope(entry);
                    at == scope || !at.starts_with("/subscriptions/")
                }),
                fact::LOCKS => only(list, |lock| lock_scope(lock) == scope),
                _ => list.clone(),
            };
            facts.add(read.fact, &read.operation, gathered);
        }
        facts.add_labelled(fact::CUSTOM_ROLES, &Roles::label(), self.custom_roles.clone());
    }

    /// Adds what concerns one asset.
    pub fn add(&self, facts: &mut FactsOf, listed: &Listed) {
        let scopes: Vec<&str> = scopes_of(listed.id.as_str()).collect();
        let own = scopes.get(..scopes.len().saturating_sub(1)).unwrap_or_default();
        for read in &SUBSCRIPTION_FACTS {
            let Some(list) = self.lists.get(read.fact) else { continue };
            let gathered = match read.fact {
                fact::ROLE_ASSIGNMENTS => {
                    only(list, |entry| own.contains(&role_scope(entry).as_str()))
                }
                fact::LOCKS => only(list, |lock| scopes.contains(&lock_scope(lock).as_str())),
                _ => continue,
            };
            facts.add(read.fact, &read.operation, gathered);
        }
        if let Some(events) = self.events.get(listed.asset_type.as_str()) {
            let of_asset = only(events, |event| {
                let id = event.get("resourceId").and_then(Value::as_str).unwrap_or_default();
                let id = id.to_ascii_lowercase();
                id.strip_prefix(listed.id.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            facts.add(fact::KEY_EVENTS, &ACTIVITY_LOG, of_asset);
        }
    }
}

fn only(list: &Gathered, is_wanted: impl Fn(&Value) -> bool) -> Gathered {
    let entries = list.entries.iter().filter(|entry| is_wanted(entry)).cloned().collect();
    Gathered::new(entries, list.reason.clone())
}

/// Where a role is assigned, in lower case.
fn role_scope(entry: &Value) -> String {
    let scope = entry.pointer("/assignment/properties/scope").and_then(Value::as_str);
    scope.unwrap_or_default().trim_end_matches('/').to_ascii_lowercase()
}

/// What a lock is on, in lower case: the part of its id before the lock itself.
fn lock_scope(lock: &Value) -> String {
    let id = lock.get("id").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    id.split("/providers/microsoft.authorization/locks/").next().unwrap_or_default().to_owned()
}

/// The uses of keys of a provider's resources.
async fn key_events(arm: &ArmClient, scope: &str, provider: &str, now: OffsetDateTime) -> Gathered {
    let text =
        |at: OffsetDateTime| at.replace_nanosecond(0).ok().and_then(|at| at.format(&Rfc3339).ok());
    let (Some(from), Some(to)) = (text(now - LOG_READ), text(now)) else {
        let message = "the scan's time cannot be written as Azure wants it";
        return Gathered::failed(GapReason::new(postern_domain::gap::GapKind::Malformed, message));
    };
    let filter = format!(
        "eventTimestamp ge '{from}' and eventTimestamp le '{to}' and resourceProvider eq '{provider}'"
    );
    let query = [("$filter", filter.as_str()), ("$select", EVENT_FIELDS)];
    let list = arm.list_where(&ACTIVITY_LOG, scope, &query, uses_key).await;
    Gathered::from(list)
}

fn uses_key(event: &Value) -> bool {
    let operation = event.pointer("/operationName/value").and_then(Value::as_str);
    operation.is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        KEY_OPERATIONS.iter().any(|ending| name.ends_with(ending))
    })
}

//! The faults that hold at the moment, prepared so that a request is quickly done with them.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::Fault;
use super::strike::Armed;

/// The faults since they were last set.
#[derive(Debug, Default)]
pub(crate) struct ActiveFaults {
    /// Those that concern requests by their path.
    pub(super) armed: Vec<Armed>,
    /// The requests to ARM since then.
    requests: AtomicUsize,
    /// The tokens issued since then.
    tokens: AtomicUsize,
    all: Vec<Fault>,
    /// What the rest of the faults changes in what Azure holds.
    pub changes: Changes,
}

/// How what Azure shows differs from what it holds. All ids are in lower case.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Resources that Resource Graph does not have.
    pub unknown_to_graph: HashSet<String>,
    /// Resources that ARM does not have.
    pub unknown_to_arm: Vec<String>,
    /// Resources that go after so many requests.
    pub deletions: Vec<(String, usize)>,
    /// Ids of subscriptions, without the path, that go after so many requests.
    pub departures: Vec<(String, usize)>,
    /// Other bodies.
    pub bodies: HashMap<String, Value>,
    /// More entries of the lists of assets.
    pub rows: Vec<Value>,
    /// Scopes, and actions in their own case, that the caller lacks.
    pub denials: Vec<(String, String)>,
    /// The only actions that the caller has.
    pub role: Option<Vec<String>>,
}

impl ActiveFaults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        let mut changes = Changes::default();
        for fault in &faults {
            changes.add(fault);
        }
        let armed = faults.iter().filter_map(Armed::new).collect();
        Self { armed, changes, all: faults, ..Self::default() }
    }

    /// Counts a request to ARM; how many came before it.
    pub(crate) fn count_request(&self) -> usize {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn refuses_credentials(&self) -> bool {
        self.all.contains(&Fault::RefuseCredentials)
    }

    /// Counts a token; whether the secret has been revoked before it.
    pub(crate) fn count_token(&self) -> bool {
        let issued = self.tokens.fetch_add(1, Ordering::Relaxed);
        let allowed = self.all.iter().find_map(|fault| match fault {
            Fault::RevokedSecret { tokens } => Some(*tokens),
            _ => None,
        });
        allowed.is_some_and(|allowed| issued >= allowed)
    }

    /// How long a token lives, in seconds.
    pub(crate) fn token_lifetime(&self) -> u64 {
        let shorter = self.all.iter().find_map(|fault| match fault {
            Fault::ExpiringTokens { seconds } => Some(*seconds),
            _ => None,
        });
        // Entra ID's own: an hour less one second.
        shorter.unwrap_or(3599)
    }

    /// By how many seconds the clock is ahead.
    pub(crate) fn clock_offset(&self) -> i64 {
        let offset = self.all.iter().find_map(|fault| match fault {
            Fault::WrongClock { seconds } => Some(*seconds),
            _ => None,
        });
        offset.unwrap_or(0)
    }

    pub(crate) fn truncates_graph(&self) -> bool {
        self.all.contains(&Fault::GraphTruncated)
    }
}

impl Changes {
    fn add(&mut self, fault: &Fault) {
        match fault {
            Fault::GraphLag { ids } => self.unknown_to_graph.extend(ids.iter().map(|id| key(id))),
            Fault::GraphStale { ids } => self.unknown_to_arm.extend(ids.iter().map(|id| key(id))),
            Fault::DeletedAfter { id, requests } => self.deletions.push((key(id), *requests)),
            Fault::SubscriptionGone { id, requests } => {
                let key = key(id);
                let bare = key.strip_prefix("/subscriptions/").unwrap_or(&key).to_owned();
                self.departures.push((bare, *requests));
            }
            Fault::OddResource { id, with } => {
                self.bodies.insert(key(id), with.clone());
            }
            Fault::OddRow { row } => self.rows.push(row.clone()),
            Fault::Denied { scope, action } => {
                self.denials.push((key(scope), action.clone()));
            }
            Fault::Role { actions } => self.role = Some(actions.clone()),
            _ => {}
        }
    }
}

fn key(id: &str) -> String {
    id.trim_end_matches('/').to_ascii_lowercase()
}

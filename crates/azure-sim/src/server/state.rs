//! What the handlers share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use axum::http::header::HOST;
use time::Date;

use super::log::RequestLog;
use crate::entra::Tokens;
use crate::estate::{Estate, Holding};
use crate::fault::{ActiveFaults, Fault};
use crate::graph::Selections;
use crate::options::{EstateSource, SimOptions};
use crate::quota::QuotaKeeper;
use crate::random::uuid;
use crate::view::View;

pub(crate) type SharedState = Arc<SimState>;

/// How many entries a page has. ARM's are larger; small ones make every scan follow `nextLink`.
const PAGE: usize = 10;
/// About what ARM sends, where there is so much that small pages would only take time.
const HUGE_PAGE: usize = 500;

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct SimState {
    pub identity: Identity,
    pub log: RequestLog,
    pub tokens: Tokens,
    pub quotas: QuotaKeeper,
    pub selections: Selections,
    pub page_size: usize,
    pub base_url: String,
    estate: Estate,
    now: Mutex<(Date, Arc<Holding>)>,
    faults: Mutex<Arc<ActiveFaults>>,
}

/// Who may sign in. All of it is made from the seed; none of it opens anything but this simulation.
#[derive(Debug)]
pub(crate) struct Identity {
    pub tenant_id: String,
    pub client_id: String,
    pub client_secret: String,
}

impl SimState {
    pub(super) fn new(options: &SimOptions, estate: Estate, base_url: String) -> Self {
        let is_huge = matches!(options.estate, EstateSource::Huge { .. });
        Self {
            identity: Identity::of(options.seed),
            log: RequestLog::default(),
            tokens: Tokens::new(options.seed),
            quotas: QuotaKeeper::new(options.quotas),
            selections: Selections::default(),
            page_size: if is_huge { HUGE_PAGE } else { PAGE },
            base_url,
            now: Mutex::new((options.day, Arc::new(estate.on(options.day)))),
            estate,
            faults: Mutex::default(),
        }
    }

    /// The origin that the client knows us by: its `Host`, which is another than ours behind a host name.
    pub(crate) fn origin(&self, headers: &HeaderMap) -> String {
        match headers.get(HOST).and_then(|host| host.to_str().ok()) {
            Some(host) => format!("https://{host}"),
            None => self.base_url.clone(),
        }
    }

    /// What a request sees; it is counted.
    pub(crate) fn view(&self) -> View {
        let faults = self.faults();
        let requests = faults.count_request();
        View { holding: self.holding(), faults, requests }
    }

    /// What there is, whatever the faults hide.
    pub(crate) fn whole_view(&self) -> View {
        View { holding: self.holding(), faults: Arc::default(), requests: 0 }
    }

    /// What Azure holds today.
    pub(crate) fn holding(&self) -> Arc<Holding> {
        Arc::clone(&locked(&self.now).1)
    }

    pub(crate) fn day(&self) -> Date {
        locked(&self.now).0
    }

    pub(crate) fn set_day(&self, day: Date) {
        let holding = Arc::new(self.estate.on(day));
        *locked(&self.now) = (day, holding);
    }

    pub(crate) fn faults(&self) -> Arc<ActiveFaults> {
        Arc::clone(&locked(&self.faults))
    }

    pub(crate) fn set_faults(&self, faults: Vec<Fault>) {
        *locked(&self.faults) = Arc::new(ActiveFaults::new(faults));
    }
}

impl Identity {
    fn of(seed: u64) -> Self {
        Self {
            tenant_id: uuid(seed, &["tenant"]),
            client_id: uuid(seed, &["client"]),
            client_secret: format!("simulated-{}", uuid(seed, &["secret"])),
        }
    }
}

/// The data stay whole whoever panicked: each lock covers one assignment.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! What the faults do to one request.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{ActiveFaults, Fault};
use crate::random::{below, hash};

/// A request, as far as faults look at it.
pub(crate) struct Call<'a> {
    /// The path in lower case.
    pub path: &'a str,
    /// Tells requests apart that are not the same: a hash of the URL and the body.
    pub fingerprint: u64,
}

/// What happens instead of an answer, or to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Strike {
    /// It never comes.
    Hang,
    /// The connection is closed.
    Drop,
    /// It is a 429 with this `Retry-After`.
    Throttle(u64),
    /// It is an error.
    Status(u16),
    /// It has another body.
    Body(String),
    /// It is a very long list.
    Oversized { megabytes: u64 },
    /// Half of it comes.
    Truncate,
}

/// A fault that waits for requests.
#[derive(Debug)]
pub(super) struct Armed {
    fault: Fault,
    /// In lower case.
    path: String,
    /// How many requests it still concerns, where that is limited.
    left: Option<AtomicU32>,
    /// For `Flaky`: by fingerprint, how many requests there were and how many of the last ones failed.
    attempts: Mutex<HashMap<u64, (u32, u32)>>,
}

impl Armed {
    pub(super) fn new(fault: &Fault) -> Option<Self> {
        let path = fault.path()?.to_ascii_lowercase();
        let left = fault.times().map(AtomicU32::new);
        Some(Self { fault: fault.clone(), path, left, attempts: Mutex::default() })
    }

    fn concerns(&self, path: &str) -> bool {
        path.contains(&self.path)
    }

    /// Takes one of the limited times.
    fn take(&self) -> bool {
        let Some(left) = &self.left else { return true };
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    /// What a fault that comes before the request is even looked at does.
    fn strike_before(&self, call: &Call<'_>) -> Option<Strike> {
        let strike = match &self.fault {
            Fault::Hang { .. } => Strike::Hang,
            Fault::Drop { .. } => Strike::Drop,
            Fault::Throttle { retry_after, .. } => Strike::Throttle(*retry_after),
            Fault::Burst { status, .. } => Strike::Status(*status),
            Fault::Flaky { percent, seed } => return self.flake(call, *percent, *seed),
            _ => return None,
        };
        self.take().then_some(strike)
    }

    fn flake(&self, call: &Call<'_>, percent: u8, seed: u64) -> Option<Strike> {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, failed) = attempts.entry(call.fingerprint).or_default();
        *count += 1;
        let (request, attempt) = (call.fingerprint.to_string(), count.to_string());
        if *failed >= 2 || below(seed, &[&request, &attempt], 100) >= u64::from(percent) {
            *failed = 0;
            return None;
        }
        *failed += 1;
        Some(match hash(seed, &[&request, &attempt, "how"]) % 5 {
            0 => Strike::Status(500),
            1 => Strike::Status(503),
            2 => Strike::Throttle(1),
            3 => Strike::Drop,
            _ => Strike::Truncate,
        })
    }

    /// What a fault does to an answer that would else be a success.
    fn strike_after(&self) -> Option<Strike> {
        Some(match &self.fault {
            Fault::MalformedJson { .. } => {
                Strike::Body("<html>Service Unavailable</html>".to_owned())
            }
            Fault::Body { body, .. } => Strike::Body(body.clone()),
            Fault::Oversized { megabytes, .. } => Strike::Oversized { megabytes: *megabytes },
            Fault::TruncatedBody { .. } => Strike::Truncate,
            _ => return None,
        })
    }
}

/// What the faults do to a page's link.
#[derive(Debug, Default)]
pub(crate) struct LinkFaults<'a> {
    /// Another origin.
    pub origin: Option<&'a str>,
    /// Back to the first page.
    pub is_looping: bool,
    /// Beyond the last page.
    pub is_endless: bool,
}

impl ActiveFaults {
    fn concerning<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Armed> {
        self.armed.iter().filter(move |armed| armed.concerns(path))
    }

    /// How long the answer is held back.
    pub(crate) fn delay(&self, path: &str) -> Option<Duration> {
        self.concerning(path).find_map(|armed| match &armed.fault {
            Fault::Slow { millis, .. } => Some(Duration::from_millis(*millis)),
            _ => None,
        })
    }

    /// The first that strikes before the request is looked at.
    pub(crate) fn strike_before(&self, call: &Call<'_>) -> Option<Strike> {
        self.concerning(call.path).find_map(|armed| armed.strike_before(call))
    }

    /// The status that every such request gets.
    pub(crate) fn status(&self, path: &str) -> Option<u16> {
        self.concerning(path).find_map(|armed| match &armed.fault {
            Fault::Status { status, .. } | Fault::GraphRefused { status } => Some(*status),
            _ => None,
        })
    }

    /// The first that strikes an answer.
    pub(crate) fn strike_after(&self, path: &str) -> Option<Strike> {
        self.concerning(path).find_map(Armed::strike_after)
    }

    /// What happens to the links of such a request.
    pub(crate) fn link<'a>(&'a self, path: &'a str) -> LinkFaults<'a> {
        let mut link = LinkFaults::default();
        for armed in self.concerning(path) {
            match &armed.fault {
                Fault::ForeignNextLink { origin, .. } => link.origin = Some(origin),
                Fault::LoopingNextLink { .. } => link.is_looping = true,
                Fault::EndlessNextLink { .. } => link.is_endless = true,
                _ => {}
            }
        }
        link
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limited_fault_ends() {
        let faults = ActiveFaults::new(vec![Fault::Burst {
            path: "/Accounts".into(),
            status: 503,
            times: 2,
        }]);
        let strikes = ["/x/accounts", "/x", "/accounts/a", "/accounts"]
            .map(|path| faults.strike_before(&Call { path, fingerprint: 0 }));
        let struck = Some(Strike::Status(503));
        assert_eq!(strikes, [struck.clone(), None, struck, None]);
    }

    #[test]
    fn what_is_flaky_fails_at_most_twice_in_a_row_and_in_every_way() {
        let faults = ActiveFaults::new(vec![Fault::Flaky { percent: 60, seed: 1 }]);
        let mut seen = std::collections::HashSet::new();
        for fingerprint in 0..200 {
            let mut row = 0;
            for _ in 0..20 {
                match faults.strike_before(&Call { path: "/x", fingerprint }) {
                    Some(strike) => {
                        seen.insert(format!("{strike:?}"));
                        row += 1;
                        assert!(row <= 2);
                    }
                    None => row = 0,
                }
            }
        }
        assert_eq!(seen.len(), 5, "{seen:?}");
    }
}

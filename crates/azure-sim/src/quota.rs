//! Azure's quotas: how many requests it takes before it refuses with 429.
//!
//! Time is Azure's: the real time since the start, multiplied by the speed that the options ask for.

mod allowance;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::options::Quotas;
use allowance::Allowance;

/// What a request is counted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Meter {
    /// Resource Manager's own, for each subscription.
    SubscriptionReads,
    /// Resource Manager's own, for requests outside subscriptions.
    TenantReads,
    /// Overrides the subscription's.
    CognitiveServices,
    /// Overrides the subscription's.
    Network,
    /// Overrides the subscription's, and is smaller than the other network resources'.
    PrivateDns,
    /// For each user.
    ResourceGraph,
    /// For each tenant, here for the one caller.
    CostManagement,
}

/// What a request met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spend {
    /// How many more requests would be taken at once.
    pub remaining: u64,
    /// When all of them are there again, in Azure's time.
    pub resets_after: Duration,
    /// `Retry-After` of a refusal, in seconds of Azure's time.
    pub refused: Option<u64>,
}

/// Counts the requests of all meters.
#[derive(Debug)]
pub(crate) struct QuotaKeeper {
    started: Instant,
    quotas: Quotas,
    accounts: Mutex<HashMap<Meter, HashMap<String, Account>>>,
}

/// One subscription's use of one meter.
#[derive(Debug)]
struct Account {
    allowances: Vec<Allowance>,
    /// Until then every request is refused, as Azure does with who does not wait.
    refusing_until: Duration,
}

impl Meter {
    /// The documented limits; where there are two, both hold.
    fn allowances(self) -> Vec<Allowance> {
        let seconds = Duration::from_secs;
        match self {
            Self::SubscriptionReads | Self::TenantReads => vec![Allowance::bucket(250, 25)],
            Self::CognitiveServices => vec![Allowance::bucket(600, 60)],
            Self::Network => vec![Allowance::window(10_000, seconds(300))],
            Self::PrivateDns => vec![Allowance::window(500, seconds(300))],
            Self::ResourceGraph => vec![Allowance::window(15, seconds(5))],
            Self::CostManagement => {
                vec![Allowance::window(12, seconds(10)), Allowance::window(60, seconds(60))]
            }
        }
    }
}

impl QuotaKeeper {
    pub(crate) fn new(quotas: Quotas) -> Self {
        Self { started: Instant::now(), quotas, accounts: Mutex::default() }
    }

    /// Counts one request of a subscription, or of the tenant where `subject` is empty.
    pub(crate) fn spend(&self, meter: Meter, subject: &str) -> Spend {
        self.spend_at(self.started.elapsed(), meter, subject)
    }

    /// `elapsed` is real time.
    fn spend_at(&self, elapsed: Duration, meter: Meter, subject: &str) -> Spend {
        let Quotas::Scaled { speed } = self.quotas else {
            let full = meter.allowances();
            let remaining = full.iter().map(Allowance::capacity).min().unwrap_or(0);
            let resets_after = Duration::ZERO;
            return Spend { remaining: remaining.saturating_sub(1), resets_after, refused: None };
        };
        let now = elapsed.mul_f64(speed.clamp(0.001, 1e6));
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let of_meter = accounts.entry(meter).or_default();
        if let Some(account) = of_meter.get_mut(subject) {
            return account.spend(now);
        }
        of_meter.entry(subject.to_owned()).or_insert_with(|| Account::new(meter)).spend(now)
    }
}

impl Account {
    fn new(meter: Meter) -> Self {
        Self { allowances: meter.allowances(), refusing_until: Duration::ZERO }
    }

    fn spend(&mut self, now: Duration) -> Spend {
        let refused = if self.refusing_until > now {
            // Not longer than what was said first: two callers out of step would else starve each other.
            Some(whole_seconds(self.refusing_until.saturating_sub(now)))
        } else {
            let waits = self.allowances.iter_mut().filter_map(|allowance| allowance.wait(now));
            waits.max().map(whole_seconds).inspect(|seconds| {
                self.refusing_until = now + Duration::from_secs(*seconds);
            })
        };
        if refused.is_none() {
            for allowance in &mut self.allowances {
                allowance.take(now);
            }
        }
        Spend {
            remaining: self.allowances.iter().map(|each| each.remaining(now)).min().unwrap_or(0),
            resets_after: self
                .allowances
                .iter()
                .map(|each| each.resets_after(now))
                .max()
                .unwrap_or_default(),
            refused,
        }
    }
}

/// Rounded up, and at least 1: `Retry-After` has no fractions.
fn whole_seconds(time: Duration) -> u64 {
    (time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(meter: Meter) -> impl FnMut(u64) -> Spend {
        let mut account = Account::new(meter);
        move |millis| account.spend(Duration::from_millis(millis))
    }

    #[test]
    fn a_bucket_refills_and_refuses_who_does_not_wait() {
        let mut spend = account(Meter::SubscriptionReads);
        for left in (0..250).rev() {
            assert_eq!(spend(0), Spend { remaining: left, refused: None, ..spend_at(left) });
        }
        assert_eq!(spend(0).refused, Some(1));
        // A token is there after 40 ms, but not for who asks before the second has passed.
        assert_eq!(spend(500).refused, Some(1));
        assert_eq!((spend(1_000).refused, spend(1_000).remaining), (None, 23));
    }

    fn spend_at(left: u64) -> Spend {
        let resets_after = Duration::from_millis((250 - left) * 40);
        Spend { remaining: left, resets_after, refused: None }
    }

    #[test]
    fn a_window_opens_anew() {
        let mut spend = account(Meter::ResourceGraph);
        for _ in 0..15 {
            assert_eq!(spend(0).refused, None);
        }
        let refused = spend(1_000);
        assert_eq!(
            (refused.refused, refused.remaining, refused.resets_after),
            (Some(4), 0, Duration::from_secs(4))
        );
        assert_eq!((spend(5_000).refused, spend(5_000).remaining), (None, 13));
    }

    #[test]
    fn of_two_limits_both_hold() {
        let mut spend = account(Meter::CostManagement);
        let taken = (0..8)
            .flat_map(|round| std::iter::repeat_n(round * 10_000, 12))
            .filter(|millis| spend(*millis).refused.is_none())
            .count();
        assert_eq!(taken, 60 + 24);
    }

    #[test]
    fn the_speed_makes_time_pass_faster() {
        let keeper = QuotaKeeper::new(Quotas::Scaled { speed: 100.0 });
        let is_refused = |millis| {
            let elapsed = Duration::from_millis(millis);
            keeper.spend_at(elapsed, Meter::ResourceGraph, "").refused.is_some()
        };
        assert_eq!((0..16).filter(|_| is_refused(0)).count(), 1);
        assert!(!is_refused(51));
    }
}

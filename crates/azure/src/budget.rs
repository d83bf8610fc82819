//! How fast Azure may be asked: one budget per subscription and API, learnt from Azure's own headers.
//!
//! ARM counts with token buckets (bucket 250, 25 tokens a second for the reads of a subscription; Azure's
//! documentation of ARM throttling, 2024). These numbers are only where a budget begins: the headers correct them
//! with every answer. After a 429 nobody asks before `Retry-After` has passed, and then slowly at first,
//! so that the requests that waited do not come all at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Whose tokens a request takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum BudgetKey {
    /// Requests outside of subscriptions.
    Tenant,
    /// Resource Graph's queries of this credential.
    Graph,
    /// The reads of a subscription.
    Subscription(String),
    /// The reads of a subscription from one resource provider, where the provider counts for itself.
    Api(String, &'static str),
}

/// All budgets of a credential.
#[derive(Debug)]
pub(crate) struct Budgets {
    budgets: Mutex<HashMap<BudgetKey, Arc<Budget>>>,
    /// How many times as fast as in Azure time passes in the quotas: 1, except for simulations.
    time_scale: f64,
}

impl Budgets {
    pub(crate) fn new(time_scale: f64) -> Self {
        Self { budgets: Mutex::default(), time_scale: time_scale.max(f64::MIN_POSITIVE) }
    }

    pub(crate) fn of(&self, key: &BudgetKey) -> Arc<Budget> {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(budget) = budgets.get(key) {
            return Arc::clone(budget);
        }
        let (bucket, per_second) = match key {
            BudgetKey::Tenant | BudgetKey::Subscription(_) => (250.0, 25.0),
            BudgetKey::Graph => (15.0, 3.0),
            // Unlimited until the provider's own header says otherwise.
            BudgetKey::Api(..) => (f64::INFINITY, f64::INFINITY),
        };
        let budget = Arc::new(Budget::new(bucket, per_second, self.time_scale));
        budgets.insert(key.clone(), Arc::clone(&budget));
        budget
    }
}

/// A token bucket that believes what Azure says of it.
#[derive(Debug)]
pub(crate) struct Budget {
    state: Mutex<State>,
    time_scale: f64,
}

#[derive(Debug)]
struct State {
    tokens: f64,
    /// How many tokens there are at most.
    bucket: f64,
    /// Tokens a second when all is well.
    nominal_rate: f64,
    /// Tokens a second now.
    rate: f64,
    /// Until when the tokens are counted.
    at: Instant,
    /// Nobody asks before.
    closed_until: Option<Instant>,
    /// Asked and not yet answered: Azure has not counted them in the number that it told last.
    under_way: u32,
}

/// The least rate that refusals slow a budget down to, as a part of its nominal one.
const SLOWEST: f64 = 1.0 / 16.0;

impl Budget {
    fn new(bucket: f64, per_second: f64, time_scale: f64) -> Self {
        let rate = per_second * time_scale;
        Self {
            state: Mutex::new(State {
                tokens: bucket,
                bucket,
                nominal_rate: rate,
                rate,
                at: Instant::now(),
                closed_until: None,
                under_way: 0,
            }),
            time_scale,
        }
    }

    /// Waits until a request may be sent and takes its token.
    pub(crate) async fn take(&self) {
        while let Some(wait) = self.try_take(Instant::now()) {
            // Spread, so that those who wait for the same moment do not all ask in it.
            tokio::time::sleep(wait.mul_f64(1.0 + fastrand::f64() / 4.0)).await;
        }
    }

    /// Takes a token, or says how long to wait for one.
    fn try_take(&self, now: Instant) -> Option<Duration> {
        let mut state = self.locked();
        if let Some(until) = state.closed_until {
            if now < until {
                return Some(until - now);
            }
            state.closed_until = None;
            state.at = until;
        }
        state.refill(now);
        if state.tokens >= 1.0 {
            state.tokens -= 1.0;
            state.under_way += 1;
            return None;
        }
        let missing = (1.0 - state.tokens) / state.rate;
        Some(Duration::try_from_secs_f64(missing).unwrap_or(Duration::from_secs(1)))
    }

    /// Notes that a request was answered, and what the answer said of the tokens that remain.
    pub(crate) fn answered(&self, remaining: Option<f64>) {
        self.note_answer(remaining, Instant::now());
    }

    fn note_answer(&self, remaining: Option<f64>, now: Instant) {
        let mut state = self.locked();
        state.under_way = state.under_way.saturating_sub(1);
        // Back to the nominal rate within some fifty answers.
        state.rate = (state.rate + state.nominal_rate / 50.0).min(state.nominal_rate);
        let Some(remaining) = remaining else { return };
        if state.bucket.is_infinite() {
            // The provider counts for itself: begin as careful as with a subscription's reads.
            state.bucket = remaining.max(1.0);
            state.nominal_rate = 25.0 * self.time_scale;
            state.rate = state.nominal_rate;
        }
        state.refill(now);
        state.bucket = state.bucket.max(remaining);
        state.tokens = remaining - f64::from(state.under_way);
    }

    /// Notes that a request got no answer.
    pub(crate) fn unanswered(&self) {
        let mut state = self.locked();
        state.under_way = state.under_way.saturating_sub(1);
    }

    /// Notes a refusal: nobody asks for the time that Azure named, or else for a second of Azure's.
    pub(crate) fn refused(&self, retry_after: Option<Duration>) {
        self.note_refusal(retry_after, Instant::now());
    }

    fn note_refusal(&self, retry_after: Option<Duration>, now: Instant) {
        let wait = retry_after.unwrap_or(Duration::from_secs(1)).div_f64(self.time_scale);
        let until = now + wait;
        let mut state = self.locked();
        state.under_way = state.under_way.saturating_sub(1);
        state.tokens = 0.0;
        if state.closed_until.is_none() {
            // One slowing for each pause, however many requests were refused in it.
            state.slow_down(self.time_scale);
        }
        state.closed_until = Some(state.closed_until.map_or(until, |earlier| earlier.max(until)));
    }

    /// Notes when a budget that is used up is filled again.
    pub(crate) fn closed_for(&self, wait: Duration) {
        let until = Instant::now() + wait.div_f64(self.time_scale);
        let mut state = self.locked();
        state.closed_until = Some(state.closed_until.map_or(until, |earlier| earlier.max(until)));
    }

    /// The state stays whole whoever panicked: it is numbers only.
    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = self.at.max(now);
        if self.bucket.is_finite() {
            self.tokens = (self.tokens + passed * self.rate).min(self.bucket);
        }
    }

    fn slow_down(&mut self, time_scale: f64) {
        if self.bucket.is_infinite() {
            self.bucket = 250.0;
            self.nominal_rate = 25.0 * time_scale;
            self.rate = self.nominal_rate;
        }
        self.rate = (self.rate / 2.0).max(self.nominal_rate * SLOWEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When each of `count` requests may be sent, if each waits exactly as long as it is told to.
    fn sendings(budget: &Budget, begun: Instant, count: usize) -> Vec<Duration> {
        let mut now = begun;
        let mut sent = Vec::new();
        while sent.len() < count {
            match budget.try_take(now) {
                None => sent.push(now - begun),
                Some(wait) => now += wait.max(Duration::from_millis(1)),
            }
        }
        sent
    }

    #[test]
    fn a_budget_paces_itself_once_the_bucket_is_empty() {
        let budget = Budget::new(10.0, 5.0, 1.0);
        let sent = sendings(&budget, Instant::now(), 20);
        assert!(sent[9] < Duration::from_millis(10), "{sent:?}");
        assert!(sent[19] >= Duration::from_millis(1900), "{sent:?}");
        assert!(sent[19] < Duration::from_millis(2300), "{sent:?}");
    }

    #[test]
    fn nobody_asks_before_retry_after_and_then_slowly() {
        let budget = Budget::new(250.0, 25.0, 1.0);
        let begun = Instant::now();
        assert!(budget.try_take(begun).is_none());
        budget.note_refusal(Some(Duration::from_secs(7)), begun);
        let sent = sendings(&budget, begun, 20);
        assert!(sent[0] >= Duration::from_secs(7), "{sent:?}");
        // At half the rate: twenty requests take a second and a half.
        assert!(sent[19] >= sent[0] + Duration::from_millis(1400), "{sent:?}");
    }

    #[test]
    fn what_azure_says_of_the_remaining_tokens_counts() {
        let budget = Budget::new(250.0, 25.0, 1.0);
        let now = Instant::now();
        assert!(budget.try_take(now).is_none() && budget.try_take(now).is_none());
        // One of the two is answered; Azure has not yet counted the other.
        budget.note_answer(Some(3.0), now);
        assert!(budget.try_take(now).is_none() && budget.try_take(now).is_none());
        assert!(budget.try_take(now).is_some());
    }

    #[test]
    fn a_provider_is_not_slowed_down_before_it_says_that_it_counts() {
        let budgets = Budgets::new(1.0);
        let budget = budgets.of(&BudgetKey::Api("s".into(), "Microsoft.Search"));
        let now = Instant::now();
        assert!((0..10_000).all(|_| budget.try_take(now).is_none()));
        for _ in 0..10_000 {
            budget.note_answer(Some(0.0), now);
        }
        assert!(budget.try_take(now).is_some());
    }
}

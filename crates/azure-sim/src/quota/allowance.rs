//! One limit: a bucket that refills steadily, or a window that opens anew.

use std::time::Duration;

/// How much of one limit is used.
#[derive(Debug)]
pub(super) enum Allowance {
    Bucket {
        capacity: u64,
        /// How long one token takes to come back.
        interval: Duration,
        /// When the bucket would be full: later than now by one interval for each token that is out.
        full_at: Duration,
    },
    Window {
        capacity: u64,
        length: Duration,
        opened: Duration,
        used: u64,
    },
}

impl Allowance {
    pub(super) fn bucket(capacity: u64, per_second: u32) -> Self {
        let interval = Duration::from_secs(1) / per_second.max(1);
        Self::Bucket { capacity, interval, full_at: Duration::ZERO }
    }

    pub(super) fn window(capacity: u64, length: Duration) -> Self {
        Self::Window { capacity, length, opened: Duration::ZERO, used: 0 }
    }

    pub(super) fn capacity(&self) -> u64 {
        match self {
            Self::Bucket { capacity, .. } | Self::Window { capacity, .. } => *capacity,
        }
    }

    /// How long until a request would be taken; `None`: it would be now.
    pub(super) fn wait(&mut self, now: Duration) -> Option<Duration> {
        match self {
            Self::Bucket { capacity, interval, full_at } => {
                let whole = times(*interval, *capacity);
                (full_at.saturating_sub(now) + *interval).checked_sub(whole)
            }
            Self::Window { capacity, length, opened, used } => {
                if now >= *opened + *length {
                    *opened = now;
                    *used = 0;
                }
                (*used >= *capacity).then(|| (*opened + *length).saturating_sub(now))
            }
        }
        .filter(|wait| !wait.is_zero())
    }

    /// Takes a request that [`Self::wait`] let through.
    pub(super) fn take(&mut self, now: Duration) {
        match self {
            Self::Bucket { interval, full_at, .. } => *full_at = (*full_at).max(now) + *interval,
            Self::Window { used, .. } => *used += 1,
        }
    }

    pub(super) fn remaining(&self, now: Duration) -> u64 {
        match self {
            Self::Bucket { capacity, interval, full_at } => {
                let out = full_at.saturating_sub(now).as_nanos().div_ceil(interval.as_nanos());
                capacity.saturating_sub(u64::try_from(out).unwrap_or(u64::MAX))
            }
            Self::Window { capacity, used, .. } => capacity.saturating_sub(*used),
        }
    }

    pub(super) fn resets_after(&self, now: Duration) -> Duration {
        match self {
            Self::Bucket { full_at, .. } => full_at.saturating_sub(now),
            Self::Window { length, opened, .. } => (*opened + *length).saturating_sub(now),
        }
    }
}

fn times(interval: Duration, count: u64) -> Duration {
    interval.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
}

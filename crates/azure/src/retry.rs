//! When a request is tried again, and how long to wait before.

use azure_core::http::StatusCode;
use azure_core::http::headers::{RETRY_AFTER, RETRY_AFTER_MS, X_MS_RETRY_AFTER_MS};
use azure_core::http::policies::{RetryHeaders, RetryPolicy};
use azure_core::time::Duration;

use crate::settings::CollectLimits;

/// Doubling waits that honour `Retry-After`, but never longer than the limit:
/// the pipeline's own policies would sleep for a day if a server asked for it.
#[derive(Debug)]
pub(crate) struct BoundedRetry {
    headers: RetryHeaders,
    retries: u32,
    first_wait: Duration,
    longest_wait: Duration,
}

impl BoundedRetry {
    pub(crate) fn new(limits: &CollectLimits) -> Self {
        Self {
            headers: RetryHeaders {
                retry_headers: vec![X_MS_RETRY_AFTER_MS, RETRY_AFTER_MS, RETRY_AFTER],
            },
            retries: limits.retries,
            first_wait: Duration::try_from(limits.first_wait).unwrap_or(Duration::SECOND),
            longest_wait: Duration::try_from(limits.longest_wait).unwrap_or(Duration::MINUTE),
        }
    }
}

#[async_trait::async_trait]
impl RetryPolicy for BoundedRetry {
    fn is_expired(&self, _since_start: Duration, retry_count: u32) -> bool {
        retry_count >= self.retries
    }

    fn retry_headers(&self) -> Option<&RetryHeaders> {
        Some(&self.headers)
    }

    fn retry_status_codes(&self) -> &[StatusCode] {
        // Empty means the pipeline's own: 408, 429, 500, 502, 503 and 504.
        &[]
    }

    fn sleep_duration(&self, retry_count: u32) -> Duration {
        let doublings = retry_count.saturating_sub(1).min(16);
        (self.first_wait * 2_i32.pow(doublings)).min(self.longest_wait)
    }

    async fn wait(&self, retry_count: u32, retry_after: Option<Duration>) {
        let own = self.sleep_duration(retry_count);
        let wait = retry_after.map_or(own, |asked| asked.max(own)).min(self.longest_wait);
        azure_core::sleep::sleep(wait).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_limit() {
        let policy = BoundedRetry::new(&CollectLimits {
            first_wait: std::time::Duration::from_millis(100),
            longest_wait: std::time::Duration::from_millis(350),
            retries: 3,
            ..CollectLimits::default()
        });
        let waits: Vec<i128> =
            (1..=4).map(|count| policy.sleep_duration(count).whole_milliseconds()).collect();
        assert_eq!(waits, [100, 200, 350, 350]);
        assert!(!policy.is_expired(Duration::ZERO, 2));
        assert!(policy.is_expired(Duration::ZERO, 3));
    }
}

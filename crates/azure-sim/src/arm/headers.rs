//! The headers that every answer has.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::quota::{Meter, Spend};
use crate::random::uuid;

/// The ids that Azure asks for when it is called for help.
pub(super) fn add_ids(headers: &mut HeaderMap, number: usize) {
    let id = uuid(0, &["request", &number.to_string()]);
    set(headers, "x-ms-request-id", &id);
    set(headers, "x-ms-correlation-request-id", &id);
    set(headers, "cache-control", "no-cache");
}

/// How much of the quota is left. A provider's own counter stands instead of the subscription's.
pub(super) fn add_quota(headers: &mut HeaderMap, meter: Meter, spend: &Spend) {
    let left = spend.remaining.to_string();
    match meter {
        Meter::SubscriptionReads => {
            // Fifteen buckets make the subscription's global one.
            let global = spend.remaining + 14 * 250;
            set(headers, "x-ms-ratelimit-remaining-subscription-reads", &left);
            let name = "x-ms-ratelimit-remaining-subscription-global-reads";
            set(headers, name, &global.to_string());
        }
        Meter::TenantReads => set(headers, "x-ms-ratelimit-remaining-tenant-reads", &left),
        Meter::CognitiveServices | Meter::Network | Meter::PrivateDns => {
            set(headers, "x-ms-ratelimit-remaining-subscription-resource-requests", &left);
        }
        Meter::ResourceGraph => {
            let seconds = spend.resets_after.as_millis().div_ceil(1000);
            let resets =
                format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
            set(headers, "x-ms-user-quota-remaining", &left);
            set(headers, "x-ms-user-quota-resets-after", &resets);
            set(headers, "x-ms-ratelimit-remaining-tenant-resource-requests", &left);
        }
        Meter::CostManagement => {
            let after = spend.refused.map(|seconds| seconds.to_string());
            set(headers, "x-ms-ratelimit-microsoft.costmanagement-qpu-remaining", &left);
            set(headers, "x-ms-ratelimit-microsoft.costmanagement-qpu-consumed", "1");
            if let Some(after) = after {
                set(headers, "x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after", &after);
            }
        }
    }
}

/// The date of a clock that is off. The right one is set by the HTTP server.
pub(super) fn add_date(headers: &mut HeaderMap, offset: i64) {
    if offset == 0 {
        return;
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "a wrong clock is the real one and an offset; nothing else here depends on it"
    )]
    let now = OffsetDateTime::now_utc();
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let shown = now.checked_add(time::Duration::seconds(offset)).unwrap_or(now).format(&format);
    if let Ok(value) = HeaderValue::from_str(&shown.unwrap_or_default()) {
        headers.insert(header::DATE, value);
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

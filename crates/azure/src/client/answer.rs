//! What became of one try: the answer, sorted by what has to be done about it.

use std::sync::Arc;
use std::time::Duration;

use azure_core::error::ErrorKind;
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::{AsyncRawResponse, AsyncResponseBody, StatusCode};
use futures::StreamExt as _;
use postern_domain::gap::{GapKind, GapReason};
use serde_json::Value;

use super::refusal::{error_code, malformed, refusal};
use super::{ArmClient, Failure, host};
use crate::budget::Budget;
use crate::failure::{CollectError, connection_error, credential_error};
use crate::operation::Operation;
use crate::probe::http_date;

/// What became of one try.
#[derive(Debug)]
pub(super) enum Answer {
    Read {
        value: Value,
        quota: Quota,
    },
    /// Asking again would change nothing.
    Refused {
        failure: Failure,
    },
    /// Perhaps it expired on the way: a new one is fetched once.
    TokenRefused {
        failure: Failure,
        fatal: CollectError,
    },
    /// Every other question would fail likewise.
    Fatal {
        failure: Failure,
        fatal: CollectError,
    },
    Throttled {
        failure: Failure,
        retry_after: Option<Duration>,
        quota: Quota,
    },
    /// Asking again may help.
    Failed {
        failure: Failure,
        retry_after: Option<Duration>,
        is_silence: bool,
    },
}

/// An answer that did not come to its end.
pub(super) fn late(operation: &Operation) -> Answer {
    let message = format!("Azure did not finish its answer to {} in time", operation.name);
    let failure = Failure(GapReason::new(GapKind::TimedOut, message));
    Answer::Failed { failure, retry_after: None, is_silence: true }
}

/// What Azure's headers say of the quotas.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Quota {
    /// Of the subscription or the tenant.
    reads: Option<f64>,
    /// Of the resource provider, which counts for itself and then leaves `reads` out.
    provider: Option<f64>,
    /// Of Resource Graph, with the time after which it is full again.
    graph: Option<(f64, Duration)>,
}

impl Answer {
    /// Whether Azure said nothing at all.
    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Failed { is_silence: true, .. })
    }

    /// Tells the budgets that gave the try's tokens; the second one, where there is one, is the provider's.
    /// No budget is closed for longer than `longest_wait`, whatever one answer says.
    pub(super) fn settle(&self, budgets: &[Arc<Budget>], longest_wait: Duration) {
        let mut budgets = budgets.iter();
        let (first, provider) = (budgets.next(), budgets.next());
        match self {
            Self::Read { quota, .. } => {
                if let Some(budget) = first {
                    budget.answered(quota.reads.or(quota.graph.map(|(remaining, _)| remaining)));
                    if let Some((remaining, resets_after)) = quota.graph
                        && remaining < 1.0
                    {
                        budget.closed_for(resets_after.min(longest_wait));
                    }
                }
                if let Some(budget) = provider {
                    budget.answered(quota.provider);
                }
            }
            Self::Throttled { retry_after, quota, .. } => {
                // The refusal is the provider's own where its header says that it counts for itself.
                let is_provider = quota.provider.is_some() && provider.is_some();
                let (refused, other) =
                    if is_provider { (provider, first) } else { (first, provider) };
                if let Some(budget) = refused {
                    budget.refused(retry_after.map(|asked| asked.min(longest_wait)));
                }
                if let Some(budget) = other {
                    budget.answered(None);
                }
            }
            _ => first.into_iter().chain(provider).for_each(|budget| budget.unanswered()),
        }
    }
}

impl ArmClient {
    /// Reads an answer whose head has arrived.
    pub(super) async fn receive(
        &self,
        operation: &Operation,
        response: AsyncRawResponse,
    ) -> Answer {
        let (status, headers, body) = response.deconstruct();
        let body = match read_body(body, self.0.limits.body_bytes).await {
            Ok(Some(body)) => body,
            Ok(None) => {
                let megabytes = self.0.limits.body_bytes / 1_000_000;
                let failure = malformed(format!(
                    "the answer to {} is larger than {megabytes} MB and was not read",
                    operation.name
                ));
                return Answer::Refused { failure };
            }
            Err(error) => return self.no_answer(operation, &error),
        };
        let quota = quota(&headers);
        if status.is_success() {
            return match serde_json::from_slice(&body) {
                Ok(value) => Answer::Read { value, quota },
                Err(error) => {
                    let failure =
                        malformed(format!("the answer to {} is not JSON: {error}", operation.name));
                    Answer::Failed { failure, retry_after: None, is_silence: false }
                }
            };
        }
        let failure = refusal(operation, status, &body);
        match status {
            // The resource is another tenant's: this token will never do, and others are none the worse for it.
            StatusCode::Unauthorized if has_other_tenant(&body) => Answer::Refused { failure },
            StatusCode::Unauthorized => {
                let fatal = CollectError::TokenRefused {
                    host: host(&self.0.endpoint),
                    message: error_code(&body).unwrap_or_else(|| "no error code".to_owned()),
                    azure_time: text(&headers, "date").and_then(http_date),
                };
                Answer::TokenRefused { failure, fatal }
            }
            StatusCode::TooManyRequests => {
                Answer::Throttled { failure, retry_after: retry_after(&headers), quota }
            }
            status if status == StatusCode::RequestTimeout || u16::from(status) >= 500 => {
                let retry_after = retry_after(&headers);
                Answer::Failed { failure, retry_after, is_silence: false }
            }
            _ => Answer::Refused { failure },
        }
    }

    /// Says why there was no answer.
    pub(super) fn no_answer(&self, operation: &Operation, error: &azure_core::Error) -> Answer {
        let name = operation.name;
        if matches!(error.kind(), ErrorKind::Credential) {
            let fatal = credential_error(error, &self.0.credential, self.0.authority.clone());
            let failure =
                Failure(GapReason::new(GapKind::Forbidden, format!("no token for {name}")));
            return Answer::Fatal { failure, fatal };
        }
        let reason = connection_error(error, host(&self.0.endpoint));
        let (kind, message) = match &reason {
            CollectError::TimedOut { .. } => {
                (GapKind::TimedOut, format!("Azure did not answer {name} in time"))
            }
            CollectError::Unreachable { .. } if matches!(error.kind(), ErrorKind::Io) => {
                (GapKind::Unreachable, format!("the connection broke while Azure answered {name}"))
            }
            CollectError::Unreachable { .. } => (GapKind::Unreachable, reason.to_string()),
            _ => {
                // A certificate that is not accepted now is not accepted for the next question either.
                let failure = Failure(GapReason::new(GapKind::Unreachable, reason.to_string()));
                return Answer::Fatal { failure, fatal: reason };
            }
        };
        let failure = Failure(GapReason::new(kind, message));
        Answer::Failed { failure, retry_after: None, is_silence: true }
    }
}

/// The whole body; `None` where it is larger than allowed.
async fn read_body(
    mut body: AsyncResponseBody,
    most: usize,
) -> Result<Option<Vec<u8>>, azure_core::Error> {
    let mut bytes = Vec::new();
    while let Some(part) = body.next().await {
        let part = part?;
        if bytes.len() + part.len() > most {
            return Ok(None);
        }
        bytes.extend_from_slice(&part);
    }
    Ok(Some(bytes))
}

fn has_other_tenant(body: &[u8]) -> bool {
    error_code(body).as_deref() == Some("InvalidAuthenticationTokenTenant")
}

fn text<'a>(headers: &'a Headers, name: &'static str) -> Option<&'a str> {
    headers.get_optional_str(&HeaderName::from_static(name))
}

fn quota(headers: &Headers) -> Quota {
    let number = |name: &'static str| text(headers, name)?.trim().parse::<f64>().ok();
    let resets_after = text(headers, "x-ms-user-quota-resets-after").and_then(clock_time);
    Quota {
        reads: number("x-ms-ratelimit-remaining-subscription-reads")
            .or_else(|| number("x-ms-ratelimit-remaining-tenant-reads")),
        provider: number("x-ms-ratelimit-remaining-subscription-resource-requests"),
        graph: number("x-ms-user-quota-remaining")
            .map(|remaining| (remaining, resets_after.unwrap_or(Duration::from_secs(5)))),
    }
}

/// `Retry-After` in seconds, or in one of the forms in milliseconds that Azure's services use; else
/// when Resource Graph's quota is full again.
fn retry_after(headers: &Headers) -> Option<Duration> {
    let number = |name: &'static str| text(headers, name)?.trim().parse::<u64>().ok();
    let asked = number("x-ms-retry-after-ms")
        .or_else(|| number("retry-after-ms"))
        .map(Duration::from_millis)
        .or_else(|| number("retry-after").map(Duration::from_secs))
        .or_else(|| text(headers, "x-ms-user-quota-resets-after").and_then(clock_time));
    // Whoever asks for more than a day means no; larger numbers would overflow.
    asked.map(|asked| asked.min(A_DAY))
}

const A_DAY: Duration = Duration::from_hours(24);

/// `hh:mm:ss` as a duration.
fn clock_time(text: &str) -> Option<Duration> {
    let mut parts = text.trim().split(':').map(|part| part.parse::<u64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let seconds = hours
        .saturating_mul(3600)
        .saturating_add(minutes.saturating_mul(60).saturating_add(seconds));
    Some(Duration::from_secs(seconds).min(A_DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in pairs {
            headers.insert(*name, *value);
        }
        headers
    }

    #[test]
    fn quotas_are_read_from_azures_headers() {
        let arm = headers(&[("x-ms-ratelimit-remaining-subscription-reads", "249")]);
        assert_eq!(quota(&arm).reads, Some(249.0));
        let provider =
            headers(&[("x-ms-ratelimit-remaining-subscription-resource-requests", "597")]);
        assert_eq!((quota(&provider).reads, quota(&provider).provider), (None, Some(597.0)));
        let graph = headers(&[
            ("x-ms-user-quota-remaining", "0"),
            ("x-ms-user-quota-resets-after", "00:00:03"),
        ]);
        assert_eq!(quota(&graph).graph, Some((0.0, Duration::from_secs(3))));
        assert_eq!(retry_after(&graph), Some(Duration::from_secs(3)));
        assert_eq!(retry_after(&headers(&[("retry-after", "17")])), Some(Duration::from_secs(17)));
        assert_eq!(retry_after(&headers(&[("retry-after", "soon")])), None);
        // Numbers that would overflow, from whoever sends them.
        for huge in ["18446744073709551615", "9223372036854775807"] {
            assert_eq!(retry_after(&headers(&[("retry-after", huge)])), Some(A_DAY));
        }
        assert_eq!(clock_time("18446744073709551615:59:59"), Some(A_DAY));
    }
}

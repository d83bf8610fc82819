//! Looking whether a tenant can be reached at all, step by step.

use postern_domain::clock::Clock;
use reqwest::header::DATE;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::client;
use crate::credential::token_credential;
use crate::failure::{CollectError, connection_error, credential_error};
use crate::settings::{AzureSettings, CollectLimits};
use crate::transport;

/// What was found on the way to a tenant.
#[derive(Debug)]
pub struct Probe {
    /// Whether the settings make a credential and a client, before anybody is asked.
    pub settings: Result<(), CollectError>,
    /// Whether Entra ID, or the tool or machine that stands for it, gave a token; `None` if it was not asked.
    pub token: Option<Result<(), CollectError>>,
    /// Whether ARM answers; `None` if it was not asked.
    pub arm: Option<Result<ArmAnswer, CollectError>>,
}

/// What ARM said of itself, without being told who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArmAnswer {
    /// By how much this machine's clock is ahead of ARM's (negative: behind); `None` if ARM did not tell the time.
    pub clock_ahead: Option<time::Duration>,
}

/// Tries the way to a tenant: the settings, a token, an answer of ARM.
///
/// Every step is tried as far as the earlier ones do not forbid it; ARM is asked without a token.
pub async fn probe(settings: &AzureSettings, limits: &CollectLimits, clock: &Clock) -> Probe {
    let made = transport::client_options(settings, limits).and_then(|options| {
        let client = transport::http_client(settings, limits)?;
        Ok((token_credential(settings, limits, options)?, client))
    });
    let (credential, client) = match made {
        Ok(made) => made,
        Err(error) => return Probe { settings: Err(error), token: None, arm: None },
    };
    let scope = client::scope(&settings.arm_endpoint);
    let token = credential.get_token(&[&scope], None).await.map(drop).map_err(|error| {
        let authority = client::host(&settings.authority_host);
        credential_error(&error, &settings.credential, authority)
    });
    let arm = ask_arm(settings, &client, clock).await;
    Probe { settings: Ok(()), token: Some(token), arm: Some(arm) }
}

async fn ask_arm(
    settings: &AzureSettings,
    client: &reqwest::Client,
    clock: &Clock,
) -> Result<ArmAnswer, CollectError> {
    let mut url = settings.arm_endpoint.clone();
    url.set_path("/subscriptions");
    url.set_query(Some("api-version=2022-12-01"));
    let before = clock.now();
    let answer = client
        .get(url)
        .send()
        .await
        .map_err(|error| connection_error(&error, client::host(&settings.arm_endpoint)))?;
    let after = clock.now();
    let told = answer.headers().get(DATE).and_then(|date| date.to_str().ok()).and_then(http_date);
    Ok(ArmAnswer { clock_ahead: told.map(|told| ahead(before, told, after)) })
}

/// By how much the clock is ahead, as little as the time of the call and the header's whole seconds allow.
fn ahead(before: OffsetDateTime, told: OffsetDateTime, after: OffsetDateTime) -> time::Duration {
    if before > told + time::Duration::SECOND {
        before - told - time::Duration::SECOND
    } else if after < told {
        after - told
    } else {
        time::Duration::ZERO
    }
}

/// The `Date` header's form (RFC 9110), which is nearly an e-mail's.
pub(crate) fn http_date(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(&text.replace("GMT", "+0000"), &Rfc2822).ok()
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_clock_is_compared_as_far_as_a_header_of_whole_seconds_allows() {
        let told = http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(told, datetime!(1994-11-06 08:49:37 UTC));
        assert_eq!(http_date("yesterday"), None);
        let second = Duration::SECOND;
        let check = |before: i32, after: i32, expected: i32| {
            let found = ahead(told + second * before, told, told + second * after);
            assert_eq!(found, second * expected, "{before} {after}");
        };
        check(0, 0, 0);
        check(-3, 2, 0);
        check(1, 1, 0);
        check(301, 302, 300);
        check(-302, -300, -300);
    }
}

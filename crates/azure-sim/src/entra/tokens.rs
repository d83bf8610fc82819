//! The access tokens that were issued: each is another, and lives for its time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};
use tokio::time::Instant;

use crate::arm::refusal::{Refusal, invalid_token};
use crate::random::uuid;

#[derive(Debug)]
pub(crate) struct Tokens {
    seed: u64,
    /// When each token was issued, and for how long.
    issued: Mutex<HashMap<String, (Instant, Duration)>>,
}

impl Tokens {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, issued: Mutex::default() }
    }

    /// A new token that lives for so many seconds.
    pub(crate) fn issue(&self, seconds: u64) -> String {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let number = issued.len().to_string();
        let token = format!("simulated.{}", uuid(self.seed, &["token", &number]));
        issued.insert(token.clone(), (Instant::now(), Duration::from_secs(seconds)));
        token
    }

    /// Refuses a token that was not issued, or that has expired by a clock that is so many seconds ahead.
    pub(crate) fn check(&self, token: &str, clock_offset: i64) -> Result<(), Refusal> {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, lifetime) = issued.get(token).ok_or_else(invalid_token)?;
        let offset = Duration::from_secs(clock_offset.unsigned_abs());
        let mut age = at.elapsed();
        age = if clock_offset < 0 { age.saturating_sub(offset) } else { age + offset };
        if age < *lifetime {
            return Ok(());
        }
        let message = "The access token expiry UTC time is earlier than current UTC time.";
        let challenge = HeaderValue::from_static(
            "Bearer error=\"invalid_token\", error_description=\"The access token has expired\"",
        );
        Err(Refusal::new(StatusCode::UNAUTHORIZED, "ExpiredAuthenticationToken", message)
            .with_header("www-authenticate", challenge))
    }
}

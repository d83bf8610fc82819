//! From a column's value to the domain's type, naming the column where that fails.

use std::str::FromStr;

use postern_domain::digest::Digest;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::StoreError;

/// A word or an id.
pub(crate) fn word<T>(column: &'static str, text: &str) -> Result<T, StoreError>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse().map_err(|error: T::Err| StoreError::unreadable(column, error))
}

/// A JSON value.
pub(crate) fn json<T: DeserializeOwned>(
    column: &'static str,
    value: Value,
) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|error| StoreError::unreadable(column, error))
}

/// A SHA-256 digest.
pub(crate) fn digest(column: &'static str, bytes: &[u8]) -> Result<Digest, StoreError> {
    let bytes: [u8; 32] = bytes
        .try_into()
        .map_err(|_| StoreError::unreadable(column, format!("{} bytes and not 32", bytes.len())))?;
    Ok(Digest::from_bytes(bytes))
}

/// A count.
pub(crate) fn count(column: &'static str, number: impl TryInto<u32>) -> Result<u32, StoreError> {
    number.try_into().map_err(|_| StoreError::unreadable(column, "a number below 0 or too large"))
}

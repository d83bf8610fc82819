//! What can go wrong when Azure is asked, told from one another and said in one sentence each.

use std::error::Error;

use azure_core::error::ErrorKind;
use serde_json::Value;
use time::OffsetDateTime;

use crate::credential::Credential;

/// Nothing could be read at all.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// A setting cannot be used.
    #[error("the setting \"{setting}\" cannot be used: {message}")]
    InvalidSettings {
        /// Which setting.
        setting: &'static str,
        /// Why.
        message: String,
    },
    /// Entra ID answered that it does not accept the credential.
    #[error("Entra ID refused the credential: {message}")]
    CredentialRefused {
        /// The number after `AADSTS`, where Entra gave one, such as `7000215`.
        code: Option<String>,
        /// Entra's sentence, beginning with its `AADSTS` code.
        message: String,
    },
    /// The credential yields no token on this machine.
    #[error("no token could be had: {message}")]
    CredentialUnavailable {
        /// What is missing, such as a sign-in with the Azure CLI.
        message: String,
    },
    /// ARM did not accept the token that Entra issued.
    #[error("{host} refused the token: {message}")]
    TokenRefused {
        /// The end point's host and port.
        host: String,
        /// ARM's error code or sentence.
        message: String,
        /// What ARM's `Date` header said, to compare with this machine's clock.
        azure_time: Option<OffsetDateTime>,
    },
    /// The end point's certificate is out of date.
    #[error("the certificate of {host} has expired")]
    CertificateExpired {
        /// The end point's host and port.
        host: String,
    },
    /// The end point's certificate is not trusted.
    #[error("the certificate of {host} is not trusted: {message}")]
    CertificateNotTrusted {
        /// The end point's host and port.
        host: String,
        /// Why.
        message: String,
    },
    /// There is no connection to the end point.
    #[error("{host} cannot be reached: {message}")]
    Unreachable {
        /// The end point's host and port.
        host: String,
        /// Why.
        message: String,
    },
    /// The end point accepts connections but does not answer.
    #[error("{host} did not answer in time")]
    TimedOut {
        /// The end point's host and port.
        host: String,
    },
    /// The calls of a scan cannot be counted.
    #[error("the calls of a scan cannot be counted: {0}")]
    NotCounted(String),
    /// What was read could not be kept.
    #[error("what was read could not be kept")]
    Journal(#[source] crate::journal::JournalError),
    /// The scan was called off.
    #[error("the scan was cancelled")]
    Cancelled,
}

/// Says why there was no answer over the network.
pub(crate) fn connection_error(error: &(dyn Error + 'static), host: String) -> CollectError {
    let mut message = None;
    for cause in causes(error) {
        if let Some(rustls::Error::InvalidCertificate(problem)) = cause.downcast_ref() {
            use rustls::CertificateError::{Expired, ExpiredContext};
            return match problem {
                Expired | ExpiredContext { .. } => CollectError::CertificateExpired { host },
                other => CollectError::CertificateNotTrusted { host, message: other.to_string() },
            };
        }
        if cause.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_timeout) {
            return CollectError::TimedOut { host };
        }
        message = Some(cause.to_string());
    }
    CollectError::Unreachable { host, message: first_line(&message.unwrap_or_default()) }
}

/// Says why the credential yielded no token.
pub(crate) fn credential_error(
    error: &azure_core::Error,
    credential: &Credential,
    authority: String,
) -> CollectError {
    let mut is_connection = false;
    for cause in causes(error) {
        let Some(cause) = cause.downcast_ref::<azure_core::Error>() else { continue };
        match cause.kind() {
            ErrorKind::HttpResponse { error_code, raw_response, .. } => {
                let described = raw_response
                    .as_ref()
                    .and_then(|response| {
                        serde_json::from_slice::<Value>(response.body().as_ref()).ok()
                    })
                    .and_then(|body| body.get("error_description")?.as_str().map(entra_sentence));
                let message = described.unwrap_or_else(|| first_line(&cause.to_string()));
                let message = without_secret(message, credential);
                if matches!(credential, Credential::ManagedIdentity { .. }) {
                    let message = format!("the managed identity's end point refused: {message}");
                    return CollectError::CredentialUnavailable { message };
                }
                return CollectError::CredentialRefused { code: error_code.clone(), message };
            }
            ErrorKind::Connection | ErrorKind::Io => is_connection = true,
            _ => {}
        }
    }
    if is_connection && credential.asks_entra() {
        return connection_error(error, authority);
    }
    let text = error.to_string();
    let said = text.split_once("authentication failed.").map_or(text.as_str(), |(_, rest)| rest);
    let mut message = without_secret(first_line(said.trim()), credential);
    if is_connection && matches!(credential, Credential::ManagedIdentity { .. }) {
        message =
            format!("the managed identity's end point does not answer ({})", innermost(error));
    }
    if matches!(credential, Credential::DeveloperTools) {
        message =
            format!("neither the Azure CLI nor the Azure Developer CLI gives one ({message})");
    }
    CollectError::CredentialUnavailable { message }
}

/// Entra's description without the trace and correlation ids that follow its sentences.
fn entra_sentence(description: &str) -> String {
    let cut = description.find("Trace ID:").unwrap_or(description.len());
    first_line(description.get(..cut).unwrap_or(description))
}

/// Entra does not repeat secrets; should an intermediary do so, it must not reach a log.
fn without_secret(message: String, credential: &Credential) -> String {
    match credential.secret() {
        Some(secret) if !secret.expose().is_empty() => message.replace(secret.expose(), "(hidden)"),
        _ => message,
    }
}

/// The first line that says something, without a closing full stop.
pub(crate) fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.trim_end_matches('.').to_owned()
}

/// What the innermost cause says.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(|cause| first_line(&cause.to_string())).unwrap_or_default()
}

/// The error and its causes, looking into `io::Error`, whose own `source` skips what it wraps.
pub(crate) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| {
        let cause: &'a (dyn Error + 'static) = *cause;
        match cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => cause.source(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entras_sentence_loses_its_ids() {
        let described =
            "AADSTS7000215: Invalid client secret provided. Trace ID: 1 Correlation ID: 2";
        assert_eq!(entra_sentence(described), "AADSTS7000215: Invalid client secret provided");
        assert_eq!(entra_sentence("AADSTS1: One.\r\nTrace ID: 1"), "AADSTS1: One");
    }

    #[test]
    fn a_secret_is_hidden_wherever_it_is_repeated() {
        let credential = Credential::ClientSecret {
            tenant_id: "t".into(),
            client_id: "c".into(),
            secret: "hunter2".into(),
        };
        assert_eq!(without_secret("bad hunter2".into(), &credential), "bad (hidden)");
        assert!(!format!("{credential:?}").contains("hunter2"));
    }
}

//! The HTTPS client that both Entra ID and ARM are asked with.

use std::sync::Arc;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::http::{ClientOptions, RetryOptions, Transport};
use reqwest::Certificate;
use url::{Host, Url};

use crate::failure::CollectError;
use crate::retry::BoundedRetry;
use crate::settings::{AzureSettings, CollectLimits};

/// Client options with our transport, retries and authority.
pub(crate) fn client_options(
    settings: &AzureSettings,
    limits: &CollectLimits,
) -> Result<ClientOptions, CollectError> {
    require_https("ARM end point", &settings.arm_endpoint)?;
    require_https("authority host", &settings.authority_host)?;
    let mut cloud = CustomConfiguration::default();
    cloud.authority_host = settings.authority_host.to_string();
    Ok(ClientOptions {
        retry: RetryOptions::custom(Arc::new(BoundedRetry::new(limits))),
        transport: Some(Transport::new(Arc::new(http_client(settings, limits)?))),
        cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
        ..ClientOptions::default()
    })
}

fn http_client(
    settings: &AzureSettings,
    limits: &CollectLimits,
) -> Result<reqwest::Client, CollectError> {
    let mut builder = reqwest::Client::builder()
        .https_only(true)
        .connect_timeout(limits.connect_timeout)
        .read_timeout(limits.read_timeout)
        // A redirect would carry the token elsewhere; ARM's reads never redirect.
        .redirect(reqwest::redirect::Policy::none());
    if is_loopback(&settings.arm_endpoint) && is_loopback(&settings.authority_host) {
        // A proxy cannot reach this machine's loopback.
        builder = builder.no_proxy();
    }
    if let Some(pem) = &settings.ca_pem {
        let certificates = Certificate::from_pem_bundle(pem)
            .map_err(|error| invalid("CA certificates", &error))?;
        if certificates.is_empty() {
            return Err(CollectError::InvalidSettings {
                setting: "CA certificates",
                message: "the file holds no PEM certificate".to_owned(),
            });
        }
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|error| invalid("TLS", &error))
}

fn invalid(setting: &'static str, error: &reqwest::Error) -> CollectError {
    CollectError::InvalidSettings { setting, message: crate::failure::innermost(error) }
}

fn require_https(setting: &'static str, url: &Url) -> Result<(), CollectError> {
    if url.scheme() == "https" && url.has_host() {
        return Ok(());
    }
    Err(CollectError::InvalidSettings {
        setting,
        message: format!("\"{url}\" is not an https URL"),
    })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

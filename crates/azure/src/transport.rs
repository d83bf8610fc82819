//! The HTTPS client that both Entra ID and ARM are asked with.
//!
//! The way out is the settings' proxy, else the one that `HTTPS_PROXY` and `NO_PROXY` of the environment name.

use std::sync::Arc;
use std::time::Duration;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::http::{ClientOptions, RetryOptions, Transport};
use reqwest::Certificate;
use url::{Host, Url};

use crate::failure::CollectError;
use crate::retry::BoundedRetry;
use crate::settings::{AzureSettings, CollectLimits, Proxy};

/// On an Azure machine the end point is a hop away; elsewhere nothing answers, however long one waits.
const MACHINE_CONNECT: Duration = Duration::from_secs(2);

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

/// A client for the settings' end points, which all have to be HTTPS.
pub(crate) fn http_client(
    settings: &AzureSettings,
    limits: &CollectLimits,
) -> Result<reqwest::Client, CollectError> {
    let mut builder = reqwest::Client::builder()
        .https_only(true)
        .connect_timeout(limits.connect_timeout)
        .read_timeout(limits.read_timeout)
        // A redirect would carry the token elsewhere; ARM's reads never redirect.
        .redirect(reqwest::redirect::Policy::none());
    if let Some(proxy) = &settings.proxy {
        builder = builder.proxy(http_proxy(proxy)?);
    } else if is_loopback(&settings.arm_endpoint) && is_loopback(&settings.authority_host) {
        // The environment's proxy cannot reach this machine's loopback.
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

/// A client for the end point of a managed identity, which is on the machine itself and speaks HTTP.
pub(crate) fn machine_client(limits: &CollectLimits) -> Result<reqwest::Client, CollectError> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(limits.connect_timeout.min(MACHINE_CONNECT))
        .read_timeout(limits.read_timeout)
        .build()
        .map_err(|error| invalid("managed identity", &error))
}

fn http_proxy(proxy: &Proxy) -> Result<reqwest::Proxy, CollectError> {
    let refused = |message: String| CollectError::InvalidSettings { setting: "proxy", message };
    let url = &proxy.url;
    if !url.username().is_empty() || url.password().is_some() {
        // Not repeated: the address holds a secret.
        return Err(refused(
            "its address holds credentials, which are given apart from it".to_owned(),
        ));
    }
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(refused(format!("\"{url}\" is not an http or https URL")));
    }
    let made = reqwest::Proxy::all(url.clone()).map_err(|error| invalid("proxy", &error))?;
    let Some(credentials) = &proxy.credentials else { return Ok(made) };
    let (user, password) = credentials
        .expose()
        .split_once(':')
        .ok_or_else(|| refused("its credentials do not have the form user:password".to_owned()))?;
    Ok(made.basic_auth(user, password))
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

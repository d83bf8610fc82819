//! From the command line to a connection and its collector.
//!
//! What is stored of a connection are its settings; a secret never is: every process that scans gets it anew.

use std::path::Path;

use anyhow::Context as _;
use postern_domain::id::ConnectionId;
use postern_service::azure::{AzureSettings, CollectError, Collector, Credential, Secret};
use postern_service::connection::{ConnectionKind, NewConnection, ensure_connection};
use postern_service::{Postern, connection};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Environment;
use crate::cli::{AzureArguments, CredentialKind};

/// What the database holds of a connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredSettings {
    arm_endpoint: Url,
    authority_host: Url,
    credential: StoredCredential,
    #[serde(default)]
    subscriptions: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum StoredCredential {
    ClientSecret { tenant_id: String, client_id: String },
    ManagedIdentity { client_id: Option<String> },
    WorkloadIdentity,
    AzureCli,
    DeveloperTools,
}

/// What this process knows and the database does not.
#[derive(Clone, Debug)]
pub(crate) struct ProcessSecrets {
    client_secret: Option<Secret>,
    ca_pem: Option<Vec<u8>>,
}

/// The settings cannot be turned into a collector.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// They were written by something else.
    #[error("the stored settings of the connection cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// They are the demo's.
    #[error("the connection is the demo's, which only a running `postern demo` scans")]
    Simulated,
    /// The secret was not given to this process.
    #[error(
        "the connection signs in with a client secret, which this process was not given; \
         set POSTERN_AZURE_CLIENT_SECRET or --azure-client-secret-file"
    )]
    NoSecret,
}

impl ProcessSecrets {
    /// None: for connections that need none.
    pub fn none() -> Self {
        Self { client_secret: None, ca_pem: None }
    }

    /// Reads the secret and the certificates that the arguments and the environment name.
    pub fn read(arguments: &AzureArguments, environment: &Environment) -> anyhow::Result<Self> {
        let client_secret =
            match (&arguments.azure_client_secret_file, &environment.azure_client_secret) {
                (Some(file), _) => {
                    let text = read_file(file)?;
                    let text = String::from_utf8(text).ok().with_context(|| {
                        format!("{} does not hold a client secret", file.display())
                    })?;
                    Some(text.trim().to_owned())
                }
                (None, text) => text.clone(),
            };
        let ca_pem = arguments.azure_ca_file.as_deref().map(read_file).transpose()?;
        Ok(Self { client_secret: client_secret.map(Secret::new), ca_pem })
    }

    /// How a stored connection is reached by this process.
    fn azure_settings(&self, stored: &serde_json::Value) -> Result<AzureSettings, SettingsError> {
        if stored.get("simulated").and_then(serde_json::Value::as_bool) == Some(true) {
            return Err(SettingsError::Simulated);
        }
        let stored = StoredSettings::deserialize(stored).map_err(SettingsError::Unreadable)?;
        let credential = match stored.credential {
            StoredCredential::ClientSecret { tenant_id, client_id } => Credential::ClientSecret {
                tenant_id,
                client_id,
                secret: self.client_secret.clone().ok_or(SettingsError::NoSecret)?,
            },
            StoredCredential::ManagedIdentity { client_id } => {
                Credential::ManagedIdentity { client_id }
            }
            StoredCredential::WorkloadIdentity => Credential::WorkloadIdentity,
            StoredCredential::AzureCli => Credential::AzureCli,
            StoredCredential::DeveloperTools => Credential::DeveloperTools,
        };
        Ok(AzureSettings {
            arm_endpoint: stored.arm_endpoint,
            authority_host: stored.authority_host,
            credential,
            ca_pem: self.ca_pem.clone(),
            subscriptions: stored.subscriptions,
        })
    }

    /// The collector of a stored connection.
    pub fn collector(&self, stored: &serde_json::Value) -> Result<Collector, CollectError> {
        let settings = self.azure_settings(stored).map_err(|error| {
            CollectError::InvalidSettings { setting: "credential", message: error.to_string() }
        })?;
        Collector::new(settings)
    }
}

/// Makes the connection that the arguments describe, or brings it up to date; `None` where they describe none.
pub(crate) async fn ensure(
    postern: &Postern,
    arguments: &AzureArguments,
    secrets: &ProcessSecrets,
) -> anyhow::Result<Option<ConnectionId>> {
    let Some(kind) = arguments.azure_credential else { return Ok(None) };
    let stored = StoredSettings {
        arm_endpoint: parse_url("--azure-arm-endpoint", &arguments.azure_arm_endpoint)?,
        authority_host: parse_url("--azure-authority-host", &arguments.azure_authority_host)?,
        credential: credential(kind, arguments, secrets)?,
        subscriptions: arguments.azure_subscriptions.clone(),
    };
    let new = NewConnection {
        slug: arguments.azure_connection.clone(),
        name: arguments.azure_name.clone(),
        kind: ConnectionKind::Azure,
        settings: serde_json::to_value(stored).context("the connection's settings are not JSON")?,
        scan_every_seconds: Some(arguments.azure_scan_every),
    };
    Ok(Some(ensure_connection(postern, new).await?))
}

/// The connection that a slug names, with the sentence for when there is none.
pub(crate) async fn find(postern: &Postern, slug: &str) -> anyhow::Result<connection::Connection> {
    if let Some(found) = connection::find_connection(postern, slug).await? {
        return Ok(found);
    }
    let known: Vec<String> = connection::list_connections(postern)
        .await?
        .into_iter()
        .map(|connection| connection.slug)
        .collect();
    if known.is_empty() {
        anyhow::bail!(
            "there is no connection \"{slug}\", and no other; make one with `postern serve --azure-credential …`"
        );
    }
    anyhow::bail!("there is no connection \"{slug}\"; there is {}", known.join(", "))
}

fn credential(
    kind: CredentialKind,
    arguments: &AzureArguments,
    secrets: &ProcessSecrets,
) -> anyhow::Result<StoredCredential> {
    let needed = |value: &Option<String>, name: &str| {
        value
            .clone()
            .filter(|value| !value.is_empty())
            .with_context(|| format!("--azure-credential client-secret also needs {name}"))
    };
    Ok(match kind {
        CredentialKind::ClientSecret => {
            let stored = StoredCredential::ClientSecret {
                tenant_id: needed(&arguments.azure_tenant_id, "--azure-tenant-id")?,
                client_id: needed(&arguments.azure_client_id, "--azure-client-id")?,
            };
            if secrets.client_secret.is_none() {
                return Err(SettingsError::NoSecret.into());
            }
            stored
        }
        CredentialKind::ManagedIdentity => {
            StoredCredential::ManagedIdentity { client_id: arguments.azure_client_id.clone() }
        }
        CredentialKind::WorkloadIdentity => StoredCredential::WorkloadIdentity,
        CredentialKind::AzureCli => StoredCredential::AzureCli,
        CredentialKind::DeveloperTools => StoredCredential::DeveloperTools,
    })
}

fn parse_url(flag: &str, text: &str) -> anyhow::Result<Url> {
    let url = Url::parse(text).with_context(|| format!("{flag} is not a URL: {text}"))?;
    // Tokens and secrets travel there.
    if url.scheme() != "https" {
        anyhow::bail!(
            "{flag} has to begin with https://, because credentials are sent there: {text}"
        );
    }
    Ok(url)
}

fn read_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

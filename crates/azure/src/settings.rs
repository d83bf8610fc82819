//! How an Azure tenant is reached.

use std::fmt;
use std::time::Duration;

use url::Url;

/// A text that is never shown: `Debug` and `Display` hide it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(hidden)")
    }
}

/// How Postern proves to Entra ID who it is.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An app registration with a client secret.
    ClientSecret {
        /// The tenant's id.
        tenant_id: String,
        /// The application's id.
        client_id: String,
        /// The client secret's value, not its id.
        secret: Secret,
    },
    /// The managed identity of the machine or service that Postern runs on.
    ManagedIdentity {
        /// The client id of a user-assigned identity; `None` for the system-assigned one.
        client_id: Option<String>,
    },
    /// Workload identity of a Kubernetes pod: `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and
    /// `AZURE_FEDERATED_TOKEN_FILE` of the environment.
    WorkloadIdentity,
    /// Whoever is signed in to the Azure CLI (`az login`).
    AzureCli,
    /// The Azure CLI, else the Azure Developer CLI.
    DeveloperTools,
}

/// How an Azure tenant is reached and what of it is read.
#[derive(Clone, Debug)]
pub struct AzureSettings {
    /// Azure Resource Manager, `https://management.azure.com` in the public cloud; also the token's audience.
    pub arm_endpoint: Url,
    /// Entra ID, `https://login.microsoftonline.com` in the public cloud.
    pub authority_host: Url,
    /// Who asks.
    pub credential: Credential,
    /// Certificates in PEM to trust beside the machine's own, for a proxy that inspects TLS or for tests.
    pub ca_pem: Option<Vec<u8>>,
    /// The ids of the subscriptions to read; empty for all that the credential sees.
    pub subscriptions: Vec<String>,
}

impl AzureSettings {
    /// The public cloud, all visible subscriptions.
    pub fn public_cloud(credential: Credential) -> Self {
        Self {
            arm_endpoint: Url::parse("https://management.azure.com").expect("a constant URL"),
            authority_host: Url::parse("https://login.microsoftonline.com")
                .expect("a constant URL"),
            credential,
            ca_pem: None,
            subscriptions: Vec::new(),
        }
    }
}

/// How hard a scan tries, and how much it asks for at once.
#[derive(Clone, Debug)]
pub struct CollectLimits {
    /// How many requests are under way at once.
    pub concurrency: usize,
    /// How often a request is tried again after 408, 429, 5xx or a broken connection.
    pub retries: u32,
    /// The first wait before trying again; it doubles each time.
    pub first_wait: Duration,
    /// The longest wait before trying again, whatever `Retry-After` asks for.
    pub longest_wait: Duration,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long the end point may be silent within an answer.
    pub read_timeout: Duration,
    /// How many pages of one list are followed.
    pub pages: usize,
}

impl Default for CollectLimits {
    fn default() -> Self {
        Self {
            // ARM refills 25 reads a second per subscription and principal; 8 at once stay below that.
            concurrency: 8,
            retries: 5,
            first_wait: Duration::from_millis(250),
            // ARM's buckets are refilled within seconds; a longer wait would stall the whole scan.
            longest_wait: Duration::from_mins(1),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            // ARM returns a few hundred resources a page, so this is far beyond any subscription's limit.
            pages: 10_000,
        }
    }
}

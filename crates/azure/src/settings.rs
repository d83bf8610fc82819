//! How an Azure tenant is reached.

use std::time::Duration;

use url::Url;

use crate::cloud::Cloud;
use crate::credential::Credential;
use crate::scope::Scope;
use crate::secret::Secret;

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
    /// The way out; `None` for what `HTTPS_PROXY` and `NO_PROXY` of the environment say.
    pub proxy: Option<Proxy>,
    /// What is read.
    pub scope: Scope,
}

/// An HTTP proxy, through which Entra ID and ARM are reached with CONNECT.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Its address, `http://` or `https://`, without credentials.
    pub url: Url,
    /// `user:password`, where it asks for them.
    pub credentials: Option<Secret>,
}

impl AzureSettings {
    /// The public cloud, everything that the credential sees.
    pub fn public_cloud(credential: Credential) -> Self {
        Self::of_cloud(&Cloud::Public, credential)
    }

    /// A cloud, everything that the credential sees.
    pub fn of_cloud(cloud: &Cloud, credential: Credential) -> Self {
        Self {
            arm_endpoint: cloud.arm_endpoint(),
            authority_host: cloud.authority_host(),
            credential,
            ca_pem: None,
            proxy: None,
            scope: Scope::default(),
        }
    }

    /// Which cloud the end points are of.
    pub fn cloud(&self) -> Cloud {
        Cloud::of(&self.arm_endpoint, &self.authority_host)
    }
}

/// How hard a scan tries, and how much it asks for at once.
#[derive(Clone, Debug)]
pub struct CollectLimits {
    /// How many requests are under way at once.
    pub concurrency: usize,
    /// How often a request is tried again after 408, 5xx or a broken connection.
    pub retries: u32,
    /// How often a request is tried again after 429: a scan slows down before it gives something up.
    pub throttled_retries: u32,
    /// The first wait before trying again; it doubles each time.
    pub first_wait: Duration,
    /// The longest wait before trying again; where `Retry-After` asks for more, the request is given up.
    pub longest_wait: Duration,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long the end point may be silent within an answer.
    pub read_timeout: Duration,
    /// How long a whole answer may take.
    pub request_timeout: Duration,
    /// After how long without any answer the rest of a step is not asked for.
    pub patience: Duration,
    /// How many pages of one list are followed.
    pub pages: usize,
    /// How many entries of one list are kept.
    pub entries: usize,
    /// How many bytes an answer has at most.
    pub body_bytes: usize,
    /// How long a scan may take; what is not read by then becomes gaps. `None` for as long as it takes.
    pub deadline: Option<Duration>,
    /// How many times as fast as Azure's the quotas of a simulated Azure are; 1 for Azure.
    pub time_scale: f64,
}

impl Default for CollectLimits {
    fn default() -> Self {
        Self {
            // Answers take some 100 ms, so that this reaches the quotas of about a dozen subscriptions at once.
            concurrency: 32,
            retries: 5,
            throttled_retries: 30,
            first_wait: Duration::from_millis(250),
            // ARM's buckets are refilled within seconds; some providers count over five minutes.
            longest_wait: Duration::from_mins(5),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_mins(5),
            patience: Duration::from_mins(2),
            // ARM returns a few hundred resources a page, so this is far beyond any subscription's limit.
            pages: 10_000,
            // Beyond any limit of Azure's, and within a process's memory.
            entries: 200_000,
            // A page of a thousand resources has some 5 MB.
            body_bytes: 64_000_000,
            deadline: Some(Duration::from_hours(12)),
            time_scale: 1.0,
        }
    }
}

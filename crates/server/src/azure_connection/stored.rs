//! What the database holds of a connection: how to reach the tenant, never a secret.

use std::path::PathBuf;

use postern_service::azure::Scope;
use serde::{Deserialize, Serialize};
use url::Url;

use super::reference::SecretReference;

/// What the database holds of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredSettings {
    pub arm_endpoint: Url,
    pub authority_host: Url,
    pub credential: StoredCredential,
    #[serde(default)]
    pub scope: StoredScope,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<StoredProxy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Where the first version of Postern kept what is `scope.subscriptions` now.
    #[serde(default, skip_serializing)]
    subscriptions: Vec<String>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum StoredCredential {
    ClientSecret {
        tenant_id: String,
        client_id: String,
        /// Absent in what the first version of Postern stored: then the process says where it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret: Option<SecretReference>,
    },
    ClientCertificate {
        tenant_id: String,
        client_id: String,
        certificate_file: PathBuf,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<SecretReference>,
    },
    ClientAssertion {
        tenant_id: String,
        client_id: String,
        assertion: SecretReference,
    },
    ManagedIdentity {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        object_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resource_id: Option<String>,
    },
    WorkloadIdentity {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tenant_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token_file: Option<PathBuf>,
    },
    AzurePipelines {
        tenant_id: String,
        client_id: String,
        service_connection_id: String,
        access_token: SecretReference,
    },
    AzureCli {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tenant_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subscription: Option<String>,
    },
    AzureDeveloperCli {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tenant_id: Option<String>,
    },
    DeveloperTools,
}

/// What of the tenant is read; see [`Scope`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StoredScope {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    management_groups: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subscriptions: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    include: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exclude: Vec<String>,
}

/// The way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredProxy {
    pub url: Url,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<SecretReference>,
}

impl StoredCredential {
    /// The ids of the tenant and of the application or identity, where they are said.
    pub fn ids(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::ClientSecret { tenant_id, client_id, .. }
            | Self::ClientCertificate { tenant_id, client_id, .. }
            | Self::ClientAssertion { tenant_id, client_id, .. }
            | Self::AzurePipelines { tenant_id, client_id, .. } => {
                (Some(tenant_id), Some(client_id))
            }
            Self::WorkloadIdentity { tenant_id, client_id, .. } => {
                (tenant_id.as_deref(), client_id.as_deref())
            }
            Self::ManagedIdentity { client_id, object_id, resource_id } => {
                (None, client_id.as_deref().or(object_id.as_deref()).or(resource_id.as_deref()))
            }
            Self::AzureCli { tenant_id, .. } | Self::AzureDeveloperCli { tenant_id } => {
                (tenant_id.as_deref(), None)
            }
            Self::DeveloperTools => (None, None),
        }
    }
}

impl StoredSettings {
    /// Settings without a proxy and certificates.
    pub fn new(arm_endpoint: Url, authority_host: Url, credential: StoredCredential) -> Self {
        Self {
            arm_endpoint,
            authority_host,
            credential,
            scope: StoredScope::default(),
            proxy: None,
            ca_file: None,
            subscriptions: Vec::new(),
        }
    }

    /// What of the tenant is read.
    pub fn scope(&self) -> Scope {
        let StoredScope { management_groups, mut subscriptions, include, exclude } =
            self.scope.clone();
        subscriptions.extend(self.subscriptions.iter().cloned());
        Scope { management_groups, subscriptions, include, exclude }
    }
}

impl From<Scope> for StoredScope {
    fn from(scope: Scope) -> Self {
        let Scope { management_groups, subscriptions, include, exclude } = scope;
        Self { management_groups, subscriptions, include, exclude }
    }
}

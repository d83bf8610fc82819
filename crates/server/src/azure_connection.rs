//! From the command line to a connection and its collector.
//!
//! What is stored of a connection are its settings; of a secret it is the place: every process that scans reads it
//! there, anew for every scan.

mod description;
mod reference;
mod stored;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use anyhow::Context as _;
use postern_frontend::AzureFact;
use postern_service::azure::{
    AzureSettings, CertificateError, ClientCertificate, CollectError, Collector, Credential,
    Identity, Proxy, Scope,
};
use postern_service::connection::{ConnectionKind, NewConnection, ensure_connection};
use postern_service::{Postern, connection};
use serde::Deserialize as _;

pub(crate) use self::description::describe;
pub(crate) use self::reference::SecretReference;
use self::reference::{ReferenceError, read_file};
pub(crate) use self::stored::{StoredCredential, StoredSettings};
use crate::cli::AzureArguments;
use crate::{Environment, Variables};

/// Makes settings of what is stored: knows what this process has and the database has not.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    variables: Variables,
    /// For connections that were stored before files were stored with them.
    client_secret_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
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
    /// Something that they name is not there.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The certificate is no use.
    #[error("the certificate file {} cannot be used: {source}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: CertificateError,
    },
}

impl SettingsError {
    fn setting(&self) -> &'static str {
        match self {
            Self::Reference(error) => error.setting(),
            Self::Unreadable(_) | Self::Simulated | Self::Certificate { .. } => "credential",
        }
    }
}

impl From<SettingsError> for CollectError {
    fn from(error: SettingsError) -> Self {
        Self::InvalidSettings { setting: error.setting(), message: error.to_string() }
    }
}

impl Resolver {
    /// For a process with no arguments about Azure.
    pub fn of(environment: &Environment) -> Self {
        Self { variables: environment.variables.clone(), client_secret_file: None, ca_file: None }
    }

    /// For a process with arguments, which also serve connections that say less than they do today.
    pub fn with_arguments(arguments: &AzureArguments, environment: &Environment) -> Self {
        Self {
            client_secret_file: arguments.identity.azure_client_secret_file.clone(),
            ca_file: arguments.network.azure_ca_file.clone(),
            ..Self::of(environment)
        }
    }

    /// What the arguments say of a tenant; `None` where they name none.
    pub fn describe(&self, arguments: &AzureArguments) -> anyhow::Result<Option<StoredSettings>> {
        describe(arguments, &self.variables)
    }

    /// The connection that the arguments describe; `None` where they describe none.
    ///
    /// What it lacks in this process is an error already: it is said to the person who starts the process, and not
    /// only by the first scan.
    pub fn connection(&self, arguments: &AzureArguments) -> anyhow::Result<Option<NewConnection>> {
        let Some(stored) = self.describe(arguments)? else { return Ok(None) };
        self.resolve(&stored)?;
        Ok(Some(NewConnection {
            slug: arguments.azure_connection.clone(),
            name: arguments.azure_name.clone(),
            kind: ConnectionKind::Azure,
            settings: serde_json::to_value(stored)
                .context("the connection's settings are not JSON")?,
            schedule: Some(arguments.schedule()),
        }))
    }

    /// The collector of a stored connection, with its secrets as they are now.
    pub fn collector(&self, stored: &serde_json::Value) -> Result<Collector, CollectError> {
        Collector::new(self.resolve(&read(stored)?)?)
    }

    /// How a tenant is reached by this process, with the secrets as they are now.
    pub fn resolve(&self, stored: &StoredSettings) -> Result<AzureSettings, SettingsError> {
        let ca_file = stored.ca_file.as_ref().or(self.ca_file.as_ref());
        let proxy = stored.proxy.as_ref().map(|proxy| {
            let credentials = proxy.credentials.as_ref();
            let credentials =
                credentials.map(|place| place.resolve(reference::PROXY, &self.variables));
            Ok::<_, ReferenceError>(Proxy {
                url: proxy.url.clone(),
                credentials: credentials.transpose()?,
            })
        });
        Ok(AzureSettings {
            arm_endpoint: stored.arm_endpoint.clone(),
            authority_host: stored.authority_host.clone(),
            credential: self.credential(&stored.credential)?,
            ca_pem: ca_file.map(|path| read_file(reference::CA, path)).transpose()?,
            proxy: proxy.transpose()?,
            scope: stored.scope(),
        })
    }

    /// How a stored connection reaches Azure, in words and without secrets; or why that cannot be said.
    pub fn in_words(&self, stored: &serde_json::Value) -> Result<Vec<AzureFact>, String> {
        let stored = match read(stored) {
            Err(SettingsError::Simulated) => {
                let value = "nothing: its Azure is simulated in this process".to_owned();
                return Ok(vec![AzureFact { name: "Signs in with", value }]);
            }
            Err(error) => return Err(error.to_string()),
            Ok(stored) => stored,
        };
        let scope = stored.scope();
        let mut facts = vec![("Signs in with", self.sign_in_text(&stored.credential))];
        let (tenant, client) = stored.credential.ids();
        facts.extend(tenant.map(|id| ("Tenant", id.to_owned())));
        facts.extend(client.map(|id| ("Application", id.to_owned())));
        for (name, ids) in [
            ("Below management groups", &scope.management_groups),
            ("Subscriptions", &scope.subscriptions),
            ("Reads only", &scope.include),
            ("Leaves out", &scope.exclude),
        ] {
            if !ids.is_empty() {
                facts.push((name, ids.join(", ")));
            }
        }
        if scope == Scope::default() {
            facts.push(("Reads", "every subscription that it may".to_owned()));
        }
        facts.push(("Azure Resource Manager", stored.arm_endpoint.to_string()));
        facts.extend(stored.proxy.map(|proxy| ("Proxy", proxy.url.to_string())));
        Ok(facts.into_iter().map(|(name, value)| AzureFact { name, value }).collect())
    }

    /// How the connection signs in and where its secret is, in words.
    pub fn sign_in_text(&self, stored: &StoredCredential) -> String {
        let place = |place: &SecretReference, kind: &str| format!("{kind} from {place}");
        match stored {
            StoredCredential::ClientSecret { secret, .. } => {
                place(&self.client_secret(secret.as_ref()), "a client secret")
            }
            StoredCredential::ClientCertificate { certificate_file, .. } => {
                format!("a certificate from the file {}", certificate_file.display())
            }
            StoredCredential::ClientAssertion { assertion, .. } => {
                place(assertion, "a client assertion")
            }
            StoredCredential::AzurePipelines { access_token, .. } => {
                place(access_token, "an Azure Pipelines job's token")
            }
            StoredCredential::ManagedIdentity { .. } => "none: a managed identity".to_owned(),
            StoredCredential::WorkloadIdentity { .. } => "none: a workload identity".to_owned(),
            StoredCredential::AzureCli { .. } => "none: the Azure CLI's sign-in".to_owned(),
            StoredCredential::AzureDeveloperCli { .. } => {
                "none: the Azure Developer CLI's sign-in".to_owned()
            }
            StoredCredential::DeveloperTools => "none: a developer tool's sign-in".to_owned(),
        }
    }

    /// Where a client secret is, of which nothing may have been stored.
    fn client_secret(&self, stored: Option<&SecretReference>) -> SecretReference {
        let file = || self.client_secret_file.clone().map(SecretReference::File);
        stored.cloned().or_else(file).unwrap_or_else(description::usual_client_secret)
    }

    fn credential(&self, stored: &StoredCredential) -> Result<Credential, SettingsError> {
        let secret = |place: &SecretReference, what| place.resolve(what, &self.variables);
        Ok(match stored.clone() {
            StoredCredential::ClientSecret { tenant_id, client_id, secret: place } => {
                let place = self.client_secret(place.as_ref());
                let secret = secret(&place, reference::CLIENT_SECRET)?;
                Credential::ClientSecret { tenant_id, client_id, secret }
            }
            StoredCredential::ClientCertificate {
                tenant_id,
                client_id,
                certificate_file: path,
                password,
            } => {
                let bytes = read_file(reference::CERTIFICATE, &path)?;
                let password =
                    password.map(|place| secret(&place, reference::PASSWORD)).transpose()?;
                let certificate = ClientCertificate::parse(&bytes, password.as_ref())
                    .map_err(|source| SettingsError::Certificate { path, source })?;
                Credential::ClientCertificate { tenant_id, client_id, certificate }
            }
            StoredCredential::ClientAssertion { tenant_id, client_id, assertion } => {
                let assertion = secret(&assertion, reference::ASSERTION)?;
                Credential::ClientAssertion { tenant_id, client_id, assertion }
            }
            StoredCredential::ManagedIdentity { client_id, object_id, resource_id } => {
                let identity = client_id
                    .map(Identity::ClientId)
                    .or(object_id.map(Identity::ObjectId))
                    .or(resource_id.map(Identity::ResourceId))
                    .unwrap_or_default();
                Credential::ManagedIdentity { identity }
            }
            StoredCredential::WorkloadIdentity { tenant_id, client_id, token_file } => {
                Credential::WorkloadIdentity { tenant_id, client_id, token_file }
            }
            StoredCredential::AzurePipelines {
                tenant_id,
                client_id,
                service_connection_id,
                access_token,
            } => {
                let access_token = secret(&access_token, reference::ACCESS_TOKEN)?;
                Credential::AzurePipelines {
                    tenant_id,
                    client_id,
                    service_connection_id,
                    access_token,
                }
            }
            StoredCredential::AzureCli { tenant_id, subscription } => {
                Credential::AzureCli { tenant_id, subscription }
            }
            StoredCredential::AzureDeveloperCli { tenant_id } => {
                Credential::AzureDeveloperCli { tenant_id }
            }
            StoredCredential::DeveloperTools => Credential::DeveloperTools,
        })
    }
}

/// Reads what the database holds of a connection.
pub(crate) fn read(stored: &serde_json::Value) -> Result<StoredSettings, SettingsError> {
    if stored.get("simulated").and_then(serde_json::Value::as_bool) == Some(true) {
        return Err(SettingsError::Simulated);
    }
    StoredSettings::deserialize(stored).map_err(SettingsError::Unreadable)
}

/// Makes a connection, or brings it up to date.
pub(crate) async fn ensure(postern: &Postern, new: Option<NewConnection>) -> anyhow::Result<()> {
    if let Some(new) = new {
        ensure_connection(postern, new).await?;
    }
    Ok(())
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

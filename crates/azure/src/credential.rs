//! How Postern proves to Entra ID who it is, and the credentials of `azure_identity` that do it.

use std::path::PathBuf;
use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use azure_core::http::{ClientMethodOptions, ClientOptions, Transport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, AzurePipelinesCredential, AzurePipelinesCredentialOptions,
    ClientAssertion, ClientAssertionCredential, ClientAssertionCredentialOptions,
    ClientSecretCredential, ClientSecretCredentialOptions, DeveloperToolsCredential,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};

use crate::certificate::{CertificateAssertion, ClientCertificate};
use crate::failure::CollectError;
use crate::secret::Secret;
use crate::settings::{AzureSettings, CollectLimits};
use crate::transport;

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
    /// An app registration with a certificate.
    ClientCertificate {
        /// The tenant's id.
        tenant_id: String,
        /// The application's id.
        client_id: String,
        /// The certificate with its private key.
        certificate: ClientCertificate,
    },
    /// An app registration that trusts another issuer's tokens (a federated credential), with such a token.
    ClientAssertion {
        /// The tenant's id.
        tenant_id: String,
        /// The application's id.
        client_id: String,
        /// The other issuer's token, a JWT.
        assertion: Secret,
    },
    /// Workload identity, as of a Kubernetes pod; the token's file is read again while a scan lasts.
    WorkloadIdentity {
        /// The tenant's id; `AZURE_TENANT_ID` of the environment by default.
        tenant_id: Option<String>,
        /// The application's or identity's client id; `AZURE_CLIENT_ID` by default.
        client_id: Option<String>,
        /// The file with the issuer's token; `AZURE_FEDERATED_TOKEN_FILE` by default.
        token_file: Option<PathBuf>,
    },
    /// The managed identity of the machine or service that Postern runs on.
    ManagedIdentity {
        /// Which one.
        identity: Identity,
    },
    /// A service connection of an Azure Pipelines job; needs `SYSTEM_OIDCREQUESTURI` of the job's environment.
    AzurePipelines {
        /// The tenant's id.
        tenant_id: String,
        /// The client id of the service connection's application.
        client_id: String,
        /// The service connection's id.
        service_connection_id: String,
        /// The job's `System.AccessToken`.
        access_token: Secret,
    },
    /// Whoever is signed in to the Azure CLI (`az login`).
    AzureCli {
        /// The tenant to ask for; the CLI's own choice by default.
        tenant_id: Option<String>,
        /// A subscription, by id or name, whose account is used; the CLI's current one by default.
        subscription: Option<String>,
    },
    /// Whoever is signed in to the Azure Developer CLI (`azd auth login`).
    AzureDeveloperCli {
        /// The tenant to ask for; the CLI's own choice by default.
        tenant_id: Option<String>,
    },
    /// The Azure CLI, else the Azure Developer CLI.
    DeveloperTools,
}

/// Which managed identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    /// The one that exists with the machine.
    #[default]
    SystemAssigned,
    /// A user-assigned one, by its client id.
    ClientId(String),
    /// A user-assigned one, by its object (principal) id.
    ObjectId(String),
    /// A user-assigned one, by its ARM id. Not on App Service.
    ResourceId(String),
}

impl Credential {
    /// Whether Postern itself asks Entra ID: a failed connection is then one to Entra ID.
    pub(crate) fn asks_entra(&self) -> bool {
        matches!(
            self,
            Self::ClientSecret { .. }
                | Self::ClientCertificate { .. }
                | Self::ClientAssertion { .. }
                | Self::WorkloadIdentity { .. }
                | Self::AzurePipelines { .. }
        )
    }

    /// What may not be repeated in any message.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        match self {
            Self::ClientSecret { secret, .. } => Some(secret),
            Self::ClientAssertion { assertion, .. } => Some(assertion),
            Self::AzurePipelines { access_token, .. } => Some(access_token),
            _ => None,
        }
    }
}

/// Makes the credential; asks nobody yet.
pub(crate) fn token_credential(
    settings: &AzureSettings,
    limits: &CollectLimits,
    client_options: ClientOptions,
) -> Result<Arc<dyn TokenCredential>, CollectError> {
    let assertion_options = ClientAssertionCredentialOptions { client_options };
    made(settings, limits, assertion_options)?.map_err(|error| {
        let said = crate::failure::first_line(&error.to_string());
        // azure_identity goes on to advise on its own options, which nobody here can set.
        let message = match said.split_once(". Check pod configuration") {
            Some((said, _)) => format!(
                "{said}, neither by the settings nor by AZURE_TENANT_ID, AZURE_CLIENT_ID and \
                 AZURE_FEDERATED_TOKEN_FILE of the environment"
            ),
            None => said,
        };
        CollectError::InvalidSettings { setting: "credential", message }
    })
}

type Made = azure_core::Result<Arc<dyn TokenCredential>>;

fn made(
    settings: &AzureSettings,
    limits: &CollectLimits,
    options: ClientAssertionCredentialOptions,
) -> Result<Made, CollectError> {
    Ok(match settings.credential.clone() {
        Credential::ClientSecret { tenant_id, client_id, secret } => {
            let options = ClientSecretCredentialOptions { client_options: options.client_options };
            let secret = secret.expose().to_owned().into();
            shared(ClientSecretCredential::new(&tenant_id, client_id, secret, Some(options)))
        }
        Credential::ClientCertificate { tenant_id, client_id, certificate } => {
            let audience = format!(
                "{}/{tenant_id}/oauth2/v2.0/token",
                settings.authority_host.origin().ascii_serialization()
            );
            let assertion =
                CertificateAssertion { certificate, client_id: client_id.clone(), audience };
            shared(ClientAssertionCredential::new(tenant_id, client_id, assertion, Some(options)))
        }
        Credential::ClientAssertion { tenant_id, client_id, assertion } => {
            let assertion = GivenAssertion(assertion);
            shared(ClientAssertionCredential::new(tenant_id, client_id, assertion, Some(options)))
        }
        Credential::WorkloadIdentity { tenant_id, client_id, token_file } => {
            let options = WorkloadIdentityCredentialOptions {
                credential_options: options,
                client_id,
                tenant_id,
                token_file_path: token_file,
            };
            shared(WorkloadIdentityCredential::new(Some(options)))
        }
        Credential::ManagedIdentity { identity } => {
            // The identity's end point is on the machine itself, where no proxy leads.
            let client = transport::machine_client(limits)?;
            let options = ManagedIdentityCredentialOptions {
                user_assigned_id: user_assigned(identity),
                client_options: ClientOptions {
                    transport: Some(Transport::new(Arc::new(client))),
                    ..ClientOptions::default()
                },
            };
            shared(ManagedIdentityCredential::new(Some(options)))
        }
        Credential::AzurePipelines {
            tenant_id,
            client_id,
            service_connection_id,
            access_token,
        } => shared(AzurePipelinesCredential::new(
            tenant_id,
            client_id,
            &service_connection_id,
            access_token.expose().to_owned(),
            Some(AzurePipelinesCredentialOptions { credential_options: options }),
        )),
        Credential::AzureCli { tenant_id, subscription } => {
            let options =
                AzureCliCredentialOptions { subscription, tenant_id, ..Default::default() };
            shared(AzureCliCredential::new(Some(options)))
        }
        Credential::AzureDeveloperCli { tenant_id } => {
            let options = AzureDeveloperCliCredentialOptions { tenant_id, ..Default::default() };
            shared(AzureDeveloperCliCredential::new(Some(options)))
        }
        Credential::DeveloperTools => shared(DeveloperToolsCredential::new(None)),
    })
}

fn shared<T: TokenCredential + 'static>(made: azure_core::Result<Arc<T>>) -> Made {
    made.map(|made| made as Arc<dyn TokenCredential>)
}

fn user_assigned(identity: Identity) -> Option<UserAssignedId> {
    match identity {
        Identity::SystemAssigned => None,
        Identity::ClientId(id) => Some(UserAssignedId::ClientId(id)),
        Identity::ObjectId(id) => Some(UserAssignedId::ObjectId(id)),
        Identity::ResourceId(id) => Some(UserAssignedId::ResourceId(id)),
    }
}

/// A token of another issuer, which somebody gave.
#[derive(Debug)]
struct GivenAssertion(Secret);

#[async_trait::async_trait]
impl ClientAssertion for GivenAssertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        Ok(self.0.expose().to_owned())
    }
}

#[cfg(test)]
mod tests;

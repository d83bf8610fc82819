//! The credentials of `azure_identity`, made from settings.

use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use azure_core::http::ClientOptions;
use azure_identity::{
    AzureCliCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, DeveloperToolsCredential, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, UserAssignedId, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};

use crate::failure::CollectError;
use crate::settings::Credential;

/// Makes the credential; asks nobody yet.
pub(crate) fn token_credential(
    credential: &Credential,
    client_options: ClientOptions,
) -> Result<Arc<dyn TokenCredential>, CollectError> {
    let made: azure_core::Result<Arc<dyn TokenCredential>> = match credential {
        Credential::ClientSecret { tenant_id, client_id, secret } => ClientSecretCredential::new(
            tenant_id,
            client_id.clone(),
            secret.expose().to_owned().into(),
            Some(ClientSecretCredentialOptions { client_options }),
        )
        .map(|made| made as Arc<dyn TokenCredential>),
        Credential::ManagedIdentity { client_id } => {
            // The identity end point is on the machine itself: its own transport, not ours.
            let options = ManagedIdentityCredentialOptions {
                user_assigned_id: client_id.clone().map(UserAssignedId::ClientId),
                ..ManagedIdentityCredentialOptions::default()
            };
            ManagedIdentityCredential::new(Some(options))
                .map(|made| made as Arc<dyn TokenCredential>)
        }
        Credential::WorkloadIdentity => {
            let options = WorkloadIdentityCredentialOptions {
                credential_options: ClientAssertionCredentialOptions { client_options },
                ..WorkloadIdentityCredentialOptions::default()
            };
            WorkloadIdentityCredential::new(Some(options))
                .map(|made| made as Arc<dyn TokenCredential>)
        }
        Credential::AzureCli => {
            AzureCliCredential::new(None).map(|made| made as Arc<dyn TokenCredential>)
        }
        Credential::DeveloperTools => {
            DeveloperToolsCredential::new(None).map(|made| made as Arc<dyn TokenCredential>)
        }
    };
    made.map_err(|error| CollectError::InvalidSettings {
        setting: "credential",
        message: crate::failure::first_line(&error.to_string()),
    })
}

//! From the command line to what is stored of a connection.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum as _;
use postern_service::azure::{Cloud, Scope};
use url::Url;

use super::reference::SecretReference;
use super::stored::{StoredCredential, StoredProxy, StoredSettings};
use crate::Variables;
use crate::cli::{AzureArguments, CloudKind, CredentialKind, NetworkArguments, ScopeArguments};

/// The variables that hold secrets, unless a flag names a file or another variable.
const CLIENT_SECRET: &str = "POSTERN_AZURE_CLIENT_SECRET";
const CERTIFICATE_PASSWORD: &str = "POSTERN_AZURE_CERTIFICATE_PASSWORD";
const CLIENT_ASSERTION: &str = "POSTERN_AZURE_CLIENT_ASSERTION";
const PROXY_CREDENTIALS: &str = "POSTERN_AZURE_PROXY_CREDENTIALS";
/// Azure Pipelines' own name, which a job has to map itself.
const ACCESS_TOKEN: &str = "SYSTEM_ACCESSTOKEN";

/// Where a client secret is that nothing else was said of.
pub(super) fn usual_client_secret() -> SecretReference {
    SecretReference::Environment(CLIENT_SECRET.to_owned())
}

/// What the arguments say of a tenant; `None` where they name none.
pub(crate) fn describe(
    arguments: &AzureArguments,
    variables: &Variables,
) -> anyhow::Result<Option<StoredSettings>> {
    let Some(kind) = arguments.azure_credential else { return Ok(None) };
    let network = &arguments.network;
    let cloud = match network.azure_cloud {
        CloudKind::Public => Cloud::Public,
        CloudKind::UsGovernment => Cloud::UsGovernment,
        CloudKind::China => Cloud::China21Vianet,
    };
    let arm_endpoint = end_point(
        "--azure-arm-endpoint",
        network.azure_arm_endpoint.as_deref(),
        cloud.arm_endpoint(),
    )?;
    let authority_host = end_point(
        "--azure-authority-host",
        network.azure_authority_host.as_deref(),
        cloud.authority_host(),
    )?;
    let credential = Described { kind, arguments, variables }.credential()?;
    let mut stored = StoredSettings::new(arm_endpoint, authority_host, credential);
    stored.scope = scope(&arguments.scope)?.into();
    stored.proxy = proxy(network, variables)?;
    stored.ca_file = network.azure_ca_file.as_deref().map(absolute).transpose()?;
    Ok(Some(stored))
}

/// What is said of a credential.
struct Described<'a> {
    kind: CredentialKind,
    arguments: &'a AzureArguments,
    variables: &'a Variables,
}

impl Described<'_> {
    fn credential(&self) -> anyhow::Result<StoredCredential> {
        let given = &self.arguments.identity;
        let tenant_id = || self.needed(given.azure_tenant_id.as_ref(), "--azure-tenant-id");
        let client_id = || self.needed(given.azure_client_id.as_ref(), "--azure-client-id");
        Ok(match self.kind {
            CredentialKind::ClientSecret => StoredCredential::ClientSecret {
                tenant_id: tenant_id()?,
                client_id: client_id()?,
                secret: Some(
                    self.secret(given.azure_client_secret_file.as_deref(), CLIENT_SECRET)?,
                ),
            },
            CredentialKind::ClientCertificate => {
                let file = given.azure_certificate_file.as_deref();
                let file = file.with_context(|| self.lacks("--azure-certificate-file"))?;
                StoredCredential::ClientCertificate {
                    tenant_id: tenant_id()?,
                    client_id: client_id()?,
                    certificate_file: absolute(file)?,
                    password: self.password()?,
                }
            }
            CredentialKind::ClientAssertion => StoredCredential::ClientAssertion {
                tenant_id: tenant_id()?,
                client_id: client_id()?,
                assertion: self.secret(given.azure_token_file.as_deref(), CLIENT_ASSERTION)?,
            },
            CredentialKind::ManagedIdentity => self.managed_identity()?,
            CredentialKind::WorkloadIdentity => StoredCredential::WorkloadIdentity {
                tenant_id: filled(given.azure_tenant_id.as_ref()),
                client_id: filled(given.azure_client_id.as_ref()),
                token_file: given.azure_token_file.as_deref().map(absolute).transpose()?,
            },
            CredentialKind::AzurePipelines => StoredCredential::AzurePipelines {
                tenant_id: tenant_id()?,
                client_id: client_id()?,
                service_connection_id: self.needed(
                    given.azure_service_connection_id.as_ref(),
                    "--azure-service-connection-id",
                )?,
                access_token: self.secret(None, ACCESS_TOKEN)?,
            },
            CredentialKind::AzureCli => StoredCredential::AzureCli {
                tenant_id: filled(given.azure_tenant_id.as_ref()),
                subscription: filled(given.azure_cli_subscription.as_ref()),
            },
            CredentialKind::AzureDeveloperCli => StoredCredential::AzureDeveloperCli {
                tenant_id: filled(given.azure_tenant_id.as_ref()),
            },
            CredentialKind::DeveloperTools => StoredCredential::DeveloperTools,
        })
    }

    fn managed_identity(&self) -> anyhow::Result<StoredCredential> {
        let given = &self.arguments.identity;
        let client_id = filled(given.azure_client_id.as_ref());
        let object_id = filled(given.azure_identity_object_id.as_ref());
        let resource_id = filled(given.azure_identity_resource_id.as_ref());
        if [&client_id, &object_id, &resource_id].into_iter().flatten().count() > 1 {
            anyhow::bail!(
                "a managed identity is named by one of --azure-client-id, --azure-identity-object-id and --azure-identity-resource-id"
            );
        }
        Ok(StoredCredential::ManagedIdentity { client_id, object_id, resource_id })
    }

    fn needed(&self, value: Option<&String>, flag: &str) -> anyhow::Result<String> {
        filled(value).with_context(|| self.lacks(flag))
    }

    fn lacks(&self, flag: &str) -> String {
        let kind = self.kind.to_possible_value();
        let kind = kind.as_ref().map_or("", |kind| kind.get_name());
        format!("--azure-credential {kind} also needs {flag}")
    }

    /// Where the kind's secret is.
    fn secret(&self, file: Option<&Path>, usual: &str) -> anyhow::Result<SecretReference> {
        let named = filled(self.arguments.identity.azure_secret_variable.as_ref());
        match (file, named) {
            (Some(file), _) => Ok(SecretReference::File(absolute(file)?)),
            (None, Some(name)) => Ok(SecretReference::Environment(variable_name(name)?)),
            (None, None) => Ok(SecretReference::Environment(usual.to_owned())),
        }
    }

    /// Where the certificate's password is, if it has one.
    fn password(&self) -> anyhow::Result<Option<SecretReference>> {
        let given = &self.arguments.identity;
        let file = given.azure_certificate_password_file.as_deref();
        let is_said = file.is_some()
            || given.azure_secret_variable.is_some()
            || self.variables.get(CERTIFICATE_PASSWORD).is_some();
        is_said.then(|| self.secret(file, CERTIFICATE_PASSWORD)).transpose()
    }
}

fn scope(given: &ScopeArguments) -> anyhow::Result<Scope> {
    // An empty environment variable is a list of one empty text.
    let listed = |list: &[String]| if list == [""] { Vec::new() } else { list.to_vec() };
    Ok(Scope::parse(Scope {
        management_groups: listed(&given.azure_management_groups),
        subscriptions: listed(&given.azure_subscriptions),
        include: listed(&given.azure_include),
        exclude: listed(&given.azure_exclude),
    })?)
}

fn proxy(given: &NetworkArguments, variables: &Variables) -> anyhow::Result<Option<StoredProxy>> {
    let Some(text) = filled(given.azure_proxy.as_ref()) else { return Ok(None) };
    let url = Url::parse(&text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        // Not repeated: it may hold a password.
        .context("--azure-proxy is not a URL that begins with http:// or https://")?;
    if !url.username().is_empty() || url.password().is_some() {
        anyhow::bail!(
            "--azure-proxy holds credentials, which belong into --azure-proxy-credentials-file or {PROXY_CREDENTIALS}"
        );
    }
    let credentials = match given.azure_proxy_credentials_file.as_deref() {
        Some(file) => Some(SecretReference::File(absolute(file)?)),
        None => variables
            .get(PROXY_CREDENTIALS)
            .map(|_| SecretReference::Environment(PROXY_CREDENTIALS.to_owned())),
    };
    Ok(Some(StoredProxy { url, credentials }))
}

fn end_point(flag: &str, text: Option<&str>, usual: Url) -> anyhow::Result<Url> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(usual) };
    let url = Url::parse(text).with_context(|| format!("{flag} is not a URL: {text}"))?;
    // Tokens and secrets travel there.
    if url.scheme() != "https" {
        anyhow::bail!(
            "{flag} has to begin with https://, because credentials are sent there: {text}"
        );
    }
    Ok(url)
}

fn variable_name(name: String) -> anyhow::Result<String> {
    let is_name = !name.starts_with(|character: char| character.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    // Not repeated: somebody may have given the secret itself.
    anyhow::ensure!(is_name, "--azure-secret-variable is not the name of an environment variable");
    Ok(name)
}

/// An empty environment variable is as good as none.
fn filled(value: Option<&String>) -> Option<String> {
    value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The path for processes that run elsewhere; links stay, because secrets are rotated by moving them.
fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("{} is no path", path.display()))
}

//! How the command line names an Azure tenant.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use postern_service::connection::Schedule;

/// An Azure tenant to scan; without `--azure-credential` there is none.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Azure tenant (made a connection at the start)")]
pub(crate) struct AzureArguments {
    /// How to sign in to Azure; giving it turns the connection on.
    #[arg(long, env = "POSTERN_AZURE_CREDENTIAL", value_name = "KIND")]
    pub azure_credential: Option<CredentialKind>,
    /// What addresses and other commands call the connection.
    #[arg(long, env = "POSTERN_AZURE_CONNECTION", value_name = "SLUG", default_value = "azure")]
    pub azure_connection: String,
    /// What people call the connection.
    #[arg(long, env = "POSTERN_AZURE_NAME", value_name = "NAME", default_value = "Azure")]
    pub azure_name: String,
    /// How often to scan: a number with m, h or d, such as 6h, counted from when the last scan began [default: 24h].
    #[arg(long, env = "POSTERN_AZURE_SCAN_EVERY", value_name = "TIME", value_parser = parse_seconds)]
    pub azure_scan_every: Option<u32>,
    /// When to scan instead: a cron expression (minute, hour, day, month, weekday), such as "0 2 * * mon-fri".
    ///
    /// The first scan waits for its time too. What is missed while Postern does not run is caught up by one scan.
    #[arg(
        long,
        env = "POSTERN_AZURE_SCHEDULE",
        value_name = "CRON",
        conflicts_with = "azure_scan_every"
    )]
    pub azure_schedule: Option<String>,
    /// The time zone whose clocks --azure-schedule means, such as Europe/Amsterdam.
    #[arg(long, env = "POSTERN_AZURE_TIME_ZONE", value_name = "ZONE", default_value = "UTC")]
    pub azure_time_zone: String,
    #[command(flatten)]
    pub identity: IdentityArguments,
    #[command(flatten)]
    pub scope: ScopeArguments,
    #[command(flatten)]
    pub network: NetworkArguments,
}

impl AzureArguments {
    /// When the connection is scanned.
    pub fn schedule(&self) -> Schedule {
        match (&self.azure_schedule, self.azure_scan_every) {
            (Some(expression), _) => Schedule::Cron {
                expression: expression.clone(),
                time_zone: self.azure_time_zone.clone(),
            },
            (None, Some(seconds)) => Schedule::Every { seconds },
            (None, None) => Schedule::DAILY,
        }
    }
}

/// Who asks. Secrets are named here, never given: a process list shows arguments to everybody.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_field_names, reason = "the fields are the flags, which need the prefix")]
#[command(next_help_heading = "Azure sign-in")]
pub(crate) struct IdentityArguments {
    /// The tenant's id; needed by all kinds that name an application.
    #[arg(long, env = "POSTERN_AZURE_TENANT_ID", value_name = "ID")]
    pub azure_tenant_id: Option<String>,
    /// The application's client id, or that of a user-assigned identity (managed-identity).
    #[arg(long, env = "POSTERN_AZURE_CLIENT_ID", value_name = "ID")]
    pub azure_client_id: Option<String>,
    /// A file with the client secret [default: the environment variable `POSTERN_AZURE_CLIENT_SECRET`].
    ///
    /// Postern stores the file's name, never what is in it, and reads it again for every scan.
    #[arg(long, env = "POSTERN_AZURE_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub azure_client_secret_file: Option<PathBuf>,
    /// A file with the certificate and its private RSA key, in PEM or PKCS#12 (client-certificate).
    #[arg(long, env = "POSTERN_AZURE_CERTIFICATE_FILE", value_name = "FILE")]
    pub azure_certificate_file: Option<PathBuf>,
    /// A file with the PKCS#12 file's password [default: `POSTERN_AZURE_CERTIFICATE_PASSWORD`, where that is set].
    #[arg(long, env = "POSTERN_AZURE_CERTIFICATE_PASSWORD_FILE", value_name = "FILE")]
    pub azure_certificate_password_file: Option<PathBuf>,
    /// A file with another issuer's token: client-assertion [default: `POSTERN_AZURE_CLIENT_ASSERTION`],
    /// workload-identity [default: the file that `AZURE_FEDERATED_TOKEN_FILE` names].
    #[arg(long, env = "POSTERN_AZURE_TOKEN_FILE", value_name = "FILE")]
    pub azure_token_file: Option<PathBuf>,
    /// The environment variable that holds the secret, where it is not the one of that kind: for several
    /// connections in one process.
    #[arg(long, env = "POSTERN_AZURE_SECRET_VARIABLE", value_name = "NAME")]
    pub azure_secret_variable: Option<String>,
    /// A user-assigned identity by its object id (managed-identity).
    #[arg(long, env = "POSTERN_AZURE_IDENTITY_OBJECT_ID", value_name = "ID")]
    pub azure_identity_object_id: Option<String>,
    /// A user-assigned identity by its ARM id (managed-identity).
    #[arg(long, env = "POSTERN_AZURE_IDENTITY_RESOURCE_ID", value_name = "ID")]
    pub azure_identity_resource_id: Option<String>,
    /// The service connection's id (azure-pipelines); the job's token is `SYSTEM_ACCESSTOKEN` of the environment.
    #[arg(long, env = "POSTERN_AZURE_SERVICE_CONNECTION_ID", value_name = "ID")]
    pub azure_service_connection_id: Option<String>,
    /// The subscription, by id or name, whose account of the Azure CLI is used (azure-cli).
    #[arg(long, env = "POSTERN_AZURE_CLI_SUBSCRIPTION", value_name = "SUBSCRIPTION")]
    pub azure_cli_subscription: Option<String>,
}

/// What of the tenant is read [default: everything that the credential sees].
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_field_names, reason = "the fields are the flags, which need the prefix")]
#[command(next_help_heading = "Azure scope")]
pub(crate) struct ScopeArguments {
    /// Only the subscriptions below these management groups, by id and separated by commas.
    #[arg(
        long,
        env = "POSTERN_AZURE_MANAGEMENT_GROUPS",
        value_name = "IDS",
        value_delimiter = ','
    )]
    pub azure_management_groups: Vec<String>,
    /// Only these subscriptions, by id and separated by commas.
    #[arg(long, env = "POSTERN_AZURE_SUBSCRIPTIONS", value_name = "IDS", value_delimiter = ',')]
    pub azure_subscriptions: Vec<String>,
    /// Of these, only the ones whose name or id fits a pattern, such as "prod-*,AI ?": * is any text, ? one character.
    #[arg(long, env = "POSTERN_AZURE_INCLUDE", value_name = "PATTERNS", value_delimiter = ',')]
    pub azure_include: Vec<String>,
    /// Not the ones whose name or id fits a pattern, whatever else names them.
    #[arg(long, env = "POSTERN_AZURE_EXCLUDE", value_name = "PATTERNS", value_delimiter = ',')]
    pub azure_exclude: Vec<String>,
}

/// The way to Azure.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_field_names, reason = "the fields are the flags, which need the prefix")]
#[command(next_help_heading = "Azure network")]
pub(crate) struct NetworkArguments {
    /// Which Azure.
    #[arg(long, env = "POSTERN_AZURE_CLOUD", value_name = "CLOUD", default_value = "public")]
    pub azure_cloud: CloudKind,
    /// Azure Resource Manager's end point, for an Azure that `--azure-cloud` does not know.
    #[arg(long, env = "POSTERN_AZURE_ARM_ENDPOINT", value_name = "URL")]
    pub azure_arm_endpoint: Option<String>,
    /// Entra ID's end point, likewise.
    #[arg(long, env = "POSTERN_AZURE_AUTHORITY_HOST", value_name = "URL")]
    pub azure_authority_host: Option<String>,
    /// The HTTP proxy to go through [default: what `HTTPS_PROXY` and `NO_PROXY` of the environment say].
    #[arg(long, env = "POSTERN_AZURE_PROXY", value_name = "URL")]
    pub azure_proxy: Option<String>,
    /// A file with the proxy's user:password [default: `POSTERN_AZURE_PROXY_CREDENTIALS`, where that is set].
    #[arg(long, env = "POSTERN_AZURE_PROXY_CREDENTIALS_FILE", value_name = "FILE")]
    pub azure_proxy_credentials_file: Option<PathBuf>,
    /// A PEM file with certificates to trust besides the usual ones, such as a proxy's.
    #[arg(long, env = "POSTERN_AZURE_CA_FILE", value_name = "FILE")]
    pub azure_ca_file: Option<PathBuf>,
}

/// How to sign in to Azure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CredentialKind {
    /// An app registration with a client secret.
    ClientSecret,
    /// An app registration with a certificate.
    ClientCertificate,
    /// An app registration that trusts another issuer, with a token of that issuer.
    ClientAssertion,
    /// The managed identity of the machine.
    ManagedIdentity,
    /// The workload identity of a Kubernetes pod, or of anything that has a token in a file.
    WorkloadIdentity,
    /// The service connection of an Azure Pipelines job.
    AzurePipelines,
    /// Whoever is signed in with `az login`.
    AzureCli,
    /// Whoever is signed in with `azd auth login`.
    AzureDeveloperCli,
    /// The Azure CLI, else the Azure Developer CLI.
    DeveloperTools,
}

/// Which Azure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CloudKind {
    /// The one that nearly everybody uses.
    #[default]
    Public,
    /// Azure US Government.
    UsGovernment,
    /// Azure in China, operated by 21Vianet.
    China,
}

/// Reads `15m`, `6h` or `1d` as seconds; a minute at least, thirty days at most.
fn parse_seconds(text: &str) -> Result<u32, String> {
    const FORM: &str = "expected a number with m, h or d, from 1m to 30d";
    let unit = text.chars().next_back().ok_or(FORM)?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(FORM.to_owned()),
    };
    text.strip_suffix(unit)
        .and_then(|digits| digits.parse::<u32>().ok())
        .and_then(|count| count.checked_mul(seconds))
        .filter(|total| (60..=30 * 86_400).contains(total))
        .ok_or_else(|| FORM.to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse_seconds;

    #[test]
    fn times_are_read_and_nonsense_is_refused() {
        let check = |text, expected| assert_eq!(parse_seconds(text).ok(), expected, "{text}");
        check("15m", Some(900));
        check("6h", Some(21_600));
        check("1d", Some(86_400));
        for wrong in ["", "m", "6", "0h", "-1h", "31d", "99999999999d", "6 h", "é"] {
            check(wrong, None);
        }
    }
}

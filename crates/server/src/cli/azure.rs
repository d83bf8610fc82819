//! How the command line names an Azure tenant.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// An Azure tenant to scan; without `--azure-credential` there is none.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "the fields are the flags, which need the prefix")]
#[command(next_help_heading = "Azure tenant to scan (made a connection at the start)")]
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
    /// The tenant's id (client-secret).
    #[arg(long, env = "POSTERN_AZURE_TENANT_ID", value_name = "ID")]
    pub azure_tenant_id: Option<String>,
    /// The application's id (client-secret), or that of a user-assigned identity (managed-identity).
    #[arg(long, env = "POSTERN_AZURE_CLIENT_ID", value_name = "ID")]
    pub azure_client_id: Option<String>,
    /// A file with the client secret; or set `POSTERN_AZURE_CLIENT_SECRET`. There is no flag for the secret itself.
    #[arg(long, env = "POSTERN_AZURE_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub azure_client_secret_file: Option<PathBuf>,
    /// Only these subscriptions, by id and separated by commas [default: all that the credential sees].
    #[arg(long, env = "POSTERN_AZURE_SUBSCRIPTIONS", value_name = "IDS", value_delimiter = ',')]
    pub azure_subscriptions: Vec<String>,
    /// How often to scan: a number with m, h or d, such as 6h.
    #[arg(long, env = "POSTERN_AZURE_SCAN_EVERY", value_name = "TIME", default_value = "24h", value_parser = parse_seconds)]
    pub azure_scan_every: u32,
    /// Azure Resource Manager's end point, for clouds other than the public one.
    #[arg(
        long,
        env = "POSTERN_AZURE_ARM_ENDPOINT",
        value_name = "URL",
        default_value = "https://management.azure.com"
    )]
    pub azure_arm_endpoint: String,
    /// Entra ID's end point, for clouds other than the public one.
    #[arg(
        long,
        env = "POSTERN_AZURE_AUTHORITY_HOST",
        value_name = "URL",
        default_value = "https://login.microsoftonline.com"
    )]
    pub azure_authority_host: String,
    /// A PEM file with certificates to trust besides the usual ones, such as a proxy's.
    #[arg(long, env = "POSTERN_AZURE_CA_FILE", value_name = "FILE")]
    pub azure_ca_file: Option<PathBuf>,
}

/// How to sign in to Azure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CredentialKind {
    /// An app registration with a client secret.
    ClientSecret,
    /// The managed identity of the machine.
    ManagedIdentity,
    /// The workload identity of a Kubernetes pod.
    WorkloadIdentity,
    /// Whoever is signed in with `az login`.
    AzureCli,
    /// The Azure CLI, else the Azure Developer CLI.
    DeveloperTools,
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

//! What only the process that serves knows of itself, for the pages of administration; never a secret.

use std::fmt;
use std::sync::Arc;

use postern_domain::notification::audience::Channels;
use postern_domain::person::GrantRules;
use serde_json::Value;

/// How a process signs in to Azure by the stored settings of a connection, in words.
pub type DescribeAzure = Arc<dyn Fn(&Value) -> Result<Vec<AzureFact>, String> + Send + Sync>;

/// Something that is said of how Azure is reached: what it is called, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AzureFact {
    /// Such as `Signs in with`.
    pub name: &'static str,
    /// Such as `a client secret from the environment variable POSTERN_AZURE_CLIENT_SECRET`.
    pub value: String,
}

/// What the process that serves knows of itself.
#[derive(Clone)]
pub struct Installation {
    /// By which claims people have their roles; `None` where nobody signs in.
    pub grants: Option<GrantRules>,
    /// Where it sends notifications; `None` where it sends none.
    pub channels: Option<Channels>,
    /// How it reaches Azure.
    pub azure: DescribeAzure,
    /// A new secret that nobody guesses; `None` where the system gives no random numbers.
    pub new_secret: fn() -> Option<String>,
}

impl fmt::Debug for Installation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Installation").finish_non_exhaustive()
    }
}

//! Gaps: what could not be read, why, and what would mend it.

pub mod fix;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::arm::{AssetId, AssetType};

/// Something that could not be read in a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// The Azure operation, such as `Accounts_List`, or the file.
    pub operation: String,
    /// What was asked: an ARM scope such as `/subscriptions/{id}`, or a file's path.
    pub scope: String,
    /// The asset type whose listing failed, where the gap is a listing.
    pub asset_type: Option<AssetType>,
    /// The asset whose related fact failed, where the gap is a fact of one asset.
    pub asset: Option<AssetId>,
    /// Of how many assets a related fact failed, where it failed for several alike; they are not named here,
    /// because they may be a hundred thousand, but each asset's document says so itself.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub assets: u64,
    /// Why.
    pub reason: GapReason,
}

/// Why something could not be read, and what would mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GapReason {
    /// The kind of failure.
    pub kind: GapKind,
    /// The HTTP status, where there was an answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// The Azure action that the credential lacks, such as `Microsoft.Insights/diagnosticSettings/read`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub action: Option<String>,
    /// One sentence for people: what was refused or went wrong. No secrets, no request ids.
    pub message: String,
}

/// The kinds of failure to read.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// 401 or 403.
    Forbidden,
    /// 404 where a listing should have been.
    NotFound,
    /// 429 until the retries were used up.
    Throttled,
    /// 5xx until the retries were used up.
    ServerError,
    /// No connection, or a broken one.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// An answer that is not what the API promises.
    Malformed,
    /// The list was cut short.
    Truncated,
    /// The imported files do not hold it.
    NotInImport,
    /// The rule pack could not judge: it was trapped, stopped or refused.
    PackProblem,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl GapKind {
    /// The kind as stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Throttled => "throttled",
            Self::ServerError => "server_error",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Malformed => "malformed",
            Self::Truncated => "truncated",
            Self::NotInImport => "not_in_import",
            Self::PackProblem => "pack_problem",
        }
    }
}

impl GapReason {
    /// A reason with a kind and a sentence alone.
    pub fn new(kind: GapKind, message: impl Into<String>) -> Self {
        Self { kind, status: None, action: None, message: message.into() }
    }
}

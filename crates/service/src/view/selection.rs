//! All findings that match, chosen for one act.

use postern_domain::id::{EvaluationId, ScanId};
use serde::Serialize;
use time::OffsetDateTime;

use super::{ConnectionView, FindingQuery, FindingRowView};

/// What somebody saw of a list: the moment, and the evaluation that held then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// When the list was shown.
    pub at: OffsetDateTime,
    /// The evaluation that it was of.
    pub evaluation: EvaluationId,
}

/// Why a finding that matches is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum SkipReason {
    /// A request for it waits already.
    Requested,
    /// It was accepted.
    Excepted,
    /// It has ended.
    Resolved,
    /// It could not be judged any more.
    Unknown,
    /// It is not of a team that whoever asks can ask for.
    OfOthers,
}

impl SkipReason {
    /// As people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Requested => "A request waits already",
            Self::Excepted => "Accepted since",
            Self::Resolved => "Resolved since",
            Self::Unknown => "Could not be judged since",
            Self::OfOthers => "Not of your team: its own team or an engineer can ask",
        }
    }
}

/// The findings that matched when somebody saw them.
#[derive(Clone, Debug, Serialize)]
pub struct SelectionView {
    /// The connection.
    pub connection: ConnectionView,
    /// What was asked, of now.
    pub query: FindingQuery,
    /// When, and of which evaluation.
    pub seen: Seen,
    /// The scan that was judged last by then.
    pub scan: ScanId,
    /// How many matched then.
    pub matched: u64,
    /// Those that can be asked for.
    pub findings: Vec<FindingRowView>,
    /// The others, with why.
    pub skipped: Vec<(SkipReason, FindingRowView)>,
}

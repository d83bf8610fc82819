//! Exceptions: asking for them, deciding on them, and what that means for findings.
//!
//! What is possible is decided by `postern_domain::exception`. Here it gets who acts and how findings stand, and what
//! comes of it is written with its entry in the decision log: each act happens under the log's lock, so that of two at the
//! same moment the second sees what the first left.

mod act;
mod decide;
mod effect;
mod exemption;
mod file;
mod list;
mod policy;
mod preview;
mod review;
mod show;
mod span;
mod state;
mod thread;

use postern_domain::exception::evidence_file::EvidenceFileError;
use postern_domain::exception::refusal::Refusal;
use postern_domain::exception::request::RequestError;
use postern_domain::id::{ExceptionId, FindingId, PersonId, RuleId};
use postern_domain::person::Denied;
use postern_store::StoreError;

pub(crate) use act::form_key;
pub use decide::{
    BulkDecision, Decision, MOST_AT_ONCE, decide_exception, decide_exceptions, revoke_exception,
    withdraw_exception,
};
pub(crate) use effect::{Effect, Effects, keep_apart};
pub use exemption::list_exemptions;
pub use file::{Filing, edit_exception, file_draft, file_exception};
pub use list::list_exceptions;
pub use policy::{PolicyError, change_exception_policy, exception_policy, set_exception_policy};
pub use preview::preview_exception;
pub(crate) use review::review;
pub use show::show_exception;
pub use thread::{attach_file, comment_on_exception, evidence_file};

use crate::read::ReadError;

/// Something was not done to an exception, and nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ExceptionError {
    /// There is none with this id, or none that whoever acts sees.
    #[error("there is no exception {0}")]
    NotThere(ExceptionId),
    /// A finding that is asked for is not there, or not seen.
    #[error("there is no finding {0} that you can ask for")]
    NoFinding(FindingId),
    /// The finding is not one of somebody's team.
    #[error("{0} is not one of your team's findings: its own team or an engineer can ask for it")]
    NotYours(FindingId),
    /// The scope holds what is not somebody's to ask for, or may come to.
    #[error(
        "the scope is not your team's alone: ask for the findings themselves, or have an engineer file it"
    )]
    ScopeOfOthers,
    /// There is no such rule.
    #[error("there is no rule {0}")]
    NoRule(RuleId),
    /// What is covered is not as the approver saw it.
    #[error(
        "nothing was recorded: the resources changed after you opened the request. Read it again"
    )]
    StateChanged,
    /// More requests than anybody reads are decided on at once.
    #[error(
        "at most {MOST_AT_ONCE} requests are decided on at once: decide on this one after the others"
    )]
    TooManyAtOnce,
    /// The findings are of several connections.
    #[error("the findings are of several connections: file one request for each")]
    SeveralConnections,
    /// Whoever acts is nobody who signed in.
    #[error(
        "exceptions are between people: they need a sign-in (postern serve --sign-in), so that someone else decides"
    )]
    Nobody,
    /// The owner is nobody that Postern knows.
    #[error("{0} is nobody who signed in here: the owner has to sign in once")]
    Owner(PersonId),
    /// A file cannot be evidence.
    #[error(transparent)]
    File(#[from] EvidenceFileError),
    /// What is asked for cannot be.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The state, the policy or the separation of duties forbids it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Whoever acts has no role for it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Something could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<StoreError> for ExceptionError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

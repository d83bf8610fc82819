//! Why something cannot be done to an exception.

use time::{Date, OffsetDateTime};

use super::status::ExceptionStatus;
use crate::id::{ExceptionId, FindingId, RuleId};
use crate::moment;
use crate::verdict::Severity;

/// Why something cannot be done, as a sentence for whoever tried; nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The state does not lead there.
    #[error("this exception is {}, so it cannot be {deed}", status.phrase())]
    NotPossible {
        /// The state.
        status: ExceptionStatus,
        /// What was tried, as "approved".
        deed: &'static str,
    },
    /// What happened last happened later than this.
    #[error("this exception was changed at {}, which is later than now: try again", moment::text(*last))]
    OutOfOrder {
        /// When it was changed last.
        last: OffsetDateTime,
    },
    /// The requester decides on the own request.
    #[error("you filed this request, so someone else decides")]
    OwnRequest,
    /// Somebody decides on what they wrote on.
    #[error("you worked on this request, so someone else decides")]
    OwnWork,
    /// Somebody without the right decides.
    #[error("only approvers for everything that this exception covers can decide on it")]
    ScopeMissing,
    /// Somebody agrees a second time.
    #[error("you approved this request already, so someone else gives the second approval")]
    AlreadyApproved,
    /// Somebody agrees to what the request no longer says.
    #[error("the request was changed after you opened it: read it again")]
    RequestChanged,
    /// Somebody withdraws what others wrote.
    #[error("only who wrote this request can withdraw it")]
    NotTheirs,
    /// The end lies in the past.
    #[error("an exception has to end later than now: enter an end after {}", moment::text(*now))]
    EndPassed {
        /// Now.
        now: OffsetDateTime,
    },
    /// The end is later than the policy permits.
    #[error(
        "{severity} findings can be excepted for at most {days} days: enter an end on or before {last_day}"
    )]
    EndTooLate {
        /// The worst of what is covered.
        severity: Severity,
        /// For how many days it can be.
        days: u16,
        /// The last day on which it can end.
        last_day: Date,
    },
    /// The end is later than the requester asked for.
    #[error("the request asks for an end at {}: approve it until then or earlier", moment::short(*asked))]
    LongerThanAsked {
        /// What was asked for.
        asked: OffsetDateTime,
    },
    /// The fix is planned for a day in the past.
    #[error("the fix is planned for {on}, which has passed: enter a later day")]
    FixPassed {
        /// The day.
        on: Date,
    },
    /// Nothing that is covered fails.
    #[error("nothing that this exception covers is failing, so there is nothing to accept")]
    NothingToAccept,
    /// The finding is none of those that were asked for.
    #[error("{finding} is not among the findings that the request is for")]
    NotAskedFor {
        /// The finding.
        finding: FindingId,
    },
    /// The finding is of another rule than the standing exception.
    #[error("{finding} is of another rule than {rule}, which the request is for")]
    OtherRule {
        /// The finding.
        finding: FindingId,
        /// The exception's rule.
        rule: RuleId,
    },
    /// Later assets, without a scope in which they could appear.
    #[error("only an exception for a rule and a scope can cover assets that appear later")]
    NoLaterAssets,
    /// Later assets, where the approver did not say so.
    #[error("this exception was not approved for assets that appear later")]
    LaterAssetsNotCovered,
    /// A later finding is worse than those that were accepted.
    #[error("{finding} is {severity}, which is worse than what was accepted")]
    WorseThanAccepted {
        /// The finding.
        finding: FindingId,
        /// Its severity.
        severity: Severity,
    },
    /// The finding is covered already, or was.
    #[error("{finding} is covered already, or was and changed for the worse")]
    CoveredBefore {
        /// The finding.
        finding: FindingId,
    },
    /// The finding is not covered, or not any more.
    #[error("{finding} is not covered by this exception")]
    NotCovered {
        /// The finding.
        finding: FindingId,
    },
    /// No finding is named.
    #[error("no finding is named")]
    NoFinding,
    /// The extension is one of another exception.
    #[error("{extension} extends another exception")]
    OtherExtension {
        /// The extension.
        extension: ExceptionId,
    },
}

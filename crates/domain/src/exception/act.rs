//! What people and evaluations do to an exception.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::accepted::{ObservedState, Worsening};
use super::request::Request;
use super::written::{Conditions, DecisionReason};
use super::{Exception, State};
use crate::id::{EvaluationId, ExceptionId, FindingId, PersonId};
use crate::verdict::Severity;

/// Something done to an exception, by whom and when: a line of its history.
///
/// As JSON: `{"at": "2026-05-12T08:00:00Z", "deed": "withdraw", "by": "P-7"}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// What, and by whom.
    #[serde(flatten)]
    pub deed: Deed,
}

/// What can be done to an exception.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum Deed {
    /// The request is changed. Who agreed before has to agree again, and who changes it cannot decide on it.
    Edit {
        /// By whom.
        by: PersonId,
        /// What it says from now on.
        request: Request,
        /// The worst of what it covers, as it is now.
        severity: Severity,
    },
    /// The draft is filed for a decision.
    File {
        /// By whom: the requester.
        by: PersonId,
        /// The worst of what it covers, as it is now; of a rule that fails nowhere yet, the rule's.
        severity: Severity,
    },
    /// An approver agrees.
    Approve(Agreement),
    /// An approver refuses.
    Reject {
        /// By whom.
        by: PersonId,
        /// Whether they may decide on all that it covers.
        scope: ApproverScope,
        /// Why.
        reason: DecisionReason,
    },
    /// Somebody who wrote the draft or the request takes it back.
    Withdraw {
        /// By whom.
        by: PersonId,
    },
    /// An approver ends what was approved.
    Revoke {
        /// By whom.
        by: PersonId,
        /// Whether they may decide on all that it covers.
        scope: ApproverScope,
        /// Why.
        reason: DecisionReason,
    },
    /// An extension of it was approved and stands in its place.
    Supersede {
        /// By whom: the approver of the extension.
        by: PersonId,
        /// The extension.
        extension: Supersession,
    },
    /// Findings are found worse than they were accepted.
    Void {
        /// By which evaluation.
        by: EvaluationId,
        /// Which, and why; see [`Exception::worsened`].
        findings: BTreeMap<FindingId, Worsening>,
    },
    /// Findings appeared in a scope whose later assets are covered. As they are now, they count as accepted.
    Cover {
        /// By which evaluation.
        by: EvaluationId,
        /// Which, and their states.
        findings: BTreeMap<FindingId, ObservedState>,
    },
}

/// What an approver agrees to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Who.
    pub by: PersonId,
    /// Whether they may decide on all that it covers.
    pub scope: ApproverScope,
    /// Which version of the request they read ([`Exception::version`]).
    pub version: u32,
    /// Until when: as asked for, or earlier.
    #[serde(with = "time::serde::rfc3339")]
    pub until: OffsetDateTime,
    /// Under which conditions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Conditions>,
    /// Whether assets that appear later are covered.
    pub later_assets: LaterAssets,
    /// What they accept: of the findings that are covered, those that fail, as they are now. One that could not be
    /// re-checked has the state in which it failed last.
    pub accepted: BTreeMap<FindingId, ObservedState>,
}

/// Whether somebody may decide on all that an exception covers, as [`super::rights`] finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApproverScope {
    /// They may.
    Held,
    /// They may not, or not on all of it.
    Missing,
}

/// Whether a standing exception covers assets that appear after it was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaterAssets {
    /// It does, each from the state in which it is first seen to fail.
    Covered,
    /// It does not.
    NotCovered,
}

/// An approved extension, by which the exception that it extends is superseded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supersession {
    extension: ExceptionId,
    extends: ExceptionId,
}

impl Supersession {
    /// What the exception supersedes; `None` where it is no extension or not approved.
    pub fn by(extension: &Exception) -> Option<Self> {
        let extends = extension.extends?;
        let is_approved = matches!(extension.state, State::Approved { .. });
        is_approved.then_some(Self { extension: extension.id, extends })
    }

    /// The extension.
    pub fn extension(self) -> ExceptionId {
        self.extension
    }

    /// What it extends.
    pub fn extends(self) -> ExceptionId {
        self.extends
    }
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who decided to.
    Person(PersonId),
    /// An evaluation, by what it found.
    Evaluation(EvaluationId),
}

impl Deed {
    /// Who did it.
    pub fn by(&self) -> Actor {
        match self {
            Self::Edit { by, .. }
            | Self::File { by, .. }
            | Self::Approve(Agreement { by, .. })
            | Self::Reject { by, .. }
            | Self::Withdraw { by }
            | Self::Revoke { by, .. }
            | Self::Supersede { by, .. } => Actor::Person(*by),
            Self::Void { by, .. } | Self::Cover { by, .. } => Actor::Evaluation(*by),
        }
    }

    /// The word as stored and exported.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Edit { .. } => "edit",
            Self::File { .. } => "file",
            Self::Approve(_) => "approve",
            Self::Reject { .. } => "reject",
            Self::Withdraw { .. } => "withdraw",
            Self::Revoke { .. } => "revoke",
            Self::Supersede { .. } => "supersede",
            Self::Void { .. } => "void",
            Self::Cover { .. } => "cover",
        }
    }

    /// What the exception cannot be where the deed is refused.
    pub(super) fn participle(&self) -> &'static str {
        match self {
            Self::Edit { .. } => "changed",
            Self::File { .. } => "filed",
            Self::Approve(_) => "approved",
            Self::Reject { .. } => "rejected",
            Self::Withdraw { .. } => "withdrawn",
            Self::Revoke { .. } => "revoked",
            Self::Supersede { .. } => "replaced by an extension",
            Self::Void { .. } => "made void",
            Self::Cover { .. } => "spread to later assets",
        }
    }
}

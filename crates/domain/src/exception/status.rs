//! How exceptions and findings stand at a moment, computed from what was decided and the time.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Ending, Exception, State};
use crate::finding::FindingState;
use crate::id::{ExceptionId, FindingId};

/// How an exception stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionStatus {
    /// It is being written.
    Draft,
    /// It waits for a decision.
    Requested,
    /// It was approved, and its end has not come.
    Approved,
    /// It was refused.
    Rejected,
    /// Its authors took it back.
    Withdrawn,
    /// Its end has come. Never stored: it is so from that very moment on.
    Expired,
    /// An approver ended it.
    Revoked,
    /// An extension stands in its place.
    Superseded,
    /// Nothing of what was accepted is as it was.
    Void,
}

impl ExceptionStatus {
    /// Every status.
    pub const ALL: &'static [Self] = &[
        Self::Draft,
        Self::Requested,
        Self::Approved,
        Self::Rejected,
        Self::Withdrawn,
        Self::Expired,
        Self::Revoked,
        Self::Superseded,
        Self::Void,
    ];

    /// The word as stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Superseded => "superseded",
            Self::Void => "void",
        }
    }

    /// The status as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Requested => "Requested",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
            Self::Withdrawn => "Withdrawn",
            Self::Expired => "Expired",
            Self::Revoked => "Revoked",
            Self::Superseded => "Superseded by an extension",
            Self::Void => "Void",
        }
    }

    /// The status within a sentence: "this exception is …".
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Self::Draft => "a draft",
            Self::Requested => "waiting for a decision",
            Self::Superseded => "superseded by an extension",
            other => other.as_str(),
        }
    }
}

impl Exception {
    /// How it stands at `now`, which is no earlier than what happened to it last.
    pub fn status(&self, now: OffsetDateTime) -> ExceptionStatus {
        match &self.state {
            State::Draft => ExceptionStatus::Draft,
            State::Requested { .. } => ExceptionStatus::Requested,
            State::Withdrawn { .. } => ExceptionStatus::Withdrawn,
            State::Rejected { .. } => ExceptionStatus::Rejected,
            State::Approved { grant, .. } if grant.is_over(now) => ExceptionStatus::Expired,
            State::Approved { .. } => ExceptionStatus::Approved,
            State::Ended { ending: Ending::Revoked { .. }, .. } => ExceptionStatus::Revoked,
            State::Ended { ending: Ending::Superseded { .. }, .. } => ExceptionStatus::Superseded,
            State::Ended { ending: Ending::Void, .. } => ExceptionStatus::Void,
        }
    }

    /// Until when the finding is accepted by it; `None` where at `now` it is not.
    pub fn accepts(&self, finding: FindingId, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match &self.state {
            State::Approved { grant, .. } if !grant.is_over(now) && grant.covers(finding) => {
                Some(grant.until)
            }
            _ => None,
        }
    }
}

/// How a finding stands, with what was decided about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum EffectiveStatus {
    /// It fails, and nobody asked to accept that.
    Open,
    /// It fails, and that is accepted until a moment; it never counts as a pass.
    Excepted {
        /// By which exception.
        exception: ExceptionId,
        /// Until when: at this very moment it is open again.
        #[serde(with = "time::serde::rfc3339")]
        until: OffsetDateTime,
    },
    /// It fails, and a request to accept that waits for a decision: it is still open.
    Pending {
        /// Which request.
        exception: ExceptionId,
    },
    /// It failed and could not be judged since, and nobody asked to accept that.
    NotRechecked,
    /// It could not be judged, and was not failing before.
    Unknown,
    /// It ended.
    Resolved,
}

impl EffectiveStatus {
    /// The word as stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Excepted { .. } => "excepted",
            Self::Pending { .. } => "pending",
            Self::NotRechecked => "not_rechecked",
            Self::Unknown => "unknown",
            Self::Resolved => "resolved",
        }
    }

    /// Whether it counts as an open failure: until one is accepted, asking for it changes nothing.
    pub fn counts_as_open(self) -> bool {
        matches!(self, Self::Open | Self::Pending { .. } | Self::NotRechecked)
    }
}

/// How a finding stands at `now`.
///
/// `exceptions` are those that may concern it: of a standing one that is requested, the caller has found that the
/// finding is of its rule and its scope. Everything else is seen here.
///
/// What is resolved is resolved, and what is unknown is unknown, whatever was decided: only a failure that was seen can
/// be accepted. A failure that could not be re-checked stays accepted, because nobody knows that it changed.
/// Of several exceptions that hold, the one that ends last counts, and of those the one with the lowest number; of
/// several requests the one that was filed first, and of those the one with the lowest number.
pub fn effective<'a>(
    finding: FindingId,
    state: FindingState,
    exceptions: impl IntoIterator<Item = &'a Exception>,
    now: OffsetDateTime,
) -> EffectiveStatus {
    let plain = match state {
        FindingState::Resolved => return EffectiveStatus::Resolved,
        FindingState::Unknown => return EffectiveStatus::Unknown,
        FindingState::Open => EffectiveStatus::Open,
        FindingState::NotRechecked => EffectiveStatus::NotRechecked,
    };
    let mut accepted: Option<(OffsetDateTime, Reverse<ExceptionId>)> = None;
    let mut requested: Option<(OffsetDateTime, ExceptionId)> = None;
    for exception in exceptions {
        if let Some(until) = exception.accepts(finding, now) {
            accepted = accepted.max(Some((until, Reverse(exception.id))));
        } else if let Some(filed_at) = exception.asks_for(finding) {
            let this = (filed_at, exception.id);
            requested = Some(requested.map_or(this, |earlier| earlier.min(this)));
        }
    }
    match (accepted, requested) {
        (Some((until, Reverse(exception))), _) => EffectiveStatus::Excepted { exception, until },
        (None, Some((_, exception))) => EffectiveStatus::Pending { exception },
        (None, None) => plain,
    }
}

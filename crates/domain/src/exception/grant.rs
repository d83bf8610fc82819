//! What was approved: by whom, until when, and what exactly was accepted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::accepted::{Comparison, ObservedState, Present, Worsening, compare};
use super::act::{Agreement, LaterAssets};
use super::written::Conditions;
use crate::id::{EvaluationId, FindingId, PersonId};
use crate::verdict::Severity;

/// That somebody agreed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: PersonId,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Until when.
    #[serde(with = "time::serde::rfc3339")]
    pub until: OffsetDateTime,
    /// Under which conditions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Conditions>,
    /// Whether assets that appear later are covered.
    pub later_assets: LaterAssets,
}

/// An approval that waits for another one, with what was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PendingApproval {
    /// The approval.
    pub approval: Approval,
    /// What was accepted.
    pub accepted: BTreeMap<FindingId, ObservedState>,
}

impl PendingApproval {
    pub(super) fn new(agreement: &Agreement, at: OffsetDateTime) -> Self {
        let Agreement { by, until, ref conditions, later_assets, ref accepted, .. } = *agreement;
        let approval = Approval { by, at, until, conditions: conditions.clone(), later_assets };
        Self { approval, accepted: accepted.clone() }
    }

    /// Whether it still counts beside a later one: its end has not come, and what the later one accepts is no worse.
    ///
    /// Otherwise two people would have agreed to two different things.
    pub(super) fn stands_beside(&self, later: &Self) -> bool {
        let is_no_worse = |(finding, accepted): (&FindingId, &ObservedState)| {
            later.accepted.get(finding).is_none_or(|present| {
                !matches!(compare(accepted, Present::Failing(present)), Comparison::Worse(_))
            })
        };
        later.approval.at < self.approval.until && self.accepted.iter().all(is_no_worse)
    }

    /// Whether its approver agreed to accept the finding.
    fn accepts(&self, finding: FindingId) -> bool {
        self.accepted.contains_key(&finding) || self.approval.later_assets == LaterAssets::Covered
    }
}

/// What all approvers together granted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// Who agreed, in order; the last one's time is when it began.
    pub approvals: Vec<Approval>,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    /// When it ends: at this very moment it has ended. The earliest of the approvals' ends.
    #[serde(with = "time::serde::rfc3339")]
    pub until: OffsetDateTime,
    /// The worst of what was accepted.
    pub severity: Severity,
    /// Whether assets that appear later are covered: where all approvers say so.
    pub later_assets: LaterAssets,
    /// What is covered: what all approvers accepted, as the last of them saw it, and what came later under it.
    pub covered: BTreeMap<FindingId, Covered>,
}

/// A finding that is covered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Covered {
    /// As what it was accepted.
    pub accepted: ObservedState,
    /// Why it is not covered any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void: Option<Voided>,
}

/// Why a finding is not covered any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Voided {
    /// The evaluation that found it otherwise.
    pub by: EvaluationId,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// What changed.
    pub worsening: Worsening,
}

impl Covered {
    fn new(accepted: ObservedState) -> Self {
        Self { accepted, void: None }
    }
}

impl Grant {
    /// What these approvals, in order, grant together; `None` where they have nothing in common.
    pub(super) fn of(approvals: Vec<PendingApproval>, severity: Severity) -> Option<Self> {
        let (last, earlier) = approvals.split_last()?;
        let all_accept =
            |finding: FindingId| earlier.iter().all(|approval| approval.accepts(finding));
        let covered: BTreeMap<FindingId, Covered> = last
            .accepted
            .iter()
            .filter(|(finding, _)| all_accept(**finding))
            .map(|(finding, accepted)| (*finding, Covered::new(accepted.clone())))
            .collect();
        let cover_later =
            approvals.iter().all(|it| it.approval.later_assets == LaterAssets::Covered);
        let later_assets = if cover_later { LaterAssets::Covered } else { LaterAssets::NotCovered };
        let (from, until) = (last.approval.at, approvals.iter().map(|it| it.approval.until).min()?);
        let approvals = approvals.into_iter().map(|pending| pending.approval).collect();
        let grant = Self { approvals, from, until, severity, later_assets, covered };
        grant.has_effect().then_some(grant)
    }

    /// Whether it is over; at the very moment of its end it is.
    pub fn is_over(&self, now: OffsetDateTime) -> bool {
        now >= self.until
    }

    /// Whether the finding is covered, in the state that was accepted.
    pub fn covers(&self, finding: FindingId) -> bool {
        self.covered.get(&finding).is_some_and(|covered| covered.void.is_none())
    }

    /// Whether anything is covered, or can come to be.
    pub(super) fn has_effect(&self) -> bool {
        let holds = self.covered.values().any(|covered| covered.void.is_none());
        holds || self.later_assets == LaterAssets::Covered
    }

    /// Adds a finding that came later.
    pub(super) fn cover(&mut self, finding: FindingId, state: &ObservedState) {
        self.covered.insert(finding, Covered::new(state.clone()));
    }
}

//! Trends: what an evaluation counted, written once and never recomputed.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::finding::{FindingEvent, FindingState};
use crate::id::EvaluationId;
use crate::tally::Tally;
use crate::verdict::Severity;

/// The counts of one evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrendPoint {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// When the snapshot that it judges was finished.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Findings by severity, the worst first; always all four.
    pub severities: [SeverityCounts; 4],
    /// Checks (a rule on an asset) by verdict.
    pub checks: CheckCounts,
    /// Assets in the inventory, unread ones included.
    pub assets: u32,
    /// Assets that this snapshot could not read.
    pub assets_unread: u32,
    /// Things that could not be read.
    pub gaps: u32,
}

/// Findings of one severity after an evaluation, and what the evaluation did to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityCounts {
    /// The severity.
    pub severity: Severity,
    /// Failing findings, those not re-checked included, and those that are accepted until they are kept apart.
    pub open: u32,
    /// Of those, the ones that could not be re-checked.
    pub not_rechecked: u32,
    /// Failing findings that were accepted then. What is stored has none: it is counted when it is read, because exceptions
    /// end by themselves.
    #[serde(default, skip_serializing_if = "is_none")]
    pub excepted: u32,
    /// Findings that could not be judged and were not failing before.
    pub unknown: u32,
    /// Newly failing: opened, confirmed or reopened.
    pub opened: u32,
    /// Ended because the rule passes now: work done.
    pub fixed: u32,
    /// Ended for another reason: deleted, out of scope, no longer applicable, or the rule, its settings or the date changed.
    pub left_otherwise: u32,
}

/// Checks by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckCounts {
    /// Passed.
    pub pass: u32,
    /// Failed.
    pub fail: u32,
    /// Could not be judged.
    pub unknown: u32,
    /// Did not apply.
    pub not_applicable: u32,
}

impl CheckCounts {
    /// Adds those of a tally.
    pub fn add(&mut self, tally: Tally) {
        self.pass += counted(tally.pass);
        self.fail += counted(tally.fail);
        self.unknown += counted(tally.unknown);
        self.not_applicable += counted(tally.not_applicable);
    }

    /// Checks that should have had an answer: all that apply.
    pub fn planned(&self) -> u32 {
        self.pass + self.fail + self.unknown
    }

    /// Checks that had an answer.
    pub fn answered(&self) -> u32 {
        self.pass + self.fail
    }
}

impl SeverityCounts {
    /// Nothing counted yet.
    pub fn none(severity: Severity) -> Self {
        Self {
            severity,
            open: 0,
            not_rechecked: 0,
            excepted: 0,
            unknown: 0,
            opened: 0,
            fixed: 0,
            left_otherwise: 0,
        }
    }

    /// All four, nothing counted yet, the worst first.
    pub fn all_none() -> [Self; 4] {
        [Severity::Critical, Severity::High, Severity::Medium, Severity::Low].map(Self::none)
    }

    /// Adds the findings of a tally, by their states.
    pub fn add(&mut self, tally: Tally) {
        self.open += counted(tally.open) + counted(tally.not_rechecked);
        self.not_rechecked += counted(tally.not_rechecked);
        self.unknown += counted(tally.unjudged);
    }

    /// Keeps a failing finding in this state, which is accepted, apart from those that are open.
    pub fn except(&mut self, state: FindingState) {
        self.open = self.open.saturating_sub(1);
        if state == FindingState::NotRechecked {
            self.not_rechecked = self.not_rechecked.saturating_sub(1);
        }
        self.excepted += 1;
    }

    /// Counts what the evaluation did to a finding; `next` is the state after it, `was_open` whether it counted as open before.
    pub fn add_event(&mut self, event: FindingEvent, next: FindingState, was_open: bool) {
        match (was_open, next.counts_as_open()) {
            (false, true) => self.opened += 1,
            (true, false) if event == FindingEvent::Fixed => self.fixed += 1,
            (true, false) => self.left_otherwise += 1,
            _ => {}
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_none(count: &u32) -> bool {
    *count == 0
}

/// A sum of tallies is never below 0; only their differences are.
fn counted(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

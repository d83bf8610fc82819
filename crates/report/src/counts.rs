//! What formats that tell of findings one after another count as they go, so that each says the same numbers.

use std::collections::BTreeMap;

use postern_domain::finding::FindingState;
use postern_domain::id::ExceptionId;
use postern_domain::verdict::Severity;

use crate::model::ReportFinding;

/// Findings, each counted once: as open, as excepted, as unknown, or as resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingCounts {
    by_severity: BTreeMap<Severity, StateCounts>,
    by_exception: BTreeMap<ExceptionId, u64>,
}

/// Findings by how they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateCounts {
    /// Failing, and nobody accepted that; those that could not be re-checked included.
    pub open: u64,
    /// Failing, and accepted until a moment.
    pub excepted: u64,
    /// Not judged, and not failing before: never a pass.
    pub unknown: u64,
    /// Ended.
    pub resolved: u64,
}

impl StateCounts {
    /// All of them.
    pub fn total(self) -> u64 {
        self.open + self.excepted + self.unknown + self.resolved
    }

    fn plus(self, other: Self) -> Self {
        Self {
            open: self.open + other.open,
            excepted: self.excepted + other.excepted,
            unknown: self.unknown + other.unknown,
            resolved: self.resolved + other.resolved,
        }
    }
}

impl FindingCounts {
    /// Counts a finding.
    pub fn add(&mut self, finding: &ReportFinding) {
        let counts = self.by_severity.entry(finding.severity).or_default();
        if let Some(exception) = &finding.exception {
            counts.excepted += 1;
            *self.by_exception.entry(exception.id).or_default() += 1;
        } else {
            match finding.state {
                FindingState::Open | FindingState::NotRechecked => counts.open += 1,
                FindingState::Unknown => counts.unknown += 1,
                FindingState::Resolved => counts.resolved += 1,
            }
        }
    }

    /// Those of a severity.
    pub fn of(&self, severity: Severity) -> StateCounts {
        self.by_severity.get(&severity).copied().unwrap_or_default()
    }

    /// Those of all severities.
    pub fn total(&self) -> StateCounts {
        self.by_severity.values().fold(StateCounts::default(), |sum, counts| sum.plus(*counts))
    }

    /// How many an exception accepts.
    pub fn excepted_by(&self, exception: ExceptionId) -> u64 {
        self.by_exception.get(&exception).copied().unwrap_or_default()
    }
}

//! Controls counted: by what can be said of them, and by how they are assessed.

use serde::ser::{Serialize, Serializer};

use super::{Assessment, Control, ControlStatus, Framework};

/// Controls by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusCounts([u32; ControlStatus::ALL.len()]);

impl StatusCounts {
    /// Counts one more control of this status.
    pub fn add(&mut self, status: ControlStatus) {
        self.0[status as usize] += 1;
    }

    /// How many have this status.
    pub fn of(&self, status: ControlStatus) -> u32 {
        self.0[status as usize]
    }

    /// All of them.
    pub fn total(&self) -> u32 {
        self.0.iter().sum()
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let mut sum = self;
        for (count, more) in sum.0.iter_mut().zip(other.0) {
            *count += more;
        }
        sum
    }
}

impl Serialize for StatusCounts {
    /// As a map from the word of each status to its count.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(ControlStatus::ALL.map(|status| (status.as_str(), self.of(status))))
    }
}

impl FromIterator<ControlStatus> for StatusCounts {
    fn from_iter<I: IntoIterator<Item = ControlStatus>>(statuses: I) -> Self {
        let mut counts = Self::default();
        statuses.into_iter().for_each(|status| counts.add(status));
        counts
    }
}

/// How a control is assessed by the packs that judge; each control has one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlKind {
    /// Rules look at all of it.
    Automated,
    /// Rules look at a part of it.
    Partly,
    /// Rules are to look at it, and no pack that judges has one.
    WithoutRules,
    /// A person has to look.
    Manual,
    /// It is not about anything that could be looked at from here.
    NotAssessable,
}

impl ControlKind {
    /// Every kind, the one that rules say most of first.
    pub const ALL: [Self; 5] =
        [Self::Automated, Self::Partly, Self::WithoutRules, Self::Manual, Self::NotAssessable];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Automated => "automated",
            Self::Partly => "partly",
            Self::WithoutRules => "without_rules",
            Self::Manual => "manual",
            Self::NotAssessable => "not_assessable",
        }
    }

    /// The words as people read them.
    pub fn label(self) -> &'static str {
        match self {
            Self::Automated => "Automated",
            Self::Partly => "Partly automated",
            Self::WithoutRules => "No active rule",
            Self::Manual => "Manual",
            Self::NotAssessable => "Not assessable here",
        }
    }
}

impl Control {
    /// How it is assessed, by the rules that it has.
    pub fn kind(&self) -> ControlKind {
        match self.assessment() {
            Assessment::Manual { .. } => ControlKind::Manual,
            Assessment::NotAssessable { .. } => ControlKind::NotAssessable,
            _ if self.rules().is_empty() => ControlKind::WithoutRules,
            Assessment::Automated => ControlKind::Automated,
            Assessment::Partly { .. } => ControlKind::Partly,
        }
    }
}

/// Controls by kind; each is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct KindCounts {
    /// Rules look at all of it.
    pub automated: u32,
    /// Rules look at a part of it.
    pub partly: u32,
    /// Rules are to look at it, and no pack that judges has one.
    pub without_rules: u32,
    /// A person has to look.
    pub manual: u32,
    /// It is not about anything that could be looked at from here.
    pub not_assessable: u32,
}

impl KindCounts {
    /// How many are of this kind.
    pub fn of(&self, kind: ControlKind) -> u32 {
        match kind {
            ControlKind::Automated => self.automated,
            ControlKind::Partly => self.partly,
            ControlKind::WithoutRules => self.without_rules,
            ControlKind::Manual => self.manual,
            ControlKind::NotAssessable => self.not_assessable,
        }
    }

    /// Those that rules judge, in whole or in part.
    pub fn judged(&self) -> u32 {
        self.automated + self.partly
    }

    /// All of them.
    pub fn total(&self) -> u32 {
        self.judged() + self.without_rules + self.manual + self.not_assessable
    }
}

impl Framework {
    /// How its controls are assessed.
    pub fn kinds(&self) -> KindCounts {
        let mut counts = KindCounts::default();
        for control in self.controls() {
            let count = match control.kind() {
                ControlKind::Automated => &mut counts.automated,
                ControlKind::Partly => &mut counts.partly,
                ControlKind::WithoutRules => &mut counts.without_rules,
                ControlKind::Manual => &mut counts.manual,
                ControlKind::NotAssessable => &mut counts.not_assessable,
            };
            *count += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_is_counted_by_itself() {
        let every: StatusCounts = ControlStatus::ALL.into_iter().collect();
        for status in ControlStatus::ALL {
            assert_eq!(every.of(status), 1, "{status:?}");
        }
        assert_eq!(every.total(), 8);
        let twice = every.plus([ControlStatus::Manual].into_iter().collect());
        assert_eq!((twice.of(ControlStatus::Manual), twice.total()), (2, 9));
    }
}

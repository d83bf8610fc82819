//! Findings summed up by what they have in common.

use postern_domain::id::{AssetNumber, RuleId};
use postern_domain::verdict::Severity;
use serde::Serialize;

use super::{AssetView, TeamView};

/// What findings are summed up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum FindingGrouping {
    /// What is wrong.
    Rule,
    /// What it is wrong with.
    Resource,
    /// Whose it is.
    Owner,
}

impl FindingGrouping {
    /// Every grouping, in the order in which they are offered.
    pub const ALL: &'static [Self] = &[Self::Rule, Self::Resource, Self::Owner];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Resource => "resource",
            Self::Owner => "owner",
        }
    }

    /// The word as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Rule => "Rule",
            Self::Resource => "Resource",
            Self::Owner => "Owner",
        }
    }
}

/// Findings that have something in common, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingGroupView {
    /// What they have in common.
    pub of: GroupOf,
    /// How many of each severity, the worst first.
    pub severities: Vec<(Severity, u64)>,
    /// How many in all.
    pub total: u64,
}

/// What the findings of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum GroupOf {
    /// A rule.
    Rule {
        /// Its id.
        rule: RuleId,
        /// Its title.
        title: String,
    },
    /// A resource.
    Resource {
        /// Its number.
        number: AssetNumber,
        /// What it is.
        asset: AssetView,
    },
    /// An owner; `None` for nobody.
    Owner(Option<TeamView>),
}

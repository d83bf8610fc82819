//! Teams as pages and commands show them.

use postern_domain::digest::Digest;
use postern_domain::team::{Catch, Routing, RoutingRule, TeamId};
use serde::Serialize;
use time::OffsetDateTime;

/// A team, as a choice and as a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TeamView {
    /// What addresses call it.
    pub id: TeamId,
    /// What people call it.
    pub name: String,
}

/// What is somebody's, in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnedView {
    /// Whose; `None` for nobody's.
    pub team: Option<TeamView>,
    /// Open findings by severity, the worst first, those not re-checked included.
    pub open: [u32; 4],
    /// Findings that could not be judged.
    pub unknown: u32,
    /// How many more are open than at the moment that the overview compares with; `None` where there is none.
    pub more_open: Option<i64>,
}

impl OwnedView {
    /// Open findings of all severities.
    pub fn all_open(&self) -> u32 {
        self.open.iter().sum()
    }
}

/// Which rules hold, and what each catches.
#[derive(Clone, Debug, PartialEq)]
pub struct RoutingView {
    /// What holds; without teams where nothing was ever said.
    pub routing: Routing,
    /// What tells it from another.
    pub version: Digest,
    /// What it catches. What is moved are assets that the latest evaluation did not find to be whose they are.
    pub now: RoutingPreview,
    /// What was looked for, and the assets that are called so; `None` where nothing was.
    pub tested: Option<(String, Vec<TestedView>)>,
    /// When it was said, and why; `None` where nothing was ever said.
    pub changed: Option<(OffsetDateTime, String)>,
    /// Whether whoever asks may change it.
    pub may_change: bool,
}

/// An asset, and whose it is by which rule.
#[derive(Clone, Debug, PartialEq)]
pub struct TestedView {
    /// Its ARM id.
    pub arm_id: String,
    /// Which rule catches it.
    pub caught: Catch,
    /// Whose it is by that; `None` for nobody's.
    pub owner: Option<TeamView>,
}

/// What a routing would do to the assets that there are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RoutingPreview {
    /// What each rule catches, in their order, and last what none of them does.
    pub catches: Vec<CatchView>,
    /// Assets that could not be read, or not the management groups above them: they stay whose they are.
    pub undecided: u64,
    /// Assets that would be another's, or somebody's at last, or nobody's.
    pub moved: u64,
    /// Of these, how many go from whom to whom.
    pub moves: Vec<MoveView>,
}

/// Assets that would change hands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MoveView {
    /// Whose they are; `None` for nobody's.
    pub from: Option<TeamView>,
    /// Whose they would be; `None` for nobody's.
    pub to: Option<TeamView>,
    /// How many.
    pub assets: u64,
}

/// What a rule of a routing catches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CatchView {
    /// The rule; `None` for the assets that none catches.
    pub rule: Option<RoutingRule>,
    /// Whose they would be; `None` for nobody's.
    pub team: Option<TeamView>,
    /// How many.
    pub assets: u64,
    /// Of those, how many are not whose they would be.
    pub moved: u64,
    /// The ARM ids of some of them.
    pub examples: Vec<String>,
}

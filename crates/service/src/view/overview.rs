//! The overview as its page shows it.

use postern_domain::digest::Digest;
use postern_domain::gap::Gap;
use postern_domain::id::EvaluationId;
use postern_domain::trend::{CheckCounts, TrendPoint};
use postern_domain::verdict::Topic;
use serde::Serialize;
use time::OffsetDateTime;

use super::{AsOfView, ConnectionChoice, OwnedView, PackProblemView, ScanView, TeamView};

/// The overview of a connection.
#[derive(Clone, Debug, Serialize)]
pub struct OverviewView {
    /// Which connection.
    pub connections: ConnectionChoice,
    /// The moment in the past that all of it is as of; `None` for now.
    pub as_of: Option<AsOfView>,
    /// The teams whose findings are all that whoever asks sees; `None` where they see all.
    pub limited_to: Option<Vec<TeamView>>,
    /// The latest scan, whatever its state; `None` for a moment in the past.
    pub latest_scan: Option<ScanView>,
    /// The latest evaluation's counts; `None` before the first.
    pub latest: Option<TrendPoint>,
    /// The counts that `latest` is compared with: the last point at least 30 days older, else the first.
    pub compared: Option<TrendPoint>,
    /// What happened after `compared`, up to `latest`; `None` without such a point, and where only a part is
    /// seen, of which it is not counted.
    pub since_compared: Option<ChangeCounts>,
    /// The points of the last 400 evaluations, oldest first.
    pub trend: Vec<TrendPoint>,
    /// Those of them that were judged otherwise than the one before, oldest first.
    pub judged_otherwise: Vec<JudgedOtherwiseView>,
    /// Checks by topic, as of the latest evaluation, in the order of the topics.
    pub topics: Vec<TopicView>,
    /// The findings of each team, the most open critical ones first, and last what is nobody's; empty without teams.
    pub teams: Vec<OwnedView>,
    /// What the latest snapshot could not read; empty where only a part is seen.
    pub gaps: Vec<Gap>,
    /// Packs that could not judge in the latest evaluation.
    pub pack_problems: Vec<PackProblemView>,
    /// When the latest snapshot was finished.
    pub read_at: Option<OffsetDateTime>,
    /// The longest time in seconds between two scheduled scans; `None` without a schedule.
    pub longest_wait_seconds: Option<u32>,
}

/// An evaluation that judged with other packs or settings than the one before: what it changed may not be work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JudgedOtherwiseView {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// The time of its facts.
    pub at: OffsetDateTime,
    /// What changed, packs before settings, by the pack's name.
    pub changes: Vec<RuleChangeView>,
}

/// A change of a pack or of its settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleChangeView {
    /// The pack's name.
    pub pack: String,
    /// What changed.
    pub what: RuleChangeWhat,
    /// Why, in the words of who did it; `None` where nobody did, such as when another release carries another version.
    pub reason: Option<String>,
}

/// What changed of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum RuleChangeWhat {
    /// Another version judges.
    Version {
        /// The version that judged; `None` where none did.
        before: Option<VersionView>,
        /// The version that judges; `None` where none does.
        now: Option<VersionView>,
    },
    /// Other settings hold.
    Settings {
        /// The names of those that differ.
        names: Vec<String>,
    },
}

/// A version of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VersionView {
    /// The version.
    pub version: String,
    /// The component's SHA-256.
    pub digest: Digest,
}

/// What happened to findings over a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangeCounts {
    /// Newly failing.
    pub opened: u32,
    /// Ended because the rule passes now.
    pub fixed: u32,
    /// Ended for another reason.
    pub left_otherwise: u32,
}

/// The checks of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TopicView {
    /// The topic.
    pub topic: Topic,
    /// Its checks by verdict.
    pub checks: CheckCounts,
}

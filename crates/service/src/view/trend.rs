//! A trend of a part of the findings.

use postern_domain::framework::ControlReference;
use postern_domain::id::RuleId;
use postern_domain::team::TeamId;
use postern_domain::time_to_fix::TimeToFix;
use postern_domain::trend::TrendPoint;
use postern_domain::verdict::Topic;
use serde::Serialize;

use super::{AsOfView, ConnectionChoice, JudgedOtherwiseView, TeamView};

/// Whose findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TrendOf {
    /// All.
    #[default]
    All,
    /// Those on the assets of a subscription, by its lower-case id.
    Subscription(String),
    /// A team's, or nobody's.
    Owner(Option<TeamId>),
}

/// Which findings: all that every part of it admits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrendSelection {
    /// Whose.
    pub of: TrendOf,
    /// Of the rules of a topic.
    pub topic: Option<Topic>,
    /// Of a rule.
    pub rule: Option<RuleId>,
    /// Of the rules that are evidence for a control.
    pub control: Option<ControlReference>,
}

/// The trend of some findings, with what can be chosen.
#[derive(Clone, Debug, Serialize)]
pub struct TrendView {
    /// The connection that is shown, and the others.
    #[serde(skip)]
    pub connections: ConnectionChoice,
    /// The moment in the past that it ends at; `None` for now.
    pub as_of: Option<AsOfView>,
    /// The teams whose findings are all that whoever asks sees; `None` where they see all.
    #[serde(skip)]
    pub limited_to: Option<Vec<TeamView>>,
    /// A point for each evaluation, oldest first. What was opened and fixed is counted of all findings alone, and 0 here.
    pub points: Vec<TrendPoint>,
    /// How long findings take that ended in the time of the points, or were open at its end, by severity; `None` of a part by
    /// which they are not told apart.
    pub time_to_fix: Option<Vec<TimeToFix>>,
    /// The evaluations that judged by other packs or settings than the one before.
    #[serde(skip)]
    pub judged_otherwise: Vec<JudgedOtherwiseView>,
    /// Seconds between two scheduled scans, at most, where there is a schedule.
    #[serde(skip)]
    pub longest_wait_seconds: Option<u32>,
    /// How many rules are counted.
    pub rules_counted: usize,
    /// The teams.
    #[serde(skip)]
    pub teams: Vec<TeamView>,
    /// The subscriptions, by id, with their names.
    #[serde(skip)]
    pub subscriptions: Vec<(String, String)>,
    /// The rules that were ever counted, with their titles.
    #[serde(skip)]
    pub rules: Vec<(RuleId, String)>,
}

//! Rules, the packs that they are of, and what others would change.

use postern_domain::arm::AssetType;
use postern_domain::digest::Digest;
use postern_domain::framework::{ControlReference, Tally};
use postern_domain::id::RuleId;
use postern_domain::rule::RuleManifest;
use postern_domain::verdict::{Severity, Topic, Verdict};
use postern_store::rules::RuleChange;
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::{ConnectionChoice, PackView, TeamView};
use crate::rules::Appeared;

/// Which rules a list holds: each filter lets all through where it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RuleQuery {
    /// How bad their failures are.
    pub severities: Vec<Severity>,
    /// What they are about.
    pub topics: Vec<Topic>,
    /// What their id, their title or what they read holds, ignoring case.
    pub text: Option<String>,
}

/// The rules of the packs that judge.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RulesView {
    /// The teams whose assets are counted alone; `None` where all are.
    pub limited_to: Option<Vec<TeamView>>,
    /// The connection whose results stand beside the rules, among all.
    pub connections: ConnectionChoice,
    /// When what was judged was read; `None` where nothing was judged yet.
    pub read_at: Option<OffsetDateTime>,
    /// Which rules.
    pub query: RuleQuery,
    /// How many there are of each severity, under the other filters.
    pub severity_counts: Vec<(Severity, u32)>,
    /// How many there are of each topic, under the other filters.
    pub topic_counts: Vec<(Topic, u32)>,
    /// How many there are without filters.
    pub total: u32,
    /// The rules, by topic, then by id.
    pub rules: Vec<RuleRowView>,
}

/// A rule in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleRowView {
    /// The rule.
    pub id: RuleId,
    /// What is so when it passes.
    pub title: String,
    /// What it is about.
    pub topic: Topic,
    /// How bad a failure is.
    pub severity: Severity,
    /// The types of assets that it is about.
    pub asset_types: Vec<AssetType>,
    /// Its verdicts; `None` where it did not run.
    pub tally: Option<Tally>,
}

/// A rule with all that it says of itself, and what it says of the assets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleView {
    /// The teams whose assets are counted alone; `None` where all are.
    pub limited_to: Option<Vec<TeamView>>,
    /// The connection whose results are shown, among all.
    pub connections: ConnectionChoice,
    /// When what was judged was read; `None` where nothing was judged yet.
    pub read_at: Option<OffsetDateTime>,
    /// What it says of itself.
    pub rule: RuleManifest,
    /// The pack that judges by it; `None` where none does any more.
    pub pack: Option<PackView>,
    /// Its verdicts; `None` where it did not run.
    pub tally: Option<Tally>,
    /// Whether the latest evaluation judged by another version of the pack.
    pub is_newer_than_results: bool,
    /// The controls that it is evidence for.
    pub controls: Vec<RuleControlView>,
    /// What an organisation may set that it reads.
    pub settings: Vec<SettingView>,
}

/// A control that a rule is evidence for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleControlView {
    /// The control with its framework.
    pub control: ControlReference,
    /// What the framework is called.
    pub framework: String,
    /// The control's title, where it may be repeated.
    pub title: Option<String>,
}

/// A setting with what holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SettingView {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What holds where nothing is set.
    pub default: Value,
    /// What holds for all assets but those in scopes with a value of their own.
    pub value: Value,
    /// The scopes that have one, for those who read everything.
    pub overridden: Vec<OverriddenView>,
    /// Whether some scopes have one.
    pub is_overridden: bool,
}

/// The value of a setting in a scope.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverriddenView {
    /// Which assets, in words.
    pub scope: String,
    /// What holds for them.
    pub value: Value,
    /// Why.
    pub reason: Option<String>,
}

/// The packs: those that judge, those that did, and what was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct PacksView {
    /// Those that judge, by name.
    pub active: Vec<ActivePackView>,
    /// What went wrong in the latest evaluation of each connection.
    pub problems: Vec<PackProblemOf>,
    /// All that were ever used, by name, the youngest first.
    pub known: Vec<KnownPackView>,
    /// What was activated and set, the youngest first.
    pub changes: Vec<RuleChange>,
}

/// A pack that judges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActivePackView {
    /// The pack.
    pub pack: PackView,
    /// What it is for.
    pub description: String,
    /// How many rules it has.
    pub rules: u32,
    /// Whether an organisation set something for it.
    pub has_settings: bool,
    /// Whether the binary carries it: to go back from an activated one there has to be one.
    pub is_built_in: bool,
}

/// A pack that could not judge a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackProblemOf {
    /// The connection's name.
    pub connection: String,
    /// The pack's name and version.
    pub pack: String,
    /// What went wrong.
    pub problem: String,
}

/// A pack that was ever used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KnownPackView {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its digest.
    pub digest: Digest,
    /// When it was first used.
    pub first_used_at: OffsetDateTime,
    /// Whether it judges now.
    pub is_active: bool,
}

/// What another pack, or other settings, would change in the latest snapshots.
#[derive(Clone, Debug, PartialEq)]
pub struct WhatIfView {
    /// What judges instead of what: names and versions.
    pub old: PackView,
    /// The other one.
    pub new: PackView,
    /// Whether settings were given that are not those that hold.
    pub has_other_settings: bool,
    /// How many snapshots were judged.
    pub snapshots: u64,
    /// How many assets, once for each snapshot that has them.
    pub assets: u64,
    /// How many verdicts are the same.
    pub same: u64,
    /// How many differ, by kind.
    pub counts: WhatIfCounts,
    /// What differs, by rule.
    pub rules: Vec<WhatIfRuleView>,
    /// For each snapshot, the oldest first, how many failures appear and vanish.
    pub over_time: Vec<Appeared>,
}

/// Checks that differ; one that could be of two kinds is of the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WhatIfCounts {
    /// They fail, and did not.
    pub appear: u64,
    /// They do not fail and can be judged, and failed.
    pub vanish: u64,
    /// They fail worse.
    pub severity_up: u64,
    /// They fail, and less badly.
    pub severity_down: u64,
    /// They cannot be judged, and could.
    pub become_unknown: u64,
    /// They differ otherwise, as between a pass and not applicable.
    pub otherwise: u64,
}

impl WhatIfCounts {
    /// All that differ.
    pub fn total(&self) -> u64 {
        self.appear
            + self.vanish
            + self.severity_up
            + self.severity_down
            + self.become_unknown
            + self.otherwise
    }
}

/// What differs of a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WhatIfRuleView {
    /// The rule.
    pub rule: RuleId,
    /// What is so when it passes.
    pub title: String,
    /// What differs, by kind.
    pub counts: WhatIfCounts,
    /// The verdicts before and after, with how often that is.
    pub changes: Vec<WhatIfChange>,
    /// The teams whose assets differ.
    pub teams: Vec<TeamView>,
    /// How many of the assets are nobody's.
    pub of_nobody: u64,
}

/// A verdict that becomes another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WhatIfChange {
    /// Before; none where there is no such rule.
    pub before: Option<(Verdict, Severity)>,
    /// After.
    pub after: Option<(Verdict, Severity)>,
    /// How many assets.
    pub count: u64,
    /// The names of the first few, and what is said of them.
    pub examples: Vec<(String, String)>,
}

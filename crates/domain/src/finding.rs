//! Findings: a failing or unknown rule on an asset, over time.

use serde::{Deserialize, Serialize};

use crate::change::PropertyChange;
use crate::verdict::{Verdict, WordError};

/// The state of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// The rule fails, as of the latest evaluation.
    Open,
    /// The rule failed when it was last judged, and could not be judged since.
    NotRechecked,
    /// The rule could not be judged, and was not failing before.
    Unknown,
    /// It ended; the event that ended it says why.
    Resolved,
}

impl FindingState {
    /// Every state.
    pub const ALL: &'static [Self] =
        &[Self::Open, Self::NotRechecked, Self::Unknown, Self::Resolved];

    /// The word as stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::NotRechecked => "not_rechecked",
            Self::Unknown => "unknown",
            Self::Resolved => "resolved",
        }
    }

    /// The word as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::NotRechecked => "Open, not re-checked",
            Self::Unknown => "Unknown",
            Self::Resolved => "Resolved",
        }
    }

    /// Under which of a list's tabs it stands.
    pub fn standing(self) -> Standing {
        match self {
            Self::Open | Self::NotRechecked => Standing::Open,
            Self::Unknown => Standing::Unknown,
            Self::Resolved => Standing::Resolved,
        }
    }

    /// Whether it counts as an open failure: until a rule has passed, a failure stands.
    pub fn counts_as_open(self) -> bool {
        matches!(self, Self::Open | Self::NotRechecked)
    }
}

/// How findings are told apart in lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Failing, those not re-checked included.
    Open,
    /// Could not be judged, and not failing before.
    Unknown,
    /// Ended.
    Resolved,
}

/// Why a verdict is not the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// The asset was judged for the first time.
    AssetAppeared,
    /// The asset is otherwise than it was.
    AssetChanged {
        /// What changed of that which the rule reads, by path; at most [`Cause::MOST_PROPERTIES`].
        properties: Vec<PropertyChange>,
        /// How many more there are.
        #[serde(default)]
        more: u32,
    },
    /// The asset could not be read before, or cannot be read now.
    Reading,
    /// Another version of the rule judged.
    RuleChanged,
    /// What is set for the rule is otherwise than it was.
    SettingsChanged,
    /// Nothing changed but the date.
    TimePassed,
}

impl Cause {
    /// How many properties a cause names; who wants all compares the two snapshots.
    pub const MOST_PROPERTIES: usize = 10;
}

/// What an evaluation observes of a rule on an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Observation {
    /// The rule was judged, for no other reason than what Azure says.
    Judged(Verdict),
    /// The rule was judged, and another version of it or another setting made the difference, or nothing but the date.
    JudgedOtherwise(Verdict, Otherwise),
    /// The asset was deleted.
    AssetDeleted,
    /// The asset's subscription is no longer visible.
    OutOfScope,
    /// No active pack has the rule any more.
    RuleRemoved,
}

/// What made a difference between two verdicts, when the asset did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Otherwise {
    /// The rule.
    Rule,
    /// What is set for it.
    Settings,
    /// The date.
    Time,
}

/// What happened to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingEvent {
    /// It began.
    Opened,
    /// It failed and can no longer be judged.
    BecameUnreadable,
    /// It is judged again, and still fails.
    StillFailing,
    /// What was unknown turned out to fail.
    Confirmed,
    /// It ended because the asset was changed, and the rule passes now.
    Fixed,
    /// It ended because another version of the rule passes.
    RuleChanged,
    /// It ended because the rule passes under other settings.
    SettingsChanged,
    /// It ended because time has passed.
    TimePassed,
    /// What was unknown turned out to pass.
    FoundPassing,
    /// It ended because the rule does not concern the asset any more.
    NotApplicable,
    /// It ended because the asset was deleted.
    AssetDeleted,
    /// It ended because the asset's subscription is no longer visible.
    OutOfScope,
    /// It ended because no active pack has the rule any more.
    RuleRemoved,
    /// It had ended and is back.
    Reopened,
}

impl FindingEvent {
    /// Every event.
    pub const ALL: &'static [Self] = &[
        Self::Opened,
        Self::BecameUnreadable,
        Self::StillFailing,
        Self::Confirmed,
        Self::Fixed,
        Self::RuleChanged,
        Self::SettingsChanged,
        Self::TimePassed,
        Self::FoundPassing,
        Self::NotApplicable,
        Self::AssetDeleted,
        Self::OutOfScope,
        Self::RuleRemoved,
        Self::Reopened,
    ];

    /// The word as stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::BecameUnreadable => "became_unreadable",
            Self::StillFailing => "still_failing",
            Self::Confirmed => "confirmed",
            Self::Fixed => "fixed",
            Self::RuleChanged => "rule_changed",
            Self::SettingsChanged => "settings_changed",
            Self::TimePassed => "time_passed",
            Self::FoundPassing => "found_passing",
            Self::NotApplicable => "not_applicable",
            Self::AssetDeleted => "asset_deleted",
            Self::OutOfScope => "out_of_scope",
            Self::RuleRemoved => "rule_removed",
            Self::Reopened => "reopened",
        }
    }

    /// The event as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Opened => "Opened",
            Self::BecameUnreadable => "Could not be re-checked",
            Self::StillFailing => "Re-checked: still failing",
            Self::Confirmed => "Read for the first time: failing",
            Self::Fixed => "Resolved: fixed",
            Self::RuleChanged => "Resolved: rule changed",
            Self::SettingsChanged => "Resolved: settings changed",
            Self::TimePassed => "Resolved: time passed",
            Self::FoundPassing => "Resolved: read for the first time, passing",
            Self::NotApplicable => "Resolved: the rule no longer applies",
            Self::AssetDeleted => "Resolved: asset deleted",
            Self::OutOfScope => "Resolved: subscription out of scope",
            Self::RuleRemoved => "Resolved: rule removed",
            Self::Reopened => "Reopened",
        }
    }
}

impl std::str::FromStr for FindingState {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        let found = Self::ALL.iter().copied().find(|state| state.as_str() == text);
        found.ok_or_else(|| WordError::new(text, "open, not_rechecked, unknown, resolved"))
    }
}

impl std::str::FromStr for FindingEvent {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        let found = Self::ALL.iter().copied().find(|event| event.as_str() == text);
        found.ok_or_else(|| WordError::new(text, "a finding's events"))
    }
}

/// A step in a finding's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happened.
    pub event: FindingEvent,
    /// The state after it.
    pub next: FindingState,
}

/// The only way from one state of a finding to another; `None` where nothing changes.
///
/// `state` is `None` where the rule never failed on the asset.
/// What cannot be read neither opens a failure nor resolves one.
pub fn step(state: Option<FindingState>, observation: Observation) -> Option<Step> {
    use FindingEvent as Event;
    use FindingState as State;

    let to = |event, next| Some(Step { event, next });
    let (observation, fixed) = match observation {
        Observation::JudgedOtherwise(verdict, otherwise) => {
            let event = match otherwise {
                Otherwise::Rule => Event::RuleChanged,
                Otherwise::Settings => Event::SettingsChanged,
                Otherwise::Time => Event::TimePassed,
            };
            (Observation::Judged(verdict), event)
        }
        other => (other, Event::Fixed),
    };
    match (state, observation) {
        (None, Observation::Judged(Verdict::Fail)) => to(Event::Opened, State::Open),
        (None, Observation::Judged(Verdict::Unknown)) => to(Event::Opened, State::Unknown),
        (Some(State::Resolved), Observation::Judged(Verdict::Fail)) => {
            to(Event::Reopened, State::Open)
        }
        (Some(State::Resolved), Observation::Judged(Verdict::Unknown)) => {
            to(Event::Reopened, State::Unknown)
        }
        // Taken apart above.
        (_, Observation::JudgedOtherwise(..))
        | (None | Some(State::Resolved), _)
        | (Some(State::Open), Observation::Judged(Verdict::Fail))
        | (Some(State::NotRechecked | State::Unknown), Observation::Judged(Verdict::Unknown)) => {
            None
        }
        (Some(State::Open), Observation::Judged(Verdict::Unknown)) => {
            to(Event::BecameUnreadable, State::NotRechecked)
        }
        (Some(State::NotRechecked), Observation::Judged(Verdict::Fail)) => {
            to(Event::StillFailing, State::Open)
        }
        (Some(State::Unknown), Observation::Judged(Verdict::Fail)) => {
            to(Event::Confirmed, State::Open)
        }
        (Some(State::Unknown), Observation::Judged(Verdict::Pass)) => {
            to(Event::FoundPassing, State::Resolved)
        }
        (Some(State::Open | State::NotRechecked), Observation::Judged(Verdict::Pass)) => {
            to(fixed, State::Resolved)
        }
        (Some(_), Observation::Judged(Verdict::NotApplicable)) => {
            to(Event::NotApplicable, State::Resolved)
        }
        (Some(_), Observation::AssetDeleted) => to(Event::AssetDeleted, State::Resolved),
        (Some(_), Observation::OutOfScope) => to(Event::OutOfScope, State::Resolved),
        (Some(_), Observation::RuleRemoved) => to(Event::RuleRemoved, State::Resolved),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn observation() -> impl Strategy<Value = Observation> {
        prop_oneof![
            8 => prop::sample::select(Verdict::ALL).prop_map(Observation::Judged),
            1 => prop::sample::select(Verdict::ALL)
                .prop_map(|verdict| Observation::JudgedOtherwise(verdict, Otherwise::Rule)),
            1 => Just(Observation::AssetDeleted),
            1 => Just(Observation::OutOfScope),
            1 => Just(Observation::RuleRemoved),
        ]
    }

    proptest! {
        /// A model of what people expect: the last certain answer decides whether a failure stands.
        #[test]
        fn a_failure_stands_until_a_certain_answer_ends_it(
            observations in prop::collection::vec(observation(), 0..40)
        ) {
            let mut state = None;
            let mut is_failing = false;
            for observation in observations {
                if let Some(step) = step(state, observation) {
                    prop_assert_ne!(Some(step.next), state, "a step changes the state");
                    state = Some(step.next);
                }
                let verdict = match observation {
                    Observation::Judged(verdict) | Observation::JudgedOtherwise(verdict, _) => Some(verdict),
                    _ => None,
                };
                is_failing = match verdict {
                    Some(Verdict::Fail) => true,
                    Some(Verdict::Unknown) => is_failing,
                    _ => false,
                };
                prop_assert_eq!(state.is_some_and(FindingState::counts_as_open), is_failing);
                if verdict == Some(Verdict::Unknown) {
                    prop_assert_ne!(state, Some(FindingState::Resolved), "unknown never resolves");
                    prop_assert_ne!(state, None, "unknown is never missing");
                }
            }
        }
    }

    #[test]
    fn only_a_changed_asset_is_fixed() {
        let end = |observation| step(Some(FindingState::Open), observation).unwrap().event;
        assert_eq!(end(Observation::Judged(Verdict::Pass)), FindingEvent::Fixed);
        for (otherwise, event) in [
            (Otherwise::Rule, FindingEvent::RuleChanged),
            (Otherwise::Settings, FindingEvent::SettingsChanged),
            (Otherwise::Time, FindingEvent::TimePassed),
        ] {
            assert_eq!(end(Observation::JudgedOtherwise(Verdict::Pass, otherwise)), event);
        }
    }

    #[test]
    fn the_words_of_states_and_events_parse_back() {
        for state in FindingState::ALL {
            assert_eq!(state.as_str().parse::<FindingState>().unwrap(), *state);
        }
        for event in FindingEvent::ALL {
            assert_eq!(event.as_str().parse::<FindingEvent>().unwrap(), *event);
        }
    }
}

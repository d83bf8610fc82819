//! Findings: a failing or unknown rule on an asset, over time.

use serde::{Deserialize, Serialize};

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

    /// Whether it counts as an open failure: until a rule has passed, a failure stands.
    pub fn counts_as_open(self) -> bool {
        matches!(self, Self::Open | Self::NotRechecked)
    }
}

/// What an evaluation observes of a rule on an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Observation {
    /// The rule was judged.
    Judged(Verdict),
    /// The asset was deleted.
    AssetDeleted,
    /// The asset's subscription is no longer visible.
    OutOfScope,
    /// No active pack has the rule any more.
    RuleRemoved,
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
    /// It ended because the rule passes now.
    Fixed,
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
    match (state, observation) {
        (None, Observation::Judged(Verdict::Fail)) => to(Event::Opened, State::Open),
        (None, Observation::Judged(Verdict::Unknown)) => to(Event::Opened, State::Unknown),
        (Some(State::Resolved), Observation::Judged(Verdict::Fail)) => {
            to(Event::Reopened, State::Open)
        }
        (Some(State::Resolved), Observation::Judged(Verdict::Unknown)) => {
            to(Event::Reopened, State::Unknown)
        }
        (None | Some(State::Resolved), _)
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
            to(Event::Fixed, State::Resolved)
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
                is_failing = match observation {
                    Observation::Judged(Verdict::Fail) => true,
                    Observation::Judged(Verdict::Unknown) => is_failing,
                    _ => false,
                };
                prop_assert_eq!(state.is_some_and(FindingState::counts_as_open), is_failing);
                if observation == Observation::Judged(Verdict::Unknown) {
                    prop_assert_ne!(state, Some(FindingState::Resolved), "unknown never resolves");
                    prop_assert_ne!(state, None, "unknown is never missing");
                }
            }
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

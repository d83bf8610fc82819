//! What the verdicts of rules say of a framework's controls.

use super::{Assessment, Control, Framework};
use crate::id::RuleId;

impl Framework {
    /// The status of every control, in the framework's order, where `state` says what became of a rule.
    pub fn assess(&self, state: impl Fn(&RuleId) -> RuleState) -> Vec<ControlAssessment<'_>> {
        self.controls().iter().map(|control| control.assess(&state)).collect()
    }
}

impl Control {
    /// The status of this control, where `state` says what became of a rule.
    pub fn assess(&self, state: impl Fn(&RuleId) -> RuleState) -> ControlAssessment<'_> {
        let mut tally = Tally::default();
        let mut not_run = Vec::new();
        for mapped in self.rules() {
            match state(&mapped.rule) {
                RuleState::Ran(own) => tally = tally.plus(own),
                RuleState::NotRun => not_run.push(&mapped.rule),
            }
        }
        ControlAssessment { control: self, status: status(self, tally, &not_run), tally, not_run }
    }
}

/// What became of a rule in an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleState {
    /// It is in no pack, was switched off, or stopped before it judged everything.
    NotRun,
    /// It judged every asset that it is about.
    Ran(Tally),
}

/// Verdicts, as counts of assets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Assets that pass.
    pub pass: u64,
    /// Assets that fail.
    pub fail: u64,
    /// Of those that fail, the ones of which that is accepted.
    pub excepted: u64,
    /// Assets of which it could not be said.
    pub unknown: u64,
    /// Assets that the rule does not concern.
    pub not_applicable: u64,
    /// Listings that could not be read and may have shown more such assets.
    ///
    /// No asset stands for these, so that without them an unread subscription would look empty.
    pub unread: u64,
}

impl Tally {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        // Of what fails, what is not accepted stays so, however large the sums are.
        let open = self.open().saturating_add(other.open());
        let fail = self.fail.saturating_add(other.fail);
        Self {
            pass: self.pass.saturating_add(other.pass),
            fail,
            excepted: fail.saturating_sub(open),
            unknown: self.unknown.saturating_add(other.unknown),
            not_applicable: self.not_applicable.saturating_add(other.not_applicable),
            unread: self.unread.saturating_add(other.unread),
        }
    }

    /// Assets that fail and of which that is not accepted.
    fn open(self) -> u64 {
        self.fail.saturating_sub(self.excepted)
    }
}

/// A control, its status and what that rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlAssessment<'a> {
    /// The control.
    pub control: &'a Control,
    /// Its status.
    pub status: ControlStatus,
    /// The verdicts of its rules together.
    pub tally: Tally,
    /// Its rules that did not run.
    pub not_run: Vec<&'a RuleId>,
}

/// What can be said of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlStatus {
    /// An asset fails a rule of it, and nobody accepted that.
    Failing,
    /// Nothing else fails, but a rule did not run or something could not be read.
    NotChecked,
    /// Everything was looked at, and what fails is accepted by exceptions, each of it.
    Excepted,
    /// Everything was looked at, at least one asset passes, and nothing fails.
    Passing,
    /// The same, of a control whose rules look at a part of it.
    PassingAsFarAsChecked,
    /// Everything was looked at, and there is nothing that it concerns.
    NotApplicable,
    /// A person has to look.
    Manual,
    /// It is not about anything that could be looked at from here.
    NotAssessable,
}

impl ControlStatus {
    /// Every status, the one to look at first first.
    pub const ALL: [Self; 8] = [
        Self::Failing,
        Self::NotChecked,
        Self::Excepted,
        Self::Passing,
        Self::PassingAsFarAsChecked,
        Self::NotApplicable,
        Self::Manual,
        Self::NotAssessable,
    ];

    /// The word as stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::NotChecked => "not_checked",
            Self::Excepted => "excepted",
            Self::Passing => "passing",
            Self::PassingAsFarAsChecked => "passing_as_far_as_checked",
            Self::NotApplicable => "not_applicable",
            Self::Manual => "manual",
            Self::NotAssessable => "not_assessable",
        }
    }

    /// The words as people read them.
    pub fn label(self) -> &'static str {
        match self {
            Self::Failing => "Failing",
            Self::NotChecked => "Not checked",
            Self::Excepted => "Excepted",
            Self::Passing => "Passing",
            Self::PassingAsFarAsChecked => "Passing as far as checked",
            Self::NotApplicable => "Not applicable",
            Self::Manual => "Manual",
            Self::NotAssessable => "Not assessable here",
        }
    }
}

fn status(control: &Control, tally: Tally, not_run: &[&RuleId]) -> ControlStatus {
    let passing = match control.assessment() {
        Assessment::Automated => ControlStatus::Passing,
        Assessment::Partly { .. } => ControlStatus::PassingAsFarAsChecked,
        Assessment::Manual { .. } => return ControlStatus::Manual,
        Assessment::NotAssessable { .. } => return ControlStatus::NotAssessable,
    };
    let incomplete = control.rules().is_empty() || !not_run.is_empty();
    if tally.open() > 0 {
        ControlStatus::Failing
    } else if incomplete || tally.unknown > 0 || tally.unread > 0 {
        ControlStatus::NotChecked
    } else if tally.fail > 0 {
        ControlStatus::Excepted
    } else if tally.pass > 0 {
        passing
    } else {
        ControlStatus::NotApplicable
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// A framework of one control.
    fn framework(assessment: &str, rules: &[&str]) -> Framework {
        let text = json!({
            "id": "house", "title": "House rules", "version": "1", "publisher": "Contoso",
            "source": "https://contoso.example/rules", "licence": "own", "titles_free": true,
            "mapping": "Contoso security",
            "controls": [{
                "id": "H-1", "assessment": assessment, "rules": rules, "description": "x",
                "reason": "y", "named_by_packs": matches!(assessment, "automated" | "partly"),
            }],
        });
        Framework::parse(&text.to_string()).unwrap()
    }

    fn check(assessment: &str, states: &[RuleState], expected: ControlStatus) {
        let names = ["A", "B", "C"];
        let framework = framework(assessment, &names[..states.len()]);
        let assessed = framework
            .assess(|rule| states[names.iter().position(|name| *name == rule.as_str()).unwrap()]);
        assert_eq!(assessed[0].status, expected, "{assessment} {states:?}");
    }

    const PASS: RuleState = RuleState::Ran(tally(1, 0, 0, 0, 0));
    const FAIL: RuleState = RuleState::Ran(tally(0, 1, 0, 0, 0));
    const EXCEPTED: RuleState = RuleState::Ran(Tally { excepted: 1, ..tally(0, 1, 0, 0, 0) });
    const UNKNOWN: RuleState = RuleState::Ran(tally(0, 0, 1, 0, 0));
    const NOT_APPLICABLE: RuleState = RuleState::Ran(tally(0, 0, 0, 1, 0));
    const NO_ASSET: RuleState = RuleState::Ran(tally(0, 0, 0, 0, 0));
    const UNREAD: RuleState = RuleState::Ran(tally(0, 0, 0, 0, 1));
    const NOT_RUN: RuleState = RuleState::NotRun;

    const fn tally(pass: u64, fail: u64, unknown: u64, not_applicable: u64, unread: u64) -> Tally {
        Tally { pass, fail, excepted: 0, unknown, not_applicable, unread }
    }

    #[test]
    fn a_control_is_as_good_as_the_worst_that_is_known_of_it() {
        use ControlStatus::{
            Excepted, Failing, NotApplicable, NotChecked, Passing, PassingAsFarAsChecked,
        };
        for (states, expected) in [
            (&[PASS][..], Passing),
            (&[PASS, NOT_APPLICABLE, NO_ASSET], Passing),
            (&[PASS, FAIL], Failing),
            (&[FAIL, UNKNOWN, NOT_RUN], Failing),
            (&[PASS, EXCEPTED], Excepted),
            (&[EXCEPTED, NOT_APPLICABLE], Excepted),
            (&[EXCEPTED, FAIL], Failing),
            (&[EXCEPTED, UNKNOWN], NotChecked),
            (&[EXCEPTED, NOT_RUN], NotChecked),
            (&[EXCEPTED, UNREAD], NotChecked),
            (&[PASS, UNKNOWN], NotChecked),
            (&[PASS, NOT_RUN], NotChecked),
            (&[PASS, UNREAD], NotChecked),
            (&[NOT_RUN], NotChecked),
            (&[UNKNOWN], NotChecked),
            (&[UNREAD], NotChecked),
            (&[NOT_APPLICABLE, NO_ASSET], NotApplicable),
            (&[NOT_APPLICABLE, NOT_RUN], NotChecked),
            (&[], NotChecked),
        ] {
            check("automated", states, expected);
            let partly = if expected == Passing { PassingAsFarAsChecked } else { expected };
            check("partly", states, partly);
        }
    }

    #[test]
    fn what_nothing_looks_at_says_so() {
        check("manual", &[], ControlStatus::Manual);
        check("not_assessable", &[], ControlStatus::NotAssessable);
    }

    #[test]
    fn rules_that_did_not_run_are_named() {
        let framework = framework("automated", &["A", "B"]);
        let assessed =
            framework.assess(|rule| if rule.as_str() == "A" { PASS } else { RuleState::NotRun });
        let names: Vec<&str> = assessed[0].not_run.iter().map(|rule| rule.as_str()).collect();
        assert_eq!(names, ["B"]);
        assert_eq!(assessed[0].tally.pass, 1);
    }

    fn any_state() -> impl Strategy<Value = RuleState> {
        let count = || prop_oneof![3 => Just(0_u64), 1 => 1_u64..3, 1 => Just(u64::MAX)];
        prop_oneof![
            1 => Just(RuleState::NotRun),
            6 => (count(), count(), count(), count(), count(), any::<bool>()).prop_map(
                |(pass, fail, unknown, not_applicable, unread, is_accepted)| {
                    let excepted = if is_accepted { fail } else { 0 };
                    RuleState::Ran(Tally { excepted, ..tally(pass, fail, unknown, not_applicable, unread) })
                }
            ),
        ]
    }

    fn any_assessment() -> impl Strategy<Value = &'static str> {
        prop_oneof![Just("automated"), Just("partly"), Just("manual"), Just("not_assessable")]
    }

    proptest! {
        #[test]
        fn never_green_because_nothing_looked(
            assessment in any_assessment(),
            states in prop::collection::vec(any_state(), 0..6),
        ) {
            let looked_at = matches!(assessment, "automated" | "partly");
            let names: Vec<String> = (0..states.len()).map(|number| format!("R-{number}")).collect();
            let rules: Vec<&str> = names.iter().map(String::as_str).collect();
            let framework = framework(assessment, if looked_at { &rules } else { &[] });
            let state = |rule: &RuleId| {
                states[names.iter().position(|name| name == rule.as_str()).unwrap()]
            };
            let status = framework.assess(state)[0].status;

            let ran: Vec<Tally> = states.iter().filter_map(|state| match state {
                RuleState::Ran(tally) => Some(*tally),
                RuleState::NotRun => None,
            }).collect();
            let all_looked = ran.len() == states.len()
                && ran.iter().all(|tally| tally.unknown == 0 && tally.unread == 0);
            let passes = ran.iter().any(|tally| tally.pass > 0);
            let fails = ran.iter().any(|tally| tally.fail > 0);
            match status {
                ControlStatus::Passing => {
                    prop_assert!(assessment == "automated" && all_looked && passes && !fails);
                }
                ControlStatus::PassingAsFarAsChecked => {
                    prop_assert!(assessment == "partly" && all_looked && passes && !fails);
                }
                ControlStatus::NotApplicable => {
                    prop_assert!(looked_at && all_looked && !passes && !fails && !ran.is_empty());
                }
                ControlStatus::Failing => prop_assert!(looked_at && fails),
                ControlStatus::Excepted => {
                    prop_assert!(looked_at && all_looked && fails);
                    prop_assert!(ran.iter().all(|tally| tally.excepted == tally.fail));
                }
                ControlStatus::NotChecked => {
                    let is_open = ran.iter().any(|tally| tally.excepted < tally.fail);
                    prop_assert!(looked_at && (!all_looked || states.is_empty()));
                    prop_assert!(!is_open);
                }
                ControlStatus::Manual => prop_assert_eq!(assessment, "manual"),
                ControlStatus::NotAssessable => prop_assert_eq!(assessment, "not_assessable"),
            }
        }

        #[test]
        fn what_is_not_run_never_turns_a_control_green(
            assessment in any_assessment(),
            states in prop::collection::vec(any_state(), 1..6),
            lost in 0_usize..6,
        ) {
            let looked_at = matches!(assessment, "automated" | "partly");
            let names: Vec<String> = (0..states.len()).map(|number| format!("R-{number}")).collect();
            let rules: Vec<&str> = names.iter().map(String::as_str).collect();
            let framework = framework(assessment, if looked_at { &rules } else { &[] });
            let lost = lost % states.len();
            let status = framework.assess(|rule| {
                let place = names.iter().position(|name| name == rule.as_str()).unwrap();
                if place == lost { RuleState::NotRun } else { states[place] }
            })[0].status;
            prop_assert!(!matches!(
                status,
                ControlStatus::Passing
                    | ControlStatus::PassingAsFarAsChecked
                    | ControlStatus::Excepted
                    | ControlStatus::NotApplicable
            ));
        }
    }
}

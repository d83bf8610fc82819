//! Random sequences of acts against a model of what people expect, written without a look at the transition function:
//! in whole hours, with lists in place of states.

use proptest::prelude::*;

use super::*;
use crate::exception::status::{EffectiveStatus, effective};
use crate::finding::FindingState;

/// What somebody tries; people are 1 to 4, findings 1 and 2, times hours.
#[derive(Clone, Debug)]
enum Try {
    Edit { who: i64, lasts: i64 },
    File { who: i64 },
    Approve { who: i64, less: i64, seen: [Option<u8>; 2], is_approver: bool, is_current: bool },
    Reject { who: i64, is_approver: bool },
    Withdraw { who: i64 },
    Revoke { who: i64, is_approver: bool },
    Supersede { is_its_own: bool },
    Void { findings: [bool; 2] },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Writing,
    Waiting,
    Granted,
    Over(ExceptionStatus),
}

#[derive(Clone, Debug)]
struct Vote {
    who: i64,
    until: i64,
    seen: [Option<u8>; 2],
}

#[derive(Debug)]
struct Model {
    needed: usize,
    phase: Phase,
    wrote: Vec<i64>,
    asked_until: i64,
    edits: u32,
    votes: Vec<Vote>,
    ends: i64,
    holds: [bool; 2],
}

impl Model {
    fn new(needed: usize, asked_until: i64) -> Self {
        let (phase, wrote, votes) = (Phase::Writing, vec![WRITER], Vec::new());
        Self { needed, phase, wrote, asked_until, edits: 0, votes, ends: 0, holds: [false; 2] }
    }

    /// All is critical here: 90 days, the last of them to its end. Hour 0 is at eight.
    fn is_end(now: i64, until: i64) -> bool {
        let midnights = (now + 8) / 24;
        now < until && until <= (midnights + 91) * 24 - 8
    }

    /// Whether it can be done; if so, it is.
    fn attempt(&mut self, now: i64, what: &Try) -> bool {
        let in_force = self.phase == Phase::Granted && now < self.ends;
        match *what {
            Try::Edit { who, lasts } => {
                let fits = match self.phase {
                    Phase::Writing => true,
                    Phase::Waiting => Self::is_end(now, now + lasts),
                    _ => false,
                };
                if fits {
                    self.wrote.push(who);
                    self.asked_until = now + lasts;
                    self.edits += 1;
                    self.votes.clear();
                }
                fits
            }
            Try::File { who } => {
                let fits = self.phase == Phase::Writing && Self::is_end(now, self.asked_until);
                if fits {
                    self.wrote.push(who);
                    self.phase = Phase::Waiting;
                }
                fits
            }
            Try::Approve { who, less, seen, is_approver, is_current } => {
                let until = self.asked_until - less;
                let can = self.phase == Phase::Waiting && is_approver && is_current;
                let fits = less >= 0 && Self::is_end(now, until) && seen != [None, None];
                can && fits
                    && !self.wrote.contains(&who)
                    && self.vote(now, &Vote { who, until, seen })
            }
            Try::Reject { who, is_approver } => {
                let fits =
                    self.phase == Phase::Waiting && is_approver && !self.wrote.contains(&who);
                self.over(fits, ExceptionStatus::Rejected)
            }
            Try::Withdraw { who } => {
                let is_undecided = matches!(self.phase, Phase::Writing | Phase::Waiting);
                let fits = is_undecided && self.wrote.contains(&who);
                self.over(fits, ExceptionStatus::Withdrawn)
            }
            Try::Revoke { is_approver, .. } => {
                self.over(in_force && is_approver, ExceptionStatus::Revoked)
            }
            Try::Supersede { is_its_own } => {
                self.over(in_force && is_its_own, ExceptionStatus::Superseded)
            }
            Try::Void { findings } => {
                let all_hold = (0..2).all(|place| !findings[place] || self.holds[place]);
                let fits = in_force && findings != [false, false] && all_hold;
                if fits {
                    self.holds = [0, 1].map(|place| self.holds[place] && !findings[place]);
                    self.over(self.holds == [false, false], ExceptionStatus::Void);
                }
                fits
            }
        }
    }

    fn over(&mut self, fits: bool, status: ExceptionStatus) -> bool {
        if fits {
            self.phase = Phase::Over(status);
        }
        fits
    }

    fn vote(&mut self, now: i64, vote: &Vote) -> bool {
        let agrees = |earlier: &Vote| {
            let differs = |place: usize| match (earlier.seen[place], vote.seen[place]) {
                (Some(then), Some(now)) => then != now,
                _ => false,
            };
            now < earlier.until && !differs(0) && !differs(1)
        };
        let beside: Vec<Vote> = self.votes.iter().filter(|it| agrees(it)).cloned().collect();
        if beside.iter().any(|earlier| earlier.who == vote.who) {
            return false;
        }
        let mut votes = beside;
        votes.push(vote.clone());
        if votes.len() >= self.needed {
            let holds = [0, 1].map(|place| votes.iter().all(|vote| vote.seen[place].is_some()));
            if holds == [false, false] {
                return false;
            }
            self.holds = holds;
            self.ends = votes.iter().map(|vote| vote.until).min().unwrap();
            self.phase = Phase::Granted;
        }
        self.votes = votes;
        true
    }

    fn status(&self, now: i64) -> ExceptionStatus {
        match self.phase {
            Phase::Writing => ExceptionStatus::Draft,
            Phase::Waiting => ExceptionStatus::Requested,
            Phase::Granted if now < self.ends => ExceptionStatus::Approved,
            Phase::Granted => ExceptionStatus::Expired,
            Phase::Over(status) => status,
        }
    }

    /// The word for a failing finding, 0 or 1.
    fn effective(&self, place: usize, now: i64) -> &'static str {
        match self.phase {
            Phase::Waiting => "pending",
            Phase::Granted if now < self.ends && self.holds[place] => "excepted",
            _ => "open",
        }
    }

    fn deed(&self, now: i64, what: &Try) -> Deed {
        let scope =
            |is_approver| if is_approver { ApproverScope::Held } else { ApproverScope::Missing };
        match *what {
            Try::Edit { who, lasts } => {
                let request = Request { until: hour(now + lasts), ..request() };
                Deed::Edit { by: person(who), request, severity: Severity::Critical }
            }
            Try::File { who } => Deed::File { by: person(who), severity: Severity::Critical },
            Try::Approve { who, less, seen, is_approver, is_current } => {
                let numbered =
                    (1..).zip(seen).filter_map(|(number, seen)| Some((number, "critical", seen?)));
                Deed::Approve(Agreement {
                    scope: scope(is_approver),
                    version: if is_current { self.edits + 1 } else { self.edits },
                    until: hour(self.asked_until - less),
                    accepted: states(&numbered.collect::<Vec<_>>()),
                    ..agreement(who)
                })
            }
            Try::Reject { who, is_approver } => {
                Deed::Reject { by: person(who), scope: scope(is_approver), reason: reason() }
            }
            Try::Withdraw { who } => withdraw(who),
            Try::Revoke { who, is_approver } => {
                Deed::Revoke { by: person(who), scope: scope(is_approver), reason: reason() }
            }
            Try::Supersede { is_its_own } => {
                let of = if is_its_own { "X-1" } else { "X-2" };
                let extension = json!({"extension": "X-5", "extends": of});
                let extension = serde_json::from_value(extension).unwrap();
                Deed::Supersede { by: person(APPROVER), extension }
            }
            Try::Void { findings } => {
                let numbers = (1..).zip(findings).filter(|(_, is)| *is).map(|(number, _)| number);
                void(&numbers.collect::<Vec<_>>())
            }
        }
    }
}

fn hour(hours: i64) -> OffsetDateTime {
    START + Duration::hours(hours)
}

fn lasting() -> impl Strategy<Value = i64> {
    // Around the policy's end, which is between 2160 and 2184 hours, around now, and in between.
    prop_oneof![1 => -2_i64..=2, 4 => 100_i64..2000, 2 => 2155_i64..2190]
}

fn any_try() -> impl Strategy<Value = Try> {
    let who = || 1_i64..=4;
    let mostly = || prop::bool::weighted(0.9);
    let seen = || [prop::option::weighted(0.8, 0_u8..2), prop::option::weighted(0.8, 0_u8..2)];
    let less = prop_oneof![3 => Just(0_i64), 2 => 0_i64..2000, 1 => -1_i64..=1];
    prop_oneof![
        2 => (who(), lasting()).prop_map(|(who, lasts)| Try::Edit { who, lasts }),
        4 => who().prop_map(|who| Try::File { who }),
        9 => (who(), less, seen(), mostly(), mostly()).prop_map(
            |(who, less, seen, is_approver, is_current)| Try::Approve { who, less, seen, is_approver, is_current }
        ),
        1 => (who(), mostly()).prop_map(|(who, is_approver)| Try::Reject { who, is_approver }),
        1 => who().prop_map(|who| Try::Withdraw { who }),
        1 => (who(), mostly()).prop_map(|(who, is_approver)| Try::Revoke { who, is_approver }),
        1 => any::<bool>().prop_map(|is_its_own| Try::Supersede { is_its_own }),
        3 => any::<[bool; 2]>().prop_map(|findings| Try::Void { findings }),
    ]
}

fn any_pause() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 0_i64..30, 2 => 30_i64..800]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn every_sequence_of_acts_goes_as_people_expect(
        needed in 1_usize..=2,
        lasts in lasting(),
        tries in prop::collection::vec((any_pause(), any_try()), 1..25),
    ) {
        let policy = if needed == 2 { two_approvers() } else { one_approver() };
        let mut model = Model::new(needed, lasts);
        let mut exception = draft(Request { until: hour(lasts), ..request() });
        let mut now = 0;
        for (pause, what) in tries {
            now += pause;
            let deed = model.deed(now, &what);
            let outcome = exception.apply(&Act { at: hour(now), deed }, &policy);
            let expected = model.attempt(now, &what);
            prop_assert_eq!(outcome.is_ok(), expected, "{:?} at {}: {:?} {:?}", what, now, outcome, model);
            exception = outcome.unwrap_or(exception);
            for moment in [now, now + 1, model.ends - 1, model.ends].into_iter().filter(|it| *it >= now) {
                check(&exception, &model, moment)?;
            }
            check_deciders(&exception, &model, needed)?;
        }
    }
}

fn check(exception: &Exception, model: &Model, now: i64) -> Result<(), TestCaseError> {
    let status = exception.status(hour(now));
    prop_assert_eq!(status, model.status(now), "at {}", now);
    for (place, number) in [(0, 1), (1, 2)] {
        for state in FindingState::ALL {
            let effective = effective(finding(number), *state, [exception], hour(now));
            let is_excepted = matches!(effective, EffectiveStatus::Excepted { .. });
            prop_assert!(!is_excepted || status == ExceptionStatus::Approved);
            prop_assert!(!is_excepted || state.counts_as_open(), "only a failure is accepted");
        }
        let effective = effective(finding(number), FindingState::Open, [exception], hour(now));
        prop_assert_eq!(effective.as_str(), model.effective(place, now), "F-{} at {}", number, now);
    }
    Ok(())
}

/// Whatever was granted was granted by enough different people, none of whom ever wrote on it.
fn check_deciders(
    exception: &Exception,
    model: &Model,
    needed: usize,
) -> Result<(), TestCaseError> {
    if let State::Approved { grant, filed } | State::Ended { grant, filed, .. } = &exception.state {
        let deciders: BTreeSet<i64> = grant.approvals.iter().map(|it| it.by.number()).collect();
        prop_assert_eq!(deciders.len(), grant.approvals.len());
        prop_assert!(deciders.len() >= needed);
        prop_assert!(!deciders.contains(&filed.by.number()));
        prop_assert!(deciders.iter().all(|by| !model.wrote.contains(by)));
    }
    Ok(())
}

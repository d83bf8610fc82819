//! The form of what is allowed of exceptions.

use leptos::prelude::*;
use postern_domain::exception::policy::{Approvers, ExceptionPolicy, MostDays};
use postern_domain::verdict::Severity;

use self::field::{APPROVERS, REASON, SEEN};
use crate::address::{EDIT_POLICY, POLICY};
use crate::page::admin::Crumbs;
use crate::page::admin::field::{Choice, Line, hidden};
use crate::page::problem::sentence;
use crate::part::{FieldMistake, Mistake, MistakeSummary, TextArea};

/// The names of the form's fields, which are their ids too; days have the word of their severity.
pub mod field {
    /// How many approve what is critical.
    pub const APPROVERS: &str = "approvers";
    /// Why it is changed.
    pub const REASON: &str = "reason";
    /// What held when the form was opened.
    pub const SEEN: &str = "seen";
}

/// What is allowed of exceptions, as it was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnteredPolicy {
    /// The days of each severity, the worst first.
    pub days: [String; 4],
    /// `one` or `two`.
    pub approvers: String,
    /// Why it is changed.
    pub reason: String,
    /// What held when the form was opened, as [`EnteredPolicy::text`] says it.
    pub seen: String,
}

impl EnteredPolicy {
    /// What holds, to be changed.
    pub fn of(policy: &ExceptionPolicy) -> Self {
        let days = |severity| policy.days(severity).to_string();
        Self {
            days: [
                days(Severity::Critical),
                days(Severity::High),
                days(Severity::Medium),
                days(Severity::Low),
            ],
            approvers: match policy.critical_approvers {
                Approvers::One => "one".to_owned(),
                Approvers::Two => "two".to_owned(),
            },
            reason: String::new(),
            seen: Self::text(policy),
        }
    }

    /// A policy in one line that tells it from any other.
    pub fn text(policy: &ExceptionPolicy) -> String {
        serde_json::to_string(policy).unwrap_or_default()
    }

    /// What held when the form was opened; `None` where the form does not say.
    pub fn seen(&self) -> Option<ExceptionPolicy> {
        serde_json::from_str(&self.seen).ok()
    }

    /// The policy that was entered, or all that is wrong with it.
    pub fn policy(&self) -> Result<ExceptionPolicy, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut days = [0_u16; 4];
        for ((severity, text), days) in Severity::ALL.iter().zip(&self.days).zip(&mut days) {
            match text.trim().parse() {
                Ok(number) => *days = number,
                Err(_) => mistakes.push(Mistake::at(
                    severity.as_str(),
                    format!(
                        "Enter for how many days {severity} findings can be accepted, such as 90."
                    ),
                )),
            }
        }
        let critical_approvers = match self.approvers.as_str() {
            "one" => Approvers::One,
            "two" => Approvers::Two,
            _ => {
                mistakes.push(Mistake::at(APPROVERS, "Choose how many approve what is critical."));
                Approvers::One
            }
        };
        let [critical, high, medium, low] = days;
        let most_days = MostDays { critical, high, medium, low };
        let policy = ExceptionPolicy { most_days, critical_approvers };
        if mistakes.is_empty() {
            mistakes.extend(policy.complaints().iter().map(|complaint| {
                // Each begins with the severity that it is about.
                let word = complaint.split_whitespace().next().unwrap_or_default();
                Mistake::at(word, sentence(complaint))
            }));
        }
        if self.reason.trim().is_empty() {
            let why = "Enter why it is changed, for whoever reads the history.";
            mistakes.push(Mistake::at(REASON, why));
        }
        if mistakes.is_empty() { Ok(policy) } else { Err(mistakes) }
    }
}

/// The form.
#[component]
pub fn ExceptionPolicyFormPage(
    /// What was entered.
    entered: EnteredPolicy,
    /// What is wrong with it.
    mistakes: Vec<Mistake>,
) -> impl IntoView {
    let days: Vec<_> = Severity::ALL
        .iter()
        .zip(&entered.days)
        .map(|(severity, text)| {
            let label = format!("Days at most, {severity} findings");
            let line = Line {
                id: severity.as_str(),
                name: severity.as_str(),
                label: &label,
                hint: "",
                value: text,
            };
            line.view(&mistakes)
        })
        .collect();
    let one_or_two =
        [("one", "One, who is not the requester"), ("two", "Two, neither of them the requester")];
    let approvers = Choice {
        id: APPROVERS,
        name: APPROVERS,
        label: "Approvers of what is critical",
        options: one_or_two.map(|(word, text)| (word.to_owned(), text.to_owned())).to_vec(),
        value: &entered.approvers,
    };
    let reason = FieldMistake::of(&mistakes, REASON);
    view! {
        <Crumbs of=(POLICY, "Policy") here="Exceptions".to_owned() />
        <h1>"Change what is allowed of exceptions"</h1>
        <p class="lead">"It holds for what is approved from now on; what was approved before stays approved."</p>
        <MistakeSummary mistakes=mistakes.clone() />
        <form class="request" method="post" action=EDIT_POLICY novalidate="">
            {hidden(vec![(SEEN, entered.seen.clone())])}
            {days}
            {approvers.view(&mistakes)}
            <div class="field">
                <label for=REASON>"Reason"</label>
                <p class="hint" id="reason-hint">"It stands in the decision log beside your name."</p>
                {reason.view()}
                <TextArea id=REASON text=entered.reason.clone() rows=3 described_by=reason.described_by(Some("reason-hint")) is_wrong=reason.is_there() />
            </div>
            <div class="form-actions">
                <button class="button primary" type="submit">"Change what is allowed"</button>
                <a href=POLICY>"Keep it as it is"</a>
            </div>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        let entered = EnteredPolicy {
            reason: "A test".to_owned(),
            ..EnteredPolicy::of(&ExceptionPolicy::default())
        };
        assert_eq!(entered.policy(), Ok(ExceptionPolicy::default()));
        assert_eq!(entered.seen(), Some(ExceptionPolicy::default()));
        let check = |change: &dyn Fn(&mut EnteredPolicy), fields: &[&str]| {
            let mut entered = entered.clone();
            change(&mut entered);
            let mistakes = entered.policy().unwrap_err();
            let named: Vec<_> = mistakes.iter().filter_map(|it| it.field.as_deref()).collect();
            assert_eq!(named, fields, "{mistakes:?}");
        };
        check(&|it| it.days[0] = "-1".to_owned(), &["critical"]);
        check(&|it| it.days[1] = "70000".to_owned(), &["high"]);
        check(&|it| it.days[3] = "0".to_owned(), &["low", "medium"]);
        check(&|it| it.days[0] = "200".to_owned(), &["critical"]);
        check(&|it| it.approvers = "three".to_owned(), &["approvers"]);
        check(&|it| it.reason = " ".to_owned(), &["reason"]);
    }
}

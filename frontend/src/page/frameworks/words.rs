//! What is said of frameworks and controls, in words.

use leptos::prelude::*;
use postern_domain::framework::{ControlStatus, KindCounts, StatusCounts};
use postern_service::view::ControlRowView;

use crate::chart::{BAR_ORDER, BarSwatch};
use crate::part::{Tone, count, counted};

/// The counts of a bar in words, each beside a piece of the bar.
#[component]
pub fn StatusList(
    /// The controls.
    statuses: StatusCounts,
) -> impl IntoView {
    let items: Vec<_> = BAR_ORDER
        .into_iter()
        .filter(|status| statuses.of(*status) > 0)
        .map(|status| {
            let words = format!("{} {}", count(statuses.of(status)), word(status));
            view! { <li><BarSwatch status=status />{words}</li> }
        })
        .collect();
    view! { <ul class="status-counts">{items}</ul> }.into_any()
}

/// A status inside a sentence.
pub fn word(status: ControlStatus) -> String {
    status.label().to_lowercase()
}

/// What of a framework rules judge, and what not.
pub fn mapping_sentence(kinds: &KindCounts) -> String {
    let total = counted(kinds.total(), "control", "controls");
    let are = |number: u32, one: &str, many: &str| {
        format!("{} {}", count(number), if number == 1 { one } else { many })
    };
    let partly = match kinds.partly {
        0 => String::new(),
        number if number == kinds.judged() => ", in part".to_owned(),
        number => format!(", {} of them in part", count(number)),
    };
    let judged = if kinds.judged() == 1 { "is" } else { "are" };
    let manual =
        (kinds.manual > 0).then(|| format!("; {}", are(kinds.manual, "is manual", "are manual")));
    let beyond = (kinds.not_assessable > 0)
        .then(|| format!("; {} cannot be assessed from Azure", count(kinds.not_assessable)));
    let without_rules = (kinds.without_rules > 0).then(|| {
        let controls = counted(
            kinds.without_rules,
            "control that rules are to judge",
            "controls that rules are to judge",
        );
        format!(" No active rule looks at {controls}.")
    });
    format!(
        "{} of {total} {judged} judged by rules{partly}{}{}.{}",
        count(kinds.judged()),
        manual.unwrap_or_default(),
        beyond.unwrap_or_default(),
        without_rules.unwrap_or_default(),
    )
}

/// What the checks of a control's rules say, with their number.
pub fn checks_in_words(control: &ControlRowView) -> String {
    let tally = control.tally;
    let planned = tally.pass + tally.fail + tally.unknown;
    let of_checks = format!("of {}", counted(planned, "check", "checks"));
    let unread = counted(tally.unread, "unread list", "unread lists");
    match control.status {
        ControlStatus::Manual | ControlStatus::NotAssessable => String::new(),
        ControlStatus::NotApplicable => "nothing here that it concerns".to_owned(),
        ControlStatus::Passing | ControlStatus::PassingAsFarAsChecked => {
            format!("{} {of_checks} pass", count(tally.pass))
        }
        ControlStatus::Failing | ControlStatus::Excepted => {
            let more = [(tally.excepted, "excepted"), (tally.unknown, "unknown")];
            let more = more.into_iter().filter(|(number, _)| *number > 0);
            let more: Vec<String> =
                more.map(|(number, word)| format!(", {} {word}", count(number))).collect();
            format!("{} {of_checks} fail{}", count(tally.fail), more.concat())
        }
        ControlStatus::NotChecked if tally.unknown > 0 => {
            format!("{} {of_checks} unknown", count(tally.unknown))
        }
        ControlStatus::NotChecked if tally.unread > 0 => unread,
        ControlStatus::NotChecked => "not every rule ran".to_owned(),
    }
}

/// The colour and shape of a status.
pub fn tone(status: ControlStatus) -> Tone {
    match status {
        ControlStatus::Passing | ControlStatus::PassingAsFarAsChecked => Tone::Pass,
        ControlStatus::Failing => Tone::Fail,
        ControlStatus::Excepted => Tone::Excepted,
        ControlStatus::NotChecked => Tone::Unknown,
        ControlStatus::Manual | ControlStatus::NotAssessable | ControlStatus::NotApplicable => {
            Tone::Neutral
        }
    }
}

#[cfg(test)]
mod tests {
    use postern_domain::framework::{ControlKind, Tally};

    use super::*;

    #[test]
    fn the_mapping_is_said_with_the_number_of_all_controls() {
        let check = |kinds: KindCounts, sentence: &str| {
            assert_eq!(mapping_sentence(&kinds), sentence);
        };
        let kinds = KindCounts {
            automated: 12,
            partly: 30,
            without_rules: 0,
            manual: 31,
            not_assessable: 23,
        };
        check(
            kinds,
            "42 of 96 controls are judged by rules, 30 of them in part; 31 are manual; 23 cannot be assessed from Azure.",
        );
        check(
            KindCounts { automated: 0, partly: 1, without_rules: 1, manual: 1, not_assessable: 0 },
            "1 of 3 controls is judged by rules, in part; 1 is manual. \
             No active rule looks at 1 control that rules are to judge.",
        );
    }

    #[test]
    fn checks_name_their_number() {
        let check = |status, tally, words: &str| {
            let control = ControlRowView {
                id: "H-1".parse().unwrap(),
                words: String::new(),
                kind: ControlKind::Automated,
                status,
                tally,
            };
            assert_eq!(checks_in_words(&control), words);
        };
        let tally = Tally { pass: 37, fail: 3, excepted: 2, unknown: 1, ..Tally::default() };
        check(ControlStatus::Failing, tally, "3 of 41 checks fail, 2 excepted, 1 unknown");
        let unknown = Tally { pass: 1, unknown: 1, ..Tally::default() };
        check(ControlStatus::NotChecked, unknown, "1 of 2 checks unknown");
        check(ControlStatus::NotChecked, Tally::default(), "not every rule ran");
        let passing = Tally { pass: 1, not_applicable: 9, ..Tally::default() };
        check(ControlStatus::Passing, passing, "1 of 1 check pass");
    }
}

//! The form of teams and rules, which works by buttons that send it.

use leptos::prelude::*;

use super::entered::field::{
    ACT, OTHERWISE, REASON, RULE_KIND, RULE_TEAM, RULE_VALUE, TEAM_ID, TEAM_NAME, VERSION,
};
use super::entered::{EnteredRouting, EnteredRule, KINDS};
use crate::address::{EDIT_TEAMS, TEAMS};
use crate::page::admin::Crumbs;
use crate::page::admin::field::{Choice, Line, hidden};
use crate::part::{FieldMistake, Mistake, MistakeSummary, TextArea};

/// The form.
#[component]
pub fn RoutingFormPage(
    /// What was entered.
    entered: EnteredRouting,
    /// What is wrong with it.
    mistakes: Vec<Mistake>,
) -> impl IntoView {
    let teams: Vec<_> = entered
        .teams
        .iter()
        .enumerate()
        .map(|(place, team)| team_row(place + 1, team, &mistakes))
        .collect();
    let rules: Vec<_> = entered
        .rules
        .iter()
        .enumerate()
        .map(|(place, rule)| rule_row((place + 1, entered.rules.len()), rule, &entered, &mistakes))
        .collect();
    let otherwise = Choice {
        id: OTHERWISE,
        name: OTHERWISE,
        label: "Owner of what no rule catches",
        options: owners(&entered, &entered.otherwise, "Nobody"),
        value: &entered.otherwise,
    };
    let reason = FieldMistake::of(&mistakes, REASON);
    view! {
        <Crumbs of=(TEAMS, "Teams") here="Change".to_owned() />
        <h1>"Change teams and rules"</h1>
        <p class="lead">"Nothing is changed before you have seen what it does."</p>
        <MistakeSummary mistakes=mistakes.clone() />
        <form class="request" method="post" action=EDIT_TEAMS novalidate="">
            // The first button is the one that Enter presses.
            <button class="unseen" type="submit" name=ACT value="preview" tabindex="-1" aria-hidden="true">"Preview"</button>
            {hidden(vec![(VERSION, entered.version.clone())])}
            <section class="panel" aria-labelledby="teams-heading" id="teams">
                <h2 id="teams-heading">"Teams"</h2>
                <ol class="plain rows form-rows" aria-labelledby="teams-heading">{teams}</ol>
                {button("add-team", "Add a team", "Add a team".to_owned(), "teams-end")}
                <span id="teams-end" tabindex="-1"></span>
            </section>
            <section class="panel" aria-labelledby="rules-heading" id="rules">
                <h2 id="rules-heading">"Rules"</h2>
                <p class="prose">"Of the rules that an asset fits, the first says whose it is."</p>
                <ol class="plain rows form-rows" aria-labelledby="rules-heading">{rules}</ol>
                {button("add-rule", "Add a rule", "Add a rule".to_owned(), "rules-end")}
                <span id="rules-end" tabindex="-1"></span>
                {otherwise.view(&mistakes)}
            </section>
            <section class="panel" aria-labelledby="why-heading">
                <h2 id="why-heading">"Why"</h2>
                <div class="field">
                    <label for=REASON>"Reason"</label>
                    <p class="hint" id="reason-hint">"It stands in the decision log beside your name."</p>
                    {reason.view()}
                    <TextArea id=REASON text=entered.reason.clone() rows=3 described_by=reason.described_by(Some("reason-hint")) is_wrong=reason.is_there() />
                </div>
            </section>
            <div class="form-actions">
                <button class="button primary" type="submit" name=ACT value="preview">"Preview what changes"</button>
                <a href=TEAMS>"Keep them as they are"</a>
            </div>
        </form>
    }
    .into_any()
}

/// A button that sends the form and comes back to it, at what the button is about.
fn button(act: &str, word: &'static str, label: String, to: &str) -> AnyView {
    let action = format!("{EDIT_TEAMS}#{to}");
    view! {
        <button class="button" type="submit" name=ACT value=act.to_owned() formaction=action aria-label=label>{word}</button>
    }
    .into_any()
}

fn team_row(number: usize, (id, name): &(String, String), mistakes: &[Mistake]) -> AnyView {
    let (id_field, name_field) = (format!("team-{number}-id"), format!("team-{number}-name"));
    let id_line = Line { id: &id_field, name: TEAM_ID, label: "Id", hint: "", value: id };
    let name_line = Line { id: &name_field, name: TEAM_NAME, label: "Name", hint: "", value: name };
    let legend = format!("Team {number}");
    let act = format!("remove-team:{number}");
    view! {
        <li id=format!("team-{number}")>
            <fieldset class="form-row">
                <legend>{legend}</legend>
                {id_line.view(mistakes)}
                {name_line.view(mistakes)}
                <div class="row-buttons">{button(&act, "Remove", format!("Remove team {number}"), "teams")}</div>
            </fieldset>
        </li>
    }
    .into_any()
}

fn rule_row(
    (number, all): (usize, usize),
    rule: &EnteredRule,
    entered: &EnteredRouting,
    mistakes: &[Mistake],
) -> AnyView {
    let field = |part: &str| format!("rule-{number}-{part}");
    let (kind_id, value_id, team_id) = (field("kind"), field("value"), field("team"));
    let mut kinds: Vec<_> =
        KINDS.iter().map(|(word, text)| ((*word).to_owned(), (*text).to_owned())).collect();
    if KINDS.iter().all(|(word, _)| *word != rule.kind) {
        kinds.insert(0, (rule.kind.clone(), "Choose".to_owned()));
    }
    let kind = Choice {
        id: &kind_id,
        name: RULE_KIND,
        label: "Goes by",
        options: kinds,
        value: &rule.kind,
    };
    let value =
        Line { id: &value_id, name: RULE_VALUE, label: "Which", hint: "", value: &rule.value };
    let team = Choice {
        id: &team_id,
        name: RULE_TEAM,
        label: "Owner",
        options: owners(entered, &rule.team, "Choose"),
        value: &rule.team,
    };
    let up = (number > 1).then(|| {
        button(
            &format!("up:{number}"),
            "Up",
            format!("Move rule {number} up"),
            &format!("rule-{}", number - 1),
        )
    });
    let down = (number < all).then(|| {
        button(
            &format!("down:{number}"),
            "Down",
            format!("Move rule {number} down"),
            &format!("rule-{}", number + 1),
        )
    });
    let remove = button(
        &format!("remove-rule:{number}"),
        "Remove",
        format!("Remove rule {number}"),
        "rules",
    );
    view! {
        <li id=format!("rule-{number}")>
            <fieldset class="form-row">
                <legend>{format!("Rule {number}")}</legend>
                {kind.view(mistakes)}
                {value.view(mistakes)}
                {team.view(mistakes)}
                <div class="row-buttons">{up} {down} {remove}</div>
            </fieldset>
        </li>
    }
    .into_any()
}

/// The teams that were entered, to choose from, with what was chosen where it is none of these.
fn owners(entered: &EnteredRouting, chosen: &str, none: &str) -> Vec<(String, String)> {
    let mut owners = vec![(String::new(), none.to_owned())];
    for (id, name) in entered.teams.iter().filter(|(id, _)| !id.trim().is_empty()) {
        let id = id.trim().to_owned();
        let text = if name.trim().is_empty() { id.clone() } else { name.trim().to_owned() };
        owners.push((id, text));
    }
    if owners.iter().all(|(id, _)| id != chosen) {
        owners.push((chosen.to_owned(), format!("{chosen} (no team)")));
    }
    owners
}

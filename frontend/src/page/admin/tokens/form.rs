//! The form for a new token.

use leptos::prelude::*;
use postern_domain::person::{Grant, Role};
use postern_domain::team::{Team, TeamId};

use self::field::{DAYS, KEY, NAME, ROLE, TEAM};
use crate::address::TOKENS;
use crate::page::admin::Crumbs;
use crate::page::admin::field::{Choice, Line, hidden};
use crate::part::{FieldMistake, Mistake, MistakeSummary};

/// The names of the form's fields, which are their ids too.
pub mod field {
    /// What people call the token.
    pub const NAME: &str = "name";
    /// A role, as often as there are roles.
    pub const ROLE: &str = "role";
    /// The team that a role is limited to.
    pub const TEAM: &str = "team";
    /// For how many days it holds.
    pub const DAYS: &str = "days";
    /// What tells the form from others, so that it makes one token however often it is sent.
    pub const KEY: &str = "key";
}

/// What was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnteredToken {
    /// What people call it.
    pub name: String,
    /// Its roles.
    pub roles: Vec<String>,
    /// The team that they are limited to; empty for none.
    pub team: String,
    /// For how many days it holds.
    pub days: String,
    /// What tells the form from others.
    pub key: String,
}

impl EnteredToken {
    /// The roles that it shall have, or what is wrong with them: the sentence for it.
    pub fn grants(&self) -> Result<Vec<Grant>, &'static str> {
        let team = match self.team.trim() {
            "" => None,
            id => Some(id.parse::<TeamId>().map_err(|_| "Choose one of the teams.")?),
        };
        let mut grants = Vec::new();
        for word in &self.roles {
            let role = word.parse::<Role>().map_err(|_| "Choose of the roles that there are.")?;
            grants.push(match (role, &team) {
                (Role::Viewer | Role::Contributor, Some(team)) => {
                    Grant::in_team(role, team.clone())
                }
                (role, _) => Grant::of(role),
            });
        }
        Ok(grants)
    }
}

/// What each role may, in words.
fn meaning(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Reads findings: all, or those of the team below.",
        Role::Contributor => {
            "Reads the findings of the team below, and asks for exceptions for them."
        }
        Role::Approver => "Reads everything, and decides on exceptions.",
        Role::Auditor => "Reads everything, the decision log included.",
        Role::Engineer => "Reads everything, runs scans and rules, and asks for exceptions.",
        Role::Administrator => "Reads everything, and changes people, teams and connections.",
    }
}

/// The form for a new token.
#[component]
pub fn TokenFormPage(
    /// What was entered.
    entered: EnteredToken,
    /// The teams to choose from.
    teams: Vec<Team>,
    /// What is wrong with what was entered.
    mistakes: Vec<Mistake>,
) -> impl IntoView {
    let role_mistake = FieldMistake::of(&mistakes, ROLE);
    let roles: Vec<_> = Role::ALL
        .iter()
        .enumerate()
        .map(|(place, role)| {
            // The first has the field's own id, to which the summary links.
            let id = if place == 0 { ROLE.to_owned() } else { format!("{ROLE}-{role}") };
            let described = format!("{id}-meaning");
            let is_chosen = entered.roles.iter().any(|word| word == role.as_str());
            view! {
                <div class="choice-row">
                    <label class="option" for=id.clone()>
                        <input id=id.clone() type="checkbox" name=ROLE value=role.as_str() checked=is_chosen aria-describedby=described.clone() />
                        <span class="option-label">{role.as_str()}</span>
                    </label>
                    <p class="hint" id=described>{meaning(*role)}</p>
                </div>
            }
        })
        .collect();
    let mut owners = vec![(String::new(), "No team".to_owned())];
    owners.extend(teams.into_iter().map(|team| (team.id.to_string(), team.name)));
    let name = Line {
        id: NAME,
        name: NAME,
        label: "Name",
        hint: "What people call it, such as nightly-report. It stands beside all that the program does.",
        value: &entered.name,
    };
    let team = Choice {
        id: TEAM,
        name: TEAM,
        label: "Team of a viewer or contributor",
        options: owners,
        value: &entered.team,
    };
    let days = Line {
        id: DAYS,
        name: DAYS,
        label: "Days that it holds",
        hint: "366 at most.",
        value: &entered.days,
    };
    let described = role_mistake.described_by(None);
    view! {
        <Crumbs of=(TOKENS, "Tokens") here="Create".to_owned() />
        <h1>"Create a token"</h1>
        <p class="lead">"What the program sends is shown once, on the next page."</p>
        <MistakeSummary mistakes=mistakes.clone() />
        <form class="request" method="post" action=TOKENS novalidate="">
            {hidden(vec![(KEY, entered.key.clone())])}
            {name.view(&mistakes)}
            <fieldset aria-describedby=(!described.is_empty()).then_some(described)>
                <legend>"Roles"</legend>
                {role_mistake.view()}
                {roles}
            </fieldset>
            {team.view(&mistakes)}
            {days.view(&mistakes)}
            <div class="form-actions">
                <button class="button primary" type="submit">"Create token"</button>
                <a href=TOKENS>"Create none"</a>
            </div>
        </form>
    }
    .into_any()
}

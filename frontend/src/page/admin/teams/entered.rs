//! What was entered into the form of teams and rules, and from that to a routing, or to all that is wrong with it.

use postern_domain::scope::Scope;
use postern_domain::team::{Routing, RoutingRule, Team, TeamId};
use postern_service::view::RoutingView;

use self::field::{
    OTHERWISE, REASON, RULE_KIND, RULE_TEAM, RULE_VALUE, TEAM_ID, TEAM_NAME, VERSION,
};
use crate::page::problem::sentence;
use crate::part::Mistake;

/// The names of the form's fields.
pub mod field {
    /// The name of the fields for teams' ids.
    pub const TEAM_ID: &str = "team_id";
    /// The name of the fields for teams' names.
    pub const TEAM_NAME: &str = "team_name";
    /// The name of the fields for what rules go by.
    pub const RULE_KIND: &str = "rule_kind";
    /// The name of the fields for which assets rules catch.
    pub const RULE_VALUE: &str = "rule_value";
    /// The name of the fields for whose rules' assets are.
    pub const RULE_TEAM: &str = "rule_team";
    /// The name of the field for whose the rest is, which is its id too.
    pub const OTHERWISE: &str = "otherwise";
    /// The name of the field for why, which is its id too.
    pub const REASON: &str = "reason";
    /// The name of the field that says what was changed.
    pub const VERSION: &str = "version";
    /// The name of the buttons.
    pub const ACT: &str = "act";
}

/// A routing has at most so many teams, and so many rules: more are no form.
const MOST_ROWS: usize = 500;

/// What rules go by: the word in the form, and what people read.
pub const KINDS: [(&str, &str); 4] = [
    ("tag", "Tag, as name=value"),
    ("management_group", "Management group, by its name"),
    ("subscription", "Subscription, by its id"),
    ("resource_group", "Resource group, by its ARM id"),
];

/// A rule, as it was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnteredRule {
    /// What it goes by, one of [`KINDS`].
    pub kind: String,
    /// Which assets.
    pub value: String,
    /// Whose they are.
    pub team: String,
}

/// Teams and rules, as they were entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnteredRouting {
    /// The ids and names of teams.
    pub teams: Vec<(String, String)>,
    /// The rules, in order.
    pub rules: Vec<EnteredRule>,
    /// Whose the rest is; empty for nobody's.
    pub otherwise: String,
    /// Why it is changed.
    pub reason: String,
    /// What tells what is changed from what others say meanwhile.
    pub version: String,
}

impl EnteredRouting {
    /// What holds, to be changed.
    pub fn of(view: &RoutingView) -> Self {
        let Routing { teams, rules, otherwise } = &view.routing;
        let rule = |rule: &RoutingRule| {
            let (kind, value) = match &rule.scope {
                Scope::Tag(tag) => ("tag", tag),
                Scope::ManagementGroup(name) => ("management_group", name),
                Scope::Subscription(id) => ("subscription", id),
                Scope::ResourceGroup(id) => ("resource_group", id),
            };
            EnteredRule { kind: kind.to_owned(), value: value.clone(), team: rule.team.to_string() }
        };
        Self {
            teams: teams.iter().map(|team| (team.id.to_string(), team.name.clone())).collect(),
            rules: rules.iter().map(rule).collect(),
            otherwise: otherwise.as_ref().map(ToString::to_string).unwrap_or_default(),
            reason: String::new(),
            version: view.version.to_string(),
        }
    }

    /// The fields that carry it from page to page.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let teams = self
            .teams
            .iter()
            .flat_map(|(id, name)| [(TEAM_ID, id.clone()), (TEAM_NAME, name.clone())]);
        let rules = self.rules.iter().flat_map(|rule| {
            [
                (RULE_KIND, rule.kind.clone()),
                (RULE_VALUE, rule.value.clone()),
                (RULE_TEAM, rule.team.clone()),
            ]
        });
        let rest = [
            (OTHERWISE, self.otherwise.clone()),
            (REASON, self.reason.clone()),
            (VERSION, self.version.clone()),
        ];
        teams.chain(rules).chain(rest).collect()
    }

    /// Does what a button says, such as `up:3`; `false` where it is none that changes what was entered.
    pub fn act(&mut self, act: &str) -> bool {
        let (what, number) = act.split_once(':').unwrap_or((act, "1"));
        let place = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let Some(place) = place else { return false };
        match what {
            "add-team" if self.teams.len() < MOST_ROWS => {
                self.teams.push((String::new(), String::new()));
            }
            "add-rule" if self.rules.len() < MOST_ROWS => {
                self.rules.push(EnteredRule { kind: "tag".to_owned(), ..EnteredRule::default() });
            }
            "remove-team" if place < self.teams.len() => drop(self.teams.remove(place)),
            "remove-rule" if place < self.rules.len() => drop(self.rules.remove(place)),
            "up" if place > 0 && place < self.rules.len() => self.rules.swap(place, place - 1),
            "down" if place + 1 < self.rules.len() => self.rules.swap(place, place + 1),
            _ => return false,
        }
        true
    }

    /// The routing that was entered, or all that is wrong with it. Rows in which nothing was entered are none.
    pub fn routing(&mut self) -> Result<Routing, Vec<Mistake>> {
        let is_blank = |text: &str| text.trim().is_empty();
        self.teams.retain(|(id, name)| !is_blank(id) || !is_blank(name));
        self.rules.retain(|rule| !is_blank(&rule.value) || !is_blank(&rule.team));
        let mut mistakes = Vec::new();
        if self.teams.len() > MOST_ROWS || self.rules.len() > MOST_ROWS {
            return Err(vec![Mistake::of_all(format!(
                "Enter at most {MOST_ROWS} teams and {MOST_ROWS} rules."
            ))]);
        }
        let mut teams = Vec::new();
        for (place, (id, name)) in self.teams.iter().enumerate() {
            let number = place + 1;
            match id.trim().parse::<TeamId>() {
                Ok(id) => teams.push(Team { id, name: name.trim().to_owned() }),
                Err(_) => mistakes.push(Mistake::at(
                    format!("team-{number}-id"),
                    format!(
                        "Enter the id of team {number} in lower-case letters, digits and dashes, such as nlp-platform."
                    ),
                )),
            }
        }
        let mut rules = Vec::new();
        for (place, rule) in self.rules.iter().enumerate() {
            match (scope(rule), rule.team.trim().parse::<TeamId>()) {
                (Some(scope), Ok(team)) => rules.push(RoutingRule { scope, team }),
                (scope, team) => {
                    let number = place + 1;
                    if scope.is_none() {
                        let id = format!("rule-{number}-kind");
                        mistakes
                            .push(Mistake::at(id, format!("Choose what rule {number} goes by.")));
                    }
                    if team.is_err() {
                        let id = format!("rule-{number}-team");
                        let sentence = format!("Choose whose the assets of rule {number} are.");
                        mistakes.push(Mistake::at(id, sentence));
                    }
                }
            }
        }
        let otherwise = match self.otherwise.trim() {
            "" => None,
            id => {
                let parsed = id.parse::<TeamId>();
                if parsed.is_err() {
                    mistakes.push(Mistake::at(OTHERWISE, "Choose whose the rest is."));
                }
                parsed.ok()
            }
        };
        let routing = Routing { teams, rules, otherwise };
        if mistakes.is_empty() {
            let complaints = routing.complaints();
            mistakes.extend(complaints.iter().map(|complaint| self.place(complaint)));
        }
        if is_blank(&self.reason) {
            let why = "Enter why it is changed, for whoever reads the history.";
            mistakes.push(Mistake::at(REASON, why));
        }
        if mistakes.is_empty() { Ok(routing) } else { Err(mistakes) }
    }

    /// A complaint of a routing, at the field that it is about.
    fn place(&self, complaint: &str) -> Mistake {
        let word = |text: &'_ str| -> String {
            text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '-').collect()
        };
        let field = if let Some(rest) = complaint.strip_prefix("rule ") {
            let part = if rest.contains("names the team") { "team" } else { "value" };
            format!("rule-{}-{part}", word(rest))
        } else if let Some(rest) = complaint.strip_prefix("team ") {
            let id = word(rest);
            // The last of several is the one too many.
            let place = self.teams.iter().rposition(|(of, _)| of.trim() == id).unwrap_or_default();
            let part = if complaint.ends_with("no name") { "name" } else { "id" };
            let nameless =
                self.teams.iter().position(|(of, name)| of.trim() == id && name.trim().is_empty());
            let place = nameless.filter(|_| part == "name").unwrap_or(place);
            format!("team-{}-{part}", place + 1)
        } else {
            OTHERWISE.to_owned()
        };
        Mistake::at(field, sentence(complaint))
    }
}

/// Which assets a rule catches; `None` where it is of no kind.
fn scope(rule: &EnteredRule) -> Option<Scope> {
    let value = rule.value.trim().to_owned();
    Some(match rule.kind.as_str() {
        "tag" => Scope::Tag(value),
        "management_group" => Scope::ManagementGroup(value),
        "subscription" => Scope::Subscription(value),
        "resource_group" => Scope::ResourceGroup(value),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: &str, value: &str, team: &str) -> EnteredRule {
        EnteredRule { kind: kind.to_owned(), value: value.to_owned(), team: team.to_owned() }
    }

    fn team(id: &str, name: &str) -> (String, String) {
        (id.to_owned(), name.to_owned())
    }

    fn entered() -> EnteredRouting {
        EnteredRouting {
            teams: vec![team("nlp", "NLP"), team("vision", "Vision")],
            rules: vec![rule("tag", "team=nlp", "nlp"), rule("subscription", "a", "vision")],
            otherwise: String::new(),
            reason: "A test".to_owned(),
            version: String::new(),
        }
    }

    #[test]
    fn rows_in_which_nothing_was_entered_are_none() {
        let mut entered = entered();
        entered.teams.insert(1, team(" ", ""));
        entered.rules.push(rule("tag", "", " "));
        let routing = entered.routing().unwrap();
        assert_eq!((routing.teams.len(), routing.rules.len(), routing.otherwise), (2, 2, None));
        assert_eq!(entered, super::tests::entered());
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        let check = |change: &dyn Fn(&mut EnteredRouting), field: &str| {
            let mut entered = entered();
            change(&mut entered);
            let mistakes = entered.routing().unwrap_err();
            let fields: Vec<_> = mistakes.iter().filter_map(|it| it.field.as_deref()).collect();
            assert_eq!(fields, [field], "{mistakes:?}");
        };
        check(&|it| it.teams[0].0 = "NLP".to_owned(), "team-1-id");
        check(&|it| it.teams[1].1.clear(), "team-2-name");
        check(&|it| it.teams.push(team("nlp", "Again")), "team-3-id");
        check(&|it| it.rules[0].value = "team".to_owned(), "rule-1-value");
        check(&|it| it.rules[1].team = "it".to_owned(), "rule-2-team");
        check(&|it| it.rules[1].team.clear(), "rule-2-team");
        check(&|it| it.rules[1].kind = "planet".to_owned(), "rule-2-kind");
        check(&|it| it.rules.push(rule("tag", "Team = NLP", "nlp")), "rule-3-value");
        check(&|it| it.otherwise = "it".to_owned(), OTHERWISE);
        check(&|it| it.otherwise = "</select>".to_owned(), OTHERWISE);
        check(&|it| it.reason = " \n".to_owned(), REASON);
    }

    #[test]
    fn buttons_move_what_they_name_and_nothing_else() {
        let mut entered = entered();
        assert!(entered.act("down:1"));
        assert_eq!(entered.rules[1].value, "team=nlp");
        assert!(entered.act("up:2") && entered == super::tests::entered());
        for nothing in [
            "up:1",
            "down:2",
            "up:0",
            "remove-rule:3",
            "remove-team:-1",
            "up",
            "save",
            "up:x",
            "down:99999999999999999999",
        ] {
            assert!(!entered.act(nothing), "{nothing}");
        }
        assert_eq!(entered, super::tests::entered());
        assert!(entered.act("remove-team:1"));
        assert_eq!(entered.teams, [team("vision", "Vision")]);
        assert!(entered.act("add-rule"));
        assert_eq!(entered.rules.len(), 3);
    }
}

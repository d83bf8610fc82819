//! Saved views: a name for what a list is asked for, and who may say so for whom.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{PersonId, ViewId};
use crate::person::{Actor, Role};
use crate::team::TeamId;
use crate::text::is_unseen;

/// Whose a view is, and so who is shown it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewOwner {
    /// One person's: nobody else is shown it.
    Person(PersonId),
    /// A team's: shown to whoever reads that team's findings.
    Team(TeamId),
    /// Everybody's.
    Organisation,
}

impl ViewOwner {
    /// Whether others than one person are shown it, so that a change of it is written into the decision log.
    pub fn is_shared(&self) -> bool {
        !matches!(self, Self::Person(_))
    }

    /// Whether somebody is shown the view.
    pub fn may_see(&self, actor: &Actor) -> bool {
        match self {
            Self::Person(person) => actor.person() == Some(*person),
            Self::Team(team) => actor.has_role() && actor.sight().holds(Some(team)),
            Self::Organisation => actor.has_role(),
        }
    }

    /// Whether somebody may save, change or delete such a view.
    ///
    /// One's own, whoever has a role. A team's, who works for the team (its contributors) and those who see to what all
    /// work with: engineers and administrators. Everybody's, engineers and administrators alone.
    /// Viewers, approvers and auditors read what others share; an auditor writes nothing that others go by.
    pub fn may_change(&self, actor: &Actor) -> bool {
        let Actor::Person { id, grants, .. } = actor else { return false };
        let has = |role| grants.iter().any(|grant| grant.role == role);
        let is_everybodys = || has(Role::Engineer) || has(Role::Administrator);
        match self {
            Self::Person(person) => person == id && actor.has_role(),
            Self::Team(team) => {
                let works_for = grants.iter().any(|grant| {
                    grant.role == Role::Contributor && grant.team.as_ref() == Some(team)
                });
                works_for || is_everybodys()
            }
            Self::Organisation => is_everybodys(),
        }
    }
}

/// What people call a view: 1 to 60 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ViewName(String);

/// The text is no name of a view.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a view needs a name of 1 to {MOST} characters, such as \u{201c}Critical and high\u{201d}", MOST = ViewName::MOST)]
pub struct ViewNameError;

impl ViewName {
    /// The most characters: as many as stand in one line beside others.
    pub const MOST: usize = 60;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The word by which addresses name the view: what can be read of its name, and its number, which alone counts.
    pub fn slug(&self, id: ViewId) -> String {
        let mut slug = String::new();
        for character in self.0.chars().flat_map(char::to_lowercase) {
            if character.is_ascii_alphanumeric() {
                slug.push(character);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        format!("{slug}{}", id.number())
    }
}

/// The view that a word in an address names, whatever it was called when the address was made.
pub fn id_of_slug(slug: &str) -> Option<ViewId> {
    let digits = slug.rsplit('-').next()?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| digits.parse().ok()).flatten()?;
    (number > 0).then(|| ViewId::from_number(number))
}

impl fmt::Display for ViewName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for ViewName {
    type Err = ViewNameError;

    fn from_str(text: &str) -> Result<Self, ViewNameError> {
        let text = text.trim();
        let fits = (1..=Self::MOST).contains(&text.chars().count()) && !text.chars().any(is_unseen);
        if fits { Ok(Self(text.to_owned())) } else { Err(ViewNameError) }
    }
}

impl TryFrom<String> for ViewName {
    type Error = ViewNameError;

    fn try_from(text: String) -> Result<Self, ViewNameError> {
        text.parse()
    }
}

impl From<ViewName> for String {
    fn from(name: ViewName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::Grant;

    fn somebody(grants: Vec<Grant>) -> Actor {
        let id = PersonId::from_number(7);
        Actor::Person { id, name: "Nora Klein".to_owned(), grants, address: None }
    }

    #[test]
    fn who_sees_and_who_changes_a_view() {
        let nlp: TeamId = "nlp".parse().unwrap();
        let vision: TeamId = "vision".parse().unwrap();
        let owners = [
            ViewOwner::Person(PersonId::from_number(7)),
            ViewOwner::Person(PersonId::from_number(8)),
            ViewOwner::Team(nlp.clone()),
            ViewOwner::Team(vision),
            ViewOwner::Organisation,
        ];
        let check = |grants: Vec<Grant>, sees: &str, changes: &str| {
            let actor = somebody(grants);
            let marks = |may: &dyn Fn(&ViewOwner) -> bool| -> String {
                owners.iter().map(|owner| if may(owner) { 'x' } else { '.' }).collect()
            };
            assert_eq!(marks(&|owner| owner.may_see(&actor)), sees, "{actor:?} sees");
            assert_eq!(marks(&|owner| owner.may_change(&actor)), changes, "{actor:?} changes");
        };
        check(vec![], "x....", ".....");
        check(vec![Grant::in_team(Role::Viewer, nlp.clone())], "x.x.x", "x....");
        check(vec![Grant::in_team(Role::Contributor, nlp)], "x.x.x", "x.x..");
        check(vec![Grant::of(Role::Viewer)], "x.xxx", "x....");
        check(vec![Grant::of(Role::Approver)], "x.xxx", "x....");
        check(vec![Grant::of(Role::Auditor)], "x.xxx", "x....");
        check(vec![Grant::of(Role::Engineer)], "x.xxx", "x.xxx");
        check(vec![Grant::of(Role::Administrator)], "x.xxx", "x.xxx");
        let operator = Actor::Operator { name: "root".to_owned() };
        assert!(!ViewOwner::Organisation.may_change(&operator), "who changed it is a person");
    }

    #[test]
    fn a_slug_says_the_name_and_is_read_by_its_number() {
        let check = |name: &str, expected: &str| {
            let slug = name.parse::<ViewName>().unwrap().slug(ViewId::from_number(12));
            assert_eq!(slug, expected);
            assert_eq!(id_of_slug(&slug), Some(ViewId::from_number(12)));
        };
        check(" Critical & high ", "critical-high-12");
        check("2026", "2026-12");
        check("\u{4e2d}\u{6587}", "12");
        check("\u{c9}t\u{e9}!", "t-12");
        for wrong in ["", "critical", "a-0", "a-+1", "a-99999999999999999999", "a-1 "] {
            assert_eq!(id_of_slug(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn names_are_one_line_of_some_characters() {
        for wrong in ["", "  ", "a\nb", "\u{202e}a", &"a".repeat(61)] {
            assert_eq!(wrong.parse::<ViewName>(), Err(ViewNameError), "{wrong:?}");
        }
        assert_eq!(" <b> ".parse::<ViewName>().unwrap().as_str(), "<b>");
    }
}

//! People: their roles, where they have these from, and what these allow.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::scope::Scope;
use crate::team::TeamId;

/// What somebody does with Postern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads findings: all, or those of a team.
    Viewer,
    /// Reads the findings of a team, and asks for exceptions for them.
    Contributor,
    /// Reads everything, and decides on exceptions, of a scope where one is given.
    Approver,
    /// Reads everything, the decision log included, and writes nothing.
    Auditor,
    /// Reads everything, runs scans, rule packs and their settings, and asks for exceptions for any finding.
    Engineer,
    /// Reads everything, and says who and what Postern works with: people, teams, connections.
    Administrator,
}

impl Role {
    /// Every role, the one with the fewest rights first.
    pub const ALL: &'static [Self] = &[
        Self::Viewer,
        Self::Contributor,
        Self::Approver,
        Self::Auditor,
        Self::Engineer,
        Self::Administrator,
    ];

    /// The word as files and commands write it, and as people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Contributor => "contributor",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Engineer => "engineer",
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The text names no role.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not one of viewer, contributor, approver, auditor, engineer, administrator")]
pub struct RoleError(String);

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        let found = Self::ALL.iter().copied().find(|role| role.as_str() == text);
        found.ok_or_else(|| RoleError(text.to_owned()))
    }
}

/// A role, and what it is limited to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The team that a contributor works for, or that a viewer is limited to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// What an approver decides on; without it, on everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

impl Grant {
    /// A role without a limit.
    pub fn of(role: Role) -> Self {
        Self { role, team: None, scope: None }
    }

    /// A role in a team.
    pub fn in_team(role: Role, team: TeamId) -> Self {
        Self { role, team: Some(team), scope: None }
    }

    /// What is wrong with it, as a sentence without a full stop; `None` where nothing is.
    pub fn complaint(&self) -> Option<String> {
        let Self { role, team, scope } = self;
        match (role, team, scope) {
            (Role::Contributor, None, _) => Some("a contributor needs a team".to_owned()),
            (Role::Viewer | Role::Contributor, _, Some(_)) => {
                Some(format!("a {role} is limited by a team and not by a scope"))
            }
            (Role::Approver, Some(_), _) => {
                Some("an approver is limited by a scope and not by a team".to_owned())
            }
            (Role::Auditor | Role::Engineer | Role::Administrator, team, scope)
                if team.is_some() || scope.is_some() =>
            {
                Some(format!("an {role} cannot be limited to a team or scope"))
            }
            (.., Some(scope)) => scope.complaint(),
            _ => None,
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.team, &self.scope) {
            (Some(team), _) => write!(formatter, "{} of {team}", self.role),
            (None, Some(scope)) => write!(formatter, "{} of {scope}", self.role),
            (None, None) => self.role.fmt(formatter),
        }
    }
}

/// What an identity provider says of somebody, by the name of the claim: the names of groups or app roles.
pub type Claims = BTreeMap<String, BTreeSet<String>>;

/// Whoever has this value in this claim has this role.
///
/// As JSON: `{"claim": "groups", "value": "nlp", "role": "contributor", "team": "nlp-platform"}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantRule {
    /// The claim's name, such as `roles` or `groups`.
    pub claim: String,
    /// The value that it has or holds, to the letter.
    pub value: String,
    /// The role.
    pub role: Role,
    /// See [`Grant::team`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// See [`Grant::scope`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

impl GrantRule {
    /// What it grants.
    pub fn grant(&self) -> Grant {
        Grant { role: self.role, team: self.team.clone(), scope: self.scope.clone() }
    }
}

/// How roles follow from what an identity provider says: all rules that hold add up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantRules(pub Vec<GrantRule>);

impl GrantRules {
    /// The roles of somebody with these claims.
    pub fn grants(&self, claims: &Claims) -> Vec<Grant> {
        let mut grants: Vec<Grant> = Vec::new();
        for rule in &self.0 {
            let holds = claims.get(&rule.claim).is_some_and(|values| values.contains(&rule.value));
            let grant = rule.grant();
            if holds && !grants.contains(&grant) {
                grants.push(grant);
            }
        }
        grants
    }

    /// Of what a provider says, only what some rule asks for: nothing else is kept of anybody.
    pub fn relevant(&self, claims: &Claims) -> Claims {
        let mut kept = Claims::new();
        for rule in &self.0 {
            if claims.get(&rule.claim).is_some_and(|values| values.contains(&rule.value)) {
                kept.entry(rule.claim.clone()).or_default().insert(rule.value.clone());
            }
        }
        kept
    }

    /// All that is wrong with it, as sentences without a full stop; rules are counted from 1.
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for (place, rule) in self.0.iter().enumerate() {
            let empty = [("claim", &rule.claim), ("value", &rule.value)]
                .into_iter()
                .filter(|(_, text)| text.trim().is_empty())
                .map(|(what, _)| format!("its {what} is empty"));
            let complaint = rule.grant().complaint();
            let number = place + 1;
            complaints.extend(
                empty.chain(complaint).map(|complaint| format!("grant {number}: {complaint}")),
            );
        }
        complaints
    }
}

/// What only some may do; reading what one's own teams have needs no permission but a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Reading what is not of one team: coverage, scans, comparisons, reports of a whole connection.
    ReadEverything,
    /// Asking for exceptions.
    AskForExceptions,
    /// Deciding on exceptions.
    DecideOnExceptions,
    /// Saying something about exceptions, and adding evidence.
    DiscussExceptions,
    /// Asking for scans, cancelling them, pausing schedules.
    RunScans,
    /// Rule packs, their settings, retention.
    Configure,
    /// People, teams, connections.
    Administer,
    /// The decision log.
    ReadDecisions,
}

impl Permission {
    /// Every permission.
    pub const ALL: &'static [Self] = &[
        Self::ReadEverything,
        Self::AskForExceptions,
        Self::DecideOnExceptions,
        Self::DiscussExceptions,
        Self::RunScans,
        Self::Configure,
        Self::Administer,
        Self::ReadDecisions,
    ];

    /// The roles that have it.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::ReadEverything => {
                &[Role::Approver, Role::Auditor, Role::Engineer, Role::Administrator]
            }
            Self::AskForExceptions => &[Role::Contributor, Role::Engineer],
            Self::DecideOnExceptions => &[Role::Approver],
            Self::DiscussExceptions => {
                &[Role::Contributor, Role::Approver, Role::Engineer, Role::Administrator]
            }
            Self::RunScans | Self::Configure => &[Role::Engineer],
            Self::Administer => &[Role::Administrator],
            Self::ReadDecisions => &[Role::Auditor, Role::Administrator],
        }
    }

    /// What it allows, as in "only … may WORDS".
    pub fn words(self) -> &'static str {
        match self {
            Self::ReadEverything => "read what belongs to no single team",
            Self::AskForExceptions => "ask for exceptions",
            Self::DecideOnExceptions => "decide on exceptions",
            Self::DiscussExceptions => "discuss exceptions and add evidence",
            Self::RunScans => "start, cancel and pause scans",
            Self::Configure => "change rule packs, settings and retention",
            Self::Administer => "change people, teams and connections",
            Self::ReadDecisions => "read the decision log",
        }
    }
}

/// Somebody lacks a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("only {} may {}", roles_in_words(*.0), .0.words())]
pub struct Denied(pub Permission);

fn roles_in_words(permission: Permission) -> String {
    let mut roles: Vec<String> = permission.roles().iter().map(|role| format!("{role}s")).collect();
    if permission == Permission::ReadEverything {
        roles.insert(0, "viewers of everything".to_owned());
    }
    match roles.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => roles.concat(),
    }
}

/// Which findings somebody reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All.
    Everything,
    /// Those of these teams.
    Teams(BTreeSet<TeamId>),
}

impl Sight {
    /// Whether what is `owner`'s is read; `None` is nobody's.
    pub fn holds(&self, owner: Option<&TeamId>) -> bool {
        match self {
            Self::Everything => true,
            Self::Teams(teams) => owner.is_some_and(|owner| teams.contains(owner)),
        }
    }

    /// The teams that it is limited to.
    pub fn teams(&self) -> Option<&BTreeSet<TeamId>> {
        match self {
            Self::Everything => None,
            Self::Teams(teams) => Some(teams),
        }
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq)]
pub enum Actor {
    /// Whoever runs commands with the database's password, or Postern by itself: nothing is refused.
    Operator {
        /// What is written down of them.
        name: String,
    },
    /// Somebody who signed in.
    Person {
        /// Who.
        id: PersonId,
        /// What people call them.
        name: String,
        /// Their roles.
        grants: Vec<Grant>,
        /// The address that they ask from.
        address: Option<String>,
    },
}

impl Actor {
    /// What is written down of who did something.
    pub fn name(&self) -> &str {
        match self {
            Self::Operator { name } | Self::Person { name, .. } => name,
        }
    }

    /// The same, asking from an address; of operators it is not written down.
    #[must_use]
    pub fn at(self, from: Option<String>) -> Self {
        match self {
            Self::Person { id, name, grants, .. } => {
                Self::Person { id, name, grants, address: from }
            }
            operator @ Self::Operator { .. } => operator,
        }
    }

    /// The address that they ask from.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Operator { .. } => None,
            Self::Person { address, .. } => address.as_deref(),
        }
    }

    /// Who, where it is somebody who signed in.
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::Operator { .. } => None,
            Self::Person { id, .. } => Some(*id),
        }
    }

    /// Whether there is anything that they may.
    pub fn has_role(&self) -> bool {
        match self {
            Self::Operator { .. } => true,
            Self::Person { grants, .. } => !grants.is_empty(),
        }
    }

    /// Which findings they read.
    pub fn sight(&self) -> Sight {
        let Self::Person { grants, .. } = self else { return Sight::Everything };
        if sees_everything(grants) {
            return Sight::Everything;
        }
        Sight::Teams(grants.iter().filter_map(|grant| grant.team.clone()).collect())
    }

    /// Whether they have a permission, or why not.
    pub fn require(&self, permission: Permission) -> Result<(), Denied> {
        let Self::Person { grants, .. } = self else { return Ok(()) };
        let by_sight = permission == Permission::ReadEverything && sees_everything(grants);
        let by_role = grants.iter().any(|grant| permission.roles().contains(&grant.role));
        if by_sight || by_role { Ok(()) } else { Err(Denied(permission)) }
    }
}

fn sees_everything(grants: &[Grant]) -> bool {
    grants.iter().any(|grant| match grant.role {
        Role::Viewer => grant.team.is_none(),
        Role::Contributor => false,
        Role::Approver | Role::Auditor | Role::Engineer | Role::Administrator => true,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rules(value: Value) -> GrantRules {
        serde_json::from_value(value).unwrap()
    }

    fn person(grants: Vec<Grant>) -> Actor {
        Actor::Person {
            id: PersonId::from_number(1),
            name: "Nora".to_owned(),
            grants,
            address: None,
        }
    }

    fn team(id: &str) -> TeamId {
        id.parse().unwrap()
    }

    #[test]
    fn roles_add_up_and_nothing_else_is_kept() {
        let rules = rules(json!([
            {"claim": "roles", "value": "Postern.Auditor", "role": "auditor"},
            {"claim": "groups", "value": "nlp", "role": "contributor", "team": "nlp-platform"},
            {"claim": "groups", "value": "nlp", "role": "viewer"},
            {"claim": "groups", "value": "risk", "role": "approver", "scope": {"subscription": "aaaa"}},
        ]));
        assert_eq!(rules.complaints(), Vec::<String>::new());
        let claims: Claims = serde_json::from_value(json!({
            "groups": ["nlp", "canteen"], "roles": ["postern.auditor"], "email": ["n@contoso.example"],
        }))
        .unwrap();
        let grants = rules.grants(&claims);
        let said: Vec<String> = grants.iter().map(ToString::to_string).collect();
        assert_eq!(said, ["contributor of nlp-platform", "viewer"]);
        assert_eq!(
            serde_json::to_value(rules.relevant(&claims)).unwrap(),
            json!({"groups": ["nlp"]})
        );
        assert_eq!(rules.grants(&rules.relevant(&claims)), grants);
    }

    #[test]
    fn a_wrong_grant_is_named() {
        let complaints = rules(json!([
            {"claim": "groups", "value": "nlp", "role": "contributor"},
            {"claim": " ", "value": "", "role": "viewer"},
            {"claim": "groups", "value": "a", "role": "approver", "team": "nlp"},
            {"claim": "groups", "value": "b", "role": "auditor", "scope": {"subscription": "aaaa"}},
            {"claim": "groups", "value": "c", "role": "approver", "scope": {"tag": "team"}},
            {"claim": "groups", "value": "d", "role": "viewer", "scope": {"tag": "team=nlp"}},
        ]))
        .complaints();
        let expected = [
            "grant 1: a contributor needs a team",
            "grant 2: its claim is empty",
            "grant 2: its value is empty",
            "grant 3: an approver is limited by a scope and not by a team",
            "grant 4: an auditor cannot be limited to a team or scope",
            "grant 5: \"team\" is not of the form name=value",
            "grant 6: a viewer is limited by a team and not by a scope",
        ];
        assert_eq!(complaints, expected);
    }

    #[test]
    fn a_person_sees_what_their_grants_say() {
        let nlp = || Grant::in_team(Role::Contributor, team("nlp"));
        let vision = || Grant::in_team(Role::Viewer, team("vision"));
        let of = |grants| person(grants).sight();
        assert_eq!(of(vec![nlp(), vision()]), Sight::Teams([team("nlp"), team("vision")].into()));
        assert_eq!(of(vec![]), Sight::Teams(BTreeSet::new()));
        assert_eq!(of(vec![nlp(), Grant::of(Role::Viewer)]), Sight::Everything);
        for role in [Role::Approver, Role::Auditor, Role::Engineer, Role::Administrator] {
            assert_eq!(of(vec![Grant::of(role)]), Sight::Everything, "{role}");
        }
        let sight = of(vec![nlp()]);
        assert!(sight.holds(Some(&team("nlp"))) && !sight.holds(Some(&team("vision"))));
        assert!(!sight.holds(None), "what is nobody's is not the team's");
    }

    #[test]
    fn a_permission_is_of_roles() {
        use Role::{Administrator, Approver, Auditor, Contributor, Engineer, Viewer};
        let check = |permission, roles: &[Role]| {
            for role in Role::ALL {
                let grant = match role {
                    Role::Contributor => Grant::in_team(*role, team("nlp")),
                    role => Grant::of(*role),
                };
                let may = person(vec![grant]).require(permission).is_ok();
                assert_eq!(may, roles.contains(role), "{role}: {permission:?}");
            }
            assert!(Actor::Operator { name: "cron".to_owned() }.require(permission).is_ok());
            assert!(person(vec![]).require(permission).is_err());
        };
        check(Permission::ReadEverything, &[Viewer, Approver, Auditor, Engineer, Administrator]);
        check(Permission::AskForExceptions, &[Contributor, Engineer]);
        check(Permission::DecideOnExceptions, &[Approver]);
        let discuss = [Contributor, Approver, Engineer, Administrator];
        check(Permission::DiscussExceptions, &discuss);
        check(Permission::RunScans, &[Engineer]);
        check(Permission::Configure, &[Engineer]);
        check(Permission::Administer, &[Administrator]);
        check(Permission::ReadDecisions, &[Auditor, Administrator]);
        let limited = person(vec![Grant::in_team(Role::Viewer, team("nlp"))]);
        assert!(limited.require(Permission::ReadEverything).is_err());
    }

    #[test]
    fn a_refusal_says_who_may() {
        let said = Denied(Permission::RunScans).to_string();
        assert_eq!(said, "only engineers may start, cancel and pause scans");
        let said = Denied(Permission::ReadDecisions).to_string();
        assert_eq!(said, "only auditors and administrators may read the decision log");
        let said = Denied(Permission::ReadEverything).to_string();
        assert!(said.starts_with("only viewers of everything, approvers, "), "{said}");
    }
}

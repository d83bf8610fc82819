//! The people of the demo: one a role, who sign in without a password.

use postern_domain::person::{Claims, Grant, GrantRule, GrantRules, Role};
use postern_domain::team::TeamId;
use postern_frontend::{DemoPerson, SignInWay};
use postern_service::session::{Identity, Vouched};

/// Who vouches for them: nobody.
const ISSUER: &str = "demo";
/// The claim that their roles follow from, which is who they are.
const CLAIM: &str = "demo";

struct Somebody {
    id: &'static str,
    name: &'static str,
    role: Role,
    team: Option<&'static str>,
    comes_to: &'static str,
}

const PEOPLE: [Somebody; 7] = [
    Somebody {
        id: "viewer",
        name: "Vera Lindqvist",
        role: Role::Viewer,
        team: None,
        comes_to: "A manager, who sees whether the risk goes down and whose is what is left.",
    },
    Somebody {
        id: "contributor",
        name: "Nora Klein",
        role: Role::Contributor,
        team: Some("claims"),
        comes_to: "Fixes what the Claims team left open; sees nothing of other teams.",
    },
    Somebody {
        id: "other-contributor",
        name: "Tomás Vega",
        role: Role::Contributor,
        team: Some("marketing"),
        comes_to: "The same for the Marketing team.",
    },
    Somebody {
        id: "approver",
        name: "Amal Ruiz",
        role: Role::Approver,
        team: None,
        comes_to: "Owns the risk, and decides what may stay open until when.",
    },
    Somebody {
        id: "auditor",
        name: "Jonas Okafor",
        role: Role::Auditor,
        team: None,
        comes_to: "Reads everything, takes evidence away and changes nothing.",
    },
    Somebody {
        id: "engineer",
        name: "Kim Duarte",
        role: Role::Engineer,
        team: None,
        comes_to: "Runs the scans, and sees what could not be read.",
    },
    Somebody {
        id: "administrator",
        name: "Ines Falk",
        role: Role::Administrator,
        team: None,
        comes_to: "Says who and what Postern works with.",
    },
];

/// The people, and how their roles follow from who they are.
pub(crate) struct DemoPeople(GrantRules);

impl DemoPeople {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let rule = |somebody: &Somebody| {
            Ok(GrantRule {
                claim: CLAIM.to_owned(),
                value: somebody.id.to_owned(),
                role: somebody.role,
                team: somebody.team.map(str::parse::<TeamId>).transpose()?,
                scope: None,
            })
        };
        Ok(Self(GrantRules(PEOPLE.iter().map(rule).collect::<anyhow::Result<_>>()?)))
    }

    /// The roles of somebody with these claims.
    pub(crate) fn grants(&self, claims: &Claims) -> Vec<Grant> {
        self.0.grants(claims)
    }

    pub(super) fn rules(&self) -> &GrantRules {
        &self.0
    }

    pub(super) fn way(&self) -> SignInWay {
        let rules = self.0.0.iter();
        let people = PEOPLE.iter().zip(rules).map(|(somebody, rule)| DemoPerson {
            id: somebody.id.to_owned(),
            name: somebody.name.to_owned(),
            role: rule.grant().to_string(),
            comes_to: somebody.comes_to.to_owned(),
        });
        SignInWay::Demo(people.collect())
    }
}

/// Somebody of the demo, by what the form calls them.
pub(crate) fn person(id: &str) -> Option<Vouched> {
    let somebody = PEOPLE.iter().find(|somebody| somebody.id == id)?;
    Some(Vouched {
        identity: Identity {
            issuer: ISSUER.to_owned(),
            subject: somebody.id.to_owned(),
            name: somebody.name.to_owned(),
            email: None,
        },
        claims: Claims::from([(CLAIM.to_owned(), [somebody.id.to_owned()].into())]),
    })
}

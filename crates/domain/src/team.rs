//! Teams, and which assets are whose.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::asset::Asset;
use crate::id::IdError;
use crate::scope::Scope;

/// What addresses, files and commands call a team: lower-case letters, digits and dashes, 1 to 63 of them.
///
/// Cheap to clone: every finding may have one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TeamId(Arc<str>);

impl TeamId {
    /// The word that addresses and commands have for assets that are nobody's; no team is called so.
    pub const NOBODY: &'static str = "none";

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TeamId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for TeamId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=63).contains(&text.len())
            && text.bytes().all(allowed)
            && !text.starts_with('-')
            && text != Self::NOBODY;
        if fits { Ok(Self(text.into())) } else { Err(IdError::new(text, "nlp-platform")) }
    }
}

impl TryFrom<String> for TeamId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<TeamId> for String {
    fn from(id: TeamId) -> Self {
        id.as_str().to_owned()
    }
}

/// A team that owns assets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// What addresses call it.
    pub id: TeamId,
    /// What people call it.
    pub name: String,
}

/// Assets of a scope are a team's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutingRule {
    /// Which assets.
    pub scope: Scope,
    /// Whose they are.
    pub team: TeamId,
}

/// Which assets are whose: of the rules that catch an asset, the first holds.
///
/// As JSON: `{"teams": [{"id": "nlp", "name": "NLP Platform"}], "rules": [{"scope": {"tag": "team=nlp"}, "team": "nlp"}],
/// "otherwise": "nlp"}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// The teams.
    pub teams: Vec<Team>,
    /// The rules, in order.
    #[serde(default)]
    pub rules: Vec<RoutingRule>,
    /// Whose assets are that no rule catches; without it, nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<TeamId>,
}

/// Which rule of a routing catches an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Catch {
    /// The one at this place, counted from 0.
    Rule(usize),
    /// None does.
    Nothing,
    /// Nobody can tell: what a rule goes by could not be read, and none before it catches the asset.
    Undecided,
}

impl Routing {
    /// Which rule catches the asset.
    pub fn catch(&self, asset: &Asset) -> Catch {
        for (place, rule) in self.rules.iter().enumerate() {
            match rule.scope.holds(asset) {
                Some(true) => return Catch::Rule(place),
                Some(false) => {}
                None => return Catch::Undecided,
            }
        }
        Catch::Nothing
    }

    /// Whose is what the rule at this place catches, or what no rule does; `None` for nobody's.
    pub fn team(&self, place: Option<usize>) -> Option<&TeamId> {
        match place {
            Some(place) => self.rules.get(place).map(|rule| &rule.team),
            None => self.otherwise.as_ref(),
        }
    }

    /// Whose the asset is, which was `before`'s; `None` for nobody's. What nobody can tell stays as it was.
    pub fn owner<'a>(&'a self, asset: &Asset, before: Option<&'a TeamId>) -> Option<&'a TeamId> {
        match self.catch(asset) {
            Catch::Rule(place) => self.team(Some(place)),
            Catch::Nothing => self.team(None),
            Catch::Undecided => before,
        }
    }

    /// What people call a team; its id where it is none of these.
    pub fn name<'a>(&'a self, id: &'a TeamId) -> &'a str {
        self.teams.iter().find(|team| team.id == *id).map_or(id.as_str(), |team| &team.name)
    }

    /// All that is wrong with it, as sentences without a full stop; rules are counted from 1.
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for (place, team) in self.teams.iter().enumerate() {
            if team.name.trim().is_empty() {
                complaints.push(format!("team {} has no name", team.id));
            }
            if self.teams[..place].iter().any(|earlier| earlier.id == team.id) {
                complaints.push(format!("team {} is there twice", team.id));
            }
        }
        let is_unknown = |id: &TeamId| self.teams.iter().all(|team| team.id != *id);
        for (place, rule) in self.rules.iter().enumerate() {
            let number = place + 1;
            if is_unknown(&rule.team) {
                complaints
                    .push(format!("rule {number} names the team {}, which is none", rule.team));
            }
            if let Some(complaint) = rule.scope.complaint() {
                complaints.push(format!("rule {number}: {complaint}"));
                continue;
            }
            let earlier =
                self.rules[..place].iter().position(|earlier| rule.scope.is_within(&earlier.scope));
            if let Some(earlier) = earlier {
                let before = &self.rules[earlier];
                let how =
                    if before.team == rule.team { "has them already" } else { "contradicts it" };
                complaints.push(format!(
                    "rule {number} ({} to {}) can catch nothing: rule {} ({} to {}), which goes before it, {how}",
                    rule.scope, rule.team, earlier + 1, before.scope, before.team,
                ));
            }
        }
        if let Some(otherwise) = self.otherwise.as_ref().filter(|id| is_unknown(id)) {
            complaints.push(format!("\"otherwise\" names the team {otherwise}, which is none"));
        }
        complaints
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::fact::MANAGEMENT_GROUPS;

    fn routing(value: Value) -> Routing {
        serde_json::from_value(value).unwrap()
    }

    fn asset(group: &str, tags: &Value) -> Asset {
        let id = format!(
            "/subscriptions/aaaa/resourceGroups/{group}/providers/Microsoft.Search/searchServices/s"
        );
        Asset::from_resource(json!({"id": id, "tags": tags}), "a test").unwrap()
    }

    #[test]
    fn the_first_rule_that_catches_an_asset_holds() {
        let routing = routing(json!({
            "teams": [{"id": "nlp", "name": "NLP"}, {"id": "vision", "name": "Vision"}, {"id": "it", "name": "IT"}],
            "rules": [
                {"scope": {"tag": "team=nlp"}, "team": "nlp"},
                {"scope": {"resource_group": "/subscriptions/aaaa/resourceGroups/rg-v"}, "team": "vision"},
            ],
            "otherwise": "it",
        }));
        assert_eq!(routing.complaints(), Vec::<String>::new());
        for (group, tags, team) in [
            ("rg-x", json!({"Team": "NLP"}), "nlp"),
            ("rg-v", json!({"team": "nlp"}), "nlp"),
            ("RG-V", json!({"team": "other"}), "vision"),
            ("rg-x", json!(null), "it"),
        ] {
            assert_eq!(
                routing.owner(&asset(group, &tags), None).unwrap().as_str(),
                team,
                "{group} {tags}"
            );
        }
        assert_eq!(Routing::default().owner(&asset("rg-x", &json!({})), None), None);
        assert_eq!(routing.name(&"vision".parse().unwrap()), "Vision");
    }

    #[test]
    fn a_management_group_that_could_not_be_read_moves_nothing() {
        let routing = routing(json!({
            "teams": [{"id": "nlp", "name": "NLP"}, {"id": "it", "name": "IT"}],
            "rules": [
                {"scope": {"tag": "team=nlp"}, "team": "nlp"},
                {"scope": {"management_group": "Contoso-AI"}, "team": "it"},
            ],
            "otherwise": "nlp",
        }));
        assert_eq!(routing.complaints(), Vec::<String>::new());
        let (nlp, it): (TeamId, TeamId) = ("nlp".parse().unwrap(), "it".parse().unwrap());
        let below = |fact: Option<Value>, tags: &Value| {
            let mut asset = asset("rg-x", tags);
            let fact = fact.map(|fact| serde_json::from_value(fact).unwrap());
            asset.document.related.extend(fact.map(|fact| (MANAGEMENT_GROUPS.to_owned(), fact)));
            asset
        };
        let chain = |name: &str| {
            let groups = json!([{"name": "root", "displayName": "Root"}, {"name": name}]);
            Some(json!({"state": "read", "value": groups}))
        };
        let reason = json!({"kind": "server_error", "message": "Azure is ill"});
        let unread = || Some(json!({"state": "unreadable", "reason": reason}));
        for (fact, tags, before, expected) in [
            (chain("contoso-ai"), json!({}), None, Some(&it)),
            (chain("contoso-ai"), json!({"team": "nlp"}), Some(&it), Some(&nlp)),
            (chain("contoso-other"), json!({}), Some(&it), Some(&nlp)),
            // An import does not say.
            (None, json!({}), Some(&it), Some(&nlp)),
            (unread(), json!({}), Some(&it), Some(&it)),
            (unread(), json!({}), None, None),
            // The rule before it has what it goes by.
            (unread(), json!({"team": "nlp"}), Some(&it), Some(&nlp)),
        ] {
            let asset = below(fact.clone(), &tags);
            assert_eq!(routing.owner(&asset, before), expected, "{fact:?} {tags} {before:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_all_at_once() {
        let complaints = routing(json!({
            "teams": [{"id": "nlp", "name": "NLP"}, {"id": "nlp", "name": " "}],
            "rules": [
                {"scope": {"subscription": "aaaa"}, "team": "nlp"},
                {"scope": {"resource_group": "/subscriptions/AAAA/resourceGroups/one"}, "team": "it"},
                {"scope": {"tag": "team"}, "team": "nlp"},
                {"scope": {"subscription": "AAAA"}, "team": "nlp"},
            ],
            "otherwise": "it",
        }))
        .complaints();
        let expected = [
            "team nlp has no name",
            "team nlp is there twice",
            "rule 2 names the team it, which is none",
            "rule 2 (resource group /subscriptions/AAAA/resourceGroups/one to it) can catch nothing: \
             rule 1 (subscription aaaa to nlp), which goes before it, contradicts it",
            "rule 3: \"team\" is not of the form name=value",
            "rule 4 (subscription AAAA to nlp) can catch nothing: \
             rule 1 (subscription aaaa to nlp), which goes before it, has them already",
            "\"otherwise\" names the team it, which is none",
        ];
        assert_eq!(complaints, expected);
    }

    #[test]
    fn an_id_of_a_team_is_a_word_for_addresses() {
        assert_eq!("nlp-2".parse::<TeamId>().unwrap().as_str(), "nlp-2");
        for wrong in ["", "NLP", "-nlp", "n p", "none", &"a".repeat(64)] {
            assert!(wrong.parse::<TeamId>().is_err(), "{wrong}");
        }
    }
}

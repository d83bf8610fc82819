//! What a request for an exception says.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

use super::written::{CompensatingControl, EvidenceTitle, HttpsAddress, Justification};
use crate::arm::AssetId;
use crate::asset::Asset;
use crate::id::{FindingId, PersonId, RuleId};
use crate::scope::Scope;

/// Why a part of a request cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The selection is empty.
    #[error("no finding is selected")]
    NoFinding,
    /// The selection is more than an approver can judge.
    #[error(
        "{0} findings are too many for one request: at most {most}, or file for a rule and a scope",
        most = Selection::MOST
    )]
    TooManyFindings(usize),
    /// There is more evidence than anybody reads.
    #[error("{0} links are too many: at most {most}", most = EvidenceLinks::MOST)]
    TooManyLinks(usize),
    /// The scope is none that an exception can have.
    #[error("{0}")]
    Scope(String),
}

/// What somebody asks for. What it says can be changed until it is decided.
///
/// As JSON: `{"covers": {"findings": ["F-1045"]}, "reason": {"fix_planned": {"on": "2026-09-30"}},
/// "justification": "The new gateway comes in September.", "owner": "P-7", "until": "2026-10-01T00:00:00Z"}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// What is to be accepted.
    pub covers: Covers,
    /// Which kind of reason there is.
    pub reason: ReasonCategory,
    /// Why, in words.
    pub justification: Justification,
    /// What protects in the meantime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensating_control: Option<CompensatingControl>,
    /// Where the evidence is.
    #[serde(default, skip_serializing_if = "EvidenceLinks::is_empty")]
    pub evidence: EvidenceLinks,
    /// Who answers for it.
    pub owner: PersonId,
    /// When it is to end: at this very moment it has ended.
    #[serde(with = "time::serde::rfc3339")]
    pub until: OffsetDateTime,
}

/// What an exception is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Covers {
    /// One finding, or those selected.
    Findings(Selection),
    /// The findings of a rule on some assets: a standing exception.
    Standing(StandingCover),
}

impl Covers {
    /// Whether the finding is one of those selected; a standing exception selects none.
    pub fn selects(&self, finding: FindingId) -> bool {
        match self {
            Self::Findings(selection) => selection.contains(finding),
            Self::Standing(_) => false,
        }
    }
}

/// What a standing exception is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingCover {
    /// The rule.
    pub rule: RuleId,
    /// The assets.
    pub assets: StandingScope,
}

/// Findings, at least one and at most [`Selection::MOST`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<FindingId>", try_from = "Vec<FindingId>")]
pub struct Selection(BTreeSet<FindingId>);

impl Selection {
    /// The most that one request is for: an approval keeps the state of each, and somebody has to look at them.
    pub const MOST: usize = 1000;

    /// These findings, each once.
    pub fn of(findings: impl IntoIterator<Item = FindingId>) -> Result<Self, RequestError> {
        let findings: BTreeSet<FindingId> = findings.into_iter().collect();
        match findings.len() {
            0 => Err(RequestError::NoFinding),
            1..=Self::MOST => Ok(Self(findings)),
            more => Err(RequestError::TooManyFindings(more)),
        }
    }

    /// Whether the finding is one of them.
    pub fn contains(&self, finding: FindingId) -> bool {
        self.0.contains(&finding)
    }

    /// Them, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = FindingId> + '_ {
        self.0.iter().copied()
    }
}

impl TryFrom<Vec<FindingId>> for Selection {
    type Error = RequestError;

    fn try_from(findings: Vec<FindingId>) -> Result<Self, RequestError> {
        Self::of(findings)
    }
}

impl From<Selection> for Vec<FindingId> {
    fn from(selection: Selection) -> Self {
        selection.0.into_iter().collect()
    }
}

/// The assets of a standing exception: those of a subscription or a resource group, those with a tag, or one.
///
/// A management group is none of these: which assets are below one can be unreadable, and an exception must not hold
/// for what nobody can tell.
///
/// As JSON: `{"tag": "environment=sandbox"}`, as a [`Scope`], or `{"asset": "/subscriptions/…"}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "WrittenScope", try_from = "WrittenScope")]
pub struct StandingScope(WrittenScope);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenScope {
    Subscription(String),
    ResourceGroup(String),
    Tag(String),
    Asset(AssetId),
}

impl WrittenScope {
    fn scope(&self) -> Option<Scope> {
        match self {
            Self::Subscription(id) => Some(Scope::Subscription(id.clone())),
            Self::ResourceGroup(id) => Some(Scope::ResourceGroup(id.clone())),
            Self::Tag(tag) => Some(Scope::Tag(tag.clone())),
            Self::Asset(_) => None,
        }
    }
}

impl StandingScope {
    /// The most characters of a scope: those of the longest tag that Azure takes, and of any resource group's id.
    const MOST: usize = 769;

    /// The assets of a scope.
    pub fn within(scope: Scope) -> Result<Self, RequestError> {
        if let Some(complaint) = scope.complaint() {
            return Err(RequestError::Scope(complaint));
        }
        let (written, text) = match scope {
            Scope::ManagementGroup(_) => {
                let why = "an exception cannot be for a management group: name its subscriptions";
                return Err(RequestError::Scope(why.to_owned()));
            }
            Scope::Subscription(id) => (WrittenScope::Subscription(id.clone()), id),
            Scope::ResourceGroup(id) => (WrittenScope::ResourceGroup(id.clone()), id),
            Scope::Tag(tag) => (WrittenScope::Tag(tag.clone()), tag),
        };
        if text.chars().count() > Self::MOST || text.chars().any(char::is_control) {
            return Err(RequestError::Scope("the scope is none that Azure has".to_owned()));
        }
        Ok(Self(written))
    }

    /// One asset.
    pub fn one(asset: AssetId) -> Self {
        Self(WrittenScope::Asset(asset))
    }

    /// The scope; `None` where it is one asset.
    pub fn scope(&self) -> Option<Scope> {
        self.0.scope()
    }

    /// The kind of scope, as `subscription`, `resource_group`, `tag` or `asset`, and which.
    pub fn words(&self) -> (&'static str, &str) {
        match &self.0 {
            WrittenScope::Subscription(id) => ("subscription", id),
            WrittenScope::ResourceGroup(id) => ("resource_group", id),
            WrittenScope::Tag(tag) => ("tag", tag),
            WrittenScope::Asset(id) => ("asset", id.as_str()),
        }
    }

    /// Whether the asset is one of them.
    pub fn holds(&self, asset: &Asset) -> bool {
        match (&self.0, self.0.scope()) {
            (WrittenScope::Asset(id), _) => *id == asset.id,
            (_, scope) => scope.is_some_and(|scope| scope.holds(asset) == Some(true)),
        }
    }
}

impl TryFrom<WrittenScope> for StandingScope {
    type Error = RequestError;

    fn try_from(written: WrittenScope) -> Result<Self, RequestError> {
        match written.scope() {
            Some(scope) => Self::within(scope),
            None => Ok(Self(written)),
        }
    }
}

impl From<StandingScope> for WrittenScope {
    fn from(scope: StandingScope) -> Self {
        scope.0
    }
}

impl fmt::Display for StandingScope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0, self.0.scope()) {
            (WrittenScope::Asset(id), _) => write!(formatter, "asset {id}"),
            (_, Some(scope)) => scope.fmt(formatter),
            (_, None) => Ok(()),
        }
    }
}

/// Which kind of reason there is for an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ReasonCategory {
    /// The risk is known and borne.
    RiskAccepted,
    /// Something that the rule does not see protects as well.
    MitigatedOtherwise,
    /// The rule is wrong about the asset.
    FalsePositive,
    /// It will be put right.
    FixPlanned {
        /// By which day.
        #[serde(with = "day")]
        on: Date,
    },
}

impl ReasonCategory {
    /// The word as stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RiskAccepted => "risk_accepted",
            Self::MitigatedOtherwise => "mitigated_otherwise",
            Self::FalsePositive => "false_positive",
            Self::FixPlanned { .. } => "fix_planned",
        }
    }

    /// The reason as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::RiskAccepted => "Risk accepted",
            Self::MitigatedOtherwise => "Mitigated another way",
            Self::FalsePositive => "False positive",
            Self::FixPlanned { .. } => "Fix planned",
        }
    }
}

/// Days as people write them, because `time` writes numbers where its feature for people is not on.
mod day {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use time::Date;

    use crate::moment;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    pub fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(day)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        moment::parse_date(&text).map_err(de::Error::custom)
    }
}

/// A piece of evidence that lies elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceLink {
    /// Where.
    pub address: HttpsAddress,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<EvidenceTitle>,
}

/// Pieces of evidence, at most [`EvidenceLinks::MOST`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<EvidenceLink>", try_from = "Vec<EvidenceLink>")]
pub struct EvidenceLinks(Vec<EvidenceLink>);

impl EvidenceLinks {
    /// More than this, nobody reads.
    pub const MOST: usize = 20;

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Them, in the order in which they were written.
    pub fn as_slice(&self) -> &[EvidenceLink] {
        &self.0
    }
}

impl TryFrom<Vec<EvidenceLink>> for EvidenceLinks {
    type Error = RequestError;

    fn try_from(links: Vec<EvidenceLink>) -> Result<Self, RequestError> {
        if links.len() > Self::MOST {
            return Err(RequestError::TooManyLinks(links.len()));
        }
        Ok(Self(links))
    }
}

impl From<EvidenceLinks> for Vec<EvidenceLink> {
    fn from(links: EvidenceLinks) -> Self {
        links.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn written() -> Value {
        json!({
            "covers": {"findings": ["F-1045"]},
            "reason": {"fix_planned": {"on": "2026-09-30"}},
            "justification": "The new gateway comes in September.",
            "owner": "P-7",
            "until": "2026-10-01T00:00:00Z",
        })
    }

    #[test]
    fn a_request_is_read_and_written_alike() {
        let mut full = written();
        full["covers"] =
            json!({"standing": {"rule": "NET-01", "assets": {"tag": "environment=sandbox"}}});
        full["reason"] = json!("risk_accepted");
        full["compensating_control"] = json!("A firewall in front.");
        full["evidence"] = json!([{"address": "https://contoso.com/1", "title": "The firewall"}]);
        for value in [written(), full] {
            let request: Request = serde_json::from_value(value.clone()).unwrap();
            assert_eq!(serde_json::to_value(&request).unwrap(), value);
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_when_read() {
        let asset = "/subscriptions/a/resourceGroups/g/providers/Microsoft.Search/searchServices/s";
        let standing = |assets: Value| json!({"standing": {"rule": "NET-01", "assets": assets}});
        let link = json!({"address": "https://contoso.com"});
        let check = |place: &str, value: Value, fits: bool| {
            let mut request = written();
            request[place] = value.clone();
            let read = serde_json::from_value::<Request>(request);
            assert_eq!(read.is_ok(), fits, "{place} {value}: {read:?}");
        };
        check("covers", json!({"findings": []}), false);
        check("covers", json!({"findings": ["F-1", "F-2", "F-1"]}), true);
        check("covers", json!({"findings": numbered(Selection::MOST)}), true);
        check("covers", json!({"findings": numbered(Selection::MOST + 1)}), false);
        check("covers", standing(json!({"subscription": "aaaa"})), true);
        check("covers", standing(json!({"asset": asset})), true);
        check("covers", standing(json!({"asset": "s"})), false);
        check("covers", standing(json!({"resource_group": "g"})), false);
        check("covers", standing(json!({"management_group": "contoso"})), false);
        check("covers", standing(json!({"tag": "a=\u{1}"})), false);
        check("covers", standing(json!({"tag": format!("a={}", "b".repeat(800))})), false);
        check("reason", json!("false_positive"), true);
        check("reason", json!("fix_planned"), false);
        check("reason", json!({"fix_planned": {"on": "2026-02-30"}}), false);
        check("reason", json!({"fix_planned": {"on": "2026-09-30", "by": "P-1"}}), false);
        check("justification", json!(" "), false);
        check("justification", json!("a".repeat(4000)), true);
        check("justification", json!("a".repeat(4001)), false);
        check("evidence", json!([{"address": "http://contoso.com"}]), false);
        check("evidence", json!(vec![link.clone(); EvidenceLinks::MOST]), true);
        check("evidence", json!(vec![link; EvidenceLinks::MOST + 1]), false);
        check("owner", json!("7"), false);
        check("until", json!("2026-10-01"), false);
        check("compensating", json!("misspelt"), false);
    }

    fn numbered(count: usize) -> Vec<String> {
        (1..=count).map(|number| format!("F-{number}")).collect()
    }

    #[test]
    fn a_management_group_is_no_scope_of_an_exception() {
        let error =
            StandingScope::within(Scope::ManagementGroup("contoso".to_owned())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "an exception cannot be for a management group: name its subscriptions"
        );
    }

    #[test]
    fn a_standing_scope_holds_for_its_assets() {
        let id = |name: &str| {
            format!(
                "/subscriptions/aaaa/resourceGroups/rg/providers/Microsoft.Search/searchServices/{name}"
            )
        };
        let resource = json!({"id": id("S"), "tags": {"env": "dev"}});
        let asset = Asset::from_resource(resource, "a test").unwrap();
        let check = |scope: StandingScope, holds: bool, text: &str| {
            assert_eq!(scope.holds(&asset), holds, "{scope}");
            assert_eq!(scope.to_string(), text);
        };
        let within = |scope| StandingScope::within(scope).unwrap();
        check(within(Scope::Subscription("AAAA".into())), true, "subscription AAAA");
        check(within(Scope::Tag("env=prod".into())), false, "tag env=prod");
        let one = |name: &str| StandingScope::one(id(name).parse().unwrap());
        check(one("s"), true, &format!("asset {}", id("s").to_lowercase()));
        check(one("t"), false, &format!("asset {}", id("t").to_lowercase()));
    }
}

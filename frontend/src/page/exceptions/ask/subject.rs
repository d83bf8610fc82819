//! What a request is for, as addresses and forms say it.

use std::collections::BTreeSet;
use std::fmt;

use postern_domain::exception::request::{
    Covers, RequestError, Selection, StandingCover, StandingScope,
};
use postern_domain::id::FindingId;
use postern_domain::scope::Scope;
use serde_json::Value;

use crate::address::{FINDING, value};

/// The key of a finding that a form offers, whether it is chosen or not.
const OFFERED: &str = "offered";

/// Why an address or a form names nothing to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectError {
    /// It names neither a finding nor a rule.
    Nothing,
    /// What it names is not there.
    NotThere(String),
    /// Of a rule and a scope, the scope cannot be.
    Scope(String),
}

impl fmt::Display for SubjectError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => formatter.write_str(
                "an exception is for findings: open the one that cannot be fixed in time, or choose several in the list, and file it from there",
            ),
            Self::NotThere(what) => write!(formatter, "there is no {what}"),
            Self::Scope(why) => write!(formatter, "the scope cannot be taken: {why}"),
        }
    }
}

/// What a request is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// Findings.
    Findings {
        /// Those that the form shows.
        offered: BTreeSet<FindingId>,
        /// Of these, those that are asked for.
        chosen: BTreeSet<FindingId>,
    },
    /// A rule on some assets.
    Standing {
        /// The slug of the connection.
        connection: Option<String>,
        /// The rule and the assets.
        cover: StandingCover,
    },
}

impl Subject {
    /// What an address or a form names.
    pub fn read(fields: &[(String, String)]) -> Result<Self, SubjectError> {
        let findings = |key: &str| -> Result<BTreeSet<FindingId>, SubjectError> {
            let named = fields.iter().filter(|(name, _)| name == key);
            let missing =
                |text: &str| SubjectError::NotThere(format!("finding \u{201c}{text}\u{201d}"));
            named.map(|(_, text)| text.trim().parse().map_err(|_| missing(text))).collect()
        };
        let chosen = findings(FINDING)?;
        let offered: BTreeSet<FindingId> = findings(OFFERED)?.union(&chosen).copied().collect();
        if !offered.is_empty() {
            return Ok(Self::Findings { offered, chosen });
        }
        let rule = value(fields, "rule").ok_or(SubjectError::Nothing)?.trim();
        let missing = |_| SubjectError::NotThere(format!("rule \u{201c}{rule}\u{201d}"));
        let rule = rule.parse().map_err(missing)?;
        let within = value(fields, "in").unwrap_or_default().trim();
        let assets = scope(value(fields, "scope").unwrap_or_default(), within)?;
        let connection = value(fields, "connection").filter(|slug| !slug.trim().is_empty());
        let connection = connection.map(str::to_owned);
        Ok(Self::Standing { connection, cover: StandingCover { rule, assets } })
    }

    /// What a request that was written is for.
    pub fn of(covers: &Covers, connection: &str) -> Self {
        match covers {
            Covers::Findings(selection) => {
                let chosen: BTreeSet<FindingId> = selection.iter().collect();
                Self::Findings { offered: chosen.clone(), chosen }
            }
            Covers::Standing(cover) => {
                Self::Standing { connection: Some(connection.to_owned()), cover: cover.clone() }
            }
        }
    }

    /// What the request is to cover.
    pub fn chosen(&self) -> Result<Covers, RequestError> {
        match self {
            Self::Findings { chosen, .. } => {
                Ok(Covers::Findings(Selection::of(chosen.iter().copied())?))
            }
            Self::Standing { cover, .. } => Ok(Covers::Standing(cover.clone())),
        }
    }

    /// All that the form shows.
    pub fn offered(&self) -> Result<Covers, RequestError> {
        match self {
            Self::Findings { offered, .. } => {
                Ok(Covers::Findings(Selection::of(offered.iter().copied())?))
            }
            Self::Standing { cover, .. } => Ok(Covers::Standing(cover.clone())),
        }
    }

    /// The slug of the connection, where it is named.
    pub fn connection(&self) -> Option<&str> {
        match self {
            Self::Findings { .. } => None,
            Self::Standing { connection, .. } => connection.as_deref(),
        }
    }

    /// Whether it is a finding that is asked for.
    pub fn chooses(&self, finding: FindingId) -> bool {
        matches!(self, Self::Findings { chosen, .. } if chosen.contains(&finding))
    }

    /// What a form says of it beside the checkboxes of the findings `shown`.
    pub fn kept(&self, shown: &[FindingId]) -> Vec<(&'static str, String)> {
        match self {
            Self::Findings { offered, chosen } => {
                let hidden = chosen.iter().filter(|finding| !shown.contains(finding));
                let offered = offered.iter().map(|finding| (OFFERED, finding.to_string()));
                offered.chain(hidden.map(|finding| (FINDING, finding.to_string()))).collect()
            }
            Self::Standing { connection, cover } => {
                let (scope, within) = written(&cover.assets);
                let connection = connection.iter().map(|slug| ("connection", slug.clone()));
                let rule = ("rule", cover.rule.to_string());
                connection.chain([rule, ("scope", scope), ("in", within)]).collect()
            }
        }
    }
}

fn scope(word: &str, within: &str) -> Result<StandingScope, SubjectError> {
    let scope = match word {
        "subscription" => Scope::Subscription(within.to_owned()),
        "resource_group" => Scope::ResourceGroup(within.to_owned()),
        "tag" => Scope::Tag(within.to_owned()),
        "asset" => {
            let asset = within.parse().map(StandingScope::one);
            return asset.map_err(|error| SubjectError::Scope(error.to_string()));
        }
        _ => {
            let words = "it is a subscription, a resource_group, a tag or an asset";
            return Err(SubjectError::Scope(words.to_owned()));
        }
    };
    StandingScope::within(scope).map_err(|error| SubjectError::Scope(error.to_string()))
}

/// The word and the value of a scope, as it is written in JSON.
fn written(scope: &StandingScope) -> (String, String) {
    let written = serde_json::to_value(scope).unwrap_or_default();
    let pair = written.as_object().and_then(|object| object.iter().next());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    pair.map(|(word, value)| (word.clone(), text(value))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Vec<(String, String)> {
        url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
    }

    #[test]
    fn what_a_form_keeps_is_read_back() {
        for text in [
            "finding=F-2&finding=F-1",
            "offered=F-1&offered=F-2&finding=F-2",
            "offered=F-1",
            "rule=NET-01&scope=tag&in=env%3Ddev",
            "rule=NET-01&scope=subscription&in=aaaa&connection=sample",
            "rule=NET-01&scope=resource_group&in=/subscriptions/a/resourceGroups/g",
            "rule=NET-01&scope=asset&in=/subscriptions/a/resourceGroups/g/providers/Microsoft.Search/searchServices/s",
        ] {
            let subject = Subject::read(&fields(text)).unwrap();
            let kept = subject.kept(&[]);
            let kept: Vec<_> =
                kept.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            assert_eq!(Subject::read(&kept), Ok(subject), "{text}");
        }
    }

    #[test]
    fn what_names_nothing_to_ask_for_is_refused() {
        let check = |text: &str, expected: &str| {
            let error = Subject::read(&fields(text)).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{text}: {error}");
        };
        check("", "an exception is for findings");
        check("finding=1", "there is no finding");
        check("finding=F-1&finding=F-0", "there is no finding");
        check("rule=a%20b&scope=tag&in=a%3Db", "there is no rule");
        for wrong in [
            "scope=tag&in=a",
            "scope=",
            "scope=management_group&in=a",
            "scope=asset&in=s",
            "scope=subscription&in=",
        ] {
            check(&format!("rule=NET-01&{wrong}"), "the scope cannot be taken");
        }
    }
}

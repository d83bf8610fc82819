//! Notifications: what is told of exceptions, to whom, and how often it is tried.
//!
//! An [`Event`] is written with what happened, in the same transaction. Who gets it is decided later, by
//! [`audience::of`], where the channels are known; so nothing is lost where there are none yet.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::exception::act::{Act, Actor, Deed};
use crate::exception::request::{Covers, StandingCover};
use crate::exception::warning::{self, Warning};
use crate::exception::written::{Conditions, DecisionReason, Justification};
use crate::exception::{Exception, State};
use crate::id::{ExceptionId, PersonId};
use crate::team::TeamId;
use crate::verdict::Severity;

pub mod audience;
pub mod delivery;

/// Something that people are told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What makes it this event and no other.
    pub key: EventKey,
    /// When it happened.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The exception.
    pub exception: ExceptionId,
    /// What happened.
    pub happening: Happening,
    /// Who did it; `None` for an evaluation, or the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// Who filed the request.
    pub requester: PersonId,
    /// Who answers for it.
    pub owner: PersonId,
    /// Who approved it.
    pub approvers: BTreeSet<PersonId>,
    /// The teams of its findings.
    pub teams: BTreeSet<TeamId>,
    /// The worst of what it covers.
    pub severity: Severity,
    /// What it covers.
    pub covers: Subject,
    /// The end that is asked for, or was granted.
    #[serde(with = "time::serde::rfc3339")]
    pub until: OffsetDateTime,
}

/// What an exception covers, as short as a message says it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// So many findings.
    Findings(usize),
    /// Those of a rule on some assets.
    Standing(StandingCover),
}

/// What happened to an exception.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    /// It was filed and waits for a decision.
    Filed {
        /// Why it is asked for.
        justification: Justification,
    },
    /// The request was changed: who agreed before has to agree again.
    Changed {
        /// Why it is asked for.
        justification: Justification,
    },
    /// One approver agreed, and another has to.
    Agreed,
    /// It was approved.
    Approved {
        /// Under which conditions.
        conditions: Vec<Conditions>,
    },
    /// It was refused.
    Rejected {
        /// Why.
        reason: DecisionReason,
    },
    /// It was taken back.
    Withdrawn,
    /// An approver ended it.
    Revoked {
        /// Why.
        reason: DecisionReason,
    },
    /// An extension stands in its place.
    Superseded {
        /// Which.
        extension: ExceptionId,
    },
    /// Findings are worse than they were accepted, and open again.
    Void {
        /// How many.
        findings: usize,
        /// Whether nothing is left that it accepts.
        is_over: bool,
    },
    /// Its end is near.
    Ends {
        /// How near.
        warning: Warning,
    },
}

/// The kinds of what happens, by which channels choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// See [`Happening::Filed`].
    Filed,
    /// See [`Happening::Changed`].
    Changed,
    /// See [`Happening::Agreed`].
    Agreed,
    /// See [`Happening::Approved`].
    Approved,
    /// See [`Happening::Rejected`].
    Rejected,
    /// See [`Happening::Withdrawn`].
    Withdrawn,
    /// See [`Happening::Revoked`].
    Revoked,
    /// See [`Happening::Superseded`].
    Superseded,
    /// See [`Happening::Void`].
    Void,
    /// See [`Happening::Ends`].
    Ends,
}

impl Kind {
    /// The word as stored, exported and set.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Changed => "changed",
            Self::Agreed => "agreed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Revoked => "revoked",
            Self::Superseded => "superseded",
            Self::Void => "void",
            Self::Ends => "ends",
        }
    }
}

impl Happening {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Filed { .. } => Kind::Filed,
            Self::Changed { .. } => Kind::Changed,
            Self::Agreed => Kind::Agreed,
            Self::Approved { .. } => Kind::Approved,
            Self::Rejected { .. } => Kind::Rejected,
            Self::Withdrawn => Kind::Withdrawn,
            Self::Revoked { .. } => Kind::Revoked,
            Self::Superseded { .. } => Kind::Superseded,
            Self::Void { .. } => Kind::Void,
            Self::Ends { .. } => Kind::Ends,
        }
    }

    /// What an act means to people; `None` where it is told nobody.
    fn of(act: &Act, after: &Exception) -> Option<Self> {
        let justification = || after.request.justification.clone();
        Some(match &act.deed {
            Deed::Edit { .. } => Self::Changed { justification: justification() },
            Deed::File { .. } => Self::Filed { justification: justification() },
            Deed::Approve(_) => match &after.state {
                State::Approved { grant, .. } => {
                    let conditions =
                        grant.approvals.iter().filter_map(|approval| approval.conditions.clone());
                    Self::Approved { conditions: conditions.collect() }
                }
                _ => Self::Agreed,
            },
            Deed::Reject { reason, .. } => Self::Rejected { reason: reason.clone() },
            Deed::Withdraw { .. } => Self::Withdrawn,
            Deed::Revoke { reason, .. } => Self::Revoked { reason: reason.clone() },
            Deed::Supersede { extension, .. } => {
                Self::Superseded { extension: extension.extension() }
            }
            Deed::Void { findings, .. } => Self::Void {
                findings: findings.len(),
                is_over: matches!(after.state, State::Ended { .. }),
            },
            // What an approver agreed to beforehand is no news.
            Deed::Cover { .. } => return None,
        })
    }
}

impl Event {
    /// What people are told of an act, the `number`th of an exception; `None` where that is nothing. Drafts are nobody's
    /// business but their authors'.
    pub fn of_act(
        number: i32,
        before: Option<&Exception>,
        act: &Act,
        after: &Exception,
        teams: BTreeSet<TeamId>,
    ) -> Option<Self> {
        let filed = after.filed().or_else(|| before?.filed())?.by;
        let happening = Happening::of(act, after)?;
        let by = match act.deed.by() {
            Actor::Person(person) => Some(person),
            Actor::Evaluation(_) => None,
        };
        // What was withdrawn says no severity any more.
        let severity = after.severity().or_else(|| before?.severity())?;
        let event =
            Self::about(EventKey::act(after.id, number), happening, after, (filed, severity));
        Some(Self { at: act.at, by, teams, ..event })
    }

    /// The warning that is due at `now`: of several that came due at once the last, because what the others would say is
    /// not true any more. Its key is the same whenever it is asked for.
    pub fn of_ending(
        exception: &Exception,
        teams: BTreeSet<TeamId>,
        now: OffsetDateTime,
    ) -> Option<Self> {
        let warning = warning::due(exception, now).pop()?;
        let (requester, severity) = (exception.filed()?.by, exception.severity()?);
        let key = EventKey::warning(exception.id, warning, exception.grant()?.until);
        let happening = Happening::Ends { warning };
        let event = Self::about(key, happening, exception, (requester, severity));
        Some(Self { at: now, teams, ..event })
    }

    fn about(
        key: EventKey,
        happening: Happening,
        exception: &Exception,
        (requester, severity): (PersonId, Severity),
    ) -> Self {
        let grant = exception.grant();
        let approvals = grant.into_iter().flat_map(|grant| &grant.approvals);
        let covers = match &exception.request.covers {
            Covers::Findings(selection) => Subject::Findings(selection.iter().count()),
            Covers::Standing(standing) => Subject::Standing(standing.clone()),
        };
        Self {
            key,
            at: exception.changed_at,
            exception: exception.id,
            happening,
            by: None,
            requester,
            owner: exception.request.owner,
            approvers: approvals.map(|approval| approval.by).collect(),
            teams: BTreeSet::new(),
            severity,
            covers,
            until: grant.map_or(exception.request.until, |grant| grant.until),
        }
    }
}

/// What makes an event this one and no other: `X-12/3` for an act, `X-12/ends-7-2026-09-01` for a warning.
///
/// Receivers know by it what they got already.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct EventKey(String);

/// The text is no key of an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not of the form X-12/3")]
pub struct EventKeyError(String);

impl EventKey {
    /// The longest: it goes into headers.
    const MOST: usize = 100;

    /// Of an act, by its number.
    pub fn act(of: ExceptionId, number: i32) -> Self {
        Self(format!("{of}/{number}"))
    }

    /// Of a warning before this end.
    pub fn warning(of: ExceptionId, warning: Warning, until: OffsetDateTime) -> Self {
        Self(format!("{of}/ends-{}-{}", warning.days(), until.to_utc().date()))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for EventKey {
    type Err = EventKeyError;

    fn from_str(text: &str) -> Result<Self, EventKeyError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'/');
        if (1..=Self::MOST).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(EventKeyError(text.to_owned()))
        }
    }
}

impl From<EventKey> for String {
    fn from(key: EventKey) -> Self {
        key.0
    }
}

impl TryFrom<String> for EventKey {
    type Error = EventKeyError;

    fn try_from(text: String) -> Result<Self, EventKeyError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests;

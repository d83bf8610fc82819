//! Who gets what.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Event, Kind};
use crate::id::PersonId;
use crate::team::TeamId;

/// Where messages can go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Channels {
    /// Whether there is mail.
    pub mail: MailChannel,
    /// The webhooks.
    pub webhooks: Vec<WebhookChannel>,
}

/// Whom mail reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MailChannel {
    /// Nobody: no server is set.
    #[default]
    Off,
    /// People.
    People,
    /// People, and those who approve under an address of theirs.
    PeopleAndApprovers,
}

/// What a webhook is told.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookChannel {
    /// What it is called.
    pub name: WebhookName,
    /// Of which teams' findings; `None` for all, and nobody's.
    pub teams: Option<BTreeSet<TeamId>>,
    /// Which kinds; `None` for all.
    pub kinds: Option<BTreeSet<Kind>>,
}

impl WebhookChannel {
    fn wants(&self, event: &Event) -> bool {
        let kind = event.happening.kind();
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
            && self.teams.as_ref().is_none_or(|teams| !teams.is_disjoint(&event.teams))
    }
}

/// Somebody or something that gets messages; written `P-7`, `approvers` or `webhook:siem`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Somebody, by mail.
    Person(PersonId),
    /// Those who approve, by mail to an address of theirs.
    Approvers,
    /// A webhook.
    Webhook(WebhookName),
}

/// The text is no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is neither P-7, approvers nor webhook:name")]
pub struct TargetError(String);

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(person) => person.fmt(formatter),
            Self::Approvers => formatter.write_str("approvers"),
            Self::Webhook(name) => write!(formatter, "webhook:{name}"),
        }
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let other = || TargetError(text.to_owned());
        match text.strip_prefix("webhook:") {
            Some(name) => name.parse().map(Self::Webhook).map_err(|_| other()),
            None if text == "approvers" => Ok(Self::Approvers),
            None => text.parse().map(Self::Person).map_err(|_| other()),
        }
    }
}

/// What a webhook is called: 1 to 40 lower-case letters, digits and dashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct WebhookName(String);

/// The text is no name of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no name of a webhook: 1 to 40 lower-case letters, digits and dashes")]
pub struct WebhookNameError(String);

impl fmt::Display for WebhookName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for WebhookName {
    type Err = WebhookNameError;

    fn from_str(text: &str) -> Result<Self, WebhookNameError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=40).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(WebhookNameError(text.to_owned()))
        }
    }
}

impl From<WebhookName> for String {
    fn from(name: WebhookName) -> Self {
        name.0
    }
}

impl TryFrom<String> for WebhookName {
    type Error = WebhookNameError;

    fn try_from(text: String) -> Result<Self, WebhookNameError> {
        text.parse()
    }
}

/// Who gets an event, each once. Nobody is told of what they did themselves.
///
/// Who may approve follows from what an identity provider says in sessions, so that nobody knows all of them: those who
/// approve are told at an address of theirs, or by a webhook.
pub fn of(event: &Event, channels: &Channels) -> BTreeSet<Target> {
    let mut targets = BTreeSet::new();
    let (mut people, mut awaits_approvers) =
        (BTreeSet::from([event.requester, event.owner]), false);
    match event.happening.kind() {
        Kind::Filed | Kind::Changed | Kind::Agreed | Kind::Withdrawn => awaits_approvers = true,
        Kind::Void | Kind::Ends => people.extend(&event.approvers),
        Kind::Approved | Kind::Rejected | Kind::Revoked | Kind::Superseded => {}
    }
    if channels.mail != MailChannel::Off {
        let told = people.into_iter().filter(|person| event.by != Some(*person));
        targets.extend(told.map(Target::Person));
    }
    if channels.mail == MailChannel::PeopleAndApprovers && awaits_approvers {
        targets.insert(Target::Approvers);
    }
    let wanting = channels.webhooks.iter().filter(|webhook| webhook.wants(event));
    targets.extend(wanting.map(|webhook| Target::Webhook(webhook.name.clone())));
    targets
}

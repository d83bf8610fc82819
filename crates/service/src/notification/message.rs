//! What messages say, in words.

use std::collections::BTreeMap;

use postern_domain::exception::warning::Warning;
use postern_domain::id::{ExceptionId, PersonId};
use postern_domain::notification::{Event, EventKey, Happening, Kind, Subject};
use postern_domain::team::TeamId;
use postern_domain::text::is_unseen;
use postern_domain::verdict::Severity;
use time::OffsetDateTime;

/// What a message says of one event. Whatever people wrote is text: whoever sends it escapes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// The event's key.
    pub key: EventKey,
    /// The kind of what happened.
    pub kind: Kind,
    /// When it happened.
    pub at: OffsetDateTime,
    /// The exception.
    pub exception: ExceptionId,
    /// What happened, as one line: `X-12 was approved`.
    pub title: String,
    /// What there is to know, in order.
    pub facts: Vec<Fact>,
    /// What somebody wrote about it, in paragraphs.
    pub words: Vec<Fact>,
    /// The worst of what it covers.
    pub severity: Severity,
    /// The end that is asked for, or was granted.
    pub until: OffsetDateTime,
}

/// Something to know, with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is, such as `Owner`.
    pub label: &'static str,
    /// The fact.
    pub value: String,
}

impl Fact {
    fn new(label: &'static str, value: impl Into<String>) -> Self {
        Self { label, value: value.into() }
    }
}

impl Notice {
    /// What is said of an event, where these people have these names.
    pub(super) fn of(event: &Event, names: &BTreeMap<PersonId, String>) -> Self {
        let name = |person: &PersonId| match names.get(person) {
            Some(name) => one_line(name),
            None => person.to_string(),
        };
        let mut facts = vec![
            Fact::new("Covers", subject(&event.covers)),
            Fact::new("Severity", event.severity.to_string()),
            Fact::new("Until", end(event.until)),
            Fact::new("Requester", name(&event.requester)),
            Fact::new("Owner", name(&event.owner)),
        ];
        if !event.approvers.is_empty() {
            let approvers: Vec<String> = event.approvers.iter().map(name).collect();
            facts.push(Fact::new("Approved by", approvers.join(", ")));
        }
        if !event.teams.is_empty() {
            let teams: Vec<&str> = event.teams.iter().map(TeamId::as_str).collect();
            facts.push(Fact::new("Teams", teams.join(", ")));
        }
        if let Some(by) = &event.by {
            facts.push(Fact::new("Done by", name(by)));
        }
        Self {
            key: event.key.clone(),
            kind: event.happening.kind(),
            at: event.at,
            exception: event.exception,
            title: title(event.exception, &event.happening),
            facts,
            words: words(&event.happening),
            severity: event.severity,
            until: event.until,
        }
    }
}

/// Everybody whom an event names.
pub(super) fn people(event: &Event) -> impl Iterator<Item = PersonId> + '_ {
    let always = [event.requester, event.owner];
    always.into_iter().chain(event.approvers.iter().copied()).chain(event.by)
}

/// Identity providers say names, and no line of a message begins in one.
fn one_line(name: &str) -> String {
    let seen: String = name.chars().map(|it| if is_unseen(it) { ' ' } else { it }).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn title(id: ExceptionId, happening: &Happening) -> String {
    match happening {
        Happening::Filed { .. } => format!("{id} was filed and waits for a decision"),
        Happening::Changed { .. } => format!("{id} was changed and waits for a decision"),
        Happening::Agreed => format!("{id} was agreed to by one approver and waits for another"),
        Happening::Approved { .. } => format!("{id} was approved"),
        Happening::Rejected { .. } => format!("{id} was rejected"),
        Happening::Withdrawn => format!("{id} was withdrawn"),
        Happening::Revoked { .. } => format!("{id} was revoked"),
        Happening::Superseded { extension } => format!("{id} was superseded by {extension}"),
        Happening::Void { is_over: true, .. } => {
            format!("{id} is void: nothing is as it was accepted")
        }
        Happening::Void { findings: 1, .. } => format!("1 finding of {id} is open again"),
        Happening::Void { findings, .. } => format!("{findings} findings of {id} are open again"),
        Happening::Ends { warning: Warning::OneDay } => format!("{id} ends in a day"),
        Happening::Ends { warning } => format!("{id} ends in {} days", warning.days()),
    }
}

fn words(happening: &Happening) -> Vec<Fact> {
    match happening {
        Happening::Filed { justification } | Happening::Changed { justification } => {
            vec![Fact::new("Justification", justification.as_str())]
        }
        Happening::Approved { conditions } => {
            conditions.iter().map(|it| Fact::new("Conditions", it.as_str())).collect()
        }
        Happening::Rejected { reason } | Happening::Revoked { reason } => {
            vec![Fact::new("Reason", reason.as_str())]
        }
        Happening::Void { .. } => vec![Fact::new(
            "Why",
            "What the rules read is worse than it was accepted. The exception's page says what changed.",
        )],
        Happening::Ends { .. } => vec![Fact::new(
            "What to do",
            "Close the findings, or ask for an extension. Otherwise they are open again at that moment.",
        )],
        Happening::Agreed | Happening::Withdrawn | Happening::Superseded { .. } => Vec::new(),
    }
}

fn subject(covers: &Subject) -> String {
    match covers {
        Subject::Findings(1) => "1 finding".to_owned(),
        Subject::Findings(count) => format!("{count} findings"),
        Subject::Standing(standing) => format!("{} on {}", standing.rule, standing.assets),
    }
}

/// The end of an exception, to the minute.
fn end(until: OffsetDateTime) -> String {
    let until = until.to_utc();
    format!("{} {:02}:{:02} UTC", until.date(), until.hour(), until.minute())
}

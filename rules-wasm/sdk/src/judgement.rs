//! What a rule says of an asset.

use postern_domain::verdict::{Severity, Verdict};

use crate::evidence::Evidence;
use crate::text::Text;

/// A rule's verdict on one asset; it always has evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What the rule says.
    pub verdict: Verdict,
    /// How bad a failure is on this asset; `None`: as the rule says of itself.
    pub severity: Option<Severity>,
    /// One sentence for people.
    pub summary: Text,
    /// What it rests on; never empty.
    pub evidence: Vec<Evidence>,
}

/// What a rule's function returns: `?` on a reading turns what could not be read into `unknown`.
pub type Outcome = Result<Judgement, Unreadable>;

/// A property that could not be read; never a pass, and no failure either.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    /// One sentence for people.
    pub summary: Text,
    /// The property, with the reason as its note; boxed, so that a reading that succeeds stays small.
    pub evidence: Box<Evidence>,
}

impl Judgement {
    /// The property has the secure value.
    pub fn pass(summary: impl Into<Text>, evidence: Evidence) -> Self {
        Self::new(Verdict::Pass, summary.into(), evidence)
    }

    /// The property does not have the secure value.
    pub fn fail(summary: impl Into<Text>, evidence: Evidence) -> Self {
        Self::new(Verdict::Fail, summary.into(), evidence)
    }

    /// The rule does not concern this asset; the evidence says why.
    pub fn not_applicable(summary: impl Into<Text>, evidence: Evidence) -> Self {
        Self::new(Verdict::NotApplicable, summary.into(), evidence)
    }

    /// Adds evidence.
    #[must_use]
    pub fn and(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// On this asset a failure is this bad, whatever the rule says of itself.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    fn new(verdict: Verdict, summary: Text, evidence: Evidence) -> Self {
        Self { verdict, severity: None, summary, evidence: vec![evidence] }
    }
}

impl Unreadable {
    /// This could not be read; the note says why.
    pub fn new(evidence: Evidence, note: impl Into<Text>) -> Self {
        let summary = match &evidence.path {
            Text::Static(path) => Text::Unread(path),
            made => Text::Owned(format!("{made} could not be read, so this cannot be judged.")),
        };
        Self { summary, evidence: Box::new(evidence.noting(note)) }
    }
}

impl From<Unreadable> for Judgement {
    fn from(unreadable: Unreadable) -> Self {
        Self::new(Verdict::Unknown, unreadable.summary, *unreadable.evidence)
    }
}

//! What a rule says of an asset.

use postern_domain::verdict::{Evidence, Severity, Verdict};

/// A rule's verdict on one asset; it always has evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What the rule says.
    pub verdict: Verdict,
    /// How bad a failure is on this asset; `None`: as the rule says of itself.
    pub severity: Option<Severity>,
    /// One sentence for people.
    pub summary: String,
    /// What it rests on; never empty.
    pub evidence: Vec<Evidence>,
}

/// What a rule's function returns: `?` on a reading turns what could not be read into `unknown`.
pub type Outcome = Result<Judgement, Unreadable>;

/// A property that could not be read; never a pass, and no failure either.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    /// One sentence for people.
    pub summary: String,
    /// The property, with the reason as its note; boxed, so that a reading that succeeds stays small.
    pub evidence: Box<Evidence>,
}

impl Judgement {
    /// The property has the secure value.
    pub fn pass(summary: impl Into<String>, evidence: Evidence) -> Self {
        Self::new(Verdict::Pass, summary.into(), evidence)
    }

    /// The property does not have the secure value.
    pub fn fail(summary: impl Into<String>, evidence: Evidence) -> Self {
        Self::new(Verdict::Fail, summary.into(), evidence)
    }

    /// The rule does not concern this asset; the evidence says why.
    pub fn not_applicable(summary: impl Into<String>, evidence: Evidence) -> Self {
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

    fn new(verdict: Verdict, summary: String, evidence: Evidence) -> Self {
        Self { verdict, severity: None, summary, evidence: vec![evidence] }
    }
}

impl From<Unreadable> for Judgement {
    fn from(unreadable: Unreadable) -> Self {
        Self::new(Verdict::Unknown, unreadable.summary, *unreadable.evidence)
    }
}

/// Notes on evidence.
pub trait Note {
    /// Says what an absent value means, by Azure's documentation; nothing where there is a value.
    #[must_use]
    fn absent_means(self, meaning: &str) -> Self;

    /// Says something on the value itself.
    #[must_use]
    fn noting(self, note: &str) -> Self;
}

impl Note for Evidence {
    fn absent_means(mut self, meaning: &str) -> Self {
        if self.actual.is_none() {
            self.note = Some(format!("absent means {meaning}"));
        }
        self
    }

    fn noting(mut self, note: &str) -> Self {
        self.note = Some(note.to_owned());
        self
    }
}

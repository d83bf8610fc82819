//! What somebody entered into the form of a request, as text: it is kept whatever is wrong with it.

use postern_domain::exception::request::{EvidenceLinks, ReasonCategory, Request};
use postern_domain::id::FindingId;

use super::{Asking, Subject, SubjectError};
use crate::address::value;
use crate::page::exceptions::last_day_before;

/// The names of the fields, which are their ids too.
pub(super) const KIND: &str = "kind";
pub(super) const FIX_ON: &str = "fix_on";
pub(super) const WHY: &str = "why";
pub(super) const MEANWHILE: &str = "meanwhile";
pub(super) const EVIDENCE_ADDRESS: &str = "evidence_address";
pub(super) const EVIDENCE_TITLE: &str = "evidence_title";
pub(super) const UNTIL: &str = "until";
pub(super) const OWNER: &str = "owner";
const FORM_KEY: &str = "form_key";
/// The key of the exception that is extended.
pub const EXTENDS: &str = "extends";
/// The key of the version of a request that was read.
pub const VERSION: &str = "version";

/// Rows for evidence that the form has at least.
const ROWS: usize = 5;

/// What somebody entered.
#[derive(Clone, Debug, PartialEq)]
pub struct Entered {
    /// What the request is for.
    pub subject: Subject,
    /// The word of the kind of reason.
    pub kind: String,
    /// The day for which a fix is planned.
    pub fix_on: String,
    /// Why it should be accepted.
    pub why: String,
    /// What protects in the meantime.
    pub meanwhile: String,
    /// Evidence: an address and a title each.
    pub evidence: Vec<(String, String)>,
    /// The last day.
    pub until: String,
    /// Who answers for it.
    pub owner: String,
    /// What makes the form another than the next one; empty where it was not given out yet.
    pub form_key: String,
}

impl Entered {
    /// An empty form.
    pub fn nothing(subject: Subject) -> Self {
        Self {
            subject,
            kind: String::new(),
            fix_on: String::new(),
            why: String::new(),
            meanwhile: String::new(),
            evidence: rows(Vec::new()),
            until: String::new(),
            owner: String::new(),
            form_key: String::new(),
        }
    }

    /// What a form sent.
    pub fn read(fields: &[(String, String)]) -> Result<Self, SubjectError> {
        let text = |name: &str| value(fields, name).unwrap_or_default().to_owned();
        let all = |wanted: &'static str| {
            let of_name = fields.iter().filter(move |(name, _)| name == wanted);
            of_name.map(|(_, value)| value.clone())
        };
        let evidence = all(EVIDENCE_ADDRESS).zip(all(EVIDENCE_TITLE)).collect();
        Ok(Self {
            subject: Subject::read(fields)?,
            kind: text(KIND),
            fix_on: text(FIX_ON),
            why: text(WHY),
            meanwhile: text(MEANWHILE),
            evidence: rows(evidence),
            until: text(UNTIL),
            owner: text(OWNER),
            form_key: text(FORM_KEY),
        })
    }

    /// A request that was written, of a connection.
    pub fn of(request: &Request, connection: &str) -> Self {
        let evidence = request.evidence.as_slice().iter().map(|link| {
            let title = link.title.as_ref().map(ToString::to_string).unwrap_or_default();
            (link.address.as_str().to_owned(), title)
        });
        let meanwhile = request.compensating_control.as_ref();
        Self {
            kind: request.reason.as_str().to_owned(),
            fix_on: match request.reason {
                ReasonCategory::FixPlanned { on } => on.to_string(),
                _ => String::new(),
            },
            why: request.justification.to_string(),
            meanwhile: meanwhile.map(ToString::to_string).unwrap_or_default(),
            evidence: rows(evidence.collect()),
            until: last_day_before(request.until).map(|day| day.to_string()).unwrap_or_default(),
            owner: request.owner.to_string(),
            ..Self::nothing(Subject::of(&request.covers, connection))
        }
    }

    /// What a form keeps that shows only the findings `shown`: what it is for, and which form it is.
    pub fn kept(&self, asking: Asking, shown: &[FindingId]) -> Vec<(&'static str, String)> {
        let mut kept = self.subject.kept(shown);
        match asking {
            Asking::New => {}
            Asking::Extension(id) => kept.push((EXTENDS, id.to_string())),
            Asking::Change { version, .. } => kept.push((VERSION, version.to_string())),
        }
        kept.push((FORM_KEY, self.form_key.clone()));
        kept
    }

    /// All of it, for a form that shows none of its fields.
    pub fn all(&self, asking: Asking) -> Vec<(&'static str, String)> {
        let texts = [
            (KIND, &self.kind),
            (FIX_ON, &self.fix_on),
            (WHY, &self.why),
            (MEANWHILE, &self.meanwhile),
            (UNTIL, &self.until),
            (OWNER, &self.owner),
        ];
        let texts = texts.into_iter().map(|(name, text)| (name, text.clone()));
        let evidence = self.evidence.iter().flat_map(|(address, title)| {
            [(EVIDENCE_ADDRESS, address.clone()), (EVIDENCE_TITLE, title.clone())]
        });
        self.kept(asking, &[]).into_iter().chain(texts).chain(evidence).collect()
    }
}

/// At least as many rows as the form has; those in excess of what a request takes are kept, to be told of.
fn rows(mut evidence: Vec<(String, String)>) -> Vec<(String, String)> {
    evidence.truncate(EvidenceLinks::MOST + 1);
    evidence.resize(evidence.len().max(ROWS), Default::default());
    evidence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_entered_goes_through_the_page_where_it_is_checked() {
        let text = "finding=F-1&kind=nonsense&why=a%0Ab&until=soon&evidence_address=&evidence_title=x\
                    &evidence_address=http%3A%2F%2Fa&evidence_title=&form_key=7&owner=P-1";
        let fields: Vec<_> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        let entered = Entered::read(&fields).unwrap();
        assert_eq!(entered.evidence.len(), ROWS);
        let carried: Vec<(String, String)> =
            entered.all(Asking::New).into_iter().map(|(name, it)| (name.to_owned(), it)).collect();
        assert_eq!(Entered::read(&carried), Ok(entered));
    }
}

//! Exceptions: decisions to accept findings until a moment.
//!
//! One person files a request, another approves it, and it is bound to the state that was approved: where what a rule
//! reads changes for the worse, the finding is open again.
//! Its end needs no job: [`Exception::status`] and [`status::effective`] compute it from the time.
//!
//! ```text
//! draft -> requested -> approved -> (expired: computed, never stored)
//!   |          |  |         |-----> revoked
//!   |          |  |         |-----> superseded, by an extension that was approved
//!   |          |  |         '-----> void, when nothing of what was accepted is as it was
//!   |          |  '-------> rejected
//!   '----------'----------> withdrawn
//! ```
//!
//! Of a selection of findings, each is void for itself: who approved forty and sees one of them opened wider still
//! accepts the other thirty-nine, and would have to approve them again otherwise.
//! The exception is void when nothing of it is left that holds; one that covers assets that appear later holds for those
//! to come, and so never is.
//!
//! What happened is a list of [`Act`]s. As long as each is kept with the exception as it was after it, the state at any
//! moment is that after the last act before.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::id::{ExceptionId, FindingId, PersonId};
use crate::verdict::Severity;

pub mod accepted;
pub mod act;
pub mod evidence_file;
pub mod grant;
pub mod policy;
pub mod refusal;
pub mod request;
pub mod rights;
pub mod status;
pub mod warning;
pub mod written;

use accepted::{Comparison, ObservedState, Present, Worsening, compare};
use act::{Act, Agreement, ApproverScope, Deed, LaterAssets, Supersession};
use grant::{Grant, PendingApproval, Voided};
use policy::ExceptionPolicy;
use refusal::Refusal;
use request::{Covers, ReasonCategory, Request};
use status::ExceptionStatus;
use written::DecisionReason;

/// A decision to accept findings until a moment, from its first draft on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exception {
    /// The id.
    pub id: ExceptionId,
    /// The exception that it is an extension of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<ExceptionId>,
    /// What is asked for.
    pub request: Request,
    /// How often the request was written: 1 for the first draft. An approver names the version that they read.
    pub version: u32,
    /// Everybody who ever wrote on it, as a draft too; none of them can decide on it.
    pub editors: BTreeSet<PersonId>,
    /// When something was done to it last.
    #[serde(with = "time::serde::rfc3339")]
    pub changed_at: OffsetDateTime,
    /// What became of it.
    pub state: State,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// It is being written.
    Draft,
    /// It waits for a decision, or for the second of two.
    Requested {
        /// How it was filed.
        filed: Filed,
        /// Who agreed already, where one is not enough.
        approvals: Vec<PendingApproval>,
    },
    /// Its authors took it back.
    Withdrawn {
        /// Who did.
        by: PersonId,
    },
    /// An approver refused.
    Rejected {
        /// How it was filed.
        filed: Filed,
        /// Who refused.
        by: PersonId,
        /// Why.
        reason: DecisionReason,
    },
    /// It was approved; whether its end has come, [`Exception::status`] says.
    Approved {
        /// How it was filed.
        filed: Filed,
        /// What was approved.
        grant: Grant,
    },
    /// It was approved and ended before its time.
    Ended {
        /// How it was filed.
        filed: Filed,
        /// What had been approved.
        grant: Grant,
        /// When it ended.
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
        /// Why it ended.
        ending: Ending,
    },
}

/// How a request was filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    /// By whom: the requester.
    pub by: PersonId,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The worst of what it covers, as it was when the request was filed or changed last.
    pub severity: Severity,
}

/// Why an exception ended before its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ending {
    /// An approver ended it.
    Revoked {
        /// Who.
        by: PersonId,
        /// Why.
        reason: DecisionReason,
    },
    /// An extension stands in its place.
    Superseded {
        /// Which.
        extension: ExceptionId,
    },
    /// Nothing of what was accepted is as it was; each finding of the grant says why.
    Void,
}

impl Exception {
    /// A first draft.
    pub fn draft(id: ExceptionId, request: Request, by: PersonId, at: OffsetDateTime) -> Self {
        let editors = BTreeSet::from([by]);
        Self {
            id,
            extends: None,
            request,
            version: 1,
            editors,
            changed_at: at,
            state: State::Draft,
        }
    }

    /// A first draft of an extension of this one: a request of its own, with a decision of its own.
    ///
    /// Whoever wrote on this one may decide on that one. When that one is approved while this one is in force,
    /// [`Deed::Supersede`] ends this one.
    pub fn extend(
        &self,
        id: ExceptionId,
        request: Request,
        by: PersonId,
        at: OffsetDateTime,
    ) -> Result<Self, Refusal> {
        match self.status(at) {
            ExceptionStatus::Approved | ExceptionStatus::Expired => {
                Ok(Self { extends: Some(self.id), ..Self::draft(id, request, by, at) })
            }
            status => Err(Refusal::NotPossible { status, deed: "extended" }),
        }
    }

    /// The only way from one state of an exception to another: what it is after the act, or why that cannot be.
    ///
    /// `policy` is that which holds at the time of the act.
    pub fn apply(&self, act: &Act, policy: &ExceptionPolicy) -> Result<Self, Refusal> {
        let Act { at, ref deed } = *act;
        if at < self.changed_at {
            return Err(Refusal::OutOfOrder { last: self.changed_at });
        }
        let mut next = self.clone();
        next.changed_at = at;
        let refuse = || Refusal::NotPossible { status: self.status(at), deed: deed.participle() };
        next.state = match (deed, self.state.clone()) {
            (
                Deed::Edit { by, request, severity },
                state @ (State::Draft | State::Requested { .. }),
            ) => {
                next.request = request.clone();
                next.version = self.version.saturating_add(1);
                next.editors.insert(*by);
                state.edited(request, *severity, at, policy)?
            }
            (Deed::File { by, severity }, State::Draft) => {
                check_request(&self.request, *severity, at, policy)?;
                next.editors.insert(*by);
                let filed = Filed { by: *by, at, severity: *severity };
                State::Requested { filed, approvals: Vec::new() }
            }
            (Deed::Withdraw { by }, State::Draft | State::Requested { .. }) => {
                if !self.editors.contains(by) {
                    return Err(Refusal::NotTheirs);
                }
                State::Withdrawn { by: *by }
            }
            (Deed::Reject { by, scope, reason }, State::Requested { filed, .. }) => {
                self.check_approver(*by, *scope, &filed)?;
                State::Rejected { filed, by: *by, reason: reason.clone() }
            }
            (Deed::Approve(agreement), State::Requested { filed, approvals }) => {
                self.check_approver(agreement.by, agreement.scope, &filed)?;
                self.approved(agreement, filed, approvals, at, policy)?
            }
            (_, State::Approved { filed, grant }) if !grant.is_over(at) => {
                self.in_force(filed, grant, act).ok_or_else(refuse)??
            }
            _ => return Err(refuse()),
        };
        Ok(next)
    }

    /// Whether somebody may decide on the request.
    fn check_approver(
        &self,
        by: PersonId,
        scope: ApproverScope,
        filed: &Filed,
    ) -> Result<(), Refusal> {
        if filed.by == by {
            return Err(Refusal::OwnRequest);
        }
        if self.editors.contains(&by) {
            return Err(Refusal::OwnWork);
        }
        check_scope(scope)
    }

    /// The state of a request to which one more approver agrees.
    fn approved(
        &self,
        agreement: &Agreement,
        filed: Filed,
        mut approvals: Vec<PendingApproval>,
        at: OffsetDateTime,
        policy: &ExceptionPolicy,
    ) -> Result<State, Refusal> {
        if agreement.version != self.version {
            return Err(Refusal::RequestChanged);
        }
        self.check_accepted(agreement)?;
        let severities = agreement.accepted.values().map(|accepted| accepted.severity);
        // The worst severity sorts first.
        let severity = severities.fold(filed.severity, Severity::min);
        if agreement.until > self.request.until {
            return Err(Refusal::LongerThanAsked { asked: self.request.until });
        }
        check_end(agreement.until, severity, at, policy)?;
        let approval = PendingApproval::new(agreement, at);
        approvals.retain(|earlier| earlier.stands_beside(&approval));
        if approvals.iter().any(|earlier| earlier.approval.by == agreement.by) {
            return Err(Refusal::AlreadyApproved);
        }
        approvals.push(approval);
        if approvals.len() < policy.approvers(severity) {
            return Ok(State::Requested { filed, approvals });
        }
        let grant = Grant::of(approvals, severity).ok_or(Refusal::NothingToAccept)?;
        Ok(State::Approved { filed, grant })
    }

    /// Whether what is accepted is what was asked for.
    fn check_accepted(&self, agreement: &Agreement) -> Result<(), Refusal> {
        let cover_later = agreement.later_assets == LaterAssets::Covered;
        match &self.request.covers {
            Covers::Findings(selection) => {
                if cover_later {
                    return Err(Refusal::NoLaterAssets);
                }
                let foreign = agreement.accepted.keys().find(|it| !selection.contains(**it));
                if let Some(finding) = foreign {
                    return Err(Refusal::NotAskedFor { finding: *finding });
                }
            }
            Covers::Standing(_) => self.check_rule(&agreement.accepted)?,
        }
        if agreement.accepted.is_empty() && !cover_later {
            return Err(Refusal::NothingToAccept);
        }
        Ok(())
    }

    /// Whether the findings are of the rule of a standing exception.
    fn check_rule(&self, states: &BTreeMap<FindingId, ObservedState>) -> Result<(), Refusal> {
        let Covers::Standing(standing) = &self.request.covers else {
            return Err(Refusal::NoLaterAssets);
        };
        match states.iter().find(|(_, state)| state.rule != standing.rule) {
            Some((finding, _)) => {
                Err(Refusal::OtherRule { finding: *finding, rule: standing.rule.clone() })
            }
            None => Ok(()),
        }
    }

    /// What becomes of an exception in force; `None` where the deed is none for one.
    fn in_force(
        &self,
        filed: Filed,
        mut grant: Grant,
        act: &Act,
    ) -> Option<Result<State, Refusal>> {
        let ending = match &act.deed {
            Deed::Revoke { by, scope, reason } => {
                let ending = Ending::Revoked { by: *by, reason: reason.clone() };
                check_scope(*scope).map(|()| Some(ending))
            }
            Deed::Supersede { extension, .. } => self.superseded(*extension).map(Some),
            Deed::Void { by, findings } => {
                let void = |worsening: &Worsening| Voided {
                    by: *by,
                    at: act.at,
                    worsening: worsening.clone(),
                };
                let voided = findings.iter().map(|(finding, it)| (*finding, void(it)));
                make_void(&mut grant, voided.collect())
            }
            Deed::Cover { findings, .. } => self.cover(&mut grant, findings).map(|()| None),
            Deed::Edit { .. }
            | Deed::File { .. }
            | Deed::Approve(_)
            | Deed::Reject { .. }
            | Deed::Withdraw { .. } => return None,
        };
        Some(ending.map(|ending| match ending {
            Some(ending) => State::Ended { filed, grant, at: act.at, ending },
            None => State::Approved { filed, grant },
        }))
    }

    fn superseded(&self, supersession: Supersession) -> Result<Ending, Refusal> {
        let extension = supersession.extension();
        if supersession.extends() != self.id {
            return Err(Refusal::OtherExtension { extension });
        }
        Ok(Ending::Superseded { extension })
    }

    fn cover(
        &self,
        grant: &mut Grant,
        findings: &BTreeMap<FindingId, ObservedState>,
    ) -> Result<(), Refusal> {
        if grant.later_assets == LaterAssets::NotCovered {
            return Err(Refusal::LaterAssetsNotCovered);
        }
        if findings.is_empty() {
            return Err(Refusal::NoFinding);
        }
        self.check_rule(findings)?;
        for (&finding, state) in findings {
            if grant.covered.contains_key(&finding) {
                return Err(Refusal::CoveredBefore { finding });
            }
            // The worst severity sorts first.
            if state.severity < grant.severity {
                return Err(Refusal::WorseThanAccepted { finding, severity: state.severity });
            }
            grant.cover(finding, state);
        }
        Ok(())
    }

    /// How it was filed; `None` for a draft, and for what was withdrawn.
    pub fn filed(&self) -> Option<&Filed> {
        match &self.state {
            State::Draft | State::Withdrawn { .. } => None,
            State::Requested { filed, .. }
            | State::Rejected { filed, .. }
            | State::Approved { filed, .. }
            | State::Ended { filed, .. } => Some(filed),
        }
    }

    /// What was granted, whether or not it still holds.
    pub fn grant(&self) -> Option<&Grant> {
        match &self.state {
            State::Approved { grant, .. } | State::Ended { grant, .. } => Some(grant),
            _ => None,
        }
    }

    /// The worst of what it covers; `None` where it was never filed.
    pub fn severity(&self) -> Option<Severity> {
        let granted = self.grant().map(|grant| grant.severity);
        granted.or(self.filed().map(|filed| filed.severity))
    }

    /// Whether somebody agreed and their approval still counts, while another one is waited for.
    pub fn has_agreed(&self, person: PersonId, now: OffsetDateTime) -> bool {
        let State::Requested { approvals, .. } = &self.state else { return false };
        let counts = |it: &&PendingApproval| now < it.approval.until;
        approvals.iter().filter(counts).any(|it| it.approval.by == person)
    }

    /// When it was filed, where it waits for a decision on the finding; of a standing one, the caller has found that
    /// the finding is one of its rule and scope.
    pub fn asks_for(&self, finding: FindingId) -> Option<OffsetDateTime> {
        let State::Requested { filed, .. } = &self.state else { return None };
        let is_standing = matches!(self.request.covers, Covers::Standing(_));
        (is_standing || self.request.covers.selects(finding)).then_some(filed.at)
    }

    /// The findings that it accepts and that are worse now than they were accepted: what an evaluation makes void by
    /// [`Deed::Void`], where there are any.
    ///
    /// `present` is how findings stand now; of those that are not among them, nothing is known to have changed.
    pub fn worsened<'a>(
        &self,
        present: impl IntoIterator<Item = (FindingId, Present<'a>)>,
        now: OffsetDateTime,
    ) -> BTreeMap<FindingId, Worsening> {
        let State::Approved { grant, .. } = &self.state else { return BTreeMap::new() };
        let worsening = |finding: FindingId, present| {
            self.accepts(finding, now)?;
            match compare(&grant.covered.get(&finding)?.accepted, present) {
                Comparison::Worse(worsening) => Some((finding, worsening)),
                Comparison::Same | Comparison::Better => None,
            }
        };
        present.into_iter().filter_map(|(finding, present)| worsening(finding, present)).collect()
    }
}

impl State {
    /// The state of a draft or a request that was changed: nobody has agreed to what it says now.
    fn edited(
        self,
        request: &Request,
        severity: Severity,
        at: OffsetDateTime,
        policy: &ExceptionPolicy,
    ) -> Result<Self, Refusal> {
        match self {
            Self::Requested { filed, .. } => {
                check_request(request, severity, at, policy)?;
                let filed = Filed { severity, ..filed };
                Ok(Self::Requested { filed, approvals: Vec::new() })
            }
            other => Ok(other),
        }
    }
}

fn check_scope(scope: ApproverScope) -> Result<(), Refusal> {
    match scope {
        ApproverScope::Held => Ok(()),
        ApproverScope::Missing => Err(Refusal::ScopeMissing),
    }
}

/// Whether a request can be filed as it is.
fn check_request(
    request: &Request,
    severity: Severity,
    at: OffsetDateTime,
    policy: &ExceptionPolicy,
) -> Result<(), Refusal> {
    check_end(request.until, severity, at, policy)?;
    match request.reason {
        ReasonCategory::FixPlanned { on } if on < at.to_utc().date() => {
            Err(Refusal::FixPassed { on })
        }
        _ => Ok(()),
    }
}

fn check_end(
    until: OffsetDateTime,
    severity: Severity,
    at: OffsetDateTime,
    policy: &ExceptionPolicy,
) -> Result<(), Refusal> {
    if until <= at {
        return Err(Refusal::EndPassed { now: at });
    }
    if !policy.permits(severity, at, until) {
        let (days, last_day) = (policy.days(severity), policy.last_day(severity, at));
        return Err(Refusal::EndTooLate { severity, days, last_day });
    }
    Ok(())
}

/// Makes findings void; the exception with them, where nothing is left that holds.
fn make_void(
    grant: &mut Grant,
    findings: BTreeMap<FindingId, Voided>,
) -> Result<Option<Ending>, Refusal> {
    if findings.is_empty() {
        return Err(Refusal::NoFinding);
    }
    for (finding, voided) in findings {
        match grant.covered.get_mut(&finding) {
            Some(covered) if covered.void.is_none() => covered.void = Some(voided),
            _ => return Err(Refusal::NotCovered { finding }),
        }
    }
    Ok((!grant.has_effect()).then_some(Ending::Void))
}

#[cfg(test)]
mod tests;

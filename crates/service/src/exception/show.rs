//! One exception with everything that a decision needs.

use std::collections::BTreeMap;

use postern_domain::exception::act::{Act, Actor as ActedBy, ApproverScope, Deed};
use postern_domain::exception::grant::{Approval, Grant};
use postern_domain::exception::refusal::Refusal;
use postern_domain::exception::request::Covers;
use postern_domain::exception::status::ExceptionStatus;
use postern_domain::exception::{Exception, State};
use postern_domain::id::{ConnectionId, ExceptionId, FindingId, PersonId};
use postern_domain::person::{Permission, Sight};
use postern_domain::verdict::Severity;
use postern_store::exception::StoredException;
use postern_store::read::exception::{ActRecord, ExceptionRecord};
use postern_store::read::finding::FindingFilter;
use postern_store::{PgConnection, exception, exception_thread, person, read};
use time::OffsetDateTime;

use super::act::digest as whole_digest;
use super::decide::{self, Subject};
use super::file::complaint;
use super::list::row_view;
use super::{Effects, ExceptionError};
use crate::Postern;
use crate::finding::row_view as finding_row;
use crate::moment::shown;
use crate::read::{Names, ReadError, RuleTitles, SubscriptionNames, TeamNames, choose_by_id};
use crate::view::{
    AcceptedView, ActView, ApprovalView, CommentView, CoveredView, EvidenceFileView,
    ExceptionRights, ExceptionView, FindingRowView, GrantView,
};

/// Findings that are shown of one exception at most.
const MOST_FINDINGS: usize = 200;

/// Whether whoever acts sees an exception: who sees everything sees all but others' drafts, and a team those that are
/// about a finding of it; who wrote on one sees it.
pub(super) async fn is_seen(
    postern: &Postern,
    session: &mut PgConnection,
    exception: &Exception,
) -> Result<bool, ReadError> {
    let is_editor = |person| exception.editors.contains(&person);
    if postern.actor().person().is_some_and(is_editor) {
        return Ok(true);
    }
    if exception.state == State::Draft {
        return Ok(false);
    }
    match postern.sight() {
        Sight::Everything => Ok(true),
        Sight::Teams(teams) => Ok(read::exception::is_about(session, exception.id, teams).await?),
    }
}

/// An exception as of a moment or of now; `None` where there is none with this id, was none then, or none that is seen.
pub async fn show_exception(
    postern: &Postern,
    id: ExceptionId,
    as_of: Option<OffsetDateTime>,
) -> Result<Option<ExceptionView>, ExceptionError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let session = &mut *transaction;
    let Some((of, acts)) = read::exception::acts(session, id, as_of).await? else {
        return Ok(None);
    };
    let Some(last) = acts.last() else { return Ok(None) };
    let exception = last.exception.clone();
    if !is_seen(postern, session, &exception).await? {
        return Ok(None);
    }
    let Some(chosen) = choose_by_id(session, of).await? else { return Ok(None) };
    let shown = shown(postern, session, &chosen, as_of).await?;
    let now = postern.now();
    let moment = as_of.map_or(now, |as_of| as_of.min(now)).max(exception.changed_at);
    let stored = StoredException {
        connection: of,
        acts: i32::try_from(acts.len()).unwrap_or(i32::MAX),
        last: acts.last().and_then(|last| last.act.clone()),
        exception,
    };
    let subject = Subject::load(postern, session, &stored).await?;
    let exception = stored.exception;
    let ids = about(&exception, &subject);
    let (findings, more_findings, unseen_findings) =
        finding_rows(postern, session, of, &ids, as_of).await?;
    let names = people(session, &exception, &acts).await?;
    let record = record(&exception, &subject, &findings, &names, ids.len());
    let rules = record.rules.iter().chain(match &exception.request.covers {
        Covers::Standing(standing) => Some(&standing.rule),
        Covers::Findings(_) => None,
    });
    let titles = RuleTitles::load(postern, session, rules).await?;
    let policy = exception::policy(session).await?;
    let (granted, approvals) = granted(&exception, &names);
    let severity = exception.severity().or(worst(&findings)).unwrap_or(Severity::Critical);
    let may = match as_of {
        None => rights(postern, session, of, &exception, subject.scope, moment).await?,
        // Nobody acts on the past.
        Some(_) => ExceptionRights::default(),
    };
    let person = postern.actor().person();
    let row = row_view(record, &titles, person, moment)?;
    Ok(Some(ExceptionView {
        connection: chosen.choice.selected,
        as_of: shown.view(),
        row,
        request: exception.request.clone(),
        version: exception.version,
        approvals,
        granted,
        findings: findings.into_iter().map(|row| covered(row, &exception)).collect(),
        more_findings,
        unseen_findings,
        state: decide::digest(&subject.accepted),
        digest: whole_digest(&exception),
        acts: acts.iter().map(|act| act_view(act, exception.request.until)).collect(),
        comments: exception_thread::comments(session, id, as_of)
            .await?
            .into_iter()
            .map(|said| CommentView { at: said.at, by: said.by, text: said.text })
            .collect(),
        files: exception_thread::files(session, id, as_of)
            .await?
            .into_iter()
            .map(|file| EvidenceFileView {
                id: file.id,
                at: file.at,
                by: file.by,
                name: file.name.to_string(),
                bytes: file.bytes,
                hash: file.hash,
            })
            .collect(),
        form_key: exception::form_key(session).await?,
        extensions: read::exception::extensions(session, id).await?,
        may,
        last_day: policy.last_day(severity, now),
        approvers_needed: policy.approvers(severity),
    }))
}

/// The findings that it is about: what it covers where it was granted, else what it asks for.
fn about(exception: &Exception, subject: &Subject) -> Vec<FindingId> {
    match &exception.state {
        State::Approved { grant, .. } | State::Ended { grant, .. } => {
            grant.covered.keys().copied().collect()
        }
        _ => subject.covered.keys().copied().collect(),
    }
}

/// The rows of findings that whoever acts sees, the worst first, how many more of these there are, and how many are not
/// seen.
pub(super) async fn finding_rows(
    postern: &Postern,
    session: &mut PgConnection,
    of: ConnectionId,
    ids: &[FindingId],
    as_of: Option<OffsetDateTime>,
) -> Result<(Vec<FindingRowView>, u64, u64), ReadError> {
    let filter = FindingFilter::new(of).as_of(as_of).only(ids.iter().copied());
    let most = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    let mut records = read::finding::page(session, &filter, None, most).await?;
    let sight = postern.sight();
    records.retain(|record| sight.holds(record.owner.as_ref()));
    let count = |number: usize| u64::try_from(number).unwrap_or_default();
    let unseen = count(ids.len().saturating_sub(records.len()));
    let more = count(records.len().saturating_sub(MOST_FINDINGS));
    records.truncate(MOST_FINDINGS);
    let names = Names {
        rules: RuleTitles::load(postern, session, records.iter().map(|it| &it.rule)).await?,
        subscriptions: SubscriptionNames::load(session, of, as_of).await?,
        teams: TeamNames::load(session, as_of).await?,
    };
    let effects = Effects::load(session, of, as_of, postern.clock.now()).await?;
    let rows = records
        .into_iter()
        .map(|record| finding_row(record, &names, &effects))
        .collect::<Result<_, _>>()?;
    Ok((rows, more, unseen))
}

fn worst(findings: &[FindingRowView]) -> Option<Severity> {
    let failing = findings.iter().filter(|row| row.state.counts_as_open());
    failing.map(|row| row.severity).min()
}

/// What everybody is called who did something, or answers for it.
async fn people(
    session: &mut PgConnection,
    exception: &Exception,
    acts: &[ActRecord],
) -> Result<BTreeMap<PersonId, String>, ReadError> {
    let mut people: Vec<PersonId> = exception.editors.iter().copied().collect();
    people.push(exception.request.owner);
    people.extend(acts.iter().filter_map(|act| Some(act.by.as_ref()?.0)));
    Ok(person::names(session, &people).await?)
}

fn record(
    exception: &Exception,
    subject: &Subject,
    findings: &[FindingRowView],
    names: &BTreeMap<PersonId, String>,
    count: usize,
) -> ExceptionRecord {
    let name = |person: PersonId| names.get(&person).cloned().unwrap_or_else(|| person.to_string());
    let mut rules: Vec<_> = subject.covered.values().map(|failure| failure.rule.clone()).collect();
    rules.extend(findings.iter().map(|row| row.rule.clone()));
    rules.sort();
    rules.dedup();
    ExceptionRecord {
        requester: exception.filed().map(|filed| name(filed.by)),
        owner: name(exception.request.owner),
        findings: u32::try_from(count).unwrap_or(u32::MAX),
        rules,
        exception: exception.clone(),
    }
}

fn granted(
    exception: &Exception,
    names: &BTreeMap<PersonId, String>,
) -> (Option<GrantView>, Vec<ApprovalView>) {
    let view = |approval: &Approval| ApprovalView {
        by: names.get(&approval.by).cloned().unwrap_or_else(|| approval.by.to_string()),
        at: approval.at,
        until: approval.until,
        conditions: approval.conditions.as_ref().map(ToString::to_string),
        later_assets: approval.later_assets,
    };
    let of = |grant: &Grant, ended_at| GrantView {
        from: grant.from,
        until: grant.until,
        later_assets: grant.later_assets,
        ended_at,
    };
    match &exception.state {
        State::Requested { approvals, .. } => {
            (None, approvals.iter().map(|pending| view(&pending.approval)).collect())
        }
        State::Approved { grant, .. } => {
            (Some(of(grant, None)), grant.approvals.iter().map(view).collect())
        }
        State::Ended { grant, at, .. } => {
            (Some(of(grant, Some(*at))), grant.approvals.iter().map(view).collect())
        }
        State::Draft | State::Withdrawn { .. } | State::Rejected { .. } => (None, Vec::new()),
    }
}

fn covered(row: FindingRowView, exception: &Exception) -> CoveredView {
    let accepted = exception.grant().and_then(|grant| grant.covered.get(&row.id)).map(|covered| {
        AcceptedView {
            severity: covered.accepted.severity,
            verdict: covered.accepted.verdict,
            void: covered.void.as_ref().map(|void| (void.worsening.clone(), void.at, void.by)),
        }
    });
    CoveredView { row, accepted }
}

fn act_view(record: &ActRecord, asked_until: OffsetDateTime) -> ActView {
    let by = match (&record.by, record.act.as_ref().map(|act| act.deed.by())) {
        (Some((_, name)), _) => name.clone(),
        (None, Some(ActedBy::Evaluation(evaluation))) => format!("evaluation {evaluation}"),
        (None, Some(ActedBy::Person(person))) => person.to_string(),
        (None, None) => String::new(),
    };
    let (deed, text, until, findings) = match record.act.as_ref().map(|Act { deed, .. }| deed) {
        None => ("drafted", None, None, None),
        Some(Deed::Edit { request, .. }) => ("changed", None, Some(request.until), None),
        Some(Deed::File { .. }) => ("filed", None, Some(asked_until), None),
        Some(Deed::Approve(agreement)) => {
            let conditions = agreement.conditions.as_ref().map(ToString::to_string);
            ("approved", conditions, Some(agreement.until), None)
        }
        Some(Deed::Reject { reason, .. }) => ("rejected", Some(reason.to_string()), None, None),
        Some(Deed::Withdraw { .. }) => ("withdrawn", None, None, None),
        Some(Deed::Revoke { reason, .. }) => ("revoked", Some(reason.to_string()), None, None),
        Some(Deed::Supersede { extension, .. }) => {
            ("superseded", Some(format!("by {}", extension.extension())), None, None)
        }
        Some(Deed::Void { findings, .. }) => ("void", None, None, Some(findings.len())),
        Some(Deed::Cover { findings, .. }) => ("covers more", None, None, Some(findings.len())),
    };
    ActView { at: record.at, by, deed, text, until, findings }
}

/// What whoever acts may do to it now: by the same checks that an act goes through.
async fn rights(
    postern: &Postern,
    session: &mut PgConnection,
    of: ConnectionId,
    exception: &Exception,
    scope: ApproverScope,
    now: OffsetDateTime,
) -> Result<ExceptionRights, ExceptionError> {
    let actor = postern.actor();
    let Some(person) = actor.person() else {
        let why = ExceptionError::Nobody.to_string();
        return Ok(ExceptionRights { why_not_decide: Some(why), ..ExceptionRights::default() });
    };
    let status = exception.status(now);
    let is_editor = exception.editors.contains(&person);
    let is_open = matches!(status, ExceptionStatus::Draft | ExceptionStatus::Requested);
    let may_ask = match actor.require(Permission::AskForExceptions) {
        Ok(()) => complaint(postern, session, of, &exception.request.covers).await?.is_none(),
        Err(_) => false,
    };
    let decides = actor.require(Permission::DecideOnExceptions);
    let why_not_decide = match (status, &decides) {
        (ExceptionStatus::Requested, _) if exception.filed().is_some_and(|it| it.by == person) => {
            Some(Refusal::OwnRequest.to_string())
        }
        (ExceptionStatus::Requested, _) if is_editor => Some(Refusal::OwnWork.to_string()),
        (ExceptionStatus::Requested, Err(denied)) => Some(denied.to_string()),
        (ExceptionStatus::Requested, _) if scope == ApproverScope::Missing => {
            Some(Refusal::ScopeMissing.to_string())
        }
        (ExceptionStatus::Requested, _) if exception.has_agreed(person, now) => {
            Some(Refusal::AlreadyApproved.to_string())
        }
        _ => None,
    };
    let in_scope = decides.is_ok() && scope == ApproverScope::Held;
    let can_extend = matches!(status, ExceptionStatus::Approved | ExceptionStatus::Expired);
    Ok(ExceptionRights {
        edit: is_open && may_ask,
        withdraw: is_open && is_editor,
        decide: status == ExceptionStatus::Requested && why_not_decide.is_none(),
        why_not_decide,
        revoke: status == ExceptionStatus::Approved && in_scope,
        extend: can_extend && may_ask,
        discuss: actor.require(Permission::DiscussExceptions).is_ok(),
    })
}

//! Which findings were accepted at a moment, from what was done to exceptions by then.

use std::collections::BTreeMap;
use std::sync::Arc;

use postern_domain::exception::Exception;
use postern_domain::exception::grant::Approval;
use postern_domain::exception::status::{EffectiveStatus, effective};
use postern_domain::finding::FindingState;
use postern_domain::id::{ConnectionId, ExceptionId, FindingId, PersonId};
use postern_report::model::ReportException;
use postern_store::read::exception;
use postern_store::{PgConnection, StoreError};
use time::OffsetDateTime;

/// The exceptions in force at a moment.
pub(super) struct Exceptions {
    at: OffsetDateTime,
    in_force: BTreeMap<ExceptionId, Exception>,
    /// Which of them cover a finding.
    covering: BTreeMap<FindingId, Vec<ExceptionId>>,
    /// Each as the report has it.
    described: BTreeMap<ExceptionId, Arc<ReportException>>,
}

impl Exceptions {
    pub(super) async fn read(
        connection: &mut PgConnection,
        of: ConnectionId,
        at: OffsetDateTime,
    ) -> Result<Self, StoreError> {
        let in_force: BTreeMap<_, _> = exception::in_force(connection, of, at)
            .await?
            .into_iter()
            .map(|exception| (exception.id, exception))
            .collect();
        let mut covering: BTreeMap<FindingId, Vec<ExceptionId>> = BTreeMap::new();
        for (id, exception) in &in_force {
            for finding in exception.grant().into_iter().flat_map(|grant| grant.covered.keys()) {
                covering.entry(*finding).or_default().push(*id);
            }
        }
        let approvals: Vec<_> = in_force
            .values()
            .flat_map(|exception| approvals(exception).iter().map(|it| (exception.id, it)))
            .collect();
        let names = exception::approvers(connection, &approvals).await?;
        let described = in_force
            .values()
            .filter_map(|it| Some((it.id, Arc::new(described(it, &names)?))))
            .collect();
        Ok(Self { at, in_force, covering, described })
    }

    /// All of them, in the order of their ids.
    pub(super) fn all(&self) -> Vec<Arc<ReportException>> {
        self.described.values().cloned().collect()
    }

    /// The exception by which a finding in this state is accepted.
    pub(super) fn of(
        &self,
        finding: FindingId,
        state: FindingState,
    ) -> Option<Arc<ReportException>> {
        let covering = self.covering.get(&finding)?;
        let covering = covering.iter().filter_map(|id| self.in_force.get(id));
        match effective(finding, state, covering, self.at) {
            EffectiveStatus::Excepted { exception, .. } => self.described.get(&exception).cloned(),
            _ => None,
        }
    }
}

/// An exception as a report has it; `None` where nothing was granted.
fn described(
    exception: &Exception,
    names: &BTreeMap<(ExceptionId, PersonId), String>,
) -> Option<ReportException> {
    let id = exception.id;
    let name = |approval: &Approval| {
        let name = names.get(&(id, approval.by)).cloned();
        name.unwrap_or_else(|| approval.by.to_string())
    };
    let grant = exception.grant()?;
    let mut conditions: Vec<String> = Vec::new();
    for said in grant.approvals.iter().filter_map(|approval| approval.conditions.as_ref()) {
        let said = said.to_string();
        if !conditions.contains(&said) {
            conditions.push(said);
        }
    }
    let filed = exception.filed()?;
    let request = &exception.request;
    Some(ReportException {
        id,
        reason: request.reason,
        justification: request.justification.to_string(),
        compensating_control: request.compensating_control.as_ref().map(ToString::to_string),
        requested_by: filed.by,
        requested_at: filed.at,
        approved_at: grant.from,
        until: grant.until,
        approvers: grant.approvals.iter().map(name).collect(),
        conditions,
    })
}

fn approvals(exception: &Exception) -> &[Approval] {
    exception.grant().map_or(&[], |grant| &grant.approvals)
}

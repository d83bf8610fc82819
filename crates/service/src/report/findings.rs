//! Reading findings one after another, each with its rule and its asset.

use std::pin::pin;

use futures::StreamExt as _;
use postern_domain::finding::FindingState;
use postern_domain::id::{ConnectionId, FindingId};
use postern_report::model::{ReportAsset, ReportFinding, Resolution};
use postern_store::read;
use postern_store::read::LongRead;
use postern_store::read::asset::AssetIdentity;
use postern_store::read::history::PastFinding;
use time::OffsetDateTime;
use tokio::sync::mpsc;

use super::ReportError;
use super::exceptions::Exceptions;
use super::model::Rules;
use crate::read::{ReadError, TeamNames};

/// Findings go to the writer so many at a time: one at a time, both would spend their time waking each other.
const AT_A_TIME: usize = 128;

/// What the reader hands to the writer.
pub(super) enum Batch {
    /// Some findings.
    Some(Vec<ReportFinding>),
    /// There are no more.
    End,
    /// No more can be read.
    Failed(ReportError),
}

/// What describes findings.
pub(super) struct Describing {
    pub(super) rules: Rules,
    pub(super) exceptions: Exceptions,
    pub(super) teams: TeamNames,
}

/// The findings of a connection as of a moment, yet to be read.
pub(super) struct Findings {
    pub(super) reading: LongRead,
    pub(super) connection: ConnectionId,
    pub(super) as_of: OffsetDateTime,
    /// Which of them; `None` for all.
    pub(super) only: Option<Vec<FindingId>>,
    pub(super) describing: Describing,
}

impl Findings {
    /// Reads them all, as fast as they are taken.
    pub(super) async fn read(self, to: mpsc::Sender<Batch>) {
        let last = match self.read_all(&to).await {
            Ok(()) => Batch::End,
            Err(error) => Batch::Failed(error),
        };
        // Where nobody takes it, nobody waits for it.
        let _ = to.send(last).await;
    }

    async fn read_all(self, to: &mpsc::Sender<Batch>) -> Result<(), ReportError> {
        let Self { mut reading, connection, as_of, only, mut describing } = self;
        {
            let findings = read::history::findings(reading.session(), connection, as_of, only);
            let mut findings = pin!(findings.chunks(AT_A_TIME));
            while let Some(batch) = findings.next().await {
                let described = batch.into_iter().map(|finding| describing.describe(finding?));
                let described: Vec<_> = described.collect::<Result<_, ReadError>>()?;
                if to.send(Batch::Some(described)).await.is_err() {
                    return Ok(());
                }
            }
        }
        Ok(reading.end().await?)
    }
}

impl Describing {
    fn describe(&mut self, finding: PastFinding) -> Result<ReportFinding, ReadError> {
        let rule = self.rules.find(&finding)?;
        let asset = finding.asset.ok_or(ReadError::AssetWithoutHistory(finding.asset_id))?;
        let team = finding.team.map(|team| self.teams.view(team));
        let is_resolved = finding.state == FindingState::Resolved;
        let (severity, summary, evidence) = match finding.verdict {
            Some(verdict) if !is_resolved => (verdict.severity, verdict.summary, verdict.evidence),
            // Why it ended, with what the verdict that ended it rests on.
            Some(verdict) => (finding.event_severity, finding.detail, verdict.evidence),
            None => (finding.event_severity, finding.detail, Vec::new()),
        };
        Ok(ReportFinding {
            id: finding.id,
            rule,
            severity,
            state: finding.state,
            summary,
            evidence,
            read_at: asset.last_read_at,
            asset: report_asset(asset.identity),
            owner: team.as_ref().map(|team| team.name.clone()),
            team: team.map(|team| team.id.to_string()),
            first_seen_at: finding.first_seen_at,
            opened_at: finding.opened_at,
            changed_at: finding.changed_at,
            resolution: is_resolved
                .then_some(Resolution { at: finding.changed_at, event: finding.event }),
            exception: self.exceptions.of(finding.id, finding.state),
        })
    }
}

fn report_asset(identity: AssetIdentity) -> ReportAsset {
    ReportAsset {
        arm_id: identity.arm_id,
        name: identity.name,
        asset_type: identity.asset_type,
        kind: identity.kind,
        location: identity.location,
        subscription: identity.subscription,
        resource_group: identity.resource_group,
    }
}

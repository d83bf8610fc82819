//! Filling the report model from what was known at a moment.

use std::collections::BTreeMap;

use postern_domain::arm::AssetId;
use postern_domain::digest::Digest;
use postern_domain::finding::FindingState;
use postern_domain::id::RuleId;
use postern_domain::pack::PackOrigin;
use postern_domain::rule::{PackManifest, RuleManifest};
use postern_report::model::{
    Coverage, ReportAsset, ReportFinding, ReportModel, ReportPack, Resolution,
};
use postern_store::read::asset::AssetIdentity;
use postern_store::read::evaluation::EvaluationRecord;
use postern_store::read::history::{PastAsset, PastFinding};
use postern_store::read::tally::TalliesOf;
use postern_store::{PgConnection, decision, read, rules};
use time::OffsetDateTime;

use super::exceptions::Exceptions;
use crate::exception::keep_apart;
use crate::read::{Chosen, ReadError};

/// Points in a report's trend: as many as on the overview.
const TREND_POINTS: u32 = 400;

/// Everything that was known of the connection at `as_of`, when `evaluation` was its latest.
pub(super) async fn read(
    connection: &mut PgConnection,
    chosen: &Chosen,
    evaluation: &EvaluationRecord,
    as_of: OffsetDateTime,
) -> Result<ReportModel, ReadError> {
    let of = chosen.id;
    let coverage = read::evaluation::coverage(connection, evaluation.snapshot).await?;
    let mut trend = read::trend::list(connection, of, Some(as_of), TREND_POINTS).await?;
    keep_apart(connection, of, &mut trend, &TalliesOf::All, None).await?;
    let packs = read::evaluation::packs(connection, evaluation.id).await?;
    let findings = read::history::findings(connection, of, as_of).await?;
    let exceptions = Exceptions::read(connection, of, as_of).await?;
    let assets = read::history::assets(connection, of, as_of).await?;
    let digests: Vec<Digest> = packs
        .iter()
        .map(|pack| pack.digest)
        .chain(findings.iter().map(|finding| finding.pack))
        .collect();
    let origins = rules::origins_at(connection, &digests, evaluation.id).await?;
    let manifests = read::rule::manifests(connection, &digests).await?;
    let active: Vec<Digest> = packs.iter().map(|pack| pack.digest).collect();
    let rules = Rules::new(&active, &manifests, &origins);
    let name = &chosen.choice.selected.name;
    let last = trend.last();
    Ok(ReportModel {
        organisation: name.clone(),
        connection: name.clone(),
        is_demo: chosen.is_simulated,
        as_of,
        scan: Some(evaluation.scan),
        evaluation: Some(evaluation.id),
        engine: evaluation.engine.clone(),
        decisions: decision::head(connection, Some(as_of)).await?,
        packs: packs
            .into_iter()
            .map(|pack| ReportPack {
                name: pack.name,
                version: pack.version,
                digest: pack.digest,
                origin: origins.get(&pack.digest).cloned(),
                problem: pack.problem,
            })
            .collect(),
        coverage: Coverage {
            listings: coverage.listings,
            checks: last.map(|point| point.checks).unwrap_or_default(),
            assets: last.map(|point| point.assets).unwrap_or_default(),
            assets_unread: last.map(|point| point.assets_unread).unwrap_or_default(),
        },
        gaps: coverage.gaps,
        findings: findings
            .into_iter()
            .map(|finding| {
                let exception = exceptions.of(finding.id, finding.state);
                Ok(ReportFinding { exception, ..report_finding(finding, &assets, &rules)? })
            })
            .collect::<Result<_, ReadError>>()?,
        trend,
    })
}

/// Who describes a rule: the pack that judged in the evaluation, else the pack of the last verdict.
struct Rules<'a> {
    active: BTreeMap<&'a RuleId, (Digest, &'a RuleManifest)>,
    manifests: &'a BTreeMap<Digest, PackManifest>,
    /// What vouched for the packs, where that was recorded by then.
    origins: &'a BTreeMap<Digest, PackOrigin>,
}

impl<'a> Rules<'a> {
    fn new(
        active: &[Digest],
        manifests: &'a BTreeMap<Digest, PackManifest>,
        origins: &'a BTreeMap<Digest, PackOrigin>,
    ) -> Self {
        let active = active
            .iter()
            .filter_map(|digest| Some((*digest, manifests.get(digest)?)))
            .flat_map(|(digest, manifest)| {
                manifest.rules.iter().map(move |rule| (&rule.id, (digest, rule)))
            })
            .collect();
        Self { active, manifests, origins }
    }

    /// A verdict that did not change is not written again when a new version of its pack gives it,
    /// so a check that stands is described by the pack that judged last.
    fn find(&self, finding: &PastFinding) -> Result<(Digest, &'a RuleManifest), ReadError> {
        let standing =
            self.active.get(&finding.rule).filter(|_| finding.verdict.is_some()).copied();
        let before = || {
            let manifest = self.manifests.get(&finding.pack)?;
            let rule = manifest.rules.iter().find(|rule| rule.id == finding.rule)?;
            Some((finding.pack, rule))
        };
        standing.or_else(before).ok_or_else(|| ReadError::RuleWithoutPack(finding.rule.clone()))
    }
}

fn report_finding(
    finding: PastFinding,
    assets: &BTreeMap<AssetId, PastAsset>,
    rules: &Rules<'_>,
) -> Result<ReportFinding, ReadError> {
    let (pack, rule) = rules.find(&finding)?;
    let asset = assets
        .get(&finding.asset)
        .ok_or_else(|| ReadError::AssetWithoutHistory(finding.asset.clone()))?;
    let is_resolved = finding.state == FindingState::Resolved;
    let (severity, summary, evidence) = match finding.verdict {
        Some(verdict) if !is_resolved => (verdict.severity, verdict.summary, verdict.evidence),
        // Why it ended, with what the verdict that ended it rests on.
        Some(verdict) => (finding.event_severity, finding.detail, verdict.evidence),
        None => (finding.event_severity, finding.detail, Vec::new()),
    };
    Ok(ReportFinding {
        id: finding.id,
        title: rule.title.clone(),
        topic: rule.topic,
        severity,
        severity_reason: rule.severity_reason.clone(),
        rationale: rule.rationale.clone(),
        remediation: rule.remediation.clone(),
        rule: finding.rule,
        pack,
        pack_origin: rules.origins.get(&pack).cloned(),
        state: finding.state,
        summary,
        evidence,
        read_at: asset.last_read_at,
        asset: report_asset(asset.identity.clone()),
        owner: None,
        team: None,
        first_seen_at: finding.first_seen_at,
        opened_at: finding.opened_at,
        changed_at: finding.changed_at,
        resolution: is_resolved
            .then_some(Resolution { at: finding.changed_at, event: finding.event }),
        exception: None,
    })
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

//! Filling the report model from what was known at a moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use postern_domain::digest::Digest;
use postern_domain::framework::{ControlAssessment, Framework};
use postern_domain::id::{ConnectionId, RuleId};
use postern_domain::pack::PackOrigin;
use postern_domain::rule::PackManifest;
use postern_report::model::{
    Coverage, ReportControl, ReportFilter, ReportFramework, ReportHead, ReportPack, ReportRule,
};
use postern_store::read::evaluation::EvaluationRecord;
use postern_store::read::history::PastFinding;
use postern_store::read::tally::TalliesOf;
use postern_store::{PgConnection, decision, read, rules};
use time::OffsetDateTime;

use super::exceptions::Exceptions;
use super::findings::Describing;
use crate::Postern;
use crate::exception::keep_apart;
use crate::framework::judged;
use crate::read::{Chosen, ReadError, TeamNames};

/// Points in a report's trend: as many as on the overview.
const TREND_POINTS: u32 = 400;

/// Everything that was known of the connection at `as_of`, when `evaluation` was its latest: all but its findings, which
/// passed `filters`, and what describes these.
pub(super) async fn read(
    postern: &Postern,
    connection: &mut PgConnection,
    chosen: &Chosen,
    evaluation: &EvaluationRecord,
    as_of: OffsetDateTime,
    filters: Vec<ReportFilter>,
) -> Result<(ReportHead, Describing), ReadError> {
    let of = chosen.id;
    let coverage = read::evaluation::coverage(connection, evaluation.snapshot).await?;
    let mut trend = read::trend::list(connection, of, Some(as_of), TREND_POINTS).await?;
    keep_apart(connection, of, &mut trend, &TalliesOf::All, None).await?;
    let packs = read::evaluation::packs(connection, evaluation.id).await?;
    let exceptions = Exceptions::read(connection, of, as_of).await?;
    let mut digests = read::history::packs(connection, of, as_of).await?;
    digests.extend(packs.iter().map(|pack| pack.digest));
    let origins = rules::origins_at(connection, &digests, evaluation.id).await?;
    let manifests = read::rule::manifests(connection, &digests).await?;
    let frameworks = frameworks(postern, connection, of, as_of).await?;
    let active: Vec<Digest> = packs.iter().map(|pack| pack.digest).collect();
    let name = &chosen.choice.selected.name;
    let last = trend.last().cloned();
    if !filters.is_empty() {
        trend.clear();
    }
    let head = ReportHead {
        organisation: name.clone(),
        connection: name.clone(),
        is_demo: chosen.is_simulated,
        filters,
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
            checks: last.as_ref().map(|point| point.checks).unwrap_or_default(),
            assets: last.as_ref().map(|point| point.assets).unwrap_or_default(),
            assets_unread: last.as_ref().map(|point| point.assets_unread).unwrap_or_default(),
        },
        gaps: coverage.gaps,
        trend,
        exceptions: exceptions.all(),
        frameworks,
    };
    let rules = Rules::new(&active, manifests, origins);
    let teams = TeamNames::load(connection, Some(as_of)).await?;
    Ok((head, Describing { rules, exceptions, teams }))
}

/// Each framework with what can be said of its controls.
async fn frameworks(
    postern: &Postern,
    connection: &mut PgConnection,
    of: ConnectionId,
    as_of: OffsetDateTime,
) -> Result<Vec<ReportFramework>, ReadError> {
    let judged = judged(postern, connection, &[of], Some(as_of)).await?;
    let control = |assessed: ControlAssessment<'_>| {
        let control = assessed.control;
        ReportControl {
            id: control.id().clone(),
            title: control.title().map(str::to_owned),
            kind: control.kind(),
            status: assessed.status,
            reason: control.assessment().reason().map(str::to_owned),
            rules: control.rules().iter().map(|mapped| mapped.rule.clone()).collect(),
            not_run: assessed.not_run.into_iter().cloned().collect(),
            tally: assessed.tally,
        }
    };
    let framework = |framework: &Framework| ReportFramework {
        id: framework.id().clone(),
        name: framework.name(),
        version: framework.version().to_owned(),
        publisher: framework.publisher().to_owned(),
        controls: framework
            .assess(|rule| judged.states.of(rule))
            .into_iter()
            .map(control)
            .collect(),
    };
    Ok(judged.rulebook.catalogue().frameworks().iter().map(framework).collect())
}

/// Who describes a rule: the pack that judged in the evaluation, else the pack of the last verdict.
pub(super) struct Rules {
    active: BTreeMap<RuleId, Digest>,
    manifests: BTreeMap<Digest, PackManifest>,
    /// What vouched for the packs, where that was recorded by then.
    origins: BTreeMap<Digest, PackOrigin>,
    /// Those that findings were of, as the report has them: one of each, however many findings there are.
    described: BTreeMap<Digest, BTreeMap<RuleId, Arc<ReportRule>>>,
}

impl Rules {
    fn new(
        active: &[Digest],
        manifests: BTreeMap<Digest, PackManifest>,
        origins: BTreeMap<Digest, PackOrigin>,
    ) -> Self {
        let active = active
            .iter()
            .filter_map(|digest| Some((*digest, manifests.get(digest)?)))
            .flat_map(|(digest, pack)| pack.rules.iter().map(move |it| (it.id.clone(), digest)))
            .collect();
        Self { active, manifests, origins, described: BTreeMap::new() }
    }

    /// A verdict that did not change is not written again when a new version of its pack gives it,
    /// so a check that stands is described by the pack that judged last.
    pub(super) fn find(&mut self, finding: &PastFinding) -> Result<Arc<ReportRule>, ReadError> {
        let rule = &finding.rule;
        let standing = self.active.get(rule).filter(|_| finding.verdict.is_some());
        let pack = standing.copied().unwrap_or(finding.pack);
        if let Some(described) = self.described.get(&pack).and_then(|rules| rules.get(rule)) {
            return Ok(described.clone());
        }
        let manifest = self.manifests.get(&pack);
        let found = manifest.and_then(|manifest| manifest.rules.iter().find(|it| it.id == *rule));
        let found = found.ok_or_else(|| ReadError::RuleWithoutPack(rule.clone()))?;
        let described = Arc::new(ReportRule {
            id: found.id.clone(),
            title: found.title.clone(),
            topic: found.topic,
            severity_reason: found.severity_reason.clone(),
            rationale: found.rationale.clone(),
            remediation: found.remediation.clone(),
            pack,
            pack_origin: self.origins.get(&pack).cloned(),
        });
        self.described.entry(pack).or_default().insert(rule.clone(), described.clone());
        Ok(described)
    }
}

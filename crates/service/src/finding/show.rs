//! One finding with everything that a decision needs.

use postern_domain::canonical;
use postern_domain::digest::Digest;
use postern_domain::finding::Standing;
use postern_domain::id::{ConnectionId, FindingId};
use postern_domain::person::Sight;
use postern_domain::rule::{Remediation, RuleManifest};
use postern_engine::Pack;
use postern_store::read::detail::{EventRecord, FindingDetail};
use postern_store::read::evaluation::EvaluationRecord;
use postern_store::read::finding::{FindingFilter, FindingRecord};
use postern_store::{PgConnection, read};
use serde_json::Value;
use time::OffsetDateTime;

use super::list::row_view;
use crate::Postern;
use crate::exception::Effects;
use crate::moment::{history_begins, shown};
use crate::read::{
    Names, ReadError, RuleTitles, SubscriptionNames, TeamNames, choose_by_id, tallies_seen,
};
use crate::view::{FindingEventView, FindingView, PackView};

/// Other findings on the same asset at most.
const ON_SAME_ASSET: u32 = 20;

/// A finding, as of a moment or of now; `None` where there is none with this id, or was none then.
pub async fn show_finding(
    postern: &Postern,
    id: FindingId,
    as_of: Option<OffsetDateTime>,
) -> Result<Option<FindingView>, ReadError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let connection = &mut *transaction;
    let Some(of) = read::detail::connection_of(connection, id).await? else { return Ok(None) };
    let Some(chosen) = choose_by_id(connection, of).await? else { return Ok(None) };
    let shown = match shown(postern, connection, &chosen, as_of).await {
        // Whether there is one is not told of a moment of which nothing is known.
        Err(
            ReadError::TooEarly { .. } | ReadError::NotKept { .. } | ReadError::NothingEvaluated(_),
        ) if *postern.sight() != Sight::Everything => {
            return Ok(None);
        }
        shown => shown?,
    };
    let Some(latest) = &shown.evaluation else { return Ok(None) };
    let Some(detail) = read::detail::find(connection, id, latest.at).await? else {
        return Ok(None);
    };
    let one = FindingFilter::new(of).as_of(as_of).finding(id);
    let Some(record) = read::finding::page(connection, &one, None, 1).await?.pop() else {
        return Ok(None);
    };
    // What somebody does not see is not there.
    let sight = postern.sight();
    if !sight.holds(record.owner.as_ref()) {
        return Ok(None);
    }
    let reading = read::asset::last_reading(connection, of, &detail.asset, as_of).await?;
    let Some(reading) = reading else { return Ok(None) };
    let events = read::detail::events(connection, id, latest.at).await?;
    let kept_from = history_begins(connection, of).await?;
    let first_seen_at = record.first_seen_at;
    let effects = Effects::load(connection, of, as_of, postern.clock.now()).await?;
    let (neighbours, more_on_same_asset) =
        neighbours(connection, &detail, id, (as_of, sight), &effects).await?;
    let rules = neighbours.iter().map(|neighbour| &neighbour.rule).chain([&detail.rule]);
    let names = Names {
        rules: RuleTitles::load(postern, connection, rules).await?,
        subscriptions: SubscriptionNames::load(connection, of, as_of).await?,
        teams: TeamNames::load(connection, as_of).await?,
    };
    let (pack, rule) = described(postern, connection, &detail, latest).await?;
    Ok(Some(FindingView {
        as_of: shown.view(),
        connection: chosen.choice.selected,
        unread: reading.unread_reason.map(|reason| reason.message),
        last_read_at: reading.last_read_at,
        evidence_since: Some(detail.since),
        evaluation: last_judged(&detail, &events, latest),
        scan: latest.scan,
        rationale: rule.rationale.clone(),
        severity_reason: rule.severity_reason.clone(),
        remediation: filled_in(&rule.remediation, &record.identity.arm_id, &record.identity.name),
        reads: rule.reads.clone(),
        policies: rule.policies.clone(),
        policy_difference: rule.policy_difference.clone(),
        controls: rule.controls.clone(),
        exceptions: rule.exceptions.clone(),
        settings: rule.settings.clone(),
        references: rule.references.clone(),
        pack,
        document: indented(&reading.document),
        document_hash: reading.content_hash,
        source: reading.source,
        same_rule_open: same_rule_open(connection, &record, (of, as_of, sight), &effects).await?,
        on_same_asset: neighbours
            .into_iter()
            .map(|neighbour| row_view(neighbour, &names, &effects))
            .collect::<Result<_, _>>()?,
        more_on_same_asset,
        events: events.into_iter().map(event_view).collect(),
        events_kept_from: kept_from.filter(|kept_from| first_seen_at < *kept_from),
        row: row_view(record, &names, &effects)?,
        evidence: detail.evidence,
    }))
}

/// Other open findings on the same asset, and whether there are more.
async fn neighbours(
    connection: &mut PgConnection,
    detail: &FindingDetail,
    id: FindingId,
    (as_of, sight): (Option<OffsetDateTime>, &Sight),
    effects: &Effects,
) -> Result<(Vec<FindingRecord>, bool), ReadError> {
    let filter = FindingFilter::new(detail.connection)
        .as_of(as_of)
        .assets([&detail.asset])
        .standing(Standing::Open)
        .without(effects.excepted().map(|it| it.finding.finding));
    // One more, because the finding itself may be among them, and one that says that there are more.
    let mut records = read::finding::page(connection, &filter, None, ON_SAME_ASSET + 2).await?;
    records.retain(|record| record.key.id != id && sight.holds(record.owner.as_ref()));
    let shown = usize::try_from(ON_SAME_ASSET).expect("a small number");
    let more = records.len() > shown;
    records.truncate(shown);
    Ok((records, more))
}

/// How many findings of the rule are open on other assets.
async fn same_rule_open(
    connection: &mut PgConnection,
    record: &FindingRecord,
    (of, as_of, sight): (ConnectionId, Option<OffsetDateTime>, &Sight),
    effects: &Effects,
) -> Result<u64, ReadError> {
    let tallies = tallies_seen(connection, of, as_of, sight).await?;
    let of_rule = tallies.iter().filter(|tally| tally.rule == record.rule);
    let failing: u64 = of_rule
        .map(|tally| u64::from((tally.tally.open + tally.tally.not_rechecked).unsigned_abs()))
        .sum();
    let excepted = effects.excepted_seen(sight).filter(|it| it.finding.rule == record.rule);
    let open = failing.saturating_sub(u64::try_from(excepted.count()).unwrap_or_default());
    let itself = effects.status(record.key.id, record.state).counts_as_open();
    Ok(open.saturating_sub(u64::from(itself)))
}

/// What the rule said of itself, and the pack that it is of: that which judged in the evaluation, where the check stands,
/// else that which gave the last verdict.
async fn described(
    postern: &Postern,
    connection: &mut PgConnection,
    detail: &FindingDetail,
    evaluation: &EvaluationRecord,
) -> Result<(PackView, RuleManifest), ReadError> {
    let mut candidates = vec![detail.pack];
    if detail.is_current {
        let judged = read::evaluation::packs(connection, evaluation.id).await?;
        candidates.splice(0..0, judged.into_iter().map(|pack| pack.digest));
    }
    let loaded = postern.rules.packs();
    let of_loaded = |digest: &Digest| loaded.iter().find(|pack| pack.digest() == *digest);
    // A manifest is half a megabyte: those of loaded packs are not read again.
    let others: Vec<Digest> =
        candidates.iter().filter(|digest| of_loaded(digest).is_none()).copied().collect();
    let stored = read::rule::manifests(connection, &others).await?;
    let found = candidates.iter().find_map(|digest| {
        let manifest = of_loaded(digest).map(Pack::manifest).or_else(|| stored.get(digest))?;
        let rule = manifest.rules.iter().find(|rule| rule.id == detail.rule)?;
        Some((*digest, manifest, rule.clone()))
    });
    let (digest, manifest, rule) =
        found.ok_or_else(|| ReadError::RuleWithoutPack(detail.rule.clone()))?;
    let pack = PackView {
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        digest,
        origin: postern.rules.origins(connection, &[digest]).await?.remove(&digest),
    };
    Ok((pack, rule))
}

/// A check that stands was judged by the latest evaluation, changed or not; one that ended, last by the one that ended it.
fn last_judged(
    detail: &FindingDetail,
    events: &[EventRecord],
    latest: &EvaluationRecord,
) -> postern_domain::id::EvaluationId {
    match events.last() {
        Some(event) if !detail.is_current => event.evaluation,
        _ => latest.id,
    }
}

/// With the asset's own id and name in the commands and templates.
fn filled_in(remediation: &Remediation, arm_id: &str, name: &str) -> Remediation {
    let fill = |text: &String| text.replace("$ID", arm_id).replace("$NAME", name);
    Remediation {
        summary: fill(&remediation.summary),
        az: remediation.az.as_ref().map(fill),
        bicep: remediation.bicep.as_ref().map(fill),
        terraform: remediation.terraform.as_ref().map(fill),
        portal: remediation.portal.as_ref().map(fill),
    }
}

/// Indented, with keys in the order of the alphabet: the database does not keep the order in which Azure wrote them.
fn indented(document: &Value) -> String {
    let sorted: Value =
        serde_json::from_str(&canonical::text(document)).expect("canonical text is JSON");
    serde_json::to_string_pretty(&sorted).expect("a value's keys are strings")
}

fn event_view(event: EventRecord) -> FindingEventView {
    FindingEventView {
        at: event.at,
        event: event.event,
        scan: event.scan,
        severity: event.severity,
        detail: event.detail,
        cause: event.cause,
    }
}

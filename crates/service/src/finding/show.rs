//! One finding with everything that a decision needs.

use postern_domain::canonical;
use postern_domain::finding::FindingState;
use postern_domain::id::FindingId;
use postern_domain::rule::{Remediation, RuleManifest};
use postern_store::read::detail::{EventRecord, FindingDetail};
use postern_store::read::evaluation::EvaluationRecord;
use postern_store::read::finding::{FindingFilter, FindingRecord};
use postern_store::{PgConnection, read};
use serde_json::Value;

use super::list::row_view;
use crate::Postern;
use crate::read::{Names, ReadError, RuleTitles, SubscriptionNames, connection_of};
use crate::view::{FindingEventView, FindingView, PackView};

/// Other findings on the same asset at most.
const ON_SAME_ASSET: u32 = 20;

/// A finding; `None` where there is none with this id.
pub async fn show_finding(
    postern: &Postern,
    id: FindingId,
) -> Result<Option<FindingView>, ReadError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let connection = &mut *transaction;
    let Some(detail) = read::detail::find(connection, id).await? else { return Ok(None) };
    let of = detail.connection;
    let one = FindingFilter::new(of).finding(id);
    let Some(record) = read::finding::page(connection, &one, None, 1).await?.pop() else {
        return Ok(None);
    };
    let Some(reading) = read::asset::last_reading(connection, of, &detail.asset).await? else {
        return Ok(None);
    };
    let Some(latest) = read::evaluation::latest(connection, of, None).await? else {
        return Ok(None);
    };
    let events = read::detail::events(connection, id).await?;
    let (neighbours, more_on_same_asset) = neighbours(connection, &detail, id).await?;
    let rules = neighbours.iter().map(|neighbour| &neighbour.rule).chain([&detail.rule]);
    let names = Names {
        rules: RuleTitles::load(postern, connection, rules).await?,
        subscriptions: SubscriptionNames::load(connection, of).await?,
    };
    let rule = rule_of(&detail)?;
    Ok(Some(FindingView {
        connection: connection_of(connection, of).await?,
        unread: reading.unread_reason.map(|reason| reason.message),
        last_read_at: reading.last_read_at,
        evidence_since: Some(detail.since),
        evaluation: last_judged(&detail, &events, &latest),
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
        pack: PackView {
            name: detail.manifest.name.clone(),
            version: detail.manifest.version.clone(),
            digest: detail.pack,
            origin: postern.rules.origins(connection, &[detail.pack]).await?.remove(&detail.pack),
        },
        document: indented(&reading.document),
        document_hash: reading.content_hash,
        source: reading.source,
        same_rule_open: read::detail::count_same_rule_open(
            connection,
            of,
            &detail.rule,
            &detail.asset,
        )
        .await?,
        on_same_asset: neighbours
            .into_iter()
            .map(|neighbour| row_view(neighbour, &names))
            .collect::<Result<_, _>>()?,
        more_on_same_asset,
        events: events.into_iter().map(event_view).collect(),
        row: row_view(record, &names)?,
        evidence: detail.evidence,
    }))
}

/// Other open findings on the same asset, and whether there are more.
async fn neighbours(
    connection: &mut PgConnection,
    detail: &FindingDetail,
    id: FindingId,
) -> Result<(Vec<FindingRecord>, bool), ReadError> {
    let filter = FindingFilter::new(detail.connection)
        .asset(&detail.asset)
        .states(&[FindingState::Open, FindingState::NotRechecked]);
    // One more, because the finding itself may be among them, and one that says that there are more.
    let mut records = read::finding::page(connection, &filter, None, ON_SAME_ASSET + 2).await?;
    records.retain(|record| record.key.id != id);
    let shown = usize::try_from(ON_SAME_ASSET).expect("a small number");
    let more = records.len() > shown;
    records.truncate(shown);
    Ok((records, more))
}

fn rule_of(detail: &FindingDetail) -> Result<&RuleManifest, ReadError> {
    let rule = detail.manifest.rules.iter().find(|rule| rule.id == detail.rule);
    rule.ok_or_else(|| ReadError::RuleWithoutPack(detail.rule.clone()))
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
    }
}

//! One resource with all that is known of it.

mod history;

use std::collections::BTreeMap;

use postern_domain::arm::AssetId;
use postern_domain::asset::{Asset, AssetDocument};
use postern_domain::canonical;
use postern_domain::exception::status::EffectiveStatus;
use postern_domain::exposure::{self, Exposure};
use postern_domain::fact::{Fact, summary};
use postern_domain::finding::Standing;
use postern_domain::id::{AssetNumber, ConnectionId, RuleId, ScanId};
use postern_domain::person::{Permission, Sight};
use postern_domain::team::{Catch, Routing, TeamId};
use postern_domain::verdict::{Topic, Verdict};
use postern_store::read::asset::{AssetIdentity, AssetReading};
use postern_store::read::finding::{FindingFilter, FindingRecord};
use postern_store::read::resource::life::{self, ChangeRecord};
use postern_store::{PgConnection, StoreError, read, team};
use serde_json::Value;
use time::OffsetDateTime;

use super::portal::portal;
use crate::Postern;
use crate::exception::Effects;
use crate::finding::row_view;
use crate::moment::{history_begins, shown};
use crate::read::{
    Names, ReadError, RuleTitles, SubscriptionNames, TeamNames, asset_view, choose_by_id,
};
use crate::view::{
    CoveringException, FactView, FindingCounts, FindingRowView, ResourceChange, ResourceState,
    ResourceView, TopicPosture,
};

/// Findings of a resource that are shown at most.
const SHOWN: u32 = 50;
/// Findings of a resource that are read at most: there is one for each rule.
const FINDINGS: u32 = 1_000;

/// A resource asked for.
#[derive(Clone, Copy, Debug)]
pub struct ResourceRequest {
    /// Its number.
    pub number: AssetNumber,
    /// A moment in the past to look at; `None` for now.
    pub as_of: Option<OffsetDateTime>,
    /// Two scans to compare it after.
    pub compare: Option<(ScanId, ScanId)>,
}

/// A resource, as of a moment or of now, deleted ones included; `None` where there is none with this number, or was none
/// then, and where whoever asks does not see it.
pub async fn show_resource(
    postern: &Postern,
    request: ResourceRequest,
) -> Result<Option<ResourceView>, ReadError> {
    let ResourceRequest { number, as_of, compare } = request;
    let mut transaction = read::begin(&postern.pool).await?;
    let connection = &mut *transaction;
    let Some((of, id)) = read::resource::find(connection, number).await? else { return Ok(None) };
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
    let until = as_of.unwrap_or(latest.at);
    let found = life::identity(connection, of, &id, until).await?;
    let Some((identity, first_seen_at)) = found else { return Ok(None) };
    let owner = life::owner(connection, number, until).await?;
    // What somebody does not see is not there.
    if !postern.sight().holds(owner.as_ref()) {
        return Ok(None);
    }
    let reading = read::asset::last_reading(connection, of, &id, as_of).await?;
    let Some(reading) = reading else { return Ok(None) };
    let document = reading.parsed()?;
    let (changes, has_earlier_changes) = history::changes(connection, (of, &id), until).await?;
    let comparison = history::compare(connection, (of, &id), until, compare).await?;
    let state = state(&reading, changes.first());
    let effects = Effects::load(connection, of, as_of, postern.clock.now()).await?;
    let findings = findings(connection, of, &id, as_of).await?;
    let verdicts = life::verdicts(connection, number, until).await?;
    let rules = findings.iter().map(|finding| &finding.rule).chain(verdicts.iter().map(|it| &it.0));
    let routing = team::routing(connection, as_of).await?;
    let asset = asset_of(&id, &identity, &document);
    let owned_by = state.is_there().then(|| owned_by(&routing, &asset, owner.as_ref())).flatten();
    let names = Names {
        rules: RuleTitles::load(postern, connection, rules).await?,
        subscriptions: SubscriptionNames::load(connection, of, as_of).await?,
        teams: TeamNames::of(routing),
    };
    let (public_network, key_sign_in) = exposures(&asset, &state);
    let endpoints = life::endpoints(connection, of).await?;
    let kept_from = history_begins(connection, of).await?;
    Ok(Some(ResourceView {
        as_of: shown.view(),
        connection: chosen.choice.selected,
        number,
        portal: portal(&endpoints, chosen.is_simulated, &identity.arm_id),
        owner: owner.map(|owner| names.teams.view(owner)),
        owned_by,
        tags: tags(&document),
        first_seen_at,
        last_read_at: reading.last_read_at,
        source: reading.source,
        public_network,
        key_sign_in,
        topics: posture(&verdicts, &findings, &effects, &names)?,
        counts: count(&findings, &effects),
        exceptions: covering(&findings, &effects, &names)?,
        open: open(findings, &effects, &names)?,
        configuration: indented(&document.resource),
        document_hash: reading.content_hash,
        facts: facts(&document),
        changes: changes.into_iter().map(|(_, change)| change).collect(),
        has_earlier_changes,
        changes_kept_from: kept_from.filter(|kept_from| first_seen_at < *kept_from),
        comparison,
        may_see_scans: postern.require(Permission::ReadEverything).is_ok(),
        asset: asset_view(identity, &names.subscriptions),
        state,
    }))
}

/// The asset as a scan read it, for what goes by its identity and document.
fn asset_of(id: &AssetId, identity: &AssetIdentity, document: &AssetDocument) -> Asset {
    Asset {
        id: id.clone(),
        arm_id: identity.arm_id.clone(),
        asset_type: identity.asset_type.clone(),
        name: identity.name.clone(),
        kind: identity.kind.clone(),
        location: identity.location.clone(),
        subscription: identity.subscription.clone(),
        resource_group: identity.resource_group.clone(),
        document: document.clone(),
        source: String::new(),
    }
}

/// Whether it is there: by the last thing that a snapshot changed of it.
fn state(reading: &AssetReading, last: Option<&(ChangeRecord, ResourceChange)>) -> ResourceState {
    let after = reading.last_read_at;
    if let Some(reason) = &reading.unread_reason {
        return ResourceState::Unread { reason: reason.clone() };
    }
    match last.map(|(change, _)| (change.change.as_str(), change.at)) {
        Some(("deleted", by)) => ResourceState::Deleted { after, by },
        Some(("out_of_scope", by)) => ResourceState::OutOfScope { after, by },
        _ => ResourceState::Read,
    }
}

/// Why it is whose it is; `None` where there are no teams.
fn owned_by(routing: &Routing, asset: &Asset, owner: Option<&TeamId>) -> Option<String> {
    if routing.teams.is_empty() {
        return None;
    }
    let (place, why) = match routing.catch(asset) {
        Catch::Undecided => {
            return Some(
                "What a rule goes by could not be read, so that it stays whose it was.".to_owned(),
            );
        }
        Catch::Nothing => (None, "no rule catches it".to_owned()),
        Catch::Rule(place) => {
            let scope = routing.rules.get(place).map(|rule| rule.scope.to_string());
            (Some(place), format!("rule {}: {}", place + 1, scope.unwrap_or_default()))
        }
    };
    let now = routing.team(place);
    if now == owner {
        return Some(format!("By {why}."));
    }
    let whose = now.map_or("nobody's", |team| routing.name(team));
    Some(format!("Until the next evaluation: then it is {whose}, by {why}."))
}

fn tags(document: &AssetDocument) -> Vec<(String, String)> {
    let tags = document.resource.get("tags").and_then(Value::as_object);
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut tags: Vec<(String, String)> =
        tags.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect();
    tags.sort();
    tags
}

/// What was not read, or is gone, is not told to be open or closed.
fn exposures(asset: &Asset, state: &ResourceState) -> (Exposure, Exposure) {
    let is_read = matches!(state, ResourceState::Read);
    let properties = asset.document.resource.get("properties").filter(|_| is_read);
    (
        exposure::public_network(&asset.asset_type, properties),
        exposure::key_sign_in(&asset.asset_type, properties),
    )
}

/// Every finding of an asset, in the order of lists.
async fn findings(
    connection: &mut PgConnection,
    of: ConnectionId,
    id: &AssetId,
    as_of: Option<OffsetDateTime>,
) -> Result<Vec<FindingRecord>, StoreError> {
    let filter = FindingFilter::new(of).as_of(as_of).assets([id]);
    read::finding::page(connection, &filter, None, FINDINGS).await
}

fn is_excepted(finding: &FindingRecord, effects: &Effects) -> bool {
    let status = effects.status(finding.key.id, finding.state);
    matches!(status, EffectiveStatus::Excepted { .. })
}

fn posture(
    verdicts: &[(RuleId, Verdict)],
    findings: &[FindingRecord],
    effects: &Effects,
    names: &Names,
) -> Result<Vec<TopicPosture>, ReadError> {
    let excepted: Vec<&RuleId> = findings
        .iter()
        .filter(|finding| is_excepted(finding, effects))
        .map(|finding| &finding.rule)
        .collect();
    let none = |topic: Topic| TopicPosture {
        topic,
        pass: 0,
        fail: 0,
        excepted: 0,
        unknown: 0,
        not_applicable: 0,
    };
    let mut topics: BTreeMap<Topic, TopicPosture> =
        Topic::ALL.iter().map(|topic| (*topic, none(*topic))).collect();
    for (rule, verdict) in verdicts {
        let topic = names.rules.topic(rule)?;
        let posture = topics.entry(topic).or_insert_with(|| none(topic));
        let count = match verdict {
            Verdict::Pass => &mut posture.pass,
            Verdict::Fail if excepted.contains(&rule) => &mut posture.excepted,
            Verdict::Fail => &mut posture.fail,
            Verdict::Unknown => &mut posture.unknown,
            Verdict::NotApplicable => &mut posture.not_applicable,
        };
        *count += 1;
    }
    Ok(topics.into_values().collect())
}

fn count(findings: &[FindingRecord], effects: &Effects) -> FindingCounts {
    let mut counts = FindingCounts::default();
    for finding in findings {
        let count = match finding.state.standing() {
            Standing::Open if is_excepted(finding, effects) => &mut counts.excepted,
            Standing::Open => &mut counts.open,
            Standing::Unknown => &mut counts.unknown,
            Standing::Resolved => &mut counts.resolved,
        };
        *count += 1;
    }
    counts
}

fn covering(
    findings: &[FindingRecord],
    effects: &Effects,
    names: &Names,
) -> Result<Vec<CoveringException>, ReadError> {
    let mut covering = Vec::new();
    for finding in findings {
        let status = effects.status(finding.key.id, finding.state);
        if let EffectiveStatus::Excepted { exception, until } = status {
            covering.push(CoveringException {
                exception,
                until,
                finding: finding.key.id,
                title: names.rules.title(&finding.rule)?.to_owned(),
                severity: finding.severity,
            });
        }
    }
    Ok(covering)
}

fn open(
    findings: Vec<FindingRecord>,
    effects: &Effects,
    names: &Names,
) -> Result<Vec<FindingRowView>, ReadError> {
    let shown = usize::try_from(SHOWN).expect("a small number");
    findings
        .into_iter()
        .filter(|finding| {
            finding.state.standing() == Standing::Open && !is_excepted(finding, effects)
        })
        .take(shown)
        .map(|finding| row_view(finding, names, effects))
        .collect()
}

fn facts(document: &AssetDocument) -> Vec<FactView> {
    let related = &document.related;
    let mut facts: Vec<FactView> = related
        .iter()
        .map(|(name, fact)| {
            let table = summary::table(name, fact, related);
            let (value, unread) = match fact {
                Fact::Read { value } => (Some(value), None),
                Fact::Unreadable { reason, partial } => (partial.as_ref(), Some(reason.clone())),
            };
            FactView {
                label: summary::label(name).to_owned(),
                name: name.clone(),
                entries: u64::try_from(summary::entries(fact).len()).unwrap_or(u64::MAX),
                unread,
                columns: table.columns,
                rows: table.rows,
                json: value.map(indented),
            }
        })
        .collect();
    // What was not read first: it is what somebody has to mend.
    facts.sort_by_key(|fact| {
        (fact.unread.is_none(), summary::position(&fact.name), fact.name.clone())
    });
    facts
}

/// Indented, with keys in the order of the alphabet: the database does not keep the order in which Azure wrote them.
fn indented(value: &Value) -> String {
    let sorted: Value =
        serde_json::from_str(&canonical::text(value)).expect("canonical text is JSON");
    serde_json::to_string_pretty(&sorted).expect("a value's keys are strings")
}

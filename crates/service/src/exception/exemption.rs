//! Azure Policy's exemptions beside Postern's exceptions, and how the two differ.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::exception::request::{ReasonCategory, StandingScope};
use postern_domain::exception::status::EffectiveStatus;
use postern_domain::exemption::{self, Exemption, ExemptionCategory};
use postern_domain::fact::Fact;
use postern_domain::id::{ConnectionId, FindingId, RuleId};
use postern_domain::person::Permission;
use postern_store::read::failure::{self, FailingAsset};
use postern_store::{PgConnection, read};
use serde_json::Value;
use time::OffsetDateTime;

use super::show::finding_rows;
use super::{Effects, ExceptionError};
use crate::Postern;
use crate::read::choose;
use crate::view::{Adoption, Drift, ExemptionView, ExemptionsView};

/// The exemptions of the connection called `connection`, or of the one shown by default, beside the exceptions for the
/// same; `None` where there is no such connection, or none yet.
pub async fn list_exemptions(
    postern: &Postern,
    connection: Option<&str>,
) -> Result<Option<ExemptionsView>, ExceptionError> {
    postern.require(Permission::ReadEverything)?;
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(chosen) = choose(&mut transaction, connection).await? else { return Ok(None) };
    let (of, now) = (chosen.id, postern.now());
    let effects = Effects::load(&mut transaction, of, None, now).await?;
    let until = |effect: &super::Effect| match effect.status {
        EffectiveStatus::Excepted { until, .. } => Some((effect.finding.finding, until)),
        _ => None,
    };
    let excepted: BTreeMap<FindingId, OffsetDateTime> =
        effects.excepted().filter_map(until).collect();
    let (found, unread) = exemptions(&mut transaction, of).await?;
    let rules = rules_of_policies(postern);
    let mut view = ExemptionsView {
        connections: chosen.choice,
        exemptions: Vec::new(),
        others: 0,
        only_here: Vec::new(),
        more_only_here: 0,
        unread,
    };
    let mut exempt = BTreeSet::new();
    let mut failures: BTreeMap<RuleId, Vec<FailingAsset>> = BTreeMap::new();
    for exemption in found {
        let about = exemption.definition.as_ref().and_then(|guid| rules.get(guid));
        let Some(about) = about else {
            view.others += 1;
            continue;
        };
        let mut beside_rules = Vec::new();
        for (rule, title) in about {
            if !failures.contains_key(rule) {
                let found = failure::of_rule(&mut transaction, of, rule).await?;
                failures.insert(rule.clone(), found);
            }
            let failing = failing(&failures[rule], exemption.scope.as_ref());
            if !exemption.is_over(now) {
                exempt.extend(failing.iter().copied());
            }
            let rule = (rule, title.as_str());
            beside_rules.push(beside(&exemption, rule, &failing, &excepted, now));
        }
        // Of a policy that several rules are about, those that fail nowhere say nothing beside one that does.
        let fails = beside_rules.iter().any(|it| it.failing > 0);
        beside_rules.retain(|it| it.failing > 0 || !fails);
        beside_rules.truncate(if fails { beside_rules.len() } else { 1 });
        view.exemptions.extend(beside_rules);
    }
    view.exemptions.sort_by_key(|one| (one.drift, one.expires, one.id.clone(), one.rule.clone()));
    let only_here: Vec<FindingId> = effects
        .excepted()
        .filter(|effect| rules.values().flatten().any(|(rule, _)| *rule == effect.finding.rule))
        .map(|effect| effect.finding.finding)
        .filter(|finding| !exempt.contains(finding))
        .collect();
    (view.only_here, view.more_only_here, _) =
        finding_rows(postern, &mut transaction, of, &only_here, None).await?;
    Ok(Some(view))
}

/// The exemptions of all subscriptions, each once, and the subscriptions of which they could not be read.
async fn exemptions(
    session: &mut PgConnection,
    of: ConnectionId,
) -> Result<(Vec<Exemption>, Vec<(String, String)>), ExceptionError> {
    let (mut found, mut unread) = (BTreeMap::new(), Vec::new());
    for policy in read::exemption::list(session, of).await? {
        let assignments = policy.assignments.as_ref().map_or(&Value::Null, answered);
        if let Some(exemptions) = &policy.exemptions {
            // What a management group passes down is in the list of each subscription below.
            let read = exemption::read(answered(exemptions), assignments);
            found.extend(read.into_iter().map(|it| (it.id.to_ascii_lowercase(), it)));
        }
        for fact in [&policy.exemptions, &policy.assignments].into_iter().flatten() {
            if let Fact::Unreadable { reason, .. } = fact {
                unread.push((policy.subscription.clone(), reason.message.clone()));
            }
        }
    }
    Ok((found.into_values().collect(), unread))
}

/// What Azure answered, to the end or not.
fn answered(fact: &Fact) -> &Value {
    match fact {
        Fact::Read { value } => value,
        Fact::Unreadable { partial, .. } => partial.as_ref().unwrap_or(&Value::Null),
    }
}

/// The rules that are about what a built-in policy is about, by its GUID.
fn rules_of_policies(postern: &Postern) -> BTreeMap<String, Vec<(RuleId, String)>> {
    let mut rules: BTreeMap<String, Vec<(RuleId, String)>> = BTreeMap::new();
    let packs = postern.rules.packs();
    for rule in packs.iter().flat_map(|pack| &pack.manifest().rules) {
        for policy in &rule.policies {
            let of_policy = rules.entry(policy.to_ascii_lowercase()).or_default();
            of_policy.push((rule.id.clone(), rule.title.clone()));
        }
    }
    rules
}

/// Those of a rule's failing findings that are in an exemption's scope; none where that is a management group.
fn failing(of_rule: &[FailingAsset], scope: Option<&StandingScope>) -> Vec<FindingId> {
    let is_exempt = |failing: &&FailingAsset| scope.is_some_and(|it| it.holds(&failing.asset));
    of_rule.iter().filter(is_exempt).map(|failing| failing.finding).collect()
}

fn beside(
    exemption: &Exemption,
    (rule, title): (&RuleId, &str),
    failing: &[FindingId],
    excepted: &BTreeMap<FindingId, OffsetDateTime>,
    now: OffsetDateTime,
) -> ExemptionView {
    let ends: Vec<OffsetDateTime> =
        failing.iter().filter_map(|finding| excepted.get(finding)).copied().collect();
    let drift = Drift::of(exemption, failing.len(), &ends, now);
    let count = |number: usize| u64::try_from(number).unwrap_or_default();
    let scope = exemption.scope.as_ref();
    ExemptionView {
        id: exemption.id.clone(),
        name: exemption.name.clone(),
        scope: scope.map_or_else(|| "a management group".to_owned(), in_words),
        category: exemption.category,
        description: exemption.description.clone(),
        expires: exemption.expires,
        rule: rule.clone(),
        title: title.to_owned(),
        failing: count(failing.len()),
        excepted: count(ends.len()),
        drift,
        adopt: scope.filter(|_| drift == Drift::OnlyInAzure).map(|scope| Adoption {
            scope: scope.clone(),
            reason: match exemption.category {
                Some(ExemptionCategory::Mitigated) => ReasonCategory::MitigatedOtherwise,
                Some(ExemptionCategory::Waiver) | None => ReasonCategory::RiskAccepted,
            },
            justification: justification(exemption),
            until: exemption.expires,
        }),
    }
}

/// A scope in words; an asset by its name, because its id is long and nobody reads it.
fn in_words(scope: &StandingScope) -> String {
    match scope.words() {
        ("asset", id) => format!("asset {}", id.rsplit('/').next().unwrap_or(id)),
        _ => scope.to_string(),
    }
}

fn justification(exemption: &Exemption) -> String {
    let description = exemption.description.as_deref().unwrap_or_default().trim();
    let from =
        format!("Taken over from the Azure Policy exemption \u{201c}{}\u{201d}.", exemption.name);
    if description.is_empty() { from } else { format!("{description}\n\n{from}") }
}

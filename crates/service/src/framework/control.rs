//! One control, with all that is evidence for it.

use std::collections::BTreeSet;

use postern_domain::finding::Standing;
use postern_domain::framework::{
    Control, ControlId, Framework, FrameworkId, MappedRule, RuleState,
};
use postern_domain::id::{ConnectionId, RuleId};
use postern_store::read::finding::FindingFilter;
use postern_store::{PgConnection, read};
use time::OffsetDateTime;

use super::list::{assess, row_view};
use super::show::control_view;
use super::{Judged, RuleStates};
use crate::Postern;
use crate::exception::Effects;
use crate::finding::row_view as finding_view;
use crate::read::{
    Names, ReadError, RuleTitles, SubscriptionNames, TeamNames, choose, tallies_seen,
};
use crate::view::{ControlRowView, ControlView, FindingRowView, MappedRuleView};

/// Open findings on the page of a control at most: the lists of its rules' findings have all.
const OPEN: u32 = 20;

/// A control of a framework, as a connection stands; `None` where there is no such control, framework or connection.
pub async fn show_control(
    postern: &Postern,
    connection: Option<&str>,
    (framework, control): (&FrameworkId, &ControlId),
    as_of: Option<OffsetDateTime>,
) -> Result<Option<ControlView>, ReadError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(chosen) = choose(&mut transaction, connection).await? else { return Ok(None) };
    let id = chosen.id;
    let (assessed, judged) = assess(postern, &mut transaction, chosen, as_of).await?;
    let Some(of) = judged.rulebook.catalogue().framework(framework) else { return Ok(None) };
    let Some(found) = of.control(control) else { return Ok(None) };
    let rules: BTreeSet<RuleId> = found.rules().iter().map(|mapped| mapped.rule.clone()).collect();
    let (open, open_total) = open(postern, &mut transaction, id, &rules, as_of).await?;
    let view = |control: &Control| view_of(control, &judged.states);
    Ok(Some(ControlView {
        framework: row_view(of, &judged.states),
        source: of.source().to_owned(),
        mapping: of.mapping().to_owned(),
        control: view(found),
        title: found.title().map(str::to_owned),
        groups: groups(of, found),
        parent: found.parent().and_then(|parent| of.control(parent)).map(view),
        parts: of
            .controls()
            .iter()
            .filter(|other| other.parent() == Some(found.id()))
            .map(view)
            .collect(),
        description: found.description().map(str::to_owned),
        reason: found.assessment().reason().map(str::to_owned),
        provenance: found.source().map(str::to_owned),
        rules: found.rules().iter().map(|mapped| rule_view(mapped, &judged)).collect(),
        open,
        open_total,
        assessed,
    }))
}

fn view_of(control: &Control, states: &RuleStates) -> ControlRowView {
    control_view(&control.assess(|rule: &RuleId| states.of(rule)))
}

fn rule_view(mapped: &MappedRule, judged: &Judged) -> MappedRuleView {
    let described = judged.rulebook.rule(&mapped.rule);
    MappedRuleView {
        rule: mapped.rule.clone(),
        described: described.map(|(_, rule)| (rule.title.clone(), rule.severity, rule.topic)),
        origin: mapped.origin,
        tally: match judged.states.of(&mapped.rule) {
            RuleState::NotRun => None,
            RuleState::Ran(tally) => Some(tally),
        },
    }
}

/// The groups around a control, the outermost first; those of its whole, where it is a part.
fn groups(framework: &Framework, control: &Control) -> Vec<(String, Option<String>)> {
    let mut whole = control;
    while let Some(parent) = whole.parent().and_then(|parent| framework.control(parent)) {
        whole = parent;
    }
    let mut groups = Vec::new();
    let mut next = whole.group();
    while let Some(group) =
        next.and_then(|id| framework.groups().iter().find(|group| group.id() == id))
    {
        groups.insert(0, (group.id().to_owned(), group.title().map(str::to_owned)));
        next = group.parent();
    }
    groups
}

/// The worst open findings of some rules that somebody sees, and how many there are; what is accepted is left out.
async fn open(
    postern: &Postern,
    session: &mut PgConnection,
    of: ConnectionId,
    rules: &BTreeSet<RuleId>,
    as_of: Option<OffsetDateTime>,
) -> Result<(Vec<FindingRowView>, u64), ReadError> {
    if rules.is_empty() {
        return Ok((Vec::new(), 0));
    }
    let sight = postern.sight();
    let effects = Effects::load(session, of, as_of, postern.clock.now()).await?;
    let tallies = tallies_seen(session, of, as_of, sight).await?;
    let of_rules = tallies.iter().filter(|tally| rules.contains(&tally.rule));
    let failing: u64 = of_rules
        .map(|tally| u64::from((tally.tally.open + tally.tally.not_rechecked).unsigned_abs()))
        .sum();
    let is_of_rules = |effect: &&crate::exception::Effect| rules.contains(&effect.finding.rule);
    let excepted = effects.excepted_seen(sight).filter(is_of_rules).count();
    let total = failing.saturating_sub(u64::try_from(excepted).unwrap_or_default());
    let wanted: Vec<RuleId> = rules.iter().cloned().collect();
    let mut filter = FindingFilter::new(of)
        .as_of(as_of)
        .standing(Standing::Open)
        .rules(&wanted)
        .without(effects.excepted().map(|effect| effect.finding.finding));
    if let Some(teams) = sight.teams() {
        filter = filter.owners(&teams.iter().cloned().map(Some).collect::<Vec<_>>());
    }
    let records = read::finding::page(session, &filter, None, OPEN).await?;
    let names = Names {
        rules: RuleTitles::load(postern, session, records.iter().map(|record| &record.rule))
            .await?,
        subscriptions: SubscriptionNames::load(session, of, as_of).await?,
        teams: TeamNames::load(session, as_of).await?,
    };
    let rows = records.into_iter().map(|record| finding_view(record, &names, &effects));
    Ok((rows.collect::<Result<_, _>>()?, total))
}

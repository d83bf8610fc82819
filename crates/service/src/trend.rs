//! Trends of a part of the findings: of a team, a subscription, a topic, a rule, a control.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::framework::ControlReference;
use postern_domain::id::{ConnectionId, RuleId};
use postern_domain::person::{Denied, Permission, Sight};
use postern_domain::tally::Tally;
use postern_domain::time_to_fix::{TimeToFix, time_to_fix};
use postern_domain::trend::{CheckCounts, SeverityCounts, TrendPoint};
use postern_domain::verdict::Severity;
use postern_engine::Pack;
use postern_store::read::tally::{TalliesOf, TallyStep};
use postern_store::{PgConnection, StoreError, read};
use time::{Duration, OffsetDateTime};

use crate::Postern;
use crate::exception::keep_apart;
use crate::framework::Rulebook;
use crate::moment::{history_begins, shown};
use crate::overview::{TREND_POINTS, judged_otherwise};
use crate::read::{ReadError, RuleTitles, TeamNames, choose, tallies_seen};
use crate::schedule::longest_wait;
use crate::view::{TrendOf, TrendSelection, TrendView};

/// A trend could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum TrendError {
    /// No framework has such a control.
    #[error("no framework that Postern brings has the control \"{0}\"")]
    UnknownControl(ControlReference),
    /// The data could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<StoreError> for TrendError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

/// The trend of the findings that `selection` admits, of the connection called `connection` or of the one shown by default;
/// `None` where there is no such connection, or none yet.
///
/// The points are those of moments that are kept, and of the `days` before the last one where these are given: parts are
/// counted from the tallies of then.
pub async fn show_trend(
    postern: &Postern,
    connection: Option<&str>,
    selection: &TrendSelection,
    days: Option<u16>,
    as_of: Option<OffsetDateTime>,
) -> Result<Option<TrendView>, TrendError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(chosen) = choose(&mut transaction, connection).await? else { return Ok(None) };
    let of = chosen.id;
    let shown = shown(postern, &mut transaction, &chosen, as_of).await?;
    let kept_from = history_begins(&mut transaction, of).await?;
    let mut points = read::trend::list(&mut transaction, of, as_of, TREND_POINTS).await?;
    let reach = days.map(|days| Duration::days(days.into()));
    let from = points.last().zip(reach).map(|(last, reach)| last.at - reach).max(kept_from);
    points.retain(|point| from.is_none_or(|from| point.at >= from));
    let names = TeamNames::load(&mut transaction, as_of).await?;
    let sight = postern.sight();
    let seen = tallies_seen(&mut transaction, of, as_of, sight).await?;
    let counted: BTreeSet<RuleId> = seen.into_iter().map(|tally| tally.rule).collect();
    let titles = RuleTitles::load(postern, &mut transaction, &counted).await?;
    let admitted = admitted(postern, &mut transaction, selection, (&counted, &titles)).await?;
    let rules_counted = admitted.as_ref().map_or(counted.len(), Vec::len);
    let whose = whose(&selection.of, sight)?;
    if whose != TalliesOf::All || admitted.is_some() {
        count_anew(postern, &mut transaction, of, &mut points, &whose, admitted.as_deref()).await?;
    }
    keep_apart(&mut transaction, of, &mut points, &whose, admitted.as_deref()).await?;
    let time_to_fix = match admitted {
        None => how_long(postern, &mut transaction, of, &points, &whose).await?,
        Some(_) => None,
    };
    let scheduled = postern_store::schedule::find(&mut transaction, of).await?;
    Ok(Some(TrendView {
        as_of: shown.view(),
        limited_to: names.limits(sight),
        judged_otherwise: judged_otherwise(&mut transaction, of, &points, sight).await?,
        longest_wait_seconds: scheduled
            .and_then(|(scheduled, _)| longest_wait(&scheduled.schedule, postern.clock.now())),
        points,
        time_to_fix,
        rules_counted,
        teams: names
            .teams()
            .iter()
            .filter(|team| sight.holds(Some(&team.id)))
            .map(|team| names.view(team.id.clone()))
            .collect(),
        subscriptions: match sight {
            Sight::Everything => subscriptions(&mut transaction, of, as_of).await?,
            Sight::Teams(_) => Vec::new(),
        },
        rules: counted
            .into_iter()
            .map(|rule| Ok((rule.clone(), titles.title(&rule)?.to_owned())))
            .collect::<Result<_, ReadError>>()?,
        connections: chosen.choice,
    }))
}

/// How long findings take, that ended in the time of the points, or were open at its end; `None` of a part by which they are
/// not told apart.
async fn how_long(
    postern: &Postern,
    session: &mut PgConnection,
    of: ConnectionId,
    points: &[TrendPoint],
    whose: &TalliesOf,
) -> Result<Option<Vec<TimeToFix>>, StoreError> {
    let owners = match whose {
        TalliesOf::All => None,
        TalliesOf::Teams(teams) => Some(teams.as_slice()),
        TalliesOf::Subscription(_) | TalliesOf::Nobody => return Ok(None),
    };
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(None) };
    let lasted = postern.kept.lasted(session, of, (first.at, last.at), owners).await?;
    Ok(Some(time_to_fix(&lasted)))
}

/// What is counted of that which somebody sees. Whose sight ends at teams sees of a subscription only what is theirs, which
/// is not counted by itself, and is refused.
fn whose(of: &TrendOf, sight: &Sight) -> Result<TalliesOf, ReadError> {
    let Some(teams) = sight.teams() else {
        return Ok(match of {
            TrendOf::All => TalliesOf::All,
            TrendOf::Subscription(id) => TalliesOf::Subscription(id.clone()),
            TrendOf::Owner(Some(team)) => TalliesOf::Teams(vec![team.clone()]),
            TrendOf::Owner(None) => TalliesOf::Nobody,
        });
    };
    match of {
        TrendOf::All => Ok(TalliesOf::Teams(teams.iter().cloned().collect())),
        TrendOf::Owner(Some(team)) if teams.contains(team) => {
            Ok(TalliesOf::Teams(vec![team.clone()]))
        }
        TrendOf::Owner(_) | TrendOf::Subscription(_) => {
            Err(Denied(Permission::ReadEverything).into())
        }
    }
}

/// Puts what was counted of a part in the place of what the points, oldest first, have of all findings.
pub(crate) async fn count_anew(
    postern: &Postern,
    session: &mut PgConnection,
    of: ConnectionId,
    points: &mut [TrendPoint],
    whose: &TalliesOf,
    rules: Option<&[RuleId]>,
) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(()) };
    let steps = postern.kept.steps(session, of, (first.at, last.at), whose, rules).await?;
    count_again(points, &steps);
    if matches!(whose, TalliesOf::Teams(_)) {
        // Assets and gaps are counted of the whole connection alone.
        for point in points {
            (point.assets, point.assets_unread, point.gaps) = (0, 0, 0);
        }
    }
    Ok(())
}

/// The rules that are counted; `None` for all.
async fn admitted(
    postern: &Postern,
    session: &mut PgConnection,
    selection: &TrendSelection,
    (counted, titles): (&BTreeSet<RuleId>, &RuleTitles),
) -> Result<Option<Vec<RuleId>>, TrendError> {
    let TrendSelection { of: _, topic, rule, control } = selection;
    if topic.is_none() && rule.is_none() && control.is_none() {
        return Ok(None);
    }
    let of_control = match control {
        Some(control) => Some(evidence(postern, session, control).await?),
        None => None,
    };
    let mut admitted = Vec::new();
    for candidate in counted {
        let is_of_topic = match topic {
            Some(topic) => titles.topic(candidate)? == *topic,
            None => true,
        };
        let is_of_rule = rule.as_ref().is_none_or(|rule| rule == candidate);
        let is_of_control = of_control.as_ref().is_none_or(|rules| rules.contains(candidate));
        if is_of_topic && is_of_rule && is_of_control {
            admitted.push(candidate.clone());
        }
    }
    Ok(Some(admitted))
}

/// The rules that are evidence for a control, by its framework and by the packs that judge now.
async fn evidence(
    postern: &Postern,
    session: &mut PgConnection,
    control: &ControlReference,
) -> Result<BTreeSet<RuleId>, TrendError> {
    let packs = postern.rules.packs().iter().map(Pack::digest).collect();
    let book = Rulebook::of(postern, session, packs).await.map_err(ReadError::from)?;
    let found = book
        .catalogue()
        .framework(&control.framework)
        .and_then(|framework| framework.control(&control.control));
    let found = found.ok_or_else(|| TrendError::UnknownControl(control.clone()))?;
    Ok(found.rules().iter().map(|mapped| mapped.rule.clone()).collect())
}

/// Puts the counts of the steps in the place of those that points have of all findings.
fn count_again(points: &mut [TrendPoint], steps: &[TallyStep]) {
    let mut sums: BTreeMap<Severity, Tally> = BTreeMap::new();
    let mut steps = steps.iter().peekable();
    for point in points {
        let until = (point.at, point.evaluation);
        while let Some(step) = steps.next_if(|step| (step.at, step.evaluation) <= until) {
            let sum = sums.entry(step.severity).or_default();
            *sum = sum.plus(step.more);
        }
        point.checks = CheckCounts::default();
        point.severities = SeverityCounts::all_none();
        for counts in &mut point.severities {
            let sum = sums.get(&counts.severity).copied().unwrap_or_default();
            counts.add(sum);
            point.checks.add(sum);
        }
    }
}

/// The subscriptions by name.
async fn subscriptions(
    session: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
) -> Result<Vec<(String, String)>, StoreError> {
    let found = read::subscription::list_latest(session, of, as_of).await?;
    let mut named: Vec<_> = found.into_iter().map(|one| (one.id, one.name)).collect();
    named.sort_by_key(|(id, name)| (name.to_lowercase(), id.clone()));
    Ok(named)
}

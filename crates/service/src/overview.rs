//! The overview of a connection.

mod changes;

use postern_domain::id::ConnectionId;
use postern_domain::person::Sight;
use postern_domain::trend::{CheckCounts, TrendPoint};
use postern_domain::verdict::Topic;
use postern_store::read::evaluation::EvaluationRecord;
use postern_store::read::tally::TalliesOf;
use postern_store::{PgConnection, read};
use time::{Duration, OffsetDateTime};

use crate::Postern;
use crate::exception::{Effects, keep_apart};
use crate::moment::{history_begins, shown};
pub use crate::read::ReadError;
use crate::read::{RuleTitles, TeamNames, choose, tallies_seen};
use crate::scans::scan_view;
use crate::schedule::longest_wait;
use crate::team;
use crate::trend::count_anew;
use crate::view::{ChangeCounts, OverviewView, PackProblemView, PackView, ScanView, TopicView};
pub(crate) use changes::judged_otherwise;

/// Points on the chart: more than a year of daily scans.
pub(crate) const TREND_POINTS: u32 = 400;

/// How much older the point is that the latest is compared with.
const COMPARED_AGE: Duration = Duration::days(30);

/// The overview of the connection called `connection`, or of the one shown by default, as of a moment or of now; `None`
/// where there is no such connection, or none yet.
pub async fn show_overview(
    postern: &Postern,
    connection: Option<&str>,
    as_of: Option<OffsetDateTime>,
) -> Result<Option<OverviewView>, ReadError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(chosen) = choose(&mut transaction, connection).await? else { return Ok(None) };
    let id = chosen.id;
    let shown = shown(postern, &mut transaction, &chosen, as_of).await?;
    let mut trend = read::trend::list(&mut transaction, id, as_of, TREND_POINTS).await?;
    let names = TeamNames::load(&mut transaction, as_of).await?;
    let sight = postern.sight();
    let (mut compared, mut since_compared) = match trend.last() {
        Some(latest) => compare(&mut transaction, id, latest).await?,
        None => (None, None),
    };
    let whose = match sight.teams() {
        None => TalliesOf::All,
        Some(teams) => TalliesOf::Teams(teams.iter().cloned().collect()),
    };
    if whose != TalliesOf::All {
        let kept_from = history_begins(&mut transaction, id).await?;
        trend.retain(|point| kept_from.is_none_or(|kept_from| point.at >= kept_from));
        count_anew(postern, &mut transaction, id, &mut trend, &whose, None).await?;
        count_anew(postern, &mut transaction, id, compared.as_mut_slice(), &whose, None).await?;
        since_compared = None;
    }
    let effects = Effects::load(&mut transaction, id, as_of, postern.clock.now()).await?;
    // Beside what is accepted at this very moment, and not when the evaluation was.
    let mut latest = trend.last().cloned();
    if let Some(latest) = &mut latest {
        effects.keep_apart(latest, sight);
    }
    keep_apart(&mut transaction, id, &mut trend, &whose, None).await?;
    keep_apart(&mut transaction, id, compared.as_mut_slice(), &whose, None).await?;
    let scans = match as_of {
        Some(_) => Vec::new(),
        None => read::scan::list(&mut transaction, id, None, 1).await?,
    };
    let coverage = read::evaluation::latest_coverage(&mut transaction, id, as_of).await?;
    let read_at = coverage.as_ref().map(|coverage| coverage.finished_at);
    let gaps = coverage.map(|coverage| coverage.gaps).filter(|_| *sight == Sight::Everything);
    let pack_problems = match &shown.evaluation {
        Some(evaluation) if *sight == Sight::Everything => {
            pack_problems(postern, &mut transaction, evaluation).await?
        }
        // They name whatever asset they were about.
        _ => Vec::new(),
    };
    let latest_scan = scans.into_iter().next().map(scan_view);
    let judged_otherwise = judged_otherwise(&mut transaction, id, &trend, sight).await?;
    let topics = count_topics(postern, &mut transaction, id, as_of).await?;
    let mut teams =
        team::owned(&mut transaction, id, as_of, (latest.as_ref(), &effects), compared.as_ref())
            .await?;
    teams.retain(|owned| sight.holds(owned.team.as_ref().map(|team| &team.id)));
    let scheduled = postern_store::schedule::find(&mut transaction, id).await?;
    Ok(Some(OverviewView {
        as_of: shown.view(),
        limited_to: names.limits(sight),
        connections: chosen.choice,
        latest_scan: match sight {
            Sight::Everything => latest_scan,
            Sight::Teams(_) => latest_scan.map(without_details),
        },
        latest,
        compared,
        since_compared,
        trend,
        judged_otherwise,
        topics,
        teams,
        read_at,
        gaps: gaps.unwrap_or_default(),
        pack_problems,
        longest_wait_seconds: scheduled
            .and_then(|(scheduled, _)| longest_wait(&scheduled.schedule, postern.clock.now())),
    }))
}

/// That there was a scan and how it ended: why, by whom and with what is of the whole connection.
fn without_details(scan: ScanView) -> ScanView {
    ScanView {
        requested_by: String::new(),
        progress: None,
        failure: scan.failure.map(|_| "the reason is for those who read everything".to_owned()),
        result: None,
        ..scan
    }
}

/// The last point at least 30 days older than `latest`, else the first one; and what happened since.
async fn compare(
    connection: &mut PgConnection,
    of: ConnectionId,
    latest: &TrendPoint,
) -> Result<(Option<TrendPoint>, Option<ChangeCounts>), ReadError> {
    let mut older = read::trend::list(connection, of, Some(latest.at - COMPARED_AGE), 1).await?;
    // What is not kept can be counted, and not compared by owner.
    let kept_from = history_begins(connection, of).await?;
    let is_kept = |point: &TrendPoint| kept_from.is_none_or(|kept_from| point.at >= kept_from);
    let compared = match older.pop().filter(is_kept) {
        Some(point) => Some(point),
        None => read::trend::first(connection, of, kept_from).await?,
    };
    // The only point is not compared with itself.
    let compared = compared.filter(|point| point.evaluation != latest.evaluation);
    let Some(point) = &compared else { return Ok((None, None)) };
    let changes = read::trend::changes_between(connection, of, point, latest).await?;
    let counts = ChangeCounts {
        opened: changes.opened,
        fixed: changes.fixed,
        left_otherwise: changes.left_otherwise,
    };
    Ok((compared, Some(counts)))
}

async fn count_topics(
    postern: &Postern,
    connection: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
) -> Result<Vec<TopicView>, ReadError> {
    let tallies = tallies_seen(connection, of, as_of, postern.sight()).await?;
    let titles =
        RuleTitles::load(postern, connection, tallies.iter().map(|tally| &tally.rule)).await?;
    let mut topics: Vec<TopicView> = Topic::ALL
        .iter()
        .map(|topic| TopicView { topic: *topic, checks: CheckCounts::default() })
        .collect();
    for of_rule in &tallies {
        let topic = titles.topic(&of_rule.rule)?;
        let view = topics.iter_mut().find(|view| view.topic == topic);
        view.expect("every topic has a view").checks.add(of_rule.tally);
    }
    Ok(topics)
}

async fn pack_problems(
    postern: &Postern,
    connection: &mut PgConnection,
    evaluation: &EvaluationRecord,
) -> Result<Vec<PackProblemView>, ReadError> {
    let packs = read::evaluation::packs(connection, evaluation.id).await?;
    let digests: Vec<_> = packs.iter().map(|pack| pack.digest).collect();
    let mut origins = postern.rules.origins(connection, &digests).await?;
    Ok(packs
        .into_iter()
        .filter_map(|pack| {
            Some(PackProblemView {
                problem: pack.problem?,
                pack: PackView {
                    name: pack.name,
                    version: pack.version,
                    digest: pack.digest,
                    origin: origins.remove(&pack.digest),
                },
            })
        })
        .collect())
}

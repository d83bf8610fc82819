//! Lists of exceptions.

use std::cmp::Reverse;

use postern_domain::exception::request::Covers;
use postern_domain::exception::status::ExceptionStatus;
use postern_domain::exception::{Exception, State};
use postern_domain::id::{PersonId, RuleId};
use postern_domain::person::Permission;
use postern_domain::verdict::Severity;
use postern_store::read;
use postern_store::read::exception::ExceptionRecord;
use time::{Duration, OffsetDateTime};

use crate::Postern;
use crate::moment::shown;
use crate::read::{ReadError, RuleTitles, TeamNames, choose};
use crate::view::{
    EndBand, EndBandView, ExceptionQuery, ExceptionRowView, ExceptionTab, ExceptionsView,
};

/// Exceptions that are looked at: the youngest.
const MOST: u32 = 2_000;

/// How long before its end an exception is listed as ending.
const ENDING: Duration = Duration::days(30);

/// The exceptions that `query` asks for; `None` where there is no such connection, or none yet.
///
/// Whose sight ends at teams gets those that are about a finding of theirs, and those that they wrote on.
pub async fn list_exceptions(
    postern: &Postern,
    query: ExceptionQuery,
) -> Result<Option<ExceptionsView>, ReadError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(chosen) = choose(&mut transaction, query.connection.as_deref()).await? else {
        return Ok(None);
    };
    let as_of = match query.as_of {
        // Exceptions do not begin with the first scan, but nothing else is known of before.
        Some(_) => shown(postern, &mut transaction, &chosen, query.as_of).await?.view(),
        None => None,
    };
    let now = postern.now();
    let moment = query.as_of.map_or(now, |as_of| as_of.min(now));
    let person = postern.actor().person();
    let reader = (postern.sight(), person);
    let found = read::exception::list(&mut transaction, chosen.id, reader, query.as_of, MOST + 1);
    let mut found = found.await?;
    let most = usize::try_from(MOST).expect("a small number");
    let has_more = found.len() > most;
    found.truncate(most);
    let rules = found.iter().flat_map(|record| rules(&record.exception, &record.rules));
    let titles = RuleTitles::load(postern, &mut transaction, rules.collect::<Vec<_>>()).await?;
    let mut rows: Vec<ExceptionRowView> = found
        .into_iter()
        .map(|record| row_view(record, &titles, person, moment))
        .collect::<Result<_, _>>()?;
    let counts = ExceptionTab::ALL
        .iter()
        .map(|tab| {
            let count = rows.iter().filter(|row| is_under(*tab, row, moment)).count();
            (*tab, u64::try_from(count).unwrap_or_default())
        })
        .collect();
    let in_force = rows.iter().filter(|row| row.status == ExceptionStatus::Approved);
    let next_to_end = in_force.min_by_key(|row| (row.until, row.id)).cloned();
    let ends = ends(&rows, moment);
    rows.retain(|row| is_under(query.tab, row, moment));
    match query.tab {
        ExceptionTab::Waiting => rows.sort_by_key(|row| (row.severity, row.filed_at, row.id)),
        ExceptionTab::Active | ExceptionTab::Ending => {
            rows.sort_by_key(|row| (row.until, row.id));
        }
        ExceptionTab::Mine | ExceptionTab::Ended | ExceptionTab::All => {
            rows.sort_by_key(|row| Reverse((row.changed_at, row.id)));
        }
    }
    let names = TeamNames::load(&mut transaction, query.as_of).await?;
    Ok(Some(ExceptionsView {
        connections: chosen.choice,
        as_of,
        limited_to: names.limits(postern.sight()),
        query,
        counts,
        rows,
        has_more,
        ends,
        next_to_end,
        may_ask: person.is_some() && postern.actor().require(Permission::AskForExceptions).is_ok(),
        may_decide: person.is_some()
            && postern.actor().require(Permission::DecideOnExceptions).is_ok(),
        now: moment,
    }))
}

/// How many in force end when, and how many came to their end lately.
fn ends(rows: &[ExceptionRowView], now: OffsetDateTime) -> Vec<EndBandView> {
    let band_of = |row: &ExceptionRowView| {
        let left = row.until - now;
        match row.status {
            ExceptionStatus::Expired if left >= -Duration::WEEK => Some(EndBand::Past),
            ExceptionStatus::Approved if left <= Duration::WEEK => Some(EndBand::To7),
            ExceptionStatus::Approved if left <= ENDING => Some(EndBand::To30),
            ExceptionStatus::Approved if left <= Duration::days(90) => Some(EndBand::To90),
            ExceptionStatus::Approved if left <= Duration::days(180) => Some(EndBand::To180),
            ExceptionStatus::Approved => Some(EndBand::Later),
            _ => None,
        }
    };
    let counted = |band: EndBand| {
        let count = |severity: Severity| {
            let those = rows.iter().filter(|row| band_of(row) == Some(band));
            let those = those.filter(|row| row.severity == Some(severity)).count();
            (severity, u32::try_from(those).unwrap_or(u32::MAX))
        };
        let severities = Severity::ALL.iter().map(|severity| count(*severity)).collect();
        EndBandView { band, severities }
    };
    EndBand::ALL.iter().map(|band| counted(*band)).collect()
}

fn is_under(tab: ExceptionTab, row: &ExceptionRowView, now: OffsetDateTime) -> bool {
    use ExceptionStatus::{Approved, Draft, Requested};
    match tab {
        ExceptionTab::Waiting => row.status == Requested,
        ExceptionTab::Mine => row.is_mine,
        ExceptionTab::Active => row.status == Approved,
        ExceptionTab::Ending => row.status == Approved && row.until <= now + ENDING,
        ExceptionTab::Ended => !matches!(row.status, Draft | Requested | Approved),
        ExceptionTab::All => true,
    }
}

/// The rules of what an exception is about.
fn rules<'a>(exception: &'a Exception, found: &'a [RuleId]) -> Vec<&'a RuleId> {
    match &exception.request.covers {
        Covers::Standing(standing) => vec![&standing.rule],
        Covers::Findings(_) => found.iter().collect(),
    }
}

/// An exception as lists show it.
pub(super) fn row_view(
    record: ExceptionRecord,
    titles: &RuleTitles,
    person: Option<PersonId>,
    now: OffsetDateTime,
) -> Result<ExceptionRowView, ReadError> {
    let ExceptionRecord { exception, requester, owner, findings, rules: found } = record;
    let rules: Vec<RuleId> = rules(&exception, &found).into_iter().cloned().collect();
    let title = match rules.as_slice() {
        [rule] => titles.title(rule)?.to_owned(),
        [] => "A draft".to_owned(),
        several => format!("{} rules", several.len()),
    };
    let (filed, grant, approvals) = match &exception.state {
        State::Draft | State::Withdrawn { .. } => (None, None, 0),
        State::Requested { filed, approvals } => (Some(filed), None, approvals.len()),
        State::Rejected { filed, .. } => (Some(filed), None, 0),
        State::Approved { filed, grant } | State::Ended { filed, grant, .. } => {
            (Some(filed), Some(grant), grant.approvals.len())
        }
    };
    Ok(ExceptionRowView {
        id: exception.id,
        status: exception.status(now.max(exception.changed_at)),
        title,
        rules,
        findings,
        scope: match &exception.request.covers {
            Covers::Standing(standing) => Some(standing.assets.to_string()),
            Covers::Findings(_) => None,
        },
        severity: grant.map(|it| it.severity).or(filed.map(|it| it.severity)),
        reason: exception.request.reason,
        requester,
        filed_at: filed.map(|filed| filed.at),
        owner,
        until: grant.map_or(exception.request.until, |grant| grant.until),
        changed_at: exception.changed_at,
        extends: exception.extends,
        approvals,
        is_mine: person.is_some_and(|person| exception.editors.contains(&person)),
    })
}

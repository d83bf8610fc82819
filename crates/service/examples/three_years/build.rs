//! Building the database, and what it takes up.

use postern_domain::clock::Clock;
use postern_domain::id::ConnectionId;
use postern_domain::schedule::Schedule;
use postern_domain::scope::Scope;
use postern_domain::team::{Routing, RoutingRule, Team, TeamId};
use postern_service::Postern;
use postern_service::connection::{
    ConnectionKind, NewConnection, ensure_connection, find_connection,
};
use postern_service::evaluate::EvaluationSummary;
use postern_service::import::import_snapshot;
use postern_service::team::set_routing;
use postern_store::{PgPool, read, storage};
use serde_json::json;
use time::Duration;

use crate::estate::Estate;
use crate::{FIRST_DAY, SLUG};

/// Scans that find nothing new, after those of the days.
const UNCHANGED: u32 = 20;

/// The estate's assets have a tag that names one of as many.
const TEAMS: u32 = 30;

/// A line for as many days.
const DAYS_A_LINE: u32 = 73;

/// Builds the database, or goes on with one whose build was interrupted.
pub async fn build(postern: &Postern, pool: &PgPool, days: u32, assets: u32) {
    let new = NewConnection {
        slug: SLUG.to_owned(),
        name: "Three years".to_owned(),
        kind: ConnectionKind::Import,
        settings: json!({}),
        schedule: Some(Schedule::DAILY),
    };
    let connection = ensure_connection(postern, new).await.unwrap();
    let mut estate = Estate::new(assets);
    let built = days_built(pool, connection).await;
    if built > 0 {
        println!("{built} days are there: the build goes on after them");
    }
    println!("{:>6} {:>9} {:>9} {:>10} {:>10}", "days", "s a scan", "open", "checks", "MB");
    let (mut began, mut scans) = (std::time::Instant::now(), 0_u32);
    for day in 0..days {
        if day > 0 {
            estate.pass_day();
        }
        if day < built {
            continue;
        }
        let summary = scan(postern, connection, &estate, day).await;
        scans += 1;
        // The first scan has a line of its own: it writes all that later ones change.
        if day == 0 || (day + 1).is_multiple_of(DAYS_A_LINE) || day + 1 == days {
            let seconds = began.elapsed().as_secs_f64() / f64::from(scans);
            say(pool, day + 1, seconds, &summary).await;
            (began, scans) = (std::time::Instant::now(), 0);
        }
    }
    unchanged(postern, pool, connection, &estate, days).await;
    row_per_verdict(pool).await;
}

/// Says on the built database whose each asset is, by a tag for each of 30 teams, and scans what is as it was, so that
/// everything changes hands at once.
pub async fn teams(postern: &Postern, pool: &PgPool, days: u32, assets: u32) {
    let connection = find_connection(postern, SLUG).await.unwrap().unwrap().id;
    let mut estate = Estate::new(assets);
    for _ in 1..days {
        estate.pass_day();
    }
    let mut routing = Routing::default();
    for number in 0..TEAMS {
        let id: TeamId = format!("team-{number}").parse().unwrap();
        let scope = Scope::Tag(format!("owner={id}"));
        routing.rules.push(RoutingRule { scope, team: id.clone() });
        routing.teams.push(Team { name: format!("Team {number}"), id });
    }
    let day = days + UNCHANGED;
    let at = Clock::fixed(FIRST_DAY + Duration::days(day.into()) - Duration::hours(1));
    set_routing(&postern.with_clock(at), &routing, "a measurement").await.unwrap();
    for (what, day) in [("in which all of it changes hands", day), ("after that", day + 1)] {
        let began = std::time::Instant::now();
        scan(postern, connection, &estate, day).await;
        let seconds = began.elapsed().as_secs_f64();
        println!("a scan {what}: {seconds:.1} s, {} MB", size(pool).await / 1_000);
    }
}

/// The days up to the last scan.
async fn days_built(pool: &PgPool, connection: ConnectionId) -> u32 {
    let mut session = pool.acquire().await.unwrap();
    let latest = read::evaluation::latest(&mut session, connection, None).await.unwrap();
    latest.map_or(0, |latest| u32::try_from((latest.at - FIRST_DAY).whole_days()).unwrap() + 1)
}

async fn scan(
    postern: &Postern,
    connection: ConnectionId,
    estate: &Estate,
    day: u32,
) -> EvaluationSummary {
    let at = FIRST_DAY + Duration::days(day.into());
    let postern = postern.with_clock(Clock::fixed(at));
    let assets: Vec<_> = estate.read().collect();
    import_snapshot(&postern, connection, Estate::snapshot(at), assets).await.unwrap().1
}

async fn say(pool: &PgPool, days: u32, seconds: f64, summary: &EvaluationSummary) {
    let checks = summary.point.checks;
    println!(
        "{days:>6} {seconds:>9.2} {:>9} {:>10} {:>10}",
        summary.open(),
        checks.planned() + checks.not_applicable,
        size(pool).await / 1_000
    );
}

/// Scans that find nothing new, and what they add.
async fn unchanged(
    postern: &Postern,
    pool: &PgPool,
    connection: ConnectionId,
    estate: &Estate,
    days: u32,
) {
    // What a scan leaves dead is used again by the next; it is given back first, so that only what stays is counted.
    vacuum(pool).await;
    let before = size(pool).await;
    let began = std::time::Instant::now();
    for day in days..days + UNCHANGED {
        scan(postern, connection, estate, day).await;
    }
    let seconds = began.elapsed().as_secs_f64() / f64::from(UNCHANGED);
    vacuum(pool).await;
    let added = size(pool).await.saturating_sub(before) / u64::from(UNCHANGED);
    println!(
        "a scan that finds nothing new takes {seconds:.2} s and adds {added} kB (the mean of {UNCHANGED})"
    );
    println!("the database without what is dead: {} MB", (before + 500) / 1_000);
}

/// What the usual way would take: a row for each verdict of each scan, measured on the verdicts of a day.
async fn row_per_verdict(pool: &PgPool) {
    let mut session = pool.acquire().await.unwrap();
    let (rows, bytes) = storage::measure_row_per_verdict(&mut session).await.unwrap();
    println!(
        "a row for each verdict of each scan: {rows} rows and {} MB a scan, {} GB in 1,095 scans",
        bytes / 1_000_000,
        bytes * 1_095 / 1_000_000_000
    );
}

async fn vacuum(pool: &PgPool) {
    let mut session = pool.acquire().await.unwrap();
    storage::vacuum(&mut session).await.unwrap();
}

/// The database's size in kB.
async fn size(pool: &PgPool) -> u64 {
    let mut session = pool.acquire().await.unwrap();
    let (bytes, _) = storage::sizes(&mut session).await.unwrap();
    u64::try_from(bytes).unwrap() / 1_000
}

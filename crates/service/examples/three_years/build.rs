//! Building the database, and what it takes up.

use postern_domain::clock::Clock;
use postern_service::Postern;
use postern_service::connection::{ConnectionKind, NewConnection, ensure_connection};
use postern_service::evaluate::EvaluationSummary;
use postern_service::import::import_snapshot;
use postern_store::PgPool;
use serde_json::json;
use time::Duration;

use crate::estate::Estate;
use crate::{FIRST_DAY, SLUG};

/// A line for as many days.
const DAYS_A_LINE: u32 = 73;

pub async fn build(postern: &Postern, pool: &PgPool, days: u32, assets: u32) {
    let new = NewConnection {
        slug: SLUG.to_owned(),
        name: "Three years".to_owned(),
        kind: ConnectionKind::Import,
        settings: json!({}),
        scan_every_seconds: Some(86_400),
    };
    let connection = ensure_connection(postern, new).await.unwrap();
    let mut estate = Estate::new(assets);
    println!("{:>6} {:>9} {:>9} {:>10} {:>10}", "days", "s a scan", "open", "checks", "MB");
    let mut began = std::time::Instant::now();
    for day in 0..days {
        if day > 0 {
            estate.pass_day();
        }
        let summary = scan(postern, connection, &estate, day).await;
        if day == 0 {
            say(pool, 1, began.elapsed().as_secs_f64(), &summary).await;
            began = std::time::Instant::now();
        } else if (day + 1).is_multiple_of(DAYS_A_LINE) || day + 1 == days {
            let of_line = if (day + 1).is_multiple_of(DAYS_A_LINE) {
                DAYS_A_LINE
            } else {
                days % DAYS_A_LINE
            };
            let seconds = began.elapsed().as_secs_f64() / f64::from(of_line);
            say(pool, day + 1, seconds, &summary).await;
            began = std::time::Instant::now();
        }
    }
    unchanged(postern, pool, connection, &estate, days).await;
    row_per_verdict(pool).await;
}

async fn scan(
    postern: &Postern,
    connection: postern_domain::id::ConnectionId,
    estate: &Estate,
    day: u32,
) -> EvaluationSummary {
    let at = FIRST_DAY + Duration::days(day.into());
    let postern = postern.with_clock(Clock::fixed(at));
    let assets: Vec<_> = estate.read().collect();
    import_snapshot(&postern, connection, estate.snapshot(at), assets).await.unwrap().1
}

async fn say(pool: &PgPool, days: u32, seconds: f64, summary: &EvaluationSummary) {
    let checks = summary.point.checks;
    println!(
        "{days:>6} {seconds:>9.2} {:>9} {:>10} {:>10.1}",
        summary.open(),
        checks.planned() + checks.not_applicable,
        size(pool).await / 1e6
    );
}

/// Scans that find nothing new, and what they add.
async fn unchanged(
    postern: &Postern,
    pool: &PgPool,
    connection: postern_domain::id::ConnectionId,
    estate: &Estate,
    days: u32,
) {
    const SCANS: u32 = 20;
    // What a scan leaves dead is used again by the next; it is given back first, so that only what stays is counted.
    vacuum(pool).await;
    let before = size(pool).await;
    for day in days..days + SCANS {
        scan(postern, connection, estate, day).await;
    }
    vacuum(pool).await;
    let added = (size(pool).await - before) / f64::from(SCANS);
    println!("a scan that finds nothing new adds {:.1} KiB ({SCANS} of them)", added / 1024.0);
}

/// What the usual way would take: a row for each verdict of each scan, measured on the verdicts of a day.
async fn row_per_verdict(pool: &PgPool) {
    let statements = "CREATE TEMP TABLE per_scan AS \
         SELECT evaluation_id, current_verdicts.connection_id, current_verdicts.asset_id, current_verdicts.rule_id, \
             current_verdicts.verdict, current_verdicts.severity, verdict_changes.summary, verdict_changes.evidence \
         FROM current_verdicts JOIN verdict_changes ON verdict_changes.connection_id = current_verdicts.connection_id \
             AND verdict_changes.asset_id = current_verdicts.asset_id AND verdict_changes.rule_id = current_verdicts.rule_id \
             AND verdict_changes.at = current_verdicts.since; \
         ALTER TABLE per_scan ADD PRIMARY KEY (connection_id, asset_id, rule_id, evaluation_id)";
    let mut session = pool.acquire().await.unwrap();
    sqlx::raw_sql(statements).execute(&mut *session).await.unwrap();
    let (rows, bytes): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM per_scan), pg_total_relation_size('per_scan')",
    )
    .fetch_one(&mut *session)
    .await
    .unwrap();
    println!(
        "a row for each verdict of each scan: {rows} rows and {:.0} MB a scan, {:.0} GB in 1,095 scans",
        bytes as f64 / 1e6,
        bytes as f64 * 1_095.0 / 1e9
    );
}

async fn vacuum(pool: &PgPool) {
    sqlx::raw_sql("VACUUM FULL ANALYZE").execute(pool).await.unwrap();
}

/// The database's size in bytes.
async fn size(pool: &PgPool) -> f64 {
    let bytes: i64 = sqlx::query_scalar("SELECT pg_database_size(current_database())")
        .fetch_one(pool)
        .await
        .unwrap();
    bytes as f64
}

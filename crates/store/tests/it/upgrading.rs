//! A database of an older Postern, brought up to date.

use std::borrow::Cow;

use futures::TryStreamExt as _;
use postern_domain::digest::Digest;
use postern_domain::id::ConnectionId;
use postern_domain::verdict::{RuleVerdict, Severity, Verdict};
use postern_store::server::migrate;
use postern_store::{MIGRATOR, read, verdict};
use postern_test_support::TestDatabase;
use serde_json::json;
use sqlx::migrate::Migrator;
use time::OffsetDateTime;
use time::macros::datetime;

const ASSET: &str =
    "/subscriptions/s1/resourcegroups/g/providers/microsoft.search/searchservices/find-1";

/// Three evaluations in two months: a failure opens, its severity rises without an event, and it is fixed.
const HISTORY: &str = r#"
    INSERT INTO connections (slug, name, kind, settings, created_at) VALUES ('c', 'C', 'azure', '{}', '2026-01-01');
    INSERT INTO scans (connection_id, state, requested_by, queued_at, started_at, finished_at)
        SELECT 1, 'finished', 'test', at, at, at FROM unnest('{2026-01-20,2026-01-30,2026-02-05}'::timestamptz[]) AS at;
    INSERT INTO snapshots (connection_id, scan_id, started_at, finished_at, subscriptions, listings, gaps, assets_read)
        SELECT 1, scan_id, queued_at, queued_at, '[]', '[]', '[]', 1 FROM scans ORDER BY scan_id;
    INSERT INTO evaluations (connection_id, snapshot_id, at, evaluated_at, engine, settings)
        SELECT 1, snapshot_id, finished_at, finished_at, 'e', '{}' FROM snapshots ORDER BY snapshot_id;
    SELECT ensure_month(at) FROM evaluations;
    INSERT INTO packs VALUES (sha256('p'), 'p', '1', '{}', 'p', '2026-01-01');
    INSERT INTO asset_bodies VALUES (sha256('a'), '{"resource": {}, "related": {}}');
    INSERT INTO asset_changes (at, snapshot_id, connection_id, asset_id, change, content_hash, identity)
        VALUES ('2026-01-20', 1, 1, '$ASSET', 'appeared', sha256('a'),
            '{"arm_id": "$ASSET", "asset_type": "microsoft.search/searchservices", "name": "Find-1", "source": "s"}');
    INSERT INTO current_assets
        VALUES (1, '$ASSET', '$ASSET', 'microsoft.search/searchservices', 'Find-1', NULL, NULL, 's1', 'g', 's', sha256('a'), '2026-01-20', '2026-02-05');
    INSERT INTO verdict_changes VALUES
        ('2026-01-20', 1, 1, '$ASSET', 'NET-01', sha256('p'), 'fail', 'high', 'Open.', '[]'),
        ('2026-01-30', 2, 1, '$ASSET', 'NET-01', sha256('p'), 'fail', 'critical', 'Open.', '[]'),
        ('2026-02-05', 3, 1, '$ASSET', 'NET-01', sha256('p'), 'pass', 'critical', 'Closed.', '[{"path": "x", "actual": 1, "expected": "y"}]');
    INSERT INTO current_verdicts VALUES
        (1, '$ASSET', 'NET-01', sha256('p'), 'pass', 'critical', 'Closed.', '[{"path": "x", "actual": 1, "expected": "y"}]', '2026-02-05');
    INSERT INTO findings (connection_id, asset_id, rule_id, state, severity, first_seen_at, opened_at, changed_at, resolved_at)
        VALUES (1, '$ASSET', 'NET-01', 'resolved', 'critical', '2026-01-20', '2026-01-20', '2026-02-05', '2026-02-05');
    INSERT INTO finding_events VALUES
        ('2026-01-20', 1, 1, 'opened', 'open', 'high', 'Open.'),
        ('2026-02-05', 3, 1, 'fixed', 'resolved', 'critical', 'Closed.');
"#;

#[tokio::test]
async fn what_an_older_postern_wrote_is_there_as_of_any_moment() {
    let database = TestDatabase::create_empty().await;
    let pool = database.pool();
    let first_three = MIGRATOR.migrations.iter().take(3).cloned().collect::<Vec<_>>();
    let older = Migrator { migrations: Cow::Owned(first_three), ..Migrator::DEFAULT };
    older.run(pool).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(HISTORY.replace("$ASSET", ASSET)))
        .execute(pool)
        .await
        .unwrap();
    migrate(pool).await.unwrap();

    let mut session = pool.acquire().await.unwrap();
    let of = ConnectionId::from_number(1);
    let tallies = async |session: &mut sqlx::PgConnection, at: Option<OffsetDateTime>| {
        let tallies = read::tally::list(session, of, at).await.unwrap();
        let line = |tally: &read::tally::RuleTally| {
            let counts = tally.tally;
            let checks = (counts.pass, counts.fail);
            (tally.severity, checks, counts.open, counts.resolved)
        };
        tallies
            .iter()
            .map(line)
            .filter(|line| (line.1, line.2, line.3) != ((0, 0), 0, 0))
            .collect::<Vec<_>>()
    };
    let (high, critical) = (Severity::High, Severity::Critical);
    let at = |at| Some(at);
    assert_eq!(tallies(&mut session, at(datetime!(2026-01-19 0:00 UTC))).await, []);
    assert_eq!(
        tallies(&mut session, at(datetime!(2026-01-25 0:00 UTC))).await,
        [(high, (0, 1), 1, 0)]
    );
    // The finding's severity before its next event is not on record, so it stands under the first.
    let between = tallies(&mut session, at(datetime!(2026-01-31 0:00 UTC))).await;
    assert_eq!(between, [(critical, (0, 1), 0, 0), (high, (0, 0), 1, 0)]);
    for moment in [None, at(datetime!(2026-02-06 0:00 UTC))] {
        assert_eq!(tallies(&mut session, moment).await, [(critical, (1, 0), 0, 1)]);
    }

    let spans: Vec<(String, bool, String)> = sqlx::query_as(
        "SELECT finding_spans.state, until = 'infinity', asset_name FROM finding_spans JOIN findings USING (finding_id) ORDER BY since",
    )
    .fetch_all(&mut *session)
    .await
    .unwrap();
    let name = "find-1".to_owned();
    assert_eq!(
        spans,
        [("open".to_owned(), false, name.clone()), ("resolved".to_owned(), true, name)]
    );

    // The digest that was not written then is that of the same verdict now.
    let current = verdict::current(&mut session, of, &[ASSET.to_owned()]).await.unwrap();
    let (check, last) = current.into_iter().next().unwrap();
    let said: RuleVerdict = serde_json::from_value(json!({
        "asset": check.0, "rule": check.1, "verdict": "pass", "severity": "critical", "summary": "Closed.",
        "evidence": [{"path": "x", "actual": 1, "expected": "y"}],
    }))
    .unwrap();
    assert_eq!((last.verdict, last.digest), (Verdict::Pass, said.digest()));
    assert_eq!(last.pack, Digest::of(b"p"));

    // What verdicts said stands once, and is what they said at the time.
    let bodies: i64 = sqlx::query_scalar("SELECT count(*) FROM verdict_bodies")
        .fetch_one(&mut *session)
        .await
        .unwrap();
    assert_eq!(bodies, 2, "\"Open.\" was said twice");
    for (moment, said) in [
        (datetime!(2026-01-25 0:00 UTC), (Severity::High, "Open.", 0)),
        (datetime!(2026-01-31 0:00 UTC), (Severity::Critical, "Open.", 0)),
        (datetime!(2026-02-06 0:00 UTC), (Severity::Critical, "Closed.", 1)),
    ] {
        let findings = read::history::findings(&mut session, of, moment, None);
        let findings: Vec<_> = findings.try_collect().await.unwrap();
        let verdict = findings[0].verdict.as_ref().unwrap();
        let found = (verdict.severity, verdict.summary.as_str(), verdict.evidence.len());
        assert_eq!(found, said, "{moment}");
    }
}

//! The tables of an archive, each after those that it names.

/// A table of an archive.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name, which the archive's file has too.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// Whose its rows are.
    pub kind: TableKind,
    /// Which rows, called `own`, and in which order: of the connection `$1`, for every moment from `$2` to `$3`.
    pub(super) rows: &'static str,
}

/// Whose the rows of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// The connection's.
    Own,
    /// All connections': what a database has already stays as it is.
    Shared,
    /// The organisation's, for whoever reads the archive: another database does not take it in, because there it would say
    /// what judges, and what vouches for it.
    Evidence,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub(super) name: &'static str,
    /// What stands for it in the archive, where that is not the row's own value.
    pub(super) value: Option<&'static str>,
}

const fn own(name: &'static str) -> Column {
    Column { name, value: None }
}

const fn made(name: &'static str, value: &'static str) -> Column {
    Column { name, value: Some(value) }
}

/// All of them.
pub const TABLES: &[Table] = &[
    Table {
        name: "packs",
        columns: &[
            own("pack_digest"),
            own("name"),
            own("version"),
            own("manifest"),
            own("component"),
            own("first_used_at"),
        ],
        kind: TableKind::Shared,
        rows: "FROM packs AS own
               WHERE pack_digest IN (
                   SELECT evaluation_packs.pack_digest
                   FROM evaluation_packs
                   JOIN evaluations USING (evaluation_id)
                   WHERE connection_id = $1 AND at <= $3 AND $2::timestamptz IS NOT NULL
               )
               ORDER BY pack_digest",
    },
    Table {
        name: "scans",
        columns: &[
            own("scan_id"),
            own("connection_id"),
            own("state"),
            own("requested_by"),
            own("queued_at"),
            own("started_at"),
            own("heartbeat_at"),
            own("finished_at"),
            own("progress"),
            own("failure"),
            own("attempts"),
            own("cancel_requested_at"),
            own("cancel_requested_by"),
            own("fruitless_attempts"),
            own("kept_assets"),
        ],
        kind: TableKind::Own,
        rows: "FROM scans AS own
               LEFT JOIN snapshots USING (scan_id)
               WHERE own.connection_id = $1
                   AND own.state IN ('finished', 'failed')
                   AND CASE
                       WHEN snapshots.snapshot_id IS NULL THEN own.finished_at >= $2 AND own.finished_at <= $3
                       ELSE snapshots.finished_at <= $3
                   END
               ORDER BY own.scan_id",
    },
    Table {
        name: "snapshots",
        columns: &[
            own("snapshot_id"),
            own("connection_id"),
            own("scan_id"),
            own("started_at"),
            own("finished_at"),
            own("subscriptions"),
            own("listings"),
            own("gaps"),
            own("assets_read"),
            own("fact_coverage"),
            own("facts_complete"),
            own("facts_partial"),
            own("facts_failed"),
        ],
        kind: TableKind::Own,
        // Of one that is older than the moments asked for, changes are the base of what follows.
        rows: "FROM snapshots AS own
               WHERE connection_id = $1 AND finished_at <= $3 AND $2::timestamptz IS NOT NULL
               ORDER BY snapshot_id",
    },
    Table {
        name: "evaluations",
        columns: &[
            own("evaluation_id"),
            own("connection_id"),
            own("snapshot_id"),
            own("at"),
            own("evaluated_at"),
            own("engine"),
            own("settings"),
        ],
        kind: TableKind::Own,
        rows: "FROM evaluations AS own
               WHERE connection_id = $1 AND at <= $3 AND $2::timestamptz IS NOT NULL
               ORDER BY evaluation_id",
    },
    Table {
        name: "evaluation_packs",
        columns: &[own("evaluation_id"), own("pack_digest"), own("problem")],
        kind: TableKind::Own,
        rows: "FROM evaluation_packs AS own
               JOIN evaluations USING (evaluation_id)
               WHERE connection_id = $1 AND at <= $3 AND $2::timestamptz IS NOT NULL
               ORDER BY own.evaluation_id, own.pack_digest",
    },
    Table {
        name: "assets",
        columns: &[own("asset_number"), own("connection_id"), own("asset_id")],
        kind: TableKind::Own,
        rows: "FROM assets AS own
               WHERE connection_id = $1
                   AND $2::timestamptz IS NOT NULL
                   AND EXISTS (
                       SELECT
                       FROM asset_changes
                       WHERE asset_changes.connection_id = $1
                           AND asset_changes.asset_id = own.asset_id
                           AND asset_changes.at <= $3
                   )
               ORDER BY asset_number",
    },
    Table {
        name: "asset_bodies",
        columns: &[own("content_hash"), own("document")],
        kind: TableKind::Shared,
        rows: "FROM asset_bodies AS own
               WHERE content_hash IN (
                   SELECT content_hash
                   FROM asset_changes
                   LEFT JOIN superseded_asset_changes($1, $2) AS superseded USING (asset_id, at, snapshot_id)
                   WHERE asset_changes.connection_id = $1
                       AND asset_changes.at <= $3
                       AND content_hash IS NOT NULL
                       AND superseded.asset_id IS NULL
               )
               ORDER BY content_hash",
    },
    Table {
        name: "asset_changes",
        columns: &[
            own("at"),
            own("snapshot_id"),
            own("connection_id"),
            own("asset_id"),
            own("change"),
            own("content_hash"),
            own("identity"),
            own("reason"),
        ],
        kind: TableKind::Own,
        rows: "FROM asset_changes AS own
               LEFT JOIN superseded_asset_changes($1, $2) AS superseded USING (asset_id, at, snapshot_id)
               WHERE own.connection_id = $1 AND own.at <= $3 AND superseded.asset_id IS NULL
               ORDER BY own.at, own.snapshot_id, own.asset_id",
    },
    Table {
        name: "verdict_bodies",
        columns: &[own("connection_id"), own("body_digest"), own("summary"), own("evidence")],
        kind: TableKind::Own,
        rows: "FROM verdict_bodies AS own
               WHERE connection_id = $1
                   AND body_digest IN (
                       SELECT body_digest
                       FROM verdict_changes
                       LEFT JOIN superseded_verdict_changes($1, $2) AS superseded
                           USING (asset_number, rule_id, at, evaluation_id)
                       WHERE verdict_changes.connection_id = $1
                           AND verdict_changes.at <= $3
                           AND superseded.asset_number IS NULL
                   )
               ORDER BY body_digest",
    },
    Table {
        name: "verdict_changes",
        columns: &[
            own("at"),
            own("evaluation_id"),
            own("connection_id"),
            own("asset_number"),
            own("rule_id"),
            own("pack_digest"),
            own("verdict"),
            own("severity"),
            own("body_digest"),
        ],
        kind: TableKind::Own,
        rows: "FROM verdict_changes AS own
               LEFT JOIN superseded_verdict_changes($1, $2) AS superseded
                   USING (asset_number, rule_id, at, evaluation_id)
               WHERE own.connection_id = $1 AND own.at <= $3 AND superseded.asset_number IS NULL
               ORDER BY own.at, own.evaluation_id, own.asset_number, own.rule_id",
    },
    Table {
        name: "owner_changes",
        columns: &[own("at"), own("evaluation_id"), own("asset_number"), own("team")],
        kind: TableKind::Own,
        rows: "FROM owner_changes AS own
               JOIN assets ON assets.asset_number = own.asset_number
               LEFT JOIN superseded_owner_changes($1, $2) AS superseded
                   ON superseded.asset_number = own.asset_number
                   AND superseded.at = own.at
                   AND superseded.evaluation_id = own.evaluation_id
               WHERE assets.connection_id = $1 AND own.at <= $3 AND superseded.asset_number IS NULL
               ORDER BY own.at, own.evaluation_id, own.asset_number",
    },
    Table {
        name: "findings",
        // As they were at the last moment.
        columns: &[
            own("finding_id"),
            own("connection_id"),
            own("asset_id"),
            own("rule_id"),
            made("state", "span.state"),
            made("severity", "span.severity"),
            own("first_seen_at"),
            made("opened_at", "span.opened_at"),
            made("changed_at", "span.changed_at"),
            made("resolved_at", "CASE WHEN span.state = 'resolved' THEN span.changed_at END"),
            own("asset_type"),
            own("asset_name"),
            made("team", "span.team"),
        ],
        kind: TableKind::Own,
        rows: "FROM findings AS own
               JOIN finding_spans AS span USING (finding_id)
               WHERE own.connection_id = $1
                   AND span.since <= $3
                   AND span.until > $3
                   AND $2::timestamptz IS NOT NULL
               ORDER BY finding_id",
    },
    Table {
        name: "finding_events",
        columns: &[
            own("at"),
            own("evaluation_id"),
            own("finding_id"),
            own("event"),
            own("state"),
            own("severity"),
            own("detail"),
            own("cause"),
        ],
        kind: TableKind::Own,
        rows: "FROM finding_events AS own
               JOIN findings ON findings.finding_id = own.finding_id
               LEFT JOIN superseded_finding_events($1, $2) AS superseded
                   ON superseded.finding_id = own.finding_id
                   AND superseded.at = own.at
                   AND superseded.evaluation_id = own.evaluation_id
               WHERE findings.connection_id = $1 AND own.at <= $3 AND superseded.finding_id IS NULL
               ORDER BY own.at, own.evaluation_id, own.finding_id",
    },
    Table {
        name: "finding_spans",
        columns: &[
            own("connection_id"),
            own("finding_id"),
            own("state"),
            own("severity"),
            own("opened_at"),
            own("changed_at"),
            own("since"),
            made("until", "CASE WHEN own.until > $3 THEN 'infinity' ELSE own.until END"),
            own("team"),
        ],
        kind: TableKind::Own,
        rows: "FROM finding_spans AS own
               WHERE connection_id = $1 AND since <= $3 AND own.until > $2
               ORDER BY finding_id, since",
    },
    Table {
        name: "tally_bases",
        columns: &[own("evaluation_id"), own("connection_id"), own("at")],
        kind: TableKind::Own,
        rows: "FROM tally_bases AS own
               WHERE connection_id = $1
                   AND at <= $3
                   AND at >= (SELECT max(at) FROM tally_bases WHERE connection_id = $1 AND at <= $2)
               ORDER BY evaluation_id",
    },
    Table {
        name: "tally_changes",
        columns: &[
            own("at"),
            own("evaluation_id"),
            own("connection_id"),
            own("rule_id"),
            own("asset_type"),
            own("subscription"),
            own("severity"),
            own("checks_pass"),
            own("checks_fail"),
            own("checks_unknown"),
            own("checks_not_applicable"),
            own("findings_open"),
            own("findings_not_rechecked"),
            own("findings_unknown"),
            own("findings_resolved"),
            own("team"),
        ],
        kind: TableKind::Own,
        rows: "FROM tally_changes AS own
               WHERE connection_id = $1
                   AND at <= $3
                   AND at >= (SELECT max(at) FROM tally_bases WHERE connection_id = $1 AND at <= $2)
               ORDER BY at, evaluation_id, rule_id, asset_type, subscription, team, severity",
    },
    Table {
        name: "trend_points",
        columns: &[own("evaluation_id"), own("connection_id"), own("at"), own("counts")],
        kind: TableKind::Own,
        rows: "FROM trend_points AS own
               WHERE connection_id = $1 AND at >= $2 AND at <= $3
               ORDER BY evaluation_id",
    },
    Table {
        name: "routing_changes",
        // What was said of teams, in its order; numbers of its own are made anew.
        columns: &[own("routing"), own("reason"), own("at")],
        kind: TableKind::Own,
        rows: "FROM routing_changes AS own
               WHERE at <= $3 AND $2::timestamptz IS NOT NULL AND $1::bigint IS NOT NULL
               ORDER BY routing_change_id",
    },
    Table {
        name: "pack_origins",
        columns: &[own("pack_digest"), own("origin"), own("signer"), own("at")],
        kind: TableKind::Evidence,
        rows: "FROM pack_origins AS own
               WHERE pack_digest IN (
                   SELECT evaluation_packs.pack_digest
                   FROM evaluation_packs
                   JOIN evaluations USING (evaluation_id)
                   WHERE connection_id = $1 AND at <= $3 AND $2::timestamptz IS NOT NULL
               )
               ORDER BY pack_digest",
    },
    Table {
        name: "pack_activations",
        columns: &[own("pack"), own("pack_digest"), own("reason"), own("at")],
        kind: TableKind::Evidence,
        rows: "FROM pack_activations AS own
               WHERE at <= $3 AND $2::timestamptz IS NOT NULL AND $1::bigint IS NOT NULL
               ORDER BY pack_activation_id",
    },
    Table {
        name: "setting_changes",
        columns: &[own("pack"), own("settings"), own("reason"), own("at")],
        kind: TableKind::Evidence,
        rows: "FROM setting_changes AS own
               WHERE at <= $3 AND $2::timestamptz IS NOT NULL AND $1::bigint IS NOT NULL
               ORDER BY setting_change_id",
    },
];

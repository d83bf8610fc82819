//! Retention: how long what is stored is kept, what that would remove, and removing it.

use std::collections::BTreeMap;

use postern_domain::id::ConnectionId;
use postern_domain::moment;
use postern_domain::person::{Denied, Permission};
use postern_domain::retention::{Retention, RetentionKind};
use postern_store::lease::Lease;
use postern_store::retention::{self, Removed};
use postern_store::{PgConnection, StoreError};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::Postern;
use crate::access::AccessError;
use crate::decision::{Decided, begin, record};
use crate::view::{KeptView, RemovalView, RemovedView, RetentionView};

/// Retention could not be said or applied.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// It is wrong in itself; what held before goes on.
    #[error("this was refused: {}", complaints.join("; "))]
    Refused {
        /// All that is wrong.
        complaints: Vec<String>,
    },
    /// Whoever said it may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What holds, and where what is left of each connection begins.
pub async fn show_retention(postern: &Postern) -> Result<RetentionView, AccessError> {
    postern.require(Permission::ReadEverything)?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    let mut kept = Vec::new();
    for (of, connection) in retention::connections(&mut session).await? {
        kept.push(KeptView {
            connection,
            history_from: retention::begins(&mut session, of, RetentionKind::History).await?,
            trend_from: retention::begins(&mut session, of, RetentionKind::Trend).await?,
        });
    }
    Ok(RetentionView {
        retention: retention::retention(&mut session).await?,
        change: retention::last_change(&mut session).await?,
        kept,
    })
}

/// Says how long each kind is kept from now on; nothing is removed yet.
pub async fn set_retention(
    postern: &Postern,
    keep: &Retention,
    reason: &str,
) -> Result<(), RetentionError> {
    postern.require(Permission::Configure)?;
    check(keep)?;
    let mut transaction = begin(postern).await?;
    let before = retention::retention(&mut transaction).await?;
    retention::set_retention(&mut transaction, keep, reason, postern.clock.now()).await?;
    let decided = Decided {
        action: "retention.set",
        reason: Some(reason.to_owned()),
        before: Some(json!(before)),
        after: Some(json!(keep)),
        ..Decided::default()
    };
    record(postern, &mut transaction, decided).await?;
    Ok(transaction.commit().await.map_err(StoreError::from)?)
}

/// What keeping each kind so long would remove now.
///
/// It is what applying it does, undone at the end: scans wait meanwhile with what they read.
pub async fn preview_retention(
    postern: &Postern,
    keep: &Retention,
) -> Result<Vec<RemovalView>, RetentionError> {
    postern.require(Permission::Configure)?;
    check(keep)?;
    let mut transaction = postern.pool.begin().await.map_err(StoreError::from)?;
    let mut removals = Vec::new();
    for (of, connection) in retention::connections(&mut transaction).await? {
        for due in due(&mut transaction, of, keep, postern.clock.now()).await? {
            let removed = remove(&mut transaction, of, due).await?;
            removals.push(view(&mut transaction, &connection, due, &removed).await?);
        }
    }
    transaction.rollback().await.map_err(StoreError::from)?;
    Ok(removals)
}

/// What applying retention did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// What was removed, connection by connection.
    pub removals: Vec<RemovalView>,
    /// The connections that were being scanned; their turn comes later.
    pub busy: Vec<String>,
}

/// Removes what is kept no longer, one connection after the other; `tell` hears of each as it is done.
///
/// What was removed of a connection is gone also where the next one fails.
pub async fn apply_retention(
    postern: &Postern,
    mut tell: impl FnMut(&RemovalView) + Send,
) -> Result<Applied, RetentionError> {
    postern.require(Permission::Configure)?;
    let (keep, connections) = {
        let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
        (retention::retention(&mut session).await?, retention::connections(&mut session).await?)
    };
    let mut applied = Applied::default();
    let mut parts: BTreeMap<String, i64> = BTreeMap::new();
    for (of, connection) in connections {
        let is_due = {
            let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
            !due(&mut session, of, &keep, postern.clock.now()).await?.is_empty()
        };
        if !is_due {
            continue;
        }
        let Some(mut lease) = Lease::try_take(&postern.pool, of).await? else {
            applied.busy.push(connection);
            continue;
        };
        for (due, removed) in apply_to(postern, (&mut lease, &connection), &keep).await? {
            for removed in &removed {
                *parts.entry(removed.part.clone()).or_default() += removed.rows;
            }
            let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
            let removal = view(&mut session, &connection, due, &removed).await?;
            tracing::info!(
                connection.id = %of, kind = due.kind.as_str(), before = %due.before, rows = removal.rows(),
                "retention applied"
            );
            tell(&removal);
            applied.removals.push(removal);
        }
        lease.release().await?;
    }
    compact(postern, parts).await?;
    Ok(applied)
}

/// A kind of which what lies before a moment is to go.
#[derive(Clone, Copy, Debug)]
struct Due {
    kind: RetentionKind,
    before: OffsetDateTime,
}

/// What is to go of a connection, and has not gone yet.
async fn due(
    session: &mut PgConnection,
    of: ConnectionId,
    keep: &Retention,
    now: OffsetDateTime,
) -> Result<Vec<Due>, StoreError> {
    let mut due = Vec::new();
    let mut begins = retention::begins(session, of, RetentionKind::History).await?;
    if let Some(from) = keep.keeps_from(RetentionKind::History, now) {
        // All that is known at the beginning of the time to keep is what the last evaluation before it found.
        let base = retention::base_at(session, of, from).await?;
        if let Some(before) = base.filter(|base| begins.is_none_or(|begins| begins < *base)) {
            due.push(Due { kind: RetentionKind::History, before });
            begins = Some(before);
        }
    }
    for kind in [RetentionKind::Trend, RetentionKind::FailedScans] {
        let Some(from) = keep.keeps_from(kind, now) else { continue };
        let before = match kind {
            // The moments that can be shown have their point.
            RetentionKind::Trend => begins.map(|begins| begins.min(from)),
            _ => Some(from),
        };
        let gone = retention::begins(session, of, kind).await?;
        if let Some(before) = before.filter(|before| gone.is_none_or(|gone| gone < *before)) {
            due.push(Due { kind, before });
        }
    }
    Ok(due)
}

async fn apply_to(
    postern: &Postern,
    (lease, connection): (&mut Lease, &str),
    keep: &Retention,
) -> Result<Vec<(Due, Vec<Removed>)>, StoreError> {
    let (of, now) = (lease.connection(), postern.clock.now());
    let mut transaction = postern.pool.begin().await?;
    let (mut done, mut decided) = (Vec::new(), Vec::new());
    // Once more, because another may have been here before the lease was taken.
    for due in due(&mut transaction, of, keep, now).await? {
        let removed = remove(&mut transaction, of, due).await?;
        let rows: serde_json::Map<String, Value> =
            by_table(&removed).into_iter().map(|(table, rows)| (table, rows.into())).collect();
        let until = (due.kind, due.before);
        let rows = Value::from(rows);
        retention::insert_run(&mut transaction, of, until, &rows, now).await?;
        decided.push(Decided {
            action: "retention.apply",
            subject: Some(connection.to_owned()),
            after: Some(json!({
                "kind": due.kind.as_str(), "before": moment::text(due.before), "removed_rows": rows,
            })),
            ..Decided::default()
        });
        done.push((due, removed));
    }
    // Nobody else waits for what is removed.
    for decided in decided {
        record(postern, &mut transaction, decided).await?;
    }
    transaction.commit().await?;
    Ok(done)
}

async fn remove(
    session: &mut PgConnection,
    of: ConnectionId,
    due: Due,
) -> Result<Vec<Removed>, StoreError> {
    retention::permit(session).await?;
    match due.kind {
        RetentionKind::History => retention::remove_history(session, of, due.before).await,
        RetentionKind::Trend => Ok(vec![retention::remove_trend(session, of, due.before).await?]),
        RetentionKind::FailedScans => {
            Ok(vec![retention::remove_failed_scans(session, of, due.before).await?])
        }
    }
}

/// Rows by table, the months of one added up.
fn by_table(removed: &[Removed]) -> BTreeMap<String, i64> {
    let mut tables: BTreeMap<String, i64> = BTreeMap::new();
    for removed in removed {
        // `verdict_changes_2026_03` is a month of `verdict_changes`.
        let is_of_month = |character: char| character.is_ascii_digit() || character == '_';
        let table = removed.part.trim_end_matches(is_of_month);
        *tables.entry(table.to_owned()).or_default() += removed.rows;
    }
    tables
}

async fn view(
    session: &mut PgConnection,
    connection: &str,
    due: Due,
    removed: &[Removed],
) -> Result<RemovalView, StoreError> {
    let mut bytes: BTreeMap<String, i64> = BTreeMap::new();
    for part in removed.iter().filter(|part| part.rows > 0) {
        let room = retention::room(session, part).await?;
        for (table, _) in by_table(std::slice::from_ref(part)) {
            *bytes.entry(table).or_default() += room;
        }
    }
    let removed = by_table(removed).into_iter().map(|(table, rows)| RemovedView {
        bytes: bytes.get(&table).copied().unwrap_or_default(),
        table,
        rows,
    });
    Ok(RemovalView {
        connection: connection.to_owned(),
        kind: due.kind,
        before: due.before,
        removed: removed.filter(|removed| removed.rows > 0).collect(),
    })
}

/// Gives back the room of the months that lost much.
async fn compact(postern: &Postern, parts: BTreeMap<String, i64>) -> Result<(), StoreError> {
    let mut session = postern.pool.acquire().await?;
    for (part, rows) in parts {
        let removed = Removed { part, rows };
        if retention::is_worth_compacting(&mut session, &removed).await?
            && !retention::compact(&mut session, &removed.part).await?
        {
            tracing::warn!(part = removed.part, "in use: its room is not given back to the disk");
        }
    }
    Ok(())
}

fn check(keep: &Retention) -> Result<(), RetentionError> {
    let complaints = keep.complaints();
    if complaints.is_empty() { Ok(()) } else { Err(RetentionError::Refused { complaints }) }
}

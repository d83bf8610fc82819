//! What changed between two snapshots: assets property by property, findings opened and resolved.

use postern_domain::arm::{AssetId, AssetType};
use postern_domain::change::{PropertyChange, property_changes};
use postern_domain::finding::{FindingEvent, FindingState};
use postern_domain::id::{AssetNumber, FindingId, RuleId, ScanId};
use postern_domain::moment;
use postern_domain::person::Permission;
use postern_domain::verdict::Severity;
use postern_store::read::difference::{Span, TouchedAsset, TouchedFinding};
use postern_store::read::evaluation::EvaluationRecord;
use postern_store::{PgConnection, StoreError, read};
use serde::Serialize;
use time::OffsetDateTime;

use crate::Postern;
use crate::moment::history_begins;
use crate::read::{ReadError, choose};
use crate::view::ConnectionChoice;

/// Rows that one query reads; documents are a few kilobytes each.
const PAGE: u32 = 500;

/// A comparison asked for.
#[derive(Clone, Debug)]
pub struct DifferenceRequest {
    /// The connection's slug; `None` for the one shown by default.
    pub connection: Option<String>,
    /// The earlier moment: the latest snapshot that was judged by then.
    pub from: OffsetDateTime,
    /// The later moment; `None` for the latest snapshot.
    pub until: Option<OffsetDateTime>,
    /// The part to show; `None` for all of it.
    pub part: Option<DifferencePart>,
}

/// A part of a comparison: that many assets and findings after these, in the order of ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferencePart {
    /// At most so many of each.
    pub limit: u32,
    /// The last asset of the part before.
    pub asset: Option<AssetId>,
    /// The last finding of the part before.
    pub finding: Option<FindingId>,
}

/// What changed between two snapshots of a connection.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DifferenceView {
    /// The connection's slug.
    pub connection: String,
    /// The connections there are, for a page's header.
    #[serde(skip)]
    pub connections: ConnectionChoice,
    /// The earlier snapshot.
    pub from: SnapshotPoint,
    /// The later one.
    pub until: SnapshotPoint,
    /// The assets that differ, in the order of ids.
    pub assets: Vec<AssetDifference>,
    /// Whether more assets follow those of this part.
    pub has_more_assets: bool,
    /// The findings that are open in one and not in the other, in the order of ids.
    pub findings: Vec<FindingDifference>,
    /// Whether more findings follow those of this part.
    pub has_more_findings: bool,
}

/// A snapshot that was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SnapshotPoint {
    /// The scan that made it.
    pub scan: ScanId,
    /// When reading ended.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// An asset that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssetDifference {
    /// Its id.
    pub asset: AssetId,
    /// Its number, for addresses of pages.
    #[serde(skip)]
    pub number: AssetNumber,
    /// Its name.
    pub name: String,
    /// Its type.
    pub asset_type: AssetType,
    /// Its resource group.
    pub resource_group: Option<String>,
    /// How it differs.
    pub kind: AssetDifferenceKind,
    /// The properties that differ, where it is in both.
    pub changes: Vec<PropertyChange>,
}

/// How an asset differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetDifferenceKind {
    /// It is in the later one only.
    Appeared,
    /// It was deleted.
    Deleted,
    /// Its subscription is not visible any more.
    OutOfScope,
    /// Something of it changed.
    Changed,
    /// The later one could not read it; what is known of it is older.
    Unread,
    /// The earlier one could not read it.
    ReadAgain,
}

/// A finding that was opened or resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingDifference {
    /// Its id.
    pub finding: FindingId,
    /// The rule.
    pub rule: RuleId,
    /// The asset.
    pub asset: AssetId,
    /// The asset's number, for addresses of pages.
    #[serde(skip)]
    pub number: AssetNumber,
    /// How bad it is.
    pub severity: Severity,
    /// Whether it is open in the later one; otherwise it was in the earlier.
    pub is_open: bool,
    /// What happened to it last.
    pub event: FindingEvent,
    /// What people read of that: the verdict's summary, or the reason.
    pub detail: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// Two snapshots could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum DifferenceError {
    /// There is no connection, so there is nothing to compare.
    #[error("there is no connection yet: scan or import something first")]
    NoConnection,
    /// There is a connection, and nothing was evaluated.
    #[error("the connection \"{0}\" has no evaluation yet: scan or import something first")]
    NothingEvaluated(String),
    /// A moment lies before the first evaluation.
    #[error("nothing is known of {}: the first scan of \"{connection}\" ended at {}", moment::day_and_time(*.asked), moment::day_and_time(*.first))]
    TooEarly {
        /// The connection's slug.
        connection: String,
        /// The moment asked for.
        asked: OffsetDateTime,
        /// When the facts of the first evaluation were read.
        first: OffsetDateTime,
    },
    /// The later moment is the earlier one.
    #[error("the later moment, {}, is before the earlier one, {}", moment::day_and_time(*.until), moment::day_and_time(*.from))]
    Backwards {
        /// The earlier moment, as asked for.
        from: OffsetDateTime,
        /// The later one.
        until: OffsetDateTime,
    },
    /// Both moments show the same snapshot.
    #[error("both moments show the same scan, {scan}, which ended at {}", moment::day_and_time(*.at))]
    SameSnapshot {
        /// Its scan.
        scan: ScanId,
        /// When it ended.
        at: OffsetDateTime,
    },
    /// The data could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<StoreError> for DifferenceError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

/// Compares two snapshots of a connection.
///
/// An asset or a finding that came and went in between, or changed and changed back, is the same in both and not named.
pub async fn compare_snapshots(
    postern: &Postern,
    request: DifferenceRequest,
) -> Result<DifferenceView, DifferenceError> {
    postern.require(Permission::ReadEverything).map_err(ReadError::from)?;
    let DifferenceRequest { connection: slug, from, until, part } = request;
    if let Some(until) = until.filter(|until| *until < from) {
        return Err(DifferenceError::Backwards { from, until });
    }
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(chosen) = choose(&mut transaction, slug.as_deref()).await? else {
        return Err(slug.map_or(DifferenceError::NoConnection, |slug| {
            ReadError::UnknownConnection(slug).into()
        }));
    };
    let slug = chosen.choice.selected.slug.clone();
    let later = read::evaluation::latest(&mut transaction, chosen.id, until).await?;
    let earlier = read::evaluation::latest(&mut transaction, chosen.id, Some(from)).await?;
    let (Some(earlier), Some(later)) = (earlier, later) else {
        let first = read::evaluation::first_at(&mut transaction, chosen.id).await?;
        return Err(match first {
            Some(first) => DifferenceError::TooEarly { connection: slug, asked: from, first },
            None => DifferenceError::NothingEvaluated(slug),
        });
    };
    if let Some(kept_from) = history_begins(&mut transaction, chosen.id).await?
        && earlier.at < kept_from
    {
        let latest = later.at;
        return Err(ReadError::NotKept { connection: slug, asked: from, kept_from, latest }.into());
    }
    if earlier.id == later.id {
        return Err(DifferenceError::SameSnapshot { scan: later.scan, at: later.at });
    }
    let span = Span { connection: chosen.id, from: earlier.at, until: later.at };
    let (limit, asset, finding) = match part {
        Some(DifferencePart { limit, asset, finding }) => (Some(limit), asset, finding),
        None => (None, None, None),
    };
    let (assets, has_more_assets) = assets(&mut transaction, span, asset, limit).await?;
    let (findings, has_more_findings) = findings(&mut transaction, span, finding, limit).await?;
    Ok(DifferenceView {
        connection: slug,
        connections: chosen.choice,
        from: point(&earlier),
        until: point(&later),
        assets,
        has_more_assets,
        findings,
        has_more_findings,
    })
}

fn point(evaluation: &EvaluationRecord) -> SnapshotPoint {
    SnapshotPoint { scan: evaluation.scan, at: evaluation.at }
}

/// The assets that differ, after `last`, and whether there are more than `limit`.
async fn assets(
    connection: &mut PgConnection,
    span: Span,
    mut last: Option<AssetId>,
    limit: Option<u32>,
) -> Result<(Vec<AssetDifference>, bool), StoreError> {
    let mut differences = Vec::new();
    loop {
        let page =
            read::difference::assets(connection, span, last.as_ref(), page_of(limit)).await?;
        let Some(end) = page.last() else { return Ok((differences, false)) };
        last = Some(end.id.clone());
        differences.extend(page.into_iter().filter_map(asset_difference));
        if has_enough(&mut differences, limit) {
            return Ok((differences, true));
        }
    }
}

/// Rows to read at a time: one more than is shown says whether there are more.
fn page_of(limit: Option<u32>) -> u32 {
    limit.map_or(PAGE, |limit| limit.saturating_add(1).min(PAGE))
}

/// Cuts the list to `limit`; whether there was more.
fn has_enough<T>(differences: &mut Vec<T>, limit: Option<u32>) -> bool {
    let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) else { return false };
    let is_more = differences.len() > limit;
    differences.truncate(limit);
    is_more
}

/// How an asset differs; `None` where it is as it was.
fn asset_difference(touched: TouchedAsset) -> Option<AssetDifference> {
    let (kind, changes) = match (&touched.before, &touched.after) {
        (None, None) => return None,
        (None, Some(_)) => (AssetDifferenceKind::Appeared, Vec::new()),
        (Some(_), None) if touched.last_change == "deleted" => {
            (AssetDifferenceKind::Deleted, Vec::new())
        }
        (Some(_), None) => (AssetDifferenceKind::OutOfScope, Vec::new()),
        (Some(before), Some(after)) => {
            let changes = property_changes(&before.document, &after.document);
            let kind = match (before.is_read, after.is_read) {
                (true, false) => AssetDifferenceKind::Unread,
                (false, true) => AssetDifferenceKind::ReadAgain,
                _ if changes.is_empty() => return None,
                _ => AssetDifferenceKind::Changed,
            };
            (kind, changes)
        }
    };
    Some(AssetDifference {
        asset: touched.id,
        number: touched.number,
        name: touched.identity.name,
        asset_type: touched.identity.asset_type,
        resource_group: touched.identity.resource_group,
        kind,
        changes,
    })
}

async fn findings(
    connection: &mut PgConnection,
    span: Span,
    mut last: Option<FindingId>,
    limit: Option<u32>,
) -> Result<(Vec<FindingDifference>, bool), StoreError> {
    let mut differences = Vec::new();
    loop {
        let page = read::difference::findings(connection, span, last, page_of(limit)).await?;
        let Some(end) = page.last() else { return Ok((differences, false)) };
        last = Some(end.id);
        differences.extend(page.into_iter().filter_map(finding_difference));
        if has_enough(&mut differences, limit) {
            return Ok((differences, true));
        }
    }
}

/// Whether a finding was opened or resolved; `None` where it is open, or not, in both.
fn finding_difference(touched: TouchedFinding) -> Option<FindingDifference> {
    let was_open = touched.before.is_some_and(FindingState::counts_as_open);
    let is_open = touched.after.counts_as_open();
    (was_open != is_open).then_some(FindingDifference {
        finding: touched.id,
        rule: touched.rule,
        asset: touched.asset,
        number: touched.number,
        severity: touched.severity,
        is_open,
        event: touched.event,
        detail: touched.detail,
        at: touched.at,
    })
}

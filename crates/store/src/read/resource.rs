//! The list of resources: which assets there are, now or at a moment in the past, and how they stand.
//!
//! Filters, counts and order are made of [`list`], which reads nothing of an asset but what they need; what a page shows
//! beside is read for its rows alone ([`rows`]).

mod as_of;
pub mod life;

use postern_domain::arm::{ArmId, AssetId, AssetType};
use postern_domain::gap::GapReason;
use postern_domain::id::{AssetNumber, ConnectionId, FindingId};
use postern_domain::team::TeamId;
use postern_domain::verdict::Severity;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;
use crate::read::asset::AssetIdentity;

/// Which assets: those of a connection, now or at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Inventory<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// The moment; `None` for now.
    pub as_of: Option<OffsetDateTime>,
    /// The findings that are accepted then, and so not open.
    pub excepted: &'a [FindingId],
}

impl Inventory<'_> {
    fn excepted_numbers(self) -> Vec<i64> {
        self.excepted.iter().map(|finding| finding.number()).collect()
    }
}

/// An asset by what lists filter, count and sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAsset {
    /// Its number.
    pub number: AssetNumber,
    /// Its name.
    pub name: String,
    /// Its type.
    pub asset_type: AssetType,
    /// The subscription's id, lower case.
    pub subscription: String,
    /// Azure's region.
    pub location: Option<String>,
    /// Whose it is; `None` for nobody's.
    pub owner: Option<TeamId>,
    /// Whether the latest snapshot could not read it.
    pub is_unread: bool,
    /// How bad the worst of its open findings is.
    pub worst: Option<Severity>,
}

/// Every asset there is, or was at the moment, in no order.
pub async fn list(
    connection: &mut PgConnection,
    of: Inventory<'_>,
) -> Result<Vec<ListedAsset>, StoreError> {
    if let Some(at) = of.as_of {
        return as_of::list(connection, of, at).await;
    }
    let rows = sqlx::query_as!(
        ListedRow,
        r#"
        WITH failing AS (
            SELECT asset_number, min(severity_rank) AS worst
            FROM finding_spans
            WHERE connection_id = $1
                AND standing = 0
                AND until = 'infinity'
                AND NOT EXISTS (SELECT FROM UNNEST($2::bigint[]) AS other (id) WHERE other.id = finding_id)
            GROUP BY asset_number
        )
        SELECT
            asset_number AS "asset_number!",
            asset_id AS "asset_id!",
            current_assets.name AS "name?",
            current_assets.location AS "location?",
            asset_owners.team AS "team?",
            current_assets.unread_reason IS NOT NULL AS "is_unread!",
            failing.worst AS "worst?"
        FROM current_assets
        JOIN assets USING (connection_id, asset_id)
        LEFT JOIN asset_owners USING (asset_number)
        LEFT JOIN failing USING (asset_number)
        WHERE connection_id = $1
        "#,
        of.connection.number(),
        &of.excepted_numbers(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(ListedRow::into_asset).collect()
}

struct ListedRow {
    asset_number: i64,
    asset_id: String,
    /// As Azure wrote it, where it is known.
    name: Option<String>,
    location: Option<String>,
    team: Option<String>,
    is_unread: bool,
    worst: Option<i16>,
}

impl ListedRow {
    fn into_asset(self) -> Result<ListedAsset, StoreError> {
        // Name, type and subscription of an ARM id never change, so that no history is asked for them.
        let id = ArmId::parse(&self.asset_id)
            .map_err(|error| StoreError::unreadable("assets.asset_id", error))?;
        Ok(ListedAsset {
            number: AssetNumber::from_number(self.asset_number),
            name: self.name.unwrap_or_else(|| id.name().to_owned()),
            asset_type: id.asset_type().clone(),
            subscription: id.subscription().to_owned(),
            location: self.location,
            owner: self.team.map(|team| column::word("asset_owners.team", &team)).transpose()?,
            is_unread: self.is_unread,
            worst: self.worst.map(severity).transpose()?,
        })
    }
}

/// As the generated columns `severity_rank` have it.
fn severity(rank: i16) -> Result<Severity, StoreError> {
    let place = usize::try_from(rank).ok();
    let found = place.and_then(|place| Severity::ALL.get(place)).copied();
    found.ok_or_else(|| StoreError::unreadable("finding_spans.severity_rank", "it is no rank"))
}

/// What a list shows of an asset.
#[derive(Clone, Debug, PartialEq)]
pub struct AssetRecord {
    /// Its number.
    pub number: AssetNumber,
    /// Its key.
    pub id: AssetId,
    /// Which asset.
    pub identity: AssetIdentity,
    /// Findings that fail and are not accepted.
    pub open: u64,
    /// Findings that fail and are accepted.
    pub excepted: u64,
    /// Findings that could not be judged.
    pub unknown: u64,
    /// When it was read last.
    pub last_read_at: OffsetDateTime,
    /// Why the latest snapshot could not read it, where it could not.
    pub unread_reason: Option<GapReason>,
    /// Of the resource's `properties`, as read last, `publicNetworkAccess` and `disableLocalAuth`, which are null where they
    /// are absent; `None` where no properties were read.
    pub access: Option<Value>,
}

/// What a list shows of these assets, which have to be of [`list`], in no order.
pub async fn rows(
    connection: &mut PgConnection,
    of: Inventory<'_>,
    assets: &[AssetNumber],
) -> Result<Vec<AssetRecord>, StoreError> {
    let numbers: Vec<i64> = assets.iter().map(|asset| asset.number()).collect();
    if let Some(at) = of.as_of {
        return as_of::rows(connection, of, at, &numbers).await;
    }
    let rows = sqlx::query_as!(
        RecordRow,
        r#"
        SELECT
            asset_number AS "asset_number!",
            asset_id AS "asset_id!",
            jsonb_build_object(
                'arm_id', known.arm_id,
                'asset_type', known.asset_type,
                'name', known.name,
                'kind', known.kind,
                'location', known.location,
                'resource_group', known.resource_group,
                'source', known.source
            ) AS "identity!",
            counted.open AS "open!",
            counted.excepted AS "excepted!",
            counted.unknown AS "unknown!",
            CASE
                WHEN known.unread_reason IS NULL THEN (
                    SELECT max(finished_at) FROM snapshots WHERE snapshots.connection_id = $1
                )
                ELSE known.last_read_at
            END AS "last_read_at!",
            known.unread_reason AS "unread_reason?",
            CASE
                WHEN jsonb_typeof(document #> '{resource,properties}') = 'object' THEN
                    jsonb_build_object(
                        'publicNetworkAccess',
                        document #> '{resource,properties,publicNetworkAccess}',
                        'disableLocalAuth',
                        document #> '{resource,properties,disableLocalAuth}'
                    )
            END AS "access?"
        FROM assets
        JOIN current_assets AS known USING (connection_id, asset_id)
        JOIN asset_bodies USING (content_hash)
        CROSS JOIN LATERAL (
            SELECT
                count(*) FILTER (WHERE standing = 0 AND finding_id <> ALL($3)) AS open,
                count(*) FILTER (WHERE standing = 0 AND finding_id = ANY($3)) AS excepted,
                count(*) FILTER (WHERE standing = 1) AS unknown
            FROM findings
            WHERE findings.connection_id = $1 AND findings.asset_id = assets.asset_id
        ) AS counted
        WHERE connection_id = $1 AND asset_number = ANY($2)
        "#,
        of.connection.number(),
        &numbers,
        &of.excepted_numbers(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(RecordRow::into_record).collect()
}

struct RecordRow {
    asset_number: i64,
    asset_id: String,
    identity: Value,
    open: i64,
    excepted: i64,
    unknown: i64,
    last_read_at: OffsetDateTime,
    unread_reason: Option<Value>,
    access: Option<Value>,
}

impl RecordRow {
    fn into_record(self) -> Result<AssetRecord, StoreError> {
        let id: AssetId = column::word("assets.asset_id", &self.asset_id)?;
        let number = |number: i64| u64::try_from(number).unwrap_or_default();
        Ok(AssetRecord {
            number: AssetNumber::from_number(self.asset_number),
            identity: AssetIdentity::read(&id, self.identity)?,
            id,
            open: number(self.open),
            excepted: number(self.excepted),
            unknown: number(self.unknown),
            last_read_at: self.last_read_at,
            unread_reason: self
                .unread_reason
                .map(|reason| column::json("current_assets.unread_reason", reason))
                .transpose()?,
            access: self.access,
        })
    }
}

/// Which asset a number names: its connection and its key.
pub async fn find(
    connection: &mut PgConnection,
    asset: AssetNumber,
) -> Result<Option<(ConnectionId, AssetId)>, StoreError> {
    let row = sqlx::query!(
        "SELECT connection_id, asset_id FROM assets WHERE asset_number = $1",
        asset.number()
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let id = column::word("assets.asset_id", &row.asset_id)?;
        Ok((ConnectionId::from_number(row.connection_id), id))
    })
    .transpose()
}

/// The numbers of assets, in the order in which they are named; those that were never seen are left out.
pub async fn numbers(
    connection: &mut PgConnection,
    of: ConnectionId,
    assets: &[AssetId],
) -> Result<Vec<(AssetId, AssetNumber)>, StoreError> {
    let ids: Vec<String> = assets.iter().map(ToString::to_string).collect();
    let rows = sqlx::query!(
        r#"
        SELECT assets.asset_id, assets.asset_number
        FROM UNNEST($2::text[]) WITH ORDINALITY AS named (asset_id, place)
        JOIN assets ON assets.connection_id = $1 AND assets.asset_id = named.asset_id
        ORDER BY named.place
        "#,
        of.number(),
        &ids,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let id = column::word("assets.asset_id", &row.asset_id)?;
            Ok((id, AssetNumber::from_number(row.asset_number)))
        })
        .collect()
}

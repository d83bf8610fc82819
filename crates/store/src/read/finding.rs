//! Lists of findings: filters, counts and pages, as of the latest evaluation or of a moment in the past.

mod as_of;
pub mod by_asset;
pub mod by_name;

use postern_domain::arm::{AssetId, AssetType};
use postern_domain::finding::{FindingState, Standing};
use postern_domain::id::{AssetNumber, ConnectionId, FindingId, RuleId};
use postern_domain::team::TeamId;
use postern_domain::verdict::Severity;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;
use crate::read::asset::AssetIdentity;

/// Which findings of a connection: what is `None` lets everything through, an empty list nothing.
#[derive(Clone, Debug)]
pub struct FindingFilter {
    pub(super) connection: ConnectionId,
    pub(super) standing: Option<i16>,
    pub(super) severities: Option<Vec<String>>,
    pub(super) rules: Option<Vec<String>>,
    pub(super) asset_types: Option<Vec<String>>,
    pub(super) owners: Option<Vec<String>>,
    pub(super) text: Option<String>,
    pub(super) assets: Option<Vec<String>>,
    pub(super) finding: Option<i64>,
    pub(super) only: Option<Vec<i64>>,
    pub(super) without: Vec<i64>,
    pub(super) as_of: Option<OffsetDateTime>,
}

impl FindingFilter {
    /// All findings of a connection.
    pub fn new(connection: ConnectionId) -> Self {
        Self {
            connection,
            standing: None,
            severities: None,
            rules: None,
            asset_types: None,
            owners: None,
            text: None,
            assets: None,
            finding: None,
            only: None,
            without: Vec::new(),
            as_of: None,
        }
    }

    /// Only those that stand under this tab.
    #[must_use]
    pub fn standing(mut self, standing: Standing) -> Self {
        self.standing = Some(number_of(standing));
        self
    }

    /// Only those of one of `severities`.
    #[must_use]
    pub fn severities(mut self, severities: &[Severity]) -> Self {
        self.severities = Some(severities.iter().map(ToString::to_string).collect());
        self
    }

    /// Only those of one of `rules`.
    #[must_use]
    pub fn rules(mut self, rules: &[RuleId]) -> Self {
        self.rules = Some(rules.iter().map(ToString::to_string).collect());
        self
    }

    /// Only those on assets of one of `asset_types`.
    #[must_use]
    pub fn asset_types(mut self, asset_types: &[AssetType]) -> Self {
        // Postgres text cannot hold a NUL; no type has one either.
        let words = asset_types.iter().map(|asset_type| asset_type.as_str().replace('\0', "?"));
        self.asset_types = Some(words.collect());
        self
    }

    /// Only those on assets of one of `owners`; `None` is what is nobody's.
    #[must_use]
    pub fn owners(mut self, owners: &[Option<TeamId>]) -> Self {
        let word = |owner: &Option<TeamId>| owner.as_ref().map(ToString::to_string);
        self.owners = Some(owners.iter().map(|owner| word(owner).unwrap_or_default()).collect());
        self
    }

    /// Only those on assets whose name holds `text`, ignoring case.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.text = Some(text.to_owned());
        self
    }

    /// Only those on one of `assets`.
    #[must_use]
    pub fn assets<'a>(mut self, assets: impl IntoIterator<Item = &'a AssetId>) -> Self {
        self.assets = Some(assets.into_iter().map(ToString::to_string).collect());
        self
    }

    /// Only one.
    #[must_use]
    pub fn finding(mut self, finding: FindingId) -> Self {
        self.finding = Some(finding.number());
        self
    }

    /// Only these.
    #[must_use]
    pub fn only(mut self, findings: impl IntoIterator<Item = FindingId>) -> Self {
        self.only = Some(findings.into_iter().map(FindingId::number).collect());
        self
    }

    /// All but these.
    #[must_use]
    pub fn without(mut self, findings: impl IntoIterator<Item = FindingId>) -> Self {
        self.without = findings.into_iter().map(FindingId::number).collect();
        self
    }

    /// As they were at a moment; without it, as of the latest evaluation.
    #[must_use]
    pub fn as_of(mut self, moment: Option<OffsetDateTime>) -> Self {
        self.as_of = moment;
        self
    }
}

/// As the generated columns `standing` have it.
pub(super) fn number_of(standing: Standing) -> i16 {
    match standing {
        Standing::Open => 0,
        Standing::Unknown => 1,
        Standing::Resolved => 2,
    }
}

/// Where a page ends: the sort key of its last row. Lists are the worst first, then the oldest, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingKey {
    /// 0 critical … 3 low.
    pub severity_rank: i16,
    /// When it was last opened.
    pub opened_at: OffsetDateTime,
    /// The id.
    pub id: FindingId,
}

/// A finding as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingRecord {
    /// The sort key, with the id.
    pub key: FindingKey,
    /// The rule.
    pub rule: RuleId,
    /// Its state.
    pub state: FindingState,
    /// How bad it is.
    pub severity: Severity,
    /// Whose the asset is; `None` for nobody's.
    pub owner: Option<TeamId>,
    /// What the verdict says; once the asset or the rule is gone, what ended it.
    pub summary: String,
    /// The asset's key.
    pub asset: AssetId,
    /// The asset's number.
    pub number: AssetNumber,
    /// The asset.
    pub identity: AssetIdentity,
    /// When it was first seen.
    pub first_seen_at: OffsetDateTime,
    /// When its state last changed.
    pub changed_at: OffsetDateTime,
}

/// A page of the findings that `filter` lets through: at most `limit`, after the key `after`.
pub async fn page(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    after: Option<FindingKey>,
    limit: u32,
) -> Result<Vec<FindingRecord>, StoreError> {
    let rows = match filter.as_of {
        None => current_page(connection, filter, after, limit).await?,
        Some(at) => as_of::page(connection, filter, at, after, limit).await?,
    };
    rows.into_iter().map(FindingRow::into_record).collect()
}

async fn current_page(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    after: Option<FindingKey>,
    limit: u32,
) -> Result<Vec<FindingRow>, StoreError> {
    Ok(sqlx::query_as!(
        FindingRow,
        r#"
        WITH page AS (
            SELECT findings.* FROM findings
            WHERE connection_id = $1
                AND ($2::smallint IS NULL OR standing = $2)
                AND ($3::text[] IS NULL OR severity = ANY($3))
                AND ($4::text[] IS NULL OR rule_id = ANY($4))
                AND ($5::text[] IS NULL OR asset_type = ANY($5))
                AND ($6::text IS NULL OR strpos(asset_name, lower($6)) > 0)
                AND ($7::text[] IS NULL OR asset_id = ANY($7))
                AND ($8::bigint IS NULL OR finding_id = $8)
                AND ($13::text[] IS NULL OR COALESCE(team, '') = ANY($13))
                AND ($14::bigint[] IS NULL OR finding_id = ANY($14))
                AND NOT EXISTS (SELECT FROM UNNEST($15::bigint[]) AS other (id) WHERE other.id = finding_id)
                AND ($9::smallint IS NULL OR (severity_rank, opened_at, finding_id) > ($9, $10, $11))
            ORDER BY severity_rank, opened_at, finding_id
            LIMIT $12
        )
        SELECT
            page.finding_id AS "finding_id!",
            page.asset_id AS "asset_id!",
            assets.asset_number AS "asset_number!",
            page.rule_id AS "rule_id!",
            page.state AS "state!",
            page.severity AS "severity!",
            page.severity_rank AS "severity_rank!",
            page.team AS "team?",
            page.first_seen_at AS "first_seen_at!",
            page.opened_at AS "opened_at!",
            page.changed_at AS "changed_at!",
            COALESCE(verdict_bodies.summary, ended.detail, '') AS "summary!",
            COALESCE(
                gone.identity,
                jsonb_build_object(
                    'arm_id', known.arm_id,
                    'asset_type', known.asset_type,
                    'name', known.name,
                    'kind', known.kind,
                    'location', known.location,
                    'resource_group', known.resource_group,
                    'source', known.source
                )
            ) AS "identity!"
        FROM page
        JOIN assets USING (connection_id, asset_id)
        LEFT JOIN current_assets AS known USING (connection_id, asset_id)
        LEFT JOIN current_verdicts AS verdicts USING (asset_number, rule_id)
        LEFT JOIN LATERAL (
            SELECT verdict_changes.body_digest
            FROM verdict_changes
            WHERE verdict_changes.asset_number = verdicts.asset_number
                AND verdict_changes.rule_id = verdicts.rule_id
                AND verdict_changes.at = verdicts.since
            ORDER BY verdict_changes.evaluation_id DESC
            LIMIT 1
        ) AS said ON TRUE
        LEFT JOIN verdict_bodies
            ON verdict_bodies.connection_id = page.connection_id AND verdict_bodies.body_digest = said.body_digest
        LEFT JOIN LATERAL (
            SELECT finding_events.detail
            FROM finding_events
            WHERE finding_events.finding_id = page.finding_id
                AND verdicts.since IS NULL
            ORDER BY finding_events.at DESC, finding_events.evaluation_id DESC
            LIMIT 1
        ) AS ended ON TRUE
        LEFT JOIN LATERAL (
            SELECT asset_changes.identity
            FROM asset_changes
            WHERE asset_changes.connection_id = page.connection_id
                AND asset_changes.asset_id = page.asset_id
                AND asset_changes.identity IS NOT NULL
                AND known.asset_id IS NULL
            ORDER BY asset_changes.at DESC, asset_changes.snapshot_id DESC
            LIMIT 1
        ) AS gone ON TRUE
        ORDER BY page.severity_rank, page.opened_at, page.finding_id
        "#,
        filter.connection.number(),
        filter.standing,
        filter.severities.as_deref() as Option<&[String]>,
        filter.rules.as_deref() as Option<&[String]>,
        filter.asset_types.as_deref() as Option<&[String]>,
        filter.text.as_deref(),
        filter.assets.as_deref() as Option<&[String]>,
        filter.finding,
        after.map(|key| key.severity_rank),
        after.map(|key| key.opened_at),
        after.map(|key| key.id.number()),
        i64::from(limit),
        filter.owners.as_deref() as Option<&[String]>,
        filter.only.as_deref() as Option<&[i64]>,
        &filter.without,
    )
    .fetch_all(&mut *connection)
    .await?)
}

pub(super) struct FindingRow {
    pub(super) finding_id: i64,
    pub(super) asset_id: String,
    pub(super) asset_number: i64,
    pub(super) rule_id: String,
    pub(super) state: String,
    pub(super) severity: String,
    pub(super) severity_rank: i16,
    pub(super) team: Option<String>,
    pub(super) first_seen_at: OffsetDateTime,
    pub(super) opened_at: OffsetDateTime,
    pub(super) changed_at: OffsetDateTime,
    pub(super) summary: String,
    pub(super) identity: Value,
}

impl FindingRow {
    pub(super) fn into_record(self) -> Result<FindingRecord, StoreError> {
        let asset: AssetId = column::word("findings.asset_id", &self.asset_id)?;
        Ok(FindingRecord {
            key: FindingKey {
                severity_rank: self.severity_rank,
                opened_at: self.opened_at,
                id: FindingId::from_number(self.finding_id),
            },
            rule: column::word("findings.rule_id", &self.rule_id)?,
            state: column::word("findings.state", &self.state)?,
            severity: column::word("findings.severity", &self.severity)?,
            owner: self.team.map(|team| column::word("findings.team", &team)).transpose()?,
            summary: self.summary,
            identity: AssetIdentity::read(&asset, self.identity)?,
            asset,
            number: AssetNumber::from_number(self.asset_number),
            first_seen_at: self.first_seen_at,
            changed_at: self.changed_at,
        })
    }
}

/// The findings that `filter` lets through as of `at`, in no order, however many there are.
pub async fn ids_at(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    at: OffsetDateTime,
) -> Result<Vec<FindingId>, StoreError> {
    let ids = as_of::ids(connection, filter, at).await?;
    Ok(ids.into_iter().map(FindingId::from_number).collect())
}

/// How many findings that `filter` lets through come before the page after `key`: those up to it and itself.
pub async fn count_until(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    key: FindingKey,
) -> Result<u64, StoreError> {
    let count = match filter.as_of {
        None => current_count_until(connection, filter, key).await?,
        Some(at) => as_of::count_until(connection, filter, at, key).await?,
    };
    Ok(u64::try_from(count).unwrap_or_default())
}

async fn current_count_until(
    connection: &mut PgConnection,
    filter: &FindingFilter,
    key: FindingKey,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT count(*) AS "count!"
        FROM findings
        WHERE connection_id = $1
            AND ($2::smallint IS NULL OR standing = $2)
            AND ($3::text[] IS NULL OR severity = ANY($3))
            AND ($4::text[] IS NULL OR rule_id = ANY($4))
            AND ($5::text[] IS NULL OR asset_type = ANY($5))
            AND ($6::text IS NULL OR strpos(asset_name, lower($6)) > 0)
            AND ($10::text[] IS NULL OR COALESCE(team, '') = ANY($10))
            AND ($11::bigint[] IS NULL OR finding_id = ANY($11))
            AND NOT EXISTS (SELECT FROM UNNEST($12::bigint[]) AS other (id) WHERE other.id = finding_id)
            AND ($13::text[] IS NULL OR asset_id = ANY($13))
            AND (severity_rank, opened_at, finding_id) <= ($7, $8, $9)
        "#,
        filter.connection.number(),
        filter.standing,
        filter.severities.as_deref() as Option<&[String]>,
        filter.rules.as_deref() as Option<&[String]>,
        filter.asset_types.as_deref() as Option<&[String]>,
        filter.text.as_deref(),
        key.severity_rank,
        key.opened_at,
        key.id.number(),
        filter.owners.as_deref() as Option<&[String]>,
        filter.only.as_deref() as Option<&[i64]>,
        &filter.without,
        filter.assets.as_deref() as Option<&[String]>,
    )
    .fetch_one(&mut *connection)
    .await?)
}

/// How many findings share state, severity, rule, asset type and owner: what every count of a list is summed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingGroup {
    /// The state.
    pub state: FindingState,
    /// The severity.
    pub severity: Severity,
    /// The rule.
    pub rule: RuleId,
    /// The asset type.
    pub asset_type: AssetType,
    /// Whose the assets are; `None` for nobody's.
    pub owner: Option<TeamId>,
    /// How many.
    pub count: u64,
}

/// The findings on an asset in groups; `rule` and `as_of` as in a filter.
pub async fn groups(
    connection: &mut PgConnection,
    of: ConnectionId,
    asset: &AssetId,
    rule: Option<&RuleId>,
    as_of: Option<OffsetDateTime>,
) -> Result<Vec<FindingGroup>, StoreError> {
    let rows = match as_of {
        Some(at) => as_of::groups(connection, of, asset, rule, at).await?,
        None => {
            sqlx::query_as!(
                GroupRow,
                r#"
            SELECT state, severity, rule_id, asset_type, team, count(*) AS "count!"
            FROM findings
            WHERE connection_id = $1 AND asset_id = $2 AND ($3::text IS NULL OR rule_id = $3)
            GROUP BY state, severity, rule_id, asset_type, team
            ORDER BY state, severity, rule_id, asset_type, team
            "#,
                of.number(),
                asset.as_str(),
                rule.map(RuleId::as_str),
            )
            .fetch_all(&mut *connection)
            .await?
        }
    };
    rows.into_iter().map(GroupRow::into_group).collect()
}

pub(super) struct GroupRow {
    pub(super) state: String,
    pub(super) severity: String,
    pub(super) rule_id: String,
    pub(super) asset_type: String,
    pub(super) team: Option<String>,
    pub(super) count: i64,
}

impl GroupRow {
    pub(super) fn into_group(self) -> Result<FindingGroup, StoreError> {
        Ok(FindingGroup {
            state: column::word("findings.state", &self.state)?,
            severity: column::word("findings.severity", &self.severity)?,
            rule: column::word("findings.rule_id", &self.rule_id)?,
            asset_type: AssetType::new(&self.asset_type),
            owner: self.team.map(|team| column::word("findings.team", &team)).transpose()?,
            count: u64::try_from(self.count).unwrap_or_default(),
        })
    }
}

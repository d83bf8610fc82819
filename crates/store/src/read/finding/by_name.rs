//! Findings by the names of their assets: what text that is looked for is compared with.
//!
//! Text may be anywhere in a name, so that no index of the database finds it, and there are many more findings than names.
//! All of them are read at once, small enough to be kept.

use std::collections::HashMap;

use futures::TryStreamExt as _;
use postern_domain::arm::AssetId;
use postern_domain::id::{ConnectionId, RuleId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{FindingGroup, GroupRow};
use crate::column;
use crate::error::StoreError;

/// The findings of a connection, by asset and group.
#[derive(Clone, Debug)]
pub struct NamedFindings {
    assets: Box<[NamedAsset]>,
    /// What they are in, each counting none.
    groups: Box<[FindingGroup]>,
    findings: usize,
}

#[derive(Clone, Debug)]
struct NamedAsset {
    id: AssetId,
    /// Lower case.
    name: Box<str>,
    /// The place of the group of each finding.
    groups: Box<[u32]>,
}

/// The findings on assets whose name holds a text.
#[derive(Clone, Debug)]
pub struct Named<'a> {
    assets: Vec<&'a NamedAsset>,
    groups: &'a [FindingGroup],
}

impl NamedFindings {
    /// How many findings there are.
    pub fn len(&self) -> usize {
        self.findings
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.findings == 0
    }

    /// The findings on assets whose name holds `text`, ignoring case, and on `asset` alone, where one is given.
    pub fn holding(&self, text: &str, asset: Option<&AssetId>) -> Named<'_> {
        let text = text.to_lowercase();
        let holds = |one: &&NamedAsset| {
            asset.is_none_or(|asset| one.id == *asset) && one.name.contains(&text)
        };
        Named { assets: self.assets.iter().filter(holds).collect(), groups: &self.groups }
    }
}

impl<'a> Named<'a> {
    /// The assets, in no order.
    pub fn assets(&self) -> impl ExactSizeIterator<Item = &'a AssetId> {
        self.assets.iter().map(|asset| &asset.id)
    }

    /// The findings in groups; of one rule, where it is given.
    pub fn groups(&self, rule: Option<&RuleId>) -> Vec<FindingGroup> {
        let mut counts = vec![0_u64; self.groups.len()];
        for group in self.assets.iter().flat_map(|asset| &asset.groups) {
            counts[place(*group)] += 1;
        }
        let counted = self.groups.iter().zip(counts);
        counted
            .filter(|(group, count)| *count > 0 && rule.is_none_or(|rule| group.rule == *rule))
            .map(|(group, count)| FindingGroup { count, ..group.clone() })
            .collect()
    }
}

/// Every finding there is, or was at `as_of`.
pub async fn all(
    connection: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
) -> Result<NamedFindings, StoreError> {
    let mut rows = match as_of {
        None => sqlx::query_as!(
            NamedRow,
            "
            SELECT asset_id, asset_name, state, severity, rule_id, asset_type, team
            FROM findings
            WHERE connection_id = $1
            ",
            of.number(),
        )
        .fetch(connection),
        Some(at) => sqlx::query_as!(
            NamedRow,
            "
            SELECT
                findings.asset_id,
                findings.asset_name,
                span.state,
                span.severity,
                findings.rule_id,
                findings.asset_type,
                span.team
            FROM finding_spans AS span
            JOIN findings ON findings.finding_id = span.finding_id
            WHERE span.connection_id = $1 AND span.since <= $2 AND span.until > $2
            ",
            of.number(),
            at,
        )
        .fetch(connection),
    };
    let mut assets: HashMap<String, (String, Vec<u32>)> = HashMap::new();
    let mut groups: HashMap<GroupKey, u32> = HashMap::new();
    let mut findings = 0;
    while let Some(row) = rows.try_next().await? {
        let NamedRow { asset_id, asset_name, state, severity, rule_id, asset_type, team } = row;
        let next = u32::try_from(groups.len()).expect("rules, types and teams are few");
        let group = *groups.entry((state, severity, rule_id, asset_type, team)).or_insert(next);
        assets.entry(asset_id).or_insert_with(|| (asset_name, Vec::new())).1.push(group);
        findings += 1;
    }
    let asset = |(id, (name, groups)): (String, (String, Vec<u32>))| {
        let id = column::word("findings.asset_id", &id)?;
        Ok(NamedAsset { id, name: name.into(), groups: groups.into() })
    };
    let mut in_order: Vec<_> = groups.into_iter().collect();
    in_order.sort_unstable_by_key(|(_, place)| *place);
    let group = |((state, severity, rule_id, asset_type, team), _)| {
        GroupRow { state, severity, rule_id, asset_type, team, count: 0 }.into_group()
    };
    Ok(NamedFindings {
        assets: assets.into_iter().map(asset).collect::<Result<_, StoreError>>()?,
        groups: in_order.into_iter().map(group).collect::<Result<_, StoreError>>()?,
        findings,
    })
}

/// State, severity, rule, type and team.
type GroupKey = (String, String, String, String, Option<String>);

struct NamedRow {
    asset_id: String,
    asset_name: String,
    state: String,
    severity: String,
    rule_id: String,
    asset_type: String,
    team: Option<String>,
}

fn place(group: u32) -> usize {
    usize::try_from(group).expect("a group has a place in memory")
}

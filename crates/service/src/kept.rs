//! What pages ask for again and again, kept in memory for as long as it holds.
//!
//! Between two evaluations an inventory and whose it is stay as they are, whoever asks. What is kept here is found by what
//! it was made of ([`Standing`], the exceptions that hold, the routing), read in the transaction that asks, so that nothing
//! has to be thrown away when something changes, and other processes need not be told.

use std::sync::Arc;

use postern_domain::digest::Digest;
use postern_domain::id::{ConnectionId, FindingId, RuleId};
use postern_domain::team::TeamId;
use postern_domain::time_to_fix::Lasted;
use postern_store::read::evaluation::Standing;
use postern_store::read::finding::by_name::{self, NamedFindings};
use postern_store::read::resource::Inventory;
use postern_store::read::tally::{TalliesOf, TallyStep};
use postern_store::{PgConnection, StoreError, read};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use time::OffsetDateTime;

use crate::resource::Assets;
use crate::view::RoutingPreview;

/// Assets that are kept, of all inventories together: each takes some 300 bytes.
const ASSETS: u64 = 200_000;

/// Findings whose assets' names are kept, of all connections together: each takes some 20 bytes.
const NAMED_FINDINGS: u64 = 2_000_000;

/// Inventories and routings that are likely to be kept. So few are kept in one part, which all of the bound is for.
const ENTRIES: usize = 16;

/// What is kept.
pub(crate) struct Kept {
    inventories: Cache<InventoryKey, Arc<Assets>, InventoryWeight>,
    routings: Cache<RoutingKey, Arc<RoutingPreview>>,
    lasted: Cache<LastedKey, Arc<[Lasted]>>,
    named: Cache<NamedKey, Arc<NamedFindings>, NamedWeight>,
    steps: Cache<StepsKey, Arc<[TallyStep]>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct InventoryKey {
    standing: Standing,
    as_of: Option<OffsetDateTime>,
    excepted: Box<[FindingId]>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct RoutingKey {
    routing: Digest,
    standings: Vec<Standing>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct LastedKey {
    standing: Standing,
    from: OffsetDateTime,
    at: OffsetDateTime,
    owners: Option<Box<[TeamId]>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct NamedKey {
    standing: Standing,
    as_of: Option<OffsetDateTime>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct StepsKey {
    standing: Standing,
    from: OffsetDateTime,
    until: OffsetDateTime,
    whose: TalliesOf,
    rules: Option<Box<[RuleId]>>,
}

#[derive(Clone)]
struct NamedWeight;

impl Weighter<NamedKey, Arc<NamedFindings>> for NamedWeight {
    fn weight(&self, _: &NamedKey, findings: &Arc<NamedFindings>) -> u64 {
        u64::try_from(findings.len()).unwrap_or(u64::MAX).max(1)
    }
}

#[derive(Clone)]
struct InventoryWeight;

impl Weighter<InventoryKey, Arc<Assets>> for InventoryWeight {
    fn weight(&self, key: &InventoryKey, assets: &Arc<Assets>) -> u64 {
        u64::try_from(assets.len() + key.excepted.len()).unwrap_or(u64::MAX).max(1)
    }
}

impl Kept {
    pub(crate) fn new() -> Self {
        Self {
            inventories: Cache::with_weighter(ENTRIES, ASSETS, InventoryWeight),
            routings: Cache::new(ENTRIES),
            // At most a row for each day, severity and end: these are small.
            lasted: Cache::new(4 * ENTRIES),
            named: Cache::with_weighter(ENTRIES, NAMED_FINDINGS, NamedWeight),
            // At most a row for each evaluation of the range and severity.
            steps: Cache::new(4 * ENTRIES),
        }
    }

    /// Every asset of an inventory. Of those who ask for the same at once, one reads it.
    pub(crate) async fn assets(
        &self,
        session: &mut PgConnection,
        of: Inventory<'_>,
    ) -> Result<Arc<Assets>, StoreError> {
        let standing = read::evaluation::standing(session, of.connection).await?;
        let key = InventoryKey { standing, as_of: of.as_of, excepted: of.excepted.into() };
        let reading = async { Ok(Arc::new(Assets::new(read::resource::list(session, of).await?))) };
        self.inventories.get_or_insert_async(&key, reading).await
    }

    /// How long findings lasted that ended between two moments or were open at the second.
    pub(crate) async fn lasted(
        &self,
        session: &mut PgConnection,
        of: ConnectionId,
        (from, at): (OffsetDateTime, OffsetDateTime),
        owners: Option<&[TeamId]>,
    ) -> Result<Arc<[Lasted]>, StoreError> {
        let standing = read::evaluation::standing(session, of).await?;
        let key = LastedKey { standing, from, at, owners: owners.map(Into::into) };
        let reading =
            async { Ok(read::lasting::list(session, of, (from, at), owners).await?.into()) };
        self.lasted.get_or_insert_async(&key, reading).await
    }

    /// The findings by the names of their assets, now or at a moment.
    pub(crate) async fn named(
        &self,
        session: &mut PgConnection,
        of: ConnectionId,
        as_of: Option<OffsetDateTime>,
    ) -> Result<Arc<NamedFindings>, StoreError> {
        let standing = read::evaluation::standing(session, of).await?;
        let key = NamedKey { standing, as_of };
        let reading = async { Ok(Arc::new(by_name::all(session, of, as_of).await?)) };
        self.named.get_or_insert_async(&key, reading).await
    }

    /// By how much each evaluation between two moments changed what is counted of a part.
    pub(crate) async fn steps(
        &self,
        session: &mut PgConnection,
        of: ConnectionId,
        (from, until): (OffsetDateTime, OffsetDateTime),
        whose: &TalliesOf,
        rules: Option<&[RuleId]>,
    ) -> Result<Arc<[TallyStep]>, StoreError> {
        let standing = read::evaluation::standing(session, of).await?;
        let key =
            StepsKey { standing, from, until, whose: whose.clone(), rules: rules.map(Into::into) };
        let reading = async {
            Ok(read::tally::steps(session, of, (from, until), whose, rules).await?.into())
        };
        self.steps.get_or_insert_async(&key, reading).await
    }

    /// What a routing does to the inventories that stand so; `weighing` finds it out.
    pub(crate) async fn routing(
        &self,
        routing: Digest,
        standings: Vec<Standing>,
        weighing: impl Future<Output = Result<RoutingPreview, StoreError>>,
    ) -> Result<RoutingPreview, StoreError> {
        let key = RoutingKey { routing, standings };
        let weighing = async { weighing.await.map(Arc::new) };
        self.routings.get_or_insert_async(&key, weighing).await.map(Arc::unwrap_or_clone)
    }
}

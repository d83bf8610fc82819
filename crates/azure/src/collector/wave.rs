//! One scan: the subscriptions in waves, and in each wave assets with all that belongs to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _};
use postern_domain::arm::{ArmId, AssetId, AssetType, COGNITIVE_SERVICES_ACCOUNT, SUBSCRIPTION};
use postern_domain::asset::Asset;
use postern_domain::gap::GapKind;
use postern_domain::snapshot::{Completeness, SnapshotBuilder};
use time::OffsetDateTime;

use super::asset_facts;
use super::listed::Listed;
use super::listing::{self, Listing};
use super::subscription_facts::SubscriptionLists;
use super::subscriptions::{Found, Seen};
use super::surroundings::{
    Encryption, Endpoints, Named, Roles, Shared, Surroundings, Zones, finish,
};
use super::tally::{FactsOf, Gathered, Tally};
use crate::client::ArmClient;
use crate::failure::CollectError;
use crate::graph::{Query, SUBSCRIPTIONS_PER_QUERY};
use crate::journal::{Journal, Kept, ReadAsset};
use crate::operation::{MODELS, SUBSCRIPTIONS};
use crate::plan::{Counts, count};
use crate::progress::{Progress, ProgressSink};

/// How many assets a wave has at most, unless one subscription has more.
const ASSETS_PER_WAVE: u64 = 10_000;
/// How many assets are kept at once, and after how long fewer are: what a crash loses is at most this.
const KEPT_AT_ONCE: usize = 50;
const KEPT_AFTER: Duration = Duration::from_secs(2);
/// How many subscriptions are asked for the models of a region, until one shows them.
const MODEL_SUBSCRIPTIONS: usize = 3;
/// How many rows of the journal are read at once.
const RECALLED_AT_ONCE: usize = 5_000;

/// A scan that is under way.
pub(super) struct Scan<'a> {
    pub arm: &'a ArmClient,
    pub journal: &'a dyn Journal,
    pub progress: &'a dyn ProgressSink,
    pub now: OffsetDateTime,
}

/// What is read once for the whole tenant.
struct Tenant {
    visible: Vec<String>,
    zones: Zones,
    roles: Roles,
    /// The links of zones that were asked for, by the zone's id.
    links: BTreeMap<AssetId, Gathered>,
    models: BTreeMap<String, Arc<Gathered>>,
}

/// How far the scan is.
struct Course {
    total: Option<u64>,
    done: u64,
    tally: Tally,
    earlier: BTreeMap<AssetId, Kept>,
}

impl Scan<'_> {
    pub async fn run(
        &self,
        found: Found,
        snapshot: &mut SnapshotBuilder,
    ) -> Result<(), CollectError> {
        let ids: Vec<String> = found.in_scope.keys().cloned().collect();
        let counts = count(self.arm, &ids).await;
        let total = counts.as_ref().map(|counts| counts.assets() + ids.len() as u64);
        let mut course =
            Course { total, done: 0, tally: Tally::default(), earlier: self.recall().await? };
        let mut tenant = self.tenant(found.visible).await;
        for wave in waves(&ids, counts.as_ref()) {
            self.arm.regain_patience();
            self.wave(&wave, &found.in_scope, &mut tenant, &mut course, snapshot).await?;
        }
        // What is left was kept of subscriptions that are no longer in scope, or that could not be listed again.
        let left = std::mem::take(&mut course.earlier);
        if found.is_complete && !left.is_empty() {
            let left = left.into_keys().collect();
            self.journal.forget(left).await.map_err(CollectError::Journal)?;
        } else {
            for (id, kept) in left {
                if let Ok(arm_id) = ArmId::parse(id.as_str()) {
                    course.take_kept(&id, arm_id.asset_type(), &kept);
                }
            }
        }
        course.tally.write(snapshot);
        Ok(())
    }

    async fn recall(&self) -> Result<BTreeMap<AssetId, Kept>, CollectError> {
        let mut earlier: BTreeMap<AssetId, Kept> = BTreeMap::new();
        loop {
            let after = earlier.keys().next_back().cloned();
            let kept = self.journal.kept(after.as_ref(), RECALLED_AT_ONCE).await;
            let kept = kept.map_err(CollectError::Journal)?;
            let is_last = kept.len() < RECALLED_AT_ONCE;
            earlier.extend(kept.into_iter().map(|kept| (kept.asset.clone(), kept)));
            if is_last {
                return Ok(earlier);
            }
        }
    }

    async fn tenant(&self, visible: Vec<String>) -> Tenant {
        let zones = Zones::new(self.arm.rows(&Query::private_dns_zones(), &visible).await);
        let roles = Roles::new(self.arm.rows(&Query::role_definitions(), &visible).await);
        Tenant { visible, zones, roles, links: BTreeMap::new(), models: BTreeMap::new() }
    }

    async fn wave(
        &self,
        wave: &[String],
        seen: &BTreeMap<String, Seen>,
        tenant: &mut Tenant,
        course: &mut Course,
        snapshot: &mut SnapshotBuilder,
    ) -> Result<(), CollectError> {
        self.report("Listing assets", course);
        let Listing { assets, permissions, complete } =
            listing::read(self.arm, wave, snapshot).await;
        self.forget(&assets, &complete, wave, course).await?;
        let mut types: BTreeMap<String, BTreeSet<AssetType>> = BTreeMap::new();
        for listed in assets.values() {
            let of_subscription = types.entry(listed.subscription().to_owned()).or_default();
            of_subscription.insert(listed.asset_type.clone());
        }
        let mut unread = Vec::new();
        for (id, listed) in assets {
            match course.earlier.remove(&id).filter(|kept| !has_passing_gap(kept)) {
                Some(kept) => course.take_kept(&id, &listed.asset_type, &kept),
                None => unread.push(listed),
            }
        }
        let mut subscriptions: Vec<String> = Vec::new();
        for id in wave {
            let asset = subscription_asset(id);
            let kept = asset.as_ref().and_then(|asset| course.earlier.remove(asset));
            match kept.filter(|kept| !has_passing_gap(kept)) {
                Some(kept) => course.take_kept(&kept.asset, &AssetType::new(SUBSCRIPTION), &kept),
                None => subscriptions.push(id.clone()),
            }
        }
        // Of a subscription of which everything was kept nothing needs to be asked again.
        let concerned: BTreeSet<String> = unread
            .iter()
            .map(|listed| listed.subscription().to_owned())
            .chain(subscriptions.iter().cloned())
            .collect();
        if concerned.is_empty() {
            return Ok(());
        }
        let concerned: Vec<String> = concerned.into_iter().collect();
        self.report("Reading what surrounds the assets", course);
        let surroundings = Surroundings::read(self.arm, &concerned, permissions).await;
        let lists = self.subscription_lists(&concerned, &types, &surroundings, &tenant.roles).await;
        let shared = self.shared(surroundings, lists, &unread, &concerned, tenant).await;
        for id in subscriptions {
            if let Some(read) = seen.get(&id).and_then(|seen| whole_subscription(seen, &shared)) {
                self.keep(vec![read], course).await?;
            }
        }
        self.assets(unread, shared, course).await
    }

    /// Takes out of the journal what an earlier attempt kept and is no longer there.
    async fn forget(
        &self,
        assets: &BTreeMap<AssetId, Listed>,
        complete: &BTreeSet<(String, &'static str)>,
        wave: &[String],
        course: &mut Course,
    ) -> Result<(), CollectError> {
        let mut gone = Vec::new();
        for (subscription, asset_type) in complete {
            let is_gone = |id: &&AssetId| {
                id.subscription() == subscription.as_str()
                    && id.as_str().contains(&format!("/providers/{asset_type}/"))
                    && !assets.contains_key(*id)
            };
            gone.extend(course.earlier.keys().filter(is_gone).cloned());
        }
        // What was kept and could not be listed again stands as it was read.
        let rest: Vec<Kept> = course
            .earlier
            .iter()
            .filter(|(id, _)| wave.iter().any(|of_wave| of_wave == id.subscription()))
            .filter(|(id, _)| !assets.contains_key(*id) && !gone.contains(id))
            .filter(|(id, _)| id.as_str().contains("/providers/"))
            .map(|(_, kept)| kept.clone())
            .collect();
        for kept in rest {
            course.earlier.remove(&kept.asset);
            if let Ok(id) = ArmId::parse(kept.asset.as_str()) {
                course.take_kept(&kept.asset, id.asset_type(), &kept);
            }
        }
        for id in &gone {
            course.earlier.remove(id);
        }
        if gone.is_empty() {
            return Ok(());
        }
        self.journal.forget(gone).await.map_err(CollectError::Journal)
    }

    async fn subscription_lists(
        &self,
        subscriptions: &[String],
        types: &BTreeMap<String, BTreeSet<AssetType>>,
        surroundings: &Surroundings,
        roles: &Roles,
    ) -> BTreeMap<String, SubscriptionLists> {
        let questions: Vec<_> = subscriptions
            .iter()
            .map(|id| {
                let (arm, id, now) = (self.arm.clone(), id.clone(), self.now);
                let types = types.get(&id).cloned().unwrap_or_default();
                async move { (id.clone(), SubscriptionLists::read(arm, id, types, now).await) }
            })
            .collect();
        let mut answers = stream::iter(questions).buffer_unordered(self.arm.concurrency());
        let mut lists = BTreeMap::new();
        while let Some((id, mut of_subscription)) = answers.next().await {
            of_subscription.resolve_roles(roles, surroundings.may_read_roles(&id));
            lists.insert(id, of_subscription);
        }
        lists
    }

    async fn shared(
        &self,
        surroundings: Surroundings,
        lists: BTreeMap<String, SubscriptionLists>,
        unread: &[Listed],
        concerned: &[String],
        tenant: &mut Tenant,
    ) -> Arc<Shared> {
        // Most private endpoints lie beside their assets: a list of them saves asking for each.
        let has_endpoints = unread.iter().any(|listed| !listed.endpoints.is_empty());
        let known = if has_endpoints {
            self.arm.rows(&Query::private_endpoints(), concerned).await.entries
        } else {
            Vec::new()
        };
        let named = Named::read(self.arm, &tenant.visible, unread, known).await;
        let endpoints =
            Endpoints::read(self.arm, unread, &named, &tenant.zones, &mut tenant.links).await;
        let encryption = Encryption::read(self.arm, &tenant.visible, unread).await;
        self.models(unread, tenant).await;
        let models = tenant.models.clone();
        Arc::new(Shared { surroundings, endpoints, named, encryption, models, lists })
    }

    /// The models of the regions in which accounts may deploy them, each region once.
    async fn models(&self, unread: &[Listed], tenant: &mut Tenant) {
        let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for listed in unread {
            let is_model_account = listed.asset_type.as_str() == COGNITIVE_SERVICES_ACCOUNT
                && listed.kind.as_deref().is_some_and(|kind| {
                    kind.eq_ignore_ascii_case("OpenAI") || kind.eq_ignore_ascii_case("AIServices")
                });
            if let Some(location) = listed.location.as_ref().filter(|_| is_model_account)
                && tenant.models.get(location).is_none_or(|models| models.reason.is_some())
            {
                let subscription = listed.subscription().to_owned();
                wanted.entry(location.clone()).or_default().insert(subscription);
            }
        }
        for (location, subscriptions) in wanted {
            // What one subscription is refused another may be shown.
            for subscription in subscriptions.into_iter().take(MODEL_SUBSCRIPTIONS) {
                let scope = format!(
                    "/subscriptions/{subscription}/providers/Microsoft.CognitiveServices/locations/{location}"
                );
                let models = Gathered::from(self.arm.list(&MODELS, &scope).await);
                let is_whole = models.reason.is_none();
                tenant.models.insert(location.clone(), Arc::new(models));
                if is_whole {
                    break;
                }
            }
        }
    }

    async fn assets(
        &self,
        unread: Vec<Listed>,
        shared: Arc<Shared>,
        course: &mut Course,
    ) -> Result<(), CollectError> {
        self.report("Reading assets", course);
        let arm = self.arm.clone();
        let mut answers = stream::iter(in_turn(unread))
            .map(move |listed| asset_facts::read(arm.clone(), Arc::clone(&shared), listed))
            .buffer_unordered(self.arm.concurrency());
        let (mut read, mut kept_at) = (Vec::with_capacity(KEPT_AT_ONCE), Instant::now());
        while let Some(asset) = answers.next().await {
            read.push(asset);
            if read.len() >= KEPT_AT_ONCE || kept_at.elapsed() >= KEPT_AFTER {
                self.keep(std::mem::take(&mut read), course).await?;
                kept_at = Instant::now();
            }
        }
        self.keep(read, course).await
    }

    async fn keep(&self, read: Vec<ReadAsset>, course: &mut Course) -> Result<(), CollectError> {
        if read.is_empty() {
            return Ok(());
        }
        for ReadAsset { asset, gaps, coverage } in &read {
            course.tally.add(&asset.id, &asset.asset_type, gaps, coverage);
        }
        course.done += read.len() as u64;
        self.journal.keep(read).await.map_err(CollectError::Journal)?;
        self.report("Reading assets", course);
        Ok(())
    }

    fn report(&self, step: &str, course: &Course) {
        // Assets may have appeared since they were counted.
        let total = course.total.map(|total| total.max(course.done));
        self.progress.report(Progress { step: step.to_owned(), done: course.done, total });
    }
}

impl Course {
    /// Counts an asset that an earlier attempt has read.
    fn take_kept(&mut self, id: &AssetId, asset_type: &AssetType, kept: &Kept) {
        let coverage: &BTreeMap<String, Completeness> = &kept.coverage;
        self.tally.add(id, asset_type, &kept.gaps, coverage);
        self.done += 1;
    }
}

/// Whether something of it was not read for a reason that may have passed since.
fn has_passing_gap(kept: &Kept) -> bool {
    kept.gaps.iter().any(|gap| {
        matches!(
            gap.reason.kind,
            GapKind::Throttled | GapKind::ServerError | GapKind::Unreachable | GapKind::TimedOut
        )
    })
}

/// The subscription as an asset, with what holds for it.
fn whole_subscription(seen: &Seen, shared: &Shared) -> Option<ReadAsset> {
    let id = &seen.subscription.id;
    let mut resource = seen.resource.clone();
    if let serde_json::Value::Object(fields) = &mut resource {
        let name = serde_json::Value::String(seen.subscription.name.clone());
        fields.insert("id".to_owned(), format!("/subscriptions/{id}").into());
        fields.insert("name".to_owned(), name);
    }
    let asset = Asset::from_resource(resource, SUBSCRIPTIONS.label()).ok()?;
    let mut facts = FactsOf::new(asset.id.clone());
    shared.lists.get(id)?.add_to_subscription(&mut facts);
    shared.surroundings.add_to_subscription(&mut facts, id);
    Some(finish(asset, facts))
}

fn subscription_asset(id: &str) -> Option<AssetId> {
    format!("/subscriptions/{id}").parse().ok()
}

/// Cuts the subscriptions into waves of about equally many assets.
pub(crate) fn waves(ids: &[String], counts: Option<&Counts>) -> Vec<Vec<String>> {
    let mut waves: Vec<Vec<String>> = Vec::new();
    let mut assets = 0;
    for id in ids {
        // Where nobody knows how many there are, waves are small.
        let of_subscription =
            counts.map_or(ASSETS_PER_WAVE / 20, |counts| counts.of_subscription(id));
        let is_full = |wave: &Vec<String>| {
            assets + of_subscription > ASSETS_PER_WAVE || wave.len() >= SUBSCRIPTIONS_PER_QUERY
        };
        if let Some(wave) = waves.last_mut().filter(|wave| !is_full(wave)) {
            wave.push(id.clone());
        } else {
            waves.push(vec![id.clone()]);
            assets = 0;
        }
        assets += of_subscription;
    }
    waves
}

/// The assets one of each subscription in turn, so that no subscription's budget is used up alone.
fn in_turn(assets: Vec<Listed>) -> Vec<Listed> {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut numbered: Vec<(usize, Listed)> = assets
        .into_iter()
        .map(|listed| {
            let number = numbers.entry(listed.subscription().to_owned()).or_default();
            *number += 1;
            (*number, listed)
        })
        .collect();
    numbered.sort_by_key(|(number, _)| *number);
    numbered.into_iter().map(|(_, listed)| listed).collect()
}

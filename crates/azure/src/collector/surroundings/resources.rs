//! Resources that assets name: storage accounts, key vaults, registries, private endpoints; and the keys of vaults.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};
use postern_domain::arm::{ArmId, AssetId};
use postern_domain::fact;
use postern_domain::gap::{GapKind, GapReason};
use serde_json::Value;

use crate::client::{ArmClient, Failure};
use crate::collector::listed::{KeyName, Listed};
use crate::collector::tally::{FactsOf, Gathered};
use crate::graph::Query;
use crate::operation::{KEY, LINKED, RESOURCES};

/// How many ids one query names.
const IDS_PER_QUERY: usize = 200;

/// Resources by lower-case id; or why one could not be read.
#[derive(Debug, Default)]
pub(in crate::collector) struct Named {
    resources: BTreeMap<AssetId, Result<Value, GapReason>>,
}

impl Named {
    /// Reads the resources that the assets name. `known` are some that were listed already.
    pub async fn read(
        arm: &ArmClient,
        visible: &[String],
        assets: &[Listed],
        known: Vec<Value>,
    ) -> Self {
        let mut named = Self::default();
        named.take(known);
        let wanted: BTreeMap<AssetId, ArmId> = assets
            .iter()
            .flat_map(|listed| listed.linked.iter().chain(&listed.endpoints))
            .filter_map(|id| ArmId::parse(id).ok())
            .map(|id| (id.asset_id(), id))
            .collect();
        let missing = named.missing(&wanted);
        for ids in missing.chunks(IDS_PER_QUERY) {
            let query = Query::by_id(ids.iter().map(AssetId::as_str));
            named.take(arm.rows(&query, visible).await.entries);
        }
        // What Resource Graph does not show is asked for by itself, so that the reason is known.
        let missing: Vec<ArmId> =
            named.missing(&wanted).iter().filter_map(|id| wanted.get(id).cloned()).collect();
        let visible: BTreeSet<String> = visible.iter().cloned().collect();
        let questions: Vec<_> = missing
            .into_iter()
            .map(|id| {
                let (arm, is_visible) = (arm.clone(), visible.contains(id.subscription()));
                async move {
                    let answer = read_one(&arm, &id, is_visible).await;
                    (id.asset_id(), answer)
                }
            })
            .collect();
        let mut answers = stream::iter(questions).buffer_unordered(arm.concurrency());
        while let Some((id, answer)) = answers.next().await {
            named.resources.insert(id, answer);
        }
        named
    }

    /// A resource, or why it could not be read.
    pub fn find(&self, id: &str) -> Result<&Value, GapReason> {
        match id.parse().ok().and_then(|id: AssetId| self.resources.get(&id)) {
            Some(Ok(resource)) => Ok(resource),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err(not_shown(id)),
        }
    }

    /// All of some resources, as far as they could be read.
    pub fn gather<'a>(&self, ids: impl IntoIterator<Item = &'a String>) -> Gathered {
        let mut gathered = Gathered::complete(Vec::new());
        for id in ids {
            match self.find(id) {
                Ok(resource) => gathered.entries.push(resource.clone()),
                Err(reason) => {
                    gathered.reason.get_or_insert(reason);
                }
            }
        }
        gathered
    }

    pub fn add(&self, facts: &mut FactsOf, listed: &Listed) {
        if !listed.linked.is_empty() {
            let label = RESOURCES.label();
            facts.add_labelled(fact::LINKED_RESOURCES, &label, self.gather(&listed.linked));
        }
    }

    fn take(&mut self, resources: Vec<Value>) {
        for resource in resources {
            let id = resource.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
            if let Some(id) = id {
                self.resources.insert(id, Ok(resource));
            }
        }
    }

    fn missing(&self, wanted: &BTreeMap<AssetId, ArmId>) -> Vec<AssetId> {
        wanted.keys().filter(|id| !self.resources.contains_key(*id)).cloned().collect()
    }
}

async fn read_one(arm: &ArmClient, id: &ArmId, is_visible: bool) -> Result<Value, GapReason> {
    let operation = LINKED.iter().find(|(kind, _)| *kind == id.asset_type().as_str());
    match operation {
        Some((_, operation)) if is_visible => {
            arm.object(operation, id.as_written()).await.map_err(|Failure(reason)| reason)
        }
        // In another tenant, or in a subscription without any right: Azure would not even say whether it is there.
        _ => Err(not_shown(id.as_written())),
    }
}

fn not_shown(id: &str) -> GapReason {
    let kind = ArmId::parse(id).map(|id| id.asset_type().to_string()).unwrap_or_default();
    let message =
        format!("a resource that the asset names ({kind}) is not shown to the credential");
    GapReason::new(GapKind::NotFound, message)
}

/// The vaults and keys that encrypt assets.
#[derive(Debug, Default)]
pub(in crate::collector) struct Encryption {
    vaults: BTreeMap<String, Value>,
    vaults_failure: Option<GapReason>,
    keys: BTreeMap<KeyName, Result<Value, GapReason>>,
}

impl Encryption {
    pub async fn read(arm: &ArmClient, visible: &[String], assets: &[Listed]) -> Self {
        let wanted: BTreeSet<&KeyName> = assets.iter().flat_map(|listed| &listed.keys).collect();
        let names: BTreeSet<&str> = wanted.iter().map(|key| key.vault.as_str()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let mut encryption = Self::default();
        for names in names.chunks(IDS_PER_QUERY) {
            let list = arm.rows(&Query::vaults(names.iter().copied()), visible).await;
            for vault in list.entries {
                if let Some(name) = vault.get("name").and_then(Value::as_str) {
                    encryption.vaults.insert(name.to_ascii_lowercase(), vault);
                }
            }
            if let Some(Failure(reason)) = list.failure {
                encryption.vaults_failure.get_or_insert(reason);
            }
        }
        let questions: Vec<_> = wanted
            .into_iter()
            .filter_map(|key| {
                let id = encryption.vaults.get(&key.vault)?.get("id")?.as_str()?;
                let (arm, scope) = (arm.clone(), format!("{id}/keys/{}", key.key));
                let key = key.clone();
                Some(async move {
                    let answer = arm.object(&KEY, &scope).await;
                    (key, answer.map_err(|Failure(reason)| reason))
                })
            })
            .collect();
        let mut answers = stream::iter(questions).buffer_unordered(arm.concurrency());
        while let Some((key, answer)) = answers.next().await {
            encryption.keys.insert(key, answer);
        }
        drop(answers);
        encryption
    }

    pub fn add(&self, facts: &mut FactsOf, listed: &Listed) {
        if listed.keys.is_empty() {
            return;
        }
        let (mut vaults, mut keys) =
            (Gathered::complete(Vec::new()), Gathered::complete(Vec::new()));
        for key in &listed.keys {
            let Some(vault) = self.vaults.get(&key.vault) else {
                let reason = self.vaults_failure.clone().unwrap_or_else(|| {
                    let message =
                        format!("no key vault \"{}\" is shown to the credential", key.vault);
                    GapReason::new(GapKind::NotFound, message)
                });
                vaults.reason.get_or_insert(reason.clone());
                keys.reason.get_or_insert(reason);
                continue;
            };
            vaults.entries.push(vault.clone());
            match self.keys.get(key) {
                Some(Ok(found)) => keys.entries.push(found.clone()),
                Some(Err(reason)) => {
                    keys.reason.get_or_insert(reason.clone());
                }
                None => {}
            }
        }
        facts.add_labelled(fact::KEY_VAULTS, &RESOURCES.label(), vaults);
        facts.add(fact::KEY_VAULT_KEYS, &KEY, keys);
    }
}

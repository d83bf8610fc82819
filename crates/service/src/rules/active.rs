//! The packs and settings that judge now.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use postern_domain::digest::Digest;
use postern_domain::settings::Settings;
use postern_engine::{LoadError, Pack};
use postern_store::rules::PackOrigin;
use postern_store::{PgConnection, StoreError, rules};
use tokio::sync::Semaphore;

use crate::Postern;
use crate::framework::Rulebooks;

/// The packs of the binary, and those that were activated since; a new one is loaded without a restart.
#[derive(Debug)]
pub(crate) struct ActiveRules {
    built_in: Vec<Pack>,
    /// Packs that were activated at some time, compiled once.
    loaded: Mutex<HashMap<Digest, Pack>>,
    now: RwLock<Arc<Vec<Pack>>>,
    /// What sets of packs say together.
    pub(crate) rulebooks: Rulebooks,
    /// One place for a comparison that somebody waits for: it takes all cores.
    pub(super) comparing: Semaphore,
    /// What vouches for the packs that judged last.
    vouched: RwLock<BTreeMap<Digest, PackOrigin>>,
}

/// What judges.
#[derive(Clone, Debug)]
pub(crate) struct Active {
    /// The packs, by name.
    pub(crate) packs: Arc<Vec<Pack>>,
    /// What was set for them.
    pub(crate) settings: Arc<Settings>,
}

/// The rules that should judge cannot.
#[derive(Debug, thiserror::Error)]
pub enum ActiveError {
    /// An activated pack was refused by this engine.
    #[error("the activated rule pack {name} ({digest}) was refused")]
    Pack {
        /// Its name.
        name: String,
        /// Its digest.
        digest: Digest,
        /// Why.
        #[source]
        source: LoadError,
    },
    /// An activated pack is not in the database.
    #[error("the activated rule pack {name} ({digest}) is not in the database")]
    Lost {
        /// Its name.
        name: String,
        /// Its digest.
        digest: Digest,
    },
    /// The engine ended without an answer: a defect of Postern.
    #[error("the rule engine ended without an answer")]
    Engine(#[source] tokio::task::JoinError),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ActiveRules {
    pub(crate) fn new(built_in: Vec<Pack>) -> Self {
        let now = RwLock::new(Arc::new(built_in.clone()));
        let vouched = built_in.iter().map(|pack| (pack.digest(), PackOrigin::BuiltIn)).collect();
        Self {
            built_in,
            loaded: Mutex::default(),
            now,
            rulebooks: Rulebooks::default(),
            comparing: Semaphore::new(1),
            vouched: RwLock::new(vouched),
        }
    }

    /// The packs that judged last, by name.
    pub(crate) fn packs(&self) -> Arc<Vec<Pack>> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The pack of this digest, if it was loaded before.
    pub(crate) fn loaded(&self, digest: Digest) -> Option<Pack> {
        let of_binary = self.built_in.iter().find(|pack| pack.digest() == digest);
        of_binary.cloned().or_else(|| {
            self.loaded.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned()
        })
    }

    /// Where a pack came from, as far as this process can tell.
    pub(crate) fn is_built_in(&self, digest: Digest) -> bool {
        self.built_in.iter().any(|pack| pack.digest() == digest)
    }

    /// What vouches for packs: this binary, or what was recorded; those without a record are left out.
    pub(crate) async fn origins(
        &self,
        connection: &mut PgConnection,
        packs: &[Digest],
    ) -> Result<BTreeMap<Digest, PackOrigin>, StoreError> {
        let mut origins = rules::origins(connection, packs).await?;
        let built_in = packs.iter().filter(|pack| self.is_built_in(**pack));
        origins.extend(built_in.map(|pack| (*pack, PackOrigin::BuiltIn)));
        Ok(origins)
    }

    /// What vouches for a pack that judged last.
    pub(crate) fn origin(&self, digest: Digest) -> Option<PackOrigin> {
        self.vouched.read().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned()
    }

    /// The pack of this name that the binary carries.
    pub(crate) fn built_in(&self, name: &str) -> Option<&Pack> {
        self.built_in.iter().find(|pack| pack.manifest().name == name)
    }

    pub(crate) fn keep(&self, pack: Pack) {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).insert(pack.digest(), pack);
    }
}

/// The packs and settings that judge now; packs that were activated since the last time are loaded.
pub(crate) async fn active(postern: &Postern) -> Result<Active, ActiveError> {
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    let activated = rules::activated(&mut session).await?;
    let settings = Arc::new(rules::settings(&mut session).await?);
    let mut by_name: BTreeMap<String, Pack> = postern
        .rules
        .built_in
        .iter()
        .map(|pack| (pack.manifest().name.clone(), pack.clone()))
        .collect();
    for (name, digest) in activated {
        let pack = if let Some(pack) = postern.rules.loaded(digest) {
            pack
        } else {
            let lost = || ActiveError::Lost { name: name.clone(), digest };
            let component = rules::component(&mut session, digest).await?.ok_or_else(lost)?;
            let refused = |source| ActiveError::Pack { name: name.clone(), digest, source };
            let pack = load(postern, component).await?.map_err(refused)?;
            postern.rules.keep(pack.clone());
            pack
        };
        by_name.insert(name, pack);
    }
    let packs: Arc<Vec<Pack>> = Arc::new(by_name.into_values().collect());
    let digests: Vec<Digest> = packs.iter().map(Pack::digest).collect();
    let vouched = postern.rules.origins(&mut session, &digests).await?;
    *postern.rules.vouched.write().unwrap_or_else(PoisonError::into_inner) = vouched;
    *postern.rules.now.write().unwrap_or_else(PoisonError::into_inner) = packs.clone();
    Ok(Active { packs, settings })
}

/// Compiles a pack away from the threads that serve.
pub(crate) async fn load(
    postern: &Postern,
    component: Vec<u8>,
) -> Result<Result<Pack, LoadError>, ActiveError> {
    let engine = postern.engine.clone();
    tokio::task::spawn_blocking(move || engine.load(&component)).await.map_err(ActiveError::Engine)
}

/// What judges, for people.
#[derive(Clone, Debug)]
pub struct ActiveView {
    /// The packs with what vouches for them, by name.
    pub packs: Vec<(Pack, PackOrigin)>,
    /// What was set for them.
    pub settings: Settings,
}

/// The packs and settings that judge now.
pub async fn active_view(postern: &Postern) -> Result<ActiveView, ActiveError> {
    let active = active(postern).await?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    let digests: Vec<Digest> = active.packs.iter().map(Pack::digest).collect();
    let origins = postern.rules.origins(&mut session, &digests).await?;
    let packs = active.packs.iter().map(|pack| {
        let origin = origins.get(&pack.digest()).cloned().unwrap_or(PackOrigin::Unsigned);
        (pack.clone(), origin)
    });
    Ok(ActiveView { packs: packs.collect(), settings: (*active.settings).clone() })
}

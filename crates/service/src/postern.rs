//! The handle that every use case takes.

use std::sync::Arc;

use postern_domain::clock::Clock;
use postern_domain::pack::PackOrigin;
use postern_domain::person::{Actor, Sight};
use postern_engine::{Engine, EngineError, Limits, LoadError, Pack};
use postern_store::{PgPool, StoreError};
use time::OffsetDateTime;

use crate::kept::Kept;
use crate::rules::ActiveRules;
use crate::view::PackView;

/// A database, the active packs, a clock and who acts: what every use case needs.
///
/// It is opened on behalf of its operator; see [`Postern::acting_as`].
///
/// Cheap to clone.
#[derive(Clone)]
pub struct Postern {
    pub(crate) pool: PgPool,
    pub(crate) engine: Arc<Engine>,
    /// The packs that judge.
    pub(crate) rules: Arc<ActiveRules>,
    pub(crate) clock: Clock,
    pub(crate) actor: Arc<Actor>,
    /// What the actor reads.
    pub(crate) sight: Arc<Sight>,
    pub(crate) kept: Arc<Kept>,
}

/// Postern could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The engine that runs packs could not be made.
    #[error("the rule engine could not be started")]
    Engine(#[from] EngineError),
    /// A pack was refused.
    #[error("rule pack {position} of {count} was refused")]
    Pack {
        /// Its position in the list, from 1.
        position: usize,
        /// How many there are.
        count: usize,
        /// Why.
        #[source]
        source: LoadError,
    },
    /// Two packs have a rule of the same id, so that its verdicts would be ambiguous.
    #[error("rule {rule} is in the packs {first} and {second}")]
    SameRule {
        /// The rule.
        rule: String,
        /// The pack that has it.
        first: String,
        /// The pack that has it too.
        second: String,
    },
    /// The packs could not be registered.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Postern {
    /// Loads `packs`, the components that the binary carries, for a database that is migrated already.
    pub async fn open(pool: PgPool, packs: &[Vec<u8>], clock: Clock) -> Result<Self, OpenError> {
        Self::open_on(Engine::new(Limits::default())?, pool, packs, clock).await
    }

    /// Like [`Postern::open`], on an engine of one's own.
    pub async fn open_on(
        engine: Engine,
        pool: PgPool,
        packs: &[Vec<u8>],
        clock: Clock,
    ) -> Result<Self, OpenError> {
        let components = packs.to_vec();
        let (engine, packs) = tokio::task::spawn_blocking(move || {
            let packs = load(&engine, &components)?;
            Ok::<_, OpenError>((engine, packs))
        })
        .await
        .expect("loading packs does not panic and is not cancelled")?;
        let rules = Arc::new(ActiveRules::new(packs));
        Ok(Self {
            pool,
            engine: Arc::new(engine),
            rules,
            clock,
            actor: Arc::new(Actor::Operator { name: "command line".to_owned() }),
            sight: Arc::new(Sight::Everything),
            kept: Arc::new(Kept::new()),
        })
    }

    /// The same with another clock: the demo's simulated days.
    #[must_use]
    pub fn with_clock(&self, clock: Clock) -> Self {
        Self { clock, ..self.clone() }
    }

    /// Now, as exactly as Postgres keeps it.
    pub(crate) fn now(&self) -> OffsetDateTime {
        let now = self.clock.now();
        now.replace_nanosecond(now.microsecond() * 1_000).expect("below a second")
    }

    /// The packs that judged last, by name.
    pub fn packs(&self) -> Vec<PackView> {
        let view = |pack: &Pack| pack_view(pack, self.rules.origin(pack.digest()));
        self.rules.packs().iter().map(view).collect()
    }
}

impl std::fmt::Debug for Postern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Postern").field("packs", &self.packs()).finish_non_exhaustive()
    }
}

/// A pack as views name it.
pub(crate) fn pack_view(pack: &Pack, origin: Option<PackOrigin>) -> PackView {
    PackView {
        name: pack.manifest().name.clone(),
        version: pack.manifest().version.clone(),
        digest: pack.digest(),
        origin,
    }
}

fn load(engine: &Engine, components: &[Vec<u8>]) -> Result<Vec<Pack>, OpenError> {
    let mut packs = Vec::new();
    for (index, component) in components.iter().enumerate() {
        let pack = engine.load(component).map_err(|source| OpenError::Pack {
            position: index + 1,
            count: components.len(),
            source,
        })?;
        packs.push(pack);
    }
    packs.sort_by(|left, right| {
        (&left.manifest().name, left.digest()).cmp(&(&right.manifest().name, right.digest()))
    });
    refuse_same_rules(&packs)?;
    Ok(packs)
}

fn refuse_same_rules(packs: &[Pack]) -> Result<(), OpenError> {
    let mut owners = std::collections::BTreeMap::new();
    for pack in packs {
        for rule in &pack.manifest().rules {
            if let Some(first) = owners.insert(rule.id.clone(), pack.manifest().name.clone()) {
                return Err(OpenError::SameRule {
                    rule: rule.id.to_string(),
                    first,
                    second: pack.manifest().name.clone(),
                });
            }
        }
    }
    Ok(())
}

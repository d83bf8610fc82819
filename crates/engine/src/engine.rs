//! The engine: wasmtime, set up so that the same pack and assets give the same verdicts everywhere.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use wasmtime::{
    Cache, CacheConfig, Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
};

use crate::contract::CONTRACT;
use crate::limits::{Limits, Meter};

/// How often the net of the wall clock looks; a call may outlast its time by this much.
const TICK: Duration = Duration::from_millis(50);

/// Must follow `wasmtime` in the root's `Cargo.toml`: wasmtime does not say its version at run time.
const WASMTIME: &str = "48.x";

/// Instances that can live at the same time; who comes later waits for a turn.
const INSTANCES: u32 = 16;

/// How much of an instance's memory stays with its place in the pool; a batch by the shipped pack takes less.
const KEPT_BYTES: usize = 4 << 20;

/// Loads and runs packs.
pub struct Engine {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) limits: Limits,
    version: String,
    cache: Option<Cache>,
    turns: Turns,
    _ticker: Ticker,
}

/// The engine could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// wasmtime refuses this machine.
    #[error("wasmtime cannot run on this machine: {message}")]
    Wasmtime {
        /// What wasmtime says.
        message: String,
    },
    /// The folder for compiled packs cannot be used.
    #[error("the folder for compiled packs cannot be used: {message}")]
    Cache {
        /// What wasmtime says.
        message: String,
    },
    /// There is no thread for the net of the wall clock.
    #[error("no thread could be started")]
    Thread(#[source] std::io::Error),
}

impl Engine {
    /// An engine that bounds packs by `limits` and compiles each pack anew.
    pub fn new(limits: Limits) -> Result<Self, EngineError> {
        Self::build(limits, None)
    }

    /// An engine that keeps compiled packs in `folder`, by the digest of their code, wasmtime's version and settings.
    ///
    /// Whoever can write to the folder can run code in this process, so nobody else may.
    pub fn with_cache(limits: Limits, folder: &Path) -> Result<Self, EngineError> {
        let refused = |message: String| EngineError::Cache { message };
        // wasmtime wants the folder absolute and without links.
        std::fs::create_dir_all(folder).map_err(|error| refused(error.to_string()))?;
        let folder = folder.canonicalize().map_err(|error| refused(error.to_string()))?;
        let mut config = CacheConfig::new();
        config.with_directory(folder);
        let cache = Cache::new(config).map_err(|error| refused(error.root_cause().to_string()))?;
        Self::build(limits, Some(cache))
    }

    fn build(limits: Limits, cache: Option<Cache>) -> Result<Self, EngineError> {
        let mut pool = PoolingAllocationConfig::default();
        // A component of `wit-component` has a module and two shims, one memory and some tables; see `Meter`.
        pool.total_component_instances(INSTANCES)
            .total_core_instances(INSTANCES * 64)
            .total_memories(INSTANCES * 4)
            .total_tables(INSTANCES * 16)
            .max_memory_size(limits.memory_bytes.next_multiple_of(64 << 10))
            .max_core_instances_per_component(64)
            .max_memories_per_component(4)
            .max_tables_per_component(16)
            .table_elements(100_000)
            // What a call has dirtied is wiped in place, which is faster than giving it back and faulting it in anew.
            .linear_memory_keep_resident(KEPT_BYTES)
            .pagemap_scan(Enabled::Auto);
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .consume_fuel(true)
            .epoch_interruption(true)
            .max_wasm_stack(512 << 10)
            .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
            .cache(cache.clone())
            // What differs between machines is fixed or left out: the bits of NaNs, relaxed SIMD.
            .cranelift_nan_canonicalization(true)
            .wasm_relaxed_simd(false);
        let wasmtime = wasmtime::Engine::new(&config)
            .map_err(|error| EngineError::Wasmtime { message: error.root_cause().to_string() })?;
        let ticker = Ticker::start(wasmtime.clone()).map_err(EngineError::Thread)?;
        Ok(Self {
            wasmtime,
            limits,
            version: format!("wasmtime {WASMTIME} / contract {CONTRACT}"),
            cache,
            turns: Turns::new(INSTANCES),
            _ticker: ticker,
        })
    }

    /// Waits until an instance may be made; the pool has no place for more than [`INSTANCES`].
    pub(crate) fn turn(&self) -> Turn<'_> {
        self.turns.take()
    }

    /// How often a compiled pack was found in the folder, and how often it had to be compiled; none without a folder.
    pub fn cache_hits_and_misses(&self) -> Option<(usize, usize)> {
        self.cache.as_ref().map(|cache| (cache.cache_hits(), cache.cache_misses()))
    }

    /// The worlds that packs may be built for.
    pub fn worlds() -> &'static [&'static str] {
        &crate::contract::WORLDS
    }

    /// What verdicts name as the engine that gave them.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The bounds on a call.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A store for one call, with its bounds armed.
    pub(crate) fn store(&self) -> Store<Meter> {
        let mut store = Store::new(&self.wasmtime, Meter::new(self.limits.memory_bytes));
        store.limiter(|meter| meter);
        store.set_fuel(self.limits.fuel).expect("fuel is switched on in the configuration");
        // What comes back is copied into the host's memory; a list of one long text a million times would fill it.
        store.set_hostcall_fuel(self.limits.memory_bytes);
        let ticks = self.limits.wall_clock.as_millis().div_ceil(TICK.as_millis());
        // One more, because the present tick is not a whole one.
        store.set_epoch_deadline(u64::try_from(ticks).unwrap_or(u64::MAX / 2).saturating_add(1));
        store
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engine").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Moves the engine's epoch on, until it is dropped.
struct Ticker {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Ticker {
    fn start(engine: wasmtime::Engine) -> Result<Self, std::io::Error> {
        let (stop, stopped) = channel();
        let thread =
            std::thread::Builder::new().name("pack-clock".to_owned()).spawn(move || {
                while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    engine.increment_epoch();
                }
            })?;
        Ok(Self { running: Some((stop, thread)) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            // The thread cannot panic; were it to, there would be nothing to do about it here.
            thread.join().ok();
        }
    }
}

/// As many turns at a time as there are places in the pool.
struct Turns {
    left: Mutex<u32>,
    back: Condvar,
}

/// A place in the pool, until it is dropped.
pub(crate) struct Turn<'a>(&'a Turns);

impl Turns {
    fn new(count: u32) -> Self {
        Self { left: Mutex::new(count), back: Condvar::new() }
    }

    fn take(&self) -> Turn<'_> {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left =
            self.back.wait_while(left, |left| *left == 0).unwrap_or_else(PoisonError::into_inner);
        *left -= 1;
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.left.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.back.notify_one();
    }
}

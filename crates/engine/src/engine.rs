//! The engine: wasmtime, set up so that the same pack and assets give the same verdicts everywhere.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use wasmtime::{Config, Store};

use crate::contract::CONTRACT;
use crate::limits::{Limits, Meter};

/// How often the net of the wall clock looks; a call may outlast its time by this much.
const TICK: Duration = Duration::from_millis(50);

/// Must follow `wasmtime` in the root's `Cargo.toml`: wasmtime does not say its version at run time.
const WASMTIME: &str = "48.x";

/// Loads and runs packs.
pub struct Engine {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) limits: Limits,
    version: String,
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
    /// There is no thread for the net of the wall clock.
    #[error("no thread could be started")]
    Thread(#[source] std::io::Error),
}

impl Engine {
    /// An engine that bounds packs by `limits`.
    pub fn new(limits: Limits) -> Result<Self, EngineError> {
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .consume_fuel(true)
            .epoch_interruption(true)
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
            _ticker: ticker,
        })
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

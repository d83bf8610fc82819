//! Any bytes as a pack: refused with a reason or taken, never a panic, and within the bounds.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use postern_engine::{Engine, Limits};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let limits = Limits {
        memory_bytes: 16 << 20,
        fuel: 20_000_000,
        wall_clock: Duration::from_secs(10),
        batch: 2,
        threads: 1,
    };
    Engine::new(limits).expect("wasmtime runs on this machine")
});

fuzz_target!(|bytes: &[u8]| {
    match ENGINE.load(bytes) {
        Ok(pack) => assert!(!pack.manifest().rules.is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

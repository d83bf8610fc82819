//! A pack that burns time before it is asked anything: its module's start never ends.

/// What `wit-component` runs when an instance is made.
#[expect(unsafe_code, reason = "exporting a function from WASM is unsafe by nature")]
#[unsafe(no_mangle)]
extern "C" fn _initialize() {
    let mut turns = 0_u64;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
        if turns == u64::MAX {
            break;
        }
    }
}

hostile::export!(hostile::honest);

//! A pack that never finishes describing itself.

fn describe() -> String {
    let mut turns = 0_u64;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
}

hostile::export!(describe, hostile::honest);

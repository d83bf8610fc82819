//! Chance that is a pure function of its keys, so that every day can be computed on its own.

/// A 64-bit hash of a seed and some keys: splitmix64's finaliser over each byte.
pub(crate) fn hash(seed: u64, keys: &[&str]) -> u64 {
    let mut state = mix(seed);
    for key in keys {
        for byte in key.bytes() {
            state = mix(state ^ u64::from(byte));
        }
        // Separates ["ab", "c"] from ["a", "bc"].
        state = mix(state ^ 0x100);
    }
    state
}

/// A number in `0..bound`; 0 where the bound is 0.
pub(crate) fn below(seed: u64, keys: &[&str], bound: u64) -> u64 {
    hash(seed, keys).checked_rem(bound).unwrap_or(0)
}

/// Whether something happens that happens in `percent` of 100 cases.
pub(crate) fn happens(seed: u64, keys: &[&str], percent: u64) -> bool {
    below(seed, keys, 100) < percent
}

/// One of the choices.
pub(crate) fn pick<'a, T>(seed: u64, keys: &[&str], choices: &'a [T]) -> &'a T {
    let position = usize::try_from(below(seed, keys, choices.len() as u64)).unwrap_or(0);
    choices.get(position).expect("the choices are constants and not empty")
}

/// A UUID's text made of a hash.
pub(crate) fn uuid(seed: u64, keys: &[&str]) -> String {
    let high = hash(seed, keys);
    let low = mix(high ^ 0x5555);
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

fn mix(state: u64) -> u64 {
    let mut mixed = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_depends_on_the_keys_alone() {
        assert_eq!(hash(1, &["a", "b"]), hash(1, &["a", "b"]));
        assert_ne!(hash(1, &["ab", "c"]), hash(1, &["a", "bc"]));
        assert_ne!(hash(1, &["a"]), hash(2, &["a"]));
        let often = (0..1000).filter(|n| happens(3, &[&n.to_string()], 30)).count();
        assert!((250..350).contains(&often), "{often}");
        assert_eq!(uuid(1, &["x"]).len(), 36);
    }
}

//! Lists of reads, for rules that share the function that does a part of theirs.

use postern_rules_sdk::Read;

/// The reads of a shared function, then those of the rule itself.
pub const fn join<const SHARED: usize, const OWN: usize, const ALL: usize>(
    shared: [Read; SHARED],
    own: [Read; OWN],
) -> [Read; ALL] {
    assert!(ALL == SHARED + OWN, "all of them are the shared ones and the rule's own");
    let mut all = [shared[0]; ALL];
    let mut at = 0;
    while at < ALL {
        all[at] = if at < SHARED { shared[at] } else { own[at - SHARED] };
        at += 1;
    }
    all
}

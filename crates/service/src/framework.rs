//! Frameworks: those that Postern brings, an organisation's own, and what the latest evaluations say of their controls.

mod control;
mod list;
mod rulebook;
mod show;
mod state;

use std::sync::LazyLock;

use postern_domain::framework::{Catalogue, DuplicateFramework, Framework};
use postern_domain::id::RuleId;
use postern_domain::rule::RuleManifest;

pub use control::show_control;
pub use list::list_frameworks;
pub(crate) use rulebook::{Rulebook, Rulebooks};
pub use show::show_framework;
pub(crate) use state::{Judged, judged};
pub use state::{RuleStates, rule_states};

const BUILT_IN: [&str; 11] = [
    include_str!("../../../rules-wasm/frameworks/mcsb-v1.json"),
    include_str!("../../../rules-wasm/frameworks/mcsb-v2.json"),
    include_str!("../../../rules-wasm/frameworks/cis-azure-foundations-6.0.json"),
    include_str!("../../../rules-wasm/frameworks/nist-800-53-r5.json"),
    include_str!("../../../rules-wasm/frameworks/nist-csf-2.0.json"),
    include_str!("../../../rules-wasm/frameworks/nist-ai-rmf-1.0.json"),
    include_str!("../../../rules-wasm/frameworks/iso-27001-2022.json"),
    include_str!("../../../rules-wasm/frameworks/iso-42001-2023.json"),
    include_str!("../../../rules-wasm/frameworks/eu-ai-act.json"),
    include_str!("../../../rules-wasm/frameworks/owasp-llm-2025.json"),
    include_str!("../../../rules-wasm/frameworks/mitre-atlas.json"),
];

/// The frameworks that Postern brings, and `own` after them; controls that `rules` name in their manifests have them.
pub fn catalogue<'a>(
    own: Vec<Framework>,
    rules: impl IntoIterator<Item = &'a RuleManifest>,
) -> Result<Catalogue, DuplicateFramework> {
    // Read once: it takes longer than all else.
    static READ: LazyLock<Vec<Framework>> = LazyLock::new(|| {
        let read =
            |text: &&str| Framework::parse(text).expect("a test reads each that is built in");
        BUILT_IN.iter().map(read).collect()
    });
    let built_in = READ.iter().cloned();
    let named: Vec<(&RuleId, &str)> = rules
        .into_iter()
        .flat_map(|rule| rule.controls.iter().map(|control| (&rule.id, control.as_str())))
        .collect();
    Ok(Catalogue::new(built_in.chain(own))?.unite(named))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_framework_that_is_built_in_can_be_read_and_none_is_there_twice() {
        let catalogue = catalogue(Vec::new(), []).unwrap();
        assert_eq!(catalogue.frameworks().len(), BUILT_IN.len());
        let again = Framework::parse(BUILT_IN[0]).unwrap();
        assert!(super::catalogue(vec![again], []).is_err());
    }
}

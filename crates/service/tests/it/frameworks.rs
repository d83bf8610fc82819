//! The frameworks that Postern brings, beside the rules that it brings.

use std::collections::BTreeSet;

use postern_domain::rule::RuleManifest;
use postern_engine::{Engine, Limits};
use postern_service::framework::catalogue;
use postern_test_support::built_packs;

fn rules() -> Vec<RuleManifest> {
    let engine = Engine::new(Limits::default()).unwrap();
    let rules = |pack: Vec<u8>| engine.load(&pack).unwrap().manifest().rules.clone();
    built_packs().into_iter().flat_map(rules).collect()
}

#[test]
fn every_control_that_a_rule_names_is_there() {
    let rules = rules();
    let catalogue = catalogue(Vec::new(), &rules).unwrap();
    let named = rules
        .iter()
        .flat_map(|rule| rule.controls.iter().map(|control| (&rule.id, control.as_str())));
    let unknown: Vec<String> =
        catalogue.unknown_controls(named).iter().map(|one| format!("{one:?}")).collect();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn every_control_that_rules_are_to_assess_has_rules_that_exist() {
    let rules = rules();
    let catalogue = catalogue(Vec::new(), &rules).unwrap();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    let mut missing: Vec<String> =
        catalogue.controls_without_rules().iter().map(|one| format!("{one:?}")).collect();
    for framework in catalogue.frameworks() {
        for control in framework.controls() {
            let unknown =
                control.rules().iter().filter(|mapped| !ids.contains(mapped.rule.as_str()));
            missing.extend(
                unknown
                    .map(|mapped| format!("{} {}: {}", framework.id(), control.id(), mapped.rule)),
            );
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

//! The frameworks that Postern brings: each file is read, and compared with where it comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use postern_domain::framework::{
    Assessment, Catalogue, ControlId, ControlStatus, Framework, FrameworkId, RuleState, Tally,
};
use serde_json::Value;

/// The ids, and the lists in `schemas/frameworks` that theirs come from.
const FRAMEWORKS: [(&str, &[&str]); 11] = [
    ("cis-azure-foundations-6.0", &[]),
    ("eu-ai-act", &["eu-ai-act"]),
    ("iso-27001-2022", &["iso-27001-2022-annex-a.ids"]),
    ("iso-42001-2023", &["iso-42001-2023-annex-a.ids"]),
    ("mcsb-v1", &["mcsb-v1"]),
    ("mcsb-v2", &["mcsb-v2"]),
    ("mitre-atlas", &["mitre-atlas-mitigations", "mitre-atlas-techniques"]),
    ("nist-800-53-r5", &["nist-800-53-r5"]),
    ("nist-ai-rmf-1.0", &["nist-ai-rmf-1.0"]),
    ("nist-csf-2.0", &["nist-csf-2.0"]),
    ("owasp-llm-2025", &["owasp-llm-top10-2025"]),
];

/// Rules that are more than a row of the facts.
const FURTHER_RULES: [&str; 3] = ["NET-37", "AUTH-28", "POL-19"];

/// Rows of the facts that nothing is collected for, so that no rule has their ids.
const ROWS_WITHOUT_RULES: [&str; 17] = [
    "AUTH-22", "AUTH-25", "AUTH-26", "DATA-09", "DATA-25", "DATA-26", "GOV-12", "GOV-13", "GOV-14",
    "GOV-26", "MON-05", "MON-07", "MON-21", "MON-24", "MON-28", "NET-26", "POL-18",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A text beside the clone, or nothing with a plain word where it is not there.
fn shared(path: &str) -> Option<String> {
    let file = root().join("../shared").join(path);
    let text = fs::read_to_string(&file).ok();
    if text.is_none() {
        eprintln!("left out: {} is not there to compare with", file.display());
    }
    text
}

fn frameworks() -> Vec<Framework> {
    let folder = root().join("rules-wasm/frameworks");
    let mut frameworks = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of frameworks is there") {
        let path = entry.expect("the folder of frameworks can be listed").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a framework's file can be read");
        let framework = Framework::parse(&text)
            .unwrap_or_else(|error| panic!("{}: {error}: {error:?}", path.display()));
        assert_eq!(path.file_stem(), Some(framework.id().as_str().as_ref()));
        frameworks.push(framework);
    }
    frameworks.sort_by(|one, other| one.id().cmp(other.id()));
    frameworks
}

#[test]
fn every_file_is_a_framework_of_its_own() {
    let catalogue = Catalogue::new(frameworks()).unwrap();
    let ids: Vec<&str> =
        catalogue.frameworks().iter().map(|framework| framework.id().as_str()).collect();
    assert_eq!(ids, FRAMEWORKS.map(|(id, _)| id));
}

#[test]
fn a_control_a_line() {
    for framework in frameworks() {
        let path = root().join(format!("rules-wasm/frameworks/{}.json", framework.id()));
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().filter(|line| line.starts_with("    {\"id\": ")).count();
        assert_eq!(lines, framework.groups().len() + framework.controls().len());
    }
}

#[test]
fn ids_and_titles_are_those_of_the_source() {
    for framework in frameworks() {
        let (_, lists) = FRAMEWORKS.iter().find(|(id, _)| *id == framework.id().as_str()).unwrap();
        if lists.is_empty() {
            continue;
        }
        let mut titles = BTreeMap::new();
        for list in *lists {
            let Some(text) = shared(&format!("schemas/frameworks/{list}.json")) else { return };
            let list: Value = serde_json::from_str(&text).unwrap();
            for control in list["controls"].as_array().unwrap() {
                let id = control["id"].as_str().unwrap().to_owned();
                titles.insert(id, control["title"].as_str().map(str::to_owned));
            }
        }
        for control in framework.controls() {
            let title = titles.get(control.id().as_str());
            assert_eq!(
                title.map(Option::as_deref),
                Some(control.title()),
                "{}: {}",
                framework.id(),
                control.id()
            );
        }
    }
}

#[test]
fn recommendations_of_cis_are_those_that_the_facts_name() {
    let Some(facts) = shared("azure/facts.md") else { return };
    let mut named = BTreeSet::new();
    for part in facts.split("CIS 6.0 ").skip(1) {
        let numbers = part.split(|next: char| next.is_alphabetic() || "(|;".contains(next));
        named.extend(numbers.take(1).flat_map(|all| all.split(',')).map(str::trim));
    }
    let cis = frameworks().into_iter().find(|one| one.id().as_str().starts_with("cis-")).unwrap();
    for control in cis.controls() {
        assert!(named.contains(control.id().as_str()), "{}", control.id());
        assert_eq!(control.title(), None);
    }
}

#[test]
fn rules_are_those_that_there_will_be() {
    let Some(facts) = shared("azure/facts.md") else { return };
    let mut rules: BTreeSet<&str> = facts
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" | "))
        .map(|(id, _)| id)
        .chain(FURTHER_RULES)
        .collect();
    for row in ROWS_WITHOUT_RULES {
        assert!(rules.remove(row), "{row}");
    }
    for framework in frameworks() {
        for control in framework.controls() {
            for mapped in control.rules() {
                let place = format!("{} {}: {}", framework.id(), control.id(), mapped.rule);
                assert!(rules.contains(mapped.rule.as_str()), "{place}");
            }
        }
    }
}

#[test]
fn the_controls_that_the_product_promises_are_there() {
    let catalogue = Catalogue::new(frameworks()).unwrap();
    let has = |framework: &str, control: &str| {
        let framework = catalogue.framework(&framework.parse::<FrameworkId>().unwrap()).unwrap();
        framework.control(&control.parse::<ControlId>().unwrap()).is_some()
    };
    for number in 1..=7 {
        assert!(has("mcsb-v2", &format!("AI-{number}")), "AI-{number}");
    }
    for number in 1..=113 {
        assert!(has("eu-ai-act", &format!("Article {number}")), "Article {number}");
    }
    for number in 1..=10 {
        assert!(has("owasp-llm-2025", &format!("LLM{number:02}:2025")), "LLM{number:02}");
    }
    for (framework, control) in [
        ("mcsb-v1", "NS-2"),
        ("nist-800-53-r5", "AC-2(1)"),
        ("nist-ai-rmf-1.0", "MEASURE 2.7"),
        ("nist-csf-2.0", "PR.AA-05"),
        ("iso-27001-2022", "A.8.12"),
        ("iso-42001-2023", "A.6.2.8"),
        ("mitre-atlas", "AML.T0051.001"),
        ("mitre-atlas", "AML.M0020"),
    ] {
        assert!(has(framework, control), "{framework}:{control}");
    }
}

#[test]
fn nothing_is_green_when_no_rule_ran_and_only_looked_at_controls_when_all_pass() {
    for framework in frameworks() {
        for assessed in framework.assess(|_| RuleState::NotRun) {
            let expected = match assessed.control.assessment() {
                Assessment::Automated | Assessment::Partly { .. } => ControlStatus::NotChecked,
                Assessment::Manual { .. } => ControlStatus::Manual,
                Assessment::NotAssessable { .. } => ControlStatus::NotAssessable,
            };
            assert_eq!(assessed.status, expected);
        }
        let all_pass = |_: &_| RuleState::Ran(Tally { pass: 1, ..Tally::default() });
        for assessed in framework.assess(all_pass) {
            let without_rules = assessed.control.rules().is_empty();
            let expected = match assessed.control.assessment() {
                // Packs name it, and none is here.
                Assessment::Automated | Assessment::Partly { .. } if without_rules => {
                    ControlStatus::NotChecked
                }
                Assessment::Automated => ControlStatus::Passing,
                Assessment::Partly { .. } => ControlStatus::PassingAsFarAsChecked,
                Assessment::Manual { .. } => ControlStatus::Manual,
                Assessment::NotAssessable { .. } => ControlStatus::NotAssessable,
            };
            assert_eq!(assessed.status, expected, "{}", assessed.control.id());
        }
    }
}

#[test]
fn only_what_packs_name_is_without_rules_of_the_file() {
    // Those frameworks that manifests name; in all others the file alone gives rules.
    let named = ["mcsb-v1", "mcsb-v2", "nist-800-53-r5", "cis-azure-foundations-6.0"];
    for control in Catalogue::new(frameworks()).unwrap().controls_without_rules() {
        assert!(named.contains(&control.framework.as_str()), "{control}");
    }
}

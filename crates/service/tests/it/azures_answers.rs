//! The shipped rules on Azure's own answers: recorded ones, and the examples of its API specifications.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use postern_domain::arm::{JUDGED_TYPES, SUBSCRIPTION};
use postern_domain::asset::Asset;
use postern_domain::fact::{self, Fact};
use postern_domain::settings::PackSettings;
use postern_domain::verdict::{RuleVerdict, Verdict};
use postern_engine::{Circumstances, Engine, Limits, Pack};
use postern_test_support::{NOW, built_packs};
use serde_json::Value;

/// Facts whose lists lie below the asset, by the last part of the path that lists them.
const OF_THE_ASSET: [(&str, &str); 13] = [
    (fact::DEPLOYMENTS, "deployments"),
    (fact::RAI_POLICIES, "raipolicies"),
    (fact::PROJECTS, "projects"),
    (fact::CONNECTIONS, "connections"),
    (fact::NETWORK_SECURITY_PERIMETER_CONFIGURATIONS, "networksecurityperimeterconfigurations"),
    (fact::USAGES, "usages"),
    (fact::COMPUTES, "computes"),
    (fact::ONLINE_ENDPOINTS, "onlineendpoints"),
    (fact::BATCH_ENDPOINTS, "batchendpoints"),
    (fact::SERVERLESS_ENDPOINTS, "serverlessendpoints"),
    (fact::DATASTORES, "datastores"),
    (fact::OUTBOUND_RULES, "outboundrules"),
    (fact::SHARED_PRIVATE_LINK_RESOURCES, "sharedprivatelinkresources"),
];

/// Facts that a resource of any type has, or its subscription; not those that the collector puts together of
/// several answers, such as role assignments.
const OF_ANY: [(&str, &str); 9] = [
    (fact::DIAGNOSTIC_SETTINGS, "diagnosticsettings"),
    (fact::LOCKS, "locks"),
    (fact::METRIC_ALERTS, "metricalerts"),
    (fact::POLICY_ASSIGNMENTS, "policyassignments"),
    (fact::POLICY_EXEMPTIONS, "policyexemptions"),
    (fact::BUDGETS, "budgets"),
    (fact::ACTIVITY_LOG_ALERTS, "activitylogalerts"),
    (fact::DEFENDER_PLANS, "pricings"),
    (fact::SECURITY_CONTACTS, "securitycontacts"),
];

/// Beside the project; see the README of that folder.
fn answers() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/azure");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("NOT RUN: there are no answers of Azure at {}", folder.display());
    None
}

/// The resources of judged types in every answer, each with every list that Azure answers for its type.
///
/// The answers are of unrelated resources, so that a whole asset is put together from them; and the same resource
/// returns in many of them, each of which is an asset of its own here.
fn assets(folder: &Path) -> Vec<Asset> {
    let mut assets = Vec::new();
    for body in bodies(folder) {
        collect(&body.json, &mut assets);
    }
    for Body { path, json } in bodies(folder) {
        let Some(entries) = json["value"].as_array() else { continue };
        let last = path.rsplit('/').next().unwrap_or_default();
        let of = |facts: &[(&'static str, &str)]| {
            facts.iter().find(|(_, ending)| *ending == last).map(|(name, _)| *name)
        };
        for asset in &mut assets {
            let below = path.contains(asset.asset_type.as_str());
            let Some(name) = of(&OF_ANY).or_else(|| of(&OF_THE_ASSET).filter(|_| below)) else {
                continue;
            };
            let related = &mut asset.document.related;
            let known = related.entry(name.to_owned()).or_insert_with(nothing_yet);
            match known {
                Fact::Read { value: Value::Array(known) } => known.extend(entries.to_owned()),
                unread => *unread = Fact::Read { value: Value::Array(entries.to_owned()) },
            }
        }
    }
    assets
}

fn nothing_yet() -> Fact {
    Fact::Read { value: Value::Array(Vec::new()) }
}

/// Every resource of a judged type that was read in full, wherever it stands in an answer.
fn collect(json: &Value, found: &mut Vec<Asset>) {
    match json {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(fields) => {
            let whole = fields.get("properties").is_some_and(Value::is_object);
            match Asset::from_resource(json.clone(), "an answer of Azure") {
                Ok(mut asset)
                    if JUDGED_TYPES.contains(&asset.asset_type.as_str())
                        && (whole || asset.asset_type.as_str() == SUBSCRIPTION) =>
                {
                    asset.id = format!("{}-{}", asset.id, found.len()).parse().unwrap();
                    found.push(asset);
                }
                _ => fields.values().for_each(|field| collect(field, found)),
            }
        }
        _ => {}
    }
}

/// An answer: the path that was asked, in lower case, and what came.
struct Body {
    path: String,
    json: Value,
}

/// Every answer that is JSON, in the order of the indices.
fn bodies(folder: &Path) -> Vec<Body> {
    let mut found = Vec::new();
    for index in ["recordings/INDEX.tsv", "examples/INDEX.tsv"] {
        let text = std::fs::read_to_string(folder.join(index)).unwrap();
        let mut lines = text.lines();
        let head: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
        let at = |name: &str| head.iter().position(|column| *column == name);
        let (file, asked) = (at("file").unwrap(), at("request_uri").or(at("http")).unwrap());
        for line in lines {
            let columns: Vec<&str> = line.split('\t').collect();
            let path = columns[asked].split('?').next().unwrap_or_default().to_ascii_lowercase();
            let Ok(bytes) = std::fs::read(folder.join(columns[file])) else { continue };
            let Ok(json) = serde_json::from_slice::<Value>(&bytes) else { continue };
            // An example of a specification holds the request as well.
            let json = json.pointer("/responses/200/body").cloned().unwrap_or(json);
            found.push(Body { path, json });
        }
    }
    found
}

fn judge(assets: &[Asset]) -> (Vec<Pack>, Vec<RuleVerdict>) {
    let engine = Engine::new(Limits::default()).unwrap();
    let settings = PackSettings::default();
    let circumstances = Circumstances { settings: &settings, taken_at: NOW };
    let assets: Vec<&Asset> = assets.iter().collect();
    let packs: Vec<Pack> = built_packs().iter().map(|pack| engine.load(pack).unwrap()).collect();
    let mut verdicts = Vec::new();
    for pack in &packs {
        let evaluation = engine.evaluate(pack, &assets, circumstances);
        assert_eq!(evaluation.problem, None);
        verdicts.extend(evaluation.verdicts);
    }
    (packs, verdicts)
}

/// A snapshot, so that a change of rules shows what it changes on real answers.
#[test]
fn every_rule_judges_azures_own_answers() {
    let Some(folder) = answers() else { return };
    let assets = assets(&folder);
    let (packs, verdicts) = judge(&assets);
    let mut counts: BTreeMap<&str, [usize; 4]> = packs
        .iter()
        .flat_map(|pack| &pack.manifest().rules)
        .map(|rule| (rule.id.as_str(), [0; 4]))
        .collect();
    for verdict in &verdicts {
        let place = Verdict::ALL.iter().position(|one| *one == verdict.verdict).unwrap();
        counts.get_mut(verdict.rule.as_str()).unwrap()[place] += 1;
    }
    let mut table = String::new();
    for asset_type in JUDGED_TYPES {
        let count = assets.iter().filter(|asset| asset.asset_type.as_str() == asset_type).count();
        writeln!(table, "{count:>5} {asset_type}").unwrap();
    }
    writeln!(table, "\n{:<9} pass  fail  unknown  n/a", "rule").unwrap();
    for (rule, [pass, fail, unknown, not_applicable]) in counts {
        writeln!(table, "{rule:<9} {pass:>4} {fail:>5} {unknown:>8} {not_applicable:>4}").unwrap();
    }
    insta::assert_snapshot!(table);
}

/// What an answer names without saying it: the policies of an initiative of the organisation's own.
const ELSEWHERE: &str = ".policyDefinitionId";

/// Properties that the older API versions of some answers do not know, so that their absence says nothing.
const OF_NEWER_VERSIONS: [&str; 2] =
    ["properties.networkAcls.bypass", "properties.networkRuleSet.bypass"];

/// Unknown is for what was not read: a value that is there can be judged.
#[test]
fn nothing_that_azure_answers_is_unknown() {
    let Some(folder) = answers() else { return };
    let assets = assets(&folder);
    let read: BTreeMap<_, BTreeSet<&str>> = assets
        .iter()
        .map(|asset| (&asset.id, asset.document.related.keys().map(String::as_str).collect()))
        .collect();
    let (_, verdicts) = judge(&assets);
    let mut wrong = Vec::new();
    for verdict in verdicts.iter().filter(|verdict| verdict.verdict == Verdict::Unknown) {
        for evidence in &verdict.evidence {
            let first = evidence.path.split(['.', '[']).next().unwrap_or_default();
            let is_fact = read[&verdict.asset].contains(first);
            let unjudged = match evidence.actual {
                Some(_) => !evidence.path.ends_with(ELSEWHERE),
                None => {
                    (is_fact || first == "properties")
                        && !OF_NEWER_VERSIONS.contains(&&*evidence.path)
                }
            };
            if unjudged {
                wrong.push(format!("{} on {}: {evidence:?}", verdict.rule, verdict.asset));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

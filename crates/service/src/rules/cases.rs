//! A pack's cases: assets with the verdicts that their author expects, run against the built component.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use postern_domain::arm::AssetType;
use postern_domain::asset::{Asset, AssetDocument};
use postern_domain::fact::Fact;
use postern_domain::id::RuleId;
use postern_domain::settings::PackSettings;
use postern_domain::verdict::{Severity, Verdict};
use postern_engine::{Circumstances, Engine, Pack, PackProblem};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// When the snapshot of a case was taken unless it says otherwise.
const TAKEN_AT: &str = "2026-01-15T12:00:00Z";

/// The cases of a rule: one file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// The rule.
    pub rule: RuleId,
    /// The asset type of those cases that do not say.
    #[serde(default)]
    pub asset_type: Option<String>,
    /// The ARM id of those cases that do not say.
    #[serde(default)]
    pub id: Option<String>,
    /// The cases.
    pub cases: Vec<Case>,
}

/// An asset, and what the rule is to say of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What is special about it.
    pub name: String,
    /// The asset type, where it is not that of the file.
    #[serde(default)]
    pub asset_type: Option<String>,
    /// The ARM id, where the rule looks at it.
    #[serde(default)]
    pub id: Option<String>,
    /// The resource as Azure returns it.
    pub resource: Value,
    /// Related facts by name.
    #[serde(default)]
    pub related: BTreeMap<String, Fact>,
    /// The pack's settings.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// When the snapshot was taken (RFC 3339).
    #[serde(default)]
    pub taken_at: Option<String>,
    /// What the rule is to say.
    pub verdict: Verdict,
    /// The severity, where the case is about it.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// The path of the first evidence.
    pub evidence_path: String,
    /// Words of its note.
    #[serde(default)]
    pub note: Option<String>,
    /// Whether the property that the rule is about is absent.
    #[serde(default)]
    pub absent: bool,
}

/// Cases cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The folder or a file cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is not a file of cases.
    #[error("{} is not a file of cases", path.display())]
    Json {
        /// Which.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// A case makes no sense.
    #[error("{rule}, {case}: {message}")]
    Case {
        /// The rule.
        rule: RuleId,
        /// The case.
        case: String,
        /// What is wrong with it.
        message: String,
    },
    /// There are no cases.
    #[error("{} holds no file of cases (*.json)", .0.display())]
    None(PathBuf),
}

/// How a pack's cases went.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CaseReport {
    /// How many cases were run.
    pub cases: usize,
    /// What was judged otherwise than expected, as sentences.
    pub failures: Vec<String>,
    /// What no case shows, as sentences: a verdict that a rule can have, a rule without cases.
    pub not_covered: Vec<String>,
    /// For each rule how many of its cases have each verdict.
    pub rules: BTreeMap<RuleId, BTreeMap<Verdict, usize>>,
}

/// Reads the files of cases in a folder, in order of their names.
pub fn read_cases(folder: &Path) -> Result<Vec<CaseFile>, CaseError> {
    let unreadable = |source| CaseError::Read { path: folder.to_owned(), source };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(unreadable)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    if paths.is_empty() {
        return Err(CaseError::None(folder.to_owned()));
    }
    let read = |path: PathBuf| {
        let text = std::fs::read(&path)
            .map_err(|source| CaseError::Read { path: path.clone(), source })?;
        serde_json::from_slice(&text).map_err(|source| CaseError::Json { path, source })
    };
    paths.into_iter().map(read).collect()
}

impl Case {
    /// The case's asset.
    pub fn asset(&self, file: &CaseFile) -> Result<Asset, CaseError> {
        let refuse = |message: String| CaseError::Case {
            rule: file.rule.clone(),
            case: self.name.clone(),
            message,
        };
        let asset_type = self.asset_type.as_deref().or(file.asset_type.as_deref());
        let asset_type = asset_type.ok_or_else(|| refuse("it has no asset_type".to_owned()))?;
        let made_up = || {
            if asset_type.eq_ignore_ascii_case(postern_domain::arm::SUBSCRIPTION) {
                return "/subscriptions/s".to_owned();
            }
            let (namespace, kind) = asset_type.split_once('/').unwrap_or((asset_type, "x"));
            format!("/subscriptions/s/resourceGroups/g/providers/{namespace}/{kind}/case")
        };
        let mut resource = self.resource.clone();
        if !resource.is_object() {
            return Err(refuse("its resource is not an object".to_owned()));
        }
        let id = self.id.clone().or_else(|| file.id.clone()).unwrap_or_else(made_up);
        let as_written = resource.get("id").cloned();
        resource["id"] = json!(id);
        let mut asset =
            Asset::from_resource(resource, "a case").map_err(|error| refuse(error.to_string()))?;
        // The document is the case's own, with an id only where the case has one.
        match (as_written, asset.document.resource.as_object_mut()) {
            (Some(id), Some(fields)) => {
                fields.insert("id".to_owned(), id);
            }
            (None, Some(fields)) => {
                fields.remove("id");
            }
            (_, None) => {}
        }
        asset.asset_type = AssetType::new(asset_type);
        let resource = asset.document.resource;
        asset.document = AssetDocument { resource, related: self.related.clone() };
        Ok(asset)
    }
}

/// Runs the cases against a loaded pack.
pub fn run_cases(
    engine: &Engine,
    pack: &Pack,
    files: &[CaseFile],
) -> Result<CaseReport, CaseError> {
    let mut report = CaseReport::default();
    for file in files {
        for case in &file.cases {
            report.cases += 1;
            let found = run_case(engine, pack, file, case)?;
            let counts = report.rules.entry(file.rule.clone()).or_default();
            *counts.entry(case.verdict).or_default() += 1;
            report
                .failures
                .extend(found.map(|what| format!("{}, {}: {what}", file.rule, case.name)));
        }
    }
    for rule in &pack.manifest().rules {
        let Some(counts) = report.rules.get(&rule.id) else {
            report.not_covered.push(format!("{} has no cases", rule.id));
            continue;
        };
        let missing = rule.verdicts.iter().filter(|verdict| !counts.contains_key(verdict));
        report
            .not_covered
            .extend(missing.map(|verdict| format!("no case of {} is {verdict}", rule.id)));
    }
    let known: BTreeSet<&RuleId> = pack.manifest().rules.iter().map(|rule| &rule.id).collect();
    let strangers = report.rules.keys().filter(|rule| !known.contains(rule));
    report.failures.extend(strangers.map(|rule| format!("the pack has no rule {rule}")));
    Ok(report)
}

/// What the pack says otherwise than the case expects.
fn run_case(
    engine: &Engine,
    pack: &Pack,
    file: &CaseFile,
    case: &Case,
) -> Result<Option<String>, CaseError> {
    let asset = case.asset(file)?;
    let settings = PackSettings { values: case.settings.clone(), overrides: Vec::new() };
    if let Some(problem) = pack.check_settings(&settings).into_iter().next() {
        return Ok(Some(format!("its settings are refused: {problem}")));
    }
    let taken_at = case.taken_at.as_deref().unwrap_or(TAKEN_AT);
    let taken_at = OffsetDateTime::parse(taken_at, &Rfc3339).map_err(|error| CaseError::Case {
        rule: file.rule.clone(),
        case: case.name.clone(),
        message: format!("its taken_at is no date and time: {error}"),
    })?;
    let circumstances = Circumstances { settings: &settings, taken_at };
    let evaluation = engine.evaluate(pack, &[&asset], circumstances);
    if let Some(problem) = evaluation.problem {
        return Ok(Some(pack_failed(&problem)));
    }
    let Some(said) = evaluation.verdicts.iter().find(|verdict| verdict.rule == file.rule) else {
        return Ok(Some(format!("the rule is not about {}", asset.asset_type)));
    };
    // A pack's every judgement has evidence, or it would not have been accepted.
    let Some(first) = said.evidence.first() else { return Ok(None) };
    let note = first.note.as_deref().unwrap_or_default();
    Ok(if said.verdict != case.verdict {
        Some(format!("it is {} and not {}: {}", said.verdict, case.verdict, said.summary))
    } else if first.path.as_str() != case.evidence_path {
        Some(format!("its evidence is {} and not {}", first.path, case.evidence_path))
    } else if case.severity.is_some_and(|severity| severity != said.severity) {
        Some(format!("its severity is {}", said.severity))
    } else if !case.note.as_deref().is_none_or(|wanted| note.contains(wanted)) {
        Some(format!("the note on its evidence is \"{note}\""))
    } else {
        None
    })
}

fn pack_failed(problem: &PackProblem) -> String {
    format!("the pack failed: {problem}")
}

//! Checks of files without a database: read, judge, list.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use postern_azure::import::{FileReport, ImportCompleteness, read_files};
use postern_domain::arm::AssetType;
use postern_domain::gap::Gap;
use postern_domain::id::RuleId;
use postern_domain::settings::Settings;
use postern_domain::text::SharedText;
use postern_domain::verdict::{Evidence, Severity, Topic, Verdict};
use postern_engine::{Engine, Pack};
use serde::Serialize;
use time::OffsetDateTime;

use crate::evaluate::{Bench, Problems, judge_assets, problem_text};
use crate::postern::pack_view;
use crate::view::PackProblemView;

/// What a check of files found.
#[derive(Debug)]
pub struct CheckOutcome {
    /// The verdicts, by asset and rule.
    pub rows: Vec<CheckRow>,
    /// What each file gave: assets, entries passed over by type, and problems.
    pub files: Vec<FileReport>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// Packs that could not judge.
    pub pack_problems: Vec<PackProblemView>,
}

impl CheckOutcome {
    /// How many rows have the verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }
}

/// A rule's verdict on an asset of the files.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckRow {
    /// The asset's ARM id as the file writes it.
    pub asset: String,
    /// The asset's name.
    pub name: String,
    /// The asset's type.
    pub asset_type: AssetType,
    /// The rule.
    pub rule: RuleId,
    /// What is so when the rule passes.
    pub title: String,
    /// The rule's topic.
    pub topic: Topic,
    /// What the rule says.
    pub verdict: Verdict,
    /// How bad a failure is.
    pub severity: Severity,
    /// One sentence for people.
    pub summary: SharedText,
    /// What the verdict rests on.
    pub evidence: Vec<Evidence>,
    /// The file.
    pub source: String,
}

/// Reads the files and judges what they hold with the packs.
pub fn check_files(
    engine: &Engine,
    packs: &[Pack],
    settings: &Settings,
    paths: &[PathBuf],
    now: OffsetDateTime,
) -> CheckOutcome {
    let imported = read_files(paths, now, ImportCompleteness::Partial);
    let assets = imported.assets;
    let list: Vec<_> = assets.values().cloned().collect();
    let bench = Bench {
        packs: Arc::new(packs.to_vec()),
        settings: Arc::new(settings.clone()),
        taken_at: now,
    };
    let judgement = judge_assets(engine, &bench, &list, Problems::new());
    let rows = judgement
        .verdicts
        .into_values()
        .flat_map(BTreeMap::into_values)
        .filter_map(|judged| {
            let asset = assets.get(&judged.verdict.asset)?;
            let pack = packs.iter().find(|pack| pack.digest() == judged.pack)?;
            let rule = pack.manifest().rules.iter().find(|rule| rule.id == judged.verdict.rule)?;
            Some(CheckRow {
                asset: asset.arm_id.clone(),
                name: asset.name.clone(),
                asset_type: asset.asset_type.clone(),
                rule: judged.verdict.rule,
                title: rule.title.clone(),
                topic: rule.topic,
                verdict: judged.verdict.verdict,
                severity: judged.verdict.severity,
                summary: judged.verdict.summary,
                evidence: judged.verdict.evidence,
                source: asset.source.clone(),
            })
        })
        .collect();
    let pack_problems = packs
        .iter()
        .filter_map(|pack| {
            let problem = judgement.problems.get(&pack.digest())?;
            // No database remembers what vouches for a pack, and whoever names a file vouches for it.
            let view = pack_view(pack, None);
            Some(PackProblemView { pack: view, problem: problem_text(problem) })
        })
        .collect();
    CheckOutcome { rows, files: imported.files, gaps: imported.snapshot.gaps, pack_problems }
}

//! Takes files of ARM JSON as a snapshot, so that everything works without access to Azure.
//!
//! Read are the outputs of `az resource list`, `az resource show` and `az graph query`, ARM's own answers
//! (single resources and lists) and the examples of the Azure API specifications, in UTF-8 or UTF-16.
//! Azure AI resources become assets; diagnostic settings are attached to the asset that they belong to;
//! all else is counted. A file that cannot be used is reported and the rest goes on.
//!
//! Where several files hold the same resource, the file whose path sorts last wins,
//! and [`FileReport::replaced`] counts what it replaced.

mod decode;
mod find;
mod walk;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use postern_domain::arm::AssetId;
use postern_domain::asset::Asset;
use postern_domain::fact::{DIAGNOSTIC_SETTINGS, Fact};
use postern_domain::gap::{Gap, GapKind, GapReason};
use postern_domain::snapshot::{IMPORT, Snapshot, SnapshotBuilder, Subscription};
use serde_json::Value;
use time::OffsetDateTime;

use find::Found;

/// Whether the files hold everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportCompleteness {
    /// What is not in the files is not there: an asset that is missing was deleted.
    Complete,
    /// The files hold some of it: nothing is known of what is missing.
    Partial,
}

/// What an import read.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What was found out as a whole.
    pub snapshot: Snapshot,
    /// The assets, with the files as sources.
    pub assets: BTreeMap<AssetId, Asset>,
    /// What came of each file, in the order in which they were read.
    pub files: Vec<FileReport>,
}

/// What came of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// The file, as the user named it or its folder.
    pub path: PathBuf,
    /// How many assets it holds, those included that a later file replaced.
    pub assets: usize,
    /// How many of them a later file, or a later place in this one, replaced.
    pub replaced: usize,
    /// What is in it but no Azure AI asset: how many, by lower-case type, or `no type`.
    pub passed_over: BTreeMap<String, usize>,
    /// Why it could not be used: one sentence.
    pub problem: Option<String>,
}

/// The type of an entry without a usable one.
pub(crate) const NO_TYPE: &str = "no type";

/// Reads files, and the `.json` files in folders, as a snapshot taken at `now`.
pub fn read_files(
    paths: &[PathBuf],
    now: OffsetDateTime,
    completeness: ImportCompleteness,
) -> Imported {
    let mut import = Import::new(now);
    for (path, failure) in walk::files(paths) {
        match failure {
            Some(problem) => import.fail(path, problem),
            None => import.read(path),
        }
    }
    import.finish(now, completeness)
}

struct Import {
    snapshot: SnapshotBuilder,
    files: Vec<FileReport>,
    /// The assets, with the position of their file.
    assets: BTreeMap<AssetId, (usize, Asset)>,
    /// Diagnostic settings by resource and own id, with the position of their file.
    settings: BTreeMap<String, BTreeMap<String, (usize, Value)>>,
    subscription_names: BTreeMap<String, String>,
    unread: usize,
}

impl Import {
    fn new(now: OffsetDateTime) -> Self {
        Self {
            snapshot: SnapshotBuilder::new(now),
            files: Vec::new(),
            assets: BTreeMap::new(),
            settings: BTreeMap::new(),
            subscription_names: BTreeMap::new(),
            unread: 0,
        }
    }

    fn read(&mut self, path: PathBuf) {
        let value = match decode::read(&path) {
            Ok(value) => value,
            Err(error) => return self.fail(path, error.to_string()),
        };
        let found = find::resources(value);
        let position = self.files.len();
        self.files.push(FileReport {
            path: path.clone(),
            assets: 0,
            replaced: 0,
            passed_over: BTreeMap::new(),
            problem: None,
        });
        if found.is_empty() {
            self.set_problem(position, "holds no Azure resource");
        }
        for found in found {
            self.take(position, &path, found);
        }
    }

    fn take(&mut self, position: usize, path: &Path, found: Found) {
        match found {
            Found::Asset(resource) => {
                match Asset::from_resource(resource, path.display().to_string()) {
                    Ok(mut asset) => {
                        crate::redact::remove_secrets(&mut asset.document);
                        self.add_asset(position, asset);
                    }
                    Err(_) => self.pass_over(position, NO_TYPE),
                }
            }
            Found::DiagnosticSetting { parent, id, setting } => {
                self.settings.entry(parent).or_default().insert(id, (position, setting));
            }
            Found::Subscription { id, name } => {
                self.subscription_names.insert(id, name);
                self.pass_over(position, "microsoft.resources/subscriptions");
            }
            Found::Other { asset_type } => self.pass_over(position, &asset_type),
            Found::ErrorResponse { code } => {
                self.set_problem(
                    position,
                    &format!("holds an error response of Azure ({code}), no resource"),
                );
            }
        }
    }

    fn add_asset(&mut self, position: usize, asset: Asset) {
        if let Some(report) = self.files.get_mut(position) {
            report.assets += 1;
        }
        let replaced = self.assets.insert(asset.id.clone(), (position, asset));
        if let Some((earlier, _)) = replaced
            && let Some(report) = self.files.get_mut(earlier)
        {
            report.replaced += 1;
        }
    }

    fn pass_over(&mut self, position: usize, asset_type: &str) {
        if let Some(report) = self.files.get_mut(position) {
            *report.passed_over.entry(asset_type.to_owned()).or_default() += 1;
        }
    }

    fn set_problem(&mut self, position: usize, problem: &str) {
        if let Some(report) = self.files.get_mut(position) {
            report.problem.get_or_insert_with(|| problem.to_owned());
        }
    }

    /// Reports a file of which nothing could be read, which leaves a gap.
    fn fail(&mut self, path: PathBuf, problem: String) {
        self.unread += 1;
        self.snapshot.add_gap(Gap {
            operation: IMPORT.to_owned(),
            scope: path.display().to_string(),
            asset_type: None,
            asset: None,
            assets: 0,
            reason: GapReason::new(GapKind::Malformed, problem.clone()),
        });
        let (assets, replaced, passed_over) = (0, 0, BTreeMap::new());
        self.files.push(FileReport { path, assets, replaced, passed_over, problem: Some(problem) });
    }

    fn finish(mut self, now: OffsetDateTime, completeness: ImportCompleteness) -> Imported {
        self.attach_settings();
        self.note_assets_without_properties();
        let mut subscriptions: Vec<String> =
            self.assets.values().map(|(_, asset)| asset.subscription.clone()).collect();
        subscriptions.sort();
        subscriptions.dedup();
        for id in subscriptions {
            let name = self.subscription_names.get(&id).unwrap_or(&id).clone();
            self.snapshot.add_subscription(Subscription { id, name });
        }
        let items = self.assets.len() as u64;
        let assets = self.assets.into_iter().map(|(id, (_, asset))| (id, asset)).collect();
        let reason = match (self.unread, completeness) {
            (0, ImportCompleteness::Complete) => None,
            (0, ImportCompleteness::Partial) => Some(GapReason::new(
                GapKind::NotInImport,
                "the files were imported as holding only some of the assets",
            )),
            (1, _) => Some(GapReason::new(GapKind::Malformed, "1 file could not be read")),
            (files, _) => {
                Some(GapReason::new(GapKind::Malformed, format!("{files} files could not be read")))
            }
        };
        match reason {
            None => self.snapshot.add_complete_listing(IMPORT, "/", None, items),
            Some(reason) => self.snapshot.add_incomplete_listing(IMPORT, "/", None, items, reason),
        }
        Imported { snapshot: self.snapshot.finish(now), assets, files: self.files }
    }

    fn attach_settings(&mut self) {
        for (parent, settings) in std::mem::take(&mut self.settings) {
            let asset = parent.parse().ok().and_then(|id: AssetId| self.assets.get_mut(&id));
            if let Some((_, asset)) = asset {
                let value = settings.into_values().map(|(_, setting)| setting).collect();
                let fact = Fact::Read { value: Value::Array(value) };
                asset.document.related.insert(DIAGNOSTIC_SETTINGS.to_owned(), fact);
            } else {
                for (position, _) in settings.into_values() {
                    self.pass_over(position, find::DIAGNOSTIC_SETTINGS_TYPE);
                }
            }
        }
    }

    /// `az resource list` leaves the properties out; judged as absent they would read as Azure's defaults.
    fn note_assets_without_properties(&mut self) {
        for (_, asset) in self.assets.values() {
            if asset.document.resource.get("properties").is_some_and(Value::is_object) {
                continue;
            }
            let message = "the file holds no properties of this asset: \"az resource list\" leaves them out, \
                           \"az resource show\" and \"az graph query\" do not";
            self.snapshot.add_gap(Gap {
                operation: IMPORT.to_owned(),
                scope: asset.source.clone(),
                asset_type: None,
                asset: Some(asset.id.clone()),
                assets: 0,
                reason: GapReason::new(GapKind::NotInImport, message),
            });
        }
    }
}

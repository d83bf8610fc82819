//! Why a verdict is not the one before: the asset, the rule, what is set for it, or the date.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::arm::AssetId;
use postern_domain::canonical;
use postern_domain::change::{PropertyChange, property_changes};
use postern_domain::finding::{Cause, Otherwise};
use postern_domain::id::RuleId;
use postern_domain::reads::Reads;
use postern_domain::rule::RuleManifest;
use postern_domain::settings::Settings;
use postern_domain::verdict::Verdict;
use postern_engine::Pack;
use postern_store::inventory::ChangedDocument;
use postern_store::verdict::{Check, CurrentVerdict, PackVerdict};

/// The longest value that a cause repeats, in characters of JSON.
const LONGEST_VALUE: usize = 500;

/// What the causes of a page's verdicts are found in.
pub(super) struct Causes<'a> {
    /// The rules of the active packs, with the settings before and now.
    rules: &'a Rules<'a>,
    /// What is otherwise than when the last evaluation judged, by asset.
    changes: BTreeMap<AssetId, Vec<PropertyChange>>,
    /// Assets that the last evaluation judged.
    known: BTreeSet<AssetId>,
}

/// The rules of the active packs.
pub(super) struct Rules<'a>(BTreeMap<&'a RuleId, Described>);

struct Described {
    reads: Reads,
    are_settings_changed: bool,
}

impl<'a> Rules<'a> {
    /// The rules of `packs`, and whether what they read of the settings differs between `before` and `now`.
    pub(super) fn new(packs: &'a [Pack], before: Option<&Settings>, now: &Settings) -> Self {
        let of_pack = |pack: &'a Pack| {
            let name = &pack.manifest().name;
            let differing =
                before.map(|before| before.of(name).differing(now.of(name))).unwrap_or_default();
            let described = move |rule: &'a RuleManifest| Described {
                reads: Reads::of(rule.reads.iter().map(|read| read.path.as_str())),
                are_settings_changed: rule.settings.iter().any(|name| differing.contains(name)),
            };
            pack.manifest().rules.iter().map(move |rule| (&rule.id, described(rule)))
        };
        Self(packs.iter().flat_map(of_pack).collect())
    }
}

impl<'a> Causes<'a> {
    /// With the assets that the last evaluation judged, and their documents where these differ now.
    pub(super) fn new(
        rules: &'a Rules<'a>,
        known: BTreeSet<AssetId>,
        documents: BTreeMap<AssetId, ChangedDocument>,
    ) -> Self {
        let changes = documents
            .into_iter()
            .map(|(asset, ChangedDocument { before, after })| {
                (asset, property_changes(&before, &after))
            })
            .collect();
        Self { rules, changes, known }
    }

    /// Why `judged` is not `last`. What changed of that which the rule reads goes before all else.
    pub(super) fn of(
        &self,
        check: &Check,
        last: Option<&CurrentVerdict>,
        judged: &PackVerdict,
    ) -> Cause {
        let (asset, rule) = check;
        let described = self.rules.0.get(rule);
        let Some(last) = last else {
            let is_known = self.known.contains(asset);
            return if is_known { Cause::RuleChanged } else { Cause::AssetAppeared };
        };
        let changes = self.changes.get(asset).map(Vec::as_slice).unwrap_or_default();
        if let Some(described) = described {
            let read: Vec<_> = changes
                .iter()
                .filter(|change| described.reads.concern(&change.path))
                .cloned()
                .collect();
            if !read.is_empty() {
                return changed(read);
            }
        }
        if last.pack != judged.pack {
            return Cause::RuleChanged;
        }
        if described.is_some_and(|described| described.are_settings_changed) {
            return Cause::SettingsChanged;
        }
        // A pack that does not name all that its rules read.
        if !changes.is_empty() {
            return changed(changes.to_vec());
        }
        if last.verdict == Verdict::Unknown || judged.verdict.verdict == Verdict::Unknown {
            return Cause::Reading;
        }
        Cause::TimePassed
    }
}

/// What made the difference, where the asset did not.
pub(super) fn otherwise(cause: &Cause) -> Option<Otherwise> {
    match cause {
        Cause::RuleChanged => Some(Otherwise::Rule),
        Cause::SettingsChanged => Some(Otherwise::Settings),
        Cause::TimePassed => Some(Otherwise::Time),
        Cause::AssetAppeared | Cause::AssetChanged { .. } | Cause::Reading => None,
    }
}

fn changed(mut properties: Vec<PropertyChange>) -> Cause {
    let more = properties.len().saturating_sub(Cause::MOST_PROPERTIES);
    properties.truncate(Cause::MOST_PROPERTIES);
    for property in &mut properties {
        for value in [&mut property.before, &mut property.after].into_iter().flatten() {
            let length = canonical::text(value).chars().count();
            if length > LONGEST_VALUE {
                *value = format!("(a value of {length} characters)").into();
            }
        }
    }
    Cause::AssetChanged { properties, more: u32::try_from(more).unwrap_or(u32::MAX) }
}

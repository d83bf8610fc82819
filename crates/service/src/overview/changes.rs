//! What changed of the rules between evaluations, so that a step of the chart is not taken for work.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::digest::Digest;
use postern_domain::id::ConnectionId;
use postern_domain::settings::PackSettings;
use postern_domain::trend::TrendPoint;
use postern_store::pack::{PackVersion, versions};
use postern_store::read::judged::{self, JudgedOtherwise};
use postern_store::rules::{self, RuleChange, RuleChangeKind};
use postern_store::{PgConnection, StoreError};

use crate::view::{JudgedOtherwiseView, RuleChangeView, RuleChangeWhat, VersionView};

/// Changes of packs and settings that are looked through for their reasons: as many as a chart has points.
const REASONS: u32 = 400;

/// The evaluations among `trend` that judged otherwise than the one before.
pub(super) async fn judged_otherwise(
    connection: &mut PgConnection,
    of: ConnectionId,
    trend: &[TrendPoint],
) -> Result<Vec<JudgedOtherwiseView>, StoreError> {
    let Some(first) = trend.first() else { return Ok(Vec::new()) };
    let most = u32::try_from(trend.len()).unwrap_or(u32::MAX);
    let found = judged::changes(connection, of, first.at, most).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let sides = found.iter().flat_map(|change| [&change.before, &change.now]);
    let digests: BTreeSet<Digest> = sides.flat_map(|side| side.packs.iter().copied()).collect();
    let digests: Vec<Digest> = digests.into_iter().collect();
    let known = versions(connection, &digests).await?;
    let reasons = rules::changes(connection, REASONS).await?;
    Ok(found.iter().map(|change| view(change, &known, &reasons)).collect())
}

fn view(
    change: &JudgedOtherwise,
    known: &BTreeMap<Digest, PackVersion>,
    reasons: &[RuleChange],
) -> JudgedOtherwiseView {
    let (before, now) = (by_name(&change.before.packs, known), by_name(&change.now.packs, known));
    let names: BTreeSet<&str> = before.keys().chain(now.keys()).copied().collect();
    let packs = names.into_iter().filter_map(|name| {
        let (before, now) = (before.get(name).cloned(), now.get(name).cloned());
        (before != now).then(|| RuleChangeView {
            pack: name.to_owned(),
            what: RuleChangeWhat::Version { before, now },
            reason: reason(change, reasons, |reason| {
                reason.pack == name && matches!(reason.kind, RuleChangeKind::Activated { .. })
            }),
        })
    });
    let (before, now) = (&change.before.settings, &change.now.settings);
    let names: BTreeSet<&String> = before.0.keys().chain(now.0.keys()).collect();
    let settings = names.into_iter().filter_map(|name| {
        let (before, now) = (before.of(name), now.of(name));
        (before != now).then(|| RuleChangeView {
            pack: name.clone(),
            what: RuleChangeWhat::Settings { names: differing(before, now) },
            reason: reason(change, reasons, |reason| {
                reason.pack == *name && reason.kind == RuleChangeKind::Settings
            }),
        })
    });
    JudgedOtherwiseView {
        evaluation: change.evaluation,
        at: change.at,
        changes: packs.chain(settings).collect(),
    }
}

fn by_name<'a>(
    packs: &[Digest],
    known: &'a BTreeMap<Digest, PackVersion>,
) -> BTreeMap<&'a str, VersionView> {
    let entry = |digest: &Digest| {
        let pack = known.get(digest)?;
        let version = VersionView { version: pack.version.clone(), digest: *digest };
        Some((pack.name.as_str(), version))
    };
    packs.iter().filter_map(entry).collect()
}

/// The names of the settings that differ, for all assets or in some scope.
fn differing(before: &PackSettings, now: &PackSettings) -> Vec<String> {
    let mut names: BTreeSet<&String> = before.values.keys().chain(now.values.keys()).collect();
    names.retain(|name| before.values.get(*name) != now.values.get(*name));
    let of_one_side = |one: &'_ PackSettings, other: &PackSettings| {
        let alone = one.overrides.iter().filter(|scope| !other.overrides.contains(scope));
        alone.flat_map(|scope| scope.values.keys().cloned()).collect::<Vec<_>>()
    };
    let scoped = [of_one_side(before, now), of_one_side(now, before)].concat();
    let all: BTreeSet<String> = names.into_iter().cloned().chain(scoped).collect();
    all.into_iter().collect()
}

/// Why, in the words of who did it: the youngest change of this kind between the two evaluations.
fn reason(
    change: &JudgedOtherwise,
    reasons: &[RuleChange],
    is_it: impl Fn(&RuleChange) -> bool,
) -> Option<String> {
    let between = |at| at > change.before.evaluated_at && at <= change.now.evaluated_at;
    let found = reasons.iter().find(|reason| between(reason.at) && is_it(reason));
    found.map(|reason| reason.reason.clone()).filter(|reason| !reason.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn settings_that_differ_are_named_whether_for_all_or_for_a_scope() {
        let settings = |value| -> PackSettings { from_value(value).unwrap() };
        let scoped = |days: u32| json!({"scope": {"tag": "environment=sandbox"}, "values": {"keyRotationDays": days}});
        let before = settings(json!({"values": {"a": 1, "b": 2}, "overrides": [scoped(30)]}));
        let check = |now, names: &[&str]| assert_eq!(differing(&before, &settings(now)), names);
        check(json!({"values": {"a": 1, "b": 2}, "overrides": [scoped(30)]}), &[]);
        check(json!({"values": {"a": 2, "c": 3}, "overrides": [scoped(30)]}), &["a", "b", "c"]);
        check(json!({"values": {"a": 1, "b": 2}, "overrides": [scoped(60)]}), &["keyRotationDays"]);
        check(json!({"values": {"a": 1, "b": 2}}), &["keyRotationDays"]);
    }
}

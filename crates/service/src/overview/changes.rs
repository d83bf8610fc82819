//! What changed of the rules between evaluations, so that a step of the chart is not taken for work.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::digest::Digest;
use postern_domain::id::ConnectionId;
use postern_domain::person::Sight;
use postern_domain::trend::TrendPoint;
use postern_store::pack::{PackVersion, versions};
use postern_store::read::judged::{self, JudgedOtherwise};
use postern_store::rules::{self, RuleChange, RuleChangeKind};
use postern_store::{PgConnection, StoreError};

use crate::view::{JudgedOtherwiseView, RuleChangeView, RuleChangeWhat, VersionView};

/// Changes of packs and settings that are looked through for their reasons: as many as a chart has points.
const REASONS: u32 = 400;

/// The evaluations among `trend` that judged otherwise than the one before.
pub(crate) async fn judged_otherwise(
    connection: &mut PgConnection,
    of: ConnectionId,
    trend: &[TrendPoint],
    sight: &Sight,
) -> Result<Vec<JudgedOtherwiseView>, StoreError> {
    let (Some(first), Some(last)) = (trend.first(), trend.last()) else { return Ok(Vec::new()) };
    let most = u32::try_from(trend.len()).unwrap_or(u32::MAX);
    let found = judged::changes(connection, of, (first.at, last.at), most).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let sides = found.iter().flat_map(|change| [&change.before, &change.now]);
    let digests: BTreeSet<Digest> = sides.flat_map(|side| side.packs.iter().copied()).collect();
    let digests: Vec<Digest> = digests.into_iter().collect();
    let known = versions(connection, &digests).await?;
    // Why something was set may name whatever team or asset it was for.
    let reasons = match sight {
        Sight::Everything => rules::changes(connection, REASONS).await?,
        Sight::Teams(_) => Vec::new(),
    };
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
            what: RuleChangeWhat::Settings { names: before.differing(now).into_iter().collect() },
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

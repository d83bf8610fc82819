//! How the findings of exceptions stand: what rules saw of them.

use std::collections::BTreeMap;

use postern_domain::exception::accepted::{ObservedState, Present};
use postern_domain::exception::request::{Covers, StandingCover};
use postern_domain::finding::FindingState;
use postern_domain::id::{ConnectionId, FindingId, RuleId};
use postern_domain::rule::RuleManifest;
use postern_store::read::failure::{self, FailingAsset, Failure};
use postern_store::{PgConnection, StoreError, read};

use crate::Postern;

/// The failing findings of a rule and a scope.
pub(super) async fn standing(
    session: &mut PgConnection,
    of: ConnectionId,
    standing: &StandingCover,
) -> Result<Vec<FailingAsset>, StoreError> {
    let mut found = failure::of_rule(session, of, &standing.rule).await?;
    found.retain(|failing| standing.assets.holds(&failing.asset));
    Ok(found)
}

/// The findings that a request is for now: those selected, whatever their state, or those that fail of a rule and a scope.
pub(super) async fn covered(
    session: &mut PgConnection,
    of: ConnectionId,
    covers: &Covers,
) -> Result<BTreeMap<FindingId, Failure>, StoreError> {
    let findings: Vec<FindingId> = match covers {
        Covers::Findings(selection) => selection.iter().collect(),
        Covers::Standing(cover) => {
            standing(session, of, cover).await?.iter().map(|failing| failing.finding).collect()
        }
    };
    failure::list(session, of, &findings).await
}

/// What the rules of failures read, by rule.
pub(super) async fn reads<'a>(
    postern: &Postern,
    session: &mut PgConnection,
    rules: impl IntoIterator<Item = &'a RuleId>,
) -> Result<BTreeMap<RuleId, Vec<String>>, StoreError> {
    let entry = |rule: &RuleManifest| {
        let paths = rule.reads.iter().map(|read| read.path.clone()).collect::<Vec<_>>();
        (rule.id.clone(), paths)
    };
    let mut wanted: Vec<RuleId> = rules.into_iter().cloned().collect();
    wanted.sort();
    wanted.dedup();
    let packs = postern.rules.packs();
    let known = packs.iter().flat_map(|pack| &pack.manifest().rules);
    let mut reads: BTreeMap<RuleId, Vec<String>> =
        known.filter(|rule| wanted.contains(&rule.id)).map(entry).collect();
    wanted.retain(|rule| !reads.contains_key(rule));
    if !wanted.is_empty() {
        reads.extend(read::rule::describe(session, &wanted).await?.iter().map(entry));
    }
    Ok(reads)
}

/// What a rule saw of a finding that fails; `None` where it does not.
pub(super) fn observed(
    failure: &Failure,
    reads: &BTreeMap<RuleId, Vec<String>>,
) -> Option<ObservedState> {
    if !failure.state.counts_as_open() {
        return None;
    }
    let paths = reads.get(&failure.rule).into_iter().flatten().map(String::as_str);
    ObservedState::of(failure.verdict.as_ref()?, &failure.asset.document, paths)
}

/// How a finding stands against what was accepted.
pub(super) fn present<'a>(failure: &Failure, observed: Option<&'a ObservedState>) -> Present<'a> {
    match (failure.state, observed) {
        (FindingState::Open, Some(observed)) => Present::Failing(observed),
        (FindingState::Resolved, _) => Present::Gone,
        _ => Present::Unread,
    }
}

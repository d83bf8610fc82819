//! What became of rules in the latest evaluations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use postern_domain::arm::AssetType;
use postern_domain::digest::Digest;
use postern_domain::finding::FindingState;
use postern_domain::framework::{RuleState, Tally};
use postern_domain::id::{ConnectionId, RuleId};
use postern_domain::snapshot::Completeness;
use postern_domain::verdict::Verdict;
use postern_engine::Pack;
use postern_store::read::evaluation;
use postern_store::{PgConnection, StoreError, connection, read};
use time::OffsetDateTime;

use super::Rulebook;
use crate::Postern;
use crate::exception::Effects;
use crate::read::tallies_seen;

/// What became of each rule in the latest evaluation of every connection.
#[derive(Clone, Debug, Default)]
pub struct RuleStates(BTreeMap<RuleId, Tally>);

impl RuleStates {
    /// Whether no rule ran.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What became of a rule; a rule that no evaluation knows, or whose pack failed, did not run.
    pub fn of(&self, rule: &RuleId) -> RuleState {
        self.0.get(rule).map_or(RuleState::NotRun, |tally| RuleState::Ran(*tally))
    }
}

/// What was judged, and by what.
pub(crate) struct Judged {
    /// What became of each rule, on the assets that somebody sees.
    pub(crate) states: RuleStates,
    /// The rules and frameworks of the packs that judged; of those that would, where none did yet.
    pub(crate) rulebook: Arc<Rulebook>,
    /// The packs that judged.
    pub(crate) packs: BTreeSet<Digest>,
    /// Lists of Azure's resources that were not read to their end.
    pub(crate) unread_lists: u64,
}

/// Reads what became of each rule in the latest evaluation of every connection, or the latest by `as_of`.
pub async fn rule_states(
    postern: &Postern,
    as_of: Option<OffsetDateTime>,
) -> Result<RuleStates, StoreError> {
    let mut session = read::begin(&postern.pool).await?;
    let all = connection::list(&mut session).await?;
    let ids: Vec<ConnectionId> = all.iter().map(|connection| connection.id).collect();
    Ok(judged(postern, &mut session, &ids, as_of).await?.states)
}

/// The same of some connections, with what judged them.
pub(crate) async fn judged(
    postern: &Postern,
    session: &mut PgConnection,
    connections: &[ConnectionId],
    as_of: Option<OffsetDateTime>,
) -> Result<Judged, StoreError> {
    let mut packs: BTreeMap<Digest, bool> = BTreeMap::new();
    let mut counts: BTreeMap<RuleId, Tally> = BTreeMap::new();
    let mut unread = Unread::default();
    for of in connections {
        let latest = evaluation::latest(session, *of, as_of).await?;
        let Some(latest) = latest else { continue };
        for pack in evaluation::packs(session, latest.id).await? {
            // One that failed anywhere is trusted with nothing.
            *packs.entry(pack.digest).or_default() |= pack.problem.is_some();
        }
        count(postern, session, *of, as_of, &mut counts).await?;
        unread.add(session, *of, as_of).await?;
    }
    let digests: Vec<Digest> = if packs.is_empty() {
        postern.rules.packs().iter().map(Pack::digest).collect()
    } else {
        packs.keys().copied().collect()
    };
    let rulebook = Rulebook::of(postern, session, digests).await?;
    let ran = |digest: &Digest| packs.get(digest).is_some_and(|has_failed| !has_failed);
    let states = rulebook.rules().filter(|(pack, _)| ran(pack)).map(|(_, rule)| {
        let hidden = rule.asset_types.iter().map(|kind| unread.of(kind)).max();
        let counted = counts.get(&rule.id).copied().unwrap_or_default();
        (rule.id.clone(), Tally { unread: hidden.unwrap_or_default(), ..counted })
    });
    let states = RuleStates(states.collect());
    let packs = packs.into_keys().collect();
    Ok(Judged { states, rulebook, packs, unread_lists: unread.lists() })
}

/// Adds the verdicts on a connection's assets that somebody sees, and what of the failures is accepted.
async fn count(
    postern: &Postern,
    session: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
    counts: &mut BTreeMap<RuleId, Tally>,
) -> Result<(), StoreError> {
    let sight = postern.sight();
    for of_rule in tallies_seen(session, of, as_of, sight).await? {
        let counted = counts.entry(of_rule.rule).or_default();
        let more = |verdict| u64::from(of_rule.tally.checks(verdict).unsigned_abs());
        *counted = counted.plus(Tally {
            pass: more(Verdict::Pass),
            fail: more(Verdict::Fail),
            unknown: more(Verdict::Unknown),
            not_applicable: more(Verdict::NotApplicable),
            ..Tally::default()
        });
    }
    let effects = Effects::load(session, of, as_of, postern.clock.now()).await?;
    // What is accepted and could not be re-checked fails no check of this evaluation.
    let failing =
        effects.excepted_seen(sight).filter(|effect| effect.finding.state == FindingState::Open);
    for effect in failing {
        counts.entry(effect.finding.rule.clone()).or_default().excepted += 1;
    }
    Ok(())
}

/// Lists of assets that were not read to their end, and may hide some.
#[derive(Default)]
struct Unread {
    by_type: BTreeMap<AssetType, u64>,
    of_any_type: u64,
}

impl Unread {
    fn of(&self, asset_type: &AssetType) -> u64 {
        self.of_any_type + self.by_type.get(asset_type).copied().unwrap_or_default()
    }

    fn lists(&self) -> u64 {
        self.of_any_type + self.by_type.values().sum::<u64>()
    }

    /// Adds the lists of a connection's latest snapshot.
    async fn add(
        &mut self,
        session: &mut PgConnection,
        of: ConnectionId,
        as_of: Option<OffsetDateTime>,
    ) -> Result<(), StoreError> {
        let Some(coverage) = evaluation::latest_coverage(session, of, as_of).await? else {
            return Ok(());
        };
        let incomplete = coverage
            .listings
            .into_iter()
            .filter(|listing| listing.completeness != Completeness::Complete);
        for listing in incomplete {
            match listing.asset_type {
                Some(asset_type) => *self.by_type.entry(asset_type).or_default() += 1,
                // The list of subscriptions, or an import: what it hides may be of any type.
                None if listing.scope == "/" => self.of_any_type += 1,
                // A list of related facts hides no asset; the assets' own documents say what they lack.
                None => {}
            }
        }
        Ok(())
    }
}

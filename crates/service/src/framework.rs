//! Frameworks: those that Postern brings, an organisation's own, and what the latest evaluations say of their controls.

use std::collections::BTreeMap;

use postern_domain::arm::AssetType;
use postern_domain::digest::Digest;
use postern_domain::framework::{Catalogue, DuplicateFramework, Framework, RuleState, Tally};
use postern_domain::id::{ConnectionId, RuleId};
use postern_domain::rule::RuleManifest;
use postern_domain::snapshot::Completeness;
use postern_domain::verdict::Verdict;
use postern_store::read::{evaluation, rule};
use postern_store::{PgConnection, StoreError, connection, read};
use time::OffsetDateTime;

use crate::Postern;

const BUILT_IN: [&str; 11] = [
    include_str!("../../../rules-wasm/frameworks/mcsb-v1.json"),
    include_str!("../../../rules-wasm/frameworks/mcsb-v2.json"),
    include_str!("../../../rules-wasm/frameworks/cis-azure-foundations-6.0.json"),
    include_str!("../../../rules-wasm/frameworks/nist-800-53-r5.json"),
    include_str!("../../../rules-wasm/frameworks/nist-csf-2.0.json"),
    include_str!("../../../rules-wasm/frameworks/nist-ai-rmf-1.0.json"),
    include_str!("../../../rules-wasm/frameworks/iso-27001-2022.json"),
    include_str!("../../../rules-wasm/frameworks/iso-42001-2023.json"),
    include_str!("../../../rules-wasm/frameworks/eu-ai-act.json"),
    include_str!("../../../rules-wasm/frameworks/owasp-llm-2025.json"),
    include_str!("../../../rules-wasm/frameworks/mitre-atlas.json"),
];

/// The frameworks that Postern brings, and `own` after them; controls that `rules` name in their manifests have them.
pub fn catalogue<'a>(
    own: Vec<Framework>,
    rules: impl IntoIterator<Item = &'a RuleManifest>,
) -> Result<Catalogue, DuplicateFramework> {
    let built_in = BUILT_IN
        .iter()
        .map(|text| Framework::parse(text).expect("a test reads each framework that is built in"));
    let named: Vec<(&RuleId, &str)> = rules
        .into_iter()
        .flat_map(|rule| rule.controls.iter().map(|control| (&rule.id, control.as_str())))
        .collect();
    Ok(Catalogue::new(built_in.chain(own))?.unite(named))
}

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

/// Reads what became of each rule in the latest evaluation of every connection, or the latest by `as_of`.
pub async fn rule_states(
    postern: &Postern,
    as_of: Option<OffsetDateTime>,
) -> Result<RuleStates, StoreError> {
    let mut session = read::begin(&postern.pool).await?;
    let mut packs: BTreeMap<Digest, bool> = BTreeMap::new();
    let mut counts: BTreeMap<RuleId, BTreeMap<Verdict, u64>> = BTreeMap::new();
    let mut unread = Unread::default();
    for connection in connection::list(&mut session).await? {
        let latest = evaluation::latest(&mut session, connection.id, as_of).await?;
        let Some(latest) = latest else { continue };
        for pack in evaluation::packs(&mut session, latest.id).await? {
            // One that failed anywhere is trusted with nothing.
            *packs.entry(pack.digest).or_default() |= pack.problem.is_some();
        }
        for of_rule in read::tally::list(&mut session, connection.id, as_of).await? {
            let counted = counts.entry(of_rule.rule).or_default();
            for verdict in Verdict::ALL {
                *counted.entry(*verdict).or_default() +=
                    u64::from(of_rule.tally.checks(*verdict).unsigned_abs());
            }
        }
        unread.add(&mut session, connection.id, as_of).await?;
    }
    let digests: Vec<_> =
        packs.iter().filter(|(_, has_failed)| !**has_failed).map(|(digest, _)| *digest).collect();
    let manifests = rule::manifests(&mut session, &digests).await?;
    let mut states = BTreeMap::new();
    for rule in manifests.values().flat_map(|manifest| &manifest.rules) {
        let counted = counts.get(&rule.id);
        let of = |verdict| {
            counted.and_then(|counted| counted.get(&verdict)).copied().unwrap_or_default()
        };
        let hidden = rule.asset_types.iter().map(|kind| unread.of(kind)).max();
        states.insert(
            rule.id.clone(),
            Tally {
                pass: of(Verdict::Pass),
                fail: of(Verdict::Fail),
                unknown: of(Verdict::Unknown),
                not_applicable: of(Verdict::NotApplicable),
                unread: hidden.unwrap_or_default(),
            },
        );
    }
    Ok(RuleStates(states))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_framework_that_is_built_in_can_be_read_and_none_is_there_twice() {
        let catalogue = catalogue(Vec::new(), []).unwrap();
        assert_eq!(catalogue.frameworks().len(), BUILT_IN.len());
        let again = Framework::parse(BUILT_IN[0]).unwrap();
        assert!(super::catalogue(vec![again], []).is_err());
    }
}

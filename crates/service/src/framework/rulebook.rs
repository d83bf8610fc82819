//! What a set of packs says: its rules, and the frameworks with the rules that are evidence for their controls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use postern_domain::digest::Digest;
use postern_domain::framework::Catalogue;
use postern_domain::id::RuleId;
use postern_domain::rule::{PackManifest, RuleManifest};
use postern_engine::Pack;
use postern_store::read::rule;
use postern_store::{PgConnection, StoreError};

use super::catalogue;
use crate::Postern;

/// Sets that are kept: that of now, and those of moments that somebody looks at.
const KEPT: usize = 4;

/// The rules and frameworks of a set of packs. The same set always says the same.
#[derive(Debug)]
pub(crate) struct Rulebook {
    catalogue: Catalogue,
    packs: Vec<(Digest, Described)>,
    /// Where each rule stands: its pack, and its place in that.
    places: BTreeMap<RuleId, (usize, usize)>,
}

/// A pack's manifest.
#[derive(Debug)]
enum Described {
    Loaded(Pack),
    Stored(Box<PackManifest>),
}

impl Described {
    fn manifest(&self) -> &PackManifest {
        match self {
            Self::Loaded(pack) => pack.manifest(),
            Self::Stored(manifest) => manifest,
        }
    }
}

impl Rulebook {
    /// The rulebook of these packs, in any order; those that the database does not know are left out.
    pub(crate) async fn of(
        postern: &Postern,
        session: &mut PgConnection,
        mut packs: Vec<Digest>,
    ) -> Result<Arc<Self>, StoreError> {
        packs.sort();
        packs.dedup();
        if let Some(kept) = postern.rules.rulebooks.find(&packs) {
            return Ok(kept);
        }
        let loaded = |digest: &Digest| postern.rules.loaded(*digest);
        let others: Vec<Digest> =
            packs.iter().filter(|digest| loaded(digest).is_none()).copied().collect();
        let mut stored = rule::manifests(session, &others).await?;
        let described = packs.iter().filter_map(|digest| {
            let of_database =
                || stored.remove(digest).map(|manifest| Described::Stored(Box::new(manifest)));
            let found = loaded(digest).map(Described::Loaded).or_else(of_database)?;
            Some((*digest, found))
        });
        let described: Vec<_> = described.collect();
        let rules = described.iter().flat_map(|(_, pack)| &pack.manifest().rules);
        let catalogue = catalogue(Vec::new(), rules).expect("a test reads all that are built in");
        let mut places = BTreeMap::new();
        for (of_pack, (_, pack)) in described.iter().enumerate() {
            for (of_rule, rule) in pack.manifest().rules.iter().enumerate() {
                places.insert(rule.id.clone(), (of_pack, of_rule));
            }
        }
        let made = Arc::new(Self { catalogue, packs: described, places });
        postern.rules.rulebooks.keep(packs, &made);
        Ok(made)
    }

    /// The frameworks, with the rules of these packs.
    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// What a rule says of itself, and the pack that has it; `None` where none has.
    pub(crate) fn rule(&self, id: &RuleId) -> Option<(Digest, &RuleManifest)> {
        let (of_pack, of_rule) = self.places.get(id)?;
        let (digest, pack) = self.packs.get(*of_pack)?;
        Some((*digest, pack.manifest().rules.get(*of_rule)?))
    }

    /// All rules, in the order of their ids, each with its pack.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (Digest, &RuleManifest)> {
        self.places.keys().filter_map(|id| self.rule(id))
    }
}

/// The rulebooks that were asked for last: to make one, all controls of all frameworks are united with all rules.
#[derive(Debug, Default)]
pub(crate) struct Rulebooks(Mutex<Vec<(Vec<Digest>, Arc<Rulebook>)>>);

impl Rulebooks {
    fn find(&self, packs: &[Digest]) -> Option<Arc<Rulebook>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|(of, _)| of == packs)?;
        // The one asked for last comes first, so that the one that nobody asks for is dropped.
        kept.get_mut(..=place)?.rotate_right(1);
        kept.first().map(|(_, rulebook)| rulebook.clone())
    }

    fn keep(&self, packs: Vec<Digest>, rulebook: &Arc<Rulebook>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, _)| *of != packs);
        kept.insert(0, (packs, rulebook.clone()));
        kept.truncate(KEPT);
    }
}

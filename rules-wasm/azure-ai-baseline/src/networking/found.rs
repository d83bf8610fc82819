//! What was found in several lists that are judged as one.

use postern_rules_sdk::{
    AssetContext, Check, Evidence, Judgement, Node, Outcome, Unreadable, Words, failing, passing,
};

/// The checks of all entries so far.
#[derive(Debug, Default)]
pub struct Found {
    good: Vec<Evidence>,
    bad: Vec<Evidence>,
    unreadable: Option<Unreadable>,
}

impl Found {
    /// Adds what a check says of an entry.
    pub fn add(&mut self, check: Result<Check, Unreadable>) {
        match check {
            Ok(Check::Good(evidence)) => self.good.push(evidence),
            Ok(Check::Bad(evidence)) => self.bad.extend(evidence),
            Ok(Check::Skip) => {}
            Err(error) => self.miss(error),
        }
    }

    /// Adds something that could not be read.
    pub fn miss(&mut self, error: Unreadable) {
        self.unreadable.get_or_insert(error);
    }

    /// Adds each entry of a related fact, as far as it was read; the evidence is of the list as a whole.
    pub fn add_fact<'a>(
        &mut self,
        asset: &AssetContext<'a>,
        name: &'static str,
        wanted: &'static str,
        mut check: impl FnMut(&Node<'a>) -> Result<Check, Unreadable>,
    ) -> Evidence {
        match asset.related(name) {
            Ok(entries) => {
                for node in entries.nodes() {
                    self.add(check(&node));
                }
                if let Err(error) = entries.complete() {
                    self.miss(error);
                }
                entries.expected(wanted)
            }
            Err(error) => {
                self.miss(error);
                Evidence::new(name, None, wanted)
            }
        }
    }

    /// As `Entries::every`: one bad entry fails, else what could not be read is unknown, else it passes,
    /// or is not applicable where nothing was judged; `whole` is the evidence of that.
    pub fn every(self, words: Words, whole: Evidence) -> Outcome {
        if let Some(failed) = failing(words.fail, self.bad) {
            return Ok(failed);
        }
        if let Some(error) = self.unreadable {
            return Err(error);
        }
        Ok(passing(words.pass, self.good)
            .unwrap_or_else(|| Judgement::not_applicable(words.none, whole)))
    }
}

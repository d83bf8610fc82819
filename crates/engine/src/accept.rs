//! Taking a pack's answer: everything in it is checked before it counts.

use std::cell::{Cell, OnceCell};

use postern_domain::asset::Asset;
use postern_domain::text::SharedText;
use postern_domain::verdict::{Evidence, RuleVerdict};
use serde_json::Value;

use crate::contract::wire;
use crate::pack::Pack;
use crate::problem::PackProblem;

/// The longest text that a pack may hand back, in bytes: a sentence is a hundred, a long value some thousands.
const LONGEST_TEXT: usize = 64 << 10;

/// The most evidence that one judgement may carry.
const MOST_EVIDENCE: usize = 100;

/// Takes a pack's answer on `batch` as verdicts, by asset, then by rule, or says how it breaks the contract.
///
/// A text crosses once and may be named by every judgement: `most_bytes` is what they may come to when each
/// has its own copy.
pub fn accept(
    pack: &Pack,
    batch: &[&Asset],
    answer: &wire::Answer,
    most_bytes: usize,
) -> Result<Vec<RuleVerdict>, PackProblem> {
    let texts = Texts::new(&answer.texts, most_bytes)?;
    let mut places = Places::new(pack, batch);
    let mut evidence_left = answer.evidence.as_slice();
    for judgement in &answer.judgements {
        let position = usize::try_from(judgement.asset).ok();
        let Some((position, asset)) =
            position.and_then(|position| Some((position, *batch.get(position)?)))
        else {
            return Err(lied(format!("it judged asset {} of {}", judgement.asset, batch.len())));
        };
        let Some(rule) = pack.rule_as_given(judgement.rule) else {
            return Err(lied(format!(
                "it judged by rule {} of {}",
                judgement.rule,
                pack.manifest().rules.len()
            )));
        };
        let Some(index) = places.of(position, rule) else {
            return Err(lied(format!(
                "it judged by {} on {}, which is not about that type",
                pack.manifest().rules[rule].id,
                asset.id
            )));
        };
        let id = &pack.manifest().rules[rule].id;
        let place = || format!("{id} on {}", asset.id);
        let summary = texts.sentence(judgement.summary, "summary", &place)?;
        let verdict = RuleVerdict {
            asset: asset.id.clone(),
            rule: id.clone(),
            verdict: judgement.verdict.into(),
            severity: judgement.severity.into(),
            summary,
            evidence: evidence(&texts, judgement.evidence, &mut evidence_left, &place)?,
        };
        if places.fill(index, verdict) {
            return Err(lied(format!("it judged {} twice", place())));
        }
    }
    if !evidence_left.is_empty() {
        return Err(lied(format!(
            "it gave {} pieces of evidence that no judgement names",
            evidence_left.len()
        )));
    }
    places.finish()
}

/// Takes the next `count` pieces of evidence off `left`.
fn evidence(
    texts: &Texts<'_>,
    count: u32,
    left: &mut &[wire::Evidence],
    place: &dyn Fn() -> String,
) -> Result<Vec<Evidence>, PackProblem> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count == 0 || count > MOST_EVIDENCE {
        return Err(lied(format!("it gave {count} pieces of evidence for {}", place())));
    }
    let Some((given, rest)) = left.split_at_checked(count) else {
        return Err(lied(format!(
            "it named {count} pieces of evidence for {}, and gave {}",
            place(),
            left.len()
        )));
    };
    *left = rest;
    texts.spend(size_of::<Evidence>() * given.len())?;
    // Not by `collect`, which makes room for four where a `Result` hides how many there are; most have one.
    let mut taken = Vec::with_capacity(given.len());
    for item in given {
        taken.push(Evidence {
            path: texts.sentence(item.path, "path of evidence", place)?,
            actual: item.actual.map(|actual| texts.json(actual, place)).transpose()?,
            expected: texts.get(item.expected, place)?,
            note: item.note.map(|note| texts.get(note, place)).transpose()?,
        });
    }
    Ok(taken)
}

/// A pack's texts, each parsed as JSON at most once, and how much of them may still be copied.
struct Texts<'a> {
    given: &'a [String],
    /// Each as verdicts have it, once one has named it.
    shared: Vec<OnceCell<SharedText>>,
    /// Which of them have nothing in them.
    blank: Vec<bool>,
    values: Vec<OnceCell<Parsed>>,
    most_bytes: usize,
    bytes_left: Cell<usize>,
}

/// A text that is JSON.
struct Parsed {
    value: Value,
    /// About what a copy of the value takes in memory.
    bytes: usize,
}

impl<'a> Texts<'a> {
    fn new(texts: &'a [String], most_bytes: usize) -> Result<Self, PackProblem> {
        if let Some(text) = texts.iter().find(|text| text.len() > LONGEST_TEXT) {
            return Err(lied(format!(
                "it gave a text of {} bytes (at most {LONGEST_TEXT})",
                text.len()
            )));
        }
        let shared = std::iter::repeat_with(OnceCell::new).take(texts.len()).collect();
        let values = std::iter::repeat_with(OnceCell::new).take(texts.len()).collect();
        let blank = texts.iter().map(|text| text.trim().is_empty()).collect();
        Ok(Self {
            given: texts,
            shared,
            blank,
            values,
            most_bytes,
            bytes_left: Cell::new(most_bytes),
        })
    }

    /// Counts what is about to be copied.
    fn spend(&self, bytes: usize) -> Result<(), PackProblem> {
        let left = self.bytes_left.get().checked_sub(bytes);
        self.bytes_left.set(left.ok_or(PackProblem::TooMuch { limit: self.most_bytes })?);
        Ok(())
    }

    fn index(&self, position: u32, place: &dyn Fn() -> String) -> Result<usize, PackProblem> {
        usize::try_from(position).ok().filter(|index| *index < self.given.len()).ok_or_else(|| {
            lied(format!("it named text {position} of {} for {}", self.given.len(), place()))
        })
    }

    fn get(&self, position: u32, place: &dyn Fn() -> String) -> Result<SharedText, PackProblem> {
        let index = self.index(position, place)?;
        let text = &self.given[index];
        self.spend(text.len())?;
        Ok(self.shared[index].get_or_init(|| text.as_str().into()).clone())
    }

    /// A text that has something in it.
    fn sentence(
        &self,
        position: u32,
        what: &str,
        place: &dyn Fn() -> String,
    ) -> Result<SharedText, PackProblem> {
        if self.blank[self.index(position, place)?] {
            return Err(lied(format!("it gave no {what} for {}", place())));
        }
        self.get(position, place)
    }

    fn json(&self, position: u32, place: &dyn Fn() -> String) -> Result<Value, PackProblem> {
        let index = self.index(position, place)?;
        let parsed = if let Some(parsed) = self.values[index].get() {
            parsed
        } else {
            let text = &self.given[index];
            let value: Value = serde_json::from_str(text).map_err(|error| {
                lied(format!("a value in its evidence for {} is not JSON ({error})", place()))
            })?;
            // Two bytes of text are an entry of a list: a value can take far more than its text.
            let parts = text.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
            let bytes = text.len() + parts * size_of::<Value>();
            self.values[index].get_or_init(|| Parsed { value, bytes })
        };
        self.spend(parsed.bytes)?;
        Ok(parsed.value.clone())
    }
}

/// The place of each verdict: by asset, then by rule.
struct Places<'a> {
    /// For each asset where its places begin, and the rules about it.
    assets: Vec<(usize, &'a [usize])>,
    /// Where the next verdict belongs if the pack answers in order, as most do.
    next: usize,
    verdicts: Vec<Option<RuleVerdict>>,
}

impl<'a> Places<'a> {
    fn new(pack: &'a Pack, batch: &[&Asset]) -> Self {
        let mut assets = Vec::with_capacity(batch.len());
        let mut count = 0;
        for asset in batch {
            let rules = pack.rules_about(&asset.asset_type);
            assets.push((count, rules));
            count += rules.len();
        }
        let verdicts = std::iter::repeat_with(|| None).take(count).collect();
        Self { assets, next: 0, verdicts }
    }

    /// The place of a rule's verdict on an asset; `None` where the rule is not about it.
    fn of(&self, asset: usize, rule: usize) -> Option<usize> {
        let (start, rules) = self.assets[asset];
        let guess = self.next.wrapping_sub(start);
        if rules.get(guess) == Some(&rule) {
            return Some(self.next);
        }
        rules.binary_search(&rule).ok().map(|slot| start + slot)
    }

    /// Puts a verdict into its place; says whether one was there already.
    fn fill(&mut self, index: usize, verdict: RuleVerdict) -> bool {
        self.next = index + 1;
        self.verdicts[index].replace(verdict).is_some()
    }

    fn finish(self) -> Result<Vec<RuleVerdict>, PackProblem> {
        let expected = self.verdicts.len();
        let given = self.verdicts.iter().flatten().count();
        // In place: `flatten` would copy every verdict into another list.
        let verdicts: Option<Vec<RuleVerdict>> = self.verdicts.into_iter().collect();
        verdicts.ok_or_else(|| lied(format!("it gave {given} of {expected} judgements")))
    }
}

fn lied(what: String) -> PackProblem {
    PackProblem::Lied { what }
}

//! Lists: a related fact, or a list among a resource's properties, judged entry by entry.

use postern_domain::reads::Reads;
use serde_json_borrow::Value;

use crate::evidence::{Evidence, number_of_entries};
use crate::judgement::{Judgement, Outcome, Unreadable};
use crate::node::Node;
use crate::text::Text;

/// The most evidence that one judgement carries; of more, the last says how many there are.
const MOST_EVIDENCE: usize = 20;

/// The entries of a list.
///
/// A list that was not read to its end is enough to fail a rule, never to pass one:
/// [`every`](Self::every) and [`some`](Self::some) see to that.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    path: Text,
    values: &'a [Value<'a>],
    /// What the rule sees of each entry; `None`: all.
    reads: Option<&'a Reads>,
    incomplete: Option<Unreadable>,
}

/// What a check says of one entry.
#[derive(Clone, Debug)]
pub enum Check {
    /// It is as wanted.
    Good(Evidence),
    /// It is not; each piece of evidence says why.
    Bad(Vec<Evidence>),
    /// The rule is not about it.
    Skip,
}

impl Check {
    /// Good or bad by a condition, with the same evidence.
    pub fn of(good: bool, evidence: Evidence) -> Self {
        if good { Self::Good(evidence) } else { Self::Bad(vec![evidence]) }
    }
}

/// What the judgement on a list says.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// The summary of a pass.
    pub pass: &'static str,
    /// The summary of a failure.
    pub fail: &'static str,
    /// For `every`: the summary where the list has nothing that the rule is about (not applicable).
    /// For `some`: what is expected of the list, where nothing in it is as wanted.
    pub none: &'static str,
}

impl<'a> Entries<'a> {
    pub(crate) fn of_list(path: Text, values: &'a [Value<'a>], reads: Option<&'a Reads>) -> Self {
        Self { path, values, reads, incomplete: None }
    }

    pub(crate) fn of_fact(
        name: &'static str,
        values: &'a [Value<'a>],
        reads: Option<&'a Reads>,
        incomplete: Option<Unreadable>,
    ) -> Self {
        Self { path: Text::Static(name), values, reads, incomplete }
    }

    /// The entries, each with its path; some may be missing where [`complete`](Self::complete) is an error.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'a>> + use<'_, 'a> {
        let values: &'a [Value<'a>] = self.values;
        let (path, reads) = (self.path.to_string(), self.reads);
        let node = move |(position, value)| Node::new(format!("{path}[{position}]"), value, reads);
        values.iter().enumerate().map(node)
    }

    /// How many were read.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether none was read.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// An error where the list was not read to its end.
    pub fn complete(&self) -> Result<(), Unreadable> {
        self.incomplete.clone().map_or(Ok(()), Err)
    }

    /// Evidence of the list as a whole: how many entries it has.
    pub fn expected(&self, expected: impl Into<Text>) -> Evidence {
        let actual = number_of_entries(self.values.len());
        Evidence {
            path: self.path.clone(),
            actual: Some(actual),
            expected: expected.into(),
            note: None,
        }
    }

    /// Every entry that the rule is about has to be good.
    ///
    /// One bad entry fails; else an entry that could not be read, or a list that was cut, is unknown;
    /// else it passes, or is not applicable where the rule is about none of them.
    pub fn every(
        &self,
        words: Words,
        mut check: impl FnMut(&Node<'a>) -> Result<Check, Unreadable>,
    ) -> Outcome {
        let (mut good, mut bad, mut unreadable) = (Vec::new(), Vec::new(), None);
        for node in self.nodes() {
            match check(&node) {
                Ok(Check::Good(evidence)) => good.push(evidence),
                Ok(Check::Bad(evidence)) => bad.extend(evidence),
                Ok(Check::Skip) => {}
                Err(error) => unreadable = unreadable.or(Some(error)),
            }
        }
        if let Some(failed) = failing(words.fail, bad) {
            return Ok(failed);
        }
        if let Some(error) = unreadable {
            return Err(error);
        }
        self.complete()?;
        Ok(passing(words.pass, good).unwrap_or_else(|| {
            Judgement::not_applicable(words.none, self.expected("an entry that the rule is about"))
        }))
    }

    /// At least one entry has to be good.
    ///
    /// One good entry passes; else an entry that could not be read, or a list that was cut, is unknown;
    /// else it fails, with what is wrong with the entries there are.
    pub fn some(
        &self,
        words: Words,
        mut check: impl FnMut(&Node<'a>) -> Result<Check, Unreadable>,
    ) -> Outcome {
        let (mut bad, mut unreadable) = (Vec::new(), None);
        for node in self.nodes() {
            match check(&node) {
                Ok(Check::Good(evidence)) => return Ok(Judgement::pass(words.pass, evidence)),
                Ok(Check::Bad(evidence)) => bad.extend(evidence),
                Ok(Check::Skip) => {}
                Err(error) => unreadable = unreadable.or(Some(error)),
            }
        }
        if let Some(error) = unreadable {
            return Err(error);
        }
        self.complete()?;
        let failed = failing(words.fail, bad);
        Ok(failed.unwrap_or_else(|| Judgement::fail(words.fail, self.expected(words.none))))
    }
}

/// A failure that rests on all of `evidence`; `None` where there is none.
pub fn failing(summary: impl Into<Text>, evidence: Vec<Evidence>) -> Option<Judgement> {
    resting_on(evidence, |first| Judgement::fail(summary, first))
}

/// A pass that rests on all of `evidence`; `None` where there is none.
pub fn passing(summary: impl Into<Text>, evidence: Vec<Evidence>) -> Option<Judgement> {
    resting_on(evidence, |first| Judgement::pass(summary, first))
}

fn resting_on(
    evidence: Vec<Evidence>,
    judge: impl FnOnce(Evidence) -> Judgement,
) -> Option<Judgement> {
    let more = evidence.len().saturating_sub(MOST_EVIDENCE);
    let mut evidence = evidence.into_iter().take(MOST_EVIDENCE);
    let first = evidence.next()?;
    let mut judgement = evidence.fold(judge(first), Judgement::and);
    if let Some(last) = judgement.evidence.last_mut().filter(|_| more > 0) {
        last.note = Some(Text::Owned(format!("and {more} more like this")));
    }
    Some(judgement)
}

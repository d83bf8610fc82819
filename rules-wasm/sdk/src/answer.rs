//! The answer of a batch: judgements whose texts cross to the host once each.

use postern_domain::verdict::Severity;
use rustc_hash::FxHashMap;

use crate::bindings::exports::postern::rules::rule_pack as wire;
use crate::evidence::Evidence;
use crate::judgement::Judgement;
use crate::pack::{severity, verdict};
use crate::text::Text;

/// Judgements under way to the host.
#[derive(Debug, Default)]
pub struct Answer {
    texts: Texts,
    judgements: Vec<wire::Judgement>,
    evidence: Vec<wire::Evidence>,
}

impl Answer {
    /// Adds what the rule at `rule` says of the asset at `asset`; `usual` is how bad the rule's failures are.
    pub fn add(&mut self, asset: u32, rule: u32, usual: Severity, judgement: Judgement) {
        let Judgement { verdict: said, severity: special, summary, evidence } = judgement;
        let count = u32::try_from(evidence.len()).expect("a judgement's evidence can be counted");
        for item in evidence {
            let item = self.on_wire(item);
            self.evidence.push(item);
        }
        self.judgements.push(wire::Judgement {
            asset,
            rule,
            verdict: verdict(said),
            severity: severity(special.unwrap_or(usual)),
            summary: self.texts.position(summary),
            evidence: count,
        });
    }

    /// As the contract has it.
    pub fn into_wire(self) -> wire::Answer {
        wire::Answer {
            texts: self.texts.in_order,
            judgements: self.judgements,
            evidence: self.evidence,
        }
    }

    fn on_wire(&mut self, evidence: Evidence) -> wire::Evidence {
        wire::Evidence {
            path: self.texts.position(evidence.path),
            actual: evidence.actual.map(|actual| self.texts.position(actual)),
            expected: self.texts.position(evidence.expected),
            note: evidence.note.map(|note| self.texts.position(note)),
        }
    }
}

/// Each text once, with its position.
#[derive(Debug, Default)]
struct Texts {
    in_order: Vec<String>,
    /// By where it is written, how long that is, and what is said with it: what is written in a rule need not be
    /// compared to be known.
    written: FxHashMap<(usize, usize, u8), u32>,
    made: FxHashMap<String, u32>,
}

impl Texts {
    fn position(&mut self, text: Text) -> u32 {
        let place = match &text {
            Text::Static(text) => (text.as_ptr().addr(), text.len(), 0),
            Text::AbsentMeans(text) => (text.as_ptr().addr(), text.len(), 1),
            Text::Unread(path) => (path.as_ptr().addr(), path.len(), 2),
            Text::OneOf(words) => (words.as_ptr().addr(), words.len(), 3),
            Text::Owned(made) => {
                if let Some(position) = self.made.get(made) {
                    return *position;
                }
                let position = self.add(made.clone());
                let Text::Owned(made) = text else { unreachable!("it was matched above") };
                self.made.insert(made, position);
                return position;
            }
        };
        if let Some(position) = self.written.get(&place) {
            return *position;
        }
        let position = self.add(text.to_string());
        self.written.insert(place, position);
        position
    }

    fn add(&mut self, text: String) -> u32 {
        let position =
            u32::try_from(self.in_order.len()).expect("a batch has fewer texts than 2^32");
        self.in_order.push(text);
        position
    }
}

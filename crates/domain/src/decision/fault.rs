//! What can be wrong with a log.

use std::fmt;

/// Something wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it showed: the place, counted from 1, in what the verifier was given; of a file, the line.
    pub place: u64,
    /// What is wrong.
    pub kind: FaultKind,
}

/// The kinds of fault, with the number of the entry; as text, a sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The entry's hash is not that of its content: one or the other was changed.
    Changed {
        /// The number that the entry had, where its link still shows that, else the one that it says.
        number: i64,
    },
    /// What the entry says is the hash of the entry before it, is not.
    ///
    /// Nobody can tell from the log which of the two was touched: the entry before, whose own hash was made anew for
    /// its new content, or this one. Where this one is [`Changed`](Self::Changed) as well, it was this one at least.
    BrokenLink {
        /// The number of the later of the two.
        number: i64,
    },
    /// These entries are not where they should be, in front of this place.
    Missing {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// The same entry comes once more.
    Twice {
        /// Its number.
        number: i64,
    },
    /// Two entries with one number follow each other, and are not the same.
    Inserted {
        /// Their number.
        number: i64,
    },
    /// An entry is not in its place: it was moved, inserted, or is there a second time.
    OutOfOrder {
        /// The number that the entry says.
        number: i64,
        /// The entry behind which it stands; 0 for the beginning of the log.
        after: i64,
    },
    /// What stands in an entry's place is none.
    Unreadable {
        /// The number that it should have.
        number: i64,
        /// Why it cannot be read.
        reason: String,
    },
}

impl FaultKind {
    /// Whether this names the entry of this number.
    pub fn names(&self, entry: i64) -> bool {
        match self {
            Self::Changed { number }
            | Self::BrokenLink { number }
            | Self::Twice { number }
            | Self::Inserted { number }
            | Self::OutOfOrder { number, .. }
            | Self::Unreadable { number, .. } => *number == entry,
            Self::Missing { from, to } => (*from..=*to).contains(&entry),
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { number } => {
                write!(formatter, "entry {number} was changed: its hash is not that of its content")
            }
            Self::BrokenLink { number: 1 } => formatter.write_str(
                "entry 1 does not begin a log: either it was changed, or other entries went before it",
            ),
            Self::BrokenLink { number } => write!(
                formatter,
                "entry {number} was not written after the entry before it: \
                 either entry {} was replaced and given a hash that fits it, or entry {number} was",
                number.saturating_sub(1),
            ),
            Self::Missing { from, to } if from == to => write!(formatter, "entry {from} is missing"),
            Self::Missing { from, to } => write!(formatter, "entries {from} to {to} are missing"),
            Self::Twice { number } => write!(formatter, "entry {number} is there twice"),
            Self::Inserted { number } => write!(
                formatter,
                "two different entries have the number {number}: one of them was inserted"
            ),
            Self::OutOfOrder { number, after: 0 } => write!(
                formatter,
                "entry {number} stands at the beginning: it was moved there or inserted"
            ),
            Self::OutOfOrder { number, after } => write!(
                formatter,
                "entry {number} stands behind entry {after}: it was moved there, inserted, or is there twice"
            ),
            Self::Unreadable { number, reason } => {
                write!(formatter, "what should be entry {number} cannot be read: {reason}")
            }
        }
    }
}

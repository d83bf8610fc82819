//! Verifying a log as a stream.

use std::cmp::Ordering;
use std::error::Error;

use time::OffsetDateTime;

use crate::decision::chain::Head;
use crate::decision::entry::Entry;
use crate::decision::fault::{Fault, FaultKind};
use crate::decision::line::{LineError, read_line};
use crate::digest::Digest;

/// How many faults are kept with what they are: who reads more than these needs the log from somewhere else.
pub const NAMED_FAULTS: usize = 100;

/// Checks a log from its first entry on, given one at a time in the order in which they are stored.
///
/// It goes on after a fault, and its memory does not grow with the log. Times are not compared: clocks are set back.
///
/// ```
/// use postern_domain::decision::{Draft, Entry, Head, Verifier};
/// use time::macros::datetime;
///
/// let draft = Draft {
///     at: datetime!(2026-06-30 12:00 UTC),
///     person: None,
///     who: "Postern".to_owned(),
///     address: None,
///     action: "exception.expire".parse()?,
///     subject: Some("X-12".to_owned()),
///     reason: None,
///     before: None,
///     after: None,
/// };
/// let first = Entry::next(&Head::genesis(), draft.clone());
/// let mut second = Entry::next(&Head::from(&first), draft);
/// let written_down = Head::from(&second);
///
/// // Without the second entry, nothing is wrong with the log except that somebody knew of it.
/// let mut verifier = Verifier::default();
/// verifier.check(&first);
/// assert!(verifier.finish().is_intact());
/// let mut verifier = Verifier::expecting([written_down]);
/// verifier.check(&first);
/// assert!(!verifier.finish().is_intact());
///
/// second.subject = Some("X-13".to_owned());
/// let mut verifier = Verifier::default();
/// verifier.check(&first);
/// verifier.check(&second);
/// let faults = verifier.finish().faults;
/// assert_eq!(
///     faults[0].kind.to_string(),
///     "entry 2 was changed: its hash is not that of its content",
/// );
/// # Ok::<(), postern_domain::id::IdError>(())
/// ```
#[derive(Debug)]
pub struct Verifier {
    count: u64,
    first_at: Option<OffsetDateTime>,
    last_at: Option<OffsetDateTime>,
    /// Up to where the log goes on without a gap, or with gaps that were named.
    last: Position,
    /// An entry behind `last` whose number is too high, and its place: what comes next shows whether entries are
    /// missing in front of it, or it is the one that does not belong there.
    ahead: Option<(Position, u64)>,
    faults: Vec<Fault>,
    fault_count: u64,
    heads: Vec<HeadCheck>,
    /// For the content of the entry that is looked at.
    buffer: Vec<u8>,
}

/// An entry to which the next one links; its hash is not known where it could not be read.
#[derive(Clone, Copy, Debug)]
struct Position {
    number: i64,
    hash: Option<Digest>,
}

/// What was found of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// How many entries there were, unreadable ones among them.
    pub count: u64,
    /// The time of the first entry that could be read.
    pub first_at: Option<OffsetDateTime>,
    /// The time of the last entry that could be read.
    pub last_at: Option<OffsetDateTime>,
    /// Where the log ends, to be written down; [`Head::genesis`] without entries, `None` if the last is unreadable.
    pub head: Option<Head>,
    /// The first [`NAMED_FAULTS`] faults, in the order in which they showed.
    pub faults: Vec<Fault>,
    /// How many faults there are in all.
    pub fault_count: u64,
    /// What became of the heads that were written down, in the order in which they were given.
    pub heads: Vec<HeadCheck>,
}

/// A head that somebody wrote down, and whether the log still has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadCheck {
    /// What was written down.
    pub head: Head,
    /// What the log has.
    pub found: HeadFound,
}

/// What a log has of a head that somebody wrote down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadFound {
    /// The log ends with it.
    Last,
    /// The log has it and goes on.
    Within,
    /// The entry of that number has another hash: it, or one before it, was made anew.
    Otherwise,
    /// The log has no entry of that number: it was removed, at the end of the log or within.
    Nowhere,
}

impl Default for Verifier {
    /// A verifier that knows of no head: it cannot tell whether the end of the log is the true one.
    fn default() -> Self {
        Self::expecting([])
    }
}

impl Verifier {
    /// A verifier that looks for heads that were written down at any time, such as in reports.
    pub fn expecting(heads: impl IntoIterator<Item = Head>) -> Self {
        let genesis = Head::genesis();
        let unseen = |head| HeadCheck { head, found: HeadFound::Nowhere };
        let mut verifier = Self {
            count: 0,
            first_at: None,
            last_at: None,
            last: Position { number: genesis.number, hash: Some(genesis.hash) },
            ahead: None,
            faults: Vec::new(),
            fault_count: 0,
            heads: heads.into_iter().map(unseen).collect(),
            buffer: Vec::new(),
        };
        verifier.look_for_heads(genesis);
        verifier
    }

    /// Looks at the next entry.
    pub fn check(&mut self, entry: &Entry) {
        self.count += 1;
        self.first_at.get_or_insert(entry.at);
        self.last_at = Some(entry.at);
        let mut number = entry.number;
        if entry.content_hash_in(&mut self.buffer) != entry.hash {
            // Its number may be what was changed: where its link fits, that says what it was.
            if Some(entry.previous) == self.before().hash {
                number = self.expected();
            }
            self.fault(FaultKind::Changed { number });
        }
        self.look_for_heads(Head { number, hash: entry.hash });
        self.put(Position { number, hash: Some(entry.hash) }, Some(entry.previous));
    }

    /// Looks at the next line of an export, without the line feed at its end.
    pub fn check_line(&mut self, line: &[u8]) {
        let read = std::str::from_utf8(line).map_err(LineError::NotText).and_then(read_line);
        match read {
            Ok(entry) => self.check(&entry),
            Err(error) => self.unreadable(self.expected(), &error),
        }
    }

    /// Takes note that the next entry, which is or should be of this number, cannot be read.
    pub fn unreadable(&mut self, number: i64, error: &dyn Error) {
        self.count += 1;
        let mut reason = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            reason.push_str(": ");
            reason.push_str(&error.to_string());
            cause = error.source();
        }
        self.fault(FaultKind::Unreadable { number, reason });
        self.put(Position { number, hash: None }, None);
    }

    /// What was found, after the last entry.
    pub fn finish(mut self) -> Verification {
        self.settle_ahead();
        let number = self.last.number;
        let head = self.last.hash.map(|hash| Head { number, hash });
        for check in &mut self.heads {
            if head == Some(check.head) {
                check.found = HeadFound::Last;
            }
        }
        Verification {
            count: self.count,
            first_at: self.first_at,
            last_at: self.last_at,
            head,
            faults: self.faults,
            fault_count: self.fault_count,
            heads: self.heads,
        }
    }

    /// The entry behind which the next one stands.
    fn before(&self) -> Position {
        self.ahead.map_or(self.last, |(position, _)| position)
    }

    /// The number that the next entry should have.
    fn expected(&self) -> i64 {
        self.before().number.saturating_add(1)
    }

    /// Puts an entry behind those before it; `previous` is what it links to, where that can be read.
    fn put(&mut self, entry: Position, previous: Option<Digest>) {
        if let Some((ahead, place)) = self.ahead {
            if self.last.number < entry.number && entry.number < ahead.number {
                // The numbers go on below the entry in between: it did not belong there.
                let kind = FaultKind::OutOfOrder { number: ahead.number, after: self.last.number };
                self.fault_at(place, kind);
                self.ahead = None;
            } else {
                self.settle_ahead();
            }
        }
        match entry.number.cmp(&self.last.number) {
            Ordering::Greater if follows(entry, self.last) => {
                let is_broken =
                    self.last.hash.zip(previous).is_some_and(|(hash, link)| hash != link);
                if is_broken {
                    self.fault(FaultKind::BrokenLink { number: entry.number });
                }
                self.last = entry;
            }
            Ordering::Greater => self.ahead = Some((entry, self.count)),
            Ordering::Equal if entry.number > 0 => {
                let number = entry.number;
                if entry.hash == self.last.hash {
                    self.fault(FaultKind::Twice { number });
                } else {
                    self.fault(FaultKind::Inserted { number });
                }
                self.last = entry;
            }
            Ordering::Equal | Ordering::Less => {
                let after = self.last.number;
                self.fault(FaultKind::OutOfOrder { number: entry.number, after });
            }
        }
    }

    /// Takes the entry that is ahead as the last, with those missing that should be in front of it.
    fn settle_ahead(&mut self) {
        if let Some((ahead, place)) = self.ahead.take() {
            let (from, to) = (self.last.number + 1, ahead.number - 1);
            self.fault_at(place, FaultKind::Missing { from, to });
            self.last = ahead;
        }
    }

    fn look_for_heads(&mut self, entry: Head) {
        for check in self.heads.iter_mut().filter(|check| check.head.number == entry.number) {
            if check.head.hash == entry.hash {
                check.found = HeadFound::Within;
            } else if check.found == HeadFound::Nowhere {
                check.found = HeadFound::Otherwise;
            }
        }
    }

    fn fault(&mut self, kind: FaultKind) {
        self.fault_at(self.count, kind);
    }

    fn fault_at(&mut self, place: u64, kind: FaultKind) {
        self.fault_count += 1;
        if self.faults.len() < NAMED_FAULTS {
            self.faults.push(Fault { place, kind });
        }
    }
}

impl Verification {
    /// Whether nothing is wrong, and the log has every head that was written down.
    pub fn is_intact(&self) -> bool {
        let has = |check: &HeadCheck| matches!(check.found, HeadFound::Last | HeadFound::Within);
        self.fault_count == 0 && self.heads.iter().all(has)
    }
}

/// Whether the entry's number is the one after `last`'s.
fn follows(entry: Position, last: Position) -> bool {
    last.number.checked_add(1) == Some(entry.number)
}

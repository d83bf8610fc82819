//! What was read at a path.

use postern_domain::reads::Reads;
use serde_json_borrow::Value;
use time::OffsetDateTime;

use crate::entries::Entries;
use crate::evidence::Evidence;
use crate::text::Text;

/// A property that was asked for: its path and, where it is there, its value.
#[derive(Clone, Debug)]
pub struct Reading<'a, T> {
    /// The path, as it will stand in the evidence.
    pub path: Text,
    /// The JSON as Azure wrote it; `None` where absent or null.
    pub actual: Option<&'a Value<'a>>,
    /// The value in the shape that the rule asked for; `None` where absent or null.
    pub value: Option<T>,
    /// What the rule sees of it; `None`: all.
    pub(crate) reads: Option<&'a Reads>,
}

impl<T> Reading<'_, T> {
    /// Whether there is no value: the key is missing, or null.
    pub fn is_absent(&self) -> bool {
        self.actual.is_none()
    }

    /// Evidence of what was read, beside what the rule wants.
    pub fn expected(&self, expected: impl Into<Text>) -> Evidence {
        Evidence::of_part(self.path.clone(), self.actual, self.reads, expected)
    }

    /// Evidence of what was read that says what an absent value means; the note is left out where there is a value.
    pub fn expected_or(&self, expected: impl Into<Text>, absent_means: &'static str) -> Evidence {
        self.expected(expected).absent_means(absent_means)
    }
}

impl Reading<'_, &str> {
    /// Whether the text is `word`, without regard to case: Azure returns `Enabled`, `enabled` and `ENABLED`.
    pub fn is(&self, word: &str) -> bool {
        self.value.is_some_and(|text| text.eq_ignore_ascii_case(word))
    }

    /// Whether the text is one of `words`, without regard to case.
    pub fn is_any_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// Whether there is a text that is not blank.
    pub fn is_given(&self) -> bool {
        self.value.is_some_and(|text| !text.trim().is_empty())
    }
}

impl Reading<'_, bool> {
    /// Whether it is there and true.
    pub fn is_true(&self) -> bool {
        self.value == Some(true)
    }
}

impl Reading<'_, OffsetDateTime> {
    /// Whole days from `earlier` to this moment; negative where it lies before. `None` where absent.
    pub fn days_after(&self, earlier: OffsetDateTime) -> Option<i64> {
        self.value.map(|moment| (moment - earlier).whole_days())
    }
}

impl<'a> Reading<'a, &'a [Value<'a>]> {
    /// The entries, one by one; none where the list is absent.
    pub fn entries(&self) -> Entries<'a> {
        let of_entry = self.reads.and_then(Reads::entries);
        Entries::of_list(self.path.clone(), self.value.unwrap_or_default(), of_entry)
    }
}

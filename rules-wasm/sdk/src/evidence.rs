//! Evidence: which property a judgement rests on.

use postern_domain::reads::Reads;
use postern_domain::verdict;
use serde_json_borrow::Value;

use crate::text::Text;

/// The longest value that evidence repeats, in bytes of JSON; of a longer one it says how long it is.
const LONGEST_ACTUAL: usize = 4096;

/// One property that a judgement rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The path into the resource or a related fact.
    pub path: Text,
    /// The value that was read, as JSON; `None` where it is absent or could not be read.
    pub actual: Option<Text>,
    /// What the rule wants there.
    pub expected: Text,
    /// What an absent value means by Azure's documentation, or why it could not be read.
    pub note: Option<Text>,
}

impl Evidence {
    /// Evidence of a value at a path.
    pub fn new(
        path: impl Into<Text>,
        actual: Option<&Value<'_>>,
        expected: impl Into<Text>,
    ) -> Self {
        Self {
            path: path.into(),
            actual: actual.map(as_json),
            expected: expected.into(),
            note: None,
        }
    }

    /// Evidence of a value of which the rule sees only `reads`: in part, its text would not be what Azure returned.
    pub(crate) fn of_part(
        path: impl Into<Text>,
        actual: Option<&Value<'_>>,
        reads: Option<&Reads>,
        expected: impl Into<Text>,
    ) -> Self {
        let mut evidence = Self::new(path, None, expected);
        evidence.actual = actual.map(|actual| match actual {
            Value::Object(_) if !is_whole(reads) => Text::Static("\"(an object)\""),
            Value::Array(list) if !is_whole(reads) => number_of_entries(list.len()),
            whole => as_json(whole),
        });
        evidence
    }

    /// Says what an absent value means, by Azure's documentation; nothing where there is a value.
    #[must_use]
    pub fn absent_means(mut self, meaning: &'static str) -> Self {
        if self.actual.is_none() {
            self.note = Some(Text::AbsentMeans(meaning));
        }
        self
    }

    /// Says something on the value itself.
    #[must_use]
    pub fn noting(mut self, note: impl Into<Text>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// As it is stored and shown.
    pub fn to_domain(&self) -> verdict::Evidence {
        verdict::Evidence {
            path: self.path.to_string().into(),
            actual: self
                .actual
                .as_ref()
                .map(|actual| serde_json::from_str(&actual.to_string()).unwrap_or_default()),
            expected: self.expected.to_string().into(),
            note: self.note.as_ref().map(|note| note.to_string().into()),
        }
    }
}

/// Whether a rule sees all of a value; `None` is a rule that sees whole documents.
pub(crate) fn is_whole(reads: Option<&Reads>) -> bool {
    reads.is_none_or(Reads::is_whole)
}

/// A list of which only the length is said.
pub(crate) fn number_of_entries(count: usize) -> Text {
    match count {
        0 => Text::Static("[]"),
        1 => Text::Static("\"(1 entry)\""),
        more => Text::Owned(format!("\"({more} entries)\"")),
    }
}

/// A value as JSON text.
fn as_json(value: &Value<'_>) -> Text {
    match value {
        Value::Bool(true) => Text::Static("true"),
        Value::Bool(false) => Text::Static("false"),
        Value::Array(list) if list.is_empty() => Text::Static("[]"),
        // Most values are words, of which nothing has to be escaped.
        Value::Str(word) if word.len() < LONGEST_ACTUAL - 2 && is_plain(word) => {
            let mut text = String::with_capacity(word.len() + 2);
            text.push('"');
            text.push_str(word);
            text.push('"');
            Text::Owned(text)
        }
        other => {
            let text = serde_json::to_string(other).unwrap_or_default();
            if text.len() > LONGEST_ACTUAL {
                let what = other.as_array().map_or_else(
                    || format!("\"(a value of {} characters)\"", text.len()),
                    |list| format!("\"(a list of {} entries)\"", list.len()),
                );
                return Text::Owned(what);
            }
            Text::Owned(text)
        }
    }
}

/// Whether a text is the same in JSON, but for the quotes around it.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\')
}

//! Texts of judgements: most are written in the rule itself and cost nothing until they cross to the host.

use std::fmt;

/// A text that is the same in every judgement, or made for one.
#[derive(Clone, Debug)]
pub enum Text {
    /// Written in the rule.
    Static(&'static str),
    /// "absent means" and what Azure documents for an absent value.
    AbsentMeans(&'static str),
    /// That what is at this path could not be read.
    Unread(&'static str),
    /// "one of" and the words that are allowed.
    OneOf(&'static [&'static str]),
    /// Made for one asset.
    Owned(String),
}

impl Text {
    /// Whether there is nothing to read in it.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Static(text) => text.trim().is_empty(),
            Self::AbsentMeans(_) | Self::Unread(_) | Self::OneOf(_) => false,
            Self::Owned(text) => text.trim().is_empty(),
        }
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Self::Static(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Owned(text)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Static(text) => formatter.write_str(text),
            Self::AbsentMeans(meaning) => write!(formatter, "absent means {meaning}"),
            Self::Unread(path) => {
                write!(formatter, "{path} could not be read, so this cannot be judged.")
            }
            Self::OneOf(words) => {
                formatter.write_str("one of ")?;
                for (position, word) in words.iter().enumerate() {
                    formatter.write_str(if position == 0 { "" } else { ", " })?;
                    formatter.write_str(word)?;
                }
                Ok(())
            }
            Self::Owned(text) => formatter.write_str(text),
        }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

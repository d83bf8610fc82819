//! What was done, as a word that programs can go by.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::IdError;

/// What was done, such as `exception.approve`: words of the letters a to z, joined by dots, or by an underscore where
/// two are one thing (`trusted_key.add`); 1 to 64 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Action(Arc<str>);

impl Action {
    /// The action as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Action {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        if text.len() <= 64 && text.split(['.', '_']).all(is_word) {
            Ok(Self(text.into()))
        } else {
            Err(IdError::new(text, "exception.approve"))
        }
    }
}

impl TryFrom<String> for Action {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Action> for String {
    fn from(action: Action) -> Self {
        action.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_lower_case_words_with_dots() {
        for right in ["exception.approve", "retention.set", "trusted_key.add", "demo", "a.b.c"] {
            assert_eq!(right.parse::<Action>().unwrap().as_str(), right);
        }
        let long = "a".repeat(65);
        for wrong in ["", ".", "a.", ".a", "a..b", "a._b", "A.b", "a b", "a-b", "a1", "ä", &long] {
            assert!(wrong.parse::<Action>().is_err(), "{wrong}");
        }
        assert!("a".repeat(64).parse::<Action>().is_ok());
    }
}

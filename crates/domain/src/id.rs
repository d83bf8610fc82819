//! Ids: newtypes, so that a scan's number is never taken for a finding's.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The text is not an id of this kind.
#[derive(Debug, thiserror::Error)]
#[error("\"{text}\" is not of the form {form}")]
pub struct IdError {
    text: String,
    form: &'static str,
}

impl IdError {
    /// `text` is not of the form that `form` shows.
    pub(crate) fn new(text: &str, form: &'static str) -> Self {
        Self { text: text.to_owned(), form }
    }
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $form:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(i64);

        impl $name {
            /// The id that the database gave out as `number`.
            pub const fn from_number(number: i64) -> Self {
                Self(number)
            }

            /// The number as the database knows it.
            pub const fn number(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!($prefix, "-{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "-"))
                    .and_then(|digits| digits.parse().ok())
                    .filter(|number| *number > 0)
                    .map(Self)
                    .ok_or_else(|| IdError { text: text.to_owned(), form: $form })
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }
    };
}

number_id!(
    /// How an Azure tenant, or a set of imported files, is reached; written `C-1`.
    ConnectionId, "C", "C-1"
);
number_id!(
    /// One run of collection; written `S-903`.
    ScanId, "S", "S-903"
);
number_id!(
    /// The immutable result of a scan or an import; written `N-903`.
    SnapshotId, "N", "N-903"
);
number_id!(
    /// A snapshot judged by a set of packs; written `E-903`.
    EvaluationId, "E", "E-903"
);
number_id!(
    /// A failing or unknown rule on an asset, over time; written `F-1045`.
    FindingId, "F", "F-1045"
);
number_id!(
    /// An asset of a connection, for addresses; written `R-123`. It is given once and stays, also when the asset is deleted.
    AssetNumber, "R", "R-123"
);
number_id!(
    /// Somebody who signed in, or a program with a token; written `P-7`.
    PersonId, "P", "P-7"
);
number_id!(
    /// A token with which a program asks; written `T-3`.
    TokenId, "T", "T-3"
);
number_id!(
    /// A decision to accept findings until a date; written `X-12`.
    ExceptionId, "X", "X-12"
);
number_id!(
    /// A file that somebody added to an exception; written `A-5`.
    EvidenceFileId, "A", "A-5"
);
number_id!(
    /// A saved view of a list; written `V-12`.
    ViewId, "V", "V-12"
);
number_id!(
    /// A message to somebody about something that happened; written `D-31`.
    DeliveryId, "D", "D-31"
);

/// The stable id of a rule, such as `NET-01`: letters, digits, dots, dashes and underscores, 1 to 64 of them.
///
/// Cheap to clone: every verdict has one.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(into = "String", try_from = "String")]
pub struct RuleId(#[schemars(regex(pattern = "^[A-Za-z0-9._-]{1,64}$"))] Arc<str>);

impl RuleId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for RuleId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(IdError { text: text.to_owned(), form: "NET-01" })
        }
    }
}

impl TryFrom<String> for RuleId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<RuleId> for String {
    fn from(id: RuleId) -> Self {
        id.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_ids_print_and_parse() {
        let id = FindingId::from_number(1045);
        assert_eq!(id.to_string(), "F-1045");
        assert_eq!("F-1045".parse::<FindingId>().unwrap(), id);
        for wrong in ["1045", "S-1045", "F-", "F-0", "F--3", "F-99999999999999999999"] {
            assert!(wrong.parse::<FindingId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn rule_ids_refuse_what_would_break_an_address() {
        assert!("NET-01".parse::<RuleId>().is_ok());
        for wrong in ["", "NET 01", "NET/01", &"x".repeat(65)] {
            assert!(wrong.parse::<RuleId>().is_err(), "{wrong}");
        }
    }
}

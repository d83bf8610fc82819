//! Where packs come from.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What vouches for the bytes of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackOrigin {
    /// The binary carries it.
    BuiltIn,
    /// A trusted key signed it; its id in hexadecimal.
    Signed(String),
    /// Nobody did, and the settings of the server let it in.
    Unsigned,
}

impl PackOrigin {
    /// The origin in words; of packs that are older than the memory of it, there is none.
    pub fn in_words(origin: Option<&Self>) -> String {
        origin.map_or_else(|| "origin not recorded".to_owned(), ToString::to_string)
    }
}

impl fmt::Display for PackOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => formatter.write_str("built into Postern"),
            Self::Signed(signer) => write!(formatter, "signed by {signer}"),
            Self::Unsigned => formatter.write_str("unsigned"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_reads_in_words() {
        let check = |origin: Option<&PackOrigin>, words: &str| {
            assert_eq!(PackOrigin::in_words(origin), words);
        };
        check(Some(&PackOrigin::BuiltIn), "built into Postern");
        check(
            Some(&PackOrigin::Signed("E7620F1842B4E81F".to_owned())),
            "signed by E7620F1842B4E81F",
        );
        check(Some(&PackOrigin::Unsigned), "unsigned");
        check(None, "origin not recorded");
    }
}

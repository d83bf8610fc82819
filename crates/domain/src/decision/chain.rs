//! Where a log begins and ends.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::decision::entry::Entry;
use crate::digest::Digest;

/// What stands for the entry before the first; the number is that of the form in which entries are hashed.
const GENESIS: &str = "postern decision log 1";

/// The last entry of a log at some time: who wrote this down can tell later whether the log up to it is still the same.
///
/// Written `812:` and the 64 hexadecimal digits of the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Head {
    /// The entry's number; 0 of a log without entries.
    pub number: i64,
    /// The entry's hash.
    pub hash: Digest,
}

/// The text is not the head of a log.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a number, a colon and the 64 hexadecimal digits of a hash")]
pub struct HeadError(String);

impl Head {
    /// The head of a log without entries: number 0 and the SHA-256 of `postern decision log 1`.
    pub fn genesis() -> Self {
        Self { number: 0, hash: Digest::of(GENESIS.as_bytes()) }
    }
}

impl From<Head> for String {
    fn from(head: Head) -> Self {
        head.to_string()
    }
}

impl TryFrom<String> for Head {
    type Error = HeadError;

    fn try_from(text: String) -> Result<Self, HeadError> {
        text.parse()
    }
}

impl From<&Entry> for Head {
    fn from(entry: &Entry) -> Self {
        Self { number: entry.number, hash: entry.hash }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.number, self.hash)
    }
}

impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let read = || {
            let (number, hash) = text.split_once(':')?;
            // A sign is none of the digits.
            let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
            let number = number.parse().ok().filter(|_| is_plain)?;
            Some(Self { number, hash: hash.parse().ok()? })
        };
        read().ok_or_else(|| HeadError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_print_and_parse() {
        let head = Head { number: 812, hash: Digest::of(b"an entry") };
        assert_eq!(head.to_string().parse(), Ok(head));
        assert_eq!(Head::genesis().to_string().parse(), Ok(Head::genesis()));
        let hash = head.hash;
        for wrong in [
            String::new(),
            hash.to_string(),
            format!(":{hash}"),
            format!("-1:{hash}"),
            format!("+1:{hash}"),
            format!("99999999999999999999:{hash}"),
            format!("1:{}", hash.short()),
            format!("1:{hash} "),
        ] {
            assert_eq!(wrong.parse::<Head>(), Err(HeadError(wrong)));
        }
    }
}

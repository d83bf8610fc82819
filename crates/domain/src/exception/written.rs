//! What people write in a request or a decision: texts with a bound, and addresses of evidence.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text::is_unseen;

/// The text cannot be taken as it is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrittenTextError {
    /// It has neither a letter nor a digit.
    #[error("there is no word in it")]
    Empty,
    /// It is too long.
    #[error("{length} characters are too many: at most {most} fit")]
    TooLong {
        /// How many characters it has.
        length: usize,
        /// How many it may have.
        most: usize,
    },
    /// It has a character that steers how text is shown and is not seen itself.
    #[error("character {place} cannot be seen: remove it")]
    Unseen {
        /// Where it is, counted from 1.
        place: usize,
    },
}

/// What somebody wrote: 1 to `MOST` characters, with nothing but text, line breaks and tabs, and no space around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct WrittenText<const MOST: usize>(String);

/// Why a finding should be accepted.
pub type Justification = WrittenText<4000>;
/// What protects in the meantime.
pub type CompensatingControl = WrittenText<4000>;
/// Under which conditions an approver agrees.
pub type Conditions = WrittenText<4000>;
/// Why an approver rejects or revokes.
pub type DecisionReason = WrittenText<4000>;
/// What somebody says about an exception.
pub type Comment = WrittenText<4000>;
/// What people call a piece of evidence.
pub type EvidenceTitle = WrittenText<200>;

impl<const MOST: usize> WrittenText<MOST> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MOST: usize> FromStr for WrittenText<MOST> {
    type Err = WrittenTextError;

    fn from_str(text: &str) -> Result<Self, WrittenTextError> {
        // Forms send line breaks as two characters, of which one would be refused.
        let text = text.replace("\r\n", "\n").trim().to_owned();
        if !text.chars().any(char::is_alphanumeric) {
            return Err(WrittenTextError::Empty);
        }
        let length = text.chars().count();
        if length > MOST {
            return Err(WrittenTextError::TooLong { length, most: MOST });
        }
        match text.chars().position(|letter| is_unseen(letter) && !matches!(letter, '\n' | '\t')) {
            Some(place) => Err(WrittenTextError::Unseen { place: place + 1 }),
            None => Ok(Self(text)),
        }
    }
}

impl<const MOST: usize> fmt::Display for WrittenText<MOST> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<const MOST: usize> TryFrom<String> for WrittenText<MOST> {
    type Error = WrittenTextError;

    fn try_from(text: String) -> Result<Self, WrittenTextError> {
        text.parse()
    }
}

impl<const MOST: usize> From<WrittenText<MOST>> for String {
    fn from(text: WrittenText<MOST>) -> Self {
        text.0
    }
}

/// The text is not an address that evidence can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not an address of the form https://host/path, without a password, of at most 2000 characters"
)]
pub struct HttpsAddressError(String);

/// An address that begins with `https://` and a host's name, and that a page can link to as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct HttpsAddress(String);

impl HttpsAddress {
    /// The longest: what browsers and proxies take for certain.
    const MOST: usize = 2000;

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HttpsAddress {
    type Err = HttpsAddressError;

    fn from_str(text: &str) -> Result<Self, HttpsAddressError> {
        let address = text.trim();
        let refuse = || HttpsAddressError(address.chars().take(100).collect());
        let scheme = "https://";
        let begins =
            address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        let rest = address.get(scheme.len()..).filter(|_| begins).ok_or_else(refuse)?;
        let (host, _) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (name, port) = host.split_once(':').unwrap_or((host, "443"));
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        let fits = address.len() <= Self::MOST
            && name.bytes().all(letters)
            && name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && port.parse::<u16>().is_ok_and(|port| port > 0)
            && !rest.chars().any(breaks_an_address);
        if fits { Ok(Self(format!("{scheme}{rest}"))) } else { Err(refuse()) }
    }
}

/// What an address must not have by RFC 3986, and what is not seen.
fn breaks_an_address(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || is_unseen(character)
        || "\"<>\\^`{|}".contains(character)
}

impl fmt::Display for HttpsAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for HttpsAddress {
    type Error = HttpsAddressError;

    fn try_from(text: String) -> Result<Self, HttpsAddressError> {
        text.parse()
    }
}

impl From<HttpsAddress> for String {
    fn from(address: HttpsAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_trimmed_bounded_and_without_what_is_not_seen() {
        type Short = WrittenText<5>;
        let check = |text: &str, expected: Result<&str, WrittenTextError>| {
            let parsed = text.parse::<Short>();
            assert_eq!(parsed.as_ref().map(Short::as_str), expected.as_ref().copied(), "{text:?}");
        };
        check("  abc \n", Ok("abc"));
        check("a\r\nb\tc", Ok("a\nb\tc"));
        check("éüöäß", Ok("éüöäß"));
        check("12345  ", Ok("12345"));
        check("123456", Err(WrittenTextError::TooLong { length: 6, most: 5 }));
        for empty in ["", " \n ", "...", "\u{200b}", "-"] {
            check(empty, Err(WrittenTextError::Empty));
        }
        for unseen in ["a\0b", "a\u{7f}", "a\rb", "a\u{202e}b", "a\u{2067}b", "a\u{85}b"] {
            check(unseen, Err(WrittenTextError::Unseen { place: 2 }));
        }
    }

    #[test]
    fn evidence_is_linked_by_https_alone() {
        for right in [
            "https://wiki.contoso.com/x?a=1#b",
            "https://contoso.com",
            "https://contoso.com:8443/a",
            "https://contoso.com/änderung@2",
        ] {
            assert_eq!(right.parse::<HttpsAddress>().unwrap().as_str(), right);
        }
        assert_eq!(" HTTPS://a.b/C ".parse::<HttpsAddress>().unwrap().as_str(), "https://a.b/C");
        for wrong in [
            "",
            "http://contoso.com",
            "javascript:alert(1)",
            "https://",
            "https:///path",
            "https://user:secret@contoso.com/",
            "https://user@contoso.com/",
            "https://contoso.com:0/",
            "https://contoso.com:port/",
            "https://con toso.com/",
            "https://contoso.com/a b",
            "https://contoso.com/\"onclick",
            "https://contoso.com/\u{202e}",
            "https://cöntoso.com/",
            "ftp://https://contoso.com",
            &format!("https://contoso.com/{}", "a".repeat(2000)),
        ] {
            assert!(wrong.parse::<HttpsAddress>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_was_taken_is_taken_again_as_it_is(text in "\\PC{0,12}[\r\n\t ]{0,2}\\PC{0,12}") {
            if let Ok(written) = text.parse::<WrittenText<20>>() {
                prop_assert_eq!(written.as_str().parse::<WrittenText<20>>(), Ok(written));
            }
            if let Ok(address) = format!("https://{text}").parse::<HttpsAddress>() {
                prop_assert_eq!(address.as_str().parse::<HttpsAddress>(), Ok(address));
            }
        }
    }
}

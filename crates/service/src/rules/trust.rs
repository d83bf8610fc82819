//! Whose packs may judge: signatures by minisign keys, checked before a pack is even compiled.

use minisign_verify::{PublicKey, Signature};
use postern_store::rules::PackOrigin;

/// The keys that are trusted, and whether packs without a signature are let in.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    keys: Vec<TrustedKey>,
    lets_unsigned_in: bool,
}

#[derive(Clone)]
struct TrustedKey {
    id: String,
    key: PublicKey,
}

impl std::fmt::Debug for TrustedKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("TrustedKey").field(&self.id).finish()
    }
}

/// A key cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "\"{text}\" is no minisign public key (56 characters, such as the second line of minisign.pub)"
)]
pub struct KeyError {
    text: String,
    #[source]
    source: minisign_verify::Error,
}

/// A pack is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// There is no signature, and unsigned packs are not let in.
    #[error("the pack is not signed; sign it with minisign, or allow unsigned packs")]
    Unsigned,
    /// The signature is not one.
    #[error("the signature is not a minisign signature")]
    NoSignature(#[source] minisign_verify::Error),
    /// Nobody is trusted.
    #[error("there is no trusted key to check the signature with")]
    NoKeys,
    /// None of the trusted keys made it, or the pack was changed afterwards.
    #[error("no trusted key ({}) made this signature for this pack", keys.join(", "))]
    Stranger {
        /// The ids of the trusted keys.
        keys: Vec<String>,
    },
}

impl Trust {
    /// Nobody but the binary itself: no key, and nothing unsigned.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Trusts these keys (base 64, as minisign writes them), and unsigned packs where `lets_unsigned_in`.
    pub fn new<'a>(
        keys: impl IntoIterator<Item = &'a str>,
        lets_unsigned_in: bool,
    ) -> Result<Self, KeyError> {
        let read = |text: &str| {
            // A whole `minisign.pub` is taken as well: its second line is the key.
            let line = text.lines().map(str::trim).rfind(|line| !line.is_empty());
            let line = line.unwrap_or_default();
            let key = PublicKey::from_base64(line)
                .map_err(|source| KeyError { text: line.to_owned(), source })?;
            Ok(TrustedKey { id: key_id(line), key })
        };
        let keys = keys.into_iter().map(read).collect::<Result<_, KeyError>>()?;
        Ok(Self { keys, lets_unsigned_in })
    }

    /// What vouches for a pack that did not come with the binary.
    pub fn check(
        &self,
        component: &[u8],
        signature: Option<&str>,
    ) -> Result<PackOrigin, TrustError> {
        let Some(signature) = signature else {
            return if self.lets_unsigned_in {
                Ok(PackOrigin::Unsigned)
            } else {
                Err(TrustError::Unsigned)
            };
        };
        let signature = Signature::decode(signature).map_err(TrustError::NoSignature)?;
        if self.keys.is_empty() {
            return Err(TrustError::NoKeys);
        }
        // Only signatures over the hash (minisign's default since 2019): the old kind is refused.
        let made_by =
            |trusted: &&TrustedKey| trusted.key.verify(component, &signature, false).is_ok();
        self.keys
            .iter()
            .find(made_by)
            .map(|trusted| PackOrigin::Signed(trusted.id.clone()))
            .ok_or_else(|| TrustError::Stranger {
                keys: self.keys.iter().map(|trusted| trusted.id.clone()).collect(),
            })
    }
}

/// The id that minisign shows for a key: eight bytes after the algorithm's two, in hexadecimal, the last first.
fn key_id(base64: &str) -> String {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let bytes: Vec<u8> = base64
        .as_bytes()
        .chunks_exact(4)
        .take(4)
        .flat_map(|four| {
            let bits = four.iter().fold(0, |bits, byte| bits << 6 | value(*byte));
            let [_, one, two, three] = bits.to_be_bytes();
            [one, two, three]
        })
        .collect();
    let number =
        bytes.iter().skip(2).take(8).rev().fold(0, |all, byte| all << 8 | u64::from(*byte));
    format!("{number:016X}")
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of minisign-verify's documentation: the key and its signature of the word "test".
    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    const SIGNATURE: &str = "untrusted comment: signature from minisign secret key\n\
        RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=\n\
        trusted comment: timestamp:1633700835\tfile:test\tprehashed\n\
        wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==";

    #[test]
    fn a_signature_counts_by_a_trusted_key_for_these_bytes_alone() {
        let trust = Trust::new([KEY], false).unwrap();
        let origin = trust.check(b"test", Some(SIGNATURE)).unwrap();
        assert_eq!(origin, PackOrigin::Signed("E7620F1842B4E81F".to_owned()));
        assert!(matches!(trust.check(b"tesu", Some(SIGNATURE)), Err(TrustError::Stranger { .. })));
        assert!(matches!(trust.check(b"test", None), Err(TrustError::Unsigned)));
        assert!(matches!(trust.check(b"test", Some("x")), Err(TrustError::NoSignature(_))));
        let nobody = Trust::nobody();
        assert!(matches!(nobody.check(b"test", Some(SIGNATURE)), Err(TrustError::NoKeys)));
    }

    #[test]
    fn unsigned_packs_come_in_only_where_that_is_allowed_and_a_bad_signature_never() {
        let trust = Trust::new([KEY], true).unwrap();
        assert_eq!(trust.check(b"other", None).unwrap(), PackOrigin::Unsigned);
        assert!(trust.check(b"other", Some(SIGNATURE)).is_err());
    }

    #[test]
    fn a_key_file_is_taken_as_it_is_and_nonsense_is_refused() {
        let file = format!("untrusted comment: minisign public key E7620F1842B4E81F\n{KEY}\n");
        assert!(Trust::new([file.as_str()], false).is_ok());
        for wrong in ["", "secret", "RWQf6LRCGA9i53mlYecO"] {
            assert!(Trust::new([wrong], false).is_err(), "{wrong}");
        }
    }
}

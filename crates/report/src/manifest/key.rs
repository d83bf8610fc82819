//! Keys: an organisation's own, that signs, and the one that everybody may have, that checks.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use postern_domain::digest::Digest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const SIGNING: &str = "postern-signing-key-1:";
const PUBLIC: &str = "postern-public-key-1:";

/// An Ed25519 key that signs. Its text form is a secret.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

/// The key that checks what its [`SigningKey`] signed; no secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

/// A short name of a key: the first 16 hexadecimal digits of the SHA-256 of its public part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyId(String);

/// The text is no key; it is not repeated, because it may be a secret.
#[derive(Debug, thiserror::Error)]
#[error("it is no {kind}: one reads {form} and 64 hexadecimal digits")]
pub struct KeyError {
    kind: &'static str,
    form: &'static str,
}

impl SigningKey {
    /// Of 32 bytes that nobody guesses.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// What others check with.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// The text that a file keeps: a secret.
    pub fn secret_text(&self) -> String {
        format!("{SIGNING}{}", hex::encode(self.0.to_bytes()))
    }

    pub(super) fn sign(&self, text: &[u8]) -> String {
        hex::encode(self.0.sign(text).to_bytes())
    }
}

impl PublicKey {
    /// Its short name.
    pub fn id(&self) -> KeyId {
        let mut id = Digest::of(&self.0).to_string();
        id.truncate(16);
        KeyId(id)
    }

    pub(super) fn has_signed(&self, text: &[u8], signature: &str) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&self.0) else { return false };
        let Some(signature) = bytes::<64>(signature) else { return false };
        // Strictly: of two encodings of a signature only one is taken.
        key.verify_strict(text, &Signature::from_bytes(&signature)).is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({})", self.public().id())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PublicKey({})", self.id())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PUBLIC}{}", hex::encode(self.0))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for SigningKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let seed = text.trim().strip_prefix(SIGNING).and_then(bytes::<32>);
        let error = KeyError { kind: "signing key", form: SIGNING };
        seed.map(|seed| Self::from_seed(&seed)).ok_or(error)
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let key = text.trim().strip_prefix(PUBLIC).and_then(bytes::<32>);
        key.map(Self).ok_or(KeyError { kind: "public key", form: PUBLIC })
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Lower-case hexadecimal digits of so many bytes, and no other way to write them.
fn bytes<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    (hex::encode(bytes) == text).then_some(bytes)
}

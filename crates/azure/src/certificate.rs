//! Signing in with a certificate instead of a secret.
//!
//! `azure_identity` can do that only with OpenSSL, which a binary in a single file had better not link. What Entra ID
//! wants is small: a signed statement of who asks, which [`ClientAssertion`] gives to the rest of `azure_identity`.

use std::fmt;
use std::sync::Arc;

use azure_core::Uuid;
use azure_core::base64;
use azure_core::error::ErrorKind;
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use p12_keystore::Pkcs12Archive;
use rustls::SignatureScheme;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use crate::secret::Secret;

/// How long a statement holds: Entra ID reads it at once, and clocks differ by a minute or two.
const LIFETIME: time::Duration = time::Duration::minutes(5);

/// A certificate with its private RSA key, which `Debug` hides.
#[derive(Clone)]
pub struct ClientCertificate {
    key: Arc<dyn SigningKey>,
    /// The certificate's SHA-256, in URL-safe base64.
    thumbprint: String,
}

/// The file holds no certificate to sign in with.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The password does not fit, or something is broken.
    #[error(
        "the PKCS#12 file cannot be opened: the password is wrong or missing, or the file is damaged"
    )]
    Pkcs12(#[source] p12_keystore::error::Error),
    /// Neither PEM nor PKCS#12.
    #[error("the file holds neither PEM nor PKCS#12")]
    Form,
    /// There is no key.
    #[error(
        "the file holds no private key without a password of its own, which has to lie beside the certificate"
    )]
    NoKey,
    /// There is no certificate.
    #[error("the file holds no certificate")]
    NoCertificate,
    /// Entra ID signs in by RSA only.
    #[error("the private key is not an RSA key, and Entra ID takes no other")]
    NotRsa,
    /// They belong to different pairs.
    #[error("none of the file's certificates belongs to its private key")]
    Mismatch,
}

impl ClientCertificate {
    /// Reads a file's content: PEM with certificate and key, or PKCS#12 with the password (empty for none).
    pub fn parse(bytes: &[u8], password: Option<&Secret>) -> Result<Self, CertificateError> {
        // DER, and with it PKCS#12, begins with the tag of a sequence.
        let (key, certificates) = match bytes.first() {
            Some(0x30) => pkcs12(bytes, password)?,
            _ if bytes.windows(10).any(|part| part == b"-----BEGIN") => pem(bytes)?,
            _ => return Err(CertificateError::Form),
        };
        if certificates.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        let key = any_supported_type(&key).map_err(|_| CertificateError::NotRsa)?;
        if key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256]).is_none() {
            return Err(CertificateError::NotRsa);
        }
        let own = certificates
            .into_iter()
            .find(|certificate| {
                CertifiedKey::new(vec![certificate.clone()], Arc::clone(&key)).keys_match().is_ok()
            })
            .ok_or(CertificateError::Mismatch)?;
        Ok(Self { key, thumbprint: base64::encode_url_safe(Sha256::digest(&own)) })
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientCertificate")
            .field("thumbprint", &self.thumbprint)
            .finish_non_exhaustive()
    }
}

type KeyAndCertificates = (PrivateKeyDer<'static>, Vec<CertificateDer<'static>>);

fn pem(bytes: &[u8]) -> Result<KeyAndCertificates, CertificateError> {
    let key = PrivateKeyDer::from_pem_slice(bytes).map_err(|_| CertificateError::NoKey)?;
    let certificates = CertificateDer::pem_slice_iter(bytes).filter_map(Result::ok).collect();
    Ok((key, certificates))
}

fn pkcs12(bytes: &[u8], password: Option<&Secret>) -> Result<KeyAndCertificates, CertificateError> {
    let password = password.map_or("", Secret::expose);
    let archive = Pkcs12Archive::from_pkcs12(bytes, password).map_err(CertificateError::Pkcs12)?;
    let bag = archive.keys.first().ok_or(CertificateError::NoKey)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(bag.key.as_der().to_vec()));
    let certificates =
        archive.certs.iter().map(|bag| CertificateDer::from(bag.cert.as_der().to_vec())).collect();
    Ok((key, certificates))
}

/// Says to Entra ID who asks, anew for each token.
#[derive(Debug)]
pub(crate) struct CertificateAssertion {
    pub certificate: ClientCertificate,
    pub client_id: String,
    /// Entra's token end point, for which alone the statement holds.
    pub audience: String,
}

#[async_trait::async_trait]
impl ClientAssertion for CertificateAssertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        #[expect(
            clippy::disallowed_methods,
            reason = "Entra compares it with its own clock, as it does what azure_identity sends"
        )]
        let now = OffsetDateTime::now_utc();
        self.at(now, &Uuid::new_v4().to_string()).map_err(|error| {
            azure_core::Error::with_error(
                ErrorKind::Credential,
                error,
                "the certificate's key did not sign",
            )
        })
    }
}

impl CertificateAssertion {
    /// The statement as Entra ID wants it ("Microsoft identity platform certificate credentials"): a JWT, signed PS256.
    fn at(&self, now: OffsetDateTime, id: &str) -> Result<String, rustls::Error> {
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.certificate.thumbprint});
        let claims = json!({
            "aud": self.audience,
            "iss": self.client_id,
            "sub": self.client_id,
            "jti": id,
            "nbf": now.unix_timestamp(),
            "exp": (now + LIFETIME).unix_timestamp(),
        });
        let part = |value: &serde_json::Value| base64::encode_url_safe(value.to_string());
        let said = format!("{}.{}", part(&header), part(&claims));
        let signer = self
            .certificate
            .key
            .choose_scheme(&[SignatureScheme::RSA_PSS_SHA256])
            .ok_or_else(|| rustls::Error::General("the key signs no PS256".to_owned()))?;
        let signature = signer.sign(said.as_bytes())?;
        Ok(format!("{said}.{}", base64::encode_url_safe(signature)))
    }
}

#[cfg(test)]
mod tests {
    use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
    use serde_json::Value;
    use time::macros::datetime;

    use super::*;

    struct Pair {
        key: KeyPair,
        certificate: rcgen::Certificate,
    }

    fn pair(algorithm: &'static rcgen::SignatureAlgorithm) -> Pair {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let certificate =
            CertificateParams::new(["postern".to_owned()]).unwrap().self_signed(&key).unwrap();
        Pair { key, certificate }
    }

    fn refused(bytes: &[u8], password: Option<&Secret>) -> String {
        ClientCertificate::parse(bytes, password).unwrap_err().to_string()
    }

    #[test]
    fn pem_and_pkcs12_give_the_same_certificate_and_the_rest_is_refused() {
        let (own, other) = (pair(&PKCS_RSA_SHA256), pair(&PKCS_RSA_SHA256));
        let key_pem = own.key.serialize_pem();
        // A chain may stand in any order.
        let pem = format!("{}{key_pem}{}", other.certificate.pem(), own.certificate.pem());
        let from_pem = ClientCertificate::parse(pem.as_bytes(), None).unwrap();

        let chain = PrivateKeyChain::new(
            b"1".to_vec(),
            PrivateKey::from_der(&own.key.serialize_der()).unwrap(),
            [Certificate::from_der(own.certificate.der()).unwrap()],
        );
        let mut store = KeyStore::new();
        store.add_entry("postern", KeyStoreEntry::PrivateKeyChain(chain));
        let password = Secret::new("hunter2");
        let pfx = store.writer(password.expose()).write().unwrap();
        let from_pfx = ClientCertificate::parse(&pfx, Some(&password)).unwrap();
        assert_eq!(from_pem.thumbprint, from_pfx.thumbprint);

        let check = |said: String, expected: &str| {
            assert!(said.contains(expected) && !said.contains("hunter2"), "{said}");
        };
        check(refused(&pfx, Some(&Secret::new("hunter3"))), "the password is wrong");
        check(refused(&pfx, None), "the password is wrong");
        check(refused(b"0", None), "the password is wrong");
        check(refused(b"", None), "neither PEM nor PKCS#12");
        check(refused(key_pem.as_bytes(), None), "no certificate");
        check(refused(own.certificate.pem().as_bytes(), None), "no private key");
        let strangers = format!("{key_pem}{}", other.certificate.pem());
        check(refused(strangers.as_bytes(), None), "none of the file's certificates");
        let elliptic = pair(&PKCS_ECDSA_P256_SHA256);
        let text = format!("{}{}", elliptic.key.serialize_pem(), elliptic.certificate.pem());
        check(refused(text.as_bytes(), None), "not an RSA key");
    }

    #[test]
    fn the_statement_is_signed_and_says_who_asks_for_five_minutes() {
        let own = pair(&PKCS_RSA_SHA256);
        let text = format!("{}{}", own.key.serialize_pem(), own.certificate.pem());
        let certificate = ClientCertificate::parse(text.as_bytes(), None).unwrap();
        assert!(!format!("{certificate:?}").contains("key"), "{certificate:?}");
        let audience = "https://login.microsoftonline.com/t/oauth2/v2.0/token".to_owned();
        let assertion = CertificateAssertion {
            certificate,
            client_id: "app".into(),
            audience: audience.clone(),
        };
        let jwt = assertion.at(datetime!(2026-01-05 06:00 UTC), "unique").unwrap();

        let parts: Vec<Vec<u8>> =
            jwt.split('.').map(|part| base64::decode_url_safe(part).unwrap()).collect();
        let header: Value = serde_json::from_slice(&parts[0]).unwrap();
        let thumbprint = base64::encode_url_safe(Sha256::digest(own.certificate.der()));
        assert_eq!(header, json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint}));
        let claims: Value = serde_json::from_slice(&parts[1]).unwrap();
        let begin = 1_767_592_800;
        assert_eq!(
            claims,
            json!({"aud": audience, "iss": "app", "sub": "app", "jti": "unique", "nbf": begin, "exp": begin + 300})
        );

        let (said, _) = jwt.rsplit_once('.').unwrap();
        let verifier = rustls::crypto::aws_lc_rs::default_provider()
            .signature_verification_algorithms
            .mapping
            .iter()
            .find(|(scheme, _)| *scheme == SignatureScheme::RSA_PSS_SHA256)
            .unwrap()
            .1[0];
        let public_key = own.key.public_key_raw();
        verifier.verify_signature(public_key, said.as_bytes(), &parts[2]).unwrap();
    }
}

//! Certificates made at start: an authority of its own, and one for the server.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::options::SimError;

/// Which certificate the server shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateKind {
    /// One in order, issued by the simulation's own authority.
    Valid,
    /// One that ended in 2020, issued by the same authority.
    Expired,
}

pub(crate) struct Certificates {
    /// The authority's certificate in PEM, for clients to trust.
    pub ca_pem: String,
    pub server: Arc<rustls::ServerConfig>,
}

pub(crate) fn make(kind: CertificateKind, host_names: &[String]) -> Result<Certificates, SimError> {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "Postern simulated Azure");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Fixed dates, since there is no clock here; wide enough for any real or simulated day.
    authority.not_before = date_time_ymd(2015, 1, 1);
    authority.not_after = date_time_ymd(2049, 12, 31);
    let authority_key = KeyPair::generate().map_err(SimError::Certificate)?;
    let authority =
        CertifiedIssuer::self_signed(authority, authority_key).map_err(SimError::Certificate)?;

    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    names.extend(host_names.iter().cloned());
    let mut leaf = CertificateParams::new(names).map_err(SimError::Certificate)?;
    leaf.distinguished_name.push(DnType::CommonName, "simulated Azure");
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.use_authority_key_identifier_extension = true;
    leaf.not_before = date_time_ymd(2019, 1, 1);
    leaf.not_after = match kind {
        CertificateKind::Valid => date_time_ymd(2049, 12, 30),
        CertificateKind::Expired => date_time_ymd(2020, 1, 1),
    };
    let leaf_key = KeyPair::generate().map_err(SimError::Certificate)?;
    let leaf = leaf.signed_by(&leaf_key, &authority).map_err(SimError::Certificate)?;

    let chain: Vec<CertificateDer<'static>> = vec![leaf.der().clone()];
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(SimError::Tls)?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Certificates { ca_pem: authority.as_ref().pem(), server: Arc::new(server) })
}

//! Manifests: what is proven of a set of files, and what was done to one that is not as it was signed.

use std::collections::BTreeMap;

use postern_domain::digest::Digest;
use postern_report::manifest::{
    Manifest, ManifestFile, PublicKey, Said, SignedManifest, SigningKey, Subject, Verification,
    verify,
};
use proptest::prelude::*;

use crate::sample;

const NAMES: [&str; 3] = ["findings.csv", "findings.json", "findings.pdf"];

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn files() -> BTreeMap<String, Vec<u8>> {
    NAMES.iter().map(|name| ((*name).to_owned(), format!("all of {name}").into_bytes())).collect()
}

fn signed() -> SignedManifest {
    let list = files()
        .into_iter()
        .rev()
        .map(|(name, bytes)| ManifestFile {
            name,
            bytes: bytes.len() as u64,
            sha256: Digest::of(&bytes),
        })
        .collect();
    let subject = Subject::of(&sample::sample(3, 2).head);
    Manifest::new(subject, Digest::of(b"all of findings.csv"), list).sign(&key(1))
}

fn check(signed: &SignedManifest, files: &BTreeMap<String, Vec<u8>>, known: &[u8]) -> Verification {
    let known: Vec<PublicKey> = known.iter().map(|seed| key(*seed).public()).collect();
    let digests = files.iter().map(|(name, bytes)| (name.clone(), Digest::of(bytes))).collect();
    verify(signed, &known, &digests)
}

/// What is wrong, in words.
fn wrong(verification: &Verification) -> Vec<&str> {
    let said = verification.said.iter().filter_map(|said| match said {
        Said::Wrong(text) => Some(text.as_str()),
        Said::Proven(_) | Said::Open(_) => None,
    });
    said.collect()
}

#[test]
fn what_is_as_it_was_signed_is_proven_and_the_same_is_signed_the_same() {
    let signed = signed();
    let verification = check(&signed, &files(), &[1]);
    assert!(verification.is_genuine(), "{verification:?}");
    assert_eq!(signed.text(), self::signed().text());
    assert_eq!(SignedManifest::read(signed.text().as_bytes()).unwrap(), signed);
    // The first vector of RFC 8032, section 7.1, whose key is of this seed.
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let key: SigningKey = format!("postern-signing-key-1:{seed}").parse().unwrap();
    let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    assert_eq!(key.public().to_string(), format!("postern-public-key-1:{public}"));
    assert!(!format!("{key:?}").contains("9d61b1"), "a secret is not printed");
}

#[test]
fn a_key_that_nobody_named_proves_nothing_and_another_one_is_wrong() {
    let unknown = check(&signed(), &files(), &[]);
    assert!(!unknown.is_genuine() && !unknown.is_wrong(), "{unknown:?}");
    let others = check(&signed(), &files(), &[2, 3]);
    assert!(wrong(&others)[0].ends_with("which is none that you named."), "{others:?}");
    // Whoever changes the manifest and signs it anew has another key.
    let mut forged = signed().manifest;
    forged.subject.connection = "Another".to_owned();
    let forged = check(&forged.sign(&key(2)), &files(), &[1]);
    assert_eq!(wrong(&forged).len(), 1, "{forged:?}");
}

#[test]
fn what_was_left_out_swapped_or_put_in_is_named() {
    let mut some = files();
    some.remove("findings.json");
    let found = check(&signed(), &some, &[1]);
    assert_eq!(wrong(&found), ["findings.json is missing: the manifest names it."]);

    let mut swapped = files();
    let csv = swapped["findings.csv"].clone();
    let pdf = swapped.insert("findings.pdf".to_owned(), csv).unwrap();
    swapped.insert("findings.csv".to_owned(), pdf);
    assert_eq!(
        wrong(&check(&signed(), &swapped, &[1])),
        [
            "findings.csv has the content of findings.pdf: they were swapped.",
            "findings.pdf has the content of findings.csv: they were swapped.",
        ]
    );

    let mut more = files();
    more.insert("notes.txt".to_owned(), b"by hand".to_vec());
    let found = check(&signed(), &more, &[1]);
    assert!(!found.is_genuine() && !found.is_wrong(), "{found:?}");
}

#[test]
fn a_manifest_of_another_form_proves_nothing() {
    let text = signed().text();
    for (from, to) in [
        ("postern-manifest/1", "postern-manifest/2"),
        ("\"evidence\"", "\"evidences\""),
        ("postern-public-key-1:", "postern-public-key-1:FF"),
    ] {
        assert!(SignedManifest::read(text.replacen(from, to, 1).as_bytes()).is_err(), "{to}");
    }
}

proptest! {
    #[test]
    fn any_byte_of_any_file_is_missed(
        name in prop::sample::select(&NAMES[..]),
        place in any::<prop::sample::Index>(),
        change in 1..=u8::MAX,
    ) {
        let mut files = files();
        let bytes = files.get_mut(name).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= change;
        let found = check(&signed(), &files, &[1]);
        let wrong = wrong(&found);
        prop_assert_eq!(wrong.len(), 1);
        prop_assert!(wrong[0].starts_with(&format!("{name} was changed")), "{:?}", wrong);
    }

    #[test]
    fn any_byte_of_the_manifest_is_missed(place in any::<prop::sample::Index>(), change in 1..=u8::MAX) {
        let mut text = signed().text().into_bytes();
        let place = place.index(text.len());
        text[place] ^= change;
        // It is no manifest any more, or says the same by other white space, or is found out.
        if let Ok(read) = SignedManifest::read(&text) {
            let found = check(&read, &files(), &[1]);
            prop_assert!(read == signed() || found.is_wrong(), "{:?}", found);
        }
    }
}

//! What is believed of a provider, and what is not: a provider of our own that lies when it is told to.

use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::{Json, Router};
use chrono::DateTime;
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreHmacKey, CoreJsonWebKeySet};
use openidconnect::{
    Audience, EndUserName, IdToken, IdTokenClaims, JsonWebKeyId, LocalizedClaim,
    PrivateSigningKey as _, StandardClaims, SubjectIdentifier,
};
use postern_frontend::Routes;
use rcgen::{KeyPair, PKCS_ED25519};
use serde::Deserialize;
use serde_json::{Value, json};
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-03-02 06:00 UTC);
const CLIENT: &str = "postern";
const SECRET: &str = "a client secret";

type Token = IdToken<
    OtherClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// How the provider lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    None,
    /// The header says that nothing is signed.
    Unsigned,
    /// Signed with what both sides know, which a stolen client secret would do.
    SharedSecret,
    /// Signed with a key that the provider does not have.
    AnothersKey,
    /// Signed rightly, and changed afterwards.
    Changed,
    Audience,
    Issuer,
    Expired,
    FromTheFuture,
    Nonce,
    NoNonce,
    NoToken,
    Error,
}

struct Liar {
    issuer: String,
    lie: Lie,
    /// What it signs with, and the keys that it shows.
    key: String,
    shown: String,
    /// The nonce and the challenge of the one sign-in that there is.
    nonce: String,
    challenge: String,
    keys_asked: u32,
}

type Shared = Arc<Mutex<Liar>>;

fn new_key() -> String {
    KeyPair::generate_for(&PKCS_ED25519).unwrap().serialize_pem()
}

fn signing(pem: &str) -> CoreEdDsaPrivateSigningKey {
    let id = JsonWebKeyId::new("the-key".to_owned());
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(pem, Some(id)).unwrap()
}

async fn metadata(State(liar): State<Shared>) -> Json<Value> {
    let issuer = liar.lock().unwrap().issuer.clone();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "end_session_endpoint": format!("{issuer}/leave"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // It offers what must not be taken.
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
    }))
}

async fn keys(State(liar): State<Shared>) -> Json<Value> {
    let mut liar = liar.lock().unwrap();
    liar.keys_asked += 1;
    let set = CoreJsonWebKeySet::new(vec![signing(&liar.shown).as_verification_key()]);
    Json(serde_json::to_value(set).unwrap())
}

#[derive(Deserialize)]
struct Exchange {
    code_verifier: String,
}

async fn token(State(liar): State<Shared>, Form(form): Form<Exchange>) -> Json<Value> {
    let liar = liar.lock().unwrap();
    let verifier = PkceCodeVerifier::new(form.code_verifier);
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    assert_eq!(challenge.as_str(), liar.challenge, "the code is whose it was made for");
    let mut answer = json!({"access_token": "a", "token_type": "Bearer"});
    match liar.lie {
        Lie::NoToken => {}
        Lie::Error => return Json(json!({"error": "invalid_grant"})),
        _ => answer["id_token"] = json!(id_token(&liar)),
    }
    Json(answer)
}

fn id_token(liar: &Liar) -> String {
    let lies = |lie| liar.lie == lie;
    let at = |moment: OffsetDateTime| DateTime::from_timestamp(moment.unix_timestamp(), 0).unwrap();
    let minute = Duration::minutes(1);
    let issuer = if lies(Lie::Issuer) { "https://evil.example" } else { &liar.issuer };
    let audience = if lies(Lie::Audience) { "another client" } else { CLIENT };
    let expires = if lies(Lie::Expired) { NOW - minute } else { NOW + minute };
    let begins = if lies(Lie::Expired) { NOW - minute * 2 } else { NOW };
    let mut name = LocalizedClaim::new();
    name.insert(None, EndUserName::new("Nora Klein".to_owned()));
    let standard =
        StandardClaims::new(SubjectIdentifier::new("nora".to_owned())).set_name(Some(name));
    let other: OtherClaims = serde_json::from_value(json!({"groups": ["nlp"]})).unwrap();
    let nonce = match liar.lie {
        Lie::NoNonce => None,
        Lie::Nonce => Some(Nonce::new("another".to_owned())),
        _ => Some(Nonce::new(liar.nonce.clone())),
    };
    let claims = IdTokenClaims::new(
        IssuerUrl::new(issuer.to_owned()).unwrap(),
        vec![Audience::new(audience.to_owned())],
        at(expires),
        at(begins),
        standard,
        other,
    )
    .set_nonce(nonce);
    let signed = if lies(Lie::SharedSecret) {
        let key = CoreHmacKey::new(SECRET);
        Token::new(claims, &key, CoreJwsSigningAlgorithm::HmacSha256, None, None)
    } else {
        let key = if lies(Lie::AnothersKey) { new_key() } else { liar.key.clone() };
        Token::new(claims, &signing(&key), CoreJwsSigningAlgorithm::EdDsa, None, None)
    };
    let text = signed.unwrap().to_string();
    let parts: Vec<&str> = text.split('.').collect();
    match liar.lie {
        // {"alg":"none"}
        Lie::Unsigned => format!("eyJhbGciOiJub25lIn0.{}.", parts[1]),
        Lie::Changed => {
            let middle = parts[1].len() / 2;
            let other = if &parts[1][middle..=middle] == "A" { "B" } else { "A" };
            let (before, after) = (&parts[1][..middle], &parts[1][middle + 1..]);
            format!("{}.{before}{other}{after}.{}", parts[0], parts[2])
        }
        _ => text,
    }
}

struct World {
    liar: Shared,
    provider: Provider,
}

impl World {
    /// The clock of Postern may be off.
    async fn new(lie: Lie) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = new_key();
        let liar = Arc::new(Mutex::new(Liar {
            issuer: issuer.clone(),
            lie,
            shown: key.clone(),
            key,
            nonce: String::new(),
            challenge: String::new(),
            keys_asked: 0,
        }));
        let (router, _): (Router, _) = Routes::new()
            .get("/.well-known/openid-configuration", metadata)
            .get("/keys", keys)
            .post("/token", token)
            .with_state(Arc::clone(&liar));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let settings = serde_json::from_value(json!({
            "public_url": "https://postern.example",
            "provider": {
                "issuer": issuer, "client_id": CLIENT, "client_secret": {"environment": "SECRET"},
            },
            "grants": [{"claim": "groups", "value": "nlp", "role": "contributor", "team": "nlp"}],
        }));
        let variables = Variables::new(|name| (name == "SECRET").then(|| SECRET.to_owned()));
        let clock = match lie {
            Lie::FromTheFuture => Clock::fixed(NOW + Duration::hours(2)),
            _ => Clock::fixed(NOW),
        };
        let provider = Provider::new(settings.unwrap(), &variables, &clock).unwrap();
        Self { liar, provider }
    }

    /// Leaves for the provider, and comes back with a code.
    async fn sign_in(&self) -> Result<Vouched, ProviderError> {
        let departure = self.provider.depart("/findings".to_owned()).await.unwrap();
        let asked = |name: &str| -> String {
            let mut pairs = departure.url.query_pairs();
            let found = pairs.find(|(key, _)| key == name);
            found.map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        assert_eq!(asked("state"), departure.state);
        assert_eq!(asked("code_challenge_method"), "S256");
        assert_eq!(asked("redirect_uri"), "https://postern.example/sign-in/callback");
        assert_eq!(asked("scope"), "openid profile email");
        {
            let mut liar = self.liar.lock().unwrap();
            liar.nonce = asked("nonce");
            liar.challenge = asked("code_challenge");
        }
        self.provider.arrive("a code".to_owned(), &departure.sign_in).await
    }
}

#[tokio::test]
async fn who_the_provider_vouches_for_is_taken_in() {
    let world = World::new(Lie::None).await;
    let vouched = world.sign_in().await.unwrap();
    assert_eq!(vouched.identity.name, "Nora Klein");
    assert_eq!(vouched.identity.subject, "nora");
    let grants = world.provider.rules().grants(&vouched.claims);
    assert_eq!(grants.iter().map(ToString::to_string).collect::<Vec<_>>(), ["contributor of nlp"]);
    let leave = world.provider.sign_out_url().await.unwrap();
    assert!(leave.as_str().ends_with("/leave?client_id=postern"), "{leave}");
}

#[tokio::test]
async fn what_cannot_be_verified_is_not_believed() {
    for lie in [
        Lie::Unsigned,
        Lie::SharedSecret,
        Lie::AnothersKey,
        Lie::Changed,
        Lie::Audience,
        Lie::Issuer,
        Lie::Expired,
        Lie::FromTheFuture,
        Lie::Nonce,
        Lie::NoNonce,
    ] {
        let refused = World::new(lie).await.sign_in().await;
        // A change may also leave what is no token at all.
        let is_refused =
            matches!(refused, Err(ProviderError::Unbelievable(_) | ProviderError::Unreachable(_)));
        assert!(is_refused, "{lie:?}: {refused:?}");
        if lie != Lie::Changed {
            assert!(matches!(refused, Err(ProviderError::Unbelievable(_))), "{lie:?}: {refused:?}");
        }
    }
    let none = World::new(Lie::NoToken).await.sign_in().await;
    assert!(matches!(none, Err(ProviderError::NoIdToken)), "{none:?}");
    let refused = World::new(Lie::Error).await.sign_in().await;
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_asked_for_and_a_forged_one_not_again_and_again() {
    let world = World::new(Lie::None).await;
    world.sign_in().await.unwrap();
    // Within half a minute nobody can make Postern ask.
    let key = new_key();
    {
        let mut liar = world.liar.lock().unwrap();
        liar.key.clone_from(&key);
        liar.shown.clone_from(&key);
    }
    assert!(world.sign_in().await.is_err());
    assert_eq!(world.liar.lock().unwrap().keys_asked, 1);
    let clock = Clock::fixed(NOW + KEYS_ASKED_EVERY);
    let provider = Provider { clock, ..world.provider };
    let world = World { provider, liar: world.liar };
    world.sign_in().await.unwrap();
    assert_eq!(world.liar.lock().unwrap().keys_asked, 2);
    world.sign_in().await.unwrap();
    assert_eq!(world.liar.lock().unwrap().keys_asked, 2, "the new key is kept");
}

#[tokio::test]
async fn a_provider_that_is_away_for_a_moment_keeps_nobody_out_who_comes_back() {
    let world = World::new(Lie::None).await;
    world.sign_in().await.unwrap();
    let mut settings = world.provider.settings.clone();
    settings.provider.issuer = "http://127.0.0.1:1".parse().unwrap();
    let later = |provider: Provider, time| Provider { clock: Clock::fixed(NOW + time), ..provider };
    let provider = later(Provider { settings, ..world.provider }, METADATA_KEPT);
    assert!(provider.depart("/".to_owned()).await.is_ok());
    let provider = later(provider, METADATA_OUTLIVES);
    let refused = provider.depart("/".to_owned()).await.err().unwrap();
    assert!(matches!(refused, ProviderError::Unreachable(_)), "{refused:?}");
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_said() {
    let world = World::new(Lie::None).await;
    let mut settings = world.provider.settings.clone();
    settings.provider.issuer = "http://127.0.0.1:1".parse().unwrap();
    let clock = Clock::fixed(NOW);
    let nothing = Variables::new(|_| None);
    settings.provider.client_secret = None;
    let provider = Provider::new(settings, &nothing, &clock).unwrap();
    let refused = provider.depart("/".to_owned()).await.err().unwrap();
    assert!(matches!(refused, ProviderError::Unreachable(_)), "{refused:?}");
}

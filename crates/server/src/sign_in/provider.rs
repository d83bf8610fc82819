//! The OpenID provider: the way there, and what is believed of what comes back.
//!
//! Authorization code with PKCE (RFC 7636, S256); OpenID Connect Core 1.0 for the ID token.

use anyhow::Context as _;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields,
    IssuerUrl, LogoutRequest, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadataWithLogout, RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse,
    TokenResponse as _,
};
use postern_domain::clock::Clock;
use postern_domain::person::GrantRules;
use postern_service::session::{Identity, SessionLimits, SignIn, Vouched};
use time::{Duration, OffsetDateTime};
use tokio::sync::RwLock;
use url::Url;

use super::claims::OtherClaims;
use super::client::Client;
use super::new_secret;
use super::settings::SignInSettings;
use crate::Variables;

type Tokens = StandardTokenResponse<
    IdTokenFields<
        OtherClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type OpenIdClient = openidconnect::Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Only what needs the provider's own key: `none` and those made with a shared secret are not among them.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// How long metadata and keys are believed without asking again.
const METADATA_KEPT: Duration = Duration::hours(1);
/// How long they are believed where the provider does not answer.
const METADATA_OUTLIVES: Duration = Duration::hours(24);
/// How often a token of an unknown key makes Postern ask for keys anew: whoever forges tokens must not make it ask always.
const KEYS_ASKED_EVERY: Duration = Duration::seconds(30);

/// Where the provider sends people back to.
pub(crate) const CALLBACK: &str = "/sign-in/callback";

/// The OpenID provider.
pub(crate) struct Provider {
    settings: SignInSettings,
    secret: Option<String>,
    client: Client,
    clock: Clock,
    metadata: RwLock<Option<(OffsetDateTime, ProviderMetadataWithLogout)>>,
}

/// Somebody could not sign in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    #[error("the identity provider does not answer")]
    Unreachable(#[source] anyhow::Error),
    // What others wrote cannot begin a line of the log.
    #[error("the identity provider refused: {0:?}")]
    Refused(String),
    #[error("what the identity provider said cannot be believed")]
    Unbelievable(#[source] ClaimsVerificationError),
    #[error("the identity provider sent no ID token")]
    NoIdToken,
    #[error(transparent)]
    Ours(#[from] anyhow::Error),
}

/// The way to the provider, and what to remember until somebody is back.
pub(crate) struct Departure {
    pub url: Url,
    pub state: String,
    pub sign_in: SignIn,
}

impl Provider {
    pub(crate) fn new(
        settings: SignInSettings,
        variables: &Variables,
        clock: &Clock,
    ) -> anyhow::Result<Self> {
        let secret = settings
            .provider
            .client_secret
            .as_ref()
            .map(|reference| reference.resolve("the client secret for signing in", variables))
            .transpose()?
            .map(|secret| secret.expose().to_owned());
        let client = Client::new()?;
        Ok(Self { settings, secret, client, clock: clock.clone(), metadata: RwLock::new(None) })
    }

    pub(super) fn rules(&self) -> &GrantRules {
        &self.settings.grants
    }

    pub(super) fn limits(&self) -> SessionLimits {
        self.settings.limits()
    }

    pub(super) fn name(&self) -> &str {
        &self.settings.provider.name
    }

    pub(super) fn public_url(&self) -> &Url {
        &self.settings.public_url
    }

    pub(super) fn proxies(&self) -> usize {
        self.settings.proxies.unwrap_or_default().into()
    }

    /// Begins a sign-in that ends at `return_to`.
    pub(crate) async fn depart(&self, return_to: String) -> Result<Departure, ProviderError> {
        let client = self.open_id_client(Freshness::AnHour).await?;
        let (state, nonce) = (new_secret()?, new_secret()?);
        let verifier = PkceCodeVerifier::new(new_secret()?);
        let sign_in =
            SignIn { nonce: nonce.clone(), code_verifier: verifier.secret().clone(), return_to };
        let (given_state, given_nonce) = (CsrfToken::new(state.clone()), Nonce::new(nonce));
        let scopes = self.settings.provider.scopes.iter().cloned().map(Scope::new);
        let (url, ..) = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                || given_state,
                || given_nonce,
            )
            .add_scopes(scopes)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(Departure { url, state, sign_in })
    }

    /// Takes the code that somebody came back with for who they are.
    pub(crate) async fn arrive(
        &self,
        code: String,
        sign_in: &SignIn,
    ) -> Result<Vouched, ProviderError> {
        let client = self.open_id_client(Freshness::AnHour).await?;
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .context("the provider names no token endpoint")?
            .set_pkce_verifier(PkceCodeVerifier::new(sign_in.code_verifier.clone()));
        let tokens = request.request_async(&self.client).await.map_err(|error| match error {
            openidconnect::RequestTokenError::ServerResponse(answer) => {
                ProviderError::Refused(answer.to_string())
            }
            error => ProviderError::Unreachable(error.into()),
        })?;
        let token = tokens.id_token().ok_or(ProviderError::NoIdToken)?;
        let nonce = Nonce::new(sign_in.nonce.clone());
        let claims = match token.claims(&self.verifier(&client), &nonce) {
            // The provider may sign with a new key since it was asked.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let client = self.open_id_client(Freshness::Seconds).await?;
                token.claims(&self.verifier(&client), &nonce).cloned()
            }
            verified => verified.cloned(),
        }
        .map_err(ProviderError::Unbelievable)?;
        if claims.additional_claims().leaves_groups_out() {
            tracing::warn!(
                "the identity provider left groups out because there are too many; \
                 use app roles, or groups assigned to the application"
            );
        }
        let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        let email = text(claims.email().map(|email| email.to_string()));
        let subject = claims.subject().to_string();
        let known_as = claims.preferred_username().map(|name| name.to_string());
        Ok(Vouched {
            identity: Identity {
                issuer: claims.issuer().to_string(),
                name: text(name)
                    .or_else(|| text(known_as))
                    .or_else(|| email.clone())
                    .unwrap_or_else(|| subject.clone()),
                subject,
                email,
            },
            claims: claims.additional_claims().texts(),
        })
    }

    /// Where somebody signs out at the provider; `None` where it is not known to have such a place.
    ///
    /// The provider knows by its own cookie who it is: no token stands in the address.
    pub(crate) async fn sign_out_url(&self) -> Option<Url> {
        // Not asked for anew: who signs out does not wait for a provider that may not be there.
        let held = self.metadata.read().await;
        let (_, metadata) = held.as_ref()?;
        let endpoint = metadata.additional_metadata().end_session_endpoint.clone()?;
        let client = ClientId::new(self.settings.provider.client_id.clone());
        Some(LogoutRequest::from(endpoint).set_client_id(client).http_get_url())
    }

    fn verifier<'a>(
        &self,
        client: &'a OpenIdClient,
    ) -> openidconnect::IdTokenVerifier<'a, CoreJsonWebKey> {
        let clock = self.clock.clone();
        client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || {
            let seconds = clock.now().unix_timestamp();
            chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default()
        })
    }

    async fn open_id_client(&self, freshness: Freshness) -> Result<OpenIdClient, ProviderError> {
        let metadata = self.metadata(freshness).await?;
        let callback = self.settings.public_url.join(CALLBACK).context("public_url")?;
        let client = openidconnect::Client::from_provider_metadata(
            metadata,
            ClientId::new(self.settings.provider.client_id.clone()),
            self.secret.clone().map(ClientSecret::new),
        );
        Ok(client.set_redirect_uri(RedirectUrl::from_url(callback)))
    }

    /// The provider's metadata and keys, asked for at most as often as `freshness` says.
    async fn metadata(
        &self,
        freshness: Freshness,
    ) -> Result<ProviderMetadataWithLogout, ProviderError> {
        let kept = match freshness {
            Freshness::AnHour => METADATA_KEPT,
            Freshness::Seconds => KEYS_ASKED_EVERY,
        };
        let now = self.clock.now();
        let is_fresh = |asked: OffsetDateTime| now - asked < kept;
        if let Some((asked, metadata)) = &*self.metadata.read().await
            && is_fresh(*asked)
        {
            return Ok(metadata.clone());
        }
        let mut held = self.metadata.write().await;
        if let Some((asked, metadata)) = &*held
            && is_fresh(*asked)
        {
            return Ok(metadata.clone());
        }
        // Discovery compares what the provider says of itself with this, to the letter.
        let issuer = self.settings.provider.issuer.as_str();
        let issuer = if self.settings.provider.issuer.path() == "/" {
            issuer.trim_end_matches('/')
        } else {
            issuer
        };
        let issuer = IssuerUrl::new(issuer.to_owned()).context("the issuer's address")?;
        let discovered = ProviderMetadataWithLogout::discover_async(issuer, &self.client).await;
        match (discovered, &*held) {
            (Ok(metadata), _) => {
                *held = Some((now, metadata.clone()));
                Ok(metadata)
            }
            // A provider that is not there for a moment still has the keys that it had.
            (Err(error), Some((asked, metadata))) if now - *asked < METADATA_OUTLIVES => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the identity provider does not say anew what it is"
                );
                Ok(metadata.clone())
            }
            (Err(error), _) => Err(ProviderError::Unreachable(error.into())),
        }
    }
}

/// How old the provider's keys may be.
#[derive(Clone, Copy)]
enum Freshness {
    AnHour,
    Seconds,
}

#[cfg(test)]
mod tests;

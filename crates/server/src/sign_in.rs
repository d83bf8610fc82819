//! How people sign in: at an OpenID provider, as somebody of the demo, or not at all on a machine of one's own.

mod claims;
mod client;
mod demo;
mod provider;
mod secret;
mod settings;

use std::sync::Arc;

use postern_domain::person::{Actor, GrantRules};
use postern_frontend::SignInWay;
use postern_service::Postern;
use postern_service::access::AccessError;
use postern_service::session::{SessionLimits, find_session};
use postern_service::token::find_token;
use time::Duration;

pub(crate) use demo::{DemoPeople, person as demo_person};
pub(crate) use provider::{Provider, ProviderError};
pub(crate) use secret::{is_secret, new_secret};
pub(crate) use settings::{SignInSettings, is_safe};

/// What proves who somebody is.
#[derive(Clone)]
pub(crate) enum Proof {
    /// The session of a browser.
    Session(String),
    /// The token of a program.
    Token(String),
}

/// How people sign in.
#[derive(Clone)]
pub(crate) enum SignIn {
    /// Nobody does: whoever reaches the address, which is loopback, is the operator.
    SingleUser,
    /// As one of the demo's people, on loopback.
    Demo(Arc<DemoPeople>),
    /// At a provider.
    Provider(Arc<Provider>),
}

/// Longer than 20 hours, so that nobody needs a warning before their time is over (WCAG 2.2.1, "20 hour exception").
const IDLE: Duration = Duration::hours(21);
/// A day at most, so that somebody who left is out the next day.
const LONGEST: Duration = Duration::hours(24);

/// How long sessions hold where the settings do not say.
pub(crate) const LIMITS: SessionLimits = SessionLimits { idle: IDLE, longest: LONGEST };

impl SignIn {
    /// Whoever shows `proof`; `None` where that is nobody.
    pub(crate) async fn actor(
        &self,
        postern: &Postern,
        proof: Option<&Proof>,
    ) -> Result<Option<Actor>, AccessError> {
        let Some((rules, limits)) = self.sessions() else {
            return Ok(Some(Actor::Operator { name: "single user".to_owned() }));
        };
        Ok(match proof {
            None => None,
            Some(Proof::Session(token)) => find_session(postern, token, rules, limits).await?,
            Some(Proof::Token(token)) => find_token(postern, token).await?,
        })
    }

    /// How roles follow from claims, and how long sessions hold; `None` where there are none.
    pub(crate) fn sessions(&self) -> Option<(&GrantRules, SessionLimits)> {
        match self {
            Self::SingleUser => None,
            Self::Demo(people) => Some((people.rules(), LIMITS)),
            Self::Provider(provider) => Some((provider.rules(), provider.limits())),
        }
    }

    /// What the page for signing in offers; `None` where there is nothing to sign in to.
    pub(crate) fn way(&self) -> Option<SignInWay> {
        match self {
            Self::SingleUser => None,
            Self::Demo(people) => Some(people.way()),
            Self::Provider(provider) => Some(SignInWay::Provider(provider.name().to_owned())),
        }
    }

    /// The address that people reach the pages at, where it is not this machine's own.
    pub(crate) fn public_url(&self) -> Option<&url::Url> {
        match self {
            Self::Provider(provider) => Some(provider.public_url()),
            Self::SingleUser | Self::Demo(_) => None,
        }
    }

    /// How many proxies in front each name the address that they were reached from.
    pub(crate) fn proxies(&self) -> usize {
        match self {
            Self::Provider(provider) => provider.proxies(),
            Self::SingleUser | Self::Demo(_) => 0,
        }
    }
}

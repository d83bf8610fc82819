//! Tokens with which programs ask: shown once, limited in rights and time, and revoked at once.

use postern_domain::digest::Digest;
use postern_domain::id::TokenId;
use postern_domain::person::{Actor, Denied, Grant, Permission};
use postern_domain::text::is_unseen;
use postern_store::{StoreError, person, token};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::Postern;
use crate::access::AccessError;
use crate::decision::{Decided, begin, record};
use crate::session::{Identity, TOUCHED_EVERY};

pub use postern_store::token::TokenRecord;

/// How a token begins, so that whoever finds one in the wrong place knows what it is; scanners for secrets too.
pub const PREFIX: &str = "postern_";

/// What a program sends to say who it is.
pub fn token_text(secret: &str) -> String {
    format!("{PREFIX}{secret}")
}

/// What vouches for programs.
const ISSUER: &str = "postern tokens";

/// A token holds for a year at most: who forgot it is asked again.
pub const MOST_DAYS: u16 = 366;

/// How long those that ended are listed.
const LISTED: Duration = Duration::days(90);

/// A token was not made or revoked.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Nobody could tell it from others.
    #[error("a token needs a name of 1 to 100 characters, such as nightly-report")]
    Name,
    /// It would never end, or has ended already.
    #[error("a token holds for 1 to {MOST_DAYS} days")]
    Days,
    /// The role cannot be given so.
    #[error("{0}")]
    Grant(String),
    /// It could do nothing.
    #[error("a token needs a role")]
    NoRole,
    /// The same form was sent before.
    #[error(
        "this form was sent before, and made the token {0}; what it holds was shown then and is kept nowhere"
    )]
    MadeAlready(TokenId),
    /// There is none, or it was revoked.
    #[error("there is no token {0} that could be revoked")]
    NotThere(TokenId),
    /// Whoever asked may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A token that shall be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What people call it, and what is written down of what the program does.
    pub name: String,
    /// Its roles.
    pub grants: Vec<Grant>,
    /// For how many days it holds.
    pub days: u16,
}

/// Makes a token of `secret`, which nobody guesses; what the program sends is [`token_text`].
pub async fn create_token(
    postern: &Postern,
    secret: &str,
    new: NewToken,
) -> Result<TokenId, TokenError> {
    let digest = Digest::of(token_text(secret).as_bytes());
    create(postern, (digest, digest), new).await
}

/// The same for a form with a key of its own: sent again, it makes no other token.
pub async fn create_token_once(
    postern: &Postern,
    secret: &str,
    key: &str,
    new: NewToken,
) -> Result<TokenId, TokenError> {
    let digest = Digest::of(token_text(secret).as_bytes());
    create(postern, (digest, Digest::of(format!("form {key}").as_bytes())), new).await
}

/// `subject` is what tells the program from others that have a token.
async fn create(
    postern: &Postern,
    (digest, subject): (Digest, Digest),
    new: NewToken,
) -> Result<TokenId, TokenError> {
    postern.require(Permission::Administer)?;
    let name = new.name.trim();
    if !(1..=100).contains(&name.chars().count()) || name.chars().any(is_unseen) {
        return Err(TokenError::Name);
    }
    if !(1..=MOST_DAYS).contains(&new.days) {
        return Err(TokenError::Days);
    }
    if new.grants.is_empty() {
        return Err(TokenError::NoRole);
    }
    if let Some(complaint) = new.grants.iter().find_map(Grant::complaint) {
        return Err(TokenError::Grant(complaint));
    }
    let now = postern.clock.now();
    let mut transaction = begin(postern).await?;
    let identity = Identity {
        issuer: ISSUER.to_owned(),
        // Each token is somebody of its own.
        subject: subject.to_string(),
        name: name.to_owned(),
        email: None,
    };
    let person = person::ensure(&mut transaction, &identity, now).await?;
    if let Some(made) = token::of_person(&mut transaction, person).await? {
        return Err(TokenError::MadeAlready(made));
    }
    let ends_at = now + Duration::days(new.days.into());
    let row = token::NewToken {
        person,
        name,
        token: digest,
        grants: &new.grants,
        created_at: now,
        ends_at,
    };
    let id = token::insert(&mut transaction, &row).await?;
    let decided = Decided {
        action: "token.create",
        subject: Some(id.to_string()),
        after: Some(json!({
            "name": name, "person": person, "grants": new.grants, "days": new.days,
        })),
        ..Decided::default()
    };
    record(postern, &mut transaction, decided).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(id)
}

/// The program that holds this token; `None` where there is no such token, or it ended.
pub async fn find_token(postern: &Postern, text: &str) -> Result<Option<Actor>, StoreError> {
    if !text.starts_with(PREFIX) {
        return Ok(None);
    }
    let now = postern.clock.now();
    let mut session = postern.pool.acquire().await?;
    let Some(found) = token::find(&mut session, Digest::of(text.as_bytes())).await? else {
        return Ok(None);
    };
    if found.revoked_at.is_some() || now >= found.ends_at {
        return Ok(None);
    }
    if found.last_used_at.is_none_or(|used| used + TOUCHED_EVERY <= now) {
        token::touch(&mut session, found.id, now).await?;
    }
    Ok(Some(Actor::Person {
        id: found.person,
        name: format!("{} (token {})", found.name, found.id),
        grants: found.grants,
        address: None,
    }))
}

/// The tokens that hold, and those that ended lately; the youngest first.
pub async fn list_tokens(postern: &Postern) -> Result<Vec<TokenRecord>, AccessError> {
    postern.require(Permission::Administer)?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    Ok(token::list(&mut session, postern.clock.now() - LISTED).await?)
}

/// Revokes a token: its next request is refused.
pub async fn revoke_token(postern: &Postern, id: TokenId) -> Result<String, TokenError> {
    postern.require(Permission::Administer)?;
    let mut transaction = begin(postern).await?;
    let name = token::revoke(&mut transaction, id, postern.clock.now()).await?;
    let name = name.ok_or(TokenError::NotThere(id))?;
    let decided = Decided {
        action: "token.revoke",
        subject: Some(id.to_string()),
        before: Some(json!({"name": name})),
        ..Decided::default()
    };
    record(postern, &mut transaction, decided).await?;
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(name)
}

/// How a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// A program can use it.
    Holds,
    /// Its time is over.
    Ended,
    /// Somebody revoked it.
    Revoked,
}

impl TokenState {
    /// The word, for people and programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Ended => "ended",
            Self::Revoked => "revoked",
        }
    }
}

/// How a token stands at a moment.
pub fn state(token: &TokenRecord, now: OffsetDateTime) -> TokenState {
    match token.revoked_at {
        Some(_) => TokenState::Revoked,
        None if now < token.ends_at => TokenState::Holds,
        None => TokenState::Ended,
    }
}

/// Whether a token holds at a moment.
pub fn holds(token: &TokenRecord, now: OffsetDateTime) -> bool {
    state(token, now) == TokenState::Holds
}

/// The tokens that hold, and those that ended lately, beside the moment that this is of.
pub async fn show_tokens(postern: &Postern) -> Result<TokensView, AccessError> {
    Ok(TokensView { tokens: list_tokens(postern).await?, at: postern.clock.now() })
}

/// Tokens, as a page lists them.
#[derive(Clone, Debug)]
pub struct TokensView {
    /// The tokens, the youngest first.
    pub tokens: Vec<TokenRecord>,
    /// Now.
    pub at: OffsetDateTime,
}

impl TokensView {
    /// Those that hold and end within so long.
    pub fn ending_within(&self, time: Duration) -> impl Iterator<Item = &TokenRecord> {
        self.tokens
            .iter()
            .filter(move |token| holds(token, self.at) && token.ends_at <= self.at + time)
    }
}

//! Signing in and out: sessions, and what a sign-in under way is checked against.
//!
//! Tokens are made by the caller and only their digests are stored: who reads the database cannot sign in with it.

use postern_domain::digest::Digest;
use postern_domain::id::PersonId;
use postern_domain::person::{Actor, Claims, GrantRules};
use postern_domain::text::is_unseen;
use postern_store::{StoreError, person, session, sign_in};
use time::{Duration, OffsetDateTime};

use crate::Postern;

pub use postern_store::person::Identity;
pub use postern_store::sign_in::SignIn;

/// How long somebody may take at the provider.
pub const SIGN_IN_TAKES: Duration = Duration::minutes(10);

/// How exactly it is known when a session was last used: writing on every request would be most of the work of some.
pub(crate) const TOUCHED_EVERY: Duration = Duration::minutes(1);

/// How long ended sessions are kept, for whoever looks into what happened.
const KEPT: Duration = Duration::days(90);

/// Letters of a name that are kept.
const MOST_LETTERS: usize = 200;

/// How long sessions hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without being used.
    pub idle: Duration,
    /// However much it is used.
    pub longest: Duration,
}

/// Writes down that a browser is on its way to the provider; `state` and `browser` are secrets that come back with it.
pub async fn begin_sign_in(
    postern: &Postern,
    (state, browser): (&str, &str),
    sign_in: &SignIn,
) -> Result<(), StoreError> {
    let now = postern.clock.now();
    let digests = (Digest::of(state.as_bytes()), Digest::of(browser.as_bytes()));
    let mut session = postern.pool.acquire().await?;
    sign_in::insert(&mut session, digests, sign_in, now, now - SIGN_IN_TAKES).await
}

/// Takes the sign-in that this browser began with this state; once, and not after ten minutes.
pub async fn take_sign_in(
    postern: &Postern,
    (state, browser): (&str, &str),
) -> Result<Option<SignIn>, StoreError> {
    let digests = (Digest::of(state.as_bytes()), Digest::of(browser.as_bytes()));
    let mut session = postern.pool.acquire().await?;
    sign_in::take(&mut session, digests, postern.clock.now() - SIGN_IN_TAKES).await
}

/// Somebody whom a provider vouches for.
#[derive(Clone, Debug)]
pub struct Vouched {
    /// Who.
    pub identity: Identity,
    /// What roles may follow from.
    pub claims: Claims,
}

/// Begins a session in the browser that gets `token`; of the claims, only those are kept that `rules` ask for.
pub async fn begin_session(
    postern: &Postern,
    token: &str,
    mut vouched: Vouched,
    rules: &GrantRules,
    limits: SessionLimits,
) -> Result<PersonId, StoreError> {
    let now = postern.clock.now();
    vouched.identity.name = readable(&vouched.identity.name);
    let mut transaction = postern.pool.begin().await?;
    session::remove_old(&mut transaction, now - KEPT).await?;
    let person = person::ensure(&mut transaction, &vouched.identity, now).await?;
    let new = session::NewSession {
        token: Digest::of(token.as_bytes()),
        person,
        claims: &rules.relevant(&vouched.claims),
        began_at: now,
        ends_at: now + limits.longest,
    };
    session::insert(&mut transaction, &new).await?;
    transaction.commit().await?;
    tracing::info!(person.id = %person, "signed in");
    Ok(person)
}

/// Who holds this token; `None` where there is no such session, or its time is over.
///
/// Roles follow from the rules that hold now: one that was taken away is gone at once.
pub async fn find_session(
    postern: &Postern,
    token: &str,
    rules: &GrantRules,
    limits: SessionLimits,
) -> Result<Option<Actor>, StoreError> {
    let now = postern.clock.now();
    let mut session = postern.pool.acquire().await?;
    let Some(found) = session::find(&mut session, Digest::of(token.as_bytes())).await? else {
        return Ok(None);
    };
    if !holds(found.last_used_at, found.ends_at, limits, now) {
        return Ok(None);
    }
    if found.last_used_at + TOUCHED_EVERY <= now {
        session::touch(&mut session, found.number, now).await?;
    }
    Ok(Some(Actor::Person {
        id: found.person,
        grants: rules.grants(&found.claims),
        name: found.name,
        address: None,
    }))
}

fn holds(
    last_used_at: OffsetDateTime,
    ends_at: OffsetDateTime,
    limits: SessionLimits,
    now: OffsetDateTime,
) -> bool {
    now < ends_at && now < last_used_at + limits.idle
}

/// Ends the session of this token, where there is one.
pub async fn end_session(postern: &Postern, token: &str) -> Result<(), StoreError> {
    let mut session = postern.pool.acquire().await?;
    let digest = Digest::of(token.as_bytes());
    if let Some(person) = session::end(&mut session, digest, postern.clock.now()).await? {
        tracing::info!(person.id = %person, "signed out");
    }
    Ok(())
}

/// A name that is safe in a line of a log and in the decision log, whatever a provider says.
fn readable(name: &str) -> String {
    let seen =
        name.trim().chars().map(|letter| if is_unseen(letter) { '\u{fffd}' } else { letter });
    seen.take(MOST_LETTERS).collect()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_name_begins_no_line_and_turns_no_text_around() {
        assert_eq!(readable(" Nora\nKlein\u{202e}\u{7} "), "Nora\u{fffd}Klein\u{fffd}\u{fffd}");
        assert_eq!(readable(&"é".repeat(300)).chars().count(), MOST_LETTERS);
    }

    #[test]
    fn a_session_ends_at_the_very_second() {
        let limits = SessionLimits { idle: Duration::hours(1), longest: Duration::hours(8) };
        let began = datetime!(2026-03-02 06:00 UTC);
        let ends = began + limits.longest;
        let check = |used: OffsetDateTime, now, expected| {
            assert_eq!(holds(used, ends, limits, now), expected, "{used} {now}");
        };
        check(began, datetime!(2026-03-02 06:59:59 UTC), true);
        check(began, datetime!(2026-03-02 07:00 UTC), false);
        check(datetime!(2026-03-02 13:30 UTC), datetime!(2026-03-02 13:59:59 UTC), true);
        check(datetime!(2026-03-02 13:30 UTC), datetime!(2026-03-02 14:00 UTC), false);
    }
}

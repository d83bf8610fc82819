//! People who signed in, and ending their sessions.

use postern_domain::id::PersonId;
use postern_domain::person::{Claims, Grant, GrantRule, GrantRules, Permission, Role};
use postern_store::{StoreError, person, session};
use serde_json::json;

use crate::Postern;
use crate::access::AccessError;
use crate::decision::{Decided, begin, record};

pub use postern_store::person::{Identity, PersonRecord};

/// People that are listed at most.
const LISTED: u32 = 1_000;

/// Who signed in, who was there last first; at most a thousand.
pub async fn list_people(postern: &Postern) -> Result<Vec<PersonRecord>, AccessError> {
    postern.require(Permission::Administer)?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    Ok(person::list(&mut session, postern.clock.now(), LISTED).await?)
}

/// Somebody who signed in, with their roles.
#[derive(Clone, Debug)]
pub struct PersonView {
    /// Who.
    pub record: PersonRecord,
    /// Their roles by what their provider said when they signed in last, each with what it follows from, such as
    /// `groups` and `nlp`; `None` where that sign-in is not kept any more.
    pub roles: Option<Vec<(Grant, String, String)>>,
}

/// Those who signed in, and what that says of who can decide.
#[derive(Clone, Debug)]
pub struct PeopleView {
    /// The people, who was there last first.
    pub people: Vec<PersonView>,
}

impl PeopleView {
    /// Who approves, of those whose last sign-in is kept.
    pub fn approvers(&self) -> impl Iterator<Item = &PersonView> {
        let approves = |person: &&PersonView| {
            let roles = person.roles.iter().flatten();
            roles.into_iter().any(|(grant, ..)| grant.role == Role::Approver)
        };
        self.people.iter().filter(approves)
    }
}

/// Who signed in, and which roles they have by these rules; at most a thousand.
pub async fn show_people(postern: &Postern, rules: &GrantRules) -> Result<PeopleView, AccessError> {
    let records = list_people(postern).await?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    let claims = session::latest_claims(&mut session).await?;
    let given = |claims: &Claims| {
        let holds = |rule: &&GrantRule| {
            claims.get(&rule.claim).is_some_and(|values| values.contains(&rule.value))
        };
        let role = |rule: &GrantRule| (rule.grant(), rule.claim.clone(), rule.value.clone());
        rules.0.iter().filter(holds).map(role).collect()
    };
    let view =
        |record: PersonRecord| PersonView { roles: claims.get(&record.id).map(given), record };
    Ok(PeopleView { people: records.into_iter().map(view).collect() })
}

/// Ends every session of somebody: their next request leads to signing in. How many there were.
pub async fn end_sessions(postern: &Postern, of: PersonId) -> Result<u64, AccessError> {
    postern.require(Permission::Administer)?;
    let mut transaction = begin(postern).await?;
    let ended = session::end_all(&mut transaction, of, postern.clock.now()).await?;
    if ended > 0 {
        let decided = Decided {
            action: "sessions.end",
            subject: Some(of.to_string()),
            after: Some(json!({"sessions": ended})),
            ..Decided::default()
        };
        record(postern, &mut transaction, decided).await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(ended)
}

/// Writes down that there is somebody, who need not have signed in yet.
pub async fn introduce(postern: &Postern, identity: &Identity) -> Result<PersonId, AccessError> {
    postern.require(Permission::Administer)?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    Ok(person::ensure(&mut session, identity, postern.clock.now()).await?)
}

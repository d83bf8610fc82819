//! Asking for an exception: drafts, requests and what is changed on them.

use postern_domain::exception::act::Deed;
use postern_domain::exception::refusal::Refusal;
use postern_domain::exception::request::{Covers, Request, StandingCover};
use postern_domain::exception::rights;
use postern_domain::exception::{Exception, State};
use postern_domain::id::{ConnectionId, ExceptionId};
use postern_domain::person::Permission;
use postern_domain::team::TeamId;
use postern_domain::verdict::Severity;
use postern_store::exception::{self, StoredException};
use postern_store::read::rule;
use postern_store::{PgConnection, person, read};

use super::act::{Acting, person as whoever_acts};
use super::{ExceptionError, act, state};
use crate::Postern;
use crate::read::{ReadError, choose};

/// A form that was sent.
#[derive(Clone, Debug)]
pub struct Filing {
    /// What makes this form another than the next one: sent twice, it makes one exception.
    pub form_key: String,
    /// The connection's slug, where the request is for a rule and a scope; the one shown by default without it.
    pub connection: Option<String>,
    /// What is asked for.
    pub request: Request,
    /// The exception that shall be extended.
    pub extends: Option<ExceptionId>,
    /// Whether it is kept as a draft and filed later.
    pub is_draft: bool,
}

/// Writes a first draft, and files it unless it stays one.
pub async fn file_exception(
    postern: &Postern,
    filing: Filing,
) -> Result<ExceptionId, ExceptionError> {
    let Filing { form_key, connection, request, extends, is_draft } = filing;
    whoever_acts(postern)?;
    postern.require(Permission::AskForExceptions)?;
    let mut acting = Acting::begin(postern).await?;
    let of = connection_of(&mut acting.transaction, &request.covers, connection.as_deref()).await?;
    let severity = check(postern, &mut acting.transaction, of, &request).await?;
    let key = act::form_key(acting.by, &form_key);
    let first = (request.owner, request.until, acting.now);
    let (id, is_new) = exception::reserve(&mut acting.transaction, of, &key, first).await?;
    if !is_new {
        return Ok(id);
    }
    let draft = match extends {
        None => Exception::draft(id, request, acting.by, acting.now),
        Some(extended) => {
            let extended = acting.find(extended).await?;
            if extended.connection != of {
                return Err(ExceptionError::SeveralConnections);
            }
            extended.exception.extend(id, request, acting.by, acting.now)?
        }
    };
    exception::append(&mut acting.transaction, 0, (None, Some(acting.by)), &draft).await?;
    let stored = StoredException { connection: of, acts: 1, last: None, exception: draft };
    if !is_draft {
        let by = acting.by;
        acting.perform(stored, Deed::File { by, severity }).await?;
    }
    acting.commit().await?;
    Ok(id)
}

/// Files a draft.
pub async fn file_draft(postern: &Postern, id: ExceptionId) -> Result<(), ExceptionError> {
    whoever_acts(postern)?;
    postern.require(Permission::AskForExceptions)?;
    let mut acting = Acting::begin(postern).await?;
    let stored = acting.find(id).await?;
    let request = stored.exception.request.clone();
    let severity = check(postern, &mut acting.transaction, stored.connection, &request).await?;
    let by = acting.by;
    acting.perform(stored, Deed::File { by, severity }).await?;
    acting.commit().await
}

/// Changes what a draft or a request says, as read in this version.
pub async fn edit_exception(
    postern: &Postern,
    id: ExceptionId,
    version: u32,
    request: Request,
) -> Result<(), ExceptionError> {
    whoever_acts(postern)?;
    postern.require(Permission::AskForExceptions)?;
    let mut acting = Acting::begin(postern).await?;
    let stored = acting.find(id).await?;
    let of = connection_of(&mut acting.transaction, &request.covers, None).await;
    // A rule and a scope name no connection: they stay with the one that they were filed for.
    let of = if matches!(request.covers, Covers::Standing(_)) { stored.connection } else { of? };
    if of != stored.connection {
        return Err(ExceptionError::SeveralConnections);
    }
    let severity = check(postern, &mut acting.transaction, of, &request).await?;
    let is_request = matches!(stored.exception.state, State::Draft | State::Requested { .. });
    if is_request && stored.exception.version != version && stored.exception.request != request {
        return Err(Refusal::RequestChanged.into());
    }
    let by = acting.by;
    acting.perform(stored, Deed::Edit { by, request, severity }).await?;
    acting.commit().await
}

/// The connection that all findings of a request are of.
pub(super) async fn connection_of(
    session: &mut PgConnection,
    covers: &Covers,
    slug: Option<&str>,
) -> Result<ConnectionId, ExceptionError> {
    match covers {
        Covers::Findings(selection) => {
            let findings: Vec<_> = selection.iter().collect();
            let found = read::detail::connections_of(session, &findings).await?;
            let mut connections = found.values();
            let first = connections.next().copied();
            match findings.into_iter().find(|finding| !found.contains_key(finding)) {
                Some(missing) => Err(ExceptionError::NoFinding(missing)),
                None if connections.any(|other| Some(*other) != first) => {
                    Err(ExceptionError::SeveralConnections)
                }
                None => Ok(first.expect("a selection is not empty")),
            }
        }
        Covers::Standing(_) => {
            let chosen = choose(session, slug).await?;
            let unknown = || ReadError::UnknownConnection(slug.unwrap_or_default().to_owned());
            Ok(chosen.ok_or_else(unknown)?.id)
        }
    }
}

/// Whether whoever acts may ask for all of this; and the worst of what it covers.
async fn check(
    postern: &Postern,
    session: &mut PgConnection,
    of: ConnectionId,
    request: &Request,
) -> Result<Severity, ExceptionError> {
    let owner = request.owner;
    if person::names(session, &[owner]).await?.is_empty() {
        return Err(ExceptionError::Owner(owner));
    }
    check_covers(postern, session, of, &request.covers).await
}

/// Why whoever acts may not ask for this, as a sentence; `None` where they may.
pub(super) async fn complaint(
    postern: &Postern,
    session: &mut PgConnection,
    of: ConnectionId,
    covers: &Covers,
) -> Result<Option<String>, ExceptionError> {
    match check_covers(postern, session, of, covers).await {
        Ok(_) => Ok(None),
        Err(error @ ExceptionError::Read(_)) => Err(error),
        Err(refused) => Ok(Some(refused.to_string())),
    }
}

async fn check_covers(
    postern: &Postern,
    session: &mut PgConnection,
    of: ConnectionId,
    covers: &Covers,
) -> Result<Severity, ExceptionError> {
    match covers {
        Covers::Findings(_) => check_selection(postern, session, of, covers).await,
        Covers::Standing(standing) => check_standing(postern, session, of, standing).await,
    }
}

async fn check_selection(
    postern: &Postern,
    session: &mut PgConnection,
    of: ConnectionId,
    covers: &Covers,
) -> Result<Severity, ExceptionError> {
    let covered = state::covered(session, of, covers).await?;
    for (&finding, failure) in &covered {
        let owner = failure.owner.as_ref();
        if !postern.sight().holds(owner) {
            return Err(ExceptionError::NoFinding(finding));
        }
        if !rights::may_ask(postern.actor(), owner) {
            return Err(ExceptionError::NotYours(finding));
        }
    }
    let failing = covered.values().filter(|failure| failure.state.counts_as_open());
    // The worst severity sorts first.
    let worst = failing.map(|failure| failure.severity).min();
    worst.ok_or_else(|| Refusal::NothingToAccept.into())
}

async fn check_standing(
    postern: &Postern,
    session: &mut PgConnection,
    of: ConnectionId,
    standing: &StandingCover,
) -> Result<Severity, ExceptionError> {
    let failing = state::standing(session, of, standing).await?;
    let may_ask = |owner: Option<&TeamId>| rights::may_ask(postern.actor(), owner);
    // Which findings others have, is not told.
    if failing.iter().any(|it| !may_ask(it.owner.as_ref())) {
        return Err(ExceptionError::ScopeOfOthers);
    }
    if let Some(worst) = failing.iter().map(|failing| failing.severity).min() {
        return Ok(worst);
    }
    // Whose assets will be there, nobody knows.
    if !may_ask(None) {
        return Err(ExceptionError::ScopeOfOthers);
    }
    let described = rule::describe(session, std::slice::from_ref(&standing.rule)).await?;
    let unknown = || ExceptionError::NoRule(standing.rule.clone());
    Ok(described.first().ok_or_else(unknown)?.severity)
}

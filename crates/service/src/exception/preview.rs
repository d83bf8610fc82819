//! What a request would cover, before it is filed.

use postern_domain::exception::request::Covers;
use postern_domain::id::FindingId;
use postern_domain::person::Permission;
use postern_domain::verdict::Severity;
use postern_store::{exception, person, read};

use super::act::person as whoever_acts;
use super::file::{complaint, connection_of};
use super::show::finding_rows;
use super::{ExceptionError, state};
use crate::Postern;
use crate::read::choose_by_id;
use crate::view::RequestPreview;

/// People that can be chosen as the owner: who was there last.
const MOST_PEOPLE: u32 = 500;

/// What a request would cover now; `connection` is the slug of the connection of a rule and a scope.
pub async fn preview_exception(
    postern: &Postern,
    connection: Option<&str>,
    covers: &Covers,
) -> Result<RequestPreview, ExceptionError> {
    let person = whoever_acts(postern)?;
    postern.require(Permission::AskForExceptions)?;
    let mut transaction = read::begin(&postern.pool).await?;
    let of = connection_of(&mut transaction, covers, connection).await?;
    let chosen = choose_by_id(&mut transaction, of).await?;
    let missing = || match covers {
        Covers::Findings(selection) => selection.iter().next().map(ExceptionError::NoFinding),
        Covers::Standing(_) => None,
    };
    let chosen = chosen.ok_or_else(|| missing().unwrap_or(ExceptionError::ScopeOfOthers))?;
    let covered = state::covered(&mut transaction, of, covers).await?;
    let sight = postern.sight();
    if let (Covers::Findings(_), Some((unseen, _))) =
        (covers, covered.iter().find(|(_, failure)| !sight.holds(failure.owner.as_ref())))
    {
        return Err(ExceptionError::NoFinding(*unseen));
    }
    let complaint = complaint(postern, &mut transaction, of, covers).await?;
    let failing = covered.values().filter(|failure| failure.state.counts_as_open());
    // The worst severity sorts first.
    let severity = failing.map(|failure| failure.severity).min();
    let ids: Vec<FindingId> = covered.keys().copied().collect();
    let (findings, more_findings, _) =
        finding_rows(postern, &mut transaction, of, &ids, None).await?;
    let policy = exception::policy(&mut transaction).await?;
    let now = postern.now();
    let known = person::list(&mut transaction, now, MOST_PEOPLE).await?;
    let mut people: Vec<_> = known.into_iter().map(|it| (it.id, it.identity.name)).collect();
    people.sort_by_cached_key(|(id, name)| (name.to_lowercase(), *id));
    Ok(RequestPreview {
        connection: chosen.choice.selected,
        findings,
        more_findings,
        severity,
        last_day: policy.last_day(severity.unwrap_or(Severity::Critical), now),
        policy,
        person,
        people,
        form_key: exception::form_key(&mut transaction).await?,
        complaint,
        now,
    })
}

//! The list of frameworks.

use postern_domain::framework::Framework;
use postern_store::{PgConnection, read};
use time::OffsetDateTime;

use super::{Judged, RuleStates, judged};
use crate::Postern;
use crate::moment::shown;
use crate::read::{Chosen, ReadError, TeamNames, choose};
use crate::view::{AssessedView, FrameworkRowView, FrameworksView};

/// Every framework, as the connection called `connection` stands, or the one shown by default; `None` where there is no such
/// connection, or none yet.
pub async fn list_frameworks(
    postern: &Postern,
    connection: Option<&str>,
    as_of: Option<OffsetDateTime>,
) -> Result<Option<FrameworksView>, ReadError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(chosen) = choose(&mut transaction, connection).await? else { return Ok(None) };
    let (assessed, judged) = assess(postern, &mut transaction, chosen, as_of).await?;
    let frameworks = judged.rulebook.catalogue().frameworks();
    let frameworks = frameworks.iter().map(|one| row_view(one, &judged.states)).collect();
    Ok(Some(FrameworksView { assessed, frameworks }))
}

/// What pages of frameworks are about, and what was judged of it.
pub(super) async fn assess(
    postern: &Postern,
    session: &mut PgConnection,
    chosen: Chosen,
    as_of: Option<OffsetDateTime>,
) -> Result<(AssessedView, Judged), ReadError> {
    let shown = shown(postern, session, &chosen, as_of).await?;
    let judged = judged(postern, session, &[chosen.id], as_of).await?;
    let names = TeamNames::load(session, as_of).await?;
    let assessed = AssessedView {
        as_of: shown.view(),
        limited_to: names.limits(postern.sight()),
        connections: chosen.choice,
        read_at: shown.evaluation.map(|evaluation| evaluation.at),
        unread_lists: judged.unread_lists,
    };
    Ok((assessed, judged))
}

/// A framework with its counts.
pub(super) fn row_view(framework: &Framework, states: &RuleStates) -> FrameworkRowView {
    let assessed = framework.assess(|rule| states.of(rule));
    FrameworkRowView {
        id: framework.id().clone(),
        name: framework.name(),
        version: framework.version().to_owned(),
        publisher: framework.publisher().to_owned(),
        statuses: assessed.iter().map(|one| one.status).collect(),
        kinds: framework.kinds(),
    }
}

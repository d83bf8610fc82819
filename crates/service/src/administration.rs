//! What needs somebody's attention: what failed, what ends soon, and what nobody can do.

use postern_domain::person::{GrantRules, Permission, Role};
use postern_domain::team::Team;
use postern_store::{StoreError, team};
use time::{Duration, OffsetDateTime};

use crate::Postern;
use crate::access::AccessError;
use crate::connection::show_connections;
use crate::notification::{Listed, list_deliveries};
use crate::person::show_people;
use crate::token::show_tokens;
use crate::view::{ConnectionView, PauseView};

/// A token that ends within so long is named.
pub const TOKEN_ENDS_WITHIN: Duration = Duration::days(14);

/// What needs attention; each part is `None` where whoever asks may not know it.
#[derive(Clone, Debug, Default)]
pub struct AttentionView {
    /// Connections that were never read.
    pub never_read: Vec<ConnectionView>,
    /// Schedules that cannot be followed, and why.
    pub not_followed: Vec<(ConnectionView, String)>,
    /// Schedules that somebody paused.
    pub paused: Vec<(ConnectionView, PauseView)>,
    /// Teams that no rule gives somebody to; `None` also where nobody signs in.
    pub teams_without_people: Option<Vec<Team>>,
    /// What only administrators know.
    pub of_administrators: Option<AdministratorsView>,
}

/// What only administrators are told.
#[derive(Clone, Debug)]
pub struct AdministratorsView {
    /// Messages that failed and are tried again, or not any more; at most a thousand.
    pub failed_deliveries: u64,
    /// Tokens that end within [`TOKEN_ENDS_WITHIN`]: their names and ends.
    pub ending_tokens: Vec<(String, OffsetDateTime)>,
    /// Approvers among those whose last sign-in is kept; `None` where nobody signs in.
    pub approvers: Option<u64>,
}

/// What needs attention, as far as whoever asks may know it; `rules` are those by which people have their roles, `None`
/// where nobody signs in.
pub async fn show_attention(
    postern: &Postern,
    rules: Option<&GrantRules>,
) -> Result<AttentionView, AccessError> {
    let mut view = AttentionView::default();
    for state in show_connections(postern).await?.connections {
        let connection = ConnectionView::of(&state.connection);
        if state.read_at.is_none() {
            view.never_read.push(connection.clone());
        }
        let Some(schedule) = state.schedule else { continue };
        if let Some(paused) = schedule.paused {
            view.paused.push((connection, paused));
        } else if let Some(problem) = schedule.problem {
            view.not_followed.push((connection, problem));
        }
    }
    if let Some(rules) = rules {
        let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
        let teams = team::routing(&mut session, None).await?.teams;
        let has_people = |team: &Team| {
            rules
                .0
                .iter()
                .any(|rule| rule.role == Role::Contributor && rule.team.as_ref() == Some(&team.id))
        };
        let without = teams.into_iter().filter(|team| !has_people(team)).collect();
        view.teams_without_people = Some(without);
    }
    if postern.actor().require(Permission::Administer).is_ok() {
        view.of_administrators = Some(administrators(postern, rules).await?);
    }
    Ok(view)
}

async fn administrators(
    postern: &Postern,
    rules: Option<&GrantRules>,
) -> Result<AdministratorsView, AccessError> {
    let failed = list_deliveries(postern, Listed::Failed).await?;
    let tokens = show_tokens(postern).await?;
    let ending = tokens.ending_within(TOKEN_ENDS_WITHIN);
    let ending_tokens = ending.map(|token| (token.name.clone(), token.ends_at)).collect();
    let approvers = match rules {
        Some(rules) => {
            let approvers = show_people(postern, rules).await?.approvers().count();
            Some(u64::try_from(approvers).unwrap_or(u64::MAX))
        }
        None => None,
    };
    let failed_deliveries = u64::try_from(failed.len()).unwrap_or(u64::MAX);
    Ok(AdministratorsView { failed_deliveries, ending_tokens, approvers })
}

//! Teams: what an organisation says of them, what that does to its assets, and what is whose.

mod routing;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use postern_domain::id::ConnectionId;
use postern_domain::team::{Team, TeamId};
use postern_domain::trend::TrendPoint;
use postern_domain::verdict::Severity;
use postern_store::read::tally::TeamTally;
use postern_store::{PgConnection, read};
use time::OffsetDateTime;

use crate::Postern;
use crate::exception::{Effect, Effects};
use crate::moment::shown;
use crate::read::{ReadError, TeamNames, choose};
use crate::view::OwnedView;

pub use self::routing::{
    RoutingError, change_routing, preview_routing, routing, set_routing, show_routing,
};

/// The findings of each team of the connection called `connection`, or of the one shown by default; empty without teams,
/// and `None` where there is no such connection, or none yet.
pub async fn show_teams(
    postern: &Postern,
    connection: Option<&str>,
    as_of: Option<OffsetDateTime>,
) -> Result<Option<Vec<OwnedView>>, ReadError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(chosen) = choose(&mut transaction, connection).await? else { return Ok(None) };
    // Refuses a moment of which nothing is known.
    shown(postern, &mut transaction, &chosen, as_of).await?;
    let latest = read::trend::list(&mut transaction, chosen.id, as_of, 1).await?.pop();
    let effects = Effects::load(&mut transaction, chosen.id, as_of, postern.clock.now()).await?;
    let latest = (latest.as_ref(), &effects);
    let mut teams = owned(&mut transaction, chosen.id, as_of, latest, None).await?;
    let sight = postern.sight();
    teams.retain(|owned| sight.holds(owned.team.as_ref().map(|team| &team.id)));
    Ok(Some(teams))
}

/// The findings of each team, the most critical first, and last what is nobody's, beside those of `compared`;
/// none where there are no teams.
///
/// `latest` is the point of the moment that is shown, now or in the past, beside what exceptions do then; what is accepted
/// counts for nobody.
pub(crate) async fn owned(
    session: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
    (latest, effects): (Option<&TrendPoint>, &Effects),
    compared: Option<&TrendPoint>,
) -> Result<Vec<OwnedView>, ReadError> {
    let names = TeamNames::load(session, as_of).await?;
    let tallies = read::tally::list_of_teams(session, of, as_of).await?;
    if tallies.is_empty() && names.teams().is_empty() {
        return Ok(Vec::new());
    }
    let now = by_owner(tallies, latest, effects);
    let before = match compared {
        Some(point) => {
            let tallies = read::tally::list_of_teams(session, of, Some(point.at)).await?;
            let then = Effects::load(session, of, Some(point.at), point.at).await?;
            Some(by_owner(tallies, Some(point), &then))
        }
        None => None,
    };
    // A team without a finding is good news, and no reason to leave it out.
    let teams = names.teams().iter().map(|team: &Team| Some(team.id.clone()));
    let owners: BTreeSet<Option<TeamId>> = teams.chain(now.keys().cloned()).collect();
    let mut owned: Vec<OwnedView> = owners
        .into_iter()
        .map(|owner| {
            let counts = now.get(&owner).copied().unwrap_or_default();
            let open_before = |before: &BTreeMap<Option<TeamId>, Counts>| {
                before.get(&owner).map_or(0, Counts::all_open)
            };
            OwnedView {
                more_open: before
                    .as_ref()
                    .map(|before| i64::from(counts.all_open()) - i64::from(open_before(before))),
                team: owner.map(|owner| names.view(owner)),
                open: counts.open,
                unknown: counts.unknown,
            }
        })
        .filter(|one| one.team.is_some() || one.all_open() > 0 || one.unknown > 0)
        .collect();
    owned.sort_by_cached_key(|one| {
        let name = one.team.as_ref().map(|team| team.name.clone());
        (name.is_none(), Reverse(one.open), name)
    });
    Ok(owned)
}

#[derive(Clone, Copy, Default)]
struct Counts {
    open: [u32; 4],
    unknown: u32,
}

impl Counts {
    fn all_open(&self) -> u32 {
        self.open.iter().sum()
    }
}

/// Those of each team, and what a point counts beyond these, which is nobody's.
fn by_owner(
    tallies: Vec<TeamTally>,
    point: Option<&TrendPoint>,
    effects: &Effects,
) -> BTreeMap<Option<TeamId>, Counts> {
    let mut nobodys = Counts::default();
    for (open, counts) in
        nobodys.open.iter_mut().zip(point.iter().flat_map(|point| &point.severities))
    {
        // Of all that fails, as tallies count.
        *open = counts.open + counts.excepted;
        nobodys.unknown += counts.unknown;
    }
    let mut owners: BTreeMap<Option<TeamId>, Counts> = BTreeMap::new();
    for tally in tallies {
        let rank = rank(tally.severity);
        let counts = owners.entry(Some(tally.team)).or_default();
        counts.open[rank] += tally.open;
        counts.unknown += tally.unknown;
        nobodys.open[rank] = nobodys.open[rank].saturating_sub(tally.open);
        nobodys.unknown = nobodys.unknown.saturating_sub(tally.unknown);
    }
    owners.insert(None, nobodys);
    for Effect { finding, .. } in effects.excepted() {
        if let Some(counts) = owners.get_mut(&finding.owner) {
            let open = &mut counts.open[rank(finding.severity)];
            *open = open.saturating_sub(1);
        }
    }
    owners
}

fn rank(severity: Severity) -> usize {
    Severity::ALL.iter().position(|one| *one == severity).unwrap_or_default()
}

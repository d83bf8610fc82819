//! Teams: what an organisation says of them, and what that does to its assets.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use postern_domain::id::ConnectionId;
use postern_domain::person::{Denied, Permission};
use postern_domain::team::{Catch, Routing, Team, TeamId};
use postern_domain::trend::TrendPoint;
use postern_domain::verdict::Severity;
use postern_store::read::tally::TeamTally;
use postern_store::{PgConnection, StoreError, connection, inventory, read, team};
use serde_json::json;
use time::OffsetDateTime;

use crate::Postern;
use crate::decision::{Decided, begin, record};
use crate::exception::{Effect, Effects};
use crate::moment::shown;
use crate::read::{ReadError, TeamNames, choose};
use crate::view::{CatchView, OwnedView, RoutingPreview};

/// Assets that are read at a time.
const PAGE: u32 = 500;

/// ARM ids that are named of those that a rule catches.
const EXAMPLES: usize = 3;

/// A routing was refused; what held before goes on.
#[derive(Debug, thiserror::Error)]
pub enum RoutingError {
    /// It is wrong in itself.
    #[error("the routing was refused: {}", complaints.join("; "))]
    Refused {
        /// All that is wrong.
        complaints: Vec<String>,
    },
    /// Whoever said it may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What holds, with when it was said and why; without teams where nothing was ever said.
pub async fn routing(
    postern: &Postern,
) -> Result<(Routing, Option<(OffsetDateTime, String)>), StoreError> {
    let mut session = postern.pool.acquire().await?;
    Ok((team::routing(&mut session, None).await?, team::last_change(&mut session).await?))
}

/// Says what holds from the next evaluation of each connection on.
pub async fn set_routing(
    postern: &Postern,
    routing: &Routing,
    reason: &str,
) -> Result<(), RoutingError> {
    postern.require(Permission::Administer)?;
    check(routing)?;
    let mut transaction = begin(postern).await?;
    let before = team::routing(&mut transaction, None).await?;
    team::set_routing(&mut transaction, routing, reason, postern.clock.now()).await?;
    let decided = Decided {
        action: "routing.set",
        reason: Some(reason.to_owned()),
        before: Some(json!(before)),
        after: Some(json!(routing)),
        ..Decided::default()
    };
    record(postern, &mut transaction, decided).await?;
    Ok(transaction.commit().await.map_err(StoreError::from)?)
}

/// What a routing would do to the assets of all connections, as of their latest snapshots; changes nothing.
pub async fn preview_routing(
    postern: &Postern,
    routing: &Routing,
) -> Result<RoutingPreview, RoutingError> {
    postern.require(Permission::Administer)?;
    check(routing)?;
    let mut transaction = read::begin(&postern.pool).await?;
    let mut preview = RoutingPreview { catches: catches(routing), undecided: 0, moved: 0 };
    for of in connection::list(&mut transaction).await? {
        let mut after = None;
        loop {
            let page = inventory::page(&mut transaction, of.id, after.as_ref(), PAGE).await?;
            let Some(last) = page.last().cloned() else { break };
            for asset in &page.read {
                let place = match routing.catch(asset) {
                    Catch::Rule(place) => Some(place),
                    Catch::Nothing => None,
                    Catch::Undecided => {
                        preview.undecided += 1;
                        continue;
                    }
                };
                let is_moved = page.owners.get(&asset.id) != routing.team(place);
                // What no rule catches stands behind the rules.
                let catch = &mut preview.catches[place.unwrap_or(routing.rules.len())];
                catch.assets += 1;
                catch.moved += u64::from(is_moved);
                if catch.examples.len() < EXAMPLES {
                    catch.examples.push(asset.arm_id.clone());
                }
            }
            preview.undecided += u64::try_from(page.unread.len()).unwrap_or_default();
            after = Some(last);
        }
    }
    preview.moved = preview.catches.iter().map(|catch| catch.moved).sum();
    Ok(preview)
}

/// The rules, and last what none of them catches, with nothing caught yet.
fn catches(routing: &Routing) -> Vec<CatchView> {
    let names = TeamNames::of(routing.clone());
    (0..routing.rules.len())
        .map(Some)
        .chain([None])
        .map(|place| CatchView {
            rule: place.and_then(|place| routing.rules.get(place)).cloned(),
            team: routing.team(place).map(|team| names.view(team.clone())),
            assets: 0,
            moved: 0,
            examples: Vec::new(),
        })
        .collect()
}

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

fn check(routing: &Routing) -> Result<(), RoutingError> {
    let complaints = routing.complaints();
    if complaints.is_empty() { Ok(()) } else { Err(RoutingError::Refused { complaints }) }
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

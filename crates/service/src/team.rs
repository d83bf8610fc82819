//! Teams: what an organisation says of them, and what that does to its assets.

use std::collections::BTreeMap;

use postern_domain::id::ConnectionId;
use postern_domain::tally::Tally;
use postern_domain::team::{Catch, Routing, Team, TeamId};
use postern_domain::verdict::Severity;
use postern_store::{PgConnection, StoreError, connection, inventory, read, team};
use time::OffsetDateTime;

use crate::Postern;
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
    check(routing)?;
    let mut session = postern.pool.acquire().await.map_err(StoreError::from)?;
    Ok(team::set_routing(&mut session, routing, reason, postern.clock.now()).await?)
}

/// What a routing would do to the assets of all connections, as of their latest snapshots; changes nothing.
pub async fn preview_routing(
    postern: &Postern,
    routing: &Routing,
) -> Result<RoutingPreview, RoutingError> {
    check(routing)?;
    let mut transaction = read::begin(&postern.pool).await?;
    let mut caught: BTreeMap<Catch, Caught> = BTreeMap::new();
    let mut preview = RoutingPreview { catches: Vec::new(), unread: 0, moved: 0 };
    for of in connection::list(&mut transaction).await? {
        let mut after = None;
        loop {
            let page = inventory::page(&mut transaction, of.id, after.as_ref(), PAGE).await?;
            let Some(last) = page.last().cloned() else { break };
            for asset in &page.read {
                let catch = routing.catch(asset);
                let entry = caught.entry(catch).or_default();
                entry.assets += 1;
                entry.moved += u64::from(page.owners.get(&asset.id) != routing.team(catch));
                if entry.examples.len() < EXAMPLES {
                    entry.examples.push(asset.arm_id.clone());
                }
            }
            preview.unread += u64::try_from(page.unread.len()).unwrap_or_default();
            after = Some(last);
        }
    }
    let names = TeamNames::of(routing.clone());
    let places = (0..routing.rules.len()).map(Catch::Rule).chain([Catch::Otherwise]);
    preview.catches = places
        .map(|catch| {
            let Caught { assets, moved, examples } = caught.remove(&catch).unwrap_or_default();
            let rule = match catch {
                Catch::Rule(place) => routing.rules.get(place).cloned(),
                Catch::Otherwise => None,
            };
            let team = routing.team(catch).map(|team| names.view(team.clone()));
            CatchView { rule, team, assets, moved, examples }
        })
        .collect();
    preview.moved = preview.catches.iter().map(|catch| catch.moved).sum();
    Ok(preview)
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
    let _ = shown(postern, &mut transaction, &chosen, as_of).await?;
    owned(&mut transaction, chosen.id, as_of, None).await.map(Some)
}

#[derive(Default)]
struct Caught {
    assets: u64,
    moved: u64,
    examples: Vec<String>,
}

fn check(routing: &Routing) -> Result<(), RoutingError> {
    let complaints = routing.complaints();
    if complaints.is_empty() { Ok(()) } else { Err(RoutingError::Refused { complaints }) }
}

/// The findings of each team, the most critical first, and last what is nobody's, beside those of `compared`;
/// none where there are no teams.
pub(crate) async fn owned(
    session: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
    compared: Option<OffsetDateTime>,
) -> Result<Vec<OwnedView>, ReadError> {
    let now = by_owner(session, of, as_of).await?;
    let names = TeamNames::load(session, as_of).await?;
    if now.keys().all(Option::is_none) && names.teams().is_empty() {
        return Ok(Vec::new());
    }
    let before = match compared {
        Some(at) => Some(by_owner(session, of, Some(at)).await?),
        None => None,
    };
    // A team without a finding is good news, and no reason to leave it out.
    let mut owners: Vec<Option<TeamId>> =
        names.teams().iter().map(|team: &Team| Some(team.id.clone())).collect();
    owners.extend(now.keys().filter(|owner| !owners.contains(owner)).cloned().collect::<Vec<_>>());
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
        .collect();
    owned.sort_by(|one, other| {
        (one.team.is_none(), other.open, &one.team.as_ref().map(|team| &team.name)).cmp(&(
            other.team.is_none(),
            one.open,
            &other.team.as_ref().map(|team| &team.name),
        ))
    });
    Ok(owned)
}

#[derive(Clone, Copy, Default)]
struct Counts {
    open: [u32; 4],
    unknown: u32,
}

impl Counts {
    fn add(&mut self, severity: Severity, tally: Tally) {
        let rank = Severity::ALL.iter().position(|one| *one == severity);
        if let Some(open) = rank.and_then(|rank| self.open.get_mut(rank)) {
            *open += (tally.open + tally.not_rechecked).unsigned_abs();
        }
        self.unknown += tally.unjudged.unsigned_abs();
    }

    fn all_open(&self) -> u32 {
        self.open.iter().sum()
    }
}

async fn by_owner(
    session: &mut PgConnection,
    of: ConnectionId,
    as_of: Option<OffsetDateTime>,
) -> Result<BTreeMap<Option<TeamId>, Counts>, ReadError> {
    let mut counts: BTreeMap<Option<TeamId>, Counts> = BTreeMap::new();
    for (of_rule, owner) in read::tally::list_by_owner(session, of, as_of).await? {
        counts.entry(owner).or_default().add(of_rule.severity, of_rule.tally);
    }
    Ok(counts)
}

//! Routing: whose assets are by which rule, what other rules would change, and changing them.

use std::collections::BTreeMap;

use postern_domain::canonical;
use postern_domain::digest::Digest;
use postern_domain::person::{Denied, Permission};
use postern_domain::team::{Catch, Routing, TeamId};
use postern_store::{PgConnection, StoreError, connection, inventory, read, team};
use serde_json::json;
use time::OffsetDateTime;

use crate::Postern;
use crate::access::AccessError;
use crate::decision::{Decided, begin, record};
use crate::read::TeamNames;
use crate::view::{CatchView, MoveView, RoutingPreview, RoutingView, TestedView};

/// Assets that are read at a time.
const PAGE: u32 = 500;

/// ARM ids that are named of those that a rule catches.
const EXAMPLES: usize = 3;

/// Assets that are found of those that are tested.
const FOUND: u32 = 10;

/// A routing was refused; what held before goes on.
#[derive(Debug, thiserror::Error)]
pub enum RoutingError {
    /// It is wrong in itself.
    #[error("the routing was refused: {}", complaints.join("; "))]
    Refused {
        /// All that is wrong.
        complaints: Vec<String>,
    },
    /// Somebody else said something meanwhile.
    #[error("somebody changed the rules after this form was opened, so that nothing was changed")]
    Changed,
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

/// What holds, and what each rule catches of the assets of all connections as of their latest snapshots; and whose those
/// are that have `tested` as their name or ARM id, at most [`FOUND`].
pub async fn show_routing(
    postern: &Postern,
    tested: Option<&str>,
) -> Result<RoutingView, AccessError> {
    postern.require(Permission::ReadEverything)?;
    let mut transaction = read::begin(&postern.pool).await?;
    let routing = team::routing(&mut transaction, None).await?;
    let version = version(&routing);
    let connections = connection::list(&mut transaction).await?;
    let mut standings = Vec::new();
    for of in &connections {
        standings.push(read::evaluation::standing(&mut transaction, of.id).await?);
    }
    let weighing = weigh(&mut transaction, &routing);
    let now = postern.kept.routing(version, standings, weighing).await?;
    let tested = match tested.map(str::trim) {
        Some(name) => Some((name.to_owned(), test(&mut transaction, &routing, name).await?)),
        None => None,
    };
    Ok(RoutingView {
        now,
        tested,
        changed: team::last_change(&mut transaction).await?,
        version,
        may_change: postern.actor().require(Permission::Administer).is_ok(),
        routing,
    })
}

/// What tells a routing from another.
fn version(routing: &Routing) -> Digest {
    canonical::digest(&json!(routing))
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
    set(postern, &mut transaction, (&before, routing), reason).await?;
    Ok(transaction.commit().await.map_err(StoreError::from)?)
}

/// The same for somebody who looked at what held, whose version that was, and who is told where it holds no more.
/// What holds already is not said again, so that a form that is sent twice changes something once.
pub async fn change_routing(
    postern: &Postern,
    seen: Digest,
    routing: &Routing,
    reason: &str,
) -> Result<(), RoutingError> {
    postern.require(Permission::Administer)?;
    check(routing)?;
    let mut transaction = begin(postern).await?;
    let before = team::routing(&mut transaction, None).await?;
    if before == *routing {
        return Ok(());
    }
    if version(&before) != seen {
        return Err(RoutingError::Changed);
    }
    set(postern, &mut transaction, (&before, routing), reason).await?;
    Ok(transaction.commit().await.map_err(StoreError::from)?)
}

async fn set(
    postern: &Postern,
    transaction: &mut PgConnection,
    (before, routing): (&Routing, &Routing),
    reason: &str,
) -> Result<(), StoreError> {
    // Postgres keeps no U+0000.
    let reason = reason.replace('\0', "\u{fffd}");
    team::set_routing(transaction, routing, &reason, postern.clock.now()).await?;
    let decided = Decided {
        action: "routing.set",
        reason: Some(reason),
        before: Some(json!(before)),
        after: Some(json!(routing)),
        ..Decided::default()
    };
    record(postern, transaction, decided).await
}

/// What a routing would do to the assets of all connections, as of their latest snapshots; changes nothing.
pub async fn preview_routing(
    postern: &Postern,
    routing: &Routing,
) -> Result<RoutingPreview, RoutingError> {
    postern.require(Permission::Administer)?;
    check(routing)?;
    let mut transaction = read::begin(&postern.pool).await?;
    Ok(weigh(&mut transaction, routing).await?)
}

/// Whose the assets of all connections are that have this name or ARM id, and which rule catches each; at most [`FOUND`].
async fn test(
    transaction: &mut PgConnection,
    routing: &Routing,
    name: &str,
) -> Result<Vec<TestedView>, StoreError> {
    let names = TeamNames::of(routing.clone());
    let mut found = Vec::new();
    for of in connection::list(transaction).await? {
        let page = inventory::named(transaction, of.id, name, FOUND).await?;
        found.extend(page.read.into_iter().map(|asset| {
            let owner = routing.owner(&asset, page.owners.get(&asset.id));
            TestedView {
                caught: routing.catch(&asset),
                owner: owner.map(|owner| names.view(owner.clone())),
                arm_id: asset.arm_id,
            }
        }));
    }
    found.truncate(usize::try_from(FOUND).expect("a few"));
    Ok(found)
}

/// What a routing does.
async fn weigh(
    transaction: &mut PgConnection,
    routing: &Routing,
) -> Result<RoutingPreview, StoreError> {
    let mut preview =
        RoutingPreview { catches: catches(routing), undecided: 0, moved: 0, moves: Vec::new() };
    let mut moves: BTreeMap<(Option<TeamId>, Option<TeamId>), u64> = BTreeMap::new();
    for of in connection::list(transaction).await? {
        let mut after = None;
        loop {
            let page = inventory::page(transaction, of.id, after.as_ref(), PAGE).await?;
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
                let (before, owner) = (page.owners.get(&asset.id), routing.team(place));
                let is_moved = before != owner;
                if is_moved {
                    *moves.entry((before.cloned(), owner.cloned())).or_default() += 1;
                }
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
    let names = TeamNames::of(routing.clone());
    let view = |team: Option<TeamId>| team.map(|team| names.view(team));
    let moves = moves.into_iter();
    preview.moves = moves
        .map(|((from, to), assets)| MoveView { from: view(from), to: view(to), assets })
        .collect();
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

fn check(routing: &Routing) -> Result<(), RoutingError> {
    let complaints = routing.complaints();
    if complaints.is_empty() { Ok(()) } else { Err(RoutingError::Refused { complaints }) }
}

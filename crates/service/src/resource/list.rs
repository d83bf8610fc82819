//! The list of resources.

use std::collections::BTreeMap;

use postern_domain::exposure::{self, Exposure};
use postern_domain::id::{AssetNumber, FindingId};
use postern_domain::person::Sight;
use postern_store::read::resource::{AssetRecord, Inventory};
use postern_store::{PgConnection, read};

use super::filter::Asset;
use super::{cursor, filter};
use crate::Postern;
use crate::exception::Effects;
use crate::moment::shown;
use crate::read::{ReadError, SubscriptionNames, TeamNames, asset_view, choose};
use crate::view::{ResourceQuery, ResourceRowView, ResourcesView, SubscriptionView};

/// Rows on a page at most.
pub const MAX_ROWS: u32 = 100;

/// A page of the resources that `query` asks for; `None` where there is no such connection, or none yet.
///
/// A cursor of another query, or what is no cursor at all, gives the first page.
pub async fn list_resources(
    postern: &Postern,
    query: ResourceQuery,
) -> Result<Option<ResourcesView>, ReadError> {
    let mut transaction = read::begin(&postern.pool).await?;
    let Some(chosen) = choose(&mut transaction, query.connection.as_deref()).await? else {
        return Ok(None);
    };
    let trimmed = query.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let text = trimmed.map(str::to_owned);
    let mut query = ResourceQuery { limit: query.limit.clamp(1, MAX_ROWS), text, ..query };
    let sight = postern.sight();
    let asked_for_owners = !query.owners.is_empty();
    // Not even a name is told of a team that is not seen.
    query.owners.retain(|owner| *sight == Sight::Everything || sight.holds(owner.as_ref()));
    let is_nothing = asked_for_owners && query.owners.is_empty();
    let shown = shown(postern, &mut transaction, &chosen, query.as_of).await?;
    let effects =
        Effects::load(&mut transaction, chosen.id, query.as_of, postern.clock.now()).await?;
    let excepted: Vec<FindingId> = effects.excepted().map(|it| it.finding.finding).collect();
    let inventory = Inventory { connection: chosen.id, as_of: query.as_of, excepted: &excepted };
    let kept = postern.kept.assets(&mut transaction, inventory).await?;
    let mut assets = kept.seen(sight);
    let unread = assets.iter().filter(|asset| asset.listed.is_unread).count();
    let all = assets.len();
    let names = SubscriptionNames::load(&mut transaction, chosen.id, query.as_of).await?;
    let teams = TeamNames::load(&mut transaction, query.as_of).await?;
    // Subscriptions of others have no name either.
    let seen = filter::subscriptions(&assets);
    if is_nothing {
        assets.clear();
    }
    let counts = filter::count(&assets, &query);
    let listed = filter::listed(&assets, &query);
    let total = listed.len();
    let (offset, page, next) = page_of(&listed, chosen.id, &mut query);
    let rows = rows(&mut transaction, inventory, page, (&names, &teams)).await?;
    let mut subscriptions: Vec<(SubscriptionView, u64)> = counts
        .subscriptions
        .into_iter()
        .map(|(id, number)| {
            let name = seen.contains(id.as_str()).then(|| names.get(&id)).flatten();
            (SubscriptionView { name, id }, number)
        })
        .collect();
    subscriptions.sort();
    Ok(Some(ResourcesView {
        as_of: shown.view(),
        limited_to: teams.limits(sight),
        connections: chosen.choice,
        status_counts: counts.statuses,
        type_counts: counts.types,
        owner_counts: counts
            .owners
            .into_iter()
            .map(|(owner, count)| (owner.map(|owner| teams.view(owner)), count))
            .collect(),
        subscription_counts: subscriptions,
        region_counts: counts.regions,
        total: number(total),
        all: number(all),
        unread: number(unread),
        rows,
        offset,
        next,
        read_at: read::evaluation::read_at(&mut transaction, chosen.id, query.as_of).await?,
        query,
    }))
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The part of a list that a query asks for, how many come before it, and the cursor of the next.
fn page_of<'a, 'b>(
    listed: &'a [&'b Asset],
    connection: postern_domain::id::ConnectionId,
    query: &mut ResourceQuery,
) -> (u64, &'a [&'b Asset], Option<String>) {
    let list = cursor::list_name(connection, query);
    let after = query.after.as_deref().and_then(|text| cursor::decode(text, &list));
    if after.is_none() {
        query.after = None;
    }
    let order = query.order;
    let start = after
        .map_or(0, |after| listed.partition_point(|asset| filter::is_up_to(asset, &after, order)));
    let limit = usize::try_from(query.limit).expect("at most 100");
    let end = start.saturating_add(limit).min(listed.len());
    let page = listed.get(start..end).unwrap_or_default();
    let next = page
        .last()
        .filter(|_| end < listed.len())
        .map(|last| cursor::encode(&filter::place(last, order), &list));
    (number(start), page, next)
}

/// The rows of a page, in its order.
async fn rows(
    connection: &mut PgConnection,
    inventory: Inventory<'_>,
    page: &[&Asset],
    (names, teams): (&SubscriptionNames, &TeamNames),
) -> Result<Vec<ResourceRowView>, ReadError> {
    let numbers: Vec<AssetNumber> = page.iter().map(|asset| asset.listed.number).collect();
    let records = read::resource::rows(connection, inventory, &numbers).await?;
    let mut records: BTreeMap<AssetNumber, AssetRecord> =
        records.into_iter().map(|record| (record.number, record)).collect();
    Ok(page
        .iter()
        .filter_map(|Asset { listed: asset, .. }| {
            let record = records.remove(&asset.number)?;
            let (public_network, key_sign_in) = exposures(&record);
            Some(ResourceRowView {
                number: asset.number,
                asset: asset_view(record.identity, names),
                owner: asset.owner.clone().map(|owner| teams.view(owner)),
                worst: asset.worst,
                open: record.open,
                excepted: record.excepted,
                unknown: record.unknown,
                public_network,
                key_sign_in,
                last_read_at: record.last_read_at,
                unread: record.unread_reason,
            })
        })
        .collect())
}

/// Whether it answers to the internet, and whether it accepts keys; what was read before it could not be read counts for
/// nothing.
fn exposures(record: &AssetRecord) -> (Exposure, Exposure) {
    let asset_type = &record.identity.asset_type;
    let properties = record.access.as_ref().filter(|_| record.unread_reason.is_none());
    (
        exposure::public_network(asset_type, properties),
        exposure::key_sign_in(asset_type, properties),
    )
}

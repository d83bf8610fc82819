//! The list of resources: what it holds, how it is filtered and counted, and that each team sees its own.

use std::collections::BTreeSet;

use postern_domain::arm::{AssetType, COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE};
use postern_domain::clock::Clock;
use postern_domain::exposure::Exposure;
use postern_domain::gap::GapKind;
use postern_domain::id::PersonId;
use postern_domain::person::{Actor, Grant, Role};
use postern_domain::team::TeamId;
use postern_service::Postern;
use postern_service::finding::list_findings;
use postern_service::resource::list_resources;
use postern_service::view::{
    FindingQuery, FindingStatus, ResourceOrder, ResourceQuery, ResourceRowView, ResourceStatus,
    ResourcesView,
};
use postern_test_support::sample::{
    closed_account, open_account, refused_snapshot, search_service, snapshot,
};
use serde_json::json;
use time::OffsetDateTime;

use crate::retention::{NOW, half_a_year};
use crate::world::{World, day};

async fn list(postern: &Postern, query: ResourceQuery) -> ResourcesView {
    list_resources(postern, query).await.unwrap().unwrap()
}

fn everything() -> ResourceQuery {
    ResourceQuery { limit: 100, ..ResourceQuery::default() }
}

fn names(view: &ResourcesView) -> Vec<&str> {
    view.rows.iter().map(|row| row.asset.name.as_str()).collect()
}

/// All rows of a query, read in pages of its `limit`.
async fn pages(postern: &Postern, query: &ResourceQuery) -> Vec<ResourceRowView> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = list(postern, ResourceQuery { after, ..query.clone() }).await;
        assert_eq!(page.offset, u64::try_from(rows.len()).unwrap(), "rows before the page");
        assert!(page.rows.len() <= usize::try_from(query.limit).unwrap());
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() {
            assert_eq!(page.total, u64::try_from(rows.len()).unwrap(), "{query:?}");
            return rows;
        }
    }
}

/// What the filters mean, said again without the service.
fn lets_through(query: &ResourceQuery, row: &ResourceRowView) -> bool {
    let stands = |status: &ResourceStatus| match status {
        ResourceStatus::Failing => row.open > 0,
        ResourceStatus::Clear => row.open == 0,
        ResourceStatus::Unread => row.unread.is_some(),
    };
    let owner = row.owner.as_ref().map(|team| team.id.clone());
    let region = row.asset.location.clone().unwrap_or_default();
    (query.statuses.is_empty() || query.statuses.iter().any(stands))
        && (query.asset_types.is_empty() || query.asset_types.contains(&row.asset.asset_type))
        && (query.owners.is_empty() || query.owners.contains(&owner))
        && (query.subscriptions.is_empty() || query.subscriptions.contains(&row.asset.subscription))
        && (query.regions.is_empty() || query.regions.contains(&region))
        && query
            .text
            .as_ref()
            .is_none_or(|text| row.asset.name.to_lowercase().contains(&text.to_lowercase()))
}

fn queries(base: &ResourceQuery) -> Vec<ResourceQuery> {
    let team = |id: &str| -> Option<TeamId> { Some(id.parse().unwrap()) };
    let mut queries = vec![base.clone()];
    for order in ResourceOrder::ALL {
        let base = ResourceQuery { order: *order, ..base.clone() };
        for statuses in [
            vec![ResourceStatus::Failing],
            vec![ResourceStatus::Clear, ResourceStatus::Unread],
            vec![ResourceStatus::Unread],
        ] {
            queries.push(ResourceQuery { statuses, ..base.clone() });
        }
        for owners in [vec![team("nlp")], vec![team("vision"), None]] {
            queries.push(ResourceQuery { owners, ..base.clone() });
        }
        let asset_types = vec![AssetType::new(COGNITIVE_SERVICES_ACCOUNT)];
        queries.push(ResourceQuery { asset_types: asset_types.clone(), ..base.clone() });
        queries.push(ResourceQuery {
            asset_types,
            text: Some("OAI".to_owned()),
            statuses: vec![ResourceStatus::Failing],
            ..base.clone()
        });
        queries.push(ResourceQuery { regions: vec!["westeurope".to_owned()], ..base.clone() });
        queries.push(ResourceQuery { regions: vec![String::new()], ..base.clone() });
        queries.push(ResourceQuery { subscriptions: vec!["elsewhere".to_owned()], ..base.clone() });
        queries.push(ResourceQuery { text: Some("100%_\\".to_owned()), ..base });
    }
    queries
}

#[tokio::test]
async fn pages_hold_every_resource_once_in_order_and_filters_and_counts_agree() {
    let world = half_a_year().await;
    let postern = world.postern.with_clock(Clock::fixed(day(NOW)));
    for as_of in [None, Some(day(12)), Some(day(61)), Some(day(100))] {
        let base = ResourceQuery { as_of, ..everything() };
        let all = pages(&postern, &base).await;
        assert!(all.len() > 1, "{as_of:?}");
        let key = |row: &ResourceRowView| {
            (row.worst.is_none(), row.worst, row.asset.name.to_lowercase(), row.number)
        };
        assert!(all.is_sorted_by_key(key), "the worst first, then by name, as of {as_of:?}");
        for limit in [1, 2] {
            assert_eq!(pages(&postern, &ResourceQuery { limit, ..base.clone() }).await, all);
        }
        for query in queries(&base) {
            check(&postern, &all, &query).await;
        }
        check_findings(&postern, &all, as_of).await;
    }
}

async fn check(postern: &Postern, all: &[ResourceRowView], query: &ResourceQuery) {
    let view = list(postern, query.clone()).await;
    let mut expected: Vec<_> = all.iter().filter(|row| lets_through(query, row)).cloned().collect();
    if query.order == ResourceOrder::Name {
        expected.sort_by_key(|row| (row.asset.name.to_lowercase(), row.number));
    }
    assert_eq!(view.rows, expected, "{query:?}");
    assert_eq!(view.all, u64::try_from(all.len()).unwrap());
    let unread = all.iter().filter(|row| row.unread.is_some()).count();
    assert_eq!(view.unread, u64::try_from(unread).unwrap());
    let count = |query: ResourceQuery| {
        u64::try_from(all.iter().filter(|row| lets_through(&query, row)).count()).unwrap()
    };
    for (status, found) in view.status_counts {
        let one = ResourceQuery { statuses: vec![status], ..query.clone() };
        assert_eq!(found, count(one), "{status:?} {query:?}");
    }
    for (asset_type, found) in view.type_counts {
        let one = ResourceQuery { asset_types: vec![asset_type.clone()], ..query.clone() };
        assert_eq!(found, count(one), "{asset_type} {query:?}");
    }
    for (owner, found) in view.owner_counts {
        let one = ResourceQuery { owners: vec![owner.map(|team| team.id)], ..query.clone() };
        assert_eq!(found, count(one), "{query:?}");
    }
    for (subscription, found) in view.subscription_counts {
        let one = ResourceQuery { subscriptions: vec![subscription.id], ..query.clone() };
        assert_eq!(found, count(one), "{query:?}");
    }
    for (region, found) in view.region_counts {
        let one = ResourceQuery { regions: vec![region], ..query.clone() };
        assert_eq!(found, count(one), "{query:?}");
    }
}

/// What a row counts is what the list of findings has of the resource.
async fn check_findings(postern: &Postern, all: &[ResourceRowView], as_of: Option<OffsetDateTime>) {
    for row in all {
        let mut found = Vec::new();
        for status in [FindingStatus::Open, FindingStatus::Excepted, FindingStatus::Unknown] {
            let text = Some(row.asset.name.clone());
            let query = FindingQuery { status, text, as_of, limit: 200, ..FindingQuery::default() };
            let list = list_findings(postern, query).await.unwrap().unwrap();
            let of_asset = list.rows.into_iter().filter(|it| it.asset.arm_id == row.asset.arm_id);
            found.push(of_asset.map(|it| it.severity).collect::<Vec<_>>());
        }
        let lengths: Vec<u64> = found.iter().map(|it| u64::try_from(it.len()).unwrap()).collect();
        assert_eq!([row.open, row.excepted, row.unknown], lengths[..], "{}", row.asset.name);
        assert_eq!(row.worst, found[0].iter().min().copied(), "{} {as_of:?}", row.asset.name);
    }
}

#[tokio::test]
async fn a_row_says_what_its_properties_say_and_nothing_of_what_was_not_read() {
    let world = World::new().await;
    let hostile = "<script>alert(1)";
    let mut odd = open_account(hostile);
    odd["properties"]["publicNetworkAccess"] = json!({"a": 1});
    odd["location"] = json!("West Europe");
    // Read, without a word of its properties: that is not what Azure does by default.
    let mut bare = search_service("find-2");
    bare.as_object_mut().unwrap().remove("properties").unwrap();
    let searches = [search_service("find-1"), bare.clone()];
    let accounts = [open_account("oai-1"), closed_account("oai-2"), odd];
    let all = [&accounts[..], &searches[..]].concat();
    world.take(snapshot(day(0), &all)).await;
    let said = |view: &ResourcesView, name: &str| {
        let row = view.rows.iter().find(|row| row.asset.name == name).unwrap();
        (row.public_network, row.key_sign_in)
    };
    let before = list(&world.postern, everything()).await;
    assert_eq!(said(&before, "oai-1"), (Exposure::Open, Exposure::Open));
    assert_eq!(said(&before, "oai-2"), (Exposure::Closed, Exposure::Closed));
    assert_eq!(said(&before, hostile), (Exposure::Unknown, Exposure::Open));
    assert_eq!(said(&before, "find-2"), (Exposure::Unknown, Exposure::Unknown));
    let regions: BTreeSet<&str> =
        before.region_counts.iter().map(|(region, _)| region.as_str()).collect();
    assert!(regions.contains("westeurope") && !regions.contains("West Europe"), "{regions:?}");

    world.take(refused_snapshot(day(1), &searches)).await;
    let postern = world.postern.with_clock(Clock::fixed(day(2)));
    let after = list(&postern, everything()).await;
    assert_eq!((after.all, after.unread), (before.all, 3));
    let row = after.rows.iter().find(|row| row.asset.name == "oai-2").unwrap();
    assert_eq!((row.public_network, row.key_sign_in), (Exposure::Unknown, Exposure::Unknown));
    assert_eq!(row.unread.as_ref().map(|reason| reason.kind), Some(GapKind::Forbidden));
    assert_eq!(row.last_read_at, day(0));
    let unread = ResourceQuery { statuses: vec![ResourceStatus::Unread], ..everything() };
    let view = list(&postern, ResourceQuery { order: ResourceOrder::Name, ..unread }).await;
    assert_eq!(names(&view), [hostile, "oai-1", "oai-2"]);
    // As of the first day all is as it was.
    let then = list(&postern, ResourceQuery { as_of: Some(day(0)), ..everything() }).await;
    assert_eq!((then.rows, then.unread), (before.rows, 0));
}

#[tokio::test]
async fn what_is_gone_is_in_the_list_of_its_time_alone() {
    let world = World::new().await;
    let (one, two) = (open_account("oai-1"), open_account("oai-2"));
    world.take(snapshot(day(0), std::slice::from_ref(&one))).await;
    world.take(snapshot(day(2), &[one.clone(), two.clone()])).await;
    world.take(snapshot(day(4), std::slice::from_ref(&two))).await;
    world.take(snapshot(day(6), &[one, two])).await;
    world.take(snapshot(day(8), &[search_service("find-1")])).await;
    let postern = world.postern.with_clock(Clock::fixed(day(9)));
    let mut numbers = BTreeSet::new();
    for (at, expected) in [
        (Some(1), vec!["oai-1"]),
        (Some(2), vec!["oai-1", "oai-2"]),
        (Some(3), vec!["oai-1", "oai-2"]),
        (Some(4), vec!["oai-2"]),
        (Some(7), vec!["oai-1", "oai-2"]),
        (Some(8), vec!["find-1"]),
        (None, vec!["find-1"]),
    ] {
        let query =
            ResourceQuery { as_of: at.map(day), text: Some("-".to_owned()), ..everything() };
        let view = list(&postern, ResourceQuery { order: ResourceOrder::Name, ..query }).await;
        assert_eq!(names(&view), expected, "day {at:?}");
        numbers.extend(view.rows.iter().map(|row| (row.asset.name.clone(), row.number)));
        if let Some(row) = view.rows.iter().find(|row| row.asset.name == "oai-1") {
            assert_eq!(row.asset.location.as_deref(), Some("westeurope"));
        }
    }
    assert_eq!(numbers.len(), 3, "what comes back keeps its number: {numbers:?}");
}

#[tokio::test]
async fn a_team_sees_its_own_resources_and_no_name_of_another() {
    let world = half_a_year().await;
    let all = world.postern.with_clock(Clock::fixed(day(NOW)));
    let nlp: TeamId = "nlp".parse().unwrap();
    let of_nlp = all.acting_as(Actor::Person {
        id: PersonId::from_number(7),
        name: "Nora Klein".to_owned(),
        grants: vec![Grant::in_team(Role::Contributor, nlp.clone())],
        address: None,
    });
    let mut seen = 0;
    for as_of in [Some(day(30)), Some(day(90)), Some(day(150)), None] {
        let query = ResourceQuery { as_of, ..everything() };
        let owned = ResourceQuery { owners: vec![Some(nlp.clone())], ..query.clone() };
        let expected = list(&all, owned).await;
        let found = list(&of_nlp, query.clone()).await;
        assert_eq!(found.rows, expected.rows, "as of {as_of:?}");
        assert_eq!((found.all, found.total), (expected.total, expected.total));
        assert!(
            found
                .owner_counts
                .iter()
                .all(|(owner, _)| { owner.as_ref().is_some_and(|owner| owner.id == nlp) })
        );
        seen += found.rows.len();
        let others = vec![Some("vision".parse().unwrap()), None];
        let stolen = list(&of_nlp, ResourceQuery { owners: others, ..query.clone() }).await;
        assert_eq!((stolen.total, stolen.rows.len()), (0, 0));
        assert!(stolen.owner_counts.is_empty(), "{:?}", stolen.owner_counts);
        let types = ResourceQuery { asset_types: vec![AssetType::new(SEARCH_SERVICE)], ..query };
        let of_type = list(&of_nlp, types).await;
        assert!(of_type.rows.iter().all(|row| row.owner.as_ref().is_some_and(|it| it.id == nlp)));
    }
    assert!(seen > 2, "there is something to see: {seen}");
}

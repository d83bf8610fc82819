//! The page of a resource: what it says while the resource is there, when it is not read, and when it is gone.

use postern_domain::arm::{COGNITIVE_SERVICES_ACCOUNT, SUBSCRIPTION};
use postern_domain::clock::Clock;
use postern_domain::exposure::Exposure;
use postern_domain::fact::{DEPLOYMENTS, Fact, PRIVATE_ENDPOINTS};
use postern_domain::gap::{GapKind, GapReason};
use postern_domain::id::{AssetNumber, PersonId, ScanId};
use postern_domain::person::{Actor, Grant, Role};
use postern_domain::team::TeamId;
use postern_service::Postern;
use postern_service::finding::list_findings;
use postern_service::resource::{ResourceRequest, list_resources, show_resource};
use postern_service::team::set_routing;
use postern_service::view::{
    Comparison, FindingQuery, FindingStatus, Portal, ResourceChangeWhat, ResourceQuery,
    ResourceState, ResourceView,
};
use postern_test_support::sample::{
    Reading, closed_account, open_account, refused_snapshot, search_service, snapshot,
};
use serde_json::json;
use time::OffsetDateTime;

use crate::retention::{NOW, half_a_year};
use crate::world::{World, day};

fn request(number: AssetNumber) -> ResourceRequest {
    ResourceRequest { number, as_of: None, compare: None }
}

async fn show(postern: &Postern, request: ResourceRequest) -> ResourceView {
    show_resource(postern, request).await.unwrap().unwrap()
}

/// The number of the resource of this name, as of a moment.
async fn number(postern: &Postern, name: &str, as_of: Option<OffsetDateTime>) -> AssetNumber {
    let query = ResourceQuery { limit: 100, as_of, ..ResourceQuery::default() };
    let view = list_resources(postern, query).await.unwrap().unwrap();
    view.rows.iter().find(|row| row.asset.name == name).unwrap().number
}

/// A reading of one account with facts beside it.
fn with_facts(at: OffsetDateTime, account: &serde_json::Value, capacity: u32) -> Reading {
    let mut reading = snapshot(at, std::slice::from_ref(account));
    for asset in reading.assets.values_mut() {
        if asset.asset_type.as_str() != COGNITIVE_SERVICES_ACCOUNT {
            continue;
        }
        let deployments = json!([{
            "name": "chat", "sku": {"name": "Standard", "capacity": capacity},
            "properties": {"model": {"name": "gpt-4o", "version": "2024-08-06"}},
        }]);
        let facts = &mut asset.document.related;
        facts.insert(DEPLOYMENTS.to_owned(), Fact::Read { value: deployments });
        let reason = GapReason {
            kind: GapKind::Forbidden,
            status: Some(403),
            action: Some("Microsoft.Network/privateEndpoints/read".to_owned()),
            message: "the credential may not list private endpoints".to_owned(),
        };
        facts.insert(PRIVATE_ENDPOINTS.to_owned(), Fact::unreadable(reason));
    }
    reading
}

#[tokio::test]
async fn a_page_has_identity_posture_configuration_and_what_changed() {
    let world = World::new().await;
    let routing = serde_json::from_value(json!({
        "teams": [{"id": "nlp", "name": "NLP"}],
        "rules": [{"scope": {"tag": "team=nlp"}, "team": "nlp"}],
    }))
    .unwrap();
    set_routing(&world.postern, &routing, "a test").await.unwrap();
    let mut account = open_account("oai-1");
    account["tags"] = json!({"team": "nlp", "<b>": "</script>"});
    world.take(with_facts(day(0), &account, 10)).await;
    world.take(with_facts(day(1), &account, 10)).await;
    account["properties"]["disableLocalAuth"] = json!(true);
    world.take(with_facts(day(2), &account, 20)).await;
    let postern = world.postern.with_clock(Clock::fixed(day(3)));
    let number = number(&postern, "oai-1", None).await;
    let view = show(&postern, request(number)).await;
    assert_eq!(view.state, ResourceState::Read);
    assert_eq!((view.first_seen_at, view.last_read_at), (day(0), day(2)));
    assert_eq!((view.public_network, view.key_sign_in), (Exposure::Open, Exposure::Closed));
    assert_eq!(view.owner.as_ref().map(|team| team.name.as_str()), Some("NLP"));
    assert_eq!(view.owned_by.as_deref(), Some("By rule 1: tag team=nlp."));
    let tags: Vec<(&str, &str)> =
        view.tags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(tags, [("<b>", "</script>"), ("team", "nlp")]);
    assert!(matches!(view.portal, Portal::IfPublic { .. }), "{:?}", view.portal);
    assert!(view.configuration.contains("\"disableLocalAuth\": true"));

    // What could not be read comes first, and says why.
    let labels: Vec<&str> = view.facts.iter().map(|fact| fact.label.as_str()).collect();
    assert_eq!(labels, ["Private endpoints", "Model deployments", "Diagnostic settings"]);
    let unread = view.facts[0].unread.as_ref().unwrap();
    assert_eq!(unread.message, "the credential may not list private endpoints");
    assert!(view.facts[0].json.is_none());
    assert_eq!(view.facts[1].rows[0][1].as_deref(), Some("gpt-4o"));

    let changes: Vec<_> = view.changes.iter().map(|change| (change.what, change.at)).collect();
    let expected = [(ResourceChangeWhat::Changed, day(2)), (ResourceChangeWhat::Appeared, day(0))];
    assert_eq!(changes, expected, "day 1 changed nothing");
    let paths: Vec<&str> =
        view.changes[0].properties.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(paths, ["properties.disableLocalAuth", "deployments[\"chat\"].sku.capacity"]);

    // The same between the two scans, in whichever order they are named, and nothing between what is the same.
    let (last, first) = (view.changes[0].scan, view.changes[1].scan);
    for compare in [(first, last), (last, first)] {
        let view =
            show(&postern, ResourceRequest { compare: Some(compare), ..request(number) }).await;
        let Some(Comparison::Compared { from, until, properties, more }) = view.comparison else {
            panic!("{:?}", view.comparison);
        };
        assert_eq!((from.0, until.0, more), (first, last, 0));
        assert_eq!(properties, view.changes[0].properties);
    }
    let elsewhere = ScanId::from_number(999);
    let compare = Some((first, elsewhere));
    let view = show(&postern, ResourceRequest { compare, ..request(number) }).await;
    assert_eq!(view.comparison, Some(Comparison::Missing { scan: elsewhere }));

    check_counts(&postern, &view, None).await;
    let then = show(&postern, ResourceRequest { as_of: Some(day(1)), ..request(number) }).await;
    assert_eq!((then.key_sign_in, then.changes.len()), (Exposure::Open, 1));
    check_counts(&postern, &then, Some(day(1))).await;
}

/// What the page counts is what the list of findings of the resource has, topic by topic.
async fn check_counts(postern: &Postern, view: &ResourceView, as_of: Option<OffsetDateTime>) {
    let list = |status, topics| {
        let resource = Some(view.number);
        let query =
            FindingQuery { status, topics, resource, as_of, limit: 200, ..FindingQuery::default() };
        async move { list_findings(postern, query).await.unwrap().unwrap() }
    };
    let counts = view.counts;
    for (status, number) in [
        (FindingStatus::Open, counts.open),
        (FindingStatus::Excepted, counts.excepted),
        (FindingStatus::Unknown, counts.unknown),
        (FindingStatus::Resolved, counts.resolved),
    ] {
        let found = list(status, Vec::new()).await;
        assert_eq!(found.total, number, "{status:?}");
        assert_eq!(u64::try_from(found.rows.len()).unwrap(), number, "{status:?}");
        assert!(found.rows.iter().all(|row| row.resource == view.number));
        let counted = found.status_counts.iter().find(|(of, _)| *of == status).unwrap().1;
        assert_eq!(counted, number);
    }
    assert!(counts.open > 0);
    for topic in &view.topics {
        let open = list(FindingStatus::Open, vec![topic.topic]).await.total;
        assert_eq!(u64::from(topic.fail), open, "{}", topic.topic);
        let unknown = list(FindingStatus::Unknown, vec![topic.topic]).await.total;
        assert_eq!(u64::from(topic.unknown), unknown, "{}", topic.topic);
    }
}

#[tokio::test]
async fn what_is_unread_says_why_and_what_is_deleted_between_when() {
    let world = World::new().await;
    let search = search_service("find-1");
    world.take(snapshot(day(0), &[closed_account("oai-1"), search.clone()])).await;
    world.take(refused_snapshot(day(1), std::slice::from_ref(&search))).await;
    world.take(refused_snapshot(day(2), std::slice::from_ref(&search))).await;
    world.take(snapshot(day(3), &[closed_account("oai-1"), search.clone()])).await;
    world.take(snapshot(day(4), std::slice::from_ref(&search))).await;
    world.take(snapshot(day(5), &[search])).await;
    let postern = world.postern.with_clock(Clock::fixed(day(6)));
    let number = number(&postern, "oai-1", Some(day(0))).await;
    let then = |at: i64| ResourceRequest { as_of: Some(day(at)), ..request(number) };

    let view = show(&postern, then(2)).await;
    let ResourceState::Unread { reason } = &view.state else { panic!("{:?}", view.state) };
    assert_eq!(reason.kind, GapKind::Forbidden);
    assert_eq!((view.last_read_at, view.key_sign_in), (day(0), Exposure::Unknown));
    assert_eq!(view.changes[0].what, ResourceChangeWhat::Unread);
    assert_eq!(view.changes[0].reason.as_deref(), Some("the credential may not list the accounts"));
    assert!(view.topics.iter().all(|topic| topic.pass == 0 && topic.fail == 0));

    assert_eq!(show(&postern, then(3)).await.state, ResourceState::Read);
    for request in [then(5), request(number)] {
        let view = show(&postern, request).await;
        assert_eq!(view.state, ResourceState::Deleted { after: day(3), by: day(4) });
        assert_eq!((view.counts.open, view.owned_by.as_deref()), (0, None));
        let said = |topic: &postern_service::view::TopicPosture| {
            topic.pass + topic.fail + topic.excepted + topic.unknown + topic.not_applicable
        };
        assert_eq!(view.topics.iter().map(said).sum::<u32>(), 0);
        assert!(view.configuration.contains("oai-1"), "what was known of it last");
        let whats: Vec<_> = view.changes.iter().map(|change| change.what).collect();
        assert_eq!(
            whats,
            [
                ResourceChangeWhat::Deleted,
                ResourceChangeWhat::ReadAgain,
                ResourceChangeWhat::Unread,
                ResourceChangeWhat::Appeared,
            ]
        );
    }
    // Before it was seen there was no page of it.
    let world = World::new().await;
    world.take(snapshot(day(0), &[search_service("find-1")])).await;
    world.take(snapshot(day(2), &[open_account("late"), search_service("find-1")])).await;
    let postern = world.postern.with_clock(Clock::fixed(day(3)));
    let number = number_of_late(&postern).await;
    assert!(show_resource(&postern, request(number)).await.unwrap().is_some());
    let early = ResourceRequest { as_of: Some(day(1)), ..request(number) };
    assert!(show_resource(&postern, early).await.unwrap().is_none());
    let none = request(AssetNumber::from_number(999));
    assert!(show_resource(&postern, none).await.unwrap().is_none());
}

async fn number_of_late(postern: &Postern) -> AssetNumber {
    number(postern, "late", None).await
}

#[tokio::test]
async fn a_page_is_there_for_its_team_and_for_nobody_of_another() {
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
    for as_of in [Some(day(30)), Some(day(90)), None] {
        let query = ResourceQuery { limit: 100, as_of, ..ResourceQuery::default() };
        for row in list_resources(&all, query).await.unwrap().unwrap().rows {
            let is_nlps = row.owner.as_ref().is_some_and(|owner| owner.id == nlp);
            let request = ResourceRequest { as_of, ..request(row.number) };
            let page = show_resource(&of_nlp, request).await.unwrap();
            assert_eq!(page.is_some(), is_nlps, "{} as of {as_of:?}", row.asset.name);
            if let Some(page) = page {
                seen += 1;
                assert!(!page.may_see_scans);
                let whole = show(&all, request).await;
                assert_eq!(page.counts, whole.counts);
                assert!(whole.may_see_scans);
            }
            // Nor is there a list of findings of another's.
            let query = FindingQuery {
                resource: Some(row.number),
                status: FindingStatus::All,
                limit: 200,
                as_of,
                ..FindingQuery::default()
            };
            let found = list_findings(&of_nlp, query).await.unwrap().unwrap();
            if !is_nlps {
                assert_eq!((found.total, found.rows.len()), (0, 0));
            }
        }
    }
    assert!(seen > 1, "there is something to see: {seen}");
}

#[tokio::test]
async fn a_subscription_has_a_page_too() {
    let world = World::new().await;
    let id = "/subscriptions/aaaa";
    let subscription = json!({"id": id, "subscriptionId": "aaaa", "displayName": "Production"});
    world.take(snapshot(day(0), &[subscription, open_account("oai-1")])).await;
    let postern = world.postern.with_clock(Clock::fixed(day(1)));
    let query = ResourceQuery { limit: 100, ..ResourceQuery::default() };
    let rows = list_resources(&postern, query).await.unwrap().unwrap().rows;
    let row = rows.iter().find(|row| row.asset.asset_type.as_str() == SUBSCRIPTION).unwrap();
    assert_eq!(
        (row.public_network, row.key_sign_in),
        (Exposure::NotApplicable, Exposure::NotApplicable)
    );
    let view = show(&postern, request(row.number)).await;
    assert_eq!(view.public_network, Exposure::NotApplicable);
    assert_eq!(view.asset.resource_group, None);
}

//! Reading a tenant that answers.

use postern_azure::{AzureSettings, Collector, Credential, Scope};
use postern_azure_sim::{AzureSim, EstateSource, Fault};
use postern_domain::arm::{AssetType, SCANNED_TYPES};
use postern_domain::asset::Asset;
use postern_domain::fact::{self, Fact};
use postern_domain::snapshot::Completeness;
use serde_json::Value;
use time::Duration;

use crate::truth::{differences, unreadable};
use crate::{FIRST_DAY, Read, collect, settings, start, start_estate};

/// Everything arrives, once, without a gap.
async fn check_whole(sim: &AzureSim) -> Read {
    let read = collect(settings(sim)).await.unwrap();
    assert_eq!(differences(sim, &read), Vec::<String>::new());
    assert_eq!(unreadable(&read), Vec::<String>::new());
    assert_eq!(read.snapshot.gaps, []);
    for listing in &read.snapshot.listings {
        assert_eq!(listing.completeness, Completeness::Complete, "{listing:?}");
    }
    for coverage in &read.snapshot.fact_coverage {
        assert_eq!((coverage.partial, coverage.failed), (0, 0), "{coverage:?}");
    }
    for asset_type in SCANNED_TYPES {
        assert!(
            read.assets.values().any(|asset| asset.asset_type.as_str() == asset_type),
            "{asset_type}"
        );
    }
    read
}

#[tokio::test]
async fn the_small_estate_arrives_whole() {
    let sim = start_estate(EstateSource::Small).await;
    let read = check_whole(&sim).await;
    // What holds for a subscription is an asset of its own.
    for subscription in &read.snapshot.subscriptions {
        let id = format!("/subscriptions/{}", subscription.id).parse().unwrap();
        let asset = &read.assets[&id];
        for name in [
            fact::DEFENDER_PLANS,
            fact::POLICY_ASSIGNMENTS,
            fact::POLICY_EXEMPTIONS,
            fact::BUDGETS,
            fact::ROLE_ASSIGNMENTS,
            fact::CUSTOM_ROLES,
            fact::LOCKS,
            fact::SECURITY_CONTACTS,
            fact::SECURITY_ALERTS,
            fact::ACTIVITY_LOG_ALERTS,
            fact::DIAGNOSTIC_SETTINGS,
        ] {
            assert!(matches!(&asset.document.related[name], Fact::Read { .. }), "{name}");
        }
    }
    sim.stop().await;
}

#[tokio::test]
async fn every_fact_that_rules_may_need_is_found_somewhere_in_the_small_estate() {
    let sim = start_estate(EstateSource::Small).await;
    let read = collect(settings(&sim)).await.unwrap();
    let is_found = |name: &str| {
        read.assets.values().any(|asset| match asset.document.related.get(name) {
            Some(Fact::Read { value }) => !value.as_array().unwrap().is_empty(),
            _ => false,
        })
    };
    let missing: Vec<&str> = [
        fact::DIAGNOSTIC_SETTINGS,
        fact::LOCKS,
        fact::ROLE_ASSIGNMENTS,
        fact::POLICY_STATES,
        fact::MANAGEMENT_GROUPS,
        fact::PRIVATE_ENDPOINTS,
        fact::PRIVATE_DNS_ZONE_GROUPS,
        fact::PRIVATE_DNS_ZONES,
        fact::VIRTUAL_NETWORK_LINKS,
        fact::METRIC_ALERTS,
        fact::KEY_EVENTS,
        fact::KEY_VAULTS,
        fact::KEY_VAULT_KEYS,
        fact::LINKED_RESOURCES,
        fact::DEPLOYMENTS,
        fact::DEPLOYED_MODELS,
        fact::RAI_POLICIES,
        fact::PROJECTS,
        fact::CONNECTIONS,
        fact::PROJECT_CONNECTIONS,
        fact::MANAGED_NETWORKS,
        fact::DEFENDER_FOR_AI_SETTINGS,
        fact::NETWORK_SECURITY_PERIMETER_CONFIGURATIONS,
        fact::USAGES,
        fact::COMPUTES,
        fact::ONLINE_ENDPOINTS,
        fact::ONLINE_DEPLOYMENTS,
        fact::BATCH_ENDPOINTS,
        fact::SERVERLESS_ENDPOINTS,
        fact::DATASTORES,
        fact::OUTBOUND_RULES,
        fact::SHARED_PRIVATE_LINK_RESOURCES,
        fact::CHANNELS,
        fact::DEFENDER_PLANS,
        fact::SECURITY_CONTACTS,
        fact::POLICY_ASSIGNMENTS,
        fact::POLICY_EXEMPTIONS,
        fact::BUDGETS,
        fact::ACTIVITY_LOG_ALERTS,
        fact::CUSTOM_ROLES,
    ]
    .into_iter()
    .filter(|name| !is_found(name))
    .collect();
    assert_eq!(missing, Vec::<&str>::new());
    sim.stop().await;
}

#[tokio::test]
async fn the_company_arrives_whole_over_its_pages() {
    let sim = start(120).await;
    let read = check_whole(&sim).await;
    assert_eq!(read.snapshot.subscriptions.len(), 4);
    let requests = sim.requests();
    let tokens = requests.iter().filter(|request| request.path.ends_with("/oauth2/v2.0/token"));
    assert_eq!(tokens.count(), 1, "the token was fetched more than once");
    sim.stop().await;
}

#[tokio::test]
async fn a_large_estate_arrives_whole() {
    let sim = start_estate(EstateSource::Huge { subscriptions: 8, assets: 400 }).await;
    check_whole(&sim).await;
    sim.stop().await;
}

#[tokio::test]
async fn the_same_day_read_twice_is_the_same_snapshot() {
    let sim = start(40).await;
    sim.set_day(FIRST_DAY + Duration::days(17));
    let one = collect(settings(&sim)).await.unwrap();
    let two = collect(settings(&sim)).await.unwrap();
    assert_eq!(one.assets, two.assets);
    assert_eq!(one.snapshot.listings, two.snapshot.listings);
    assert_eq!(one.snapshot.fact_coverage, two.snapshot.fact_coverage);
    assert_eq!(one.snapshot.gaps, two.snapshot.gaps);
    assert!(!one.snapshot.gaps.is_empty(), "diagnostic settings are refused that day");
    sim.stop().await;
}

/// Azure evaluates policies every day, and finds what it found before.
#[tokio::test]
async fn when_a_policy_was_evaluated_changes_no_asset() {
    let sim = start(40).await;
    let mut days = Vec::new();
    for day in [5, 6] {
        sim.set_day(FIRST_DAY + Duration::days(day));
        days.push(collect(settings(&sim)).await.unwrap());
    }
    let states = |asset: &Asset| match asset.document.related.get(fact::POLICY_STATES) {
        Some(Fact::Read { value }) => value.as_array().unwrap().clone(),
        _ => Vec::new(),
    };
    let ids = |states: &[Value]| states.iter().map(|it| it["id"].clone()).collect::<Vec<_>>();
    let mut compared = 0;
    for (id, before) in &days[0].assets {
        let Some(after) = days[1].assets.get(id) else { continue };
        let (before, after) = (states(before), states(after));
        if !before.is_empty() && ids(&before) == ids(&after) {
            assert_eq!(before, after, "{id}");
            compared += 1;
        }
    }
    assert!(compared > 5, "{compared} assets violate policies on both days");
    sim.stop().await;
}

async fn in_scope(sim: &AzureSim, scope: Scope) -> Read {
    collect(AzureSettings { scope, ..settings(sim) }).await.unwrap()
}

#[tokio::test]
async fn only_the_subscriptions_asked_for_are_read() {
    let sim = start(40).await;
    let all = collect(settings(&sim)).await.unwrap().snapshot.subscriptions;
    let unknown = "00000000-0000-0000-0000-00000000dead".to_owned();
    let subscriptions = vec![all[0].id.to_uppercase(), unknown.clone()];
    let read = in_scope(&sim, Scope { subscriptions, ..Scope::default() }).await;
    assert_eq!(read.snapshot.subscriptions, all[..1]);
    assert!(read.assets.values().all(|asset| asset.subscription == all[0].id));
    assert_eq!(read.snapshot.gaps.len(), 1);
    assert_eq!(read.snapshot.gaps[0].scope, format!("/subscriptions/{unknown}"));
    let patterns = Scope {
        include: vec!["contoso *".into()],
        exclude: vec!["*Development".into(), all[0].id.clone()],
        ..Scope::default()
    };
    let read = in_scope(&sim, patterns).await;
    let names: Vec<&str> =
        read.snapshot.subscriptions.iter().map(|subscription| subscription.name.as_str()).collect();
    assert!(!names.is_empty() && names.len() < 4, "{names:?}");
    assert!(names.iter().all(|name| !name.ends_with("Development")), "{names:?}");
    sim.stop().await;
}

#[tokio::test]
async fn a_management_group_names_its_subscriptions_at_any_depth() {
    let sim = start_estate(EstateSource::Small).await;
    let all = collect(settings(&sim)).await.unwrap().snapshot.subscriptions;
    let root = in_scope(&sim, groups(&[sim.tenant_id()])).await;
    assert_eq!(root.snapshot.subscriptions, all);
    let production = in_scope(&sim, groups(&["contoso-ai-production"])).await;
    assert_eq!(production.snapshot.subscriptions.len(), 1);
    // One that is not there, or that the credential may not see, is a gap, and nothing is taken for gone.
    let none = in_scope(&sim, groups(&["elsewhere"])).await;
    assert_eq!(none.snapshot.subscriptions, []);
    assert_eq!(none.snapshot.gaps.len(), 1, "{:?}", none.snapshot.gaps);
    let known = root.assets.keys().next().unwrap();
    let account = AssetType::new(SCANNED_TYPES[0]);
    assert!(matches!(
        none.snapshot.absence(known, &account),
        postern_domain::snapshot::Absence::NotRead(_)
    ));
    sim.stop().await;
}

#[tokio::test]
async fn a_management_group_without_access_is_a_gap_that_names_the_action() {
    let sim = start_estate(EstateSource::Small).await;
    let action = "Microsoft.Management/managementGroups/descendants/read";
    sim.set_faults(vec![Fault::Denied { scope: String::new(), action: action.into() }]);
    let read = in_scope(&sim, groups(&["contoso-ai-production"])).await;
    assert_eq!(read.assets.len(), 0);
    assert_eq!(read.snapshot.gaps.len(), 1, "{:?}", read.snapshot.gaps);
    assert_eq!(read.snapshot.gaps[0].reason.action.as_deref(), Some(action));
    sim.stop().await;
}

#[tokio::test]
async fn a_subscription_that_appears_later_is_found_by_itself() {
    let sim = start_estate(EstateSource::Small).await;
    let all = collect(settings(&sim)).await.unwrap().snapshot.subscriptions;
    let late = all[1].id.clone();
    sim.set_faults(vec![Fault::SubscriptionGone { id: late.clone(), requests: 0 }]);
    for scope in [Scope::default(), groups(&[sim.tenant_id()])] {
        let before = in_scope(&sim, scope).await;
        assert_eq!(before.snapshot.subscriptions, all[..1]);
        assert!(before.assets.values().all(|asset| asset.subscription != late));
    }
    sim.set_faults(Vec::new());
    for scope in [Scope::default(), groups(&[sim.tenant_id()])] {
        let after = in_scope(&sim, scope).await;
        assert_eq!(after.snapshot.subscriptions, all);
        assert!(after.assets.values().any(|asset| asset.subscription == late));
    }
    sim.stop().await;
}

fn groups(names: &[&str]) -> Scope {
    let management_groups = names.iter().map(|name| (*name).to_owned()).collect();
    Scope { management_groups, ..Scope::default() }
}

#[tokio::test]
async fn a_folder_of_resources_is_served_as_an_estate() {
    let folder = tempfile::tempdir().unwrap();
    let id = "/subscriptions/aaaa/resourceGroups/g/providers/Microsoft.Search/searchServices/s";
    std::fs::write(
        folder.path().join("search.json"),
        format!(r#"{{"value":[{{"id":"{id}","name":"s","properties":{{}}}}]}}"#),
    )
    .unwrap();
    let sim = start_estate(EstateSource::Folder(folder.path().to_owned())).await;
    let read = collect(settings(&sim)).await.unwrap();
    assert_eq!(read.assets[&id.parse().unwrap()].arm_id, id);
    assert_eq!(read.snapshot.gaps, []);
    sim.stop().await;
}

#[test]
fn settings_that_cannot_work_are_refused_at_once() {
    let plain = AzureSettings {
        arm_endpoint: "http://127.0.0.1:1".parse().unwrap(),
        ..AzureSettings::public_cloud(Credential::DeveloperTools)
    };
    let no_pem = AzureSettings {
        ca_pem: Some(b"nothing".to_vec()),
        ..AzureSettings::public_cloud(Credential::DeveloperTools)
    };
    let bad_tenant = AzureSettings::public_cloud(Credential::ClientSecret {
        tenant_id: "not a tenant".into(),
        client_id: "c".into(),
        secret: "hunter2".into(),
    });
    for (settings, says) in
        [(plain, "not an https URL"), (no_pem, "no PEM certificate"), (bad_tenant, "tenant")]
    {
        let said = Collector::new(settings).unwrap_err().to_string();
        assert!(said.contains(says) && !said.contains("hunter2"), "{said}");
    }
}

//! Reading a tenant that answers.

use std::sync::Mutex;

use postern_azure::{AzureSettings, Collector, Credential, Progress, ProgressSink};
use postern_azure_sim::{AzureSim, EstateSource, SimOptions};
use postern_domain::arm::JUDGED_TYPES;
use postern_domain::asset::{DIAGNOSTIC_SETTINGS, Fact};
use postern_domain::snapshot::Completeness;
use time::Duration;
use tokio_util::sync::CancellationToken;

use crate::{FIRST_DAY, clock, collect, limits, options, settings, start};

#[tokio::test]
async fn a_whole_tenant_is_read_over_all_pages() {
    let sim = start(120).await;
    let snapshot = collect(settings(&sim)).await.unwrap();
    assert_eq!(snapshot.gaps, []);
    assert_eq!(snapshot.assets.len(), 120);
    assert_eq!(snapshot.subscriptions.len(), 4);
    assert_eq!(snapshot.listings.len(), 1 + 4 * 3);
    assert!(snapshot.listings.iter().all(|listing| listing.completeness == Completeness::Complete));
    for asset_type in JUDGED_TYPES {
        assert!(
            snapshot.assets.values().any(|asset| asset.asset_type.as_str() == asset_type),
            "{asset_type}"
        );
    }
    for asset in snapshot.assets.values() {
        assert!(
            matches!(asset.document.related.get(DIAGNOSTIC_SETTINGS), Some(Fact::Read { value }) if value.is_array()),
            "{}",
            asset.id
        );
    }
    let followed = sim
        .requests()
        .iter()
        .filter(|request| {
            request.query.as_deref().is_some_and(|query| query.contains("$skipToken=page10"))
        })
        .count();
    assert!(followed > 0, "no list had a second page");
    let tokens = sim.requests().iter().filter(|request| request.method == "POST").count();
    assert_eq!(tokens, 1, "the token was fetched more than once");
    sim.stop().await;
}

#[tokio::test]
async fn the_same_day_read_twice_is_the_same_snapshot() {
    let sim = start(40).await;
    sim.set_day(FIRST_DAY + Duration::days(17));
    let one = collect(settings(&sim)).await.unwrap();
    let two = collect(settings(&sim)).await.unwrap();
    assert_eq!(one.assets, two.assets);
    assert_eq!(one.listings, two.listings);
    assert_eq!(one.gaps, two.gaps);
    assert!(!one.gaps.is_empty(), "diagnostic settings are refused that day");
    sim.stop().await;
}

#[tokio::test]
async fn only_the_subscriptions_asked_for_are_read() {
    let sim = start(40).await;
    let all = collect(settings(&sim)).await.unwrap();
    let wanted = all.subscriptions[0].id.clone();
    let unknown = "00000000-0000-0000-0000-00000000dead".to_owned();
    let snapshot = collect(AzureSettings {
        subscriptions: vec![wanted.to_uppercase(), unknown.clone()],
        ..settings(&sim)
    })
    .await
    .unwrap();
    assert_eq!(snapshot.subscriptions.len(), 1);
    assert!(snapshot.assets.values().all(|asset| asset.subscription == wanted));
    assert_eq!(snapshot.gaps.len(), 1);
    assert_eq!(snapshot.gaps[0].scope, format!("/subscriptions/{unknown}"));
    sim.stop().await;
}

#[tokio::test]
async fn progress_is_told_and_ends_where_it_said() {
    struct Told(Mutex<Vec<Progress>>);
    impl ProgressSink for Told {
        fn report(&self, progress: Progress) {
            self.0.lock().unwrap().push(progress);
        }
    }
    let sim = start(12).await;
    let told = Told(Mutex::default());
    let collector = Collector::with_limits(settings(&sim), &limits()).unwrap();
    collector.collect(&clock(), &told, &CancellationToken::new()).await.unwrap();
    let last = told.0.lock().unwrap().last().cloned().unwrap();
    assert_eq!(
        last,
        Progress { step: "Reading diagnostic settings".into(), done: 12, total: Some(12) }
    );
    sim.stop().await;
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
    let estate = EstateSource::Folder(folder.path().to_owned());
    let sim = AzureSim::start(SimOptions { estate, ..options(0) }).await.unwrap();
    let snapshot = collect(settings(&sim)).await.unwrap();
    assert_eq!(snapshot.assets.len(), 1);
    assert_eq!(snapshot.assets.values().next().unwrap().arm_id, id);
    sim.stop().await;
}

#[test]
fn settings_that_cannot_work_are_refused_at_once() {
    let plain = AzureSettings {
        arm_endpoint: "http://127.0.0.1:1".parse().unwrap(),
        ..AzureSettings::public_cloud(Credential::AzureCli)
    };
    let no_pem = AzureSettings {
        ca_pem: Some(b"nothing".to_vec()),
        ..AzureSettings::public_cloud(Credential::AzureCli)
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

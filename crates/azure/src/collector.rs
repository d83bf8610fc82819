//! Reads a tenant into a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use futures::stream::{self, StreamExt as _};
use postern_domain::asset::{Asset, DIAGNOSTIC_SETTINGS, Fact};
use postern_domain::clock::Clock;
use postern_domain::gap::{Gap, GapKind, GapReason};
use postern_domain::snapshot::{Snapshot, SnapshotBuilder, Subscription};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::arm::{self, ArmClient, ArmFailure, ArmList};
use crate::credential::token_credential;
use crate::failure::{CollectError, credential_error};
use crate::operation::{ASSET_LISTS, DIAGNOSTIC_SETTINGS_LIST, Operation, SUBSCRIPTIONS};
use crate::progress::{Progress, ProgressSink};
use crate::settings::{AzureSettings, CollectLimits};
use crate::transport;

/// Reads one Azure tenant, as often as it is asked to.
pub struct Collector {
    settings: AzureSettings,
    concurrency: usize,
    credential: Arc<dyn TokenCredential>,
    arm: ArmClient,
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Collector")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Collector {
    /// Checks the settings; asks nobody yet.
    pub fn new(settings: AzureSettings) -> Result<Self, CollectError> {
        Self::with_limits(settings, &CollectLimits::default())
    }

    /// Like [`Collector::new`], with limits of the caller's.
    pub fn with_limits(
        settings: AzureSettings,
        limits: &CollectLimits,
    ) -> Result<Self, CollectError> {
        let options = transport::client_options(&settings, limits)?;
        let credential = token_credential(&settings.credential, options.clone())?;
        let endpoint = settings.arm_endpoint.clone();
        let arm = ArmClient::new(endpoint, Arc::clone(&credential), options, limits);
        Ok(Self { settings, concurrency: limits.concurrency.max(1), credential, arm })
    }

    /// Reads the tenant now.
    ///
    /// There is an error only where nothing can be read at all; all else is gaps in the snapshot.
    /// What the snapshot holds does not depend on the order in which Azure answers.
    pub async fn collect(
        &self,
        clock: &Clock,
        progress: &dyn ProgressSink,
        cancel: &CancellationToken,
    ) -> Result<Snapshot, CollectError> {
        cancel
            .run_until_cancelled(self.read(clock, progress))
            .await
            .unwrap_or(Err(CollectError::Cancelled))
    }

    async fn read(
        &self,
        clock: &Clock,
        progress: &dyn ProgressSink,
    ) -> Result<Snapshot, CollectError> {
        let mut snapshot = SnapshotBuilder::new(clock.now());
        progress.report(Progress { step: "Signing in".to_owned(), done: 0, total: None });
        self.sign_in().await?;
        let subscriptions = self.read_subscriptions(&mut snapshot, progress).await?;
        let mut assets = self.read_assets(&mut snapshot, &subscriptions, progress).await;
        self.read_diagnostic_settings(&mut snapshot, &mut assets, progress).await;
        for asset in assets.into_values() {
            snapshot.add_asset(asset);
        }
        Ok(snapshot.finish(clock.now()))
    }

    /// Fetches a token before anything else, so that a refused credential is told as such.
    async fn sign_in(&self) -> Result<(), CollectError> {
        let scope = arm::scope(&self.settings.arm_endpoint);
        self.credential.get_token(&[&scope], None).await.map(drop).map_err(|error| {
            let authority = arm::host(&self.settings.authority_host);
            credential_error(&error, &self.settings.credential, authority)
        })
    }

    async fn read_subscriptions(
        &self,
        snapshot: &mut SnapshotBuilder,
        progress: &dyn ProgressSink,
    ) -> Result<Vec<Subscription>, CollectError> {
        progress.report(Progress {
            step: "Reading subscriptions".to_owned(),
            done: 0,
            total: None,
        });
        self.arm.regain_patience();
        let mut list = self.arm.list(&SUBSCRIPTIONS, "/").await;
        if let Some(fatal) = list.failure.as_mut().and_then(|failure| failure.fatal.take()) {
            return Err(fatal);
        }
        let mut found = BTreeMap::new();
        for entry in std::mem::take(&mut list.entries) {
            match subscription(&entry) {
                Some(subscription) => {
                    found.insert(subscription.id.clone(), subscription);
                }
                None => note_malformed(&mut list, &SUBSCRIPTIONS),
            }
        }
        add_listing(snapshot, &SUBSCRIPTIONS, "/", found.len(), list.failure.as_ref());
        if !self.settings.subscriptions.is_empty() {
            found = self.choose(snapshot, &found, list.failure.is_some());
        }
        for subscription in found.values() {
            snapshot.add_subscription(subscription.clone());
        }
        Ok(found.into_values().collect())
    }

    /// The subscriptions that the settings name. One that Azure does not show is a gap,
    /// and is still asked for its assets where the list of subscriptions itself could not be read.
    fn choose(
        &self,
        snapshot: &mut SnapshotBuilder,
        found: &BTreeMap<String, Subscription>,
        list_failed: bool,
    ) -> BTreeMap<String, Subscription> {
        let mut wanted: Vec<String> =
            self.settings.subscriptions.iter().map(|id| id.trim().to_ascii_lowercase()).collect();
        wanted.sort();
        wanted.dedup();
        let mut chosen = BTreeMap::new();
        for id in wanted {
            match found.get(&id) {
                Some(subscription) => {
                    chosen.insert(id, subscription.clone());
                }
                None if list_failed => {
                    chosen.insert(id.clone(), Subscription { name: id.clone(), id });
                }
                None => {
                    let message =
                        "the credential does not see this subscription, which the connection names";
                    snapshot.add_gap(Gap {
                        operation: SUBSCRIPTIONS.label(),
                        scope: format!("/subscriptions/{id}"),
                        asset_type: None,
                        asset: None,
                        reason: GapReason {
                            action: Some(SUBSCRIPTIONS.action.to_owned()),
                            ..GapReason::new(GapKind::NotFound, message)
                        },
                    });
                }
            }
        }
        chosen
    }

    async fn read_assets(
        &self,
        snapshot: &mut SnapshotBuilder,
        subscriptions: &[Subscription],
        progress: &dyn ProgressSink,
    ) -> BTreeMap<String, Asset> {
        let asked: Vec<(String, &'static Operation)> = subscriptions
            .iter()
            .flat_map(|subscription| {
                ASSET_LISTS
                    .map(|operation| (format!("/subscriptions/{}", subscription.id), operation))
            })
            .collect();
        let total = asked.len() as u64;
        let report = |done| {
            let step = "Reading lists of assets".to_owned();
            progress.report(Progress { step, done, total: Some(total) });
        };
        report(0);
        self.arm.regain_patience();
        let arm = self.arm.clone();
        // `buffered` gives the answers in the order of the questions, whichever comes first.
        // Made before they are awaited: a closure over `&'static Operation` kept in the stream would make this
        // future not `Send` (rust-lang/rust#64552).
        let questions: Vec<_> = asked
            .into_iter()
            .map(|(scope, operation)| {
                let arm = arm.clone();
                async move {
                    let list = arm.list(operation, &scope).await;
                    (scope, operation, list)
                }
            })
            .collect();
        let mut answers = stream::iter(questions).buffered(self.concurrency);
        let mut assets = BTreeMap::new();
        let mut done = 0;
        while let Some((scope, operation, mut list)) = answers.next().await {
            let mut items = 0;
            for entry in std::mem::take(&mut list.entries) {
                match asset(entry, operation) {
                    Some(asset) => {
                        // What moved between pages while they were read is listed twice.
                        if assets.insert(asset.id.as_str().to_owned(), asset).is_none() {
                            items += 1;
                        }
                    }
                    None => note_malformed(&mut list, operation),
                }
            }
            add_listing(snapshot, operation, &scope, items, list.failure.as_ref());
            done += 1;
            report(done);
        }
        assets
    }

    async fn read_diagnostic_settings(
        &self,
        snapshot: &mut SnapshotBuilder,
        assets: &mut BTreeMap<String, Asset>,
        progress: &dyn ProgressSink,
    ) {
        let total = assets.len() as u64;
        let report = |done| {
            let step = "Reading diagnostic settings".to_owned();
            progress.report(Progress { step, done, total: Some(total) });
        };
        report(0);
        let asked: Vec<(String, String)> =
            assets.iter().map(|(key, asset)| (key.clone(), asset.arm_id.clone())).collect();
        let arm = self.arm.clone();
        let mut answers = stream::iter(asked)
            .map(move |(key, arm_id)| {
                let arm = arm.clone();
                async move { (key, arm.list(&DIAGNOSTIC_SETTINGS_LIST, &arm_id).await) }
            })
            .buffered(self.concurrency);
        let mut done = 0;
        while let Some((key, list)) = answers.next().await {
            if let Some(asset) = assets.get_mut(&key) {
                let fact = match list.failure {
                    None => Fact::Read { value: Value::Array(list.entries) },
                    Some(failure) => {
                        snapshot.add_gap(Gap {
                            operation: DIAGNOSTIC_SETTINGS_LIST.label(),
                            scope: format!("/subscriptions/{}", asset.subscription),
                            asset_type: None,
                            asset: Some(asset.id.clone()),
                            reason: failure.reason.clone(),
                        });
                        Fact::Unreadable { reason: failure.reason }
                    }
                };
                asset.document.related.insert(DIAGNOSTIC_SETTINGS.to_owned(), fact);
            }
            done += 1;
            report(done);
        }
    }
}

fn subscription(entry: &Value) -> Option<Subscription> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let id = text("subscriptionId")
        .or_else(|| text("id")?.strip_prefix("/subscriptions/"))
        .filter(|id| !id.is_empty() && !id.contains('/'))?;
    let name = text("displayName").unwrap_or(id);
    Some(Subscription { id: id.to_ascii_lowercase(), name: name.to_owned() })
}

/// An asset of the type that was asked for; an entry of another type or without an id is none.
fn asset(entry: Value, operation: &Operation) -> Option<Asset> {
    let asset = Asset::from_resource(entry, operation.label()).ok()?;
    (Some(&asset.asset_type) == operation.asset_type().as_ref()).then_some(asset)
}

fn note_malformed(list: &mut ArmList, operation: &Operation) {
    list.failure.get_or_insert_with(|| ArmFailure {
        reason: GapReason::new(
            GapKind::Malformed,
            format!("{} holds an entry without a usable id", operation.name),
        ),
        fatal: None,
    });
}

fn add_listing(
    snapshot: &mut SnapshotBuilder,
    operation: &Operation,
    scope: &str,
    items: usize,
    failure: Option<&ArmFailure>,
) {
    let (label, asset_type, items) = (operation.label(), operation.asset_type(), items as u64);
    match failure {
        None => snapshot.add_complete_listing(&label, scope, asset_type, items),
        Some(failure) => {
            snapshot.add_incomplete_listing(
                &label,
                scope,
                asset_type,
                items,
                failure.reason.clone(),
            );
        }
    }
}

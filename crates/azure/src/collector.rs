//! Reads a tenant into a snapshot and a journal.
//!
//! First the subscriptions, then wave by wave the assets of some of them with all that belongs to these:
//! a wave bounds the memory, and the assets of a wave are asked for in turn over its subscriptions,
//! because Azure counts per subscription.

mod asset_facts;
mod listed;
mod listing;
pub(crate) mod permissions;
mod subscription_facts;
pub(crate) mod subscriptions;
mod surroundings;
mod tally;
mod wave;

use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use postern_domain::arm::AssetType;
use postern_domain::clock::Clock;
use postern_domain::snapshot::{Snapshot, SnapshotBuilder};
use tokio_util::sync::CancellationToken;

use crate::client::{self, ArmClient, Failure};
use crate::credential::token_credential;
use crate::failure::{CollectError, credential_error};
use crate::journal::Journal;
use crate::operation::Operation;
use crate::progress::{Progress, ProgressSink};
use crate::settings::{AzureSettings, CollectLimits};
use crate::transport;
use wave::Scan;

pub(crate) use wave::waves;

/// Reads one Azure tenant, as often as it is asked to.
pub struct Collector {
    settings: AzureSettings,
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
        let credential = token_credential(&settings, limits, options.clone())?;
        let arm = ArmClient::new(
            settings.arm_endpoint.clone(),
            client::host(&settings.authority_host),
            (settings.credential.clone(), Arc::clone(&credential)),
            options,
            limits.clone(),
        );
        Ok(Self { settings, credential, arm })
    }

    /// Reads the tenant now; all assets are in the journal when it returns.
    ///
    /// There is an error only where nothing can be read at all, or nothing more; all else is gaps in the snapshot.
    /// What the snapshot holds does not depend on the order in which Azure answers.
    /// Assets that the journal kept from an earlier attempt are not asked for again.
    pub async fn collect(
        &self,
        clock: &Clock,
        journal: &dyn Journal,
        progress: &dyn ProgressSink,
        cancel: &CancellationToken,
    ) -> Result<Snapshot, CollectError> {
        let arm = self.arm.begin();
        // On the heap: what is kept across its many waits is large.
        let work = Box::pin(arm.until_fatal(self.read(&arm, clock, journal, progress)));
        let outcome = cancel.run_until_cancelled(work).await;
        outcome.unwrap_or(Err(CollectError::Cancelled)).map_err(|error| told_time(error, clock))
    }

    async fn read(
        &self,
        arm: &ArmClient,
        clock: &Clock,
        journal: &dyn Journal,
        progress: &dyn ProgressSink,
    ) -> Result<Snapshot, CollectError> {
        let mut snapshot = SnapshotBuilder::new(clock.now());
        progress.report(Progress { step: "Signing in".to_owned(), done: 0, total: None });
        self.sign_in().await?;
        let step = "Reading subscriptions".to_owned();
        progress.report(Progress { step, done: 0, total: None });
        let found = subscriptions::find(arm, &self.settings.scope, &mut snapshot).await?;
        for seen in found.in_scope.values() {
            snapshot.add_subscription(seen.subscription.clone());
        }
        let scan = Scan { arm, journal, progress, now: clock.now() };
        scan.run(found, &mut snapshot).await?;
        snapshot.set_requests(arm.sent());
        tracing::info!(requests = arm.sent(), "Azure has been read");
        Ok(snapshot.finish(clock.now()))
    }

    /// Fetches a token before anything else, so that a refused credential is told as such.
    pub(crate) async fn sign_in(&self) -> Result<(), CollectError> {
        let scope = client::scope(&self.settings.arm_endpoint);
        self.credential.get_token(&[&scope], None).await.map(drop).map_err(|error| {
            let authority = client::host(&self.settings.authority_host);
            credential_error(&error, &self.settings.credential, authority)
        })
    }

    pub(crate) fn settings(&self) -> &AzureSettings {
        &self.settings
    }

    pub(crate) fn begin(&self) -> ArmClient {
        self.arm.begin()
    }
}

/// Says how far a refused token's machine is off, where that is why.
pub(crate) fn told_time(mut error: CollectError, clock: &Clock) -> CollectError {
    if let CollectError::TokenRefused { message, azure_time: Some(told), .. } = &mut error {
        let ahead = clock.now() - *told;
        // Entra allows five minutes.
        if ahead.abs() > time::Duration::minutes(5) {
            let minutes = ahead.abs().whole_minutes();
            let side = if ahead.is_positive() { "ahead of" } else { "behind" };
            *message = format!(
                "{message}; this machine's clock is {minutes} minutes {side} Azure's, so tokens seem valid that are not"
            );
        }
    }
    error
}

fn add_listing(
    snapshot: &mut SnapshotBuilder,
    operation: &Operation,
    scope: &str,
    asset_type: Option<&str>,
    items: usize,
    failure: Option<&Failure>,
) {
    let (label, items) = (operation.label(), items as u64);
    let asset_type = asset_type.map(AssetType::new);
    match failure {
        None => snapshot.add_complete_listing(&label, scope, asset_type, items),
        Some(Failure(reason)) => {
            snapshot.add_incomplete_listing(&label, scope, asset_type, items, reason.clone());
        }
    }
}

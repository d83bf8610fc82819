//! The collector against the simulated Azure over HTTPS, and imports of files.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

mod collect;
mod faults;
mod hostile;
mod import;
mod life;
mod replay;
mod truth;

use std::collections::BTreeMap;
use std::time::Duration;

use postern_azure::{
    AzureSettings, CollectError, CollectLimits, Collector, Credential, Journal, MemoryJournal,
    NoProgress, Scope,
};
use postern_azure_sim::{AzureSim, CertificateKind, EstateSource, Quotas, SimOptions};
use postern_domain::arm::AssetId;
use postern_domain::asset::Asset;
use postern_domain::clock::Clock;
use postern_domain::snapshot::Snapshot;
use time::Date;
use time::macros::{date, datetime};
use tokio_util::sync::CancellationToken;
use url::Url;

const FIRST_DAY: Date = date!(2026 - 01 - 05);

/// What a scan made.
struct Read {
    snapshot: Snapshot,
    assets: BTreeMap<AssetId, Asset>,
}

fn options(estate: EstateSource) -> SimOptions {
    SimOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        seed: 11,
        day: FIRST_DAY,
        estate,
        host_names: Vec::new(),
        quotas: Quotas::Off,
    }
}

/// Contoso with so many assets.
async fn start(assets: usize) -> AzureSim {
    start_estate(EstateSource::Company { assets }).await
}

async fn start_estate(estate: EstateSource) -> AzureSim {
    AzureSim::start(options(estate)).await.unwrap()
}

async fn start_expired() -> AzureSim {
    let options = options(EstateSource::Small);
    AzureSim::start_with_certificate(options, CertificateKind::Expired).await.unwrap()
}

fn settings(sim: &AzureSim) -> AzureSettings {
    let base = Url::parse(&sim.base_url()).unwrap();
    AzureSettings {
        arm_endpoint: base.clone(),
        authority_host: base,
        credential: Credential::ClientSecret {
            tenant_id: sim.tenant_id().to_owned(),
            client_id: sim.client_id().to_owned(),
            secret: sim.client_secret().into(),
        },
        ca_pem: Some(sim.ca_pem().into_bytes()),
        proxy: None,
        scope: Scope::default(),
    }
}

/// Short waits: what is tested is that there are any, not how long they are.
fn limits() -> CollectLimits {
    CollectLimits {
        retries: 2,
        first_wait: Duration::from_millis(1),
        connect_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(5),
        patience: Duration::ZERO,
        time_scale: 100.0,
        ..CollectLimits::default()
    }
}

fn clock() -> Clock {
    Clock::fixed(datetime!(2026-01-05 06:00 UTC))
}

async fn collect(settings: AzureSettings) -> Result<Read, CollectError> {
    collect_within(settings, &limits()).await
}

async fn collect_within(
    settings: AzureSettings,
    limits: &CollectLimits,
) -> Result<Read, CollectError> {
    let journal = MemoryJournal::default();
    let snapshot = collect_into(settings, limits, &journal).await?;
    Ok(Read { snapshot, assets: journal.into_assets() })
}

async fn collect_into(
    settings: AzureSettings,
    limits: &CollectLimits,
    journal: &dyn Journal,
) -> Result<Snapshot, CollectError> {
    let collector = Collector::with_limits(settings, limits)?;
    collector.collect(&clock(), journal, &NoProgress, &CancellationToken::new()).await
}

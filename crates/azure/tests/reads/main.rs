//! The collector against the simulated Azure over HTTPS, and imports of files.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

mod collect;
mod faults;
mod import;

use postern_azure::{
    AzureSettings, CollectError, CollectLimits, Collector, Credential, NoProgress,
};
use postern_azure_sim::{AzureSim, CertificateKind, EstateSource, SimOptions};
use postern_domain::clock::Clock;
use postern_domain::snapshot::Snapshot;
use std::time::Duration;
use time::Date;
use time::macros::{date, datetime};
use tokio_util::sync::CancellationToken;
use url::Url;

const FIRST_DAY: Date = date!(2026 - 01 - 05);

fn options(assets: usize) -> SimOptions {
    SimOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        seed: 11,
        day: FIRST_DAY,
        estate: EstateSource::Seeded { assets },
        host_names: Vec::new(),
    }
}

async fn start(assets: usize) -> AzureSim {
    AzureSim::start(options(assets)).await.unwrap()
}

async fn start_expired() -> AzureSim {
    AzureSim::start_with_certificate(options(1), CertificateKind::Expired).await.unwrap()
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
        subscriptions: Vec::new(),
    }
}

/// Short waits: what is tested is that there are any, not how long they are.
fn limits() -> CollectLimits {
    CollectLimits {
        retries: 2,
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(20),
        connect_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(5),
        ..CollectLimits::default()
    }
}

fn clock() -> Clock {
    Clock::fixed(datetime!(2026-01-05 06:00 UTC))
}

async fn collect(settings: AzureSettings) -> Result<Snapshot, CollectError> {
    collect_within(settings, &limits()).await
}

async fn collect_within(
    settings: AzureSettings,
    limits: &CollectLimits,
) -> Result<Snapshot, CollectError> {
    Collector::with_limits(settings, limits)?
        .collect(&clock(), &NoProgress, &CancellationToken::new())
        .await
}

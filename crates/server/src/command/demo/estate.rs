//! The simulated company: invented at the first start, the same one at every later start.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use postern_azure_sim::{AzureSim, EstateSource, Quotas, SimOptions};
use postern_domain::clock::Clock;
use postern_domain::id::ConnectionId;
use postern_service::Postern;
use postern_service::azure::{AzureSettings, CollectError, Collector, Credential, Secret};
use postern_service::connection::{
    ConnectionKind, NewConnection, Schedule, ensure_connection, find_connection,
};
use serde::{Deserialize, Serialize};
use time::{Date, Duration, Time};
use url::Url;

use super::{NAME, SLUG};
use crate::cli::DemoArguments;

/// What the company is invented from; kept with the connection, so that a later start goes on with the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Invention {
    seed: u64,
    assets: u16,
    first_day: Date,
    /// Always true: pages and reports say that the data is invented.
    simulated: bool,
}

/// The company, not yet served.
pub(super) struct Estate {
    invention: Invention,
    connection: ConnectionId,
    clock: Clock,
}

/// The company, served by a simulated Azure.
pub(super) struct RunningEstate {
    pub connection: ConnectionId,
    pub first_day: Date,
    pub clock: Clock,
    sim: Arc<AzureSim>,
}

/// Makes collectors for the worker.
pub(super) struct Scanner {
    sim: Arc<AzureSim>,
    clock: Clock,
}

impl Estate {
    /// Finds the company of an earlier start, or invents one, and makes its connection.
    pub async fn prepare(
        postern: &Postern,
        arguments: &DemoArguments,
        clock: &Clock,
    ) -> anyhow::Result<Self> {
        let wanted = Invention {
            seed: arguments.seed,
            assets: arguments.assets,
            first_day: clock.now().date() - Duration::days(i64::from(arguments.days) - 1),
            simulated: true,
        };
        let earlier = find_connection(postern, SLUG)
            .await?
            .and_then(|connection| Invention::deserialize(&connection.settings).ok());
        let invention = earlier.unwrap_or(wanted);
        if (invention.seed, invention.assets) != (wanted.seed, wanted.assets) {
            eprintln!(
                "Going on with the company of the first start (--seed {} --assets {}); --reset begins a new one.",
                invention.seed, invention.assets
            );
        }
        let new = NewConnection {
            slug: SLUG.to_owned(),
            name: NAME.to_owned(),
            kind: ConnectionKind::Azure,
            settings: serde_json::to_value(invention)
                .context("the estate's settings are not JSON")?,
            schedule: Some(Schedule::DAILY),
        };
        // As of before the first scan, so that what people decide on later days comes after it.
        let begin = invention.first_day.with_time(Time::MIDNIGHT).assume_utc();
        let postern = postern.with_clock(Clock::fixed(begin));
        let connection = ensure_connection(&postern, new).await?;
        Ok(Self { invention, connection, clock: clock.clone() })
    }

    /// Serves the company on a free loopback port.
    pub async fn start(self) -> anyhow::Result<RunningEstate> {
        let Invention { seed, assets, first_day, .. } = self.invention;
        let sim = AzureSim::start(SimOptions {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed,
            day: first_day,
            estate: EstateSource::Company { assets: usize::from(assets) },
            host_names: Vec::new(),
            quotas: Quotas::Off,
        })
        .await?;
        Ok(RunningEstate {
            connection: self.connection,
            first_day,
            clock: self.clock,
            sim: Arc::new(sim),
        })
    }
}

impl RunningEstate {
    /// A collector, with the company as it is on `day`.
    pub fn collector_of(&self, day: Date) -> Result<Collector, CollectError> {
        self.sim.set_day(day);
        collector(&self.sim)
    }

    /// What makes collectors while the worker runs.
    pub fn scanner(&self) -> Scanner {
        Scanner { sim: Arc::clone(&self.sim), clock: self.clock.clone() }
    }

    /// Stops the simulated Azure.
    pub async fn stop(self) {
        // Still shared only while a worker runs; then the end of the process stops it.
        if let Ok(sim) = Arc::try_unwrap(self.sim) {
            sim.stop().await;
        }
    }
}

impl Scanner {
    /// A collector, with the company as it is today.
    pub fn collector_of_today(&self) -> Result<Collector, CollectError> {
        self.sim.set_day(self.clock.now().date());
        collector(&self.sim)
    }
}

fn collector(sim: &AzureSim) -> Result<Collector, CollectError> {
    let url = Url::parse(&sim.base_url()).map_err(|error| CollectError::InvalidSettings {
        setting: "arm_endpoint",
        message: error.to_string(),
    })?;
    let settings = AzureSettings {
        arm_endpoint: url.clone(),
        authority_host: url,
        credential: Credential::ClientSecret {
            tenant_id: sim.tenant_id().to_owned(),
            client_id: sim.client_id().to_owned(),
            secret: Secret::new(sim.client_secret()),
        },
        ca_pem: Some(sim.ca_pem().into_bytes()),
        proxy: None,
        scope: postern_service::azure::Scope::default(),
    };
    Collector::new(settings)
}

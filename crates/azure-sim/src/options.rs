//! What a simulated Azure is started with, and why it may not start.

use std::net::SocketAddr;
use std::path::PathBuf;

use time::Date;

/// How to start a simulated Azure.
#[derive(Clone, Debug)]
pub struct SimOptions {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What the seeded estate is made from: the same seed and first day give the same estate.
    pub seed: u64,
    /// The first day of the estate's history, and the day that is simulated until
    /// [`set_day`](crate::AzureSim::set_day) is called. Days before it look like it.
    pub day: Date,
    /// What Azure holds.
    pub estate: EstateSource,
    /// Further names in the certificate, beside `localhost`, `127.0.0.1` and `::1`.
    pub host_names: Vec<String>,
    /// How many requests it takes before it refuses.
    pub quotas: Quotas,
}

/// Whether Azure's quotas hold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Quotas {
    /// Every request is taken; the headers say that there is much left.
    #[default]
    Off,
    /// Azure's own limits.
    Scaled {
        /// How many times as fast as in Azure time passes for them: with 100.0 they refill in a hundredth of
        /// the time, and a `Retry-After` of one second has passed after 10 milliseconds. 1.0 is Azure.
        speed: f64,
    },
}

/// What the simulated Azure holds.
#[derive(Clone, Debug)]
pub enum EstateSource {
    /// A few subscriptions that hold one of each kind of thing.
    Small,
    /// The invented company Contoso, which drifts from day to day.
    Company {
        /// How many assets it has on its first day.
        assets: usize,
    },
    /// A tenant as large as they come, made subscription by subscription when it is asked for.
    Huge {
        /// How many subscriptions.
        subscriptions: usize,
        /// How many assets in all of them.
        assets: usize,
    },
    /// ARM JSON files (single resources and lists), the same every day.
    Folder(PathBuf),
}

/// The simulated Azure cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The address is taken or not this machine's.
    #[error("the simulated Azure cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A host name cannot be in a certificate.
    #[error("no certificate could be made for the simulated Azure")]
    Certificate(#[source] rcgen::Error),
    /// The certificate cannot be served.
    #[error("the simulated Azure's certificate cannot be served")]
    Tls(#[source] rustls::Error),
    /// The folder cannot be read.
    #[error("the folder {} cannot be read", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The folder holds no resource.
    #[error("the folder {} holds no ARM resource", path.display())]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },
}

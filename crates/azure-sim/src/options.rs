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
}

/// What the simulated Azure holds.
#[derive(Clone, Debug)]
pub enum EstateSource {
    /// The invented company Contoso.
    Seeded {
        /// How many assets it has on its first day.
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

//! The simulated Azure as a running server.

mod log;
mod state;
mod truth;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use axum::Router;
use axum::routing::{any, post};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use time::Date;
use tokio::task::JoinHandle;

use crate::certificate::{self, CertificateKind};
use crate::estate::Estate;
use crate::fault::Fault;
use crate::options::{SimError, SimOptions};
use crate::{arm, entra};
pub use log::RecordedRequest;
pub(crate) use state::{SharedState, SimState};

/// A simulated Azure, listening until it is stopped or dropped.
#[derive(Debug)]
pub struct AzureSim {
    state: SharedState,
    ca_pem: String,
    listening: Listening,
}

impl AzureSim {
    /// Starts with a valid certificate; answers requests once this returns.
    pub async fn start(options: SimOptions) -> Result<Self, SimError> {
        Self::start_with_certificate(options, CertificateKind::Valid).await
    }

    /// Starts with a certificate of the given kind.
    pub async fn start_with_certificate(
        options: SimOptions,
        certificate: CertificateKind,
    ) -> Result<Self, SimError> {
        let certificates = certificate::make(certificate, &options.host_names)?;
        let estate = Estate::open(&options)?;
        let mut made = None;
        let listening = Listening::begin(options.listen, certificates.server, |base_url| {
            let state = Arc::new(SimState::new(&options, estate, base_url));
            made = Some(Arc::clone(&state));
            router(state)
        })
        .await?;
        let state = made.expect("listening begins with making the router");
        Ok(Self { state, ca_pem: certificates.ca_pem, listening })
    }

    /// `https://127.0.0.1:PORT`: both Entra ID's authority host and the ARM end point.
    pub fn base_url(&self) -> String {
        self.state.base_url.clone()
    }

    /// The certificate to trust, in PEM.
    pub fn ca_pem(&self) -> String {
        self.ca_pem.clone()
    }

    /// The tenant's id.
    pub fn tenant_id(&self) -> &str {
        &self.state.identity.tenant_id
    }

    /// The application's id.
    pub fn client_id(&self) -> &str {
        &self.state.identity.client_id
    }

    /// The application's secret, which opens nothing but this simulation.
    pub fn client_secret(&self) -> &str {
        &self.state.identity.client_secret
    }

    /// Makes it another day: the answers are that day's from now on.
    pub fn set_day(&self, day: Date) {
        self.state.set_day(day);
    }

    /// The day that is simulated.
    pub fn day(&self) -> Date {
        self.state.day()
    }

    /// Fails in these ways from now on, and no longer in earlier ones.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.state.set_faults(faults);
    }

    /// All requests so far, in the order in which they came; of more than a million the latest million.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state.log.requests()
    }

    /// How many requests there were, those to Entra ID included.
    pub fn request_count(&self) -> usize {
        self.state.log.count()
    }

    /// How many requests were answered with 429, for a quota or by a fault.
    pub fn throttled_count(&self) -> usize {
        self.state.log.throttled()
    }

    /// Stops at once, open connections included, and waits until the port is free.
    pub async fn stop(self) {
        self.listening.stop().await;
    }
}

/// A router that is served over HTTPS until it is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Listening {
    base_url: String,
    handle: Handle<SocketAddr>,
    task: Option<JoinHandle<()>>,
}

impl Listening {
    /// Listens, and answers once this returns. The router is made when the base URL is known.
    pub(crate) async fn begin(
        listen: SocketAddr,
        tls: Arc<rustls::ServerConfig>,
        router: impl FnOnce(String) -> Router,
    ) -> Result<Self, SimError> {
        let refuse = |source| SimError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).map_err(refuse)?;
        listener.set_nonblocking(true).map_err(refuse)?;
        let address = listener.local_addr().map_err(refuse)?;
        let base_url = format!("https://{}", reachable(address));
        let router = router(base_url.clone());
        let handle = Handle::new();
        let server = axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(tls))
            .map_err(refuse)?
            .handle(handle.clone());
        let task = tokio::spawn(async move {
            if let Err(error) = server.serve(router.into_make_service()).await {
                tracing::error!(%error, "the simulated Azure stopped");
            }
        });
        if handle.listening().await.is_none() {
            return Err(refuse(std::io::ErrorKind::AddrNotAvailable.into()));
        }
        Ok(Self { base_url, handle, task: Some(task) })
    }

    pub(crate) fn base_url(&self) -> String {
        self.base_url.clone()
    }

    /// Stops at once, open connections included, and waits until the port is free.
    async fn stop(mut self) {
        self.handle.shutdown();
        if let Some(task) = self.task.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the simulated Azure's task failed");
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

/// An address that clients can connect to: the wildcard is for listening only.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        return SocketAddr::from(([127, 0, 0, 1], address.port()));
    }
    address
}

#[expect(clippy::disallowed_methods, reason = "not one of Postern's own routes, which have a list")]
fn router(state: Arc<SimState>) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(entra::issue_token))
        .fallback(any(arm::answer))
        .with_state(state)
}

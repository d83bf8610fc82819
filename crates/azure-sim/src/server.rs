//! The simulated Azure as a running server.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::routing::{any, post};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use time::Date;
use tokio::task::JoinHandle;

use crate::certificate::{self, CertificateKind};
use crate::estate::{Estate, Holding};
use crate::fault::Fault;
use crate::options::{SimError, SimOptions};
use crate::random::uuid;
use crate::{arm, entra};

/// A simulated Azure, listening until it is stopped or dropped.
#[derive(Debug)]
pub struct AzureSim {
    state: SharedState,
    ca_pem: String,
    handle: Handle<SocketAddr>,
    task: Option<JoinHandle<()>>,
}

/// A request that the simulated Azure got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query as sent, without the question mark.
    pub query: Option<String>,
}

pub(crate) type SharedState = Arc<SimState>;

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct SimState {
    pub identity: Identity,
    base_url: String,
    estate: Estate,
    now: Mutex<(Date, Arc<Holding>)>,
    faults: Mutex<Vec<Fault>>,
    requests: Mutex<Vec<RecordedRequest>>,
}

/// Who may sign in. All of it is made from the seed; none of it opens anything but this simulation.
#[derive(Debug)]
pub(crate) struct Identity {
    pub tenant_id: String,
    pub client_id: String,
    pub client_secret: String,
    pub access_token: String,
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
        let refuse = |source| SimError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).map_err(refuse)?;
        listener.set_nonblocking(true).map_err(refuse)?;
        let address = listener.local_addr().map_err(refuse)?;
        let now = Mutex::new((options.day, Arc::new(estate.on(options.day))));
        let state = Arc::new(SimState {
            identity: Identity::of(options.seed),
            base_url: format!("https://{}", reachable(address)),
            estate,
            now,
            faults: Mutex::default(),
            requests: Mutex::default(),
        });
        let router = Router::new()
            .route("/{tenant}/oauth2/v2.0/token", post(entra::issue_token))
            .fallback(any(arm::answer))
            .with_state(Arc::clone(&state));
        let handle = Handle::new();
        let server =
            axum_server::from_tcp_rustls(listener, RustlsConfig::from_config(certificates.server))
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
        Ok(Self { state, ca_pem: certificates.ca_pem, handle, task: Some(task) })
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
        let holding = Arc::new(self.state.estate.on(day));
        *locked(&self.state.now) = (day, holding);
    }

    /// The day that is simulated.
    pub fn day(&self) -> Date {
        locked(&self.state.now).0
    }

    /// Fails in these ways from now on, and no longer in earlier ones.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        *locked(&self.state.faults) = faults;
    }

    /// All requests so far, in the order in which they came.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        locked(&self.state.requests).clone()
    }

    /// Stops at once, open connections included, and waits until the port is free.
    pub async fn stop(mut self) {
        self.handle.shutdown();
        if let Some(task) = self.task.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the simulated Azure's task failed");
        }
    }
}

impl Drop for AzureSim {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

impl SimState {
    /// The origin that the client knows us by: its `Host`, which is another than ours behind a host name.
    pub(crate) fn origin(&self, headers: &HeaderMap) -> String {
        match headers.get(HOST).and_then(|host| host.to_str().ok()) {
            Some(host) => format!("https://{host}"),
            None => self.base_url.clone(),
        }
    }

    /// What Azure holds today.
    pub(crate) fn holding(&self) -> Arc<Holding> {
        Arc::clone(&locked(&self.now).1)
    }

    pub(crate) fn faults(&self) -> Vec<Fault> {
        locked(&self.faults).clone()
    }

    /// Takes one refusal off the first throttle that concerns the path; its `Retry-After`.
    pub(crate) fn take_throttle(&self, request_path: &str) -> Option<u64> {
        locked(&self.faults).iter_mut().find_map(|fault| {
            if !fault.concerns(request_path) {
                return None;
            }
            match fault {
                Fault::Throttle { retry_after, times, .. } if *times > 0 => {
                    *times -= 1;
                    Some(*retry_after)
                }
                _ => None,
            }
        })
    }

    pub(crate) fn record(&self, method: &str, path: &str, query: Option<&str>) -> usize {
        let mut requests = locked(&self.requests);
        requests.push(RecordedRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.map(str::to_owned),
        });
        requests.len()
    }
}

impl Identity {
    fn of(seed: u64) -> Self {
        Self {
            tenant_id: uuid(seed, &["tenant"]),
            client_id: uuid(seed, &["client"]),
            client_secret: format!("simulated-{}", uuid(seed, &["secret"])),
            access_token: format!("simulated.{}", uuid(seed, &["token"])),
        }
    }
}

/// An address that clients can connect to: the wildcard is for listening only.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        return SocketAddr::from(([127, 0, 0, 1], address.port()));
    }
    address
}

/// The data stay whole whoever panicked: each lock covers one assignment.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

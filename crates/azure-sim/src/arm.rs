//! Azure Resource Manager: what a request meets on its way to an answer.

mod activity_log;
mod cost;
mod deliver;
mod descendants;
mod generic;
mod headers;
mod introduced;
mod kind;
mod list;
mod metrics;
mod parameters;
mod read;
pub(crate) mod refusal;
pub(crate) mod route;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::fault::{Call, Strike};
use crate::quota::Meter;
use crate::server::SharedState;
use crate::view::View;
use parameters::Parameters;
pub(crate) use read::complete_list;
use refusal::{Refusal, invalid_token};
use route::Route;

/// More than any query has.
const MAX_BODY: usize = 1024 * 1024;

/// Answers any request that is not for Entra ID.
pub(crate) async fn answer(State(state): State<SharedState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let number = state.log.record(&parts.method, &parts.uri);
    let body = if parts.method == Method::GET {
        Bytes::new()
    } else {
        axum::body::to_bytes(body, MAX_BODY).await.unwrap_or_default()
    };
    let asked = Asked::new(&state, parts, body);
    if let Some(delay) = asked.view.faults.delay(&asked.path) {
        tokio::time::sleep(delay).await;
    }
    let mut response = match asked.strike() {
        Some(Strike::Hang) => std::future::pending().await,
        Some(Strike::Drop) => return deliver::dropped(),
        Some(Strike::Throttle(seconds)) => Refusal::too_many_requests(seconds).into_response(),
        Some(Strike::Status(status)) => asked.refuse_with(status).into_response(),
        strike => asked.answer(&state, strike).await,
    };
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        state.log.count_throttled();
    }
    headers::add_ids(response.headers_mut(), number);
    headers::add_date(response.headers_mut(), state.faults().clock_offset());
    response
}

/// A request and what it sees.
#[derive(Debug)]
struct Asked {
    parts: Parts,
    body: Bytes,
    /// The path in lower case, without a slash at the end.
    path: String,
    view: View,
}

impl Asked {
    fn new(state: &SharedState, parts: Parts, body: Bytes) -> Self {
        let path = parts.uri.path().trim_end_matches('/').to_ascii_lowercase();
        Self { parts, body, path, view: state.view() }
    }

    fn parameters(&self) -> Parameters<'_> {
        Parameters(self.parts.uri.query())
    }

    /// The path in the case of the request.
    fn original_path(&self) -> &str {
        self.parts.uri.path().trim_end_matches('/')
    }

    fn strike(&self) -> Option<Strike> {
        let mut hasher = DefaultHasher::new();
        (self.parts.uri.path_and_query(), &self.body).hash(&mut hasher);
        let call = Call { path: &self.path, fingerprint: hasher.finish() };
        self.view.faults.strike_before(&call)
    }

    fn refuse_with(&self, status: u16) -> Refusal {
        let route = Route::parse(&self.path);
        Refusal::of_status(status, self.original_path(), route.as_ref())
    }

    /// Answers, and does to the answer what the strike or another fault says.
    async fn answer(self, state: &SharedState, strike: Option<Strike>) -> Response {
        if let Err(refusal) = self.check_token(state) {
            return refusal.into_response();
        }
        let (meter, subject) = meter(&self.path);
        let spend = state.quotas.spend(meter, subject);
        let strike = strike.or_else(|| self.view.faults.strike_after(&self.path));
        let answered = match spend.refused {
            Some(seconds) => Err(exceeded(meter, subject, seconds)),
            None => self.check(),
        };
        let is_graph = meter == Meter::ResourceGraph;
        let answered = match answered {
            Err(refusal) => Err(refusal),
            Ok(()) if is_graph => self.read_elsewhere(state).await,
            Ok(()) => read::read(state, &self),
        };
        let mut response = match answered {
            Ok(body) => deliver::struck(body, strike),
            Err(refusal) => refusal.into_response(),
        };
        headers::add_quota(response.headers_mut(), meter, &spend);
        response
    }

    /// A query over 100,000 resources takes a while: others are answered meanwhile.
    async fn read_elsewhere(self, state: &SharedState) -> Result<Vec<u8>, Refusal> {
        let state = Arc::clone(state);
        let task = tokio::task::spawn_blocking(move || read::read(&state, &self));
        task.await.unwrap_or_else(|_| {
            let message = "The query failed in the simulated Azure.";
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Err(Refusal::new(status, "InternalServerError", message))
        })
    }

    fn check_token(&self, state: &SharedState) -> Result<(), Refusal> {
        let sent = self.parts.headers.get(header::AUTHORIZATION);
        let Some(sent) = sent.and_then(|value| value.to_str().ok()) else {
            let message = "Authentication failed. The 'Authorization' header is missing.";
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, "AuthenticationFailed", message));
        };
        let token = sent.strip_prefix("Bearer ").ok_or_else(invalid_token)?;
        state.tokens.check(token, self.view.faults.clock_offset())
    }

    /// What Azure looks at before the resource itself.
    fn check(&self) -> Result<(), Refusal> {
        let route = Route::parse(&self.path);
        let is_post = route.as_ref().is_some_and(|route| route.kind.is_post);
        if self.parts.method != if is_post { Method::POST } else { Method::GET } {
            let message = "The simulated Azure can only be read.";
            let status = StatusCode::METHOD_NOT_ALLOWED;
            return Err(Refusal::new(status, "MethodNotAllowed", message));
        }
        self.parameters().check_version(route.as_ref())?;
        if let Some(status) = self.view.faults.status(&self.path) {
            return Err(self.refuse_with(status));
        }
        Ok(())
    }
}

/// What a path is counted on, and the subscription that it is counted for.
fn meter(path: &str) -> (Meter, &str) {
    let subscription = route::subscription_of(path);
    let provider = path.rsplit_once("/providers/").map_or("", |(_, tail)| tail);
    let meter = match provider.split('/').next().unwrap_or_default() {
        "microsoft.resourcegraph" => Meter::ResourceGraph,
        "microsoft.costmanagement" => Meter::CostManagement,
        _ if subscription.is_empty() => Meter::TenantReads,
        "microsoft.cognitiveservices" => Meter::CognitiveServices,
        "microsoft.network" if provider.starts_with("microsoft.network/privatedns") => {
            Meter::PrivateDns
        }
        "microsoft.network" => Meter::Network,
        _ => Meter::SubscriptionReads,
    };
    // One caller, so that these two are for all subscriptions together.
    let is_shared = matches!(meter, Meter::ResourceGraph | Meter::CostManagement);
    (meter, if is_shared { "" } else { subscription })
}

/// The 429 of a quota.
fn exceeded(meter: Meter, subscription: &str, seconds: u64) -> Refusal {
    match meter {
        Meter::SubscriptionReads => {
            let message = format!(
                "Number of 'read' requests for subscription '{subscription}' actor 'simulated' exceeded. Please \
                 try again after '{seconds}' seconds after additional tokens are available. Refer to \
                 https://aka.ms/arm-throttling for additional information."
            );
            Refusal::throttled("SubscriptionRequestsThrottled", seconds, message)
        }
        Meter::ResourceGraph => {
            let message = "Client application has been throttled and should not attempt to repeat the request \
                           until an amount of time has elapsed. Please see \
                           https://aka.ms/resourcegraph-throttling for help.";
            Refusal::throttled("RateLimiting", seconds, message)
        }
        _ => Refusal::too_many_requests(seconds),
    }
}

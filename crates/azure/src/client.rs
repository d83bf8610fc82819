//! Asks Azure Resource Manager: within its budgets, again where that helps, and never for too long.

mod answer;
mod list;
mod refusal;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use azure_core::credentials::TokenCredential;
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::{
    ClientOptions, Context, Method, Pipeline, PipelineStreamOptions, Request, RetryOptions,
};
use postern_domain::gap::{GapKind, GapReason};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::budget::{Budget, BudgetKey, Budgets};
use crate::credential::Credential;
use crate::failure::CollectError;
use crate::operation::Operation;
use crate::settings::CollectLimits;
use answer::Answer;

pub(crate) use list::ArmList;
pub(crate) use refusal::{Failure, malformed};

/// Asks one ARM end point. Clones share budgets, patience and the reason for an early end.
#[derive(Clone, Debug)]
pub(crate) struct ArmClient(Arc<Client>);

#[derive(Debug)]
struct Client {
    pipeline: Pipeline,
    endpoint: Url,
    authority: String,
    credential: Credential,
    limits: CollectLimits,
    budgets: Budgets,
    /// How many requests in a row got no answer at all.
    unanswered: AtomicUsize,
    /// When there was an answer last.
    answered_at: Mutex<Instant>,
    /// How many requests were answered as asked.
    accepted: AtomicU64,
    /// All requests sent, those included that were refused or sent again.
    sent: AtomicU64,
    /// When the scan has to end.
    deadline: Option<Instant>,
    /// Why no other request can succeed either.
    fatal: Mutex<Option<CollectError>>,
    stop: CancellationToken,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    pub operation: &'a Operation,
    pub url: &'a Url,
    /// A body makes it a POST.
    pub body: Option<&'a Value>,
}

impl ArmClient {
    pub(crate) fn new(
        endpoint: Url,
        authority: String,
        credential: (Credential, Arc<dyn TokenCredential>),
        options: ClientOptions,
        limits: CollectLimits,
    ) -> Self {
        let (described, credential) = credential;
        let authorise = BearerTokenAuthorizationPolicy::new(credential, [scope(&endpoint)]);
        let pipeline = Pipeline::new(
            option_env!("CARGO_PKG_NAME"),
            option_env!("CARGO_PKG_VERSION"),
            // We ask again ourselves, because each try takes a token of the budgets.
            ClientOptions { retry: RetryOptions::none(), ..options },
            Vec::new(),
            vec![Arc::new(authorise)],
            None,
        );
        Self::of((pipeline, endpoint, authority, described), limits)
    }

    /// Begins a scan or another piece of work, which forgets how the one before ended.
    pub(crate) fn begin(&self) -> Self {
        let Client { pipeline, endpoint, authority, credential, limits, .. } = &*self.0;
        let described = credential.clone();
        Self::of((pipeline.clone(), endpoint.clone(), authority.clone(), described), limits.clone())
    }

    fn of(
        (pipeline, endpoint, authority, credential): (Pipeline, Url, String, Credential),
        limits: CollectLimits,
    ) -> Self {
        Self(Arc::new(Client {
            pipeline,
            endpoint,
            authority,
            credential,
            budgets: Budgets::new(limits.time_scale),
            unanswered: AtomicUsize::new(0),
            answered_at: Mutex::new(Instant::now()),
            accepted: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            deadline: limits.deadline.map(|allowed| Instant::now() + allowed),
            limits,
            fatal: Mutex::default(),
            stop: CancellationToken::new(),
        }))
    }

    /// Runs until it ends by itself, or until a request fails as every other would.
    pub(crate) async fn until_fatal<T>(
        &self,
        work: impl Future<Output = Result<T, CollectError>>,
    ) -> Result<T, CollectError> {
        let outcome = self.0.stop.run_until_cancelled(work).await;
        // The work may have come to an end of its own before it noticed.
        match self.take_fatal() {
            Some(fatal) => Err(fatal),
            None => outcome.unwrap_or(Err(CollectError::Cancelled)),
        }
    }

    /// Asks again although nobody answered before; called at the beginning of each step of a scan.
    pub(crate) fn regain_patience(&self) {
        self.0.unanswered.store(0, Ordering::Relaxed);
        *self.0.answered_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn silent_since(&self) -> Instant {
        *self.0.answered_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many requests were sent.
    pub(crate) fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// The end point's host.
    pub(crate) fn host(&self) -> String {
        host(&self.0.endpoint)
    }

    /// How many pages of one list are followed.
    pub(crate) fn page_limit(&self) -> usize {
        self.0.limits.pages
    }

    /// How many requests may be under way at once.
    pub(crate) fn concurrency(&self) -> usize {
        self.0.limits.concurrency.max(1)
    }

    /// Reads one object.
    pub(crate) async fn object(
        &self,
        operation: &Operation,
        scope: &str,
    ) -> Result<Value, Failure> {
        let url = self.address(operation, scope, &[]);
        self.ask(Question { operation, url: &url, body: None }).await
    }

    /// Sends a query.
    pub(crate) async fn post(
        &self,
        operation: &Operation,
        scope: &str,
        body: &Value,
    ) -> Result<Value, Failure> {
        let url = self.address(operation, scope, &[]);
        self.ask(Question { operation, url: &url, body: Some(body) }).await
    }

    fn address(&self, operation: &Operation, scope: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.0.endpoint.clone();
        url.set_path(&format!("{}{}", scope.trim_end_matches('/'), operation.path));
        url.query_pairs_mut()
            .clear()
            .append_pair("api-version", operation.api_version)
            .extend_pairs(query);
        url
    }

    /// Asks until there is an answer, until asking again does not help, or until the scan has to end.
    async fn ask(&self, question: Question<'_>) -> Result<Value, Failure> {
        let asking = self.ask_patiently(question);
        match self.0.deadline {
            None => asking.await,
            Some(deadline) => tokio::time::timeout_at(deadline.into(), asking)
                .await
                .unwrap_or_else(|_| Err(too_late(question.operation))),
        }
    }

    async fn ask_patiently(&self, question: Question<'_>) -> Result<Value, Failure> {
        let budgets = self.budgets(&question);
        let mut tries = Tries::default();
        loop {
            self.check_patience(question.operation)?;
            for budget in &budgets {
                budget.take().await;
            }
            self.0.sent.fetch_add(1, Ordering::Relaxed);
            let answer = self.once(question).await;
            answer.settle(&budgets, self.0.limits.longest_wait);
            let wait = match answer {
                Answer::Read { value, .. } => return Ok(value),
                Answer::Refused { failure } => return Err(failure),
                Answer::TokenRefused { failure, fatal } => {
                    tries.tokens += 1;
                    let accepted = self.0.accepted.load(Ordering::Relaxed);
                    if tries.tokens > 1 {
                        // Where others are accepted, it is this question that is not.
                        if accepted == tries.accepted {
                            self.end(fatal);
                        }
                        return Err(failure);
                    }
                    tries.accepted = accepted;
                    self.backoff(tries.tokens)
                }
                Answer::Fatal { failure, fatal } => {
                    self.end(fatal);
                    return Err(failure);
                }
                Answer::Throttled { failure, retry_after, .. } => {
                    tries.throttled += 1;
                    let is_too_long =
                        retry_after.is_some_and(|asked| asked > self.0.limits.longest_wait);
                    if is_too_long || tries.throttled > self.0.limits.throttled_retries {
                        return Err(failure);
                    }
                    // The budgets are closed for as long as Azure asked; without its word, wait longer each time.
                    if retry_after.is_some() {
                        Duration::ZERO
                    } else {
                        self.backoff(tries.throttled)
                    }
                }
                Answer::Failed { failure, retry_after, .. } => {
                    tries.failed += 1;
                    let is_too_long =
                        retry_after.is_some_and(|asked| asked > self.0.limits.longest_wait);
                    if is_too_long || tries.failed > self.0.limits.retries {
                        return Err(failure);
                    }
                    let asked = retry_after.unwrap_or_default().div_f64(self.0.limits.time_scale);
                    self.backoff(tries.failed).max(asked)
                }
            };
            tokio::time::sleep(wait).await;
        }
    }

    async fn once(&self, question: Question<'_>) -> Answer {
        let method = if question.body.is_some() { Method::Post } else { Method::Get };
        let mut request = Request::new(question.url.clone(), method);
        request.insert_header("accept", "application/json");
        if let Some(body) = question.body {
            request.insert_header("content-type", "application/json");
            request.set_body(body.to_string());
        }
        // We tell the statuses apart ourselves: the pipeline's check would fold them into one error.
        let options =
            PipelineStreamOptions { skip_checks: true, ..PipelineStreamOptions::default() };
        let sending = async {
            let context = Context::new();
            match self.0.pipeline.stream(&context, &mut request, Some(options)).await {
                Ok(response) => self.receive(question.operation, response).await,
                Err(error) => self.no_answer(question.operation, &error),
            }
        };
        // The pipeline's time-outs count the silence between two bytes; an answer may drip for days.
        let answer = tokio::time::timeout(self.0.limits.request_timeout, sending)
            .await
            .unwrap_or_else(|_| answer::late(question.operation));
        if answer.is_silence() {
            self.0.unanswered.fetch_add(1, Ordering::Relaxed);
        } else {
            self.regain_patience();
        }
        if matches!(answer, Answer::Read { .. }) {
            self.0.accepted.fetch_add(1, Ordering::Relaxed);
        }
        answer
    }

    /// Doubling waits with jitter, so that those who failed together do not ask again together.
    fn backoff(&self, tries: u32) -> Duration {
        let doublings = tries.saturating_sub(1).min(16);
        let wait = self.0.limits.first_wait.saturating_mul(1 << doublings);
        wait.min(self.0.limits.longest_wait).mul_f64(0.5 + fastrand::f64())
    }

    /// Whose tokens a question takes.
    fn budgets(&self, question: &Question<'_>) -> Vec<Arc<Budget>> {
        let operation = question.operation;
        let keys = if operation.api == crate::operation::RESOURCES.api {
            vec![BudgetKey::Graph]
        } else {
            match subscription_of(question.url) {
                None => vec![BudgetKey::Tenant],
                Some(id) => {
                    vec![BudgetKey::Subscription(id.clone()), BudgetKey::Api(id, operation.api)]
                }
            }
        };
        keys.iter().map(|key| self.0.budgets.of(key)).collect()
    }

    /// Each unanswered request costs all its tries; thousands of them would take days.
    fn check_patience(&self, operation: &Operation) -> Result<(), Failure> {
        let patience = self.0.limits.concurrency.max(1) * 2 * (self.0.limits.retries as usize + 1);
        let silent_for = self.silent_since().elapsed();
        let is_patient = silent_for < self.0.limits.patience;
        if is_patient || self.0.unanswered.load(Ordering::Relaxed) < patience {
            return Ok(());
        }
        let message = format!("{} was not asked, since Azure no longer answered", operation.name);
        Err(Failure(GapReason::new(GapKind::Unreachable, message)))
    }

    /// Ends the whole scan; the first reason stands.
    fn end(&self, reason: CollectError) {
        let mut fatal = self.0.fatal.lock().unwrap_or_else(PoisonError::into_inner);
        fatal.get_or_insert(reason);
        self.0.stop.cancel();
    }

    fn take_fatal(&self) -> Option<CollectError> {
        self.0.fatal.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// How often a question failed, by what has to be done about it.
#[derive(Debug, Default)]
struct Tries {
    failed: u32,
    throttled: u32,
    tokens: u32,
    /// How many requests had been accepted when the token was refused.
    accepted: u64,
}

fn too_late(operation: &Operation) -> Failure {
    let message = format!("{} was not read, since the scan's deadline had passed", operation.name);
    Failure(GapReason::new(GapKind::TimedOut, message))
}

/// The scope to ask Entra for: the end point itself is the audience.
pub(crate) fn scope(endpoint: &Url) -> String {
    format!("{}/.default", endpoint.origin().ascii_serialization())
}

/// The host with its port, where that is not the usual one.
pub(crate) fn host(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => url.to_string(),
    }
}

fn subscription_of(url: &Url) -> Option<String> {
    let mut parts = url.path_segments()?;
    let is_subscription = parts.next()?.eq_ignore_ascii_case("subscriptions");
    parts.next().filter(|_| is_subscription).map(str::to_ascii_lowercase)
}

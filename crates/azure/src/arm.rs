//! Asks Azure Resource Manager: single reads and lists over their pages.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use azure_core::credentials::TokenCredential;
use azure_core::error::ErrorKind;
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::{
    ClientOptions, Context, Method, Pipeline, PipelineSendOptions, RawResponse, Request,
};
use postern_domain::gap::{GapKind, GapReason};
use serde_json::Value;
use url::Url;

use crate::failure::{CollectError, connection_error};
use crate::operation::Operation;
use crate::settings::CollectLimits;

/// Asks one ARM end point.
#[derive(Clone, Debug)]
pub(crate) struct ArmClient {
    pipeline: Pipeline,
    endpoint: Url,
    pages: usize,
    /// How many requests in a row got no answer at all.
    unanswered: Arc<AtomicUsize>,
    patience: usize,
}

/// Why a read failed.
#[derive(Debug)]
pub(crate) struct ArmFailure {
    /// For the snapshot.
    pub reason: GapReason,
    /// Set where every other read would fail likewise.
    pub fatal: Option<CollectError>,
}

/// What a list held, as far as it could be read.
#[derive(Debug)]
pub(crate) struct ArmList {
    pub entries: Vec<Value>,
    pub failure: Option<ArmFailure>,
}

impl ArmClient {
    pub(crate) fn new(
        endpoint: Url,
        credential: Arc<dyn TokenCredential>,
        options: ClientOptions,
        limits: &CollectLimits,
    ) -> Self {
        let authorise = BearerTokenAuthorizationPolicy::new(credential, [scope(&endpoint)]);
        let pipeline = Pipeline::new(
            option_env!("CARGO_PKG_NAME"),
            option_env!("CARGO_PKG_VERSION"),
            options,
            Vec::new(),
            vec![Arc::new(authorise)],
            None,
        );
        Self {
            pipeline,
            endpoint,
            pages: limits.pages,
            unanswered: Arc::default(),
            // Two rounds of all that is under way at once.
            patience: limits.concurrency.max(1) * 2,
        }
    }

    /// Asks again although nobody answered before; called at the beginning of each step of a scan.
    pub(crate) fn regain_patience(&self) {
        self.unanswered.store(0, Ordering::Relaxed);
    }

    /// Reads a list below `scope` to its end, or as far as it can be read.
    pub(crate) async fn list(&self, operation: &Operation, scope: &str) -> ArmList {
        let mut entries = Vec::new();
        let mut asked = HashSet::new();
        let mut next = Some(self.address(operation, scope));
        while let Some(url) = next.take() {
            if !asked.insert(url.clone()) {
                let failure =
                    malformed(format!("{} leads back to a page already read", operation.name));
                return ArmList { entries, failure: Some(failure) };
            }
            if asked.len() > self.pages {
                let message = format!("{} has more than {} pages", operation.name, self.pages);
                let reason = GapReason::new(GapKind::Truncated, message);
                return ArmList { entries, failure: Some(ArmFailure { reason, fatal: None }) };
            }
            let page =
                match self.get(operation, url).await.and_then(|body| read_page(operation, body)) {
                    Ok(page) => page,
                    Err(failure) => return ArmList { entries, failure: Some(failure) },
                };
            entries.extend(page.entries);
            next = match page.next_link.map(|link| self.follow(operation, &link)).transpose() {
                Ok(next) => next,
                Err(failure) => return ArmList { entries, failure: Some(failure) },
            };
        }
        ArmList { entries, failure: None }
    }

    /// A page's successor, unchanged; refused on any other host, which would be handed our token.
    fn follow(&self, operation: &Operation, link: &str) -> Result<Url, ArmFailure> {
        let url = Url::parse(link)
            .map_err(|_| malformed(format!("the next page of {} is no URL", operation.name)))?;
        if url.origin() == self.endpoint.origin() {
            return Ok(url);
        }
        let host = host(&url);
        let message = format!(
            "the next page of {} is on another host ({host}) and was not read",
            operation.name
        );
        Err(malformed(message))
    }

    fn address(&self, operation: &Operation, scope: &str) -> Url {
        let mut url = self.endpoint.clone();
        url.set_path(&format!("{}{}", scope.trim_end_matches('/'), operation.path));
        url.query_pairs_mut().clear().append_pair("api-version", operation.api_version);
        url
    }

    async fn get(&self, operation: &Operation, url: Url) -> Result<Value, ArmFailure> {
        if self.unanswered.load(Ordering::Relaxed) >= self.patience {
            // Each unanswered request costs all its retries; thousands of them would take days.
            let message =
                format!("{} was not asked, since Azure no longer answered", operation.name);
            let reason = GapReason::new(GapKind::Unreachable, message);
            return Err(ArmFailure { reason, fatal: None });
        }
        let mut request = Request::new(url, Method::Get);
        request.insert_header("accept", "application/json");
        // We tell the statuses apart ourselves: the pipeline's check would fold them into one error.
        let options = PipelineSendOptions { skip_checks: true, ..PipelineSendOptions::default() };
        let response = self
            .pipeline
            .send(&Context::new(), &mut request, Some(options))
            .await
            .map_err(|error| self.no_answer(operation, &error))?;
        self.unanswered.store(0, Ordering::Relaxed);
        if response.status().is_success() {
            serde_json::from_slice(response.body().as_ref()).map_err(|error| {
                malformed(format!("the answer to {} is not JSON: {error}", operation.name))
            })
        } else {
            Err(self.refusal(operation, &response))
        }
    }

    fn no_answer(&self, operation: &Operation, error: &azure_core::Error) -> ArmFailure {
        let host = host(&self.endpoint);
        if matches!(error.kind(), ErrorKind::Credential) {
            let message = format!("no token for {}", operation.name);
            return ArmFailure { reason: GapReason::new(GapKind::Forbidden, message), fatal: None };
        }
        self.unanswered.fetch_add(1, Ordering::Relaxed);
        let fatal = connection_error(error, host);
        let name = operation.name;
        // Where the end point accepted the connection, other reads may well be answered.
        let is_connected = matches!(error.kind(), ErrorKind::Io);
        let (kind, message, fatal) = match fatal {
            CollectError::TimedOut { .. } if is_connected => {
                (GapKind::TimedOut, format!("Azure did not answer {name} in time"), None)
            }
            CollectError::Unreachable { .. } if is_connected => (
                GapKind::Unreachable,
                format!("the connection broke while Azure answered {name}"),
                None,
            ),
            fatal => (GapKind::Unreachable, fatal.to_string(), Some(fatal)),
        };
        ArmFailure { reason: GapReason::new(kind, message), fatal }
    }

    fn refusal(&self, operation: &Operation, response: &RawResponse) -> ArmFailure {
        let status = u16::from(response.status());
        let body: Value = serde_json::from_slice(response.body().as_ref()).unwrap_or_default();
        let text =
            |key: &str| body.get("error").and_then(|error| error.get(key)).and_then(Value::as_str);
        let code = text("code").unwrap_or("no error code").to_owned();
        let said = text("message").map(crate::failure::first_line).unwrap_or_default();
        let name = operation.name;
        let (kind, message) = match status {
            401 => {
                (GapKind::Forbidden, format!("Azure did not accept the token for {name} ({code})"))
            }
            403 => {
                let action = denied_action(&said).unwrap_or(operation.action);
                (
                    GapKind::Forbidden,
                    format!("Azure refused {name}: the credential lacks {action} ({code})"),
                )
            }
            404 => (GapKind::NotFound, format!("Azure found nothing for {name} ({code})")),
            429 => (
                GapKind::Throttled,
                format!("Azure throttled {name} until the retries were used up"),
            ),
            500.. => (
                GapKind::ServerError,
                format!("Azure failed {name} with {status} ({code}), also when asked again"),
            ),
            _ => (GapKind::Malformed, format!("Azure answered {name} with {status} ({code})")),
        };
        let action =
            (status == 403).then(|| denied_action(&said).unwrap_or(operation.action).to_owned());
        let fatal = (status == 401).then(|| CollectError::TokenRefused {
            host: host(&self.endpoint),
            message: code.clone(),
        });
        ArmFailure { reason: GapReason { kind, status: Some(status), action, message }, fatal }
    }
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

struct Page {
    entries: Vec<Value>,
    next_link: Option<String>,
}

fn read_page(operation: &Operation, mut body: Value) -> Result<Page, ArmFailure> {
    let Some(Value::Array(entries)) = body.get_mut("value").map(Value::take) else {
        return Err(malformed(format!("the answer to {} has no list \"value\"", operation.name)));
    };
    let next_link = body.get("nextLink").and_then(Value::as_str);
    Ok(Page { entries, next_link: next_link.filter(|link| !link.is_empty()).map(str::to_owned) })
}

fn malformed(message: String) -> ArmFailure {
    ArmFailure { reason: GapReason::new(GapKind::Malformed, message), fatal: None }
}

/// The action in ARM's sentence "… to perform action 'A/b/read' over scope …".
fn denied_action(message: &str) -> Option<&str> {
    message.split_once("perform action '")?.1.split_once('\'').map(|(action, _)| action)
}

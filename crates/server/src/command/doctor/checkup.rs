//! Checking a connection step by step.

use postern_domain::clock::Clock;
use postern_domain::gap::GapReason;
use postern_service::azure::{
    ArmAnswer, AzureSettings, CollectError, CollectLimits, Collector, Scope, SubscriptionAccess,
    probe,
};
use time::Duration;
use tokio_util::sync::CancellationToken;

use super::super::tenant::Tenant;
use crate::azure_connection::{self, Resolver};

/// Azure takes tokens whose times differ by some minutes from its own; beyond this it begins to refuse them.
const CLOCK_TOLERANCE: Duration = Duration::minutes(5);
/// Worth mending, though nothing fails yet: events and tokens are compared across machines.
const CLOCK_NOTICE: Duration = Duration::seconds(30);

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ok,
    /// Scans work, but somebody should look at it.
    Warning,
    Failed,
    /// It cannot be tried before an earlier step is mended.
    Skipped,
}

/// One step of a check-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub name: &'static str,
    pub state: State,
    /// What was found, as a part of a sentence.
    pub said: String,
}

/// What was found out about a connection.
pub(super) struct Checkup {
    pub slug: String,
    pub steps: Vec<Step>,
    /// What the connection is about, as far as its settings can be read.
    pub scope: Option<Scope>,
    /// The subscriptions in scope, as far as they could be found.
    pub access: Vec<SubscriptionAccess>,
    /// Scopes that the connection names and Azure does not show, with the reason.
    pub not_listed: Vec<(String, GapReason)>,
}

impl Checkup {
    /// Checks a tenant; whatever goes wrong is a step that failed.
    pub async fn of(
        tenant: &Tenant,
        resolver: &Resolver,
        clock: &Clock,
        cancel: &CancellationToken,
    ) -> Self {
        let mut checkup = Self {
            slug: tenant.slug.clone(),
            steps: Vec::new(),
            scope: None,
            access: Vec::new(),
            not_listed: Vec::new(),
        };
        let Some(settings) = checkup.settings(tenant, resolver) else {
            checkup.skip_all(&[
                "Sign-in",
                "Resource Manager",
                "Clock",
                "Subscriptions",
                "Resource Graph",
                "Rights",
            ]);
            return checkup;
        };
        if checkup.way(&settings, clock).await {
            checkup.rights(settings, clock, cancel).await;
        } else {
            checkup.skip_all(&["Subscriptions", "Resource Graph", "Rights"]);
        }
        checkup
    }

    fn add(&mut self, name: &'static str, state: State, said: impl Into<String>) {
        self.steps.push(Step { name, state, said: said.into() });
    }

    fn skip(&mut self, name: &'static str) {
        self.add(name, State::Skipped, "not tried, because of what failed above");
    }

    fn skip_all(&mut self, names: &[&'static str]) {
        for name in names {
            self.skip(name);
        }
    }

    /// Whether the settings can be read, and the secret is where they say.
    fn settings(&mut self, tenant: &Tenant, resolver: &Resolver) -> Option<AzureSettings> {
        let stored = match azure_connection::read(&tenant.settings) {
            Ok(stored) => stored,
            Err(error) => {
                self.add("Settings", State::Failed, error.to_string());
                self.skip("Secret");
                return None;
            }
        };
        self.scope = Some(stored.scope());
        let reached = resolver.resolve(&stored);
        let said = match &reached {
            Ok(settings) => settings_text(settings),
            Err(_) => scope_text(&stored.scope()),
        };
        self.add("Settings", State::Ok, said);
        match reached {
            Ok(settings) => {
                self.add("Secret", State::Ok, resolver.sign_in_text(&stored.credential));
                Some(settings)
            }
            Err(error) => {
                self.add("Secret", State::Failed, error.to_string());
                None
            }
        }
    }

    /// Whether there is a token and an answer; gives whether it makes sense to go on.
    async fn way(&mut self, settings: &AzureSettings, clock: &Clock) -> bool {
        let found = probe(settings, &CollectLimits::default(), clock).await;
        let (Some(token), Some(arm)) = (found.token, found.arm) else {
            let said = found.settings.err().map(|error| error.to_string()).unwrap_or_default();
            self.add("Sign-in", State::Failed, said);
            self.skip("Resource Manager");
            self.skip("Clock");
            return false;
        };
        let (has_token, has_answer) = (token.is_ok(), arm.is_ok());
        self.add_result("Sign-in", token.map(|()| "a token was issued".to_owned()));
        let host = settings.arm_endpoint.host_str().unwrap_or_default().to_owned();
        let answer = arm.as_ref().ok().copied();
        self.add_result("Resource Manager", arm.map(|_| format!("{host} answers")));
        self.clock(answer);
        has_token && has_answer
    }

    fn clock(&mut self, answer: Option<ArmAnswer>) {
        match answer.map(|answer| answer.clock_ahead) {
            None => self.skip("Clock"),
            Some(None) => self.add("Clock", State::Warning, "Azure did not say what time it is"),
            Some(Some(ahead)) => {
                let state = match ahead.abs() {
                    apart if apart >= CLOCK_TOLERANCE => State::Failed,
                    apart if apart >= CLOCK_NOTICE => State::Warning,
                    _ => State::Ok,
                };
                self.add("Clock", state, clock_text(ahead, state));
            }
        }
    }

    /// What the credential may read.
    async fn rights(&mut self, settings: AzureSettings, clock: &Clock, cancel: &CancellationToken) {
        let collector = match Collector::new(settings) {
            Ok(collector) => collector,
            Err(error) => {
                self.add("Subscriptions", State::Failed, error.to_string());
                self.skip_all(&["Resource Graph", "Rights"]);
                return;
            }
        };
        match Box::pin(collector.diagnose(clock, cancel)).await {
            Ok(diagnosis) => {
                self.access = diagnosis.subscriptions;
                self.not_listed = diagnosis.not_listed;
            }
            Err(error) => {
                self.add("Subscriptions", State::Failed, error.to_string());
                self.skip_all(&["Resource Graph", "Rights"]);
                return;
            }
        }
        let (state, said) = subscriptions_text(self.access.len(), self.not_listed.len());
        self.add("Subscriptions", state, said);
        let counted = Box::pin(collector.plan(clock, cancel)).await.map(|plan| {
            let assets: u64 = plan.assets.values().sum();
            format!("it answers: {assets} assets of Azure AI")
        });
        self.add_result("Resource Graph", counted);
        let (state, said) = rights_text(&self.access);
        self.add("Rights", state, said);
    }

    fn add_result(&mut self, name: &'static str, result: Result<String, CollectError>) {
        match result {
            Ok(said) => self.add(name, State::Ok, said),
            Err(error) => self.add(name, State::Failed, error.to_string()),
        }
    }
}

fn subscriptions_text(found: usize, not_listed: usize) -> (State, String) {
    let said = match found {
        0 if not_listed > 0 => "none is in scope".to_owned(),
        0 => "none is in scope: the credential sees none, or the scope leaves all of them out"
            .to_owned(),
        1 => "1 is in scope".to_owned(),
        count => format!("{count} are in scope"),
    };
    match not_listed {
        0 if found > 0 => (State::Ok, said),
        0 => (State::Failed, said),
        1 => (State::Failed, format!("{said}, and 1 scope could not be listed")),
        count => (State::Failed, format!("{said}, and {count} scopes could not be listed")),
    }
}

fn rights_text(access: &[SubscriptionAccess]) -> (State, String) {
    let silent = access.iter().filter(|subscription| subscription.missing.is_err()).count();
    let lacking = access
        .iter()
        .filter(|subscription| {
            subscription.missing.as_ref().is_ok_and(|missing| !missing.is_empty())
        })
        .count();
    let total = access.len();
    match (lacking, silent) {
        _ if total == 0 => (State::Skipped, "there is no subscription to look at".to_owned()),
        (0, 0) => (State::Ok, "every action in use is allowed".to_owned()),
        (0, silent) => (
            State::Failed,
            format!("{silent} of {total} subscriptions did not say what is allowed"),
        ),
        (lacking, 0) => {
            (State::Failed, format!("actions are missing in {lacking} of {total} subscriptions"))
        }
        (lacking, silent) => (
            State::Failed,
            format!(
                "actions are missing in {lacking} of {total} subscriptions, and {silent} did not say what is allowed"
            ),
        ),
    }
}

/// Where and through what the connection leads, in words.
fn settings_text(settings: &AzureSettings) -> String {
    let through = settings.proxy.as_ref().map(|proxy| {
        let host = proxy.url.host_str().unwrap_or_default();
        let port = proxy.url.port_or_known_default().unwrap_or_default();
        format!(", through the proxy {host}:{port}")
    });
    let through = through.unwrap_or_default();
    format!("{}, {}{through}", settings.cloud(), scope_text(&settings.scope))
}

/// What is read, in words.
pub(super) fn scope_text(scope: &Scope) -> String {
    let named = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let wide: Vec<String> = [
        named(scope.management_groups.len(), "management group", "management groups"),
        named(scope.subscriptions.len(), "subscription", "subscriptions"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut text = match wide.as_slice() {
        [] => "everything that the credential sees".to_owned(),
        some => some.join(" and "),
    };
    if !scope.include.is_empty() {
        text = format!("{text}, only {}", scope.include.join(", "));
    }
    if !scope.exclude.is_empty() {
        text = format!("{text}, without {}", scope.exclude.join(", "));
    }
    text
}

fn clock_text(ahead: Duration, state: State) -> String {
    let seconds = ahead.whole_seconds().unsigned_abs();
    let apart = match seconds {
        0..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3_600),
    };
    let side = if ahead.is_negative() { "behind" } else { "ahead of" };
    match state {
        State::Ok => "agrees with Azure's".to_owned(),
        State::Failed => format!(
            "is {apart} {side} Azure's, which refuses tokens at such times; set this machine's clock"
        ),
        _ => format!("is {apart} {side} Azure's"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_and_scopes_are_told_in_words() {
        let check = |seconds, state, expected: &str| {
            assert_eq!(clock_text(Duration::seconds(seconds), state), expected);
        };
        check(3, State::Ok, "agrees with Azure's");
        check(-45, State::Warning, "is 45 seconds behind Azure's");
        check(240, State::Warning, "is 4 minutes ahead of Azure's");
        assert!(clock_text(Duration::days(-1), State::Failed).starts_with("is 24 hours behind"));

        let mut scope = Scope::default();
        assert_eq!(scope_text(&scope), "everything that the credential sees");
        scope.management_groups = vec!["contoso".into()];
        scope.subscriptions = vec!["a".into(), "b".into()];
        scope.exclude = vec!["*sandbox*".into()];
        assert_eq!(scope_text(&scope), "1 management group and 2 subscriptions, without *sandbox*");
    }
}

//! Faults of the simulated Azure, as people write them.

use std::str::FromStr;

use postern_azure_sim::Fault;

/// Reads a fault such as `status:/deployments:403`.
pub(super) fn parse(text: &str) -> Result<Fault, String> {
    let mut parts = text.split(':');
    let name = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    read(name, &rest).ok_or_else(|| {
        "expected a fault such as status:/deployments:403; --help lists them".to_owned()
    })
}

/// The fault, if its name is known and its parts are as many and such as it needs.
fn read(name: &str, parts: &[&str]) -> Option<Fault> {
    Some(match (name, parts) {
        ("status", [path, status]) => {
            Fault::Status { path: path.to_string(), status: code(status)? }
        }
        ("burst", [path, status, times]) => {
            Fault::Burst { path: path.to_string(), status: code(status)?, times: number(times)? }
        }
        ("throttle", [path, seconds, times]) => Fault::Throttle {
            path: path.to_string(),
            retry_after: number(seconds)?,
            times: number(times)?,
        },
        ("flaky", [percent]) => {
            Fault::Flaky { percent: number(percent).filter(|percent| *percent <= 100)?, seed: 7 }
        }
        ("slow", [path, millis]) => Fault::Slow { path: path.to_string(), millis: number(millis)? },
        ("hang", [path]) => Fault::Hang { path: path.to_string() },
        ("drop", [path, times]) => Fault::Drop { path: path.to_string(), times: number(times)? },
        ("malformed", [path]) => Fault::MalformedJson { path: path.to_string() },
        ("truncated", [path]) => Fault::TruncatedBody { path: path.to_string() },
        ("oversized", [path, megabytes]) => {
            Fault::Oversized { path: path.to_string(), megabytes: number(megabytes)? }
        }
        ("looping-links", [path]) => Fault::LoopingNextLink { path: path.to_string() },
        ("endless-links", [path]) => Fault::EndlessNextLink { path: path.to_string() },
        ("graph-refused", [status]) => Fault::GraphRefused { status: code(status)? },
        ("graph-truncated", []) => Fault::GraphTruncated,
        ("denied", [action]) => Fault::Denied { scope: String::new(), action: some(action)? },
        ("denied", [action, scope]) => {
            Fault::Denied { scope: scope.to_string(), action: some(action)? }
        }
        ("refuse-credentials", []) => Fault::RefuseCredentials,
        ("revoked-secret", [tokens]) => Fault::RevokedSecret { tokens: number(tokens)? },
        ("expiring-tokens", [seconds]) => Fault::ExpiringTokens { seconds: number(seconds)? },
        ("wrong-clock", [seconds]) => Fault::WrongClock { seconds: number(seconds)? },
        ("deleted", [id, requests]) => {
            Fault::DeletedAfter { id: some(id)?, requests: number(requests)? }
        }
        ("gone", [id, requests]) => {
            Fault::SubscriptionGone { id: some(id)?, requests: number(requests)? }
        }
        _ => return None,
    })
}

fn number<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn code(text: &str) -> Option<u16> {
    number(text).filter(|code| (400..600).contains(code))
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_and_nonsense_is_refused() {
        let check = |text: &str, expected: Fault| assert_eq!(parse(text), Ok(expected), "{text}");
        let path = || "/deployments".to_owned();
        check("status:/deployments:403", Fault::Status { path: path(), status: 403 });
        check("status::500", Fault::Status { path: String::new(), status: 500 });
        check(
            "throttle:/deployments:2:9",
            Fault::Throttle { path: path(), retry_after: 2, times: 9 },
        );
        check("flaky:5", Fault::Flaky { percent: 5, seed: 7 });
        check("graph-truncated", Fault::GraphTruncated);
        let action = "Microsoft.Search/searchServices/read".to_owned();
        check(
            "denied:Microsoft.Search/searchServices/read:/subscriptions/1",
            Fault::Denied { scope: "/subscriptions/1".into(), action },
        );
        check("wrong-clock:-600", Fault::WrongClock { seconds: -600 });
        for wrong in [
            "",
            "status",
            "status:/a",
            "status:/a:200",
            "status:/a:b",
            "flaky:101",
            "flaky:-1",
            "hang",
            "denied:",
            "graph-truncated:1",
            "unheard-of:1",
            "burst:/a:500",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}

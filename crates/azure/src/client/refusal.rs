//! Why Azure did not give what was asked for, in words.

use azure_core::http::StatusCode;
use postern_domain::gap::{GapKind, GapReason};
use serde_json::Value;

use crate::failure::first_line;
use crate::operation::Operation;

/// Why a read failed, for the snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure(pub GapReason);

pub(crate) fn malformed(message: String) -> Failure {
    Failure(GapReason::new(GapKind::Malformed, message))
}

/// What an error status means, with Azure's own error code.
pub(super) fn refusal(operation: &Operation, status: StatusCode, body: &[u8]) -> Failure {
    let status = u16::from(status);
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text =
        |key: &str| body.get("error").and_then(|error| error.get(key)).and_then(Value::as_str);
    let code = text("code").unwrap_or("no error code");
    let said = text("message").map(first_line).unwrap_or_default();
    let name = operation.name;
    let lacking = denied_action(&said).unwrap_or(operation.action);
    let (kind, message) = match status {
        401 => (GapKind::Forbidden, format!("Azure did not accept the token for {name} ({code})")),
        403 => (
            GapKind::Forbidden,
            format!("Azure refused {name}: the credential lacks {lacking} ({code})"),
        ),
        404 if ABSENT.contains(&code) => {
            (GapKind::NotFound, format!("Azure found nothing for {name} ({code})"))
        }
        429 => {
            (GapKind::Throttled, format!("Azure throttled {name} until the retries were used up"))
        }
        408 | 500.. => (
            GapKind::ServerError,
            format!("Azure failed {name} with {status} ({code}), also when asked again"),
        ),
        _ => (GapKind::Malformed, format!("Azure answered {name} with {status} ({code})")),
    };
    let action = (status == 403).then(|| lacking.to_owned());
    Failure(GapReason { kind, status: Some(status), action, message })
}

/// ARM's codes for what is not there. Others with 404 mean an unknown type or version, or come from somebody between.
const ABSENT: [&str; 5] = [
    "NotFound",
    "ParentResourceNotFound",
    "ResourceGroupNotFound",
    "ResourceNotFound",
    "SubscriptionNotFound",
];

/// Azure's error code, where the body has one.
pub(super) fn error_code(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body.pointer("/error/code").and_then(Value::as_str).map(str::to_owned)
}

/// The action in ARM's sentence "… to perform action 'A/b/read' over scope …".
fn denied_action(message: &str) -> Option<&str> {
    message.split_once("perform action '")?.1.split_once('\'').map(|(action, _)| action)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::RESOURCES;

    #[test]
    fn a_404_means_absent_only_where_arm_says_so() {
        for (body, kind) in [
            (r#"{"error":{"code":"ResourceNotFound"}}"#, GapKind::NotFound),
            (r#"{"error":{"code":"InvalidResourceType"}}"#, GapKind::Malformed),
            ("<html>404</html>", GapKind::Malformed),
        ] {
            let Failure(reason) = refusal(&RESOURCES, StatusCode::NotFound, body.as_bytes());
            assert_eq!((reason.kind, reason.status), (kind, Some(404)), "{body}");
        }
    }
}

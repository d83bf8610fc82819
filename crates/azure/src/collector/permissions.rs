//! What the credential may do in a subscription.
//!
//! Resource Graph leaves out silently what the credential may not see, so an empty answer of it means nothing
//! without this.

use postern_domain::gap::{GapKind, GapReason};
use serde_json::Value;

use crate::client::ArmClient;
use crate::operation::PERMISSIONS;

/// The permissions of a subscription; or why Azure did not tell them.
#[derive(Clone, Debug)]
pub(crate) struct Permissions(Result<Vec<Grant>, GapReason>);

/// What one role grants: an action that matches `actions` and none of `not_actions`.
#[derive(Clone, Debug)]
struct Grant {
    actions: Vec<String>,
    not_actions: Vec<String>,
}

impl Permissions {
    pub(crate) async fn read(arm: &ArmClient, subscription: &str) -> Self {
        let list = arm.list(&PERMISSIONS, &format!("/subscriptions/{subscription}")).await;
        Self(match list.failure {
            Some(failure) => Err(failure.0),
            None => Ok(list.entries.iter().map(grant).collect()),
        })
    }

    /// Why Azure did not tell the permissions.
    pub(crate) fn unknown(&self) -> Option<&GapReason> {
        self.0.as_ref().err()
    }

    /// Whether an action is granted for the whole subscription; if not, the reason for the gap.
    pub(crate) fn check(&self, action: &str) -> Result<(), GapReason> {
        let grants = self.0.as_ref().map_err(Clone::clone)?;
        if grants.iter().any(|grant| grant.allows(action)) {
            return Ok(());
        }
        let message = format!("the credential lacks {action} for the whole subscription");
        Err(GapReason {
            action: Some(action.to_owned()),
            ..GapReason::new(GapKind::Forbidden, message)
        })
    }
}

impl Grant {
    fn allows(&self, action: &str) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, action));
        any(&self.actions) && !any(&self.not_actions)
    }
}

fn grant(entry: &Value) -> Grant {
    let texts = |key: &str| {
        let list = entry.get(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    Grant { actions: texts("actions"), not_actions: texts("notActions") }
}

/// Whether an action of Azure's matches a pattern with `*` for any text, without regard to case.
pub(crate) fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| action.strip_prefix(first)) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            let middle: &str = middle;
            let Some(position) = rest.find(middle) else { return false };
            rest = rest.get(position + middle.len()..).unwrap_or_default();
        }
    }
    match last {
        None => rest.is_empty(),
        Some(end) => rest.ends_with(end),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_match_as_azures_do() {
        for (pattern, action, expected) in [
            ("*", "Microsoft.Search/searchServices/read", true),
            ("*/read", "Microsoft.Search/searchServices/read", true),
            ("*/read", "Microsoft.Search/searchServices/listAdminKeys/action", false),
            ("Microsoft.Search/*/read", "microsoft.search/searchservices/read", true),
            ("Microsoft.Search/searchServices/*", "Microsoft.Search/searchServices/read", true),
            ("Microsoft.Search/searchServices", "Microsoft.Search/searchServices/read", false),
            ("a*a", "a", false),
            ("*b*c*", "abc", true),
            ("*b*c*", "acb", false),
        ] {
            assert_eq!(matches(pattern, action), expected, "{pattern} {action}");
        }
    }

    #[test]
    fn one_roles_exception_does_not_take_away_what_another_grants() {
        let reader = grant(&json!({"actions": ["*/read"], "notActions": ["A/b/read"]}));
        let other = grant(&json!({"actions": ["A/b/*"], "notActions": []}));
        let one = Permissions(Ok(vec![reader.clone()]));
        assert!(one.check("A/c/read").is_ok());
        assert_eq!(one.check("A/b/read").unwrap_err().action.as_deref(), Some("A/b/read"));
        assert!(Permissions(Ok(vec![reader, other])).check("A/b/read").is_ok());
    }
}

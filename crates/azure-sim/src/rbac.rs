//! What the caller may do: it is a Reader everywhere, less what is denied.

use serde_json::{Value, json};

/// An action that is not granted at a scope and below.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Denial<'a> {
    /// In lower case; empty for the tenant.
    pub scope: &'a str,
    /// In any case; `*` stands for anything.
    pub action: &'a str,
}

impl Denial<'_> {
    /// Whether it holds at a lower-case scope: it was made there or above.
    pub(crate) fn covers(&self, scope: &str) -> bool {
        is_at_or_below(scope, self.scope)
    }

    /// Whether it takes an action away.
    pub(crate) fn takes(&self, action: &str) -> bool {
        matches(self.action.as_bytes(), action.as_bytes())
    }
}

/// Whether a lower-case id is a scope or within it.
pub(crate) fn is_at_or_below(id: &str, scope: &str) -> bool {
    id.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether an action is one of a pattern, in which `*` stands for any number of characters.
fn matches(pattern: &[u8], action: &[u8]) -> bool {
    match pattern.split_first() {
        None => action.is_empty(),
        Some((b'*', rest)) => {
            (0..=action.len()).any(|from| matches(rest, action.get(from..).unwrap_or_default()))
        }
        Some((wanted, rest)) => action.split_first().is_some_and(|(first, others)| {
            wanted.eq_ignore_ascii_case(first) && matches(rest, others)
        }),
    }
}

/// What the end point `permissions` says: Reader, and beside it the one action that a Reader lacks.
/// Each entry excludes what is denied, because Azure adds the entries up.
pub(crate) fn permissions(role: Option<&[String]>, denied: &[&str]) -> Vec<Value> {
    let reader = ["*/read", "Microsoft.CostManagement/query/action"];
    let roles = match role {
        Some(actions) => vec![actions.to_vec()],
        None => reader.map(|action| vec![action.to_owned()]).to_vec(),
    };
    roles
        .into_iter()
        .map(|actions| {
            json!({"actions": actions, "notActions": denied, "dataActions": [], "notDataActions": []})
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_covers_its_scope_and_its_actions() {
        let denial = Denial { scope: "/subscriptions/a", action: "Microsoft.Search/*/read" };
        assert!(denial.covers("/subscriptions/a") && denial.covers("/subscriptions/a/x"));
        assert!(!denial.covers("/subscriptions/ab") && !denial.covers(""));
        assert!(denial.takes("microsoft.search/searchServices/read"));
        assert!(!denial.takes("Microsoft.Storage/storageAccounts/read"));
        assert!(Denial { scope: "", action: "*" }.covers("/anything"));
    }
}

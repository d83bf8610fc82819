//! The custom role with exactly the actions that Postern uses.

use postern_service::azure::{Scope, required_actions};
use serde_json::{Value, json};

use super::checkup::Checkup;

/// Azure's limit for `AssignableScopes`.
const SCOPES: usize = 2_000;

/// No role definition can be written.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum RoleError {
    /// It has to say where it may be assigned.
    #[error(
        "a role definition names where it may be assigned, and no scope is known: \
         name --azure-management-groups or --azure-subscriptions"
    )]
    NoScope,
    /// Azure would refuse it.
    #[error(
        "a role definition takes one management group or {SCOPES} subscriptions, and there are {0}: \
         name a management group with --azure-management-groups"
    )]
    TooMany(usize),
}

/// The role definition as `az role definition create` takes it.
pub(super) fn definition(checkup: &Checkup) -> Result<Value, RoleError> {
    let found = checkup.access.iter().map(|subscription| subscription.id.as_str());
    let scopes = assignable(checkup.scope.as_ref(), found)?;
    Ok(json!({
        "Name": "Postern Reader",
        "IsCustom": true,
        "Description": "The read actions that Postern uses to judge Azure AI resources, and no others. Lists no keys.",
        "Actions": required_actions(),
        "NotActions": [],
        "AssignableScopes": scopes,
    }))
}

fn assignable<'a>(
    scope: Option<&Scope>,
    found: impl Iterator<Item = &'a str>,
) -> Result<Vec<String>, RoleError> {
    let of_subscriptions = |ids: &mut dyn Iterator<Item = &str>| {
        ids.map(|id| format!("/subscriptions/{id}")).collect::<Vec<String>>()
    };
    let mut scopes = match scope {
        // A custom role may name one management group only; of several, the subscriptions have to stand.
        Some(Scope { management_groups, subscriptions, .. }) if management_groups.len() == 1 => {
            let mut scopes = of_subscriptions(&mut subscriptions.iter().map(String::as_str));
            scopes.extend(
                management_groups
                    .iter()
                    .map(|id| format!("/providers/Microsoft.Management/managementGroups/{id}")),
            );
            scopes
        }
        Some(Scope { management_groups, subscriptions, .. })
            if management_groups.is_empty() && !subscriptions.is_empty() =>
        {
            of_subscriptions(&mut subscriptions.iter().map(String::as_str))
        }
        _ => of_subscriptions(&mut { found }),
    };
    scopes.sort();
    scopes.dedup();
    match scopes.len() {
        0 => Err(RoleError::NoScope),
        count if count > SCOPES => Err(RoleError::TooMany(count)),
        _ => Ok(scopes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_be_assigned_where_the_connection_reads() {
        let check = |groups: &[&str], subscriptions: &[&str], found: &[&str], expected: &[&str]| {
            let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
            let scope = Scope {
                management_groups: texts(groups),
                subscriptions: texts(subscriptions),
                ..Scope::default()
            };
            let scopes = assignable(Some(&scope), found.iter().copied()).unwrap();
            assert_eq!(scopes, expected);
        };
        let group = "/providers/Microsoft.Management/managementGroups/contoso";
        check(&["contoso"], &[], &["1"], &[group]);
        check(&["contoso"], &["2"], &["1", "2"], &[group, "/subscriptions/2"]);
        check(&[], &["2"], &["2"], &["/subscriptions/2"]);
        check(&[], &[], &["3", "2"], &["/subscriptions/2", "/subscriptions/3"]);
        check(&["a", "b"], &[], &["1"], &["/subscriptions/1"]);
        assert!(matches!(assignable(None, std::iter::empty()), Err(RoleError::NoScope)));
        let many = vec!["x"; 3_000];
        assert!(assignable(None, many.into_iter()).is_ok(), "none twice");
        let many: Vec<String> = (0..3_000).map(|id| id.to_string()).collect();
        let many = assignable(None, many.iter().map(String::as_str));
        assert!(matches!(many, Err(RoleError::TooMany(3_000))));
    }
}

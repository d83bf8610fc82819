//! The custom role with exactly the actions that Postern uses.

use postern_domain::role::{CustomRole, RoleError};
use postern_service::azure::{Scope, required_actions};
use serde_json::Value;

use super::checkup::Checkup;

/// No role definition can be written.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}: name {option}", option = options(*.0))]
pub(super) struct NoRole(#[from] RoleError);

/// What to say on the command line instead.
fn options(error: RoleError) -> &'static str {
    match error {
        RoleError::NoScope => "--azure-management-groups or --azure-subscriptions",
        RoleError::TooMany(_) => "a management group with --azure-management-groups",
        RoleError::SeveralGroups(_) => "one with --azure-management-groups",
    }
}

/// The role definition as `az role definition create` takes it.
pub(super) fn definition(checkup: &Checkup) -> Result<Value, NoRole> {
    let found = checkup.access.iter().map(|subscription| subscription.id.as_str());
    let actions = required_actions().into_iter().map(str::to_owned).collect();
    let about = (
        "Postern Reader",
        "The read actions that Postern uses to judge Azure AI resources, and no others. Lists no keys.",
    );
    Ok(CustomRole::new(about, actions, assignable(checkup.scope.as_ref(), found))?.definition())
}

fn assignable<'a>(scope: Option<&Scope>, found: impl Iterator<Item = &'a str>) -> Vec<String> {
    let of_subscriptions = |ids: &mut dyn Iterator<Item = &str>| {
        ids.map(|id| format!("/subscriptions/{id}")).collect::<Vec<String>>()
    };
    match scope {
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
            let scopes = assignable(Some(&scope), found.iter().copied());
            let role = CustomRole::new(("a", "b"), Vec::new(), scopes);
            assert_eq!(role.unwrap().scopes, expected);
        };
        let group = "/providers/Microsoft.Management/managementGroups/contoso";
        check(&["contoso"], &[], &["1"], &[group]);
        check(&["contoso"], &["2"], &["1", "2"], &[group, "/subscriptions/2"]);
        check(&[], &["2"], &["2"], &["/subscriptions/2"]);
        check(&[], &[], &["3", "2"], &["/subscriptions/2", "/subscriptions/3"]);
        check(&["a", "b"], &[], &["1"], &["/subscriptions/1"]);
        assert_eq!(assignable(None, std::iter::empty()), Vec::<String>::new());
        let said = NoRole(RoleError::NoScope).to_string();
        assert!(said.ends_with(
            "no scope is known: name --azure-management-groups or --azure-subscriptions"
        ));
    }
}

//! Custom roles of Azure: actions, and where they may be assigned.

use serde_json::{Value, json};

/// Azure's limit for `AssignableScopes`.
const MOST_SCOPES: usize = 2_000;

const MANAGEMENT_GROUP: &str = "/providers/Microsoft.Management/managementGroups/";

/// A role that Azure would take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomRole {
    /// What Azure calls it.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// The actions, in order, none twice.
    pub actions: Vec<String>,
    /// Subscriptions, and at most one management group, as ARM ids in order, none twice.
    pub scopes: Vec<String>,
}

/// Azure would take no such role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// It has to say where it may be assigned.
    #[error("a role definition names where it may be assigned, and no scope is known")]
    NoScope,
    /// There are too many scopes.
    #[error(
        "a role definition takes one management group or {MOST_SCOPES} subscriptions, and there are {0}"
    )]
    TooMany(usize),
    /// Of management groups, one may be named.
    #[error("a role definition takes one management group, and there are {0}")]
    SeveralGroups(usize),
}

impl CustomRole {
    /// A role with these actions, assignable at those of the scopes at which roles can be: a tenant or a file is none.
    pub fn new(
        (name, description): (&'static str, &'static str),
        mut actions: Vec<String>,
        scopes: impl IntoIterator<Item = String>,
    ) -> Result<Self, RoleError> {
        let is_assignable = |scope: &String| {
            scope.starts_with("/subscriptions/") || scope.starts_with(MANAGEMENT_GROUP)
        };
        let mut scopes: Vec<String> = scopes.into_iter().filter(is_assignable).collect();
        actions.sort_unstable();
        actions.dedup();
        scopes.sort_unstable();
        scopes.dedup();
        let groups = scopes.iter().filter(|scope| scope.starts_with(MANAGEMENT_GROUP)).count();
        match (scopes.len(), groups) {
            (0, _) => Err(RoleError::NoScope),
            (_, 2..) => Err(RoleError::SeveralGroups(groups)),
            (count, _) if count > MOST_SCOPES => Err(RoleError::TooMany(count)),
            _ => Ok(Self { name, description, actions, scopes }),
        }
    }

    /// The definition as `az role definition create` takes it.
    pub fn definition(&self) -> Value {
        json!({
            "Name": self.name,
            "IsCustom": true,
            "Description": self.description,
            "Actions": self.actions,
            "NotActions": [],
            "AssignableScopes": self.scopes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(scopes: &[&str]) -> Result<Vec<String>, RoleError> {
        let scopes = scopes.iter().map(|&scope| scope.to_owned());
        CustomRole::new(("a", "b"), vec!["c/read".to_owned()], scopes).map(|role| role.scopes)
    }

    #[test]
    fn a_role_is_assignable_where_azure_takes_it() {
        let group = "/providers/Microsoft.Management/managementGroups/contoso";
        let other = "/providers/Microsoft.Management/managementGroups/other";
        let one = "/subscriptions/1";
        assert_eq!(scopes(&[one, "/subscriptions/0", one]).unwrap(), ["/subscriptions/0", one]);
        assert_eq!(scopes(&[one, group]).unwrap(), [group, one]);
        assert_eq!(scopes(&["/", "./answers/a.json", one]).unwrap(), [one]);
        assert_eq!(scopes(&["/"]), Err(RoleError::NoScope));
        assert_eq!(scopes(&[group, other]), Err(RoleError::SeveralGroups(2)));
        let many: Vec<String> = (0..3_000).map(|id| format!("/subscriptions/{id}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(scopes(&many), Err(RoleError::TooMany(3_000)));
        assert!(scopes(&vec![one; 3_000]).is_ok(), "none twice");
    }
}

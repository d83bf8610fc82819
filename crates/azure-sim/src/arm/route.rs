//! What a path stands for.

use super::kind::{self, Kind};

/// A path of Azure Resource Manager, taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route<'a> {
    pub kind: &'static Kind,
    /// The whole path in lower case, without a slash at the end.
    pub path: &'a str,
    /// The id of the subscription, in lower case; empty outside subscriptions.
    pub subscription: &'a str,
    /// Whether it is a list, not a single object.
    pub is_list: bool,
}

impl<'a> Route<'a> {
    /// `None`: Azure knows no such path, or this simulation does not.
    pub(crate) fn parse(path: &'a str) -> Option<Self> {
        let subscription = subscription_of(path);
        let (name, is_list) = match path.rsplit_once("/providers/") {
            Some((_, tail)) => name_of(tail)?,
            None => match path.strip_prefix("/subscriptions")?.split('/').collect::<Vec<_>>()[..] {
                [""] => (kind::SUBSCRIPTIONS.to_owned(), true),
                ["", _] => (kind::SUBSCRIPTIONS.to_owned(), false),
                ["", _, "resources"] => (kind::GENERIC_RESOURCES.to_owned(), true),
                _ => return None,
            },
        };
        let kind = Kind::find(&name)?;
        Some(Self { kind, path, subscription, is_list })
    }

    /// How many bytes of the path are the scope that is authorised: the resource itself,
    /// or for a list what it belongs to.
    pub(crate) fn scope_length(&self) -> usize {
        if !self.is_list {
            return self.path.len();
        }
        match self.path.rsplit_once("/providers/") {
            // A list of the top level: `{scope}/providers/{namespace}/{type}`, and what a subscription
            // has at a place of its own, such as `locations/{location}/models`.
            Some((scope, tail)) if tail.split('/').count() < 4 || is_subscription(scope) => {
                scope.len()
            }
            _ => self.path.rsplit_once('/').map_or(0, |(parent, _)| parent.len()),
        }
    }

    /// The scope in lower case.
    pub(crate) fn scope(&self) -> &'a str {
        self.path.get(..self.scope_length()).unwrap_or(self.path)
    }

    /// Whether it lists what a subscription holds of a type.
    pub(crate) fn is_of_subscription(&self) -> bool {
        let split = self.path.rsplit_once("/providers/");
        split.is_some_and(|(scope, tail)| is_subscription(scope) && tail.split('/').count() == 2)
    }
}

/// The lower-case id of the subscription that a lower-case path is in; empty where there is none.
pub(crate) fn subscription_of(path: &str) -> &str {
    let rest = path.strip_prefix("/subscriptions/").unwrap_or_default();
    rest.split('/').next().unwrap_or_default()
}

fn is_subscription(scope: &str) -> bool {
    scope.starts_with("/subscriptions/") && scope.matches('/').count() == 2
}

/// The type of a resource by its lower-case id: `microsoft.search/searchservices`.
pub(crate) fn type_of(id: &str) -> Option<String> {
    name_of(id.rsplit_once("/providers/")?.1).map(|(name, _)| name)
}

/// `namespace/type/name/child…` as a type's name, and whether it ends with a type and not with a name.
fn name_of(tail: &str) -> Option<(String, bool)> {
    let (namespace, rest) = tail.split_once('/')?;
    let mut name = namespace.to_owned();
    let mut is_list = false;
    for (position, part) in rest.split('/').enumerate() {
        is_list = position % 2 == 0;
        if part.is_empty() {
            return None;
        }
        if is_list {
            name.push('/');
            name.push_str(part);
        }
    }
    Some((name, is_list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        let account =
            "/subscriptions/s/resourcegroups/g/providers/microsoft.cognitiveservices/accounts/a";
        for (path, name, scope, is_list) in [
            ("/subscriptions", "Microsoft.Resources/subscriptions", "", true),
            ("/subscriptions/s", "Microsoft.Resources/subscriptions", "/subscriptions/s", false),
            (
                "/subscriptions/s/resources",
                "Microsoft.Resources/subscriptions/resources",
                "/subscriptions/s",
                true,
            ),
            (account, "Microsoft.CognitiveServices/accounts", account, false),
            (
                &format!("{account}/deployments"),
                "Microsoft.CognitiveServices/accounts/deployments",
                account,
                true,
            ),
            (
                &format!("{account}/providers/microsoft.insights/diagnosticsettings"),
                "Microsoft.Insights/diagnosticSettings",
                account,
                true,
            ),
            (
                "/subscriptions/s/providers/microsoft.insights/eventtypes/management/values",
                "Microsoft.Insights/eventtypes/values",
                "/subscriptions/s",
                true,
            ),
            (
                "/providers/microsoft.management/managementgroups/g/descendants",
                "Microsoft.Management/managementGroups/descendants",
                "/providers/microsoft.management/managementgroups/g",
                true,
            ),
            (
                "/providers/microsoft.resourcegraph/resources",
                "Microsoft.ResourceGraph/resources",
                "",
                true,
            ),
        ] {
            let route = Route::parse(path).unwrap();
            assert_eq!((route.kind.name, route.scope(), route.is_list), (name, scope, is_list));
        }
        assert!(Route::parse("/nothing").is_none());
        assert!(Route::parse("/subscriptions/s/providers/microsoft.search").is_none());
    }
}

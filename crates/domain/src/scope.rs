//! Scopes: which assets something holds for.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::asset::Asset;
use crate::fact::{self, Fact};

/// Some of the assets, by what Azure says of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Those of the subscriptions below a management group, by its name (Azure's portal calls it the id).
    ManagementGroup(String),
    /// Those of a subscription, by its id.
    Subscription(String),
    /// Those of a resource group, by its ARM id: `/subscriptions/…/resourceGroups/…`.
    ResourceGroup(String),
    /// Those with a tag, as `name=value`, without regard to case.
    Tag(String),
}

impl Scope {
    /// Whether the asset is one of them; `None` where what that depends on could not be read.
    pub fn holds(&self, asset: &Asset) -> Option<bool> {
        Some(match self {
            Self::ManagementGroup(name) => return is_below(asset, name.trim()),
            Self::Subscription(id) => asset.subscription.eq_ignore_ascii_case(id.trim()),
            Self::ResourceGroup(id) => asset.resource_group.as_deref().is_some_and(|group| {
                let of_asset =
                    format!("/subscriptions/{}/resourceGroups/{group}", asset.subscription);
                of_asset.eq_ignore_ascii_case(id.trim().trim_end_matches('/'))
            }),
            Self::Tag(tag) => tag.split_once('=').is_some_and(|(name, value)| {
                let tags = asset.document.resource.get("tags").and_then(Value::as_object);
                tags.into_iter().flatten().any(|(of_asset, is)| {
                    of_asset.eq_ignore_ascii_case(name.trim())
                        && is.as_str().is_some_and(|is| is.eq_ignore_ascii_case(value.trim()))
                })
            }),
        })
    }

    /// What is wrong with the way it is written; `None` where nothing is.
    pub fn complaint(&self) -> Option<String> {
        match self {
            Self::ManagementGroup(name) => {
                let letters = |letter: char| letter.is_alphanumeric() || "-_().".contains(letter);
                let fits = !name.trim().is_empty() && name.trim().chars().all(letters);
                (!fits).then(|| format!("\"{name}\" is not the name of a management group"))
            }
            Self::Subscription(id) if id.trim().is_empty() || id.contains('/') => {
                Some(format!("\"{id}\" is not the id of a subscription"))
            }
            Self::ResourceGroup(id) => {
                let parts: Vec<&str> = id.trim().trim_end_matches('/').split('/').collect();
                let fits = matches!(parts.as_slice(), ["", one, subscription, two, group]
                    if one.eq_ignore_ascii_case("subscriptions") && two.eq_ignore_ascii_case("resourceGroups")
                        && !subscription.is_empty() && !group.is_empty());
                (!fits).then(|| {
                    format!("\"{id}\" is not of the form /subscriptions/…/resourceGroups/…")
                })
            }
            Self::Tag(tag) => {
                let fits = tag.split_once('=').is_some_and(|(name, _)| !name.trim().is_empty());
                (!fits).then(|| format!("\"{tag}\" is not of the form name=value"))
            }
            Self::Subscription(_) => None,
        }
    }

    /// The weaker first.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::ManagementGroup(_) => 0,
            Self::Subscription(_) => 1,
            Self::ResourceGroup(_) => 2,
            Self::Tag(_) => 3,
        }
    }

    /// Whether every asset of this scope, for certain, is one of `other` too.
    pub fn is_within(&self, other: &Self) -> bool {
        let same = |one: &str, other: &str| {
            let bare = |id: &str| id.trim().trim_end_matches('/').to_lowercase();
            bare(one) == bare(other)
        };
        match (self, other) {
            (Self::ManagementGroup(one), Self::ManagementGroup(other))
            | (Self::Subscription(one), Self::Subscription(other))
            | (Self::ResourceGroup(one), Self::ResourceGroup(other)) => same(one, other),
            (Self::ResourceGroup(group), Self::Subscription(id)) => {
                group.trim().split('/').nth(2).is_some_and(|of_group| same(of_group, id))
            }
            (Self::Tag(one), Self::Tag(other)) => {
                match (one.split_once('='), other.split_once('=')) {
                    (Some(one), Some(other)) => same(one.0, other.0) && same(one.1, other.1),
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

/// Whether the asset's subscription is below a management group; `None` where the groups above it could not be read.
fn is_below(asset: &Asset, name: &str) -> Option<bool> {
    let is_it = |group: &Value| {
        let above = group.get("name").and_then(Value::as_str);
        above.is_some_and(|above| above.eq_ignore_ascii_case(name))
    };
    match asset.document.related.get(fact::MANAGEMENT_GROUPS) {
        Some(Fact::Read { value }) => Some(value.as_array().into_iter().flatten().any(is_it)),
        Some(Fact::Unreadable { .. }) => None,
        // An import: what its files do not say, nobody claims.
        None => Some(false),
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ManagementGroup(name) => write!(formatter, "management group {name}"),
            Self::Subscription(id) => write!(formatter, "subscription {id}"),
            Self::ResourceGroup(id) => write!(formatter, "resource group {id}"),
            Self::Tag(tag) => write!(formatter, "tag {tag}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_that_cannot_hold_is_complained_of() {
        let wrong = [
            Scope::ManagementGroup(" ".to_owned()),
            Scope::ManagementGroup(
                "/providers/Microsoft.Management/managementGroups/contoso".to_owned(),
            ),
            Scope::Subscription(String::new()),
            Scope::Subscription("/subscriptions/a".to_owned()),
            Scope::ResourceGroup("rg-ai".to_owned()),
            Scope::ResourceGroup("/subscriptions/a/resourceGroups/".to_owned()),
            Scope::Tag("sandbox".to_owned()),
            Scope::Tag("=x".to_owned()),
        ];
        for scope in wrong {
            assert!(scope.complaint().is_some(), "{scope:?}");
        }
        assert!(Scope::ManagementGroup("Contoso-AI_(2)".to_owned()).complaint().is_none());
        assert!(Scope::Tag("a=b=c".to_owned()).complaint().is_none());
        assert!(
            Scope::ResourceGroup("/subscriptions/a/resourceGroups/b".to_owned())
                .complaint()
                .is_none()
        );
    }

    #[test]
    fn a_scope_is_within_another_only_where_that_is_certain() {
        let above = |name: &str| Scope::ManagementGroup(name.to_owned());
        let subscription = |id: &str| Scope::Subscription(id.to_owned());
        let group = |id: &str| Scope::ResourceGroup(id.to_owned());
        let tag = |tag: &str| Scope::Tag(tag.to_owned());
        let of_a = "/subscriptions/A/resourceGroups/One";
        for (one, other, expected) in [
            (above("contoso"), above("Contoso "), true),
            (above("contoso"), above("contoso-ai"), false),
            (subscription("a"), above("contoso"), false),
            (subscription("a"), subscription(" A"), true),
            (subscription("a"), subscription("b"), false),
            (group(of_a), subscription("a"), true),
            (group(of_a), subscription("b"), false),
            (group(of_a), group("/subscriptions/a/resourcegroups/one/"), true),
            (group(of_a), group("/subscriptions/a/resourceGroups/two"), false),
            (subscription("a"), group(of_a), false),
            (tag("team=x"), tag("Team = X"), true),
            (tag("team=x"), tag("team=y"), false),
            (tag("team=x"), subscription("a"), false),
            (group(of_a), tag("team=x"), false),
        ] {
            assert_eq!(one.is_within(&other), expected, "{one} within {other}");
        }
    }
}

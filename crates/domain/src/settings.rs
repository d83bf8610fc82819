//! Settings of a pack: what an organisation decides, for all assets and for some scopes otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::asset::Asset;

/// What an organisation set for one pack. What is set nowhere has the pack's default.
///
/// As JSON: `{"values": {"keyRotationDays": 30}, "overrides": [{"scope": {"tag": "environment=sandbox"},
/// "values": {"keyRotationDays": 90}, "reason": "short-lived"}]}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackSettings {
    /// What holds for every asset.
    #[serde(default)]
    pub values: Map<String, Value>,
    /// What holds in some scopes instead. A resource group beats its subscription, a tag beats both;
    /// of two of the same kind the later one holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
}

/// What an organisation set, by the name of the pack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Settings(pub BTreeMap<String, PackSettings>);

impl Settings {
    /// The settings of a pack; every default holds where nothing was set.
    pub fn of(&self, pack: &str) -> &PackSettings {
        static DEFAULTS: LazyLock<PackSettings> = LazyLock::new(PackSettings::default);
        self.0.get(pack).unwrap_or(&DEFAULTS)
    }
}

/// Settings of one scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// Which assets.
    pub scope: Scope,
    /// What holds for them.
    pub values: Map<String, Value>,
    /// Why, for whoever reads the settings later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Some of the assets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Those of a subscription, by its id.
    Subscription(String),
    /// Those of a resource group, by its ARM id: `/subscriptions/…/resourceGroups/…`.
    ResourceGroup(String),
    /// Those with a tag, as `name=value`, without regard to case.
    Tag(String),
}

impl Scope {
    /// Whether the asset is one of them.
    pub fn holds(&self, asset: &Asset) -> bool {
        match self {
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
        }
    }

    /// What is wrong with the way it is written; `None` where nothing is.
    pub fn complaint(&self) -> Option<String> {
        match self {
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
    fn rank(&self) -> u8 {
        match self {
            Self::Subscription(_) => 0,
            Self::ResourceGroup(_) => 1,
            Self::Tag(_) => 2,
        }
    }
}

impl PackSettings {
    /// The names of the settings that differ, for all assets or in some scope.
    pub fn differing(&self, other: &Self) -> BTreeSet<String> {
        let mut names: BTreeSet<&String> = self.values.keys().chain(other.values.keys()).collect();
        names.retain(|name| self.values.get(*name) != other.values.get(*name));
        let of_one_side = |one: &Self, other: &Self| {
            let alone = one.overrides.iter().filter(|scope| !other.overrides.contains(scope));
            alone.flat_map(|scope| scope.values.keys().cloned()).collect::<Vec<_>>()
        };
        let scoped = [of_one_side(self, other), of_one_side(other, self)].concat();
        names.into_iter().cloned().chain(scoped).collect()
    }

    /// What holds for this asset: the values, and over them those of each scope that it is in.
    pub fn for_asset(&self, asset: &Asset) -> Map<String, Value> {
        let mut values = self.values.clone();
        let mut found: Vec<&Override> =
            self.overrides.iter().filter(|other| other.scope.holds(asset)).collect();
        found.sort_by_key(|other| other.scope.rank());
        for other in found {
            values.extend(other.values.clone());
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asset(tags: &Value) -> Asset {
        let id =
            "/subscriptions/AAAA/resourceGroups/Rg-AI/providers/Microsoft.Search/searchServices/s";
        Asset::from_resource(json!({"id": id, "tags": tags}), "a test").unwrap()
    }

    fn settings(overrides: &Value) -> PackSettings {
        serde_json::from_value(json!({"values": {"a": 0, "b": 0}, "overrides": overrides})).unwrap()
    }

    #[test]
    fn settings_that_differ_are_named_whether_for_all_or_for_a_scope() {
        let settings = |value| -> PackSettings { serde_json::from_value(value).unwrap() };
        let scoped = |days: u32| json!({"scope": {"tag": "environment=sandbox"}, "values": {"keyRotationDays": days}});
        let before = settings(json!({"values": {"a": 1, "b": 2}, "overrides": [scoped(30)]}));
        let check = |now, names: &[&str]| {
            let found: Vec<String> = before.differing(&settings(now)).into_iter().collect();
            assert_eq!(found, names);
        };
        check(json!({"values": {"a": 1, "b": 2}, "overrides": [scoped(30)]}), &[]);
        check(json!({"values": {"a": 2, "c": 3}, "overrides": [scoped(30)]}), &["a", "b", "c"]);
        check(json!({"values": {"a": 1, "b": 2}, "overrides": [scoped(60)]}), &["keyRotationDays"]);
        check(json!({"values": {"a": 1, "b": 2}}), &["keyRotationDays"]);
    }

    #[test]
    fn the_narrower_scope_holds_and_of_two_alike_the_later() {
        let group = json!({"resource_group": "/subscriptions/aaaa/resourcegroups/rg-ai/"});
        let cases = [
            (json!([]), json!({}), 0),
            (json!([{"scope": {"subscription": "aaaa"}, "values": {"a": 1}}]), json!({}), 1),
            (json!([{"scope": {"subscription": "bbbb"}, "values": {"a": 1}}]), json!({}), 0),
            (
                json!([{"scope": group, "values": {"a": 2}}, {"scope": {"subscription": "aaaa"}, "values": {"a": 1}}]),
                json!({}),
                2,
            ),
            (
                json!([{"scope": {"tag": "env=Dev"}, "values": {"a": 3}}, {"scope": group, "values": {"a": 2}}]),
                json!({"Env": "dev"}),
                3,
            ),
            (
                json!([{"scope": {"tag": "env=dev"}, "values": {"a": 3}}, {"scope": {"tag": "team=x"}, "values": {"a": 4}}]),
                json!({"env": "dev", "team": "x"}),
                4,
            ),
        ];
        for (overrides, tags, expected) in cases {
            let values = settings(&overrides).for_asset(&asset(&tags));
            assert_eq!(values["a"], expected, "{overrides}");
            assert_eq!(values["b"], 0);
        }
    }

    #[test]
    fn a_scope_that_cannot_hold_is_complained_of() {
        let wrong = [
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
        assert!(Scope::Tag("a=b=c".to_owned()).complaint().is_none());
        assert!(
            Scope::ResourceGroup("/subscriptions/a/resourceGroups/b".to_owned())
                .complaint()
                .is_none()
        );
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        let wrong = json!({"value": {}});
        assert!(serde_json::from_value::<PackSettings>(wrong).is_err());
    }
}

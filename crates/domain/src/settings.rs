//! Settings of a pack: what an organisation decides, for all assets and for some scopes otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::asset::Asset;
use crate::scope::Scope;

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
            self.overrides.iter().filter(|other| other.scope.holds(asset) == Some(true)).collect();
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
    fn a_misspelt_field_is_refused() {
        let wrong = json!({"value": {}});
        assert!(serde_json::from_value::<PackSettings>(wrong).is_err());
    }
}

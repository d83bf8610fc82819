//! Properties that only later versions return: a read with an earlier one does not see them.

use std::borrow::Cow;

use serde_json::Value;

/// The type in lower case, where its object is, the property, and the first stable version that returns it:
/// the tables of `facts.md` and Bicep's types.
const PROPERTIES: [(&str, &str, &str, &str); 5] = [
    (
        "microsoft.cognitiveservices/accounts",
        "/properties",
        "storedCompletionsDisabled",
        "2025-09-01",
    ),
    (COMPUTES, "/properties/properties", "idleTimeBeforeShutdown", "2025-12-01"),
    (COMPUTES, "/properties/properties", "enableSSO", "2025-12-01"),
    (CONNECTIONS, "/properties", "peRequirement", "2026-05-01"),
    (CONNECTIONS, "/properties", "peStatus", "2026-05-01"),
];
const COMPUTES: &str = "microsoft.machinelearningservices/workspaces/computes";
const CONNECTIONS: &str = "microsoft.machinelearningservices/workspaces/connections";

/// An entry of a type, its name in lower case, as a version shows it; whole where no version is named.
pub(super) fn shape<'a>(name: &str, version: Option<&str>, entry: &'a Value) -> Cow<'a, Value> {
    let mut shown = Cow::Borrowed(entry);
    let Some(version) = version else { return shown };
    for (kind, place, property, first) in PROPERTIES {
        // Versions are dates, so that they sort as texts.
        let is_later = kind == name && version < first;
        let has_it = || entry.pointer(place).and_then(|object| object.get(property)).is_some();
        if is_later
            && has_it()
            && let Some(Value::Object(object)) = shown.to_mut().pointer_mut(place)
        {
            object.remove(property);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_earlier_version_leaves_out_what_came_later() {
        let entry = json!({"properties": {"properties": {"enableSSO": true, "state": "Running"}}});
        let without = json!({"properties": {"properties": {"state": "Running"}}});
        for (version, shown) in [
            (Some("2025-09-01"), &without),
            (Some("2025-12-01"), &entry),
            (Some("2026-05-01"), &entry),
            (None, &entry),
        ] {
            assert_eq!(&*shape(COMPUTES, version, &entry), shown, "{version:?}");
        }
        assert_eq!(&*shape(CONNECTIONS, Some("2025-09-01"), &entry), &entry);
    }
}

//! Values as JSON with their keys in byte order, whatever order they came in and whatever crates are in the build.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// A value that is written with its keys in byte order.
#[derive(Clone, Copy)]
pub(crate) struct Canonical<'a>(pub(crate) &'a Value);

impl Serialize for Canonical<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let members: BTreeMap<&str, Canonical<'_>> =
                    members.iter().map(|(key, value)| (key.as_str(), Canonical(value))).collect();
                members.serialize(serializer)
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Canonical)),
            value => value.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use postern_domain::canonical;

    use super::*;

    #[test]
    fn it_is_the_canonical_text() {
        let text = r#"{"b":[{"z":null,"a":"ü\n"},true],"a":{"y":1.5,"x":-3}}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&Canonical(&value)).unwrap(), canonical::text(&value));
    }
}

//! Canonical JSON: one text per value, whatever order its keys came in.

use serde_json::Value;

use crate::digest::Digest;

/// The value as JSON text with object keys in byte order and no white space.
///
/// `serde_json` keeps insertion order when any crate of the build enables `preserve_order`,
/// so the order is made here and does not depend on the build.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// The digest of the canonical text.
pub fn digest(value: &Value) -> Digest {
    Digest::of(text(value).as_bytes())
}

/// Adds the value's canonical text to `out`.
pub(crate) fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_unstable_by_key(|entry| entry.0);
            out.push('{');
            for (position, (key, member)) in entries.into_iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write(member, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::String(text) => write_text(text, out),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Null => out.push_str("null"),
        Value::Number(number) => out.push_str(&number.to_string()),
    }
}

/// Adds a text in quotes; one with nothing to escape, as nearly all are, is copied.
fn write_text(text: &str, out: &mut String) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&Value::from(text).to_string());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn key_order_and_nesting_do_not_change_the_text() {
        let left = json!({"b": [1, {"d": null, "c": "x\"y"}], "a": true});
        let right: serde_json::Value =
            serde_json::from_str(r#"{ "a": true, "b": [1, {"c": "x\"y", "d": null}] }"#).unwrap();
        assert_eq!(super::text(&left), r#"{"a":true,"b":[1,{"c":"x\"y","d":null}]}"#);
        assert_eq!(super::digest(&left), super::digest(&right));
    }
}

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
            write_object(object.iter(), out, write);
        }
        Value::Array(items) => write_array(items, out, write),
        Value::String(text) => write_text(text, out),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Null => out.push_str("null"),
        Value::Number(number) => out.push_str(&number.to_string()),
    }
}

/// Adds an object of these members, each written by `write_member`, with its keys in byte order.
pub(crate) fn write_object<'a, T>(
    members: impl Iterator<Item = (&'a String, T)>,
    out: &mut String,
    write_member: impl Fn(T, &mut String),
) {
    let mut members: Vec<_> = members.collect();
    members.sort_unstable_by_key(|member| member.0);
    out.push('{');
    for (position, (key, member)) in members.into_iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_text(key, out);
        out.push(':');
        write_member(member, out);
    }
    out.push('}');
}

/// Adds a list of these entries, each written by `write_entry`.
pub(crate) fn write_array(
    entries: &[Value],
    out: &mut String,
    write_entry: impl Fn(&Value, &mut String),
) {
    out.push('[');
    for (position, entry) in entries.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_entry(entry, out);
    }
    out.push(']');
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

//! A place in an asset's document.

use std::fmt::Write as _;

use serde_json_borrow::{ObjectAsVec, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::evidence::Evidence;
use crate::judgement::Unreadable;
use crate::reading::Reading;
use crate::text::Text;

/// A JSON value of the document, with the path that evidence names it by.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// Empty for the resource itself.
    path: String,
    value: &'a Value<'a>,
}

impl<'a> Node<'a> {
    pub(crate) fn new(path: String, value: &'a Value<'a>) -> Self {
        Self { path, value }
    }

    /// The path of this place; empty for the resource itself.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The JSON itself.
    pub fn value(&self) -> &'a Value<'a> {
        self.value
    }

    /// Evidence of this value as a whole.
    pub fn expected(&self, expected: impl Into<Text>) -> Evidence {
        Evidence::new(self.path.clone(), Some(self.value), expected)
    }

    /// A text, such as `kind` or `properties.publicNetworkAccess`.
    pub fn text(&self, path: &'static str) -> Result<Reading<'a, &'a str>, Unreadable> {
        self.read(path, "a text", as_text)
    }

    /// A truth value.
    pub fn flag(&self, path: &'static str) -> Result<Reading<'a, bool>, Unreadable> {
        self.read(path, "true or false", Value::as_bool)
    }

    /// A whole number.
    pub fn integer(&self, path: &'static str) -> Result<Reading<'a, i64>, Unreadable> {
        self.read(path, "a whole number", Value::as_i64)
    }

    /// A number, whole or not.
    pub fn number(&self, path: &'static str) -> Result<Reading<'a, f64>, Unreadable> {
        self.read(path, "a number", Value::as_f64)
    }

    /// A moment written as RFC 3339, such as `2026-01-15T12:00:00Z`.
    pub fn moment(&self, path: &'static str) -> Result<Reading<'a, OffsetDateTime>, Unreadable> {
        self.read(path, "a date and time (RFC 3339)", |value| {
            OffsetDateTime::parse(as_text(value)?, &Rfc3339).ok()
        })
    }

    /// A moment written as seconds since 1970, as the attributes of Key Vault's keys are.
    pub fn unix_time(&self, path: &'static str) -> Result<Reading<'a, OffsetDateTime>, Unreadable> {
        self.read(path, "seconds since 1970", |value| {
            OffsetDateTime::from_unix_timestamp(value.as_i64()?).ok()
        })
    }

    /// A list; `entries` goes through it.
    pub fn list(&self, path: &'static str) -> Result<Reading<'a, &'a [Value<'a>]>, Unreadable> {
        self.read(path, "a list", Value::as_array)
    }

    /// An object, for rules that ask whether it is there, or go through its keys.
    pub fn object(
        &self,
        path: &'static str,
    ) -> Result<Reading<'a, &'a ObjectAsVec<'a>>, Unreadable> {
        self.read(path, "an object", Value::as_object)
    }

    /// Whether the text at the path is one of `words`, without regard to case.
    pub fn is_any_of(&self, path: &'static str, words: &[&str]) -> Result<bool, Unreadable> {
        Ok(self.text(path)?.is_any_of(words))
    }

    /// The place below this one at a path; `None` where absent or null.
    pub fn child(&self, path: &'static str) -> Result<Option<Node<'a>>, Unreadable> {
        let found = self.read(path, "a value", Some)?;
        Ok(found.value.map(|value| Node::new(self.join(path), value)))
    }

    /// The entries of the object at a path, each with its key; none where absent.
    pub fn fields(&self, path: &'static str) -> Result<Vec<(&'a str, Node<'a>)>, Unreadable> {
        let object = self.object(path)?;
        let place = self.join(path);
        let entry = |(key, value): (&'a str, &'a Value<'a>)| {
            (key, Node::new(format!("{place}[\"{key}\"]"), value))
        };
        Ok(object.value.into_iter().flat_map(|fields| fields.iter().map(entry)).collect())
    }

    fn join(&self, path: &str) -> String {
        if self.path.is_empty() {
            return path.to_owned();
        }
        let mut joined = String::with_capacity(self.path.len() + 1 + path.len());
        // Writing to a text cannot fail.
        write!(joined, "{}.{path}", self.path).ok();
        joined
    }

    fn place(&self, path: &'static str) -> Text {
        if self.path.is_empty() { Text::Static(path) } else { Text::Owned(self.join(path)) }
    }

    pub(crate) fn read<T>(
        &self,
        path: &'static str,
        shape: &'static str,
        convert: impl Fn(&'a Value<'a>) -> Option<T>,
    ) -> Result<Reading<'a, T>, Unreadable> {
        let refuse = |actual: Option<&Value<'_>>, note: Text| {
            Unreadable::new(Evidence::new(self.place(path), actual, shape), note)
        };
        let mut found = Some(self.value);
        let mut rest = Some(path);
        while let Some(ahead) = rest {
            let (step, further) = next_step(ahead);
            found = match found {
                None | Some(Value::Null) => None,
                Some(Value::Object(fields)) => field(fields, step),
                Some(other) => {
                    let note = format!("There is no object to find \"{step}\" in.");
                    return Err(refuse(Some(other), Text::Owned(note)));
                }
            };
            // `az resource list` gives resources without their properties: that says nothing of any of them.
            let all = ahead.len() == path.len() && further.is_some() && step == "properties";
            if all && !found.is_some_and(Value::is_object) {
                let note = Text::Static("The resource was read without its properties.");
                return Err(refuse(None, note));
            }
            rest = further;
        }
        let Some(actual) = found.filter(|value| !value.is_null()) else {
            return Ok(Reading { path: self.place(path), actual: None, value: None });
        };
        match convert(actual) {
            Some(value) => {
                Ok(Reading { path: self.place(path), actual: Some(actual), value: Some(value) })
            }
            None => Err(refuse(Some(actual), Text::Owned(format!("This is not {shape}.")))),
        }
    }
}

/// The first step of a path, and what follows. (`str::split` spends longer on setting out than a step is long.)
fn next_step(path: &'static str) -> (&'static str, Option<&'static str>) {
    match path.bytes().position(|byte| byte == b'.') {
        Some(end) => (&path[..end], Some(&path[end + 1..])),
        None => (path, None),
    }
}

/// The field of an object. The first byte tells most keys of one length apart without a call to compare them.
fn field<'a>(fields: &'a ObjectAsVec<'a>, name: &str) -> Option<&'a Value<'a>> {
    let is_it = |key: &str| {
        key.len() == name.len() && key.as_bytes().first() == name.as_bytes().first() && key == name
    };
    fields.iter().find(|(key, _)| is_it(key)).map(|(_, value)| value)
}

pub(crate) fn as_text<'a>(value: &'a Value<'a>) -> Option<&'a str> {
    value.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_escapes_are_read_like_any_others() {
        let document = r#"{"tags": {"the \"owner\"": "me", "Größe": "\u00e4"}, "kind": "OpenAI"}"#;
        let document: Value<'_> = serde_json::from_str(document).unwrap();
        let resource = Node::new(String::new(), &document);
        let tags = resource.fields("tags").unwrap();
        let names: Vec<&str> = tags.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["the \"owner\"", "Größe"]);
        assert_eq!(tags[1].1.value().as_str(), Some("ä"));
        assert_eq!(resource.text("kind").unwrap().value, Some("OpenAI"));
    }

    #[test]
    fn a_resource_without_properties_says_nothing_of_them() {
        for document in ["{}", r#"{"properties": null}"#, r#"{"properties": 1}"#] {
            let document: Value<'_> = serde_json::from_str(document).unwrap();
            let resource = Node::new(String::new(), &document);
            assert!(resource.flag("properties.disableLocalAuth").is_err());
            assert!(resource.text("kind").unwrap().is_absent());
        }
        let document: Value<'_> = serde_json::from_str(r#"{"properties": {"a": {}}}"#).unwrap();
        let resource = Node::new(String::new(), &document);
        assert!(resource.flag("properties.a.b").unwrap().is_absent());
        assert!(resource.flag("properties.a").is_err(), "it is there, and no truth value");
    }
}

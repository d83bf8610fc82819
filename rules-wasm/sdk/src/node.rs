//! A place in an asset's document.

use std::fmt::Write as _;

use postern_domain::reads::Reads;
use serde_json_borrow::{ObjectAsVec, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::evidence::{Evidence, is_whole};
use crate::judgement::Unreadable;
use crate::reading::Reading;
use crate::text::Text;

/// A JSON value of the document, with the path that evidence names it by.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// Empty for the resource itself.
    path: String,
    value: &'a Value<'a>,
    /// What the rule sees of it; `None`: all.
    reads: Option<&'a Reads>,
}

impl<'a> Node<'a> {
    pub(crate) fn new(path: String, value: &'a Value<'a>, reads: Option<&'a Reads>) -> Self {
        Self { path, value, reads }
    }

    /// The same place, of which the rule sees only these parts.
    pub(crate) fn seen_through(&self, reads: Option<&'a Reads>) -> Self {
        Self { reads, ..self.clone() }
    }

    /// The path of this place; empty for the resource itself.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The JSON itself.
    ///
    /// # Panics
    ///
    /// Where the pack is one that `reads_only`, and the rule's `reads` name only parts of this value:
    /// what they leave out would look absent in it.
    pub fn value(&self) -> &'a Value<'a> {
        let is_leaf = !matches!(self.value, Value::Array(_) | Value::Object(_));
        assert!(
            is_leaf || is_whole(self.reads),
            "the rule's reads name only parts of {}",
            self.path
        );
        self.value
    }

    /// The JSON at a path below, without anything built for evidence: a look before a reading.
    ///
    /// What is not there, or lies below something that is no object, is `None`: a reading says which of the two.
    ///
    /// # Panics
    ///
    /// Like [`value`](Self::value), where the rule's `reads` do not name the path.
    pub fn peek(&self, path: &str) -> Option<&'a Value<'a>> {
        let (mut found, mut reads) = (Some(self.value), self.reads);
        for step in path.split('.') {
            if let Some(parts) = reads {
                let of_step = parts.field(step);
                assert!(of_step.is_some(), "the rule's reads do not name {}", self.join(path));
                reads = of_step;
            }
            found = found.and_then(Value::as_object).and_then(|fields| field(fields, step));
        }
        let node = Node::new(String::new(), found?, reads);
        Some(node.value())
    }

    /// Evidence of this value as a whole.
    pub fn expected(&self, expected: impl Into<Text>) -> Evidence {
        Evidence::of_part(self.path.clone(), Some(self.value), self.reads, expected)
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
        Ok(found.value.map(|value| Node::new(self.join(path), value, found.reads)))
    }

    /// The entries of the object at a path, each with its key; none where absent.
    pub fn fields(&self, path: &'static str) -> Result<Vec<(&'a str, Node<'a>)>, Unreadable> {
        let object = self.object(path)?;
        let place = self.join(path);
        if !object.reads.is_none_or(Reads::has_every_field) {
            return Err(undeclared(Text::Owned(format!("{place}.*"))));
        }
        let entry = |(key, value): (&'a str, &'a Value<'a>)| {
            let reads = object.reads.and_then(|reads| reads.field(key));
            (key, Node::new(format!("{place}[\"{key}\"]"), value, reads))
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
        let (mut found, mut reads) = (Some(self.value), self.reads);
        let mut rest = Some(path);
        while let Some(ahead) = rest {
            let (step, further) = next_step(ahead);
            if let Some(parts) = reads {
                reads = Some(parts.field(step).ok_or_else(|| undeclared(self.place(path)))?);
            }
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
            return Ok(Reading { path: self.place(path), actual: None, value: None, reads });
        };
        match convert(actual) {
            Some(value) => {
                let path = self.place(path);
                Ok(Reading { path, actual: Some(actual), value: Some(value), reads })
            }
            None => Err(refuse(Some(actual), Text::Owned(format!("This is not {shape}.")))),
        }
    }
}

/// What a rule gets that looks at what its `reads` do not name: the host may have left it out.
pub(crate) fn undeclared(path: Text) -> Unreadable {
    let evidence = Evidence::new(path, None, "a property that the rule says it reads");
    Unreadable::new(evidence, "The rule does not name it in what it reads.")
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
        let resource = Node::new(String::new(), &document, None);
        let tags = resource.fields("tags").unwrap();
        let names: Vec<&str> = tags.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["the \"owner\"", "Größe"]);
        assert_eq!(tags[1].1.value().as_str(), Some("ä"));
        assert_eq!(resource.text("kind").unwrap().value, Some("OpenAI"));
    }

    #[test]
    fn what_a_rule_does_not_say_it_reads_is_unreadable_and_never_absent() {
        let document = r#"{"kind": "OpenAI", "tags": {"a": "b"}, "list": [{"x": 1, "y": 2}], "acls": {"in": 1}}"#;
        let document: Value<'_> = serde_json::from_str(document).unwrap();
        let reads = Reads::of(["kind", "list[].x", "acls.in"]);
        let resource = Node::new(String::new(), &document, Some(&reads));
        assert_eq!(resource.text("kind").unwrap().value, Some("OpenAI"));
        assert_eq!(resource.peek("acls.in").and_then(Value::as_i64), Some(1));
        for path in ["name", "tags", "acls.out"] {
            let said = resource.child(path).unwrap_err();
            assert_eq!(said.evidence.path.to_string(), path);
            assert!(said.evidence.note.unwrap().to_string().contains("does not name it"), "{path}");
        }
        assert!(resource.fields("acls").is_err(), "fields that no path names would be missing");
        let list = resource.list("list").unwrap();
        let entry = list.entries().nodes().next().unwrap();
        assert!(entry.integer("x").is_ok() && entry.integer("y").is_err());
        // In part, a value is not what Azure returned.
        assert_eq!(entry.expected("x").actual.unwrap().to_string(), "\"(an object)\"");
        assert_eq!(list.expected("x").actual.unwrap().to_string(), "\"(1 entry)\"");
        assert!(std::panic::catch_unwind(|| entry.value()).is_err());
        assert!(std::panic::catch_unwind(|| resource.peek("name")).is_err());
    }

    #[test]
    fn a_resource_without_properties_says_nothing_of_them() {
        for document in ["{}", r#"{"properties": null}"#, r#"{"properties": 1}"#] {
            let document: Value<'_> = serde_json::from_str(document).unwrap();
            let resource = Node::new(String::new(), &document, None);
            assert!(resource.flag("properties.disableLocalAuth").is_err());
            assert!(resource.text("kind").unwrap().is_absent());
        }
        let document: Value<'_> = serde_json::from_str(r#"{"properties": {"a": {}}}"#).unwrap();
        let resource = Node::new(String::new(), &document, None);
        assert!(resource.flag("properties.a.b").unwrap().is_absent());
        assert!(resource.flag("properties.a").is_err(), "it is there, and no truth value");
    }
}

//! What rules read: paths into an asset's document, as one tree.
//!
//! A pack that says `reads_only` is handed what its rules name and nothing else. The host cuts documents by
//! [`Reads`], and the SDK holds each rule to its own, so that what was cut away can never look absent to a rule.

use std::borrow::Cow;

use serde_json::Value;

use crate::canonical;

/// The parts of a JSON value that rules read.
///
/// A path is as in evidence: steps with dots between them into the resource (`properties.disableLocalAuth`) or into
/// a related fact (`deployments[].properties.model.name`). `[]` goes into each entry of a list, `*` into each field of
/// an object. Where a path ends, everything below is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reads {
    whole: bool,
    fields: Vec<(Cow<'static, str>, Reads)>,
    others: Option<Box<Reads>>,
    entries: Option<Box<Reads>>,
}

impl Reads {
    /// What these paths name together.
    pub fn of<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        let mut reads = Self::default();
        for path in paths {
            reads.add(path, |step| Cow::Owned(step.to_owned()));
        }
        reads
    }

    /// The same of paths that are written in the program, of which nothing is copied: a pack does it for each batch.
    pub fn of_written(paths: impl IntoIterator<Item = &'static str>) -> Self {
        let mut reads = Self::default();
        for path in paths {
            reads.add(path, Cow::Borrowed);
        }
        reads
    }

    fn add<'a>(&mut self, path: &'a str, keep: impl Fn(&'a str) -> Cow<'static, str>) {
        let mut place = self;
        let mut rest = Some(path);
        while let Some(ahead) = rest {
            let (step, further) = match ahead.bytes().position(|byte| byte == b'.') {
                Some(end) => (&ahead[..end], Some(&ahead[end + 1..])),
                None => (ahead, None),
            };
            place = place.step(step, &keep);
            rest = further;
        }
        place.whole = true;
    }

    fn step<'a>(
        &mut self,
        step: &'a str,
        keep: &impl Fn(&'a str) -> Cow<'static, str>,
    ) -> &mut Self {
        let mut name = step;
        let mut lists = 0;
        // By the byte: finding a text in a text takes longer to set out than a step is long.
        while name.as_bytes().ends_with(b"[]") {
            name = &name[..name.len() - 2];
            lists += 1;
        }
        let place = if name == "*" {
            &mut **self.others.get_or_insert_default()
        } else {
            let known = self.fields.iter().position(|(field, _)| is_same(field, name));
            let at = known.unwrap_or_else(|| {
                self.fields.push((keep(name), Self::default()));
                self.fields.len() - 1
            });
            &mut self.fields[at].1
        };
        (0..lists).fold(place, |place, _| place.entries.get_or_insert_default())
    }

    /// Whether everything here is read.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// What is read of a field; none where it is not looked at.
    pub fn field(&self, name: &str) -> Option<&Self> {
        if self.whole {
            return Some(self);
        }
        let named =
            self.fields.iter().find(|(field, _)| is_same(field, name)).map(|(_, reads)| reads);
        named.or(self.others.as_deref())
    }

    /// What is read of each entry of a list; none where they are not looked at.
    pub fn entries(&self) -> Option<&Self> {
        if self.whole { Some(self) } else { self.entries.as_deref() }
    }

    /// Whether every field of an object is looked at, whatever its name.
    pub fn has_every_field(&self) -> bool {
        self.whole || self.others.is_some()
    }

    /// Whether a change at `path` touches what is read; the path as [`property_changes`](crate::change::property_changes)
    /// writes it, with the name of a list's entry in `["…"]`.
    pub fn concern(&self, path: &str) -> bool {
        let mut place = self;
        let mut rest = path;
        while !rest.is_empty() && !place.whole {
            let further = if let Some(entry) = rest.strip_prefix("[\"") {
                let end = entry.find("\"]").map_or(entry.len(), |end| end + 2);
                // A list is gone through by its entries, an object by its names.
                let named = place.entries.as_deref().or(place.others.as_deref());
                named.map(|named| (named, &entry[end..]))
            } else {
                let step = rest.trim_start_matches('.');
                let end = step.find(['.', '[']).unwrap_or(step.len());
                place.field(&step[..end]).map(|field| (field, &step[end..]))
            };
            let Some((below, ahead)) = further else { return false };
            (place, rest) = (below, ahead);
        }
        true
    }

    /// Adds the canonical text of what is read of `value` to `out`.
    ///
    /// A value of another shape than the paths expect is written whole: a rule will say that it is one.
    pub(crate) fn write(&self, value: &Value, out: &mut String) {
        let goes_by_name = !self.fields.is_empty() || self.others.is_some();
        match (value, &self.entries) {
            _ if self.whole => canonical::write(value, out),
            (Value::Object(fields), _) if goes_by_name => {
                let parts = fields
                    .iter()
                    .filter_map(|(name, value)| Some((name, (self.field(name)?, value))));
                canonical::write_object(parts, out, |(reads, value), out| reads.write(value, out));
            }
            (Value::Array(list), Some(entries)) => {
                canonical::write_array(list, out, |entry, out| entries.write(entry, out));
            }
            _ => canonical::write(value, out),
        }
    }
}

/// Whether two names are the same. The first byte tells most names of one length apart without a call to compare them.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.as_bytes().first() == other.as_bytes().first() && one == other
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is handed over of a document to rules that read these paths.
    fn check(paths: &[&str], value: &Value, expected: &Value) {
        let mut out = String::new();
        Reads::of(paths.iter().copied()).write(value, &mut out);
        assert_eq!(out, canonical::text(expected), "{paths:?}");
    }

    #[test]
    fn what_no_path_names_is_left_out() {
        let value = json!({
            "kind": "OpenAI", "name": "secret",
            "properties": {"acls": {"rules": [{"value": 1, "id": 2}], "bypass": "None"}, "other": {}},
        });
        check(&["kind"], &value, &json!({"kind": "OpenAI"}));
        check(
            &["properties.acls.rules[].value", "properties.absent"],
            &value,
            &json!({"properties": {"acls": {"rules": [{"value": 1}]}}}),
        );
        check(
            &["properties.other", "properties"],
            &value,
            &json!({"properties": value["properties"]}),
        );
    }

    #[test]
    fn lists_keep_their_length_and_objects_their_names() {
        let value =
            json!({"list": [{"a": 1}, {"b": 2}, 3], "map": {"x": {"a": 1, "b": 2}, "y": {}}});
        check(
            &["list[].a", "map.*.b"],
            &value,
            &json!({"list": [{"a": 1}, {}, 3], "map": {"x": {"b": 2}, "y": {}}}),
        );
        check(
            &["list[]", "map.x"],
            &value,
            &json!({"list": value["list"], "map": {"x": {"a": 1, "b": 2}}}),
        );
    }

    #[test]
    fn what_has_another_shape_is_there_as_it_is() {
        let value = json!({"list": {"a": 1}, "object": [1, {"b": 2}], "text": "x"});
        check(&["list[].a", "object.b", "text.c"], &value, &value);
    }

    #[test]
    fn a_change_concerns_what_lies_at_above_or_below_a_path() {
        let reads = Reads::of([
            "properties.acls.ip",
            "deployments[].sku.capacity",
            "budgets[].n.*.mails",
            "tags",
        ]);
        for path in [
            "properties",
            "properties.acls.ip",
            "properties.acls.ip[\"a\"].value",
            "deployments[\"gpt-4.o\"]",
            "deployments[\"gpt\"].sku.capacity",
            "budgets[\"b\"].n.first.mails",
            "tags.owner",
        ] {
            assert!(reads.concern(path), "{path}");
        }
        for path in
            ["kind", "properties.other", "deployments[\"gpt\"].name", "properties.acls.ipv6"]
        {
            assert!(!reads.concern(path), "{path}");
        }
    }

    #[test]
    fn a_rule_may_only_look_where_its_paths_lead() {
        let reads = Reads::of(["properties.acls.rules[].value", "tags.*"]);
        let acls = reads.field("properties").and_then(|reads| reads.field("acls")).unwrap();
        assert!(acls.field("bypass").is_none() && reads.field("kind").is_none());
        assert!(!acls.is_whole() && !acls.has_every_field());
        let entry = acls.field("rules").and_then(Reads::entries).unwrap();
        assert!(entry.field("value").is_some_and(Reads::is_whole) && entry.field("id").is_none());
        assert!(reads.field("tags").is_some_and(Reads::has_every_field));
    }
}

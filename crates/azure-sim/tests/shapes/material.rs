//! What is known of Azure's shapes: the specifications' examples and recorded answers by resource type.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::paths::type_of;

/// Everything that was seen at one place of a body.
#[derive(Debug, Default)]
pub struct Shape {
    /// JSON types.
    pub kinds: BTreeSet<&'static str>,
    pub fields: BTreeMap<String, Shape>,
    pub items: Option<Box<Shape>>,
}

/// The shapes of bodies, by resource type in lower case.
#[derive(Debug, Default)]
pub struct Material {
    types: BTreeMap<String, Shape>,
}

impl Material {
    /// Reads both folders by their indexes.
    pub fn read(folder: &Path) -> Self {
        let mut material = Self::default();
        // The request is in the seventh column of one index and in the ninth of the other.
        for (index, column) in [("examples/INDEX.tsv", 6), ("recordings/INDEX.tsv", 8)] {
            let text = std::fs::read_to_string(folder.join(index)).unwrap();
            for line in text.lines().skip(1) {
                let cells: Vec<&str> = line.split('\t').collect();
                let (Some(file), Some(request)) = (cells.first(), cells.get(column)) else {
                    continue;
                };
                material.read_file(&folder.join(file), request);
            }
        }
        material
    }

    fn read_file(&mut self, file: &Path, request: &str) {
        let Ok(bytes) = std::fs::read(file) else { return };
        let Ok(mut body) = serde_json::from_slice::<Value>(&bytes) else { return };
        if let Some(responses) = body.get_mut("responses").and_then(Value::as_object_mut) {
            for (_, response) in std::mem::take(responses) {
                self.take(&response["body"], request);
            }
            return;
        }
        self.take(&body.take(), request);
    }

    /// Takes a body, or the entries of a list.
    fn take(&mut self, body: &Value, request: &str) {
        let url = request.split_whitespace().last().unwrap_or_default();
        let path = url.split('?').next().unwrap_or_default().trim_end_matches('/');
        // The example of one version of a key stands for the key.
        let named = type_of(path).replace("/keys/versions", "/keys");
        let entries = match body["value"].as_array() {
            Some(entries) => entries.iter().collect(),
            None => vec![body],
        };
        for entry in entries.into_iter().filter(|entry| entry.is_object()) {
            self.types.entry(named.clone()).or_default().see(entry);
            // Extension resources and renamed types are known by the type that they state as well.
            let stated = entry["type"].as_str().unwrap_or_default().to_ascii_lowercase();
            if stated.contains('/') && stated != named {
                self.types.entry(stated).or_default().see(entry);
            }
        }
    }

    /// What was seen of a type.
    pub fn of(&self, named: &str) -> Option<&Shape> {
        self.types.get(named)
    }
}

impl Shape {
    fn see(&mut self, value: &Value) {
        self.kinds.insert(kind(value));
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    self.fields.entry(name.clone()).or_default().see(value);
                }
            }
            Value::Array(entries) => {
                let items = self.items.get_or_insert_default();
                for entry in entries {
                    items.see(entry);
                }
            }
            _ => {}
        }
    }
}

/// A value's JSON type.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

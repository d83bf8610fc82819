//! Bicep's generated types, read from their Markdown: what properties a resource type has in some version.

use std::collections::BTreeMap;
use std::path::Path;

/// A type as its Markdown writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Number,
    Text,
    Any,
    /// A section of the same file.
    Named(String),
    List(Box<Kind>),
}

/// The sections of all files, by namespace and name in lower case; all versions and variants together.
#[derive(Debug, Default)]
pub struct Schemas {
    sections: BTreeMap<(String, String), Section>,
}

/// The properties of a section.
#[derive(Debug, Default)]
pub struct Section {
    properties: BTreeMap<String, Vec<Kind>>,
    /// What a dictionary holds.
    values: Vec<Kind>,
}

impl Schemas {
    /// Reads every file of the folder.
    pub fn read(folder: &Path) -> Self {
        let mut schemas = Self::default();
        for entry in std::fs::read_dir(folder.join("schemas/bicep-types")).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            // `microsoft.search.2025-05-01.types.md`
            let namespace = file.split('.').take(2).collect::<Vec<_>>().join(".");
            schemas.read_file(&namespace, &std::fs::read_to_string(&path).unwrap());
        }
        schemas
    }

    fn read_file(&mut self, namespace: &str, text: &str) {
        let mut name = String::new();
        for line in text.lines() {
            if let Some(heading) = line.strip_prefix("## ") {
                let heading = heading.strip_prefix("Resource ").unwrap_or(heading);
                name = heading.split('@').next().unwrap_or_default().to_ascii_lowercase();
            } else if let Some((property, kind)) =
                line.strip_prefix("* **").and_then(|line| line.split_once("**: "))
            {
                let key = (namespace.to_owned(), name.clone());
                let section = self.sections.entry(key).or_default();
                let kind = Kind::parse(kind);
                if property == "Additional Properties Type" {
                    section.values.push(kind);
                } else {
                    section.properties.entry(property.to_owned()).or_default().push(kind);
                }
            }
        }
    }

    /// What a value of these kinds may have as a property of this name; empty where it is unknown.
    pub fn property(&self, namespace: &str, kinds: &[Kind], name: &str) -> Vec<Kind> {
        let mut found = Vec::new();
        for kind in kinds {
            match kind {
                Kind::Named(section) => {
                    let key = (namespace.to_owned(), section.clone());
                    let Some(section) = self.sections.get(&key) else { continue };
                    found.extend(section.properties.get(name).into_iter().flatten().cloned());
                    found.extend(section.values.iter().cloned());
                }
                Kind::Any => found.push(Kind::Any),
                _ => {}
            }
        }
        found
    }
}

impl Kind {
    fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix('[') {
            let name = rest.split(']').next().unwrap_or_default().to_ascii_lowercase();
            let after = rest.split_once(')').map_or("", |(_, after)| after);
            let named = Self::Named(name);
            return if after.starts_with("[]") { Self::List(Box::new(named)) } else { named };
        }
        if let Some(rest) = text.strip_prefix('(') {
            let after = rest.split_once(')').map_or("", |(_, after)| after);
            let inner = Self::parse(rest);
            return if after.starts_with("[]") { Self::List(Box::new(inner)) } else { inner };
        }
        let word: String = text.chars().take_while(char::is_ascii_alphanumeric).collect();
        let inner = match word.as_str() {
            "bool" => Self::Bool,
            "int" => Self::Number,
            "any" => Self::Any,
            _ => Self::Text,
        };
        let is_list = text.get(word.len()..).is_some_and(|rest| rest.starts_with("[]"));
        if is_list && !word.is_empty() { Self::List(Box::new(inner)) } else { inner }
    }

    /// The JSON type that a value of this kind has.
    pub fn json(&self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Number => "number",
            Self::Text => "string",
            Self::Any => "any",
            Self::Named(_) => "object",
            Self::List(_) => "array",
        }
    }
}

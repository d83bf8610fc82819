//! Settings: what an organisation may decide otherwise than the pack's author.

use postern_domain::rule::SettingManifest;
use serde_json::json;

/// One setting of a pack, with its default. The host validates what people write; a rule only reads.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The name in the settings' JSON, such as `keyRotationDays`.
    pub name: &'static str,
    /// One or two sentences: what it means, its unit, what an empty list means.
    pub description: &'static str,
    /// Its shape and default.
    pub kind: SettingKind,
}

/// What a setting can hold.
#[derive(Clone, Copy, Debug)]
pub enum SettingKind {
    /// A whole number.
    Integer {
        /// What holds where nothing is set.
        default: i64,
        /// The smallest that is accepted.
        least: i64,
        /// The largest that is accepted.
        most: i64,
    },
    /// True or false.
    Flag {
        /// What holds where nothing is set.
        default: bool,
    },
    /// A list of texts.
    Texts {
        /// What holds where nothing is set.
        default: &'static [&'static str],
        /// A regular expression (ECMA 262) that each text has to match; empty: any that is not blank.
        pattern: &'static str,
    },
}

impl Setting {
    /// What the manifest says of it.
    pub fn manifest(&self) -> SettingManifest {
        let (mut schema, default) = match self.kind {
            SettingKind::Integer { default, least, most } => {
                (json!({"type": "integer", "minimum": least, "maximum": most}), json!(default))
            }
            SettingKind::Flag { default } => (json!({"type": "boolean"}), json!(default)),
            SettingKind::Texts { default, pattern } => {
                let pattern = if pattern.is_empty() { "\\S" } else { pattern };
                let items = json!({"type": "string", "pattern": pattern});
                (json!({"type": "array", "items": items, "uniqueItems": true}), json!(default))
            }
        };
        schema["description"] = json!(self.description);
        schema["default"] = default.clone();
        SettingManifest { name: self.name.to_owned(), schema, default }
    }
}

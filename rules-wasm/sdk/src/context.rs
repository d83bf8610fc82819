//! The asset that a rule judges.

use postern_domain::reads::Reads;
use serde_json_borrow::{ObjectAsVec, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::entries::Entries;
use crate::evidence::Evidence;
use crate::judgement::{Judgement, Unreadable};
use crate::node::{Node, undeclared};
use crate::reading::Reading;
use crate::setting::{Setting, SettingKind};
use crate::text::Text;

/// One asset of the batch, with its document, its settings and the time of the snapshot.
#[derive(Clone, Debug)]
pub struct AssetContext<'a> {
    id: &'a str,
    asset_type: &'a str,
    resource: Node<'a>,
    related: Option<&'a ObjectAsVec<'a>>,
    /// What the rule sees of the document; `None`: all.
    reads: Option<&'a Reads>,
    settings: &'a Value<'a>,
    taken_at: &'a str,
}

impl<'a> AssetContext<'a> {
    /// An asset with its document (`{"resource": …, "related": …}`), the settings that hold for it
    /// (a JSON object), and when the snapshot was taken (RFC 3339).
    pub fn new(
        id: &'a str,
        asset_type: &'a str,
        document: &'a Value<'a>,
        settings: &'a Value<'a>,
        taken_at: &'a str,
    ) -> Self {
        let part = |name: &str| document.as_object().and_then(|fields| fields.get(name));
        let resource = Node::new(String::new(), part("resource").unwrap_or(&Value::Null), None);
        let related = part("related").and_then(Value::as_object);
        Self { id, asset_type, resource, related, reads: None, settings, taken_at }
    }

    /// The same asset for a rule that sees only these parts of its document; what else it asks for is unreadable.
    #[must_use]
    pub fn seen_through(&self, reads: &'a Reads) -> Self {
        let reads = Some(reads);
        Self { resource: self.resource.seen_through(reads), reads, ..self.clone() }
    }

    /// The ARM id in lower case.
    pub fn id(&self) -> &'a str {
        self.id
    }

    /// The resource type in lower case.
    pub fn asset_type(&self) -> &'a str {
        self.asset_type
    }

    /// The resource as Azure returned it.
    pub fn resource(&self) -> &Node<'a> {
        &self.resource
    }

    /// When the snapshot was taken: the only "now" that a rule has.
    pub fn taken_at(&self) -> Result<OffsetDateTime, Unreadable> {
        OffsetDateTime::parse(self.taken_at, &Rfc3339).map_err(|_| {
            let evidence = Evidence::new("takenAt", None, "when the snapshot was taken (RFC 3339)");
            Unreadable::new(evidence, format!("\"{}\" is no date and time.", self.taken_at))
        })
    }

    /// A text of the resource, such as `kind` or `properties.publicNetworkAccess`.
    pub fn text(&self, path: &'static str) -> Result<Reading<'a, &'a str>, Unreadable> {
        self.resource.text(path)
    }

    /// A truth value of the resource.
    pub fn flag(&self, path: &'static str) -> Result<Reading<'a, bool>, Unreadable> {
        self.resource.flag(path)
    }

    /// A whole number of the resource.
    pub fn integer(&self, path: &'static str) -> Result<Reading<'a, i64>, Unreadable> {
        self.resource.integer(path)
    }

    /// A list of the resource.
    pub fn list(&self, path: &'static str) -> Result<Reading<'a, &'a [Value<'a>]>, Unreadable> {
        self.resource.list(path)
    }

    /// An object of the resource.
    pub fn object(
        &self,
        path: &'static str,
    ) -> Result<Reading<'a, &'a ObjectAsVec<'a>>, Unreadable> {
        self.resource.object(path)
    }

    /// `Some(not applicable)` where the resource's `kind` is none of `kinds` (without regard to case).
    ///
    /// For rules on a list of kinds: `if let Some(other) = asset.other_kind(…)? { return Ok(other) }`.
    pub fn other_kind(
        &self,
        kinds: &'static [&'static str],
    ) -> Result<Option<Judgement>, Unreadable> {
        let kind = self.text("kind")?;
        Ok((!kind.is_any_of(kinds)).then(|| {
            let evidence = kind.expected(Text::OneOf(kinds));
            Judgement::not_applicable("The rule is not about this kind of resource.", evidence)
        }))
    }

    /// A related fact that is a list, such as `deployments`; see the domain's `fact` for each name and shape.
    ///
    /// Unreadable where nothing of it was read. Where only its beginning was, the entries know that.
    pub fn related(&self, name: &'static str) -> Result<Entries<'a>, Unreadable> {
        let wanted = || Evidence::new(name, None, "a list that could be read");
        let of_fact = self.reads.map(|reads| reads.field(name));
        if of_fact == Some(None) {
            return Err(undeclared(Text::Static(name)));
        }
        let of_entry = of_fact.flatten().and_then(Reads::entries);
        let field =
            |fact: &'a Value<'a>, key: &str| fact.as_object().and_then(|fields| fields.get(key));
        let Some(fact) = self.related.and_then(|facts| facts.get(name)) else {
            return Err(Unreadable::new(wanted(), "It was not read in this snapshot."));
        };
        if field(fact, "state").and_then(Value::as_str) == Some("read") {
            let Some(list) = field(fact, "value").and_then(Value::as_array) else {
                return Err(Unreadable::new(wanted(), "Azure's answer is not a list."));
            };
            return Ok(Entries::of_fact(name, list, of_entry, None));
        }
        let reason = field(fact, "reason");
        let of_reason =
            |key: &str| reason.and_then(|reason| field(reason, key)).and_then(Value::as_str);
        let message = of_reason("message").unwrap_or("Azure did not answer.");
        let note = of_reason("action").map_or_else(
            || message.to_owned(),
            |action| format!("{message} (needs the action {action})"),
        );
        let unreadable = Unreadable::new(wanted(), note);
        match field(fact, "partial").and_then(Value::as_array) {
            Some(list) => Ok(Entries::of_fact(name, list, of_entry, Some(unreadable))),
            None => Err(unreadable),
        }
    }

    /// The whole number that a setting holds for this asset.
    pub fn integer_setting(&self, setting: &Setting) -> i64 {
        let SettingKind::Integer { default, .. } = setting.kind else {
            unreachable!("{} is declared as another kind of setting", setting.name)
        };
        self.set(setting).and_then(Value::as_i64).unwrap_or(default)
    }

    /// The truth value that a setting holds for this asset.
    pub fn flag_setting(&self, setting: &Setting) -> bool {
        let SettingKind::Flag { default } = setting.kind else {
            unreachable!("{} is declared as another kind of setting", setting.name)
        };
        self.set(setting).and_then(Value::as_bool).unwrap_or(default)
    }

    /// The texts that a setting holds for this asset.
    pub fn texts_setting(&self, setting: &Setting) -> Vec<&'a str> {
        let SettingKind::Texts { default, .. } = setting.kind else {
            unreachable!("{} is declared as another kind of setting", setting.name)
        };
        match self.set(setting).and_then(Value::as_array) {
            Some(list) => list.iter().filter_map(crate::node::as_text).collect(),
            None => default.to_vec(),
        }
    }

    fn set(&self, setting: &Setting) -> Option<&'a Value<'a>> {
        self.settings.as_object()?.get(setting.name).filter(|value| !value.is_null())
    }
}

/// Evidence that names a setting, for verdicts that rest on what an organisation has set or not.
pub fn setting_evidence(setting: &Setting, expected: impl Into<Text>) -> Evidence {
    Evidence::new(format!("settings.{}", setting.name), None, expected)
}

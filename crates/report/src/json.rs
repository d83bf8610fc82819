//! The JSON, for programs: documented by a schema, and as stable as the number in it says.

mod wire;

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::Value;

use self::wire::{CountsJson, FindingJson, HeadJson, RuleJson};
use crate::ReportError;
use crate::counts::FindingCounts;
use crate::instant::InstantText;
use crate::model::{InOrder, ReportFinding, ReportHead};
use crate::written::{put, write};

/// What the JSON says of itself first: its kind, and the version of how it is written.
///
/// Within a version members are added and none is changed or left out, so that whoever reads it ignores what they do not
/// know.
pub const JSON_SCHEMA: &str = "postern-report/1";

/// The JSON schema (2020-12) of what [`write_json`] writes, made of its types.
pub fn json_schema() -> Value {
    schemars::schema_for!(wire::ReportJson<'static>).to_value()
}

/// Writes the report as one JSON object, findings as they come, one a line.
///
/// Its members in this order: `schema`, `report` (all but the findings), `findings` in [their
/// order](ReportFinding::order), `rules` (each that a finding is of, once), and `counts`.
pub fn write_json(
    head: &ReportHead,
    findings: impl IntoIterator<Item = Result<ReportFinding, ReportError>>,
    mut out: impl Write,
) -> Result<(), ReportError> {
    let out = &mut out;
    put(out, "{\n\"schema\": ")?;
    write(out, &JSON_SCHEMA)?;
    put(out, ",\n\"report\": ")?;
    write(out, &HeadJson::of(head))?;
    put(out, ",\n\"findings\": [")?;
    let mut counts = FindingCounts::default();
    let mut rules = BTreeMap::new();
    let mut times = InstantText::default();
    let mut line = Vec::new();
    for finding in InOrder::new(findings) {
        let finding = finding?;
        line.clear();
        line.extend_from_slice(if counts.total().total() == 0 { b"\n" } else { b",\n" });
        serde_json::to_writer(&mut line, &FindingJson::of(&finding, &mut times))?;
        out.write_all(&line).map_err(ReportError::Write)?;
        counts.add(&finding);
        let key = (finding.rule.id.clone(), finding.rule.pack);
        rules.entry(key).or_insert_with(|| finding.rule.clone());
    }
    put(out, "\n],\n\"rules\": [")?;
    for (position, rule) in rules.values().enumerate() {
        put(out, if position == 0 { "\n" } else { ",\n" })?;
        write(out, &RuleJson::of(rule))?;
    }
    put(out, "\n],\n\"counts\": ")?;
    write(out, &CountsJson::of(&counts))?;
    put(out, "\n}\n")?;
    out.flush().map_err(ReportError::Write)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use postern_domain::canonical;

    use super::*;

    /// `POSTERN_REGENERATE=1` writes it instead, which is what `cargo xtask regenerate` does.
    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/postern-report-1.json");
        // By way of the canonical text, so that the order of keys depends on no other crate.
        let sorted: Value = serde_json::from_str(&canonical::text(&json_schema())).unwrap();
        let mut text = serde_json::to_string_pretty(&sorted).unwrap();
        text.push('\n');
        if std::env::var_os("POSTERN_REGENERATE").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(committed, text, "the schema is stale; run `cargo xtask regenerate`");
    }
}

//! OSCAL assessment results 1.1.3, for tools of governance, risk and compliance.
//!
//! Of each finding there are an observation (what was read, with its evidence), a finding (the rule as the objective, and
//! whether it is satisfied) and a risk (with what to do about it); an exception makes the risk's status
//! `deviation-approved`, with who approved it and until when in the risk's log.
//! Resources are inventory items; controls are named by properties of the finding, as `framework:control`.

mod parts;

use std::io::Write;

use serde_json::{Value, json};

use self::parts::Parts;
use crate::ReportError;
use crate::canonical::Canonical;
use crate::instant::instant;
use crate::model::ReportModel;
use crate::visible::one_line;
use crate::written::{put, write};

/// The version of OSCAL that is written.
const VERSION: &str = "1.1.3";
/// Of names that are ours. It is a name and no address.
const NAMESPACE: &str = "urn:postern:oscal";

/// Writes the report as OSCAL assessment results.
///
/// The same thing has the same UUID in each report (version 5, of its ids), so that a tool that takes in one after another
/// knows it again; observations are of the report's moment.
pub fn write_oscal(model: &ReportModel, mut out: impl Write) -> Result<(), ReportError> {
    let out = &mut out;
    let head = &model.head;
    let parts = Parts::of(head);
    put(out, "{\n\"assessment-results\": {\n\"uuid\": ")?;
    write(out, &parts.uuid(&["report", &instant(head.as_of)]))?;
    put(out, ",\n\"metadata\": ")?;
    write(out, &Canonical(&parts.metadata()))?;
    put(out, ",\n\"import-ap\": ")?;
    let plan = parts.uuid(&["method"]);
    write(out, &json!({"href": format!("#{plan}")}))?;
    put(out, ",\n\"results\": [{\n")?;
    for (name, value) in result(model, &parts) {
        write(out, &name)?;
        put(out, ": ")?;
        write(out, &Canonical(&value))?;
        put(out, ",\n")?;
    }
    list(out, model, "observations", |finding| parts.observation(finding))?;
    list(out, model, "risks", |finding| parts.risk(finding))?;
    list(out, model, "findings", |finding| parts.finding(finding))?;
    put(out, "\"remarks\": ")?;
    write(out, &limits(model))?;
    put(out, "\n}],\n\"back-matter\": ")?;
    write(out, &Canonical(&json!({"resources": [Parts::method(&plan)]})))?;
    put(out, "\n}\n}\n")?;
    out.flush().map_err(ReportError::Write)
}

/// A list with an entry for each finding, one a line; nothing where there is none, because OSCAL has no empty lists.
fn list(
    out: &mut impl Write,
    model: &ReportModel,
    name: &str,
    entry: impl Fn(&crate::model::ReportFinding) -> Value,
) -> Result<(), ReportError> {
    if model.findings.is_empty() {
        return Ok(());
    }
    write(out, &name)?;
    put(out, ": [")?;
    for (position, finding) in model.findings.iter().enumerate() {
        put(out, if position == 0 { "\n" } else { ",\n" })?;
        write(out, &Canonical(&entry(finding)))?;
    }
    put(out, "\n],\n")
}

fn result(model: &ReportModel, parts: &Parts<'_>) -> Vec<(&'static str, Value)> {
    let head = &model.head;
    let at = instant(head.as_of);
    let mut result = vec![
        ("uuid", json!(parts.uuid(&["result", &at]))),
        ("title", json!(one_line(&format!("Findings of {}", head.connection), "Findings"))),
        (
            "description",
            json!(
                "What rules said of resources of Azure as they were read, and what was accepted of it."
            ),
        ),
        ("start", json!(instant(head.trend.last().map_or(head.as_of, |point| point.at)))),
        ("end", json!(at)),
        ("reviewed-controls", parts.reviewed_controls()),
    ];
    let properties = parts.result_properties();
    if !properties.is_empty() {
        result.push(("props", properties.into()));
    }
    result.push(("local-definitions", parts.local_definitions(&model.findings)));
    result
}

/// What could not be read, in words: a result without it would pass for a whole one.
fn limits(model: &ReportModel) -> String {
    let checks = model.head.coverage.checks;
    let mut said = vec![format!(
        "{} of {} checks had an answer; {} are unknown, which is never a pass.",
        checks.answered(),
        checks.planned(),
        checks.unknown
    )];
    said.extend(model.head.gaps.iter().map(|gap| {
        format!("Not read: {} of {}: {}.", gap.operation, gap.scope, gap.reason.message)
    }));
    said.extend(model.head.packs.iter().filter_map(|pack| {
        Some(format!("The pack {} could not judge: {}", pack.name, pack.problem.as_deref()?))
    }));
    said.join("\n")
}

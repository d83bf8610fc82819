//! SARIF 2.1.0, for code scanning and for whatever else gathers results of tools.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

use postern_domain::digest::Digest;
use postern_domain::finding::FindingState;
use postern_domain::id::RuleId;
use postern_domain::verdict::{Evidence, Severity};
use serde_json::{Map, Value, json};

use crate::ReportError;
use crate::canonical::Canonical;
use crate::instant::instant;
use crate::model::{InOrder, ReportFinding, ReportHead, ReportRule};
use crate::written::{put, write};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Where ARM ids lead, so that a place is an address.
const ARM: &str = "https://management.azure.com";

/// The rules that findings are of, in the order that they come first.
#[derive(Default)]
struct Rules {
    places: BTreeMap<(RuleId, Digest), usize>,
    met: Vec<(Arc<ReportRule>, Severity)>,
}

impl Rules {
    fn place(&mut self, finding: &ReportFinding) -> usize {
        let rule = &finding.rule;
        *self.places.entry((rule.id.clone(), rule.pack)).or_insert_with(|| {
            // The worst findings come first, so that this is the worst of the rule.
            self.met.push((rule.clone(), finding.severity));
            self.met.len() - 1
        })
    }
}

/// Writes the report as SARIF 2.1.0: one run, a result for each finding, as they come.
///
/// A finding that fails is a result of the kind `fail`; one that is accepted has a suppression with the exception; one
/// that could not be judged is of the kind `open`; one that has ended is of the kind `pass` and absent from the baseline.
pub fn write_sarif(
    head: &ReportHead,
    findings: impl IntoIterator<Item = Result<ReportFinding, ReportError>>,
    mut out: impl Write,
) -> Result<(), ReportError> {
    let out = &mut out;
    let mut rules = Rules::default();
    put(out, "{\n\"$schema\": ")?;
    write(out, &SCHEMA)?;
    put(out, ",\n\"version\": \"2.1.0\",\n\"runs\": [{\n\"results\": [")?;
    let mut is_first = true;
    for finding in InOrder::new(findings) {
        let finding = finding?;
        put(out, if is_first { "\n" } else { ",\n" })?;
        is_first = false;
        let place = rules.place(&finding);
        write(out, &Canonical(&result(&finding, place)))?;
    }
    put(out, "\n],\n\"tool\": ")?;
    write(out, &Canonical(&tool(head, &rules)))?;
    put(out, ",\n\"automationDetails\": ")?;
    write(out, &Canonical(&json!({"id": format!("{}/{}", head.connection, instant(head.as_of))})))?;
    put(out, ",\n\"invocations\": ")?;
    write(out, &Canonical(&json!([invocation(head)])))?;
    put(out, ",\n\"properties\": ")?;
    let mut properties = json!({
        "organisation": head.organisation,
        "connection": head.connection,
        "isDemo": head.is_demo,
        "asOf": instant(head.as_of),
    });
    if let Some(filters) = head.filters_in_words() {
        properties["filters"] = filters.into();
    }
    write(out, &Canonical(&properties))?;
    put(out, ",\n\"columnKind\": \"utf16CodeUnits\"\n}]\n}\n")?;
    out.flush().map_err(ReportError::Write)
}

fn result(finding: &ReportFinding, place: usize) -> Value {
    let asset = &finding.asset;
    let (kind, level) = match finding.state {
        FindingState::Open | FindingState::NotRechecked => ("fail", level(finding.severity)),
        FindingState::Unknown => ("open", "none"),
        FindingState::Resolved => ("pass", "none"),
    };
    let mut result = json!({
        "ruleId": finding.rule.id,
        "ruleIndex": place,
        "kind": kind,
        "level": level,
        "message": {"text": message(&finding.summary, &finding.rule.title)},
        "locations": [{
            "logicalLocations": [{
                "name": asset.name,
                "fullyQualifiedName": asset.arm_id,
                "kind": "resource",
            }],
            "physicalLocation": {"artifactLocation": {"uri": format!("{ARM}{}", encoded(&asset.arm_id))}},
        }],
        "partialFingerprints": {"posternFinding/v1": finding.id.to_string()},
        "provenance": {"firstDetectionTimeUtc": instant(finding.first_seen_at)},
        "properties": properties(finding),
    });
    if let Some(exception) = &finding.exception {
        result["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": exception.justification,
            "properties": {
                "exception": exception.id.to_string(),
                "until": instant(exception.until),
                "approvers": exception.approvers,
                "conditions": exception.conditions,
            },
        }]);
    }
    if finding.state == FindingState::Resolved {
        result["baselineState"] = json!("absent");
    }
    result
}

fn properties(finding: &ReportFinding) -> Value {
    let asset = &finding.asset;
    let mut properties = json!({
        "severity": finding.severity,
        "state": finding.state.as_str(),
        "openedAt": instant(finding.opened_at),
        "changedAt": instant(finding.changed_at),
        "assetType": asset.asset_type,
        "subscription": asset.subscription,
        "evidence": finding.evidence.iter().map(evidence).collect::<Vec<_>>(),
    });
    let optional = [
        ("kind", asset.kind.clone()),
        ("location", asset.location.clone()),
        ("resourceGroup", asset.resource_group.clone()),
        ("owner", finding.owner.clone()),
        ("team", finding.team.clone()),
        ("readAt", finding.read_at.map(instant)),
        ("resolvedBy", finding.resolution.map(|it| it.event.as_str().to_owned())),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            properties[name] = value.into();
        }
    }
    properties
}

fn evidence(evidence: &Evidence) -> Value {
    let mut piece = Map::new();
    piece.insert("path".to_owned(), evidence.path.as_str().into());
    piece.insert("expected".to_owned(), evidence.expected.as_str().into());
    if let Some(actual) = &evidence.actual {
        piece.insert("actual".to_owned(), actual.clone());
    }
    if let Some(note) = &evidence.note {
        piece.insert("note".to_owned(), note.as_str().into());
    }
    piece.into()
}

fn tool(head: &ReportHead, rules: &Rules) -> Value {
    let rule = |(rule, severity): &(Arc<ReportRule>, Severity)| {
        json!({
            "id": rule.id,
            "shortDescription": {"text": message(&rule.title, rule.id.as_str())},
            "fullDescription": {"text": message(&rule.rationale, &rule.title)},
            "help": {"text": message(&rule.remediation.summary, &rule.title)},
            "defaultConfiguration": {"level": level(*severity)},
            "properties": {
                "tags": [rule.topic.as_str()],
                "security-severity": score(*severity),
                "severityReason": rule.severity_reason,
                "pack": rule.pack.to_string(),
            },
        })
    };
    let packs = head.packs.iter().map(|pack| {
        json!({
            "name": message(&pack.name, "pack"),
            "version": pack.version,
            "properties": {"sha256": pack.digest.to_string()},
        })
    });
    json!({
        "driver": {
            "name": "Postern",
            "version": env!("CARGO_PKG_VERSION"),
            "rules": rules.met.iter().map(rule).collect::<Vec<_>>(),
        },
        "extensions": packs.collect::<Vec<_>>(),
    })
}

/// That it ran, and what it could not read: a gap is told as such, and not by results that are missing.
fn invocation(head: &ReportHead) -> Value {
    let gaps = head.gaps.iter().map(|gap| {
        json!({
            "level": "warning",
            "message": {"text": format!("{} {}: {}", gap.operation, gap.scope, gap.reason.message)},
        })
    });
    let problems = head.packs.iter().filter_map(|pack| {
        let problem = pack.problem.as_deref()?;
        Some(json!({"level": "error", "message": {"text": format!("{}: {problem}", pack.name)}}))
    });
    json!({
        "executionSuccessful": head.packs.iter().all(|pack| pack.problem.is_none()),
        "endTimeUtc": instant(head.as_of),
        "toolExecutionNotifications": gaps.chain(problems).collect::<Vec<_>>(),
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// Within the ranges that code scanning has for critical, high, medium and low.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

/// A message is never empty.
fn message<'a>(text: &'a str, instead: &'a str) -> &'a str {
    if text.is_empty() { instead } else { text }
}

/// An ARM id as the path of an address.
pub(crate) fn encoded(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => write!(out, "%{byte:02X}").expect("a string takes any text"),
        }
    }
    out
}

//! OCSF 1.8.0 compliance findings, a JSON object a line, for a SIEM.

use std::io::Write;

use postern_domain::finding::FindingState;
use postern_domain::verdict::Severity;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::ReportError;
use crate::canonical::Canonical;
use crate::instant::instant;
use crate::model::{Controls, InOrder, ReportFinding, ReportHead};
use crate::spreadsheet::actual;
use crate::written::{put, write};

const VERSION: &str = "1.8.0";
const CATEGORY: u32 = 2;
const CLASS: u32 = 2003;

/// Writes the findings as OCSF events of the class Compliance Finding (2003) with the cloud profile, one a line, as they
/// come.
///
/// A finding that stands is a `Create`, one that has ended a `Close`; one that is accepted has the status `Suppressed`, and
/// one that could not be judged the compliance status `Unknown`.
pub fn write_ocsf(
    head: &ReportHead,
    findings: impl IntoIterator<Item = Result<ReportFinding, ReportError>>,
    mut out: impl Write,
) -> Result<(), ReportError> {
    let controls = head.controls_by_rule();
    let out = &mut out;
    for finding in InOrder::new(findings) {
        write(out, &Canonical(&event(head, &controls, &finding?)))?;
        put(out, "\n")?;
    }
    out.flush().map_err(ReportError::Write)
}

fn event(head: &ReportHead, controls: &Controls<'_>, finding: &ReportFinding) -> Value {
    let rule = &*finding.rule;
    let asset = &finding.asset;
    let (activity, activity_name) = match finding.state {
        FindingState::Resolved => (3, "Close"),
        _ => (1, "Create"),
    };
    let (status, status_name) = match (finding.state, &finding.exception) {
        (FindingState::Resolved, _) => (4, "Resolved"),
        (_, Some(_)) => (3, "Suppressed"),
        _ => (1, "New"),
    };
    let (severity, severity_name) = match finding.severity {
        Severity::Critical => (5, "Critical"),
        Severity::High => (4, "High"),
        Severity::Medium => (3, "Medium"),
        Severity::Low => (2, "Low"),
    };
    let mut unmapped = json!({
        "state": finding.state.as_str(),
        "opened_at": instant(finding.opened_at),
        "pack": rule.pack.to_string(),
    });
    if let Some(exception) = &finding.exception {
        unmapped["exception"] = json!({
            "id": exception.id.to_string(),
            "until": instant(exception.until),
            "approvers": exception.approvers,
            "conditions": exception.conditions,
            "justification": exception.justification,
        });
    }
    let mut cloud = json!({"provider": "Azure", "account": {"uid": asset.subscription}});
    if let Some(region) = &asset.location {
        cloud["region"] = region.as_str().into();
    }
    json!({
        "activity_id": activity,
        "activity_name": activity_name,
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "type_uid": CLASS * 100 + activity,
        "type_name": format!("Compliance Finding: {activity_name}"),
        "time": milliseconds(finding.changed_at),
        "severity_id": severity,
        "severity": severity_name,
        "status_id": status,
        "status": status_name,
        "message": finding.summary,
        "metadata": {
            "version": VERSION,
            "profiles": ["cloud"],
            "product": {
                "name": "Postern",
                "vendor_name": "Postern",
                "version": env!("CARGO_PKG_VERSION"),
            },
            "tenant_uid": head.connection,
            "labels": if head.is_demo { vec!["demo"] } else { Vec::new() },
        },
        "cloud": cloud,
        "finding_info": {
            "uid": finding.id.to_string(),
            "title": rule.title,
            "desc": rule.rationale,
            "types": [rule.topic.label()],
            "created_time": milliseconds(finding.first_seen_at),
            "first_seen_time": milliseconds(finding.first_seen_at),
            "last_seen_time": milliseconds(finding.read_at.unwrap_or(finding.changed_at)),
            "modified_time": milliseconds(finding.changed_at),
        },
        "compliance": compliance(controls, finding),
        "remediation": {"desc": rule.remediation.summary},
        "resources": [resource(finding)],
        "evidences": evidences(finding),
        "unmapped": unmapped,
    })
}

fn compliance(controls: &Controls<'_>, finding: &ReportFinding) -> Value {
    let rule = &*finding.rule;
    let (status, status_name) = match finding.state {
        FindingState::Open | FindingState::NotRechecked => (3, "Fail"),
        FindingState::Unknown => (0, "Unknown"),
        FindingState::Resolved => (1, "Pass"),
    };
    let of_rule = controls.get(&rule.id).map(Vec::as_slice).unwrap_or_default();
    let mut standards: Vec<&str> = of_rule.iter().map(|of| of.framework.name.as_str()).collect();
    standards.dedup();
    let requirements: Vec<String> = of_rule
        .iter()
        .map(|of| format!("{}:{}", of.framework.id.as_str(), of.control.id.as_str()))
        .collect();
    json!({
        "control": rule.id.as_str(),
        "desc": rule.title,
        "standards": standards,
        "requirements": requirements,
        "status_id": status,
        "status": status_name,
        "status_detail": finding.summary,
    })
}

fn resource(finding: &ReportFinding) -> Value {
    let asset = &finding.asset;
    let mut resource = json!({
        "uid": asset.arm_id,
        "name": asset.name,
        "type": asset.asset_type.as_str(),
    });
    if let Some(region) = &asset.location {
        resource["region"] = region.as_str().into();
    }
    if let Some(group) = &asset.resource_group {
        resource["group"] = json!({"name": group});
    }
    if let Some(owner) = finding.owner.as_ref().or(finding.team.as_ref()) {
        resource["owner"] = json!({"name": owner});
    }
    resource
}

fn evidences(finding: &ReportFinding) -> Vec<Value> {
    let evidence = finding.evidence.iter().map(|evidence| {
        let mut data = json!({
            "path": evidence.path.as_str(),
            "actual": actual(evidence.actual.as_ref()),
            "expected": evidence.expected.as_str(),
        });
        if let Some(note) = &evidence.note {
            data["note"] = note.as_str().into();
        }
        json!({"name": evidence.path.as_str(), "data": data})
    });
    evidence.collect()
}

/// As OCSF writes times: milliseconds since 1970.
fn milliseconds(at: OffsetDateTime) -> i64 {
    at.unix_timestamp() * 1000 + i64::from(at.millisecond())
}

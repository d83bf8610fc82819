//! The parts of the assessment results.

use std::collections::{BTreeMap, BTreeSet};

use postern_domain::finding::{FindingEvent, FindingState};
use postern_domain::framework::ControlKind;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{NAMESPACE, VERSION};
use crate::instant::instant;
use crate::model::{Controls, ReportAsset, ReportException, ReportFinding, ReportHead};
use crate::sarif::encoded;
use crate::spreadsheet::{actual, origin};
use crate::visible::{one_line, visible};

/// Where ARM ids lead.
const ARM: &str = "https://management.azure.com";

/// What the parts are made of.
pub(super) struct Parts<'a> {
    head: &'a ReportHead,
    controls: Controls<'a>,
    namespace: Uuid,
    tool: String,
}

impl<'a> Parts<'a> {
    pub(super) fn of(head: &'a ReportHead) -> Self {
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, NAMESPACE.as_bytes());
        let namespace = Uuid::new_v5(&namespace, head.connection.as_bytes());
        let mut parts =
            Self { head, controls: head.controls_by_rule(), namespace, tool: String::new() };
        parts.tool = parts.uuid(&["tool"]);
        parts
    }

    /// The UUID of what these ids name; the parts are told apart by a byte that no id has.
    pub(super) fn uuid(&self, ids: &[&str]) -> String {
        Uuid::new_v5(&self.namespace, ids.join("\u{0}").as_bytes()).to_string()
    }

    pub(super) fn metadata(&self) -> Value {
        let head = self.head;
        let organisation = one_line(&head.organisation, "not named");
        let mut parties = vec![json!({
            "uuid": self.uuid(&["organisation", &head.organisation]),
            "type": "organization",
            "name": organisation,
        })];
        let approvers: BTreeSet<&String> =
            head.exceptions.iter().flat_map(|exception| &exception.approvers).collect();
        parties.extend(approvers.into_iter().map(|name| {
            json!({
                "uuid": self.person(name),
                "type": "person",
                "name": one_line(name, "not named"),
            })
        }));
        let demo = if head.is_demo { " (DEMO: simulated data)" } else { "" };
        json!({
            "title": one_line(&format!("{organisation}: findings with evidence{demo}"), "Findings"),
            "last-modified": instant(head.as_of),
            "version": instant(head.as_of),
            "oscal-version": VERSION,
            "parties": parties,
        })
    }

    fn person(&self, name: &str) -> String {
        self.uuid(&["person", name])
    }

    /// There is no assessment plan: what would stand in one.
    pub(super) fn method(uuid: &str) -> Value {
        json!({
            "uuid": uuid,
            "title": "How it was assessed",
            "description": "Postern reads the configuration of resources by Azure's own interfaces and judges it by packs of rules. What could not be read is unknown, and never a pass.",
        })
    }

    pub(super) fn result_properties(&self) -> Vec<Value> {
        let head = self.head;
        let evaluation = head.evaluation.map(|id| id.to_string());
        let scan = head.scan.map(|id| id.to_string());
        let mut properties: Vec<Value> = [("evaluation", evaluation), ("scan", scan)]
            .into_iter()
            .filter_map(|(name, value)| Some(property(name, &value?)))
            .collect();
        properties.extend(head.filters_in_words().map(|filters| property("filters", &filters)));
        properties.push(property("engine", &head.engine));
        properties.push(property("decision-log-hash", &head.decisions.hash.to_string()));
        properties.extend(head.packs.iter().map(|pack| {
            let origin = pack.origin.as_ref().map_or_else(|| "not recorded".to_owned(), origin);
            let said = format!("{} {} {} {origin}", pack.name, pack.version, pack.digest);
            property("pack", &said)
        }));
        properties
    }

    /// The controls that rules look at, framework by framework.
    pub(super) fn reviewed_controls(&self) -> Value {
        let selections = self.head.frameworks.iter().filter_map(|framework| {
            let looked_at = framework.controls.iter().filter(|control| {
                matches!(control.kind, ControlKind::Automated | ControlKind::Partly)
            });
            let controls: Vec<Value> = looked_at
                .map(|control| json!({"control-id": token(control.id.as_str())}))
                .collect();
            (!controls.is_empty()).then(|| {
                json!({
                    "description": one_line(&framework.name, framework.id.as_str()),
                    "props": [property("framework", framework.id.as_str())],
                    "include-controls": controls,
                })
            })
        });
        let mut selections: Vec<Value> = selections.collect();
        if selections.is_empty() {
            selections.push(json!({"description": "No rule looks at a control of a framework."}));
        }
        json!({"control-selections": selections})
    }

    /// The tool, and the resources that findings are of.
    pub(super) fn local_definitions(&self, findings: &[ReportFinding]) -> Value {
        let assets: BTreeMap<&str, &ReportAsset> =
            findings.iter().map(|it| (it.asset.arm_id.as_str(), &it.asset)).collect();
        let component = json!({
            "uuid": self.tool,
            "type": "software",
            "title": "Postern",
            "description": "Reads the configuration of resources and judges it by packs of rules.",
            "props": [property("version", env!("CARGO_PKG_VERSION"))],
            "status": {"state": "operational"},
        });
        let mut definitions = json!({
            "assessment-assets": {
                "components": [component],
                "assessment-platforms": [{
                    "uuid": self.uuid(&["platform"]),
                    "title": "Postern",
                    "uses-components": [{"component-uuid": self.tool}],
                }],
            },
        });
        if !assets.is_empty() {
            definitions["inventory-items"] =
                assets.into_values().map(|asset| self.inventory_item(asset)).collect();
        }
        definitions
    }

    fn inventory_item(&self, asset: &ReportAsset) -> Value {
        let mut properties = vec![
            named("asset-id", &asset.arm_id),
            property("name", &asset.name),
            property("type", asset.asset_type.as_str()),
            property("subscription", &asset.subscription),
        ];
        let optional = [
            ("kind", &asset.kind),
            ("location", &asset.location),
            ("resource-group", &asset.resource_group),
        ];
        properties.extend(
            optional
                .into_iter()
                .filter_map(|(name, value)| Some(property(name, value.as_deref()?))),
        );
        json!({
            "uuid": self.asset(asset),
            "description": visible(&asset.name),
            "props": properties,
            "links": [{"href": format!("{ARM}{}", encoded(&asset.arm_id)), "rel": "reference"}],
        })
    }

    fn asset(&self, asset: &ReportAsset) -> String {
        self.uuid(&["asset", &asset.arm_id.to_lowercase()])
    }

    fn of_finding(&self, what: &str, finding: &ReportFinding) -> String {
        let asset = finding.asset.arm_id.to_lowercase();
        self.uuid(&[what, &asset, finding.rule.id.as_str(), &finding.id.to_string()])
    }

    fn observation_uuid(&self, finding: &ReportFinding) -> String {
        let id = finding.id.to_string();
        self.uuid(&["observation", &id, &instant(self.head.as_of)])
    }

    fn origins(&self) -> Value {
        json!([{"actors": [{"type": "tool", "actor-uuid": self.tool}]}])
    }

    /// What was read.
    pub(super) fn observation(&self, finding: &ReportFinding) -> Value {
        let mut observation = json!({
            "uuid": self.observation_uuid(finding),
            "title": one_line(&finding.rule.title, finding.rule.id.as_str()),
            "description": visible(&finding.summary),
            "methods": ["TEST"],
            "types": ["finding"],
            "origins": self.origins(),
            "subjects": [{"subject-uuid": self.asset(&finding.asset), "type": "inventory-item"}],
            "collected": instant(finding.read_at.unwrap_or(finding.changed_at)),
        });
        let evidence: Vec<Value> = finding
            .evidence
            .iter()
            .map(|evidence| {
                let actual = actual(evidence.actual.as_ref());
                let mut properties = vec![
                    property("path", &evidence.path),
                    property("actual", &actual),
                    property("expected", &evidence.expected),
                ];
                properties.extend(evidence.note.as_deref().map(|note| property("note", note)));
                json!({
                    "description": visible(&format!("{}: {actual}, expected {}", evidence.path, evidence.expected)),
                    "props": properties,
                })
            })
            .collect();
        if !evidence.is_empty() {
            observation["relevant-evidence"] = evidence.into();
        }
        observation
    }

    /// The rule, as an objective that is satisfied or not.
    pub(super) fn finding(&self, finding: &ReportFinding) -> Value {
        let rule = &*finding.rule;
        let (state, reason) = match (finding.state, finding.resolution.map(|it| it.event)) {
            (FindingState::Open | FindingState::NotRechecked, _) => ("not-satisfied", "fail"),
            // Unknown is never a pass.
            (FindingState::Unknown, _) => ("not-satisfied", "other"),
            (FindingState::Resolved, Some(FindingEvent::Fixed)) => ("satisfied", "pass"),
            (FindingState::Resolved, _) => ("satisfied", "other"),
        };
        let mut properties = vec![
            property("id", &finding.id.to_string()),
            property("rule", rule.id.as_str()),
            property("severity", finding.severity.as_str()),
            property("state", finding.state.as_str()),
            property("pack", &rule.pack.to_string()),
        ];
        properties.extend(finding.resolution.map(|it| property("resolved-by", it.event.as_str())));
        properties.extend(self.controls.get(&rule.id).into_iter().flatten().map(|of| {
            let control = format!("{}:{}", of.framework.id.as_str(), of.control.id.as_str());
            property("control", &control)
        }));
        json!({
            "uuid": self.of_finding("finding", finding),
            "title": one_line(&rule.title, rule.id.as_str()),
            "description": visible(&finding.summary),
            "props": properties,
            "origins": self.origins(),
            "target": {
                "type": "objective-id",
                "target-id": token(rule.id.as_str()),
                "title": one_line(&rule.title, rule.id.as_str()),
                "status": {"state": state, "reason": reason, "remarks": finding.state.label()},
            },
            "related-observations": [{"observation-uuid": self.observation_uuid(finding)}],
            "related-risks": [{"risk-uuid": self.of_finding("risk", finding)}],
        })
    }

    /// What may come of it, what to do about it, and what was decided.
    pub(super) fn risk(&self, finding: &ReportFinding) -> Value {
        let rule = &*finding.rule;
        let status = match (finding.state, &finding.exception) {
            (FindingState::Resolved, _) => "closed",
            (_, Some(_)) => "deviation-approved",
            (FindingState::Unknown, None) => "investigating",
            (FindingState::Open | FindingState::NotRechecked, None) => "open",
        };
        let mut risk = json!({
            "uuid": self.of_finding("risk", finding),
            "title": one_line(&rule.title, rule.id.as_str()),
            "description": visible(&finding.summary),
            "statement": visible(&rule.rationale),
            "status": status,
            "origins": self.origins(),
            "characterizations": [{
                "origin": {"actors": [{"type": "tool", "actor-uuid": self.tool}]},
                "facets": [{
                    "name": "severity",
                    "system": NAMESPACE,
                    "value": finding.severity.as_str(),
                    "remarks": visible(&rule.severity_reason),
                }],
            }],
            "remediations": [{
                "uuid": self.of_finding("remediation", finding),
                "lifecycle": "recommendation",
                "title": "Fix",
                "description": visible(&rule.remediation.summary),
            }],
            "related-observations": [{"observation-uuid": self.observation_uuid(finding)}],
        });
        if let Some(exception) = finding.exception.as_deref() {
            risk["props"] = json!([property("exception", &exception.id.to_string())]);
            risk["deadline"] = instant(exception.until).into();
            risk["risk-log"] = json!({"entries": [self.deviation(exception, finding)]});
            if let Some(control) = &exception.compensating_control {
                risk["mitigating-factors"] = json!([{
                    "uuid": self.of_finding("mitigation", finding),
                    "description": visible(control),
                }]);
            }
        }
        risk
    }

    fn deviation(&self, exception: &ReportException, finding: &ReportFinding) -> Value {
        let mut properties = vec![
            property("exception", &exception.id.to_string()),
            property("reason", exception.reason.as_str()),
            property("requested-by", &exception.requested_by.to_string()),
            property("requested-at", &instant(exception.requested_at)),
        ];
        properties.extend(exception.conditions.iter().map(|it| property("condition", it)));
        let mut entry = json!({
            "uuid": self.of_finding("deviation", finding),
            "title": format!("Exception {} approved", exception.id),
            "description": visible(&exception.justification),
            "start": instant(exception.approved_at),
            "end": instant(exception.until),
            "props": properties,
            "status-change": "deviation-approved",
        });
        if !exception.approvers.is_empty() {
            entry["logged-by"] = exception
                .approvers
                .iter()
                .map(|name| json!({"party-uuid": self.person(name)}))
                .collect();
        }
        entry
    }
}

/// A property in our namespace.
fn property(name: &str, value: &str) -> Value {
    json!({"name": name, "ns": NAMESPACE, "value": one_line(value, "empty")})
}

/// A property that OSCAL itself names.
fn named(name: &str, value: &str) -> Value {
    json!({"name": name, "value": one_line(value, "empty")})
}

/// An id as OSCAL takes it: it begins with a letter or an underscore and has no other signs than dots, dashes and
/// underscores.
fn token(id: &str) -> String {
    let mut token: String = id
        .chars()
        .map(
            |it| if it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_') { it } else { '_' },
        )
        .collect();
    if !token.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        token.insert(0, '_');
    }
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_tokens() {
        for (id, expected) in
            [("NS-2", "NS-2"), ("9.1.1", "_9.1.1"), ("A.5.1", "A.5.1"), ("a b(1)", "a_b_1_")]
        {
            assert_eq!(token(id), expected);
        }
    }
}

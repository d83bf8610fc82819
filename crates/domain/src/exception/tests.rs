//! What the tests of exceptions are made of; the tests themselves are in the modules.

use serde_json::{Value, json};
use time::Duration;
use time::macros::datetime;

use super::*;
use crate::id::EvaluationId;
use crate::verdict::RuleVerdict;

mod binding;
mod decision;
mod ending;
mod model;
mod transition;

/// When everything begins.
const START: OffsetDateTime = datetime!(2026-05-12 8:00 UTC);

const WRITER: i64 = 1;
const REQUESTER: i64 = 2;
const APPROVER: i64 = 3;
const SECOND: i64 = 4;

fn day(days: i64) -> OffsetDateTime {
    START + Duration::days(days)
}

fn person(number: i64) -> PersonId {
    PersonId::from_number(number)
}

fn finding(number: i64) -> FindingId {
    FindingId::from_number(number)
}

fn id(number: i64) -> ExceptionId {
    ExceptionId::from_number(number)
}

/// A request for findings 1 and 2, until day 60.
fn request() -> Request {
    request_for(&json!({"findings": ["F-1", "F-2"]}))
}

fn request_for(covers: &Value) -> Request {
    let written = json!({
        "covers": covers,
        "reason": "risk_accepted",
        "justification": "The gateway in front of it comes later.",
        "owner": "P-9",
        "until": crate::moment::text(day(60)),
    });
    serde_json::from_value(written).unwrap()
}

fn standing() -> Request {
    request_for(&json!({"standing": {"rule": "NET-01", "assets": {"tag": "env=dev"}}}))
}

/// What rule NET-01 saw: the number of entries that somebody opened.
fn state(severity: &str, value: u8) -> ObservedState {
    state_of("NET-01", severity, value)
}

fn state_of(rule: &str, severity: &str, value: u8) -> ObservedState {
    let verdict: RuleVerdict = serde_json::from_value(json!({
        "asset": "/subscriptions/s", "rule": rule, "verdict": "fail", "severity": severity, "summary": "Open.",
        "evidence": [],
    }))
    .unwrap();
    let document = json!({"resource": {"properties": {"opened": value}}});
    let document = serde_json::from_value(document).unwrap();
    ObservedState::of(&verdict, &document, ["properties.opened"]).unwrap()
}

fn states(of: &[(i64, &str, u8)]) -> BTreeMap<FindingId, ObservedState> {
    of.iter().map(|(number, severity, value)| (finding(*number), state(severity, *value))).collect()
}

fn agreement(by: i64) -> Agreement {
    Agreement {
        by: person(by),
        scope: ApproverScope::Held,
        version: 1,
        until: day(60),
        conditions: None,
        later_assets: LaterAssets::NotCovered,
        accepted: states(&[(1, "high", 1), (2, "high", 1)]),
    }
}

fn reason() -> DecisionReason {
    "It is too much.".parse().unwrap()
}

fn file(by: i64) -> Deed {
    Deed::File { by: person(by), severity: Severity::High }
}

fn edit(by: i64, request: Request) -> Deed {
    Deed::Edit { by: person(by), request, severity: Severity::High }
}

fn approve(by: i64) -> Deed {
    Deed::Approve(agreement(by))
}

fn reject(by: i64) -> Deed {
    Deed::Reject { by: person(by), scope: ApproverScope::Held, reason: reason() }
}

fn withdraw(by: i64) -> Deed {
    Deed::Withdraw { by: person(by) }
}

fn revoke(by: i64) -> Deed {
    Deed::Revoke { by: person(by), scope: ApproverScope::Held, reason: reason() }
}

fn void(findings: &[i64]) -> Deed {
    let why = Worsening::Severity { from: Severity::High, to: Severity::Critical };
    let findings = findings.iter().map(|number| (finding(*number), why.clone())).collect();
    Deed::Void { by: EvaluationId::from_number(903), findings }
}

fn cover(of: &[(i64, &str, u8)]) -> Deed {
    Deed::Cover { by: EvaluationId::from_number(904), findings: states(of) }
}

fn one_approver() -> ExceptionPolicy {
    ExceptionPolicy::default()
}

fn two_approvers() -> ExceptionPolicy {
    serde_json::from_value(json!({"critical_approvers": "two"})).unwrap()
}

/// A draft that `WRITER` began.
fn draft(request: Request) -> Exception {
    Exception::draft(id(1), request, person(WRITER), START)
}

/// What comes of these deeds, one an hour.
fn after(exception: &Exception, deeds: impl IntoIterator<Item = Deed>) -> Exception {
    deeds.into_iter().fold(exception.clone(), |exception, deed| {
        act(&exception, deed, exception.changed_at + Duration::HOUR).unwrap()
    })
}

fn act(exception: &Exception, deed: Deed, at: OffsetDateTime) -> Result<Exception, Refusal> {
    exception.apply(&Act { at, deed }, &one_approver())
}

fn requested() -> Exception {
    after(&draft(request()), [file(REQUESTER)])
}

fn approved() -> Exception {
    after(&requested(), [approve(APPROVER)])
}

/// An approved standing exception, with findings 1 and 2 of those that there are.
fn approved_standing(later_assets: LaterAssets) -> Exception {
    let agreement = Agreement { later_assets, ..agreement(APPROVER) };
    after(&draft(standing()), [file(REQUESTER), Deed::Approve(agreement)])
}

/// Why the deed is refused an hour after what happened last.
fn refusal(exception: &Exception, deed: Deed) -> String {
    act(exception, deed, exception.changed_at + Duration::HOUR).unwrap_err().to_string()
}

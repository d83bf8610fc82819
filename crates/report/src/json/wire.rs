//! The JSON as it is written; what each member means stands in the schema.

mod finding;
mod head;

use schemars::JsonSchema;

pub(super) use self::finding::{CountsJson, FindingJson, RuleJson};
pub(super) use self::head::HeadJson;

/// A report of everything that was known of a connection at a moment.
///
/// Times are RFC 3339 in UTC. Members may be added within a version; none is changed or left out.
#[derive(JsonSchema)]
#[schemars(rename = "Report")]
#[expect(dead_code, reason = "it is written in parts, and is whole in the schema")]
pub(super) struct ReportJson<'a> {
    /// Always `postern-report/1`.
    #[schemars(extend("const" = "postern-report/1"))]
    schema: &'a str,
    /// Everything but the findings.
    report: HeadJson<'a>,
    /// The findings, resolved ones included: the worst first, then by rule, opening time and id.
    findings: Vec<FindingJson<'a>>,
    /// Each rule that a finding is of, once for each pack that describes it.
    rules: Vec<RuleJson<'a>>,
    /// The findings, counted.
    counts: CountsJson,
}

//! Everything but the findings.

use postern_domain::arm::AssetType;
use postern_domain::framework::{ControlKind, ControlStatus};
use postern_domain::gap::GapReason;
use postern_domain::id::RuleId;
use postern_domain::snapshot::Completeness;
use postern_domain::trend::{CheckCounts, TrendPoint};
use postern_domain::verdict::Severity;
use schemars::JsonSchema;
use serde::Serialize;

use crate::instant::instant;
use crate::model::{ReportException, ReportFramework, ReportHead, ReportPack};
use crate::spreadsheet::origin;

/// Everything that a report says but the findings.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Head")]
pub(in crate::json) struct HeadJson<'a> {
    /// Who the report is for.
    organisation: &'a str,
    /// The connection's name.
    connection: &'a str,
    /// Whether the data is simulated.
    is_demo: bool,
    /// The filters that the findings passed: of each, one of its values had to hold. None in a report of all findings.
    filters: Vec<FilterJson<'a>>,
    /// The moment that the report looks at.
    #[schemars(extend("format" = "date-time"))]
    as_of: String,
    /// The scan whose snapshot was judged.
    scan: Option<String>,
    /// The evaluation that judged it.
    evaluation: Option<String>,
    /// The engine's version.
    engine: &'a str,
    /// Where the decision log ended.
    decisions: DecisionsJson,
    /// The packs that judged.
    packs: Vec<PackJson<'a>>,
    /// What was asked, read and answered.
    coverage: CoverageJson<'a>,
    /// What could not be read: unknown, and never a pass.
    gaps: Vec<GapJson<'a>>,
    /// The counts of evaluations up to the moment, oldest first.
    trend: Vec<TrendJson>,
    /// The exceptions in force.
    exceptions: Vec<ExceptionJson<'a>>,
    /// Frameworks, with what is known of each of their controls.
    frameworks: Vec<FrameworkJson<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Filter")]
struct FilterJson<'a> {
    /// What is looked at, such as `severity`.
    name: &'a str,
    /// The values.
    values: &'a [String],
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Decisions")]
struct DecisionsJson {
    /// The number of the last entry; 0 where there is none.
    number: i64,
    /// The SHA-256 of the last entry, which shows later whether anything up to it was changed.
    hash: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Pack")]
struct PackJson<'a> {
    name: &'a str,
    version: &'a str,
    /// The SHA-256 of the component.
    digest: String,
    /// What vouched for it when it judged: `built_in`, `signed:` with the key's id, or `unsigned`; null where that was not recorded.
    origin: Option<String>,
    /// What went wrong, where the pack could not judge.
    problem: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Coverage")]
struct CoverageJson<'a> {
    /// Checks (a rule on an asset) by verdict.
    checks: ChecksJson,
    /// Assets in the inventory, unread ones included.
    assets: u32,
    /// Of those, the ones that could not be read.
    assets_unread: u32,
    /// Every list that was asked for.
    listings: Vec<ListingJson<'a>>,
}

/// Checks (a rule on an asset) by verdict.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Checks")]
struct ChecksJson {
    pass: u32,
    fail: u32,
    /// Could not be judged: never counted as passed.
    unknown: u32,
    /// Did not concern the asset: not among the planned.
    not_applicable: u32,
    /// Passed, failed or unknown: the denominator of what was answered.
    planned: u32,
    /// Passed or failed: the denominator of what passed.
    answered: u32,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Listing")]
struct ListingJson<'a> {
    /// The Azure operation.
    operation: &'a str,
    /// The ARM scope.
    scope: &'a str,
    /// The asset type that was listed, where it was one.
    asset_type: Option<&'a str>,
    #[schemars(extend("enum" = ["complete", "partial", "failed"]))]
    completeness: &'static str,
    /// What was listed.
    items: u64,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Gap")]
struct GapJson<'a> {
    /// The Azure operation, or the file.
    operation: &'a str,
    /// What was asked: an ARM scope, or a file's path.
    scope: &'a str,
    /// The asset type whose listing failed, where it was one.
    asset_type: Option<&'a str>,
    /// The asset whose related fact failed, where it was one.
    asset: Option<String>,
    /// Of how many assets a related fact failed, where it failed for several alike.
    assets: u64,
    /// Why.
    reason: &'a GapReason,
}

/// The counts of one evaluation.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TrendPoint")]
struct TrendJson {
    evaluation: String,
    #[schemars(extend("format" = "date-time"))]
    at: String,
    /// Findings by severity, the worst first.
    severities: Vec<TrendCountsJson>,
    checks: ChecksJson,
    assets: u32,
    assets_unread: u32,
    gaps: u32,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TrendCounts")]
struct TrendCountsJson {
    severity: Severity,
    /// Failing, and nobody had accepted that.
    open: u32,
    /// Failing, and accepted then.
    excepted: u32,
    unknown: u32,
    /// Newly failing.
    opened: u32,
    /// Ended because the rule passes: work done.
    fixed: u32,
    /// Ended for another reason.
    left_otherwise: u32,
}

/// A decision to accept findings until a moment.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Exception")]
struct ExceptionJson<'a> {
    /// Such as `X-8`.
    id: String,
    #[schemars(extend("enum" = ["risk_accepted", "mitigated_otherwise", "false_positive", "fix_planned"]))]
    reason: &'static str,
    /// Why, as the request said.
    justification: &'a str,
    /// What protects in the meantime.
    compensating_control: Option<&'a str>,
    /// Who asked for it, by id.
    requested_by: String,
    #[schemars(extend("format" = "date-time"))]
    requested_at: String,
    /// Who approved it, in order, by the names that they had then.
    approvers: &'a [String],
    /// When the last of them did.
    #[schemars(extend("format" = "date-time"))]
    approved_at: String,
    /// Under which conditions.
    conditions: &'a [String],
    /// When it ends: at this very moment its findings are open again.
    #[schemars(extend("format" = "date-time"))]
    until: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Framework")]
struct FrameworkJson<'a> {
    id: &'a str,
    name: &'a str,
    version: &'a str,
    publisher: &'a str,
    controls: Vec<ControlJson<'a>>,
}

/// A control with what the verdicts of its rules say of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Control")]
struct ControlJson<'a> {
    id: &'a str,
    /// Null where the publisher's licence allows no title.
    title: Option<&'a str>,
    /// How it is assessed.
    #[schemars(extend("enum" = ControlKind::ALL.map(ControlKind::as_str)))]
    kind: &'static str,
    /// What can be said of it.
    #[schemars(extend("enum" = ControlStatus::ALL.map(ControlStatus::as_str)))]
    status: &'static str,
    /// What is not covered, what a person has to look at, or why it cannot be assessed.
    reason: Option<&'a str>,
    /// The rules that are evidence for it.
    rules: Vec<&'a str>,
    /// Of those, the ones that did not run.
    not_run: Vec<&'a str>,
    /// The verdicts of its rules together, as counts of checks.
    checks: ControlChecksJson,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ControlChecks")]
struct ControlChecksJson {
    pass: u64,
    /// Those that fail, accepted ones included.
    fail: u64,
    /// Of those that fail, the accepted ones.
    excepted: u64,
    unknown: u64,
    not_applicable: u64,
    /// Lists that could not be read and may have shown more assets.
    unread: u64,
}

impl<'a> HeadJson<'a> {
    pub(in crate::json) fn of(head: &'a ReportHead) -> Self {
        let coverage = &head.coverage;
        Self {
            organisation: &head.organisation,
            connection: &head.connection,
            is_demo: head.is_demo,
            filters: head
                .filters
                .iter()
                .map(|filter| FilterJson { name: filter.name, values: &filter.values })
                .collect(),
            as_of: instant(head.as_of),
            scan: head.scan.map(|id| id.to_string()),
            evaluation: head.evaluation.map(|id| id.to_string()),
            engine: &head.engine,
            decisions: DecisionsJson {
                number: head.decisions.number,
                hash: head.decisions.hash.to_string(),
            },
            packs: head.packs.iter().map(PackJson::of).collect(),
            coverage: CoverageJson {
                checks: ChecksJson::of(coverage.checks),
                assets: coverage.assets,
                assets_unread: coverage.assets_unread,
                listings: coverage
                    .listings
                    .iter()
                    .map(|listing| ListingJson {
                        operation: &listing.operation,
                        scope: &listing.scope,
                        asset_type: listing.asset_type.as_ref().map(AssetType::as_str),
                        completeness: completeness(listing.completeness),
                        items: listing.items,
                    })
                    .collect(),
            },
            gaps: head
                .gaps
                .iter()
                .map(|gap| GapJson {
                    operation: &gap.operation,
                    scope: &gap.scope,
                    asset_type: gap.asset_type.as_ref().map(AssetType::as_str),
                    asset: gap.asset.as_ref().map(ToString::to_string),
                    assets: gap.assets,
                    reason: &gap.reason,
                })
                .collect(),
            trend: head.trend.iter().map(TrendJson::of).collect(),
            exceptions: head.exceptions.iter().map(|it| ExceptionJson::of(it)).collect(),
            frameworks: head.frameworks.iter().map(FrameworkJson::of).collect(),
        }
    }
}

fn completeness(completeness: Completeness) -> &'static str {
    match completeness {
        Completeness::Complete => "complete",
        Completeness::Partial => "partial",
        Completeness::Failed => "failed",
    }
}

impl<'a> PackJson<'a> {
    fn of(pack: &'a ReportPack) -> Self {
        Self {
            name: &pack.name,
            version: &pack.version,
            digest: pack.digest.to_string(),
            origin: pack.origin.as_ref().map(origin),
            problem: pack.problem.as_deref(),
        }
    }
}

impl ChecksJson {
    fn of(checks: CheckCounts) -> Self {
        Self {
            pass: checks.pass,
            fail: checks.fail,
            unknown: checks.unknown,
            not_applicable: checks.not_applicable,
            planned: checks.planned(),
            answered: checks.answered(),
        }
    }
}

impl TrendJson {
    fn of(point: &TrendPoint) -> Self {
        Self {
            evaluation: point.evaluation.to_string(),
            at: instant(point.at),
            severities: point
                .severities
                .iter()
                .map(|counts| TrendCountsJson {
                    severity: counts.severity,
                    open: counts.open,
                    excepted: counts.excepted,
                    unknown: counts.unknown,
                    opened: counts.opened,
                    fixed: counts.fixed,
                    left_otherwise: counts.left_otherwise,
                })
                .collect(),
            checks: ChecksJson::of(point.checks),
            assets: point.assets,
            assets_unread: point.assets_unread,
            gaps: point.gaps,
        }
    }
}

impl<'a> ExceptionJson<'a> {
    fn of(exception: &'a ReportException) -> Self {
        Self {
            id: exception.id.to_string(),
            reason: exception.reason.as_str(),
            justification: &exception.justification,
            compensating_control: exception.compensating_control.as_deref(),
            requested_by: exception.requested_by.to_string(),
            requested_at: instant(exception.requested_at),
            approvers: &exception.approvers,
            approved_at: instant(exception.approved_at),
            conditions: &exception.conditions,
            until: instant(exception.until),
        }
    }
}

impl<'a> FrameworkJson<'a> {
    fn of(framework: &'a ReportFramework) -> Self {
        Self {
            id: framework.id.as_str(),
            name: &framework.name,
            version: &framework.version,
            publisher: &framework.publisher,
            controls: framework
                .controls
                .iter()
                .map(|control| ControlJson {
                    id: control.id.as_str(),
                    title: control.title.as_deref(),
                    kind: control.kind.as_str(),
                    status: control.status.as_str(),
                    reason: control.reason.as_deref(),
                    rules: control.rules.iter().map(RuleId::as_str).collect(),
                    not_run: control.not_run.iter().map(RuleId::as_str).collect(),
                    checks: ControlChecksJson {
                        pass: control.tally.pass,
                        fail: control.tally.fail,
                        excepted: control.tally.excepted,
                        unknown: control.tally.unknown,
                        not_applicable: control.tally.not_applicable,
                        unread: control.tally.unread,
                    },
                })
                .collect(),
        }
    }
}

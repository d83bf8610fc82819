//! Findings, their rules, and how many there are.

use postern_domain::finding::{FindingEvent, FindingState};
use postern_domain::rule::Remediation;
use postern_domain::verdict::{Evidence, Severity, Topic};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::canonical::Canonical;
use crate::counts::{FindingCounts, StateCounts};
use crate::instant::InstantText;
use crate::model::{ReportAsset, ReportFinding, ReportRule};
use crate::spreadsheet::origin;

/// A finding: a rule that failed, or could not be judged, on an asset.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
pub(in crate::json) struct FindingJson<'a> {
    /// Such as `F-1045`.
    id: String,
    severity: Severity,
    /// How its rule judged last.
    #[schemars(extend("enum" = state_words()))]
    state: &'static str,
    /// Whether it counts as open: it fails, and nobody accepted that.
    is_open: bool,
    /// The exception by which its failure is accepted.
    exception: Option<String>,
    /// The rule's id; with `pack`, it names one of `rules`.
    rule: &'a str,
    /// The pack that describes the rule, by its SHA-256.
    pack: String,
    /// What the verdict says; of a resolved finding, why it ended.
    summary: &'a str,
    /// What the verdict rests on; empty once the asset or the rule is gone.
    evidence: Vec<EvidenceJson<'a>>,
    asset: AssetJson<'a>,
    /// The team that it is of, by its name then; null for nobody's.
    owner: Option<&'a str>,
    /// The same by its id.
    team: Option<&'a str>,
    /// When the asset was last read.
    #[schemars(extend("format" = "date-time"))]
    read_at: Option<String>,
    #[schemars(extend("format" = "date-time"))]
    first_seen_at: String,
    /// When it was last opened.
    #[schemars(extend("format" = "date-time"))]
    opened_at: String,
    /// When its state last changed.
    #[schemars(extend("format" = "date-time"))]
    changed_at: String,
    /// When and how it ended; null while it stands.
    resolution: Option<ResolutionJson>,
}

fn state_words() -> Vec<&'static str> {
    FindingState::ALL.iter().map(|state| state.as_str()).collect()
}

fn event_words() -> Vec<&'static str> {
    FindingEvent::ALL.iter().map(|event| event.as_str()).collect()
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Resolution")]
struct ResolutionJson {
    #[schemars(extend("format" = "date-time"))]
    at: String,
    /// What ended it.
    #[schemars(extend("enum" = event_words()))]
    event: &'static str,
}

/// A property that was observed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Evidence")]
struct EvidenceJson<'a> {
    /// A path into the resource, or into a related fact.
    path: &'a str,
    /// The value that was read; left out where the property is absent or could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Value>")]
    actual: Option<Canonical<'a>>,
    /// What the rule wants there.
    expected: &'a str,
    /// What an absent value means, or why it could not be read.
    note: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Asset")]
struct AssetJson<'a> {
    /// The ARM id as Azure wrote it.
    arm_id: &'a str,
    name: &'a str,
    /// The type, lower case.
    #[serde(rename = "type")]
    asset_type: &'a str,
    /// Azure's kind.
    kind: Option<&'a str>,
    location: Option<&'a str>,
    subscription: &'a str,
    resource_group: Option<&'a str>,
}

/// A rule as a pack describes it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Rule")]
pub(in crate::json) struct RuleJson<'a> {
    id: &'a str,
    /// The pack that describes it, by its SHA-256.
    pack: String,
    /// What vouched for the pack; null where that was not recorded.
    pack_origin: Option<String>,
    /// What is so when it passes.
    title: &'a str,
    topic: Topic,
    /// Where the severity comes from.
    severity_reason: &'a str,
    /// Why it matters.
    rationale: &'a str,
    /// How to put it right; `$ID` stands for the asset's ARM id, `$NAME` for its name.
    remediation: &'a Remediation,
}

/// The findings, each counted once.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Counts")]
pub(in crate::json) struct CountsJson {
    /// All of them.
    findings: u64,
    #[serde(flatten)]
    total: StateCountsJson,
    /// The same by severity.
    severities: SeverityCountsJson,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SeverityCounts")]
struct SeverityCountsJson {
    critical: StateCountsJson,
    high: StateCountsJson,
    medium: StateCountsJson,
    low: StateCountsJson,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "StateCounts")]
struct StateCountsJson {
    /// Failing, and nobody accepted that.
    open: u64,
    /// Failing, and accepted until a moment.
    excepted: u64,
    /// Not judged: never a pass.
    unknown: u64,
    /// Ended.
    resolved: u64,
}

impl<'a> FindingJson<'a> {
    pub(in crate::json) fn of(finding: &'a ReportFinding, times: &mut InstantText) -> Self {
        let mut time = |at| times.of(at).to_owned();
        Self {
            id: finding.id.to_string(),
            severity: finding.severity,
            state: finding.state.as_str(),
            is_open: finding.is_open(),
            exception: finding.exception.as_ref().map(|exception| exception.id.to_string()),
            rule: finding.rule.id.as_str(),
            pack: finding.rule.pack.to_string(),
            summary: &finding.summary,
            evidence: finding.evidence.iter().map(EvidenceJson::of).collect(),
            asset: AssetJson::of(&finding.asset),
            owner: finding.owner.as_deref(),
            team: finding.team.as_deref(),
            read_at: finding.read_at.map(&mut time),
            first_seen_at: time(finding.first_seen_at),
            opened_at: time(finding.opened_at),
            changed_at: time(finding.changed_at),
            resolution: finding.resolution.map(|resolution| ResolutionJson {
                at: time(resolution.at),
                event: resolution.event.as_str(),
            }),
        }
    }
}

impl<'a> EvidenceJson<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        Self {
            path: &evidence.path,
            actual: evidence.actual.as_ref().map(Canonical),
            expected: &evidence.expected,
            note: evidence.note.as_deref(),
        }
    }
}

impl<'a> AssetJson<'a> {
    fn of(asset: &'a ReportAsset) -> Self {
        Self {
            arm_id: &asset.arm_id,
            name: &asset.name,
            asset_type: asset.asset_type.as_str(),
            kind: asset.kind.as_deref(),
            location: asset.location.as_deref(),
            subscription: &asset.subscription,
            resource_group: asset.resource_group.as_deref(),
        }
    }
}

impl<'a> RuleJson<'a> {
    pub(in crate::json) fn of(rule: &'a ReportRule) -> Self {
        Self {
            id: rule.id.as_str(),
            pack: rule.pack.to_string(),
            pack_origin: rule.pack_origin.as_ref().map(origin),
            title: &rule.title,
            topic: rule.topic,
            severity_reason: &rule.severity_reason,
            rationale: &rule.rationale,
            remediation: &rule.remediation,
        }
    }
}

impl CountsJson {
    pub(in crate::json) fn of(counts: &FindingCounts) -> Self {
        let of = |severity| StateCountsJson::of(counts.of(severity));
        Self {
            findings: counts.total().total(),
            total: StateCountsJson::of(counts.total()),
            severities: SeverityCountsJson {
                critical: of(Severity::Critical),
                high: of(Severity::High),
                medium: of(Severity::Medium),
                low: of(Severity::Low),
            },
        }
    }
}

impl StateCountsJson {
    fn of(counts: StateCounts) -> Self {
        let StateCounts { open, excepted, unknown, resolved } = counts;
        Self { open, excepted, unknown, resolved }
    }
}

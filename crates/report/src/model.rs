//! What a report says: plain data, filled by the caller from the database.
//!
//! Each format is made of the same head and the same findings, so that a number in the PDF is the number in the CSV.
//! The head is small; findings may be a million, and come one after another.

use std::collections::BTreeMap;
use std::sync::Arc;

use postern_domain::arm::AssetType;
use postern_domain::decision::Head;
use postern_domain::digest::Digest;
use postern_domain::exception::request::ReasonCategory;
use postern_domain::finding::{FindingEvent, FindingState};
use postern_domain::framework::{ControlId, ControlKind, ControlStatus, FrameworkId, Tally};
use postern_domain::gap::Gap;
use postern_domain::id::{EvaluationId, ExceptionId, FindingId, PersonId, RuleId, ScanId};
use postern_domain::pack::PackOrigin;
use postern_domain::rule::Remediation;
use postern_domain::snapshot::Listing;
use postern_domain::trend::{CheckCounts, TrendPoint};
use postern_domain::verdict::{Evidence, Severity, Topic};
use time::OffsetDateTime;

use crate::ReportError;

/// Everything that a report of one connection says, but for its findings.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportHead {
    /// Who the report is for, or the connection's name where no organisation is set; in the head of every page.
    pub organisation: String,
    /// The connection's name.
    pub connection: String,
    /// Whether the data is simulated: every page then says DEMO in words.
    pub is_demo: bool,
    /// The filters that the findings passed, each with the values of which one had to hold; none in a report of all.
    ///
    /// Coverage, gaps, exceptions and frameworks are those of the whole connection all the same.
    pub filters: Vec<ReportFilter>,
    /// The moment that the report looks at: when the judged snapshot was finished, or the moment asked for.
    ///
    /// Also the date in the PDF's metadata: a report has no other clock.
    pub as_of: OffsetDateTime,
    /// The scan whose snapshot was judged; `None` before the first finished scan.
    pub scan: Option<ScanId>,
    /// The evaluation that judged it; `None` before the first.
    pub evaluation: Option<EvaluationId>,
    /// The engine's version, such as `wasmtime 48.0.0 / contract postern:rules@1.0.0`.
    pub engine: String,
    /// Where the decision log ended: its last entry's number and hash.
    pub decisions: Head,
    /// The packs that judged, in the order of their names.
    pub packs: Vec<ReportPack>,
    /// What was asked, read and answered.
    pub coverage: Coverage,
    /// What could not be read, with the reason.
    pub gaps: Vec<Gap>,
    /// The counts of evaluations up to `as_of`, oldest first, with what was accepted at each kept apart; none in a report of
    /// some findings, of which the counts of all would say nothing.
    pub trend: Vec<TrendPoint>,
    /// The exceptions in force, in the order of their ids.
    pub exceptions: Vec<Arc<ReportException>>,
    /// Frameworks, with what is known of each of their controls.
    pub frameworks: Vec<ReportFramework>,
}

/// What findings had to be to come into a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFilter {
    /// What is looked at, such as `severity`.
    pub name: &'static str,
    /// The values of which it had to have one.
    pub values: Vec<String>,
}

/// A control that a rule is evidence for.
pub(crate) struct ControlOf<'a> {
    pub(crate) framework: &'a ReportFramework,
    pub(crate) control: &'a ReportControl,
}

/// The controls of each rule, in the order of the frameworks.
pub(crate) type Controls<'a> = BTreeMap<&'a RuleId, Vec<ControlOf<'a>>>;

impl ReportHead {
    /// The filters in one line, such as `severity: critical, high; owner: NLP Platform`; `None` in a report of all findings.
    pub(crate) fn filters_in_words(&self) -> Option<String> {
        let filters: Vec<String> = self
            .filters
            .iter()
            .map(|filter| format!("{}: {}", filter.name, filter.values.join(", ")))
            .collect();
        (!filters.is_empty()).then(|| filters.join("; "))
    }

    pub(crate) fn controls_by_rule(&self) -> Controls<'_> {
        let mut controls = Controls::new();
        for framework in &self.frameworks {
            for control in &framework.controls {
                for rule in &control.rules {
                    controls.entry(rule).or_default().push(ControlOf { framework, control });
                }
            }
        }
        controls
    }
}

/// A report whose findings are all at hand, for formats that tell of them in more than one place.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportModel {
    /// All but the findings.
    pub head: ReportHead,
    /// The findings, resolved ones included, in [their order](ReportFinding::order).
    pub findings: Vec<ReportFinding>,
}

impl ReportModel {
    /// Takes findings in any order.
    pub fn new(head: ReportHead, mut findings: Vec<ReportFinding>) -> Self {
        findings.sort_by(|left, right| left.order().cmp(&right.order()));
        Self { head, findings }
    }

    /// Takes findings as they come, in their order.
    pub fn collect(
        head: ReportHead,
        findings: impl IntoIterator<Item = Result<ReportFinding, ReportError>>,
    ) -> Result<Self, ReportError> {
        let findings = InOrder::new(findings).collect::<Result<_, _>>()?;
        Ok(Self { head, findings })
    }

    /// The findings as a writer takes them.
    pub fn rows(&self) -> impl Iterator<Item = Result<ReportFinding, ReportError>> {
        self.findings.iter().cloned().map(Ok)
    }
}

/// Findings as they come, held to [their order](ReportFinding::order): what sorts them is a database, whose settings are
/// not ours, and a report that is sorted otherwise has other bytes.
pub(crate) struct InOrder<I> {
    findings: I,
    last: Option<(Severity, Arc<ReportRule>, OffsetDateTime, FindingId)>,
}

impl<I: Iterator> InOrder<I> {
    pub(crate) fn new(findings: impl IntoIterator<IntoIter = I>) -> Self {
        Self { findings: findings.into_iter(), last: None }
    }
}

impl<I: Iterator<Item = Result<ReportFinding, ReportError>>> Iterator for InOrder<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<Self::Item> {
        let finding = match self.findings.next()? {
            Ok(finding) => finding,
            Err(error) => return Some(Err(error)),
        };
        let last = self.last.as_ref();
        if last.is_some_and(|(severity, rule, at, id)| {
            finding.order() <= (*severity, &rule.id, *at, *id)
        }) {
            return Some(Err(ReportError::OutOfOrder(finding.id)));
        }
        self.last = Some((finding.severity, finding.rule.clone(), finding.opened_at, finding.id));
        Some(Ok(finding))
    }
}

/// A pack that judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportPack {
    /// The name, such as `azure-ai-baseline`.
    pub name: String,
    /// The version.
    pub version: String,
    /// The SHA-256 of the component.
    pub digest: Digest,
    /// What vouched for it when it judged; `None` where that was not recorded then.
    pub origin: Option<PackOrigin>,
    /// What went wrong, where the pack could not judge: one sentence.
    pub problem: Option<String>,
}

/// How completely the estate was read and judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Every list that was asked for, with its completeness.
    pub listings: Vec<Listing>,
    /// Checks (a rule on an asset) by verdict, as of the evaluation.
    pub checks: CheckCounts,
    /// Assets in the inventory, unread ones included.
    pub assets: u32,
    /// Of those, the ones that the snapshot could not read.
    pub assets_unread: u32,
}

/// A rule as a pack describes it: said once, however many findings are of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportRule {
    /// The id.
    pub id: RuleId,
    /// The title: what is so when it passes.
    pub title: String,
    /// The topic.
    pub topic: Topic,
    /// Where the severity comes from.
    pub severity_reason: String,
    /// Why it matters.
    pub rationale: String,
    /// How to put it right; `$ID` stands for the asset's ARM id, `$NAME` for its name.
    pub remediation: Remediation,
    /// The pack that judged, by its digest.
    pub pack: Digest,
    /// What vouched for the pack; `None` where that was not recorded.
    pub pack_origin: Option<PackOrigin>,
}

/// A finding with its rule, its asset and its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportFinding {
    /// The id.
    pub id: FindingId,
    /// The rule.
    pub rule: Arc<ReportRule>,
    /// How bad it is.
    pub severity: Severity,
    /// The state as of the report.
    pub state: FindingState,
    /// What the verdict says; of a resolved finding, why it ended.
    pub summary: String,
    /// What the verdict rests on; empty once the asset or the rule is gone.
    pub evidence: Vec<Evidence>,
    /// When the asset was last read; `None` where that is not known any more.
    pub read_at: Option<OffsetDateTime>,
    /// The asset.
    pub asset: ReportAsset,
    /// The team that it is of, by its name then; `None` for nobody's.
    pub owner: Option<String>,
    /// The same by its id.
    pub team: Option<String>,
    /// When it was first seen.
    pub first_seen_at: OffsetDateTime,
    /// When it was last opened.
    pub opened_at: OffsetDateTime,
    /// When its state last changed.
    pub changed_at: OffsetDateTime,
    /// When and how it ended; `None` while it stands.
    pub resolution: Option<Resolution>,
    /// The exception by which its failure is accepted; `None` where it is not.
    pub exception: Option<Arc<ReportException>>,
}

impl ReportFinding {
    /// By what findings are sorted in each format: the worst first, then by rule, opening time and id.
    pub fn order(&self) -> (Severity, &RuleId, OffsetDateTime, FindingId) {
        (self.severity, &self.rule.id, self.opened_at, self.id)
    }

    /// Whether it counts as open: it fails, and nobody accepted that.
    pub fn is_open(&self) -> bool {
        self.state.counts_as_open() && self.exception.is_none()
    }
}

/// An exception as of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportException {
    /// The id.
    pub id: ExceptionId,
    /// Which kind of reason there is.
    pub reason: ReasonCategory,
    /// Why, as the request says.
    pub justification: String,
    /// What protects in the meantime.
    pub compensating_control: Option<String>,
    /// Who asked for it.
    pub requested_by: PersonId,
    /// When.
    pub requested_at: OffsetDateTime,
    /// When the last of who approved it did.
    pub approved_at: OffsetDateTime,
    /// When it ends: at this very moment the finding is open again.
    pub until: OffsetDateTime,
    /// Who approved it, in order, by the names that they had then.
    pub approvers: Vec<String>,
    /// Under which conditions, in the order of who set them.
    pub conditions: Vec<String>,
}

/// A framework with what the verdicts of then say of its controls.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportFramework {
    /// The id.
    pub id: FrameworkId,
    /// The title with its version, as people name it.
    pub name: String,
    /// The version.
    pub version: String,
    /// Who publishes it.
    pub publisher: String,
    /// Its controls, in its order.
    pub controls: Vec<ReportControl>,
}

/// A control with what the verdicts of its rules say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportControl {
    /// The id.
    pub id: ControlId,
    /// The title; `None` where the publisher's licence allows none.
    pub title: Option<String>,
    /// How it is assessed.
    pub kind: ControlKind,
    /// What can be said of it.
    pub status: ControlStatus,
    /// What is not covered, what a person has to look at, or why it cannot be assessed.
    pub reason: Option<String>,
    /// The rules that are evidence for it, in the order of their ids.
    pub rules: Vec<RuleId>,
    /// Of those, the ones that did not run.
    pub not_run: Vec<RuleId>,
    /// The verdicts of its rules together.
    pub tally: Tally,
}

/// How a finding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// When.
    pub at: OffsetDateTime,
    /// The event that ended it.
    pub event: FindingEvent,
}

/// An asset as a report names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportAsset {
    /// The ARM id as Azure wrote it.
    pub arm_id: String,
    /// The name.
    pub name: String,
    /// The type.
    pub asset_type: AssetType,
    /// Azure's kind, such as `OpenAI`.
    pub kind: Option<String>,
    /// Azure's region.
    pub location: Option<String>,
    /// The subscription's id, lower case.
    pub subscription: String,
    /// The resource group.
    pub resource_group: Option<String>,
}

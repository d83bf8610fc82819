//! What pages and programs get: plain data, ready to show, with no database types in it.

mod exception;
mod exemption;
mod framework;
mod grouping;
mod overview;
mod resource;
mod resource_detail;
mod retention;
mod rule;
mod saved_view;
mod schedule;
mod selection;
mod team;
mod trend;

use postern_domain::arm::AssetType;
use postern_domain::digest::Digest;
use postern_domain::exception::status::EffectiveStatus;
use postern_domain::finding::{Cause, FindingEvent, FindingState, Standing};
use postern_domain::gap::Gap;
use postern_domain::gap::fix::Fix;
use postern_domain::id::{AssetNumber, EvaluationId, FindingId, RuleId, ScanId};
pub use postern_domain::pack::PackOrigin;
use postern_domain::rule::{PropertyRead, Remediation};
use postern_domain::snapshot::Listing;
use postern_domain::team::TeamId;
use postern_domain::verdict::{Evidence, Severity, Topic};
use postern_store::connection::{Connection, ConnectionKind};
use serde::Serialize;
use time::OffsetDateTime;

pub use exception::{
    AcceptedView, ActView, ApprovalView, CommentView, CoveredView, EndBand, EndBandView,
    EvidenceFileView, ExceptionQuery, ExceptionRights, ExceptionRowView, ExceptionTab,
    ExceptionView, ExceptionsView, GrantView, RequestPreview,
};
pub use exemption::{Adoption, Drift, ExemptionView, ExemptionsView};
pub use framework::{
    AssessedView, ControlNode, ControlQuery, ControlRowView, ControlView, FrameworkRowView,
    FrameworkView, FrameworksView, GroupView, MappedRuleView,
};
pub use grouping::{FindingGroupView, FindingGrouping, GroupOf};
pub use overview::{
    ChangeCounts, JudgedOtherwiseView, OverviewView, RuleChangeView, RuleChangeWhat, TopicView,
    VersionView,
};
pub use resource::{
    ResourceOrder, ResourceQuery, ResourceRowView, ResourceStatus, ResourcesView, SubscriptionView,
};
pub use resource_detail::{
    Comparison, CoveringException, FactView, FindingCounts, Portal, ResourceChange,
    ResourceChangeWhat, ResourceState, ResourceView, TopicPosture,
};
pub use retention::{KeptView, RemovalView, RemovedView, RetentionView};
pub use rule::{
    ActivePackView, KnownPackView, OverriddenView, PackProblemOf, PacksView, RuleControlView,
    RuleQuery, RuleRowView, RuleView, RulesView, SettingView, WhatIfChange, WhatIfCounts,
    WhatIfRuleView, WhatIfView,
};
pub use saved_view::{SavedViewRow, SavedViewsView, ViewOwnerChoice};
pub use schedule::{NextScan, PauseView, ScheduleView};
pub use selection::{Seen, SelectionView, SkipReason};
pub use team::{CatchView, MoveView, OwnedView, RoutingPreview, RoutingView, TeamView, TestedView};
pub use trend::{TrendOf, TrendSelection, TrendView};

/// A connection, as a choice in a page's header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConnectionView {
    /// What addresses call it.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Whether it is scanned, and not fed with files.
    pub can_scan: bool,
}

impl ConnectionView {
    /// Of a connection.
    pub(crate) fn of(connection: &Connection) -> Self {
        Self {
            slug: connection.slug.clone(),
            name: connection.name.clone(),
            can_scan: connection.kind == ConnectionKind::Azure,
        }
    }
}

/// The connection that a page shows, among those that there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConnectionChoice {
    /// The connection that the page shows.
    pub selected: ConnectionView,
    /// All of them, by name.
    pub all: Vec<ConnectionView>,
}

/// A moment in the past that a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AsOfView {
    /// The moment asked for.
    pub moment: OffsetDateTime,
    /// When the latest snapshot by then was finished.
    pub read_at: OffsetDateTime,
    /// The scan that made it.
    pub scan: ScanId,
}

/// A pack that could not judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackProblemView {
    /// The pack.
    pub pack: PackView,
    /// What went wrong.
    pub problem: String,
}

/// A pack, named by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackView {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The component's SHA-256.
    pub digest: Digest,
    /// What vouches for it; `None` where that was not recorded.
    pub origin: Option<PackOrigin>,
}

/// Which findings a list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum FindingStatus {
    /// Failing, those not re-checked included, and not accepted.
    #[default]
    Open,
    /// Failing, and accepted by an exception until a moment.
    Excepted,
    /// Could not be judged, and not failing before.
    Unknown,
    /// Ended.
    Resolved,
    /// All of them.
    All,
}

impl FindingStatus {
    /// Every status, in the order of the tabs.
    pub const ALL: &'static [Self] =
        &[Self::Open, Self::Excepted, Self::Unknown, Self::Resolved, Self::All];

    /// Which findings it lets through; `None` for all.
    pub fn standing(self) -> Option<Standing> {
        match self {
            Self::Open | Self::Excepted => Some(Standing::Open),
            Self::Unknown => Some(Standing::Unknown),
            Self::Resolved => Some(Standing::Resolved),
            Self::All => None,
        }
    }

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Excepted => "excepted",
            Self::Unknown => "unknown",
            Self::Resolved => "resolved",
            Self::All => "all",
        }
    }

    /// The word as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Excepted => "Excepted",
            Self::Unknown => "Unknown",
            Self::Resolved => "Resolved",
            Self::All => "All",
        }
    }
}

/// A list of findings asked for: filters that are empty let everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FindingQuery {
    /// The connection's slug; `None` for the one shown by default.
    pub connection: Option<String>,
    /// Which state.
    pub status: FindingStatus,
    /// Which severities.
    pub severities: Vec<Severity>,
    /// Which topics.
    pub topics: Vec<Topic>,
    /// Which asset types.
    pub asset_types: Vec<AssetType>,
    /// Whose assets; `None` is what is nobody's.
    pub owners: Vec<Option<TeamId>>,
    /// One rule.
    pub rule: Option<RuleId>,
    /// One resource.
    pub resource: Option<AssetNumber>,
    /// Text in the asset's name, ignoring case.
    pub text: Option<String>,
    /// The word of the saved view that the list began with, which changes nothing of it.
    pub view: Option<String>,
    /// What they are summed up by; `None` for the findings themselves.
    pub group: Option<FindingGrouping>,
    /// Rows on a page, 1 to 200.
    pub limit: u32,
    /// A moment in the past to look at; `None` for now.
    pub as_of: Option<OffsetDateTime>,
    /// Where the page begins: the cursor that the page before gave.
    pub after: Option<String>,
}

/// A page of findings: the worst first, then the oldest, then by id.
#[derive(Clone, Debug, Serialize)]
pub struct FindingsView {
    /// Which connection.
    pub connections: ConnectionChoice,
    /// The moment in the past that all of it is as of; `None` for now.
    pub as_of: Option<AsOfView>,
    /// The teams whose findings are all that whoever asks sees; `None` where they see all.
    pub limited_to: Option<Vec<TeamView>>,
    /// What was asked.
    pub query: FindingQuery,
    /// How many findings each status has under the other filters, in the order of [`FindingStatus::ALL`].
    pub status_counts: Vec<(FindingStatus, u64)>,
    /// How many findings each severity has under the other filters, the worst first.
    pub severity_counts: Vec<(Severity, u64)>,
    /// How many findings each topic has under the other filters, in the order of the topics.
    pub topic_counts: Vec<(Topic, u64)>,
    /// How many findings each asset type has under the other filters.
    pub type_counts: Vec<(AssetType, u64)>,
    /// How many findings each team has under the other filters, and last what is nobody's; empty without teams.
    pub owner_counts: Vec<(Option<TeamView>, u64)>,
    /// How many findings match.
    pub total: u64,
    /// The page; empty where groups are asked for.
    pub rows: Vec<FindingRowView>,
    /// The page of groups; empty where none are asked for.
    pub groups: Vec<FindingGroupView>,
    /// How many groups there are.
    pub group_total: u64,
    /// How many rows, or groups, come before the page.
    pub offset: u64,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// When the latest snapshot was finished.
    pub read_at: Option<OffsetDateTime>,
    /// What was seen, for an act on all that match; `None` where nothing was judged, and of the past.
    #[serde(skip)]
    pub seen: Option<Seen>,
}

/// A finding in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingRowView {
    /// The id.
    pub id: FindingId,
    /// The rule.
    pub rule: RuleId,
    /// The rule's title.
    pub title: String,
    /// The rule's topic.
    pub topic: Topic,
    /// How bad it is.
    pub severity: Severity,
    /// Its state, as evaluations left it.
    pub state: FindingState,
    /// How it stands, with what was decided about it.
    pub effective: EffectiveStatus,
    /// Whose the asset is; `None` for nobody's.
    pub owner: Option<TeamView>,
    /// What the verdict says.
    pub summary: String,
    /// The asset.
    pub asset: AssetView,
    /// The asset's number.
    pub resource: AssetNumber,
    /// When it was first seen.
    pub first_seen_at: OffsetDateTime,
    /// When it was last opened.
    pub opened_at: OffsetDateTime,
    /// When its state last changed.
    pub changed_at: OffsetDateTime,
}

/// An asset as lists name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssetView {
    /// The ARM id as Azure wrote it.
    pub arm_id: String,
    /// The name.
    pub name: String,
    /// The type.
    pub asset_type: AssetType,
    /// Azure's kind.
    pub kind: Option<String>,
    /// Azure's region.
    pub location: Option<String>,
    /// The subscription's id.
    pub subscription: String,
    /// The subscription's display name, where the latest snapshot has one.
    pub subscription_name: Option<String>,
    /// The resource group.
    pub resource_group: Option<String>,
}

/// A finding with everything that a decision needs.
#[derive(Clone, Debug, Serialize)]
pub struct FindingView {
    /// Which connection it belongs to.
    pub connection: ConnectionView,
    /// The moment in the past that all of it is as of; `None` for now.
    pub as_of: Option<AsOfView>,
    /// What the list shows of it.
    pub row: FindingRowView,
    /// What the verdict rests on; once the asset or the rule is gone, what the last one rested on.
    pub evidence: Vec<Evidence>,
    /// Why the latest snapshot could not read the asset, where it could not.
    pub unread: Option<String>,
    /// When the asset was last read.
    pub last_read_at: OffsetDateTime,
    /// Since when the verdict and its evidence are as they are.
    pub evidence_since: Option<OffsetDateTime>,
    /// The latest evaluation that judged it; once the asset or the rule is gone, the one that ended it.
    pub evaluation: EvaluationId,
    /// The scan that the latest evaluation judged.
    pub scan: ScanId,
    /// Why the rule matters.
    pub rationale: String,
    /// Where the severity comes from.
    pub severity_reason: String,
    /// How to put it right, with the asset's id and name in the commands and templates.
    pub remediation: Remediation,
    /// The properties that the rule reads.
    pub reads: Vec<PropertyRead>,
    /// Built-in Azure Policy definitions that prevent it.
    pub policies: Vec<String>,
    /// How and why the rule judges otherwise than these definitions, where it does on purpose.
    pub policy_difference: Option<String>,
    /// Controls that the rule is evidence for, as `framework:control`.
    pub controls: Vec<String>,
    /// The assets of its types to which the rule does not apply, in words.
    pub exceptions: Vec<String>,
    /// The names of the pack's settings that the rule reads.
    pub settings: Vec<String>,
    /// Addresses to read on.
    pub references: Vec<String>,
    /// The pack that judged.
    pub pack: PackView,
    /// The asset's document as indented JSON, as read last.
    pub document: String,
    /// The document's digest.
    pub document_hash: Digest,
    /// Where the document was read.
    pub source: String,
    /// What happened, oldest first.
    pub events: Vec<FindingEventView>,
    /// What happened before it was not kept, but for the first and the last of it; `None` where all was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events_kept_from: Option<OffsetDateTime>,
    /// Open findings of the same rule on other assets.
    pub same_rule_open: u64,
    /// Other open findings on the same asset, at most 20, the worst first.
    pub on_same_asset: Vec<FindingRowView>,
    /// Whether there are more of them.
    pub more_on_same_asset: bool,
}

/// Something that happened to a finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingEventView {
    /// When.
    pub at: OffsetDateTime,
    /// What.
    pub event: FindingEvent,
    /// In which scan.
    pub scan: ScanId,
    /// The severity after it.
    pub severity: Severity,
    /// The verdict's summary or the reason.
    pub detail: String,
    /// Why the verdict was not the one before; `None` where nothing was judged, or an older Postern wrote the event.
    pub cause: Option<Cause>,
}

/// A scan, in whatever state.
#[derive(Clone, Debug, Serialize)]
pub struct ScanView {
    /// The id.
    pub id: ScanId,
    /// `queued`, `running`, `finished` or `failed`.
    pub state: ScanState,
    /// Who or what asked for it.
    pub requested_by: String,
    /// When it was asked for.
    pub queued_at: OffsetDateTime,
    /// When it began.
    pub started_at: Option<OffsetDateTime>,
    /// When it ended.
    pub finished_at: Option<OffsetDateTime>,
    /// How far it is, while it runs.
    pub progress: Option<ScanProgress>,
    /// Why it failed.
    pub failure: Option<String>,
    /// How often it was begun: more than once where its process ended and it went on.
    pub attempts: u32,
    /// Whether somebody wants it cancelled, while it runs.
    pub is_cancelling: bool,
    /// What it read, once finished.
    pub result: Option<ScanResultView>,
}

/// What a finished scan read.
#[derive(Clone, Debug, Serialize)]
pub struct ScanResultView {
    /// Assets read.
    pub assets: u32,
    /// Lists asked for.
    pub listings: Vec<Listing>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// Its related facts, counted.
    pub facts: FactCounts,
}

/// Related facts of assets, by how completely they were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FactCounts {
    /// To the end.
    pub complete: u64,
    /// In part.
    pub partial: u64,
    /// Not at all.
    pub unreadable: u64,
}

/// The state of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanState {
    /// Waits for a worker.
    Queued,
    /// A worker is at it.
    Running,
    /// It made a snapshot, which was evaluated.
    Finished,
    /// It did not; `failure` says why.
    Failed,
}

impl ScanState {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
        }
    }
}

/// How far a running scan is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct ScanProgress {
    /// What it does now, in words.
    pub step: String,
    /// How many of it are done.
    pub done: u64,
    /// How many there are, where that is known.
    pub total: Option<u64>,
}

/// The scans of a connection, the newest first, at most 100.
#[derive(Clone, Debug, Serialize)]
pub struct ScansView {
    /// The moment in the past that all of it is as of; `None` for now.
    pub as_of: Option<AsOfView>,
    /// Which connection.
    pub connections: ConnectionChoice,
    /// When it is scanned; `None`: only when asked, or not known of a moment in the past.
    pub schedule: Option<ScheduleView>,
    /// The scans.
    pub scans: Vec<ScanView>,
    /// Whether whoever asks may start, cancel and pause them.
    pub may_run: bool,
}

/// A scan, with what would let the next one read more.
#[derive(Clone, Debug, Serialize)]
pub struct ScanCoverageView {
    /// Its connection among all.
    pub connections: ConnectionChoice,
    /// The scan.
    pub scan: ScanView,
    /// What would mend its gaps, what gives most first.
    pub fixes: Vec<Fix>,
    /// The scan before it that made a snapshot, and when it ended.
    pub before: Option<(ScanId, OffsetDateTime)>,
    /// The scan after it that made a snapshot.
    pub after: Option<ScanId>,
    /// Whether whoever asks may start, cancel and pause scans.
    pub may_run: bool,
}

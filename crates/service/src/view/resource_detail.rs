//! One resource with all that is known of it.

use postern_domain::change::PropertyChange;
use postern_domain::digest::Digest;
use postern_domain::exposure::Exposure;
use postern_domain::gap::GapReason;
use postern_domain::id::{AssetNumber, ExceptionId, FindingId, ScanId};
use postern_domain::verdict::{Severity, Topic};
use serde::Serialize;
use time::OffsetDateTime;

use super::{AsOfView, AssetView, ConnectionView, FindingRowView, TeamView};

/// A resource with all that is known of it.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceView {
    /// Which connection it belongs to.
    pub connection: ConnectionView,
    /// The moment in the past that all of it is as of; `None` for now.
    pub as_of: Option<AsOfView>,
    /// Its number.
    pub number: AssetNumber,
    /// Which it is.
    pub asset: AssetView,
    /// Whether it is there, and was read.
    pub state: ResourceState,
    /// Whose it is, or was when it left; `None` for nobody's.
    pub owner: Option<TeamView>,
    /// Why it is theirs, in a sentence; `None` where there are no teams.
    pub owned_by: Option<String>,
    /// Its tags, by name.
    pub tags: Vec<(String, String)>,
    /// Where it can be opened.
    pub portal: Portal,
    /// When it was first seen.
    pub first_seen_at: OffsetDateTime,
    /// When it was read last.
    pub last_read_at: OffsetDateTime,
    /// Where it was read.
    pub source: String,
    /// Whether it answers to the internet.
    pub public_network: Exposure,
    /// Whether it accepts keys.
    pub key_sign_in: Exposure,
    /// What rules say of it, by topic, in their order.
    pub topics: Vec<TopicPosture>,
    /// Its findings by how they stand.
    pub counts: FindingCounts,
    /// Its open findings, the worst first, at most 50.
    pub open: Vec<FindingRowView>,
    /// What accepts its findings now.
    pub exceptions: Vec<CoveringException>,
    /// The resource as Azure returned it, as indented JSON, as read last.
    pub configuration: String,
    /// The whole document's digest.
    pub document_hash: Digest,
    /// What belongs to it, by what people look for first.
    pub facts: Vec<FactView>,
    /// What changed, the latest first.
    pub changes: Vec<ResourceChange>,
    /// Whether there are earlier changes than these.
    pub has_earlier_changes: bool,
    /// What happened before it was not kept, but for the last of it; `None` where all was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes_kept_from: Option<OffsetDateTime>,
    /// The comparison that was asked for.
    pub comparison: Option<Comparison>,
    /// Whether whoever asks may look at scans and at what all of them changed.
    pub may_see_scans: bool,
}

/// Whether a resource is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ResourceState {
    /// The snapshot read it.
    Read,
    /// The snapshot could not read it.
    Unread {
        /// Why.
        reason: GapReason,
    },
    /// A complete list did not hold it any more.
    Deleted {
        /// When the last snapshot that had it was finished.
        after: OffsetDateTime,
        /// When the first that had it no more was.
        by: OffsetDateTime,
    },
    /// Its subscription was not visible any more.
    OutOfScope {
        /// When the last snapshot that saw it was finished.
        after: OffsetDateTime,
        /// When the first that did not was.
        by: OffsetDateTime,
    },
}

impl ResourceState {
    /// Whether it is in the inventory.
    pub fn is_there(&self) -> bool {
        matches!(self, Self::Read | Self::Unread { .. })
    }
}

/// Where a resource can be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "portal", rename_all = "snake_case")]
pub enum Portal {
    /// In the portal of its cloud.
    At {
        /// The address.
        address: String,
        /// What people call the cloud.
        cloud: String,
    },
    /// Files do not say which cloud they are of: in the public one's portal, if it is that.
    IfPublic {
        /// The address.
        address: String,
    },
    /// In none that is known: it is simulated, or in a cloud of its own end points.
    Nowhere {
        /// Why not, as a sentence.
        why: String,
    },
}

/// What rules of a topic say of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TopicPosture {
    /// The topic.
    pub topic: Topic,
    /// Rules that pass.
    pub pass: u32,
    /// Rules that fail, and nobody accepted that.
    pub fail: u32,
    /// Rules that fail, and that is accepted.
    pub excepted: u32,
    /// Rules that could not judge it.
    pub unknown: u32,
    /// Rules that do not concern it.
    pub not_applicable: u32,
}

/// Findings of a resource by how they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FindingCounts {
    /// Failing, and not accepted.
    pub open: u64,
    /// Failing, and accepted.
    pub excepted: u64,
    /// Could not be judged.
    pub unknown: u64,
    /// Ended.
    pub resolved: u64,
}

/// An exception that accepts a finding of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CoveringException {
    /// The exception.
    pub exception: ExceptionId,
    /// Until when.
    pub until: OffsetDateTime,
    /// The finding.
    pub finding: FindingId,
    /// The rule's title.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
}

/// A related fact of a resource.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FactView {
    /// Its name in documents.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// How many entries were read.
    pub entries: u64,
    /// Why it was not read, or not to the end.
    pub unread: Option<GapReason>,
    /// The columns of its table.
    pub columns: Vec<&'static str>,
    /// The rows of its table; absent cells are `None`.
    pub rows: Vec<Vec<Option<String>>>,
    /// What Azure returned, as indented JSON; `None` where nothing was read.
    pub json: Option<String>,
}

/// Something that a scan changed of a resource.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResourceChange {
    /// When the scan ended.
    pub at: OffsetDateTime,
    /// The scan.
    pub scan: ScanId,
    /// What.
    pub what: ResourceChangeWhat,
    /// Why it could not be read.
    pub reason: Option<String>,
    /// The properties that differ from what was read before, at most 20.
    pub properties: Vec<PropertyChange>,
    /// How many more differ.
    pub more: u32,
}

/// What a scan changed of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceChangeWhat {
    /// It was not there before.
    Appeared,
    /// Something of it is other than before.
    Changed,
    /// It could be read again, as it was.
    ReadAgain,
    /// It could not be read.
    Unread,
    /// It was deleted.
    Deleted,
    /// Its subscription was not visible any more.
    OutOfScope,
}

impl ResourceChangeWhat {
    /// The words as people read them.
    pub fn label(self) -> &'static str {
        match self {
            Self::Appeared => "Appeared",
            Self::Changed => "Changed",
            Self::ReadAgain => "Read again",
            Self::Unread => "Could not be read",
            Self::Deleted => "Deleted",
            Self::OutOfScope => "Out of scope",
        }
    }
}

/// A resource after two scans.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "comparison", rename_all = "snake_case")]
pub enum Comparison {
    /// What differs.
    Compared {
        /// The earlier scan, and when it ended.
        from: (ScanId, OffsetDateTime),
        /// The later one.
        until: (ScanId, OffsetDateTime),
        /// The properties that differ, by path, at most 500.
        properties: Vec<PropertyChange>,
        /// How many more differ.
        more: u32,
    },
    /// Of one of them nothing is known of the resource.
    Missing {
        /// The scan.
        scan: ScanId,
    },
}

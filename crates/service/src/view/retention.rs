//! Retention as commands show it.

use postern_domain::retention::{Retention, RetentionKind};
use serde::Serialize;
use time::OffsetDateTime;

/// How long what is stored is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct RetentionView {
    /// What holds.
    pub retention: Retention,
    /// When that was said, and why; `None` where nothing was ever said.
    pub change: Option<(OffsetDateTime, String)>,
    /// The connections.
    pub kept: Vec<KeptView>,
}

/// What is left of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptView {
    /// Its slug.
    pub connection: String,
    /// The first moment that can be shown; `None` where nothing was removed.
    pub history_from: Option<OffsetDateTime>,
    /// Where the trend begins; `None` where nothing was removed.
    pub trend_from: Option<OffsetDateTime>,
}

/// What goes of a connection, or went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RemovalView {
    /// Its slug.
    pub connection: String,
    /// What.
    pub kind: RetentionKind,
    /// What lies before it goes, but for what later states are made of.
    #[serde(with = "time::serde::rfc3339")]
    pub before: OffsetDateTime,
    /// By table.
    pub removed: Vec<RemovedView>,
}

/// Rows of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RemovedView {
    /// The table.
    pub table: String,
    /// How many.
    pub rows: i64,
    /// About how many bytes they take, with their share of the indexes.
    pub bytes: i64,
}

impl RemovalView {
    /// The rows of all tables.
    pub fn rows(&self) -> i64 {
        self.removed.iter().map(|removed| removed.rows).sum()
    }

    /// About the bytes of all tables.
    pub fn bytes(&self) -> i64 {
        self.removed.iter().map(|removed| removed.bytes).sum()
    }
}

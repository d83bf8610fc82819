//! Resources: their list, and one with all that is known of it.

use postern_domain::arm::AssetType;
use postern_domain::exposure::Exposure;
use postern_domain::gap::GapReason;
use postern_domain::id::AssetNumber;
use postern_domain::team::TeamId;
use postern_domain::verdict::Severity;
use serde::Serialize;
use time::OffsetDateTime;

use super::{AsOfView, AssetView, ConnectionChoice, TeamView};

/// How a resource stands, as lists filter by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ResourceStatus {
    /// Something of it fails and is not accepted.
    Failing,
    /// Nothing of it fails, or all that does is accepted.
    Clear,
    /// The latest snapshot could not read it.
    Unread,
}

impl ResourceStatus {
    /// Every status, in the order of the filter.
    pub const ALL: &'static [Self] = &[Self::Failing, Self::Clear, Self::Unread];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Clear => "clear",
            Self::Unread => "unread",
        }
    }

    /// The words as people read them.
    pub fn label(self) -> &'static str {
        match self {
            Self::Failing => "With open findings",
            Self::Clear => "No open finding",
            Self::Unread => "Not read",
        }
    }
}

/// The order of a list of resources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum ResourceOrder {
    /// That with the worst open finding first, then by name.
    #[default]
    Severity,
    /// By name.
    Name,
}

impl ResourceOrder {
    /// Every order.
    pub const ALL: &'static [Self] = &[Self::Severity, Self::Name];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Name => "name",
        }
    }

    /// The words as people read them.
    pub fn label(self) -> &'static str {
        match self {
            Self::Severity => "Worst open finding",
            Self::Name => "Name",
        }
    }
}

/// A list of resources asked for: filters that are empty let everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ResourceQuery {
    /// The connection's slug; `None` for the one shown by default.
    pub connection: Option<String>,
    /// How they stand: one of these is enough.
    pub statuses: Vec<ResourceStatus>,
    /// Which types.
    pub asset_types: Vec<AssetType>,
    /// Whose; `None` is what is nobody's.
    pub owners: Vec<Option<TeamId>>,
    /// In which subscriptions, by id.
    pub subscriptions: Vec<String>,
    /// In which regions, as Azure writes them; empty text is what has none.
    pub regions: Vec<String>,
    /// Text in the name, ignoring case.
    pub text: Option<String>,
    /// The order.
    pub order: ResourceOrder,
    /// Rows on a page, 1 to 100.
    pub limit: u32,
    /// A moment in the past to look at; `None` for now.
    pub as_of: Option<OffsetDateTime>,
    /// Where the page begins: the cursor that the page before gave.
    pub after: Option<String>,
}

/// A page of resources.
#[derive(Clone, Debug, Serialize)]
pub struct ResourcesView {
    /// Which connection.
    pub connections: ConnectionChoice,
    /// The moment in the past that all of it is as of; `None` for now.
    pub as_of: Option<AsOfView>,
    /// The teams whose resources are all that whoever asks sees; `None` where they see all.
    pub limited_to: Option<Vec<TeamView>>,
    /// What was asked.
    pub query: ResourceQuery,
    /// How many stand how under the other filters, in the order of [`ResourceStatus::ALL`]; some are counted twice.
    pub status_counts: Vec<(ResourceStatus, u64)>,
    /// How many there are of each type under the other filters.
    pub type_counts: Vec<(AssetType, u64)>,
    /// How many each team has under the other filters, and last what is nobody's; empty without teams.
    pub owner_counts: Vec<(Option<TeamView>, u64)>,
    /// How many are in each subscription under the other filters, by name.
    pub subscription_counts: Vec<(SubscriptionView, u64)>,
    /// How many are in each region under the other filters; empty text is what has none.
    pub region_counts: Vec<(String, u64)>,
    /// How many match.
    pub total: u64,
    /// How many there are that whoever asks sees, without any filter.
    pub all: u64,
    /// How many of these the latest snapshot could not read.
    pub unread: u64,
    /// The page.
    pub rows: Vec<ResourceRowView>,
    /// How many rows come before the page.
    pub offset: u64,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// When the latest snapshot was finished.
    pub read_at: Option<OffsetDateTime>,
}

/// A subscription as filters name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SubscriptionView {
    /// Its display name, where the snapshot has one.
    pub name: Option<String>,
    /// Its id, lower case.
    pub id: String,
}

/// A resource in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResourceRowView {
    /// Its number.
    pub number: AssetNumber,
    /// Which it is.
    pub asset: AssetView,
    /// Whose it is; `None` for nobody's.
    pub owner: Option<TeamView>,
    /// How bad the worst of its open findings is.
    pub worst: Option<Severity>,
    /// Findings that fail and are not accepted.
    pub open: u64,
    /// Findings that fail and are accepted.
    pub excepted: u64,
    /// Findings that could not be judged.
    pub unknown: u64,
    /// Whether it answers to the internet.
    pub public_network: Exposure,
    /// Whether it accepts keys.
    pub key_sign_in: Exposure,
    /// When it was read last.
    pub last_read_at: OffsetDateTime,
    /// Why the latest snapshot could not read it, where it could not.
    pub unread: Option<GapReason>,
}

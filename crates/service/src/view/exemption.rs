//! Azure Policy's exemptions beside Postern's exceptions.

use postern_domain::exception::request::{ReasonCategory, StandingScope};
pub use postern_domain::exemption::Drift;
use postern_domain::exemption::ExemptionCategory;
use postern_domain::id::RuleId;
use serde::Serialize;
use time::OffsetDateTime;

use super::{ConnectionChoice, FindingRowView};

/// The exemptions of a connection beside the exceptions for the same.
#[derive(Clone, Debug, Serialize)]
pub struct ExemptionsView {
    /// Which connection.
    pub connections: ConnectionChoice,
    /// The exemptions that concern rules of Postern: those that differ first.
    pub exemptions: Vec<ExemptionView>,
    /// How many there are beside these, of policies that no rule of Postern is about, or of initiatives.
    pub others: u64,
    /// Excepted findings that Azure Policy goes on reporting, because nothing exempts them there; at most 200.
    pub only_here: Vec<FindingRowView>,
    /// How many more there are.
    pub more_only_here: u64,
    /// The subscriptions whose exemptions could not be read, with the reason.
    pub unread: Vec<(String, String)>,
}

/// An exemption and a rule that the policy is about.
#[derive(Clone, Debug, Serialize)]
pub struct ExemptionView {
    /// Its id in Azure.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What is exempt, in words.
    pub scope: String,
    /// Its category in Azure.
    #[serde(skip)]
    pub category: Option<ExemptionCategory>,
    /// Why, in words.
    pub description: Option<String>,
    /// When it ends; `None`: never.
    pub expires: Option<OffsetDateTime>,
    /// The rule.
    pub rule: RuleId,
    /// The rule's title.
    pub title: String,
    /// How many findings of the rule fail in its scope.
    pub failing: u64,
    /// Of these, how many are excepted here.
    pub excepted: u64,
    /// How the two differ.
    pub drift: Drift,
    /// What a request for the same says; `None` where it is for a management group, has ended, or nothing fails.
    #[serde(skip)]
    pub adopt: Option<Adoption>,
}

/// A request for an exception that says what an exemption says.
#[derive(Clone, Debug, PartialEq)]
pub struct Adoption {
    /// What it covers.
    pub scope: StandingScope,
    /// Which kind of reason.
    pub reason: ReasonCategory,
    /// Why.
    pub justification: String,
    /// Until when; `None` where the exemption never ends.
    pub until: Option<OffsetDateTime>,
}

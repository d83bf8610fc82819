//! Exceptions as pages show them.

use postern_domain::digest::Digest;
use postern_domain::exception::accepted::Worsening;
use postern_domain::exception::act::LaterAssets;
use postern_domain::exception::policy::ExceptionPolicy;
use postern_domain::exception::request::{ReasonCategory, Request};
use postern_domain::exception::status::ExceptionStatus;
use postern_domain::id::{EvaluationId, EvidenceFileId, ExceptionId, PersonId, RuleId};
use postern_domain::verdict::Severity;
use serde::Serialize;
use time::{Date, OffsetDateTime};

use super::{AsOfView, ConnectionChoice, ConnectionView, FindingRowView, TeamView};

/// Which exceptions a list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum ExceptionTab {
    /// They wait for a decision.
    #[default]
    Waiting,
    /// Whoever asks wrote on them.
    Mine,
    /// They are in force.
    Active,
    /// They are in force and end within 30 days.
    Ending,
    /// They ended, or were never in force.
    Ended,
    /// All of them.
    All,
}

impl ExceptionTab {
    /// Every tab, in their order.
    pub const ALL: &'static [Self] =
        &[Self::Waiting, Self::Mine, Self::Active, Self::Ending, Self::Ended, Self::All];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Mine => "mine",
            Self::Active => "active",
            Self::Ending => "ending",
            Self::Ended => "ended",
            Self::All => "all",
        }
    }

    /// The words as people read them.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting for a decision",
            Self::Mine => "My requests",
            Self::Active => "Active",
            Self::Ending => "Ending in 30 days",
            Self::Ended => "Ended",
            Self::All => "All",
        }
    }
}

/// A list of exceptions asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExceptionQuery {
    /// The connection's slug; `None` for the one shown by default.
    pub connection: Option<String>,
    /// Which.
    pub tab: ExceptionTab,
    /// A moment in the past to look at; `None` for now.
    pub as_of: Option<OffsetDateTime>,
}

/// A list of exceptions: what waits, the worst and then the longest first; what is in force, by its end; else the youngest
/// first.
#[derive(Clone, Debug, Serialize)]
pub struct ExceptionsView {
    /// Which connection.
    pub connections: ConnectionChoice,
    /// The moment in the past that all of it is as of; `None` for now.
    pub as_of: Option<AsOfView>,
    /// The teams whose findings are all that whoever asks sees; `None` where they see all.
    pub limited_to: Option<Vec<TeamView>>,
    /// What was asked.
    pub query: ExceptionQuery,
    /// How many there are under each tab.
    pub counts: Vec<(ExceptionTab, u64)>,
    /// The exceptions.
    pub rows: Vec<ExceptionRowView>,
    /// Whether older ones are left out, because there are more than a page can hold.
    pub has_more: bool,
    /// How long those in force have to go, soonest first, whatever tab is shown.
    pub ends: Vec<EndBandView>,
    /// The exception in force that ends next.
    pub next_to_end: Option<ExceptionRowView>,
    /// Whether whoever asks may ask for exceptions.
    pub may_ask: bool,
    /// Whether they may decide on exceptions, of whatever scope.
    pub may_decide: bool,
    /// The moment that the list is as of.
    pub now: OffsetDateTime,
}

/// The exceptions whose end lies within some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EndBandView {
    /// Which days.
    pub band: EndBand,
    /// How many there are by the worst of what each covers, the worst first.
    pub severities: Vec<(Severity, u32)>,
}

/// How many days there are to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndBand {
    /// It came within the last 7 days, and what was accepted is open again.
    Past,
    /// At most 7.
    To7,
    /// At most 30.
    To30,
    /// At most 90.
    To90,
    /// At most 180.
    To180,
    /// More.
    Later,
}

impl EndBand {
    /// All, soonest first.
    pub const ALL: &'static [Self] =
        &[Self::Past, Self::To7, Self::To30, Self::To90, Self::To180, Self::Later];

    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Past => "Ended, last 7 d",
            Self::To7 => "0\u{2013}7 d",
            Self::To30 => "8\u{2013}30 d",
            Self::To90 => "31\u{2013}90 d",
            Self::To180 => "91\u{2013}180 d",
            Self::Later => "over 180 d",
        }
    }
}

/// An exception in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExceptionRowView {
    /// The id.
    pub id: ExceptionId,
    /// How it stands.
    pub status: ExceptionStatus,
    /// What it is for: the rule's title, or how many rules there are.
    pub title: String,
    /// The rules of what it covers.
    pub rules: Vec<RuleId>,
    /// How many findings it covers or asks for.
    pub findings: u32,
    /// The scope, in words, where it is for a rule and a scope.
    pub scope: Option<String>,
    /// The worst of what it covers; `None` for drafts.
    pub severity: Option<Severity>,
    /// Which kind of reason there is.
    pub reason: ReasonCategory,
    /// Who filed it; `None` for drafts.
    pub requester: Option<String>,
    /// When it was filed; `None` for drafts.
    pub filed_at: Option<OffsetDateTime>,
    /// Who answers for it.
    pub owner: String,
    /// The end that was granted, or else the one asked for.
    pub until: OffsetDateTime,
    /// When something was done to it last.
    pub changed_at: OffsetDateTime,
    /// The exception that it extends.
    pub extends: Option<ExceptionId>,
    /// How many agreed already, where one is not enough.
    pub approvals: usize,
    /// Whether whoever asks wrote on it, so that somebody else decides.
    pub is_mine: bool,
}

/// An exception with everything that a decision needs.
#[derive(Clone, Debug, Serialize)]
pub struct ExceptionView {
    /// Which connection it is of.
    pub connection: ConnectionView,
    /// The moment in the past that all of it is as of; `None` for now.
    pub as_of: Option<AsOfView>,
    /// What the list shows of it.
    pub row: ExceptionRowView,
    /// What is asked for.
    pub request: Request,
    /// Which version of the request that is.
    pub version: u32,
    /// What was granted, or by those who agreed already.
    pub approvals: Vec<ApprovalView>,
    /// From when until when it was granted.
    pub granted: Option<GrantView>,
    /// Its findings that whoever asks sees, at most 200: the worst first.
    pub findings: Vec<CoveredView>,
    /// How many more there are that they see.
    pub more_findings: u64,
    /// How many there are that they do not see.
    pub unseen_findings: u64,
    /// The digest of the state of these findings, which an approver accepts.
    pub state: Digest,
    /// The SHA-256 of the whole exception as it is kept, which the decision log names.
    pub digest: Digest,
    /// What was done, oldest first.
    pub acts: Vec<ActView>,
    /// What people said, oldest first.
    pub comments: Vec<CommentView>,
    /// Files that people added as evidence, oldest first.
    pub files: Vec<EvidenceFileView>,
    /// What makes the form for a comment another than the next one.
    pub form_key: String,
    /// Its extensions.
    pub extensions: Vec<ExceptionId>,
    /// What whoever asks may do to it.
    pub may: ExceptionRights,
    /// The last day on which an approval of now can end.
    pub last_day: Date,
    /// How many have to agree.
    pub approvers_needed: usize,
}

/// What somebody may do to an exception now; where they may not, why, as a sentence.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each answers a question of its own, asked by its name"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExceptionRights {
    /// Changing what it says, and filing a draft.
    pub edit: bool,
    /// Taking it back.
    pub withdraw: bool,
    /// Approving or rejecting it.
    pub decide: bool,
    /// Why they may not decide, where it waits for a decision.
    pub why_not_decide: Option<String>,
    /// Ending it.
    pub revoke: bool,
    /// Asking for an extension.
    pub extend: bool,
    /// Saying something, and adding files.
    pub discuss: bool,
}

/// That somebody agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApprovalView {
    /// Who.
    pub by: String,
    /// When.
    pub at: OffsetDateTime,
    /// Until when.
    pub until: OffsetDateTime,
    /// Under which conditions.
    pub conditions: Option<String>,
    /// Whether assets that appear later are covered.
    pub later_assets: LaterAssets,
}

/// What all approvers together granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct GrantView {
    /// From when on.
    pub from: OffsetDateTime,
    /// Until when: at this very moment it has ended.
    pub until: OffsetDateTime,
    /// Whether assets that appear later are covered.
    pub later_assets: LaterAssets,
    /// When it ended before that.
    pub ended_at: Option<OffsetDateTime>,
}

/// A finding that an exception is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CoveredView {
    /// The finding as it stands.
    pub row: FindingRowView,
    /// How it stands against what was accepted; `None` where it was not.
    pub accepted: Option<AcceptedView>,
}

/// What was accepted of a finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AcceptedView {
    /// How bad the failure was.
    pub severity: Severity,
    /// The digest of the verdict that was accepted.
    pub verdict: Digest,
    /// Why it is not covered any more, when, and which evaluation found that.
    pub void: Option<(Worsening, OffsetDateTime, EvaluationId)>,
}

/// Something that somebody said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommentView {
    /// When.
    pub at: OffsetDateTime,
    /// Who.
    pub by: String,
    /// What.
    pub text: String,
}

/// A file that somebody added as evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceFileView {
    /// Its number.
    pub id: EvidenceFileId,
    /// When it was added.
    pub at: OffsetDateTime,
    /// By whom.
    pub by: String,
    /// Its name.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u32,
    /// Its SHA-256.
    pub hash: Digest,
}

/// Something that was done to an exception.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ActView {
    /// When.
    pub at: OffsetDateTime,
    /// Who: a name, or an evaluation.
    pub by: String,
    /// What, in the past: `filed`, `approved`.
    pub deed: &'static str,
    /// What they wrote: the conditions, or the reason.
    pub text: Option<String>,
    /// The end that it sets.
    pub until: Option<OffsetDateTime>,
    /// How many findings it is about, where that is not all.
    pub findings: Option<usize>,
}

/// A request that somebody is writing: what it would cover.
#[derive(Clone, Debug, Serialize)]
pub struct RequestPreview {
    /// Which connection.
    pub connection: ConnectionView,
    /// The findings that whoever asks sees of it, at most 200: the worst first.
    pub findings: Vec<FindingRowView>,
    /// How many more there are.
    pub more_findings: u64,
    /// The worst of what fails; `None` where nothing does.
    pub severity: Option<Severity>,
    /// The last day on which it can end, if it were approved now.
    pub last_day: Date,
    /// What an organisation allows.
    pub policy: ExceptionPolicy,
    /// Whoever asks, who is the owner unless they name somebody else.
    pub person: PersonId,
    /// Who can be the owner: those who signed in here, by name.
    pub people: Vec<(PersonId, String)>,
    /// What makes the form another than the next one.
    pub form_key: String,
    /// Why it cannot be asked for, as a sentence.
    pub complaint: Option<String>,
    /// Now.
    pub now: OffsetDateTime,
}

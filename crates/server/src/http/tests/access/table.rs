//! The table: who gets what of each route.

/// Who asks. The team of the one finding there is is called `nlp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http::tests) enum Who {
    Anonymous,
    Expired,
    SignedOut,
    WithoutRole,
    Contributor,
    OtherContributor,
    TeamViewer,
    Viewer,
    Approver,
    Auditor,
    Engineer,
    Administrator,
    /// A program with the roles of a contributor of the team, and of an engineer.
    TeamToken,
    EngineerToken,
    /// Programs that had all roles.
    RevokedToken,
    EndedToken,
    ForgedToken,
}

use Who::{
    Administrator, Anonymous, Approver, Auditor, Contributor, EndedToken, Engineer, EngineerToken,
    Expired, ForgedToken, OtherContributor, RevokedToken, SignedOut, TeamToken, TeamViewer, Viewer,
    WithoutRole,
};

pub(super) const EVERYBODY: [Who; 17] = [
    Anonymous,
    Expired,
    SignedOut,
    WithoutRole,
    Contributor,
    OtherContributor,
    TeamViewer,
    Viewer,
    Approver,
    Auditor,
    Engineer,
    Administrator,
    TeamToken,
    EngineerToken,
    RevokedToken,
    EndedToken,
    ForgedToken,
];

/// What they get, by who they are; 401 for those who are not known and 403 for those without a role is said once.
const WHOLE: [Who; 6] = [Viewer, Approver, Auditor, Engineer, Administrator, EngineerToken];
const ANY_ROLE: [Who; 10] = [
    Contributor,
    OtherContributor,
    TeamViewer,
    Viewer,
    Approver,
    Auditor,
    Engineer,
    Administrator,
    TeamToken,
    EngineerToken,
];
const OF_NLP: [Who; 9] = [
    Contributor,
    TeamViewer,
    Viewer,
    Approver,
    Auditor,
    Engineer,
    Administrator,
    TeamToken,
    EngineerToken,
];
const ENGINEERS: [Who; 2] = [Engineer, EngineerToken];
/// Who may ask for exceptions, and of these who may for findings of the team.
const ASKERS: [Who; 5] = [Contributor, OtherContributor, Engineer, TeamToken, EngineerToken];
const ASKERS_OF_NLP: [Who; 4] = [Contributor, Engineer, TeamToken, EngineerToken];
/// Who may say something about the exceptions of the team.
const DISCUSSERS_OF_NLP: [Who; 6] =
    [Contributor, Approver, Engineer, Administrator, TeamToken, EngineerToken];

pub(super) struct Row {
    /// Method and path as the list of routes says them.
    pub(super) route: &'static str,
    /// An address of that route.
    pub(super) address: &'static str,
    /// Who may, and what they get.
    pub(super) may: (&'static [Who], u16),
    /// Those among the others to whom something else is said.
    pub(super) but: (&'static [Who], u16),
    /// What others get.
    pub(super) others: u16,
}

impl Row {
    const fn but(self, who: &'static [Who], status: u16) -> Self {
        Self { but: (who, status), ..self }
    }
}

const fn row(
    route: &'static str,
    address: &'static str,
    may: (&'static [Who], u16),
    others: u16,
) -> Row {
    Row { route, address, may, but: (&[], 0), others }
}

/// Where what is not somebody's is not there, they get 404; where they lack a role, 403.
pub(super) const TABLE: &[&[Row]] = &[PAGES, EXCEPTIONS, SCANS, ADMINISTRATION, REPORTS];

/// Pages of what was found.
const PAGES: &[Row] = &[
    row("GET /", "/", (&ANY_ROLE, 303), 403),
    row("GET /overview", "/overview", (&ANY_ROLE, 200), 403),
    row("GET /findings", "/findings", (&ANY_ROLE, 200), 403),
    row("GET /findings/counts", "/findings/counts", (&ANY_ROLE, 200), 403),
    row("GET /findings/{id}", "/findings/F-1", (&OF_NLP, 200), 404),
    row("POST /views", "/views", (&ANY_ROLE, 422), 403),
    row("POST /views/{id}", "/views/V-1", (&ANY_ROLE, 422), 403),
    row("GET /resources", "/resources", (&ANY_ROLE, 200), 403),
    row("GET /resources/counts", "/resources/counts", (&ANY_ROLE, 200), 403),
    row("GET /resources/{number}", "/resources/R-1", (&OF_NLP, 200), 404),
    row("GET /search", "/search?q=oai", (&ANY_ROLE, 200), 403),
    row("GET /search/suggest", "/search/suggest?q=oai", (&ANY_ROLE, 200), 403),
    row("GET /trend", "/trend", (&ANY_ROLE, 200), 403),
    row("GET /decisions", "/decisions", (&[Auditor, Administrator], 200), 403),
    row("POST /decisions/verify", "/decisions/verify", (&[Auditor, Administrator], 200), 403),
    row(
        "GET /decisions/export.jsonl",
        "/decisions/export.jsonl",
        (&[Auditor, Administrator], 200),
        403,
    ),
    row("GET /frameworks", "/frameworks", (&ANY_ROLE, 200), 403),
    row("GET /frameworks/{framework}", "/frameworks/mcsb-v2?expand=all", (&ANY_ROLE, 200), 403),
    row("GET /frameworks/{framework}/{control}", "/frameworks/mcsb-v2/NS-2", (&ANY_ROLE, 200), 403),
    row("GET /rules", "/rules?topic=networking", (&ANY_ROLE, 200), 403),
    row("GET /rules/{id}", "/rules/NET-37", (&ANY_ROLE, 200), 403),
    row("GET /packs", "/packs", (&WHOLE, 200), 403),
    // Nothing is judged where no packs are named.
    row("GET /packs/compare", "/packs/compare", (&ENGINEERS, 200), 403),
    row("GET /diff", "/diff?from=2026-03-02T06:00:00Z", (&WHOLE, 422), 403),
];

/// `X-1` waits for a decision and is of somebody who is not in the table, and the form of the test is that of no request
/// and no decision: who may gets 422 whatever was sent before.
const EXCEPTIONS: &[Row] = &[
    row("GET /exceptions", "/exceptions", (&ANY_ROLE, 200), 403),
    row("POST /exceptions", "/exceptions", (&ASKERS, 422), 403),
    row("GET /exceptions/new", "/exceptions/new?finding=F-1", (&ASKERS_OF_NLP, 200), 403)
        .but(&[OtherContributor], 404),
    row("POST /findings/selection", "/findings/selection", (&ASKERS, 422), 403),
    row("POST /exceptions/check", "/exceptions/check", (&ASKERS, 422), 403),
    row("GET /exceptions/{id}", "/exceptions/X-1", (&OF_NLP, 200), 404),
    row("GET /exceptions/{id}/edit", "/exceptions/X-1/edit", (&ASKERS_OF_NLP, 200), 403)
        .but(&[OtherContributor], 404),
    row("POST /exceptions/{id}/edit", "/exceptions/X-1/edit", (&ASKERS_OF_NLP, 422), 403)
        .but(&[OtherContributor], 404),
    row("GET /exceptions/{id}/extend", "/exceptions/X-1/extend", (&ASKERS_OF_NLP, 422), 403)
        .but(&[OtherContributor], 404),
    row("POST /exceptions/{id}/file", "/exceptions/X-1/file", (&ASKERS_OF_NLP, 422), 403)
        .but(&[OtherContributor], 404),
    row("POST /exceptions/{id}/withdraw", "/exceptions/X-1/withdraw", (&OF_NLP, 422), 404),
    row("POST /exceptions/{id}/decide", "/exceptions/X-1/decide", (&[Approver], 422), 403),
    row("GET /exceptions/{id}/revoke", "/exceptions/X-1/revoke", (&[Approver], 422), 403),
    row("POST /exceptions/{id}/revoke", "/exceptions/X-1/revoke", (&[Approver], 422), 403),
    row("GET /exceptions/azure", "/exceptions/azure", (&WHOLE, 200), 403),
    row("GET /exceptions/several", "/exceptions/several?exception=X-1", (&[Approver], 200), 403),
    row("POST /exceptions/several", "/exceptions/several", (&[Approver], 422), 403),
    row("POST /exceptions/{id}/comment", "/exceptions/X-1/comment", (&DISCUSSERS_OF_NLP, 422), 403)
        .but(&[OtherContributor], 404),
    row("POST /exceptions/{id}/files", "/exceptions/X-1/files", (&DISCUSSERS_OF_NLP, 422), 403)
        .but(&[OtherContributor], 404),
    // It has none.
    row("GET /exceptions/{id}/files/{file}", "/exceptions/X-1/files/A-1", (&[], 0), 404),
];

/// The scans.
const SCANS: &[Row] = &[
    row("GET /scans", "/scans", (&WHOLE, 200), 403),
    row("GET /scans/{id}", "/scans/S-1", (&WHOLE, 200), 403),
    row("GET /scans/live", "/scans/live?connection=sample", (&WHOLE, 200), 403),
    row("POST /scans", "/scans", (&ENGINEERS, 303), 403),
    row("POST /scans/cancel", "/scans/cancel", (&ENGINEERS, 303), 403),
    row("POST /scans/pause", "/scans/pause", (&ENGINEERS, 303), 403),
    row("POST /scans/resume", "/scans/resume", (&ENGINEERS, 303), 403),
];

/// The pages of administration; the form of the test says nothing that can be done.
const ADMINISTRATION: &[Row] = &[
    row("GET /admin", "/admin", (&WHOLE, 200), 403),
    row("GET /welcome", "/welcome", (&WHOLE, 200), 403),
    row("GET /admin/teams", "/admin/teams", (&WHOLE, 200), 403),
    row("POST /admin/teams", "/admin/teams", (&[Administrator], 422), 403),
    row("GET /admin/teams/edit", "/admin/teams/edit", (&[Administrator], 200), 403),
    row("POST /admin/teams/edit", "/admin/teams/edit", (&[Administrator], 422), 403),
    row("GET /admin/tokens", "/admin/tokens", (&[Administrator], 200), 403),
    row("POST /admin/tokens", "/admin/tokens", (&[Administrator], 422), 403),
    row("GET /admin/tokens/new", "/admin/tokens/new", (&[Administrator], 200), 403),
    row("GET /admin/tokens/revoke", "/admin/tokens/revoke", (&[Administrator], 404), 403),
    row("POST /admin/tokens/revoke", "/admin/tokens/revoke", (&[Administrator], 404), 403),
    row("GET /admin/connections", "/admin/connections", (&WHOLE, 200), 403),
    row(
        "GET /admin/connections/schedule",
        "/admin/connections/schedule?connection=sample",
        (&[Administrator], 200),
        403,
    ),
    row(
        "POST /admin/connections/schedule",
        "/admin/connections/schedule",
        (&[Administrator], 422),
        403,
    ),
    row("GET /admin/people", "/admin/people", (&[Administrator], 200), 403),
    row("GET /admin/people/sign-out", "/admin/people/sign-out", (&[Administrator], 404), 403),
    row("POST /admin/people/sign-out", "/admin/people/sign-out", (&[Administrator], 404), 403),
    row("GET /admin/notifications", "/admin/notifications", (&ANY_ROLE, 200), 403),
    row("POST /admin/notifications", "/admin/notifications", (&ANY_ROLE, 422), 403),
    row(
        "POST /admin/notifications/retry",
        "/admin/notifications/retry",
        (&[Administrator], 404),
        403,
    ),
    row("GET /admin/policy", "/admin/policy", (&WHOLE, 200), 403),
    row("GET /admin/policy/exceptions", "/admin/policy/exceptions", (&ENGINEERS, 200), 403),
    row("POST /admin/policy/exceptions", "/admin/policy/exceptions", (&ENGINEERS, 422), 403),
    row("POST /admin/policy/retention", "/admin/policy/retention", (&ENGINEERS, 200), 403),
    row("GET /admin/policy/storage", "/admin/policy/storage", (&WHOLE, 200), 403),
];

/// Files to take along.
const REPORTS: &[Row] = &[
    row("GET /reports", "/reports", (&WHOLE, 200), 403),
    row("GET /reports/findings.csv", "/reports/findings.csv", (&WHOLE, 200), 403),
    row("GET /reports/findings.json", "/reports/findings.json", (&WHOLE, 200), 403),
    row("GET /reports/findings.html", "/reports/findings.html", (&WHOLE, 200), 403),
    row("GET /reports/findings.xlsx", "/reports/findings.xlsx", (&WHOLE, 200), 403),
    row("GET /reports/findings.oscal.json", "/reports/findings.oscal.json", (&WHOLE, 200), 403),
    row("GET /reports/findings.sarif", "/reports/findings.sarif", (&WHOLE, 200), 403),
    row("GET /reports/findings.ocsf.jsonl", "/reports/findings.ocsf.jsonl", (&WHOLE, 200), 403),
    row("GET /reports/findings.pdf", "/reports/findings.pdf", (&WHOLE, 200), 403),
    row("GET /findings.csv", "/findings.csv", (&ANY_ROLE, 200), 403),
    row("GET /findings.json", "/findings.json", (&WHOLE, 200), 403),
    row("GET /findings.html", "/findings.html", (&WHOLE, 200), 403),
    row("GET /findings.xlsx", "/findings.xlsx", (&WHOLE, 200), 403),
    row("GET /findings.oscal.json", "/findings.oscal.json", (&WHOLE, 200), 403),
    row("GET /findings.sarif", "/findings.sarif", (&WHOLE, 200), 403),
    row("GET /findings.ocsf.jsonl", "/findings.ocsf.jsonl", (&WHOLE, 200), 403),
    row("GET /findings.pdf", "/findings.pdf", (&WHOLE, 200), 403),
];

/// Routes that show nothing of what is stored: for everybody, and the same for all.
pub(super) const OPEN: [(&str, &str, u16); 8] = [
    ("GET /sign-in", "/sign-in", 200),
    // No provider answers in this test.
    ("GET /sign-in/start", "/sign-in/start", 403),
    ("GET /sign-in/callback", "/sign-in/callback?code=a&state=b", 403),
    // There are no people of the demo where there is a provider.
    ("POST /sign-in/demo", "/sign-in/demo", 404),
    ("POST /sign-out", "/sign-out", 200),
    ("GET /assets/{name}", "/assets/nothing.css", 404),
    ("GET /healthz", "/healthz", 200),
    ("GET /readyz", "/readyz", 200),
];

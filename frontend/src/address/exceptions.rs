//! The addresses of exceptions.

use postern_domain::id::{EvidenceFileId, ExceptionId, FindingId, RuleId};
use postern_domain::moment;
use postern_service::view::{Adoption, ExceptionTab};
use time::{Duration, OffsetDateTime, UtcOffset};

use super::{AS_OF, connection_href, href};

/// The list, and where a request is sent.
pub const EXCEPTIONS: &str = "/exceptions";
/// The form for a request.
pub const NEW_EXCEPTION: &str = "/exceptions/new";
/// Where a request is checked before it is sent.
pub const CHECK_EXCEPTION: &str = "/exceptions/check";
/// Azure Policy's exemptions beside the exceptions.
pub const AZURE: &str = "/exceptions/azure";
/// Where several requests are decided.
pub const SEVERAL: &str = "/exceptions/several";
/// The key of a request that is decided with others; it repeats.
pub const EXCEPTION: &str = "exception";
/// The key of a finding that a request is for; it repeats.
pub const FINDING: &str = "finding";

/// The address of an exception's page, as of a moment or of now.
pub fn exception_href(id: ExceptionId, as_of: Option<OffsetDateTime>) -> String {
    connection_href(&format!("{EXCEPTIONS}/{id}"), None, as_of)
}

/// The address of something that can be done to an exception, such as `revoke`.
pub fn exception_act_href(id: ExceptionId, act: &str) -> String {
    format!("{EXCEPTIONS}/{id}/{act}")
}

/// The address of a tab of the list.
pub fn exceptions_href(
    connection: &str,
    tab: ExceptionTab,
    as_of: Option<OffsetDateTime>,
) -> String {
    let as_of = as_of.map(moment::short);
    let tab = (tab != ExceptionTab::default()).then(|| tab.as_str());
    let pairs: Vec<_> = [("connection", Some(connection)), ("tab", tab), (AS_OF, as_of.as_deref())]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    href(EXCEPTIONS, &pairs)
}

/// The address of the form for a request about these findings.
pub fn ask_href(findings: &[FindingId]) -> String {
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let pairs: Vec<_> = findings.iter().map(|finding| (FINDING, finding.as_str())).collect();
    href(NEW_EXCEPTION, &pairs)
}

/// The address of a file of an exception.
pub fn evidence_file_href(id: ExceptionId, file: EvidenceFileId) -> String {
    format!("{EXCEPTIONS}/{id}/files/{file}")
}

/// The address of the form for a request that says what an exemption of Azure Policy says.
pub fn adopt_href(connection: &str, rule: &RuleId, adoption: &Adoption) -> String {
    let (scope, within) = adoption.scope.words();
    let until = adoption.until.and_then(|until| until.checked_sub(Duration::NANOSECOND));
    let until = until.map(|until| until.to_offset(UtcOffset::UTC).date().to_string());
    let pairs = [
        ("connection", connection),
        ("rule", rule.as_str()),
        ("scope", scope),
        ("in", within),
        ("kind", adoption.reason.as_str()),
        ("why", &adoption.justification),
        ("until", until.as_deref().unwrap_or_default()),
    ];
    href(NEW_EXCEPTION, &pairs)
}

/// The address of the form for a request about a rule and a scope.
pub fn ask_standing_href(connection: &str, rule: &str, scope: &str, within: &str) -> String {
    let pairs = [("connection", connection), ("rule", rule), ("scope", scope), ("in", within)];
    href(NEW_EXCEPTION, &pairs)
}

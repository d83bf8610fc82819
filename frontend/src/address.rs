//! Addresses: the query string is the state of a page, read by hand because a form repeats its keys.

mod admin;
mod exceptions;
mod findings;
mod frameworks;
mod resources;
mod rules;
mod trend;

pub use admin::{
    ADMIN, CONNECTIONS, DONE, EDIT_POLICY, EDIT_TEAMS, EXPORT_DECISIONS, NEW_TOKEN, NOTIFICATIONS,
    PEOPLE, POLICY, PREVIEW_RETENTION, RETRY, REVOKE_TOKEN, SCHEDULE, SIGN_OUT, STORAGE, TEAMS,
    TOKENS, VERIFY,
};
pub use exceptions::{
    AZURE, CHECK_EXCEPTION, EXCEPTION, EXCEPTIONS, FINDING, NEW_EXCEPTION, SEVERAL, adopt_href,
    ask_href, ask_standing_href, evidence_file_href, exception_act_href, exception_href,
    exceptions_href,
};
pub use findings::{
    COUNT_FINDINGS, FINDINGS, FindingsAddress, SELECT, VIEW, VIEWS, findings_href, list_file_href,
    list_query, of_view, owner_word, read_findings, ticked_href, view_act_href, view_query,
};
pub use frameworks::{
    FRAMEWORKS, FrameworkAddress, KIND, STATUS, control_href, framework_href, read_framework,
};
pub use resources::{
    COUNT_RESOURCES, DIFF_FROM, DIFF_UNTIL, NO_REGION, RESOURCE_LIMITS, RESOURCES, read_comparison,
    read_resources, region_word, resource_href, resources_href,
};
pub use rules::{COMPARE, PACKS, RULES, RulesAddress, read_rules, rule_href, rules_href};
pub use trend::{TREND, of_word, read_trend, trend_href};

use postern_domain::id::FindingId;
use postern_domain::moment;
use time::OffsetDateTime;

/// The path of the search.
pub const SEARCH: &str = "/search";

/// What a text leads to, for [`crate::Palette`].
pub const SUGGEST: &str = "/search/suggest";

/// The key of the moment that a page is as of.
pub const AS_OF: &str = "as_of";

/// The address of a page with its query string: pairs are written in the order given.
pub fn href(path: &str, pairs: &[(&str, &str)]) -> String {
    if pairs.is_empty() {
        return path.to_owned();
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (key, value) in pairs {
        query.append_pair(key, value);
    }
    format!("{path}?{}", query.finish())
}

/// The address of a page that shows one connection, as of a moment or of now.
pub fn connection_href(
    path: &str,
    connection: Option<&str>,
    as_of: Option<OffsetDateTime>,
) -> String {
    let as_of = as_of.map(moment::short);
    let pairs: Vec<_> = connection
        .map(|slug| ("connection", slug))
        .into_iter()
        .chain(as_of.as_deref().map(|moment| (AS_OF, moment)))
        .collect();
    href(path, &pairs)
}

/// The address of a finding's page, as of a moment or of now.
pub fn finding_href(id: FindingId, as_of: Option<OffsetDateTime>) -> String {
    connection_href(&format!("/findings/{id}"), None, as_of)
}

/// The pairs of a query string, decoded; pairs with an empty value are left out, as an empty field sends them.
pub fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .into_owned()
        .filter(|(_, value)| !value.trim().is_empty())
        .collect()
}

/// Adds a value to a filter, once.
fn add<T: PartialEq>(list: &mut Vec<T>, value: T) -> bool {
    if !list.contains(&value) {
        list.push(value);
    }
    true
}

/// The last value of a key.
pub fn value<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

//! The address of the findings list: filters in, filters out.

use postern_domain::arm::AssetType;
use postern_domain::id::ViewId;
use postern_domain::moment;
use postern_domain::team::TeamId;
use postern_service::report::ReportFormat;
use postern_service::view::{FindingGrouping, FindingQuery, FindingStatus};

use super::{AS_OF, DONE, add, href, pairs};

/// The list.
pub const FINDINGS: &str = "/findings";
/// What the fields of its filters let through, for [`crate::FacetSearch`].
pub const COUNT_FINDINGS: &str = "/findings/counts";
/// Where all findings that match are chosen.
pub const SELECT: &str = "/findings/selection";
/// Where views of the list are saved.
pub const VIEWS: &str = "/views";
/// The key of the view that a list began with.
pub const VIEW: &str = "view";
/// The key that says which findings are ticked.
const TICK: &str = "tick";
/// Those of the page.
const TICK_PAGE: &str = "page";
/// Rows on a page where the address does not say.
pub const DEFAULT_LIMIT: u32 = 50;
/// The word for a list that is not summed up by anything.
const UNGROUPED: &str = "none";
/// What says what a list holds.
const EXPLICIT: [&str; 9] =
    ["status", "sev", "topic", "type", "owner", "rule", "resource", "q", "group"];
/// The page sizes on offer.
pub const LIMITS: [u32; 4] = [25, 50, 100, 200];

/// What an address asks for, and what in it was not understood.
#[derive(Debug, PartialEq, Eq)]
pub struct FindingsAddress {
    /// The list asked for.
    pub query: FindingQuery,
    /// Whether it says of itself what the list holds, so that a view does not.
    pub is_explicit: bool,
    /// Whether the findings of the page are ticked.
    pub is_ticked: bool,
    /// What was ignored, as `key` or `key=value`, in order.
    pub ignored: Vec<String>,
}

/// Reads the query string of the findings list; what it does not know is named, never fatal.
pub fn read_findings(text: Option<&str>) -> FindingsAddress {
    let mut query = FindingQuery { limit: DEFAULT_LIMIT, ..FindingQuery::default() };
    let mut ignored = Vec::new();
    let mut is_ticked = false;
    let mut is_explicit = false;
    for (key, value) in pairs(text) {
        let value = value.trim();
        is_explicit |= EXPLICIT.contains(&key.as_str());
        let known = match key.as_str() {
            "connection" => set(&mut query.connection, value.to_owned()),
            "status" => FindingStatus::ALL
                .iter()
                .find(|status| status.as_str() == value)
                .is_some_and(|status| {
                    query.status = *status;
                    true
                }),
            "sev" => value.parse().is_ok_and(|severity| add(&mut query.severities, severity)),
            "topic" => value.parse().is_ok_and(|topic| add(&mut query.topics, topic)),
            "type" => add(&mut query.asset_types, AssetType::new(value)),
            "owner" if value == TeamId::NOBODY => add(&mut query.owners, None),
            "owner" => value.parse().is_ok_and(|team| add(&mut query.owners, Some(team))),
            "rule" => value.parse().is_ok_and(|rule| set(&mut query.rule, rule)),
            "resource" => value.parse().is_ok_and(|it| set(&mut query.resource, it)),
            "group" if value == UNGROUPED => {
                query.group = None;
                true
            }
            "group" => FindingGrouping::ALL
                .iter()
                .find(|group| group.as_str() == value)
                .is_some_and(|group| set(&mut query.group, *group)),
            "q" => set(&mut query.text, value.to_owned()),
            AS_OF => moment::parse(value).is_ok_and(|at| set(&mut query.as_of, at)),
            VIEW => set(&mut query.view, value.to_owned()),
            // What was just done is for the notice alone.
            DONE => true,
            TICK => {
                is_ticked = value == TICK_PAGE;
                is_ticked
            }
            "after" => set(&mut query.after, value.to_owned()),
            "limit" => {
                value.parse().ok().filter(|limit| LIMITS.contains(limit)).is_some_and(|limit| {
                    query.limit = limit;
                    true
                })
            }
            _ => {
                ignored.push(key);
                continue;
            }
        };
        if !known {
            ignored.push(format!("{key}={value}"));
        }
    }
    FindingsAddress { query, is_explicit, is_ticked, ignored }
}

/// The word that addresses have for whose an asset is.
pub fn owner_word(owner: Option<&TeamId>) -> &str {
    owner.map_or(TeamId::NOBODY, TeamId::as_str)
}

pub(super) fn set<T>(field: &mut Option<T>, value: T) -> bool {
    *field = Some(value);
    true
}

/// The address of a findings list; what is as by default is left out, so that one list has one address.
pub fn findings_href(query: &FindingQuery) -> String {
    let limit = query.limit.to_string();
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    pairs.extend(query.connection.as_deref().map(|slug| ("connection", slug)));
    pairs.extend(query.view.as_deref().map(|slug| (VIEW, slug)));
    // With a view, an address without any filter is that of the view itself.
    if query.view.is_some() || query.status != FindingStatus::default() {
        pairs.push(("status", query.status.as_str()));
    }
    pairs.extend(query.severities.iter().map(|severity| ("sev", severity.as_str())));
    pairs.extend(query.topics.iter().map(|topic| ("topic", topic.as_str())));
    pairs.extend(query.asset_types.iter().map(|asset_type| ("type", asset_type.as_str())));
    pairs.extend(query.owners.iter().map(|owner| ("owner", owner_word(owner.as_ref()))));
    pairs.extend(query.rule.as_ref().map(|rule| ("rule", rule.as_str())));
    let resource = query.resource.map(|number| number.to_string());
    pairs.extend(resource.as_deref().map(|number| ("resource", number)));
    pairs.extend(query.text.as_deref().map(|text| ("q", text)));
    pairs.extend(query.group.map(|group| ("group", group.as_str())));
    let as_of = query.as_of.map(moment::short);
    pairs.extend(as_of.as_deref().map(|moment| (AS_OF, moment)));
    if query.limit != DEFAULT_LIMIT && query.limit != 0 {
        pairs.push(("limit", &limit));
    }
    pairs.extend(query.after.as_deref().map(|cursor| ("after", cursor)));
    href(FINDINGS, &pairs)
}

/// What a saved view keeps of a list: what it holds, whatever the connection, the moment and the page.
pub fn view_query(query: &FindingQuery) -> String {
    list_query(&FindingQuery {
        connection: None,
        view: None,
        as_of: None,
        after: None,
        limit: DEFAULT_LIMIT,
        ..query.clone()
    })
}

/// The list that a view stands for, of the connection, the moment and the page that an address asks for.
pub fn of_view(view: &str, asked: FindingQuery) -> FindingQuery {
    FindingQuery {
        connection: asked.connection,
        view: asked.view,
        as_of: asked.as_of,
        after: asked.after,
        limit: asked.limit,
        ..read_findings(Some(view)).query
    }
}

/// Where a saved view is changed.
pub fn view_act_href(id: ViewId) -> String {
    format!("{VIEWS}/{id}")
}

/// The query string of a list, to be read again with [`read_findings`].
pub fn list_query(query: &FindingQuery) -> String {
    let href = findings_href(query);
    href.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
}

/// The file of all that a list holds.
pub fn list_file_href(query: &FindingQuery, format: ReportFormat) -> String {
    let list = list_query(&FindingQuery {
        after: None,
        group: None,
        limit: DEFAULT_LIMIT,
        ..query.clone()
    });
    let path = format!("{FINDINGS}.{}", format.ending());
    if list.is_empty() { path } else { format!("{path}?{list}") }
}

/// The same page of a list with every finding ticked that can be.
pub fn ticked_href(query: &FindingQuery) -> String {
    let page = findings_href(query);
    let begins = if page.contains('?') { '&' } else { '?' };
    format!("{page}{begins}{TICK}={TICK_PAGE}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, address: &str, ignored: &[&str]) {
        let read = read_findings(Some(text));
        assert_eq!(findings_href(&read.query), address, "{text}");
        assert_eq!(read.ignored, ignored, "{text}");
    }

    #[test]
    fn an_address_is_read_and_written_back() {
        check("", "/findings", &[]);
        check("sev=critical&sev=high", "/findings?sev=critical&sev=high", &[]);
        check("sev=high&sev=high&q=", "/findings?sev=high", &[]);
        check("owner=none&owner=nlp", "/findings?owner=none&owner=nlp", &[]);
        check("q=a+b%26c", "/findings?q=a+b%26c", &[]);
        check("resource=R-12&q=x", "/findings?resource=R-12&q=x", &[]);
        check("group=rule&sev=low", "/findings?sev=low&group=rule", &[]);
        check("group=none", "/findings", &[]);
        check("as_of=2026-03-31&sev=low", "/findings?sev=low&as_of=2026-03-31", &[]);
        check(
            "limit=25&after=x%2Fy&status=unknown&connection=demo&rule=NET-01&topic=data",
            "/findings?connection=demo&status=unknown&topic=data&rule=NET-01&limit=25&after=x%2Fy",
            &[],
        );
        check(
            "type=Microsoft.Search/searchServices",
            "/findings?type=microsoft.search%2Fsearchservices",
            &[],
        );
    }

    #[test]
    fn a_list_is_explicit_where_it_says_what_it_holds() {
        for (text, is_explicit) in [
            ("view=a-1", false),
            ("view=a-1&as_of=2026-03-31&limit=25&after=x&connection=demo&done=saved-V-1", false),
            ("view=a-1&status=open", true),
            ("view=a-1&sev=&q=", false),
        ] {
            assert_eq!(read_findings(Some(text)).is_explicit, is_explicit, "{text}");
        }
        check("view=a-1", "/findings?view=a-1&status=open", &[]);
        let asked = read_findings(Some("view=a-1&connection=demo&limit=25")).query;
        let query = of_view("sev=low&group=rule", asked);
        let href = "/findings?connection=demo&view=a-1&status=open&sev=low&group=rule&limit=25";
        assert_eq!(findings_href(&query), href);
        assert_eq!(view_query(&query), "sev=low&group=rule");
    }

    #[test]
    fn what_is_not_understood_is_named() {
        check("as_of=yesterday", "/findings", &["as_of=yesterday"]);
        check("sev=extreme&holder=nlp", "/findings", &["sev=extreme", "holder"]);
        check("owner=N%20P", "/findings", &["owner=N P"]);
        check(
            "limit=7&status=closed&rule=a%20b&group=topic",
            "/findings",
            &["limit=7", "status=closed", "rule=a b", "group=topic"],
        );
    }
}

//! The address of the resources list and of each resource: filters in, filters out.

use postern_domain::arm::AssetType;
use postern_domain::id::{AssetNumber, ScanId};
use postern_domain::moment;
use postern_domain::team::TeamId;
use postern_service::view::{ResourceOrder, ResourceQuery, ResourceStatus};
use time::OffsetDateTime;

use super::add;
use super::findings::{owner_word, set};
use super::{AS_OF, connection_href, href, pairs, value};

/// The list.
pub const RESOURCES: &str = "/resources";
/// What the fields of its filters let through, for [`crate::FacetSearch`].
pub const COUNT_RESOURCES: &str = "/resources/counts";
/// The key of two scans to compare a resource after, as `S-1..S-2`.
const DIFF: &str = "diff";
/// The key of the first of them, as a form sends it.
pub const DIFF_FROM: &str = "diff_from";
/// The key of the second.
pub const DIFF_UNTIL: &str = "diff_until";
/// The word for resources without a region.
pub const NO_REGION: &str = "none";
/// Rows on a page where the address does not say.
const DEFAULT_LIMIT: u32 = 50;
/// The page sizes on offer.
pub const RESOURCE_LIMITS: [u32; 3] = [25, 50, 100];

/// What an address asks for, and what in it was not understood.
#[derive(Debug, PartialEq, Eq)]
pub struct ResourcesAddress {
    /// The list asked for.
    pub query: ResourceQuery,
    /// What was ignored, as `key` or `key=value`, in order.
    pub ignored: Vec<String>,
}

/// Reads the query string of the resources list; what it does not know is named, never fatal.
pub fn read_resources(text: Option<&str>) -> ResourcesAddress {
    let mut query = ResourceQuery { limit: DEFAULT_LIMIT, ..ResourceQuery::default() };
    let mut ignored = Vec::new();
    for (key, value) in pairs(text) {
        let value = value.trim();
        let known = match key.as_str() {
            "connection" => set(&mut query.connection, value.to_owned()),
            "status" => {
                let found = ResourceStatus::ALL.iter().find(|status| status.as_str() == value);
                found.is_some_and(|status| add(&mut query.statuses, *status))
            }
            "type" => add(&mut query.asset_types, AssetType::new(value)),
            "owner" if value == TeamId::NOBODY => add(&mut query.owners, None),
            "owner" => value.parse().is_ok_and(|team| add(&mut query.owners, Some(team))),
            "sub" => add(&mut query.subscriptions, value.to_ascii_lowercase()),
            "region" if value == NO_REGION => add(&mut query.regions, String::new()),
            "region" => add(&mut query.regions, value.to_lowercase()),
            "q" => set(&mut query.text, value.to_owned()),
            "sort" => {
                let found = ResourceOrder::ALL.iter().find(|order| order.as_str() == value);
                found.is_some_and(|order| {
                    query.order = *order;
                    true
                })
            }
            AS_OF => moment::parse(value).is_ok_and(|at| set(&mut query.as_of, at)),
            "after" => set(&mut query.after, value.to_owned()),
            "limit" => {
                let limit = value.parse().ok().filter(|limit| RESOURCE_LIMITS.contains(limit));
                limit.is_some_and(|limit| {
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
    ResourcesAddress { query, ignored }
}

/// The word that addresses have for a region; empty text is none.
pub fn region_word(region: &str) -> &str {
    if region.is_empty() { NO_REGION } else { region }
}

/// The address of a resources list; what is as by default is left out, so that one list has one address.
pub fn resources_href(query: &ResourceQuery) -> String {
    let limit = query.limit.to_string();
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    pairs.extend(query.connection.as_deref().map(|slug| ("connection", slug)));
    pairs.extend(query.statuses.iter().map(|status| ("status", status.as_str())));
    pairs.extend(query.asset_types.iter().map(|asset_type| ("type", asset_type.as_str())));
    pairs.extend(query.owners.iter().map(|owner| ("owner", owner_word(owner.as_ref()))));
    pairs.extend(query.subscriptions.iter().map(|id| ("sub", id.as_str())));
    pairs.extend(query.regions.iter().map(|region| ("region", region_word(region))));
    pairs.extend(query.text.as_deref().map(|text| ("q", text)));
    if query.order != ResourceOrder::default() {
        pairs.push(("sort", query.order.as_str()));
    }
    let as_of = query.as_of.map(moment::short);
    pairs.extend(as_of.as_deref().map(|moment| (AS_OF, moment)));
    if query.limit != DEFAULT_LIMIT && query.limit != 0 {
        pairs.push(("limit", &limit));
    }
    pairs.extend(query.after.as_deref().map(|cursor| ("after", cursor)));
    href(RESOURCES, &pairs)
}

/// The two scans to compare a resource after; `None` where the address does not name two.
pub fn read_comparison(text: Option<&str>) -> Option<(ScanId, ScanId)> {
    let pairs = pairs(text);
    let parsed = |text: &str| text.trim().parse::<ScanId>().ok();
    if let Some((one, other)) = value(&pairs, DIFF).and_then(|both| both.split_once("..")) {
        return Some((parsed(one)?, parsed(other)?));
    }
    let of = |key| value(&pairs, key).and_then(parsed);
    Some((of(DIFF_FROM)?, of(DIFF_UNTIL)?))
}

/// The address of a resource's page, as of a moment or of now.
pub fn resource_href(number: AssetNumber, as_of: Option<OffsetDateTime>) -> String {
    connection_href(&format!("{RESOURCES}/{number}"), None, as_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, address: &str, ignored: &[&str]) {
        let read = read_resources(Some(text));
        assert_eq!(resources_href(&read.query), address, "{text}");
        assert_eq!(read.ignored, ignored, "{text}");
    }

    #[test]
    fn an_address_is_read_and_written_back() {
        check("", "/resources", &[]);
        check("limit=50&sort=severity", "/resources", &[]);
        check(
            "status=failing&status=unread&status=failing",
            "/resources?status=failing&status=unread",
            &[],
        );
        check(
            "region=none&region=West+Europe&sub=AAAA&owner=none&owner=nlp",
            "/resources?owner=none&owner=nlp&sub=aaaa&region=none&region=west+europe",
            &[],
        );
        check(
            "q=a+b%26c&sort=name&limit=25&after=x&as_of=2026-03-31&connection=demo",
            "/resources?connection=demo&q=a+b%26c&sort=name&as_of=2026-03-31&limit=25&after=x",
            &[],
        );
        check(
            "type=Microsoft.Search/searchServices",
            "/resources?type=microsoft.search%2Fsearchservices",
            &[],
        );
    }

    #[test]
    fn two_scans_are_read_as_one_word_and_as_a_form_sends_them() {
        let (one, other) = (ScanId::from_number(3), ScanId::from_number(12));
        for text in ["diff=S-3..S-12", "diff_from=S-3&diff_until=S-12"] {
            assert_eq!(read_comparison(Some(text)), Some((one, other)), "{text}");
        }
        for text in ["", "diff=S-3", "diff=3..12", "diff=S-3..S-12..S-4", "diff_from=S-3"] {
            assert_eq!(read_comparison(Some(text)), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        check("as_of=yesterday", "/resources", &["as_of=yesterday"]);
        check("status=open&holder=nlp", "/resources", &["status=open", "holder"]);
        check(
            "owner=N%20P&limit=200&sort=age",
            "/resources",
            &["owner=N P", "limit=200", "sort=age"],
        );
    }
}

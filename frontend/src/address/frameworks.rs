//! Addresses of frameworks and their controls.

use postern_domain::framework::{ControlId, ControlKind, ControlStatus, FrameworkId};
use postern_domain::moment;
use postern_service::view::ControlQuery;
use time::OffsetDateTime;

use super::{AS_OF, add, connection_href, href, pairs};

/// The path of the list.
pub const FRAMEWORKS: &str = "/frameworks";

/// The key of filters that say what became of controls.
pub const STATUS: &str = "status";
/// The key of filters that say how controls are assessed.
pub const KIND: &str = "kind";

/// A framework's page: which controls, and which branches of the tree are open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameworkAddress {
    /// The connection's slug.
    pub connection: Option<String>,
    /// The controls.
    pub query: ControlQuery,
    /// The branches that are open, by the ids of groups and of controls that have parts.
    pub open: Vec<String>,
    /// Whether all are.
    pub is_expanded: bool,
}

/// Reads the query string of a framework's page; what it does not know is named, never fatal.
pub fn read_framework(text: Option<&str>) -> (FrameworkAddress, Vec<String>) {
    let mut address = FrameworkAddress::default();
    let mut ignored = Vec::new();
    for (key, value) in pairs(text) {
        let value = value.trim();
        let query = &mut address.query;
        let known = match key.as_str() {
            "connection" => {
                address.connection = Some(value.to_owned());
                true
            }
            STATUS => ControlStatus::ALL
                .into_iter()
                .find(|status| status.as_str() == value)
                .is_some_and(|status| add(&mut query.statuses, status)),
            KIND => ControlKind::ALL
                .into_iter()
                .find(|kind| kind.as_str() == value)
                .is_some_and(|kind| add(&mut query.kinds, kind)),
            "q" => {
                query.text = Some(value.to_owned());
                true
            }
            "open" => add(&mut address.open, value.to_owned()),
            "expand" => {
                address.is_expanded |= value == "all";
                value == "all"
            }
            // The router reads it.
            AS_OF => true,
            _ => {
                ignored.push(key);
                continue;
            }
        };
        if !known {
            ignored.push(format!("{key}={value}"));
        }
    }
    (address, ignored)
}

/// The address of a framework's page, as of a moment or of now.
pub fn framework_href(
    framework: &FrameworkId,
    address: &FrameworkAddress,
    as_of: Option<OffsetDateTime>,
) -> String {
    let as_of = as_of.map(moment::short);
    let query = &address.query;
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    pairs.extend(address.connection.as_deref().map(|slug| ("connection", slug)));
    pairs.extend(query.statuses.iter().map(|status| (STATUS, status.as_str())));
    pairs.extend(query.kinds.iter().map(|kind| (KIND, kind.as_str())));
    pairs.extend(query.text.as_deref().map(|text| ("q", text)));
    if address.is_expanded {
        pairs.push(("expand", "all"));
    }
    pairs.extend(address.open.iter().map(|id| ("open", id.as_str())));
    pairs.extend(as_of.as_deref().map(|moment| (AS_OF, moment)));
    href(&format!("{FRAMEWORKS}/{framework}"), &pairs)
}

/// The address of a control's page.
pub fn control_href(
    framework: &FrameworkId,
    control: &ControlId,
    connection: Option<&str>,
    as_of: Option<OffsetDateTime>,
) -> String {
    let path = format!("{FRAMEWORKS}/{framework}/{}", segment(control.as_str()));
    connection_href(&path, connection, as_of)
}

/// A text as one segment of a path.
fn segment(text: &str) -> String {
    // A form writes a space as a plus sign, and a plus sign otherwise.
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        let framework: FrameworkId = "mcsb-v2".parse().unwrap();
        let check = |text: &str, address: &str, ignored: &[&str]| {
            let (read, not_understood) = read_framework(Some(text));
            assert_eq!(framework_href(&framework, &read, None), address, "{text}");
            assert_eq!(not_understood, ignored, "{text}");
        };
        check("", "/frameworks/mcsb-v2", &[]);
        check(
            "open=AC&status=failing&kind=manual&open=AC-2&status=failing&q=keys&connection=c",
            "/frameworks/mcsb-v2?connection=c&status=failing&kind=manual&q=keys&open=AC&open=AC-2",
            &[],
        );
        check("expand=all", "/frameworks/mcsb-v2?expand=all", &[]);
        check(
            "status=green&kind=&expand=some&hue=1",
            "/frameworks/mcsb-v2",
            &["status=green", "expand=some", "hue"],
        );
    }

    #[test]
    fn any_id_of_a_control_is_one_segment() {
        let framework: FrameworkId = "house".parse().unwrap();
        for (id, path) in [
            ("AC-2(1)", "/frameworks/house/AC-2%281%29"),
            ("GOVERN 1.1", "/frameworks/house/GOVERN%201.1"),
            ("a/b+c?d#e", "/frameworks/house/a%2Fb%2Bc%3Fd%23e"),
        ] {
            assert_eq!(control_href(&framework, &id.parse().unwrap(), None, None), path);
        }
    }
}

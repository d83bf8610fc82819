//! Addresses of rules and packs.

use postern_domain::id::RuleId;
use postern_domain::verdict::{Severity, Topic};
use postern_service::view::RuleQuery;

use super::{add, connection_href, href, pairs};

/// The path of the list of rules.
pub const RULES: &str = "/rules";
/// The path of the packs.
pub const PACKS: &str = "/packs";
/// The path of what another pack would change.
pub const COMPARE: &str = "/packs/compare";

/// A list of rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RulesAddress {
    /// The connection's slug.
    pub connection: Option<String>,
    /// The rules.
    pub query: RuleQuery,
}

/// Reads the query string of the list of rules; what it does not know is named, never fatal.
pub fn read_rules(text: Option<&str>) -> (RulesAddress, Vec<String>) {
    let mut address = RulesAddress::default();
    let mut ignored = Vec::new();
    for (key, value) in pairs(text) {
        let value = value.trim();
        let query = &mut address.query;
        let known = match key.as_str() {
            "connection" => {
                address.connection = Some(value.to_owned());
                true
            }
            "sev" => {
                value.parse::<Severity>().is_ok_and(|severity| add(&mut query.severities, severity))
            }
            "topic" => value.parse::<Topic>().is_ok_and(|topic| add(&mut query.topics, topic)),
            "q" => {
                query.text = Some(value.to_owned());
                true
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
    (address, ignored)
}

/// The address of a list of rules.
pub fn rules_href(address: &RulesAddress) -> String {
    let query = &address.query;
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    pairs.extend(address.connection.as_deref().map(|slug| ("connection", slug)));
    pairs.extend(query.severities.iter().map(|severity| ("sev", severity.as_str())));
    pairs.extend(query.topics.iter().map(|topic| ("topic", topic.as_str())));
    pairs.extend(query.text.as_deref().map(|text| ("q", text)));
    href(RULES, &pairs)
}

/// The address of a rule's page.
pub fn rule_href(rule: &RuleId, connection: Option<&str>) -> String {
    connection_href(&format!("{RULES}/{rule}"), connection, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        let check = |text: &str, address: &str, ignored: &[&str]| {
            let (read, not_understood) = read_rules(Some(text));
            assert_eq!(rules_href(&read), address, "{text}");
            assert_eq!(not_understood, ignored, "{text}");
        };
        check("", "/rules", &[]);
        check(
            "q=key&topic=networking&sev=high&sev=high&connection=c",
            "/rules?connection=c&sev=high&topic=networking&q=key",
            &[],
        );
        check("sev=grave&color=red", "/rules", &["sev=grave", "color"]);
    }
}

//! Addresses of a trend.

use postern_domain::moment;
use postern_domain::team::TeamId;
use postern_service::view::{TrendOf, TrendSelection};
use time::OffsetDateTime;

use super::{AS_OF, href, owner_word, pairs, value};

/// The path of the page.
pub const TREND: &str = "/trend";

const OWNER: &str = "owner:";
const SUBSCRIPTION: &str = "subscription:";

/// What an address says of a trend, and what of it was not understood.
pub fn read_trend(query: Option<&str>) -> (TrendSelection, Vec<String>) {
    let pairs = pairs(query);
    let mut ignored = Vec::new();
    let selection = TrendSelection {
        of: word(&pairs, "of", read_of, &mut ignored).unwrap_or_default(),
        topic: word(&pairs, "topic", |word| word.parse().ok(), &mut ignored),
        rule: word(&pairs, "rule", |word| word.parse().ok(), &mut ignored),
        control: word(&pairs, "control", |word| word.trim().parse().ok(), &mut ignored),
    };
    (selection, ignored)
}

fn word<T>(
    pairs: &[(String, String)],
    key: &str,
    read: impl Fn(&str) -> Option<T>,
    ignored: &mut Vec<String>,
) -> Option<T> {
    let text = value(pairs, key)?;
    let found = read(text);
    if found.is_none() {
        ignored.push(format!("{key}={text}"));
    }
    found
}

fn read_of(word: &str) -> Option<TrendOf> {
    if let Some(id) = word.strip_prefix(SUBSCRIPTION) {
        return Some(TrendOf::Subscription(id.to_lowercase()));
    }
    let owner = word.strip_prefix(OWNER)?;
    if owner == TeamId::NOBODY {
        return Some(TrendOf::Owner(None));
    }
    owner.parse().ok().map(|team| TrendOf::Owner(Some(team)))
}

/// The word that addresses have for whose findings a trend is of; none for all.
pub fn of_word(of: &TrendOf) -> Option<String> {
    match of {
        TrendOf::All => None,
        TrendOf::Subscription(id) => Some(format!("{SUBSCRIPTION}{id}")),
        TrendOf::Owner(owner) => Some(format!("{OWNER}{}", owner_word(owner.as_ref()))),
    }
}

/// The address of a trend, in the range of this word.
pub fn trend_href(
    connection: &str,
    selection: &TrendSelection,
    range: Option<&str>,
    as_of: Option<OffsetDateTime>,
) -> String {
    let pairs = [
        ("connection", Some(connection.to_owned())),
        ("of", of_word(&selection.of)),
        ("topic", selection.topic.map(|topic| topic.as_str().to_owned())),
        ("rule", selection.rule.as_ref().map(ToString::to_string)),
        ("control", selection.control.as_ref().map(ToString::to_string)),
        ("range", range.map(str::to_owned)),
        (AS_OF, as_of.map(moment::short)),
    ];
    let pairs: Vec<(&str, &str)> =
        pairs.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?))).collect();
    href(TREND, &pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        let check = |query: &str, address: &str, not_understood: &[&str]| {
            let (selection, ignored) = read_trend(Some(query));
            assert_eq!(trend_href("c", &selection, None, None), address, "{query}");
            assert_eq!(ignored, not_understood, "{query}");
        };
        check("", "/trend?connection=c", &[]);
        check("of=owner:nlp&topic=", "/trend?connection=c&of=owner%3Anlp", &[]);
        check("of=owner:none", "/trend?connection=c&of=owner%3Anone", &[]);
        check("of=subscription:AB-1", "/trend?connection=c&of=subscription%3Aab-1", &[]);
        check(
            "topic=networking&rule=NET-01&control=owasp-llm-2025:LLM01:2025",
            "/trend?connection=c&topic=networking&rule=NET-01&control=owasp-llm-2025%3ALLM01%3A2025",
            &[],
        );
        check(
            "of=everyone&topic=weather&control=AC-2",
            "/trend?connection=c",
            &["of=everyone", "topic=weather", "control=AC-2"],
        );
    }
}

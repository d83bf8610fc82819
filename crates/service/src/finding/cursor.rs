//! Cursors: where a page of findings begins, as a word for addresses.

use postern_domain::canonical;
use postern_domain::id::{ConnectionId, FindingId};
use postern_domain::moment;
use postern_store::read::finding::FindingKey;
use serde_json::json;
use time::OffsetDateTime;

use crate::view::{FindingGrouping, FindingQuery};

/// The ranks of severities: 0 critical … 3 low.
const LOWEST_RANK: i16 = 3;

/// Writes the cursor of the page after `key`: the sort key, and which list it is a place in.
pub(super) fn encode(key: FindingKey, list: &str) -> String {
    let micros = key.opened_at.unix_timestamp_nanos() / 1_000;
    format!("{:x}-{:x}-{:x}-{list}", key.severity_rank, micros, key.id.number())
}

/// Reads a cursor; `None` for one of another list and for what is no cursor, so that the list begins at its start.
pub(super) fn decode(text: &str, list: &str) -> Option<FindingKey> {
    let mut parts = text.split('-');
    let rank = i16::from_str_radix(parts.next()?, 16).ok()?;
    let micros = i64::from_str_radix(parts.next()?, 16).ok()?;
    let id = i64::from_str_radix(parts.next()?, 16).ok()?;
    if parts.next()? != list || parts.next().is_some() {
        return None;
    }
    let is_key = (0..=LOWEST_RANK).contains(&rank) && micros >= 0 && id > 0;
    let opened_at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()?;
    is_key.then_some(FindingKey { severity_rank: rank, opened_at, id: FindingId::from_number(id) })
}

/// Names the list that a query asks for, whatever page and however many rows of it.
pub(super) fn list_name(connection: ConnectionId, query: &FindingQuery) -> String {
    let mut severities = query.severities.clone();
    severities.sort();
    let mut topics = query.topics.clone();
    topics.sort();
    let mut asset_types = query.asset_types.clone();
    asset_types.sort();
    let mut owners = query.owners.clone();
    owners.sort();
    let list = json!({
        "connection": connection,
        "status": query.status.as_str(),
        "severities": severities,
        "topics": topics,
        "asset_types": asset_types,
        "owners": owners,
        "rule": query.rule,
        "resource": query.resource,
        "text": query.text,
        "group": query.group.map(FindingGrouping::as_str),
        "as_of": query.as_of.map(moment::text),
    });
    canonical::digest(&list).short()
}

#[cfg(test)]
mod tests {
    use postern_domain::verdict::Severity;
    use proptest::prelude::*;

    use super::*;

    fn key() -> impl Strategy<Value = FindingKey> {
        // Postgres keeps microseconds, so a key never has more.
        (0..=LOWEST_RANK, 0..=253_402_300_799_999_999_i64, 1..=i64::MAX).prop_map(
            |(severity_rank, micros, id)| FindingKey {
                severity_rank,
                opened_at: OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
                    .unwrap(),
                id: FindingId::from_number(id),
            },
        )
    }

    proptest! {
        #[test]
        fn a_cursor_reads_back_in_its_own_list_alone(key in key()) {
            let connection = ConnectionId::from_number(1);
            let list = list_name(connection, &FindingQuery::default());
            let critical = FindingQuery { severities: vec![Severity::Critical], ..FindingQuery::default() };
            let text = encode(key, &list);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{}", text);
            prop_assert_eq!(decode(&text, &list), Some(key));
            prop_assert_eq!(decode(&text, &list_name(connection, &critical)), None);
            prop_assert_eq!(decode(&text, &list_name(ConnectionId::from_number(2), &FindingQuery::default())), None);
        }

        #[test]
        fn what_is_no_cursor_is_none_and_never_a_panic(text in ".{0,80}") {
            prop_assert_eq!(decode(&text, "0123456789ab"), None);
        }
    }

    #[test]
    fn numbers_out_of_range_are_no_cursor() {
        for wrong in [
            "4-0-1-l",
            "-1-0-1-l",
            "0-0-0-l",
            "0-7fffffffffffffff-1-l",
            "0-0-1",
            "0-0-1-l-",
            "0-+0-1-m",
        ] {
            assert_eq!(decode(wrong, "l"), None, "{wrong}");
        }
        assert!(decode("0-0-1-l", "l").is_some());
    }

    #[test]
    fn the_page_size_and_the_order_of_filters_do_not_change_the_list() {
        let connection = ConnectionId::from_number(1);
        let one = FindingQuery {
            severities: vec![Severity::High, Severity::Low],
            limit: 10,
            ..FindingQuery::default()
        };
        let other = FindingQuery {
            severities: vec![Severity::Low, Severity::High],
            limit: 20,
            after: Some("x".into()),
            ..FindingQuery::default()
        };
        assert_eq!(list_name(connection, &one), list_name(connection, &other));
    }
}

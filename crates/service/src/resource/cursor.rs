//! Cursors: where a page of resources begins, as a word for addresses.

use postern_domain::canonical;
use postern_domain::id::ConnectionId;
use postern_domain::moment;
use serde_json::json;

use super::filter::Place;
use crate::view::ResourceQuery;

/// Ranks are those of severities, and one after them.
const LOWEST_RANK: u8 = 4;

/// Writes the cursor of the page after a place, and which list it is a place in.
pub(super) fn encode(place: &Place, list: &str) -> String {
    let digits = |byte: u8| {
        [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
    };
    let name: String = place.name.bytes().flat_map(digits).collect();
    format!("{:x}-{:x}-{list}-{name}", place.rank, place.number)
}

/// Reads a cursor; `None` for one of another list and for what is no cursor, so that the list begins at its start.
pub(super) fn decode(text: &str, list: &str) -> Option<Place> {
    let mut parts = text.split('-');
    let rank = u8::from_str_radix(parts.next()?, 16).ok().filter(|rank| *rank <= LOWEST_RANK)?;
    let number = i64::from_str_radix(parts.next()?, 16).ok().filter(|number| *number > 0)?;
    if parts.next()? != list {
        return None;
    }
    let digits = parts.next()?;
    if parts.next().is_some() || !digits.is_ascii() || digits.len() % 2 != 0 {
        return None;
    }
    let byte = |place: usize| u8::from_str_radix(digits.get(place..place + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect::<Option<_>>()?;
    Some(Place { rank, number, name: String::from_utf8(bytes).ok()? })
}

/// Names the list that a query asks for, whatever page and however many rows of it.
pub(super) fn list_name(connection: ConnectionId, query: &ResourceQuery) -> String {
    fn sorted<T: Ord + Clone>(values: &[T]) -> Vec<T> {
        let mut values = values.to_vec();
        values.sort();
        values
    }
    let statuses: Vec<&str> = query.statuses.iter().map(|status| status.as_str()).collect();
    let list = json!({
        "connection": connection,
        "statuses": sorted(&statuses),
        "asset_types": sorted(&query.asset_types),
        "owners": sorted(&query.owners),
        "subscriptions": sorted(&query.subscriptions),
        "regions": sorted(&query.regions),
        "text": query.text,
        "order": query.order.as_str(),
        "as_of": query.as_of.map(moment::text),
    });
    canonical::digest(&list).short()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::view::ResourceOrder;

    proptest! {
        #[test]
        fn a_cursor_reads_back_in_its_own_list_alone(rank in 0..=LOWEST_RANK, number in 1..=i64::MAX, name in ".{0,40}") {
            let place = Place { rank, name, number };
            let connection = ConnectionId::from_number(1);
            let list = list_name(connection, &ResourceQuery::default());
            let by_name = ResourceQuery { order: ResourceOrder::Name, ..ResourceQuery::default() };
            let text = encode(&place, &list);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{}", text);
            prop_assert_eq!(decode(&text, &list), Some(place));
            prop_assert_eq!(decode(&text, &list_name(connection, &by_name)), None);
            let other = list_name(ConnectionId::from_number(2), &ResourceQuery::default());
            prop_assert_eq!(decode(&text, &other), None);
        }

        #[test]
        fn what_is_no_cursor_is_none_and_never_a_panic(text in ".{0,80}") {
            prop_assert_eq!(decode(&text, "0123456789ab"), None);
        }
    }

    #[test]
    fn what_is_out_of_range_or_cut_is_no_cursor() {
        for wrong in [
            "5-1-l-61",
            "0-0-l-61",
            "0-1-l",
            "0-1-l-6",
            "0-1-l-zz",
            "0-1-l-ff",
            "0-1-l-61-",
            "0-1-m-61",
        ] {
            assert_eq!(decode(wrong, "l"), None, "{wrong}");
        }
        assert!(decode("0-1-l-61", "l").is_some());
    }
}

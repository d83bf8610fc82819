//! IP addresses and prefixes in firewall rules.

use std::net::IpAddr;

use postern_rules_sdk::AssetContext;

/// The shortest prefix that passes unless the pack's setting `minimumPrefixLength` says otherwise.
///
/// /8 is the largest block that a single organisation holds; anything wider is somebody else's network too.
const MINIMUM_PREFIX_LENGTH: u64 = 8;

/// The shortest prefix that an organisation agrees to, in bits.
pub fn minimum_prefix_length(asset: &AssetContext) -> u64 {
    asset
        .setting("minimumPrefixLength")
        .and_then(postern_rules_sdk::Value::as_u64)
        .unwrap_or(MINIMUM_PREFIX_LENGTH)
}

/// The prefix length of an address (`200.0.0.1`) or a range (`10.0.0.0/8`); `None` where it is neither.
pub fn prefix_length(text: &str) -> Option<u64> {
    let (address, length) = match text.trim().split_once('/') {
        Some((address, length)) => (address, Some(length.parse::<u64>().ok()?)),
        None => (text.trim(), None),
    };
    let widest = match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    };
    let length = length.unwrap_or(widest);
    (length <= widest).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_ranges_have_a_prefix_length() {
        for (text, expected) in [
            ("0.0.0.0/0", Some(0)),
            ("::/0", Some(0)),
            ("10.0.0.0/8", Some(8)),
            ("200.0.0.1", Some(32)),
            (" 123.4.6.0/18 ", Some(18)),
            ("2001:db8::1", Some(128)),
            ("10.0.0.0/33", None),
            ("10.0.0/8", None),
            ("office", None),
            ("", None),
        ] {
            assert_eq!(prefix_length(text), expected, "{text}");
        }
    }
}

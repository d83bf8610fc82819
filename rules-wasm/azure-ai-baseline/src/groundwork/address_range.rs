//! IP addresses and prefixes in firewall rules.

use std::net::IpAddr;

use postern_rules_sdk::AssetContext;

use super::settings::MINIMUM_PREFIX_LENGTH;

/// The shortest prefix that an organisation agrees to, in bits.
pub fn minimum_prefix_length(asset: &AssetContext<'_>) -> u64 {
    u64::try_from(asset.integer_setting(&MINIMUM_PREFIX_LENGTH)).unwrap_or_default()
}

/// The prefix length of an address (`200.0.0.1`) or a range (`10.0.0.0/8`); `None` where it is neither.
pub fn prefix_length(text: &str) -> Option<u64> {
    address_and_length(text).map(|(_, length)| length)
}

/// Likewise, with the address.
pub fn address_and_length(text: &str) -> Option<(IpAddr, u64)> {
    let (address, length) = match text.trim().split_once('/') {
        Some((address, length)) => (address, Some(length.parse::<u64>().ok()?)),
        None => (text.trim(), None),
    };
    let address = address.parse::<IpAddr>().ok()?;
    let widest = if address.is_ipv4() { 32 } else { 128 };
    let length = length.unwrap_or(widest);
    (length <= widest).then_some((address, length))
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

//! Address ranges of network rules: how wide they are, and whether an organisation allows them.

use std::net::IpAddr;

use postern_rules_sdk::{AssetContext, Evidence, Reading, Setting, SettingKind, Unreadable, Value};

use crate::groundwork::address_range::{address_and_length, minimum_prefix_length};

const FAMILIES_WIDEST: u32 = 128;

/// The ranges that an organisation calls its own.
pub static ALLOWED_ADDRESS_RANGES: Setting = Setting {
    name: "allowedAddressRanges",
    description: "Addresses and ranges, such as 203.0.113.0/24, that network rules may allow; a rule has to lie within one of them. Empty: only the width of a rule is judged.",
    kind: SettingKind::Texts { default: &[], pattern: "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$" },
};

/// A range of addresses of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    is_v4: bool,
    /// The first address, its bits moved to the top.
    bits: u128,
    length: u32,
}

impl Range {
    /// An address (`200.0.0.1`) or a range (`10.0.0.0/8`); `None` where it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = address_and_length(text)?;
        let length = u32::try_from(length).ok()?;
        let (is_v4, bits) = match address {
            IpAddr::V4(address) => (true, u128::from(u32::from(address)) << 96),
            IpAddr::V6(address) => (false, u128::from(address)),
        };
        Some(Self { is_v4, bits, length })
    }

    /// Whether all of the other range lies in this one.
    pub fn holds(self, other: Self) -> bool {
        let different = self.bits ^ other.bits;
        // A shift by all bits is none that Rust knows: a range of length 0 holds everything.
        let top = different.checked_shr(FAMILIES_WIDEST - self.length).unwrap_or_default();
        self.is_v4 == other.is_v4 && self.length <= other.length && top == 0
    }
}

/// What a rule may allow on an asset.
#[derive(Debug)]
pub struct Allowance {
    minimum_prefix_length: u64,
    ranges: Vec<Range>,
}

impl Allowance {
    /// Narrow ranges, and only those that the organisation lists where it lists any.
    pub fn of(asset: &AssetContext<'_>) -> Self {
        let listed = asset.texts_setting(&ALLOWED_ADDRESS_RANGES);
        let ranges = listed.iter().filter_map(|text| Range::parse(text)).collect();
        Self { ranges, ..Self::narrow(asset) }
    }

    /// Narrow ranges, whoever owns them.
    pub fn narrow(asset: &AssetContext<'_>) -> Self {
        Self { minimum_prefix_length: minimum_prefix_length(asset), ranges: Vec::new() }
    }

    /// What a list of rules should be, in words.
    pub fn in_words(&self) -> &'static str {
        if self.ranges.is_empty() {
            "no range wider than minimumPrefixLength"
        } else {
            "no range wider than minimumPrefixLength, each in allowedAddressRanges"
        }
    }

    /// Evidence of each rule that allows more than this; what is neither address nor range cannot be judged.
    ///
    /// One rule that allows too much is enough, whatever the others are.
    pub fn excess<'a>(
        &self,
        rules: &Reading<'a, &'a [Value<'a>]>,
    ) -> Result<Vec<Evidence>, Unreadable> {
        let is_allowed = |rule: &Value<'_>| {
            let value = rule.as_object().and_then(|fields| fields.get("value")?.as_str());
            value.and_then(Range::parse).is_some_and(|range| self.allows(range))
        };
        if rules.value.unwrap_or_default().iter().all(is_allowed) {
            return Ok(Vec::new());
        }
        let (mut excess, mut unreadable) = (Vec::new(), None);
        for rule in rules.entries().nodes() {
            let value = match rule.text("value") {
                Ok(value) => value,
                Err(error) => {
                    unreadable = unreadable.or(Some(error));
                    continue;
                }
            };
            let Some(range) = value.value.and_then(Range::parse) else {
                let evidence = value.expected("an address or a range of addresses");
                let note = "This is neither an address nor a range.";
                unreadable = unreadable.or_else(|| Some(Unreadable::new(evidence, note)));
                continue;
            };
            if self.is_wide(range) {
                let widest = self.minimum_prefix_length;
                excess.push(
                    value.expected(format!("an address, or a range no wider than /{widest}")),
                );
            } else if !self.allows(range) {
                excess.push(
                    value.expected("within a range that the setting allowedAddressRanges lists"),
                );
            }
        }
        match unreadable {
            Some(unreadable) if excess.is_empty() => Err(unreadable),
            _ => Ok(excess),
        }
    }

    fn allows(&self, range: Range) -> bool {
        let is_own = || self.ranges.is_empty() || self.ranges.iter().any(|own| own.holds(range));
        !self.is_wide(range) && is_own()
    }

    fn is_wide(&self, range: Range) -> bool {
        u64::from(range.length) < self.minimum_prefix_length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_what_lies_within_it() {
        for (range, other, expected) in [
            ("203.0.113.0/24", "203.0.113.7", true),
            ("203.0.113.0/24", "203.0.113.128/25", true),
            ("203.0.113.0/24", "203.0.113.0/24", true),
            ("203.0.113.0/24", "203.0.112.0/23", false),
            ("203.0.113.0/24", "203.0.114.1", false),
            ("0.0.0.0/0", "203.0.113.0/24", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:1::/48", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("203.0.113.7", "203.0.113.7/32", true),
        ] {
            let range = Range::parse(range).unwrap();
            assert_eq!(range.holds(Range::parse(other).unwrap()), expected, "{range:?} {other}");
        }
        assert_eq!(Range::parse("office"), None);
    }
}

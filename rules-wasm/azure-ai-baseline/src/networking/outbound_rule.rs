//! A rule of a managed network, of a workspace or of Foundry's agents: whether it leads somewhere narrow.

use postern_rules_sdk::{AssetContext, Check, Node, Unreadable};

use crate::groundwork::address_range::{minimum_prefix_length, prefix_length};
use crate::groundwork::settings::APPROVED_OUTBOUND_WILDCARDS;

/// Each of them is (nearly) the internet: every address, and every address that any customer of Azure can rent.
const BROAD_TAGS: [&str; 2] = ["Internet", "AzureCloud"];
const NARROW: &str = "a named host, or a wildcard that the setting approvedOutboundWildcards lists";

/// What an outbound rule may name.
pub struct Destinations<'a> {
    wildcards: Vec<&'a str>,
    minimum_prefix_length: u64,
}

impl<'a> Destinations<'a> {
    /// As the organisation has set it.
    pub fn of(asset: &AssetContext<'a>) -> Self {
        Self {
            wildcards: asset.texts_setting(&APPROVED_OUTBOUND_WILDCARDS),
            minimum_prefix_length: minimum_prefix_length(asset),
        }
    }

    /// What the properties of a rule say; the rules that Azure itself makes are skipped, and those that refuse.
    pub fn check(&self, rule: &Node<'_>) -> Result<Check, Unreadable> {
        if rule.is_any_of("category", &["Required", "Recommended", "Dependency"])? {
            return Ok(Check::Skip);
        }
        let kind = rule.text("type")?;
        if kind.is("FQDN") {
            self.host(rule)
        } else if kind.is("PrivateEndpoint") {
            Ok(Check::Good(kind.expected("a destination of its own")))
        } else if !kind.is("ServiceTag") {
            let evidence = kind.expected("FQDN, PrivateEndpoint or ServiceTag");
            Err(Unreadable::new(evidence, "The type of this rule is not known."))
        } else if rule.is_any_of("destination.action", &["Deny"])? {
            Ok(Check::Skip)
        } else {
            self.tag_or_ranges(rule)
        }
    }

    fn host(&self, rule: &Node<'_>) -> Result<Check, Unreadable> {
        let host = rule.text("destination")?;
        let evidence = host.expected(NARROW);
        let Some(name) = host.value.map(str::trim).filter(|name| !name.is_empty()) else {
            return Err(Unreadable::new(evidence, "The rule names no host."));
        };
        let is_approved =
            || self.wildcards.iter().any(|wildcard| wildcard.trim().eq_ignore_ascii_case(name));
        Ok(Check::of(!name.contains('*') || is_approved(), evidence))
    }

    /// Azure ignores the tag where the rule gives ranges.
    fn tag_or_ranges(&self, rule: &Node<'_>) -> Result<Check, Unreadable> {
        let ranges = rule.list("destination.addressPrefixes")?;
        let Some(list) = ranges.value.filter(|list| !list.is_empty()) else {
            let tag = rule.text("destination.serviceTag")?;
            let evidence = tag.expected("a service tag other than Internet and AzureCloud");
            let Some(name) = tag.value.map(str::trim).filter(|name| !name.is_empty()) else {
                let note = "The rule names no service tag and no addresses.";
                return Err(Unreadable::new(evidence, note));
            };
            // `AzureCloud.westeurope` is all of one region.
            let general = name.split('.').next().unwrap_or(name);
            let is_broad = BROAD_TAGS.iter().any(|broad| broad.eq_ignore_ascii_case(general));
            return Ok(Check::of(!is_broad, evidence));
        };
        let evidence = ranges.expected("ranges that are not wider than minimumPrefixLength");
        let mut is_understood = true;
        for range in list {
            match range.as_str().and_then(prefix_length) {
                // One wide range is enough, whatever the others are.
                Some(length) if length < self.minimum_prefix_length => {
                    return Ok(Check::Bad(vec![evidence]));
                }
                Some(_) => {}
                None => is_understood = false,
            }
        }
        if is_understood {
            Ok(Check::Good(evidence))
        } else {
            Err(Unreadable::new(evidence, "An entry is no address and no range."))
        }
    }
}

//! How openings are closed over the days, and sometimes opened again.

use super::organisation::Team;
use crate::random::{below, happens};

/// What can be open or closed on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    PublicAccess,
    AllNetworks,
    AllowAllRule,
    NoPrivateEndpoint,
    KeyAuthentication,
    NoIdentity,
    OpenOutbound,
    MicrosoftManagedKey,
    NoDiagnostics,
    /// A private endpoint whose name still resolves to the public address.
    NoDnsZone,
    NoLock,
    WeakFilter,
    /// Connections and datastores that keep a key.
    StoredKey,
    /// A linked storage account that takes its keys.
    SharedKeyStorage,
    /// Linked storage accounts, vaults and registries that anybody reaches.
    PublicDependency,
    PublicCompute,
    PublicEndpoint,
    NoPerimeter,
    NoAlert,
    /// A vault whose keys can be purged.
    NoPurgeProtection,
    NoDefender,
    NoContact,
    NoActivityLog,
    NoBudgetWarning,
    PolicyNotEnforced,
}

impl Opening {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::PublicAccess => "public-access",
            Self::AllNetworks => "all-networks",
            Self::AllowAllRule => "allow-all-rule",
            Self::NoPrivateEndpoint => "no-private-endpoint",
            Self::KeyAuthentication => "key-authentication",
            Self::NoIdentity => "no-identity",
            Self::OpenOutbound => "open-outbound",
            Self::MicrosoftManagedKey => "microsoft-managed-key",
            Self::NoDiagnostics => "no-diagnostics",
            Self::NoDnsZone => "no-dns-zone",
            Self::NoLock => "no-lock",
            Self::WeakFilter => "weak-filter",
            Self::StoredKey => "stored-key",
            Self::SharedKeyStorage => "shared-key-storage",
            Self::PublicDependency => "public-dependency",
            Self::PublicCompute => "public-compute",
            Self::PublicEndpoint => "public-endpoint",
            Self::NoPerimeter => "no-perimeter",
            Self::NoAlert => "no-alert",
            Self::NoPurgeProtection => "no-purge-protection",
            Self::NoDefender => "no-defender",
            Self::NoContact => "no-contact",
            Self::NoActivityLog => "no-activity-log",
            Self::NoBudgetWarning => "no-budget-warning",
            Self::PolicyNotEnforced => "policy-not-enforced",
        }
    }

    /// Of 100 resources, how many have it closed from the start in production.
    fn closed_at_start(self) -> u64 {
        match self {
            Self::AllowAllRule => 85,
            Self::WeakFilter | Self::NoPurgeProtection => 70,
            Self::NoDnsZone | Self::PublicCompute | Self::PublicDependency | Self::NoContact => 45,
            Self::NoActivityLog | Self::NoDefender | Self::NoBudgetWarning => 40,
            Self::StoredKey | Self::SharedKeyStorage | Self::PublicEndpoint | Self::NoLock => 20,
            Self::NoPerimeter => 2,
            Self::NoIdentity => 35,
            Self::NoDiagnostics => 25,
            Self::PublicAccess
            | Self::AllNetworks
            | Self::NoPrivateEndpoint
            | Self::NoAlert
            | Self::PolicyNotEnforced => 15,
            Self::KeyAuthentication => 10,
            Self::OpenOutbound | Self::MicrosoftManagedKey => 5,
        }
    }

    /// How many days closing takes at most, once the team has begun: easy things come first.
    fn effort(self) -> u64 {
        match self {
            Self::AllowAllRule => 8,
            Self::NoContact | Self::NoLock | Self::NoDnsZone | Self::WeakFilter => 20,
            Self::NoBudgetWarning | Self::NoActivityLog | Self::NoDefender => 40,
            Self::NoAlert | Self::NoPurgeProtection | Self::PublicDependency => 70,
            Self::StoredKey | Self::SharedKeyStorage | Self::PolicyNotEnforced => 120,
            Self::PublicCompute | Self::PublicEndpoint => 150,
            Self::NoPerimeter => 300,
            Self::NoDiagnostics => 18,
            Self::NoIdentity => 24,
            Self::AllNetworks | Self::PublicAccess => 34,
            Self::KeyAuthentication => 42,
            Self::NoPrivateEndpoint => 46,
            Self::OpenOutbound => 60,
            Self::MicrosoftManagedKey => 90,
        }
    }
}

/// One resource's course.
pub(super) struct Course<'a> {
    pub seed: u64,
    pub name: &'a str,
    pub team: &'a Team,
    pub is_production: bool,
    /// The day of the history on which it was created; 0 or less for those of the first day.
    pub born: i64,
}

impl Course<'_> {
    /// Whether something is open on a day of the history.
    pub(super) fn is_open(&self, opening: Opening, day: i64) -> bool {
        if self.is_closed_at_start(opening) {
            return self.is_reopened(opening, day);
        }
        match self.closes_on(opening) {
            Some(closed) if day >= closed => self.is_reopened(opening, day),
            _ => true,
        }
    }

    fn is_closed_at_start(&self, opening: Opening) -> bool {
        let percent = opening.closed_at_start();
        // What is created later is created in a hurry, with Azure's defaults.
        let percent = if self.born > 0 || !self.is_production { percent / 3 } else { percent };
        let percent = if opening == Opening::AllowAllRule { 85 } else { percent };
        happens(self.seed, &[self.name, opening.key(), "start"], percent)
    }

    /// The day on which the team closes it; `None` for never.
    fn closes_on(&self, opening: Opening) -> Option<i64> {
        let chance =
            if self.is_production { self.team.diligence } else { self.team.diligence * 2 / 3 };
        if !happens(self.seed, &[self.name, opening.key(), "fix"], chance) {
            return None;
        }
        let effort =
            i64::try_from(below(self.seed, &[self.name, opening.key(), "when"], opening.effort()))
                .unwrap_or(0);
        let earliest = self.team.begins.max(self.born + 3) + effort;
        // Teams work in sprints of five days, so work lands in steps.
        let sprint = i64::try_from(below(self.seed, &[self.team.name, "sprint"], 5)).unwrap_or(0);
        Some(earliest + (sprint - earliest).rem_euclid(5))
    }

    /// A closed door is opened again for a few days, now and then: for some once in the first weeks,
    /// and after those in every quarter for others.
    fn is_reopened(&self, opening: Opening, day: i64) -> bool {
        let may = matches!(
            opening,
            Opening::PublicAccess
                | Opening::KeyAuthentication
                | Opening::AllowAllRule
                | Opening::WeakFilter
                | Opening::NoLock
                | Opening::PublicCompute
        );
        if !may {
            return false;
        }
        let quarter = if day < 70 { 0 } else { 1 + (day - 70) / QUARTER };
        let (first, span) =
            if quarter == 0 { (12, 40) } else { (70 + (quarter - 1) * QUARTER, 70) };
        let key = if quarter == 0 { String::new() } else { quarter.to_string() };
        let keyed = |word: &'static str| [self.name, opening.key(), word, key.as_str()];
        // The first one's keys are shorter: estates of earlier versions stay what they were.
        let keys = |word: &'static str| -> Vec<&str> {
            let parts = keyed(word);
            if quarter == 0 { parts[..3].to_vec() } else { parts.to_vec() }
        };
        if !happens(self.seed, &keys("again"), 9) {
            return false;
        }
        let from = first + days(below(self.seed, &keys("from"), span));
        let until = from + 3 + days(below(self.seed, &keys("days"), 7));
        (from..until).contains(&day)
    }
}

/// How long a period is in which something may go wrong once; after the first 70 days.
const QUARTER: i64 = 90;

fn days(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(0)
}

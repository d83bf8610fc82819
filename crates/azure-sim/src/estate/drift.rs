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
        }
    }

    /// Of 100 resources, how many have it closed from the start in production.
    fn closed_at_start(self) -> u64 {
        match self {
            Self::AllowAllRule => 85,
            Self::NoIdentity => 35,
            Self::NoDiagnostics => 25,
            Self::PublicAccess | Self::AllNetworks | Self::NoPrivateEndpoint => 15,
            Self::KeyAuthentication => 10,
            Self::OpenOutbound | Self::MicrosoftManagedKey => 5,
        }
    }

    /// How many days closing takes at most, once the team has begun: easy things come first.
    fn effort(self) -> u64 {
        match self {
            Self::AllowAllRule => 8,
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

    /// A closed door is opened again for a few days, now and then.
    fn is_reopened(&self, opening: Opening, day: i64) -> bool {
        let may = matches!(
            opening,
            Opening::PublicAccess | Opening::KeyAuthentication | Opening::AllowAllRule
        );
        if !may || !happens(self.seed, &[self.name, opening.key(), "again"], 9) {
            return false;
        }
        let from = 12
            + i64::try_from(below(self.seed, &[self.name, opening.key(), "from"], 40)).unwrap_or(0);
        let days = 3 + i64::try_from(below(self.seed, &[self.name, opening.key(), "days"], 7))
            .unwrap_or(0);
        (from..from + days).contains(&day)
    }
}

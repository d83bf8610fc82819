//! The pages of the navigation.

use postern_domain::person::{Actor, Permission};

use crate::address::{
    ADMIN, CONNECTIONS, EXCEPTIONS, FRAMEWORKS, NOTIFICATIONS, PEOPLE, POLICY, RESOURCES, RULES,
    TEAMS, TOKENS,
};
use crate::page::reports::REPORTS;

/// The pages in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The overview.
    Overview,
    /// The findings, their list and their pages.
    Findings,
    /// The resources, their list and their pages.
    Resources,
    /// The exceptions, their list, their pages and their forms.
    Exceptions,
    /// The frameworks, their controls and the pages of these.
    Frameworks,
    /// The scans.
    Scans,
    /// The reports.
    Reports,
    /// The rules, their pages and the packs.
    Rules,
    /// The decision log.
    Decisions,
    /// What needs attention of those who administer.
    Administration,
    /// The connections and their schedules.
    Connections,
    /// The teams, and whose assets are.
    Teams,
    /// People and their roles.
    People,
    /// Tokens of programs.
    Tokens,
    /// Mail, and messages that failed.
    Notifications,
    /// What is allowed, and what is kept.
    Policy,
    /// None of them.
    Elsewhere,
}

/// What somebody goes to the pages for, which is the heading over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To see how it stands.
    Watch,
    /// To decide.
    Decide,
    /// To prove it.
    Prove,
    /// To keep it running.
    Run,
    /// To say who and what it works with.
    Administer,
}

impl Purpose {
    /// Every purpose, in the order of the navigation.
    pub const ALL: &'static [Self] =
        &[Self::Watch, Self::Decide, Self::Prove, Self::Run, Self::Administer];

    /// The heading.
    pub fn word(self) -> &'static str {
        match self {
            Self::Watch => "Watch",
            Self::Decide => "Decide",
            Self::Prove => "Prove",
            Self::Run => "Run",
            Self::Administer => "Administer",
        }
    }
}

/// A page of the navigation.
#[derive(Clone, Copy, Debug)]
pub struct MenuEntry {
    /// Where it leads.
    pub place: Place,
    /// What it is called.
    pub word: &'static str,
    /// Its address without a query string.
    pub path: &'static str,
    /// The heading that it is under.
    pub purpose: Purpose,
    /// What opening it takes; `None` where every role may.
    needs: Option<Permission>,
}

const fn entry(
    place: Place,
    word: &'static str,
    path: &'static str,
    purpose: Purpose,
    needs: Option<Permission>,
) -> MenuEntry {
    MenuEntry { place, word, path, purpose, needs }
}

const fn administer(
    place: Place,
    word: &'static str,
    path: &'static str,
    needs: Option<Permission>,
) -> MenuEntry {
    entry(place, word, path, Purpose::Administer, needs)
}

/// The navigation, in its order.
const MENU: &[MenuEntry] = &[
    entry(Place::Overview, "Overview", "/overview", Purpose::Watch, None),
    entry(Place::Findings, "Findings", "/findings", Purpose::Watch, None),
    entry(Place::Resources, "Resources", RESOURCES, Purpose::Watch, None),
    entry(Place::Exceptions, "Exceptions", EXCEPTIONS, Purpose::Decide, None),
    entry(Place::Frameworks, "Frameworks", FRAMEWORKS, Purpose::Prove, None),
    entry(Place::Reports, "Reports", REPORTS, Purpose::Prove, Some(Permission::ReadEverything)),
    entry(
        Place::Decisions,
        "Decision log",
        "/decisions",
        Purpose::Prove,
        Some(Permission::ReadDecisions),
    ),
    entry(Place::Scans, "Scans", "/scans", Purpose::Run, Some(Permission::ReadEverything)),
    entry(Place::Rules, "Rules", RULES, Purpose::Run, None),
    administer(Place::Administration, "Attention", ADMIN, Some(Permission::ReadEverything)),
    administer(Place::Connections, "Connections", CONNECTIONS, Some(Permission::ReadEverything)),
    administer(Place::Teams, "Teams", TEAMS, Some(Permission::ReadEverything)),
    administer(Place::People, "People", PEOPLE, Some(Permission::Administer)),
    administer(Place::Tokens, "Tokens", TOKENS, Some(Permission::Administer)),
    administer(Place::Notifications, "Notifications", NOTIFICATIONS, None),
    administer(Place::Policy, "Policy", POLICY, Some(Permission::ReadEverything)),
];

impl MenuEntry {
    /// Those that somebody can open; who sees a part has no use for pages of the whole.
    pub fn open_to(actor: &Actor) -> Vec<Self> {
        let may = |entry: &&Self| entry.needs.is_none_or(|needs| actor.require(needs).is_ok());
        MENU.iter().filter(may).copied().collect()
    }
}

impl Place {
    /// Its address without a query string.
    pub fn path(self) -> &'static str {
        MENU.iter().find(|entry| entry.place == self).map_or("/overview", |entry| entry.path)
    }
}

//! Saved views of a list.

use postern_domain::id::ViewId;

use super::TeamView;

/// The views of a list that somebody is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedViewsView {
    /// Them, by name.
    pub views: Vec<SavedViewRow>,
    /// Whose they may save one as; empty where nobody signed in.
    pub owners: Vec<ViewOwnerChoice>,
    /// What makes a form that saves one another than the next one.
    pub form_key: String,
}

/// A saved view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedViewRow {
    /// Its number.
    pub id: ViewId,
    /// The word by which addresses name it.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// The query string that it stands for.
    pub query: String,
    /// Whether it was deleted, which can be undone for some days.
    pub is_deleted: bool,
    /// How often it was changed.
    pub version: i32,
    /// Whose it is.
    pub owner: ViewOwnerChoice,
    /// Whether whoever asks may change it.
    pub may_change: bool,
}

/// Whose a view is, seen by whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewOwnerChoice {
    /// Their own.
    Me,
    /// A team's.
    Team(TeamView),
    /// Everybody's.
    Organisation,
}

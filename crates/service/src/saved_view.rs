//! Saved views of lists: kept for oneself, for a team or for everybody, changed and deleted, and each of that undone.
//!
//! What is shared is written into the decision log like other configuration, because others go by it; what somebody keeps
//! for themselves is not.

use postern_domain::id::ViewId;
use postern_domain::saved_view::{ViewName, ViewNameError, ViewOwner};
use postern_domain::team::TeamId;
use postern_store::saved_view::{self, NewView, ViewRecord, ViewState};
use postern_store::{PgConnection, Postgres, StoreError, Transaction, exception, read, team};
use serde_json::{Value, json};
use time::Duration;

use crate::Postern;
use crate::access::AccessError;
use crate::decision::{self, Decided};
use crate::exception::form_key;
use crate::read::TeamNames;
use crate::storable::replace;
use crate::view::{SavedViewRow, SavedViewsView, ViewOwnerChoice};

/// The lists that have views.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// The findings.
    Findings,
}

impl Screen {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Findings => "findings",
        }
    }
}

/// The views that one person, one team or everybody has at most of a list: more is no way to find anything.
pub const MOST_VIEWS: u32 = 50;

/// Views that somebody is shown at most.
const MOST_SHOWN: u32 = 500;

/// The longest query that is kept.
const LONGEST_QUERY: usize = 4_000;

/// How long what was deleted can be had back.
const KEPT: Duration = Duration::days(7);

/// A view was not saved or changed.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// It has no name that can be.
    #[error(transparent)]
    Name(#[from] ViewNameError),
    /// It asks for more than an address should.
    #[error("the list asks for too much to be kept as a view")]
    Query,
    /// There are too many.
    #[error("there are {MOST_VIEWS} views already: delete one that nobody needs")]
    TooMany,
    /// There is none, or none that whoever acts is shown.
    #[error("there is no view {0}")]
    NotThere(ViewId),
    /// Somebody changed it in between.
    #[error("somebody changed the view after you opened it: look at it again")]
    Changed,
    /// It is not theirs to change.
    #[error(
        "a team's views are for its contributors to change, and everybody's for engineers and administrators: keep one for yourself instead"
    )]
    NotYours,
    /// Whoever acts is nobody who signed in.
    #[error("views are people's: they need a sign-in (postern serve --sign-in)")]
    Nobody,
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A view that shall be saved.
#[derive(Clone, Debug)]
pub struct NewSavedView {
    /// Of which list.
    pub screen: Screen,
    /// Whose it shall be; `None` for whoever acts.
    pub owner: Option<SharedOwner>,
    /// What people call it.
    pub name: String,
    /// The query string.
    pub query: String,
    /// What makes the form another than the next one: sent twice, it makes one view.
    pub form_key: String,
}

/// Whose a view is that is not one person's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharedOwner {
    /// A team's.
    Team(TeamId),
    /// Everybody's.
    Organisation,
}

/// What is changed of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewChange {
    /// It asks for this instead.
    Query(String),
    /// It is called so instead.
    Rename(String),
    /// It is not needed any more.
    Delete,
    /// The last change was not meant.
    Undo,
}

/// The views of a list that whoever asks is shown, and what they may do with them.
pub async fn list_views(postern: &Postern, screen: Screen) -> Result<SavedViewsView, AccessError> {
    let mut session = read::begin(&postern.pool).await?;
    let actor = postern.actor();
    let teams: Option<Vec<String>> =
        postern.sight().teams().map(|teams| teams.iter().map(ToString::to_string).collect());
    let whose = (actor.person(), teams.as_deref());
    let records = saved_view::list(&mut session, screen.as_str(), whose, MOST_SHOWN).await?;
    let names = team_names(&mut session).await?;
    let views = records
        .into_iter()
        .filter(|view| view.owner.may_see(actor))
        .map(|view| row(postern, &names, view))
        .collect();
    let owners = match actor.person() {
        None => Vec::new(),
        Some(person) => {
            let mine = ViewOwner::Person(person);
            let of_teams = names.teams().iter().map(|team| ViewOwner::Team(team.id.clone()));
            std::iter::once(mine)
                .chain(of_teams)
                .chain([ViewOwner::Organisation])
                .filter(|owner| owner.may_change(actor))
                .map(|owner| owner_view(&names, owner))
                .collect()
        }
    };
    let form_key = exception::form_key(&mut session).await?;
    Ok(SavedViewsView { views, owners, form_key })
}

/// A view that was just changed or deleted, to say so and to undo it; `None` where whoever asks may not change it.
pub async fn changed_view(
    postern: &Postern,
    id: ViewId,
) -> Result<Option<SavedViewRow>, AccessError> {
    let mut session = read::begin(&postern.pool).await?;
    let found = saved_view::find(&mut session, id).await?;
    let names = team_names(&mut session).await?;
    let actor = postern.actor();
    let found = found.filter(|view| view.owner.may_see(actor) && view.owner.may_change(actor));
    Ok(found.map(|view| row(postern, &names, view)))
}

/// Saves a view.
pub async fn save_view(postern: &Postern, new: NewSavedView) -> Result<SavedViewRow, ViewError> {
    let by = postern.actor().person().ok_or(ViewError::Nobody)?;
    let owner = match new.owner {
        None => ViewOwner::Person(by),
        Some(SharedOwner::Team(team)) => ViewOwner::Team(team),
        Some(SharedOwner::Organisation) => ViewOwner::Organisation,
    };
    let name: ViewName = new.name.parse()?;
    let query = kept(new.query)?;
    let mut transaction = begin(postern, &owner).await?;
    let names = team_names(&mut transaction).await?;
    let is_there = match &owner {
        ViewOwner::Team(team) => names.teams().iter().any(|it| it.id == *team),
        ViewOwner::Person(_) | ViewOwner::Organisation => true,
    };
    if !is_there || !owner.may_change(postern.actor()) {
        return Err(ViewError::NotYours);
    }
    let at = postern.now();
    saved_view::purge(&mut transaction, at - KEPT).await?;
    let new = NewView {
        screen: new.screen.as_str(),
        owner: &owner,
        name: &name,
        query: &query,
        form_key: &form_key(by, &new.form_key),
        at,
        by,
    };
    let (id, is_new) = saved_view::insert(&mut transaction, &new).await?;
    if is_new
        && saved_view::count(&mut transaction, new.screen, &owner).await? > u64::from(MOST_VIEWS)
    {
        return Err(ViewError::TooMany);
    }
    let made = saved_view::find(&mut transaction, id).await?.ok_or(ViewError::NotThere(id))?;
    if is_new {
        let after = Some(said(&made.owner, &made.state));
        record(postern, &mut transaction, &made, ("view.save", None, after)).await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(row(postern, &names, made))
}

/// Changes a view that was seen in this version.
pub async fn change_view(
    postern: &Postern,
    id: ViewId,
    version: i32,
    change: ViewChange,
) -> Result<SavedViewRow, ViewError> {
    let by = postern.actor().person().ok_or(ViewError::Nobody)?;
    let owner = find(postern, id).await?.owner;
    let mut transaction = begin(postern, &owner).await?;
    let found = saved_view::find(&mut transaction, id).await?.ok_or(ViewError::NotThere(id))?;
    let names = team_names(&mut transaction).await?;
    let (mut after, action) = (found.state.clone(), action(&change));
    let undoes = change == ViewChange::Undo;
    match change {
        ViewChange::Query(query) => after.query = kept(query)?,
        ViewChange::Rename(name) => after.name = name.parse()?,
        ViewChange::Delete => after.is_deleted = true,
        // What was made is undone by deleting it.
        ViewChange::Undo => {
            let made = ViewState { is_deleted: true, ..found.state.clone() };
            after = found.before.clone().unwrap_or(made);
        }
    }
    // Sent twice, it is one change.
    if found.version == version + 1 && !undoes && after == found.state {
        return Ok(row(postern, &names, found));
    }
    if found.state.is_deleted && !undoes {
        return Err(ViewError::NotThere(id));
    }
    let at = postern.now();
    let states = (&found.state, &after);
    if !saved_view::change(&mut transaction, (id, version), states, (at, by)).await? {
        return Err(ViewError::Changed);
    }
    let is_back = found.state.is_deleted && !after.is_deleted;
    let of_owner = saved_view::count(&mut transaction, &found.screen, &owner).await?;
    if is_back && of_owner > u64::from(MOST_VIEWS) {
        return Err(ViewError::TooMany);
    }
    let entry = (action, Some(said(&owner, &found.state)), Some(said(&owner, &after)));
    record(postern, &mut transaction, &found, entry).await?;
    let changed = saved_view::find(&mut transaction, id).await?.ok_or(ViewError::NotThere(id))?;
    transaction.commit().await.map_err(StoreError::from)?;
    Ok(row(postern, &names, changed))
}

/// A view that whoever acts is shown and may change.
async fn find(postern: &Postern, id: ViewId) -> Result<ViewRecord, ViewError> {
    let mut session = read::begin(&postern.pool).await?;
    let found = saved_view::find(&mut session, id).await?;
    let actor = postern.actor();
    // Of what others keep for themselves, nobody learns that it is there.
    let found = found.filter(|view| view.owner.may_see(actor)).ok_or(ViewError::NotThere(id))?;
    if found.owner.may_change(actor) { Ok(found) } else { Err(ViewError::NotYours) }
}

/// Begins a transaction: what is shared is decided one after the other.
async fn begin(
    postern: &Postern,
    owner: &ViewOwner,
) -> Result<Transaction<'static, Postgres>, StoreError> {
    if owner.is_shared() {
        return decision::begin(postern).await;
    }
    Ok(postern.pool.begin().await?)
}

/// Writes down what is done to a view that others go by.
async fn record(
    postern: &Postern,
    transaction: &mut PgConnection,
    view: &ViewRecord,
    (action, before, after): (&'static str, Option<Value>, Option<Value>),
) -> Result<(), StoreError> {
    if !view.owner.is_shared() {
        return Ok(());
    }
    let subject = Some(view.id.to_string());
    decision::record(postern, transaction, Decided { action, subject, before, after, reason: None })
        .await
}

/// What the decision log says of a view.
fn said(owner: &ViewOwner, state: &ViewState) -> Value {
    json!({"owner": owner, "name": state.name, "query": state.query, "deleted": state.is_deleted})
}

fn action(change: &ViewChange) -> &'static str {
    match change {
        ViewChange::Query(_) => "view.change",
        ViewChange::Rename(_) => "view.rename",
        ViewChange::Delete => "view.delete",
        ViewChange::Undo => "view.undo",
    }
}

/// A query as it can be kept.
fn kept(mut query: String) -> Result<String, ViewError> {
    replace(&mut query);
    if query.len() > LONGEST_QUERY { Err(ViewError::Query) } else { Ok(query) }
}

fn row(postern: &Postern, names: &TeamNames, view: ViewRecord) -> SavedViewRow {
    SavedViewRow {
        id: view.id,
        slug: view.state.name.slug(view.id),
        name: view.state.name.to_string(),
        query: view.state.query,
        is_deleted: view.state.is_deleted,
        version: view.version,
        may_change: view.owner.may_change(postern.actor()),
        owner: owner_view(names, view.owner),
    }
}

fn owner_view(names: &TeamNames, owner: ViewOwner) -> ViewOwnerChoice {
    match owner {
        ViewOwner::Person(_) => ViewOwnerChoice::Me,
        ViewOwner::Team(team) => ViewOwnerChoice::Team(names.view(team)),
        ViewOwner::Organisation => ViewOwnerChoice::Organisation,
    }
}

async fn team_names(connection: &mut PgConnection) -> Result<TeamNames, StoreError> {
    Ok(TeamNames::of(team::routing(connection, None).await?))
}

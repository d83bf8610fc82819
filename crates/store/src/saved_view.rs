//! Saved views of lists.

use postern_domain::id::{PersonId, ViewId};
use postern_domain::saved_view::{ViewName, ViewOwner};
use postern_domain::team::TeamId;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

use crate::column;
use crate::error::StoreError;

/// What is changed of a view, and can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewState {
    /// What people call it.
    pub name: ViewName,
    /// The query string, as the list's own addresses have it.
    pub query: String,
    /// Whether it was deleted.
    pub is_deleted: bool,
}

/// A view, deleted or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewRecord {
    /// Its number.
    pub id: ViewId,
    /// The list that it is of.
    pub screen: String,
    /// Whose it is.
    pub owner: ViewOwner,
    /// What it is.
    pub state: ViewState,
    /// How often it was changed.
    pub version: i32,
    /// What it was before the last change; `None` before the first.
    pub before: Option<ViewState>,
}

/// A view that is made.
#[derive(Clone, Debug)]
pub struct NewView<'a> {
    /// The list that it is of.
    pub screen: &'a str,
    /// Whose it is.
    pub owner: &'a ViewOwner,
    /// What people call it.
    pub name: &'a ViewName,
    /// The query string.
    pub query: &'a str,
    /// What makes the form another than the next one.
    pub form_key: &'a str,
    /// When.
    pub at: OffsetDateTime,
    /// By whom.
    pub by: PersonId,
}

/// Makes a view, unless the form made one before; whether it did now.
pub async fn insert(
    connection: &mut PgConnection,
    new: &NewView<'_>,
) -> Result<(ViewId, bool), StoreError> {
    let (person, team) = columns(new.owner);
    let number = sqlx::query_scalar!(
        r#"
        INSERT INTO saved_views (screen, person_id, team, name, query, changed_at, changed_by, form_key)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT ON CONSTRAINT saved_views_form_key DO NOTHING
        RETURNING view_id
        "#,
        new.screen,
        person,
        team,
        new.name.as_str(),
        new.query,
        new.at,
        new.by.number(),
        new.form_key,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(number) = number {
        return Ok((ViewId::from_number(number), true));
    }
    let number =
        sqlx::query_scalar!("SELECT view_id FROM saved_views WHERE form_key = $1", new.form_key)
            .fetch_one(connection)
            .await?;
    Ok((ViewId::from_number(number), false))
}

/// Changes a view that is in this version; whether it was.
pub async fn change(
    connection: &mut PgConnection,
    (id, version): (ViewId, i32),
    (before, after): (&ViewState, &ViewState),
    (at, by): (OffsetDateTime, PersonId),
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        r#"
        UPDATE saved_views
        SET name = $3,
            query = $4,
            deleted_at = CASE WHEN $5::boolean THEN $7::timestamptz END,
            before = $6,
            changed_at = $7,
            changed_by = $8,
            version = version + 1
        WHERE view_id = $1 AND version = $2
        "#,
        id.number(),
        version,
        after.name.as_str(),
        after.query,
        after.is_deleted,
        Json(before) as _,
        at,
        by.number(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A view, deleted or not.
pub async fn find(
    connection: &mut PgConnection,
    id: ViewId,
) -> Result<Option<ViewRecord>, StoreError> {
    let row = sqlx::query_as!(
        ViewRow,
        r#"
        SELECT
            view_id, screen, person_id, team, name, query, deleted_at, version,
            before AS "before: Json<ViewState>"
        FROM saved_views
        WHERE view_id = $1
        "#,
        id.number(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(ViewRow::into_record).transpose()
}

/// The views of a list that are one person's, or shared: at most `limit`, by name. Of teams those of `teams` alone, where
/// it is said.
pub async fn list(
    connection: &mut PgConnection,
    screen: &str,
    (person, teams): (Option<PersonId>, Option<&[String]>),
    limit: u32,
) -> Result<Vec<ViewRecord>, StoreError> {
    let rows = sqlx::query_as!(
        ViewRow,
        r#"
        SELECT
            view_id, screen, person_id, team, name, query, deleted_at, version,
            before AS "before: Json<ViewState>"
        FROM saved_views
        WHERE screen = $1
            AND deleted_at IS NULL
            AND (person_id IS NULL OR person_id = $2)
            AND (team IS NULL OR $3::text[] IS NULL OR team = ANY($3))
        ORDER BY lower(name), view_id
        LIMIT $4
        "#,
        screen,
        person.map(PersonId::number),
        teams,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(ViewRow::into_record).collect()
}

/// How many views of a list an owner has.
pub async fn count(
    connection: &mut PgConnection,
    screen: &str,
    owner: &ViewOwner,
) -> Result<u64, StoreError> {
    let (person, team) = columns(owner);
    let count = sqlx::query_scalar!(
        r#"
        SELECT count(*) AS "count!"
        FROM saved_views
        WHERE screen = $1
            AND deleted_at IS NULL
            AND person_id IS NOT DISTINCT FROM $2
            AND team IS NOT DISTINCT FROM $3
        "#,
        screen,
        person,
        team,
    )
    .fetch_one(connection)
    .await?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Removes for good what was deleted before a moment.
pub async fn purge(
    connection: &mut PgConnection,
    before: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM saved_views WHERE deleted_at < $1", before)
        .execute(connection)
        .await?;
    Ok(())
}

fn columns(owner: &ViewOwner) -> (Option<i64>, Option<&str>) {
    match owner {
        ViewOwner::Person(person) => (Some(person.number()), None),
        ViewOwner::Team(team) => (None, Some(team.as_str())),
        ViewOwner::Organisation => (None, None),
    }
}

struct ViewRow {
    view_id: i64,
    screen: String,
    person_id: Option<i64>,
    team: Option<String>,
    name: String,
    query: String,
    deleted_at: Option<OffsetDateTime>,
    version: i32,
    before: Option<Json<ViewState>>,
}

impl ViewRow {
    fn into_record(self) -> Result<ViewRecord, StoreError> {
        let team: Option<TeamId> =
            self.team.map(|team| column::word("saved_views.team", &team)).transpose()?;
        let owner = match (self.person_id, team) {
            (Some(person), _) => ViewOwner::Person(PersonId::from_number(person)),
            (None, Some(team)) => ViewOwner::Team(team),
            (None, None) => ViewOwner::Organisation,
        };
        Ok(ViewRecord {
            id: ViewId::from_number(self.view_id),
            screen: self.screen,
            owner,
            state: ViewState {
                name: column::word("saved_views.name", &self.name)?,
                query: self.query,
                is_deleted: self.deleted_at.is_some(),
            },
            version: self.version,
            before: self.before.map(|Json(before)| before),
        })
    }
}

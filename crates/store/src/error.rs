//! What can go wrong in the store.

/// The store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Postgres refused, or could not be reached.
    #[error("the database did not do what was asked")]
    Database(#[from] sqlx::Error),
    /// A stored value is not what this version of Postern can read.
    #[error("column {column} holds what this version of Postern cannot read")]
    Unreadable {
        /// The column, as `table.column`.
        column: &'static str,
        /// Why it cannot be read.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A change had to hit one row and did not.
    #[error("{what} changed {rows} rows and not one")]
    NotOneRow {
        /// What was to be changed.
        what: &'static str,
        /// How many rows were.
        rows: u64,
    },
}

impl StoreError {
    /// The stored value in `column` (as `table.column`) cannot be read, because of `source`.
    pub(crate) fn unreadable(
        column: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Unreadable { column, source: source.into() }
    }

    /// Refuses anything but one changed row.
    pub(crate) fn one_row(what: &'static str, rows: u64) -> Result<(), Self> {
        if rows == 1 { Ok(()) } else { Err(Self::NotOneRow { what, rows }) }
    }

    /// The name of the constraint that refused the change, where one did.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.constraint(),
            _ => None,
        }
    }
}

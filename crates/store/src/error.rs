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

/// Whether an error, or what caused it, is that the database was not there: it may be again, and nothing is wrong with
/// what was asked.
pub fn is_database_lost(error: &(dyn std::error::Error + 'static)) -> bool {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.filter_map(|error| error.downcast_ref::<sqlx::Error>()).any(|error| match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_of_lost(&code)),
        _ => false,
    })
}

/// Codes of Postgres: connection exceptions, too many connections, and that the server stops, crashed or starts.
fn is_of_lost(code: &str) -> bool {
    code.starts_with("08") || matches!(code, "53300" | "57P01" | "57P02" | "57P03")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("something above")]
    struct Above(#[source] StoreError);

    #[test]
    fn a_database_that_is_not_there_is_told_from_one_that_refuses() {
        let above = |error: sqlx::Error| Above(StoreError::from(error));
        assert!(is_database_lost(&above(sqlx::Error::PoolTimedOut)));
        assert!(is_database_lost(&above(
            std::io::Error::from(std::io::ErrorKind::BrokenPipe).into()
        )));
        assert!(!is_database_lost(&above(sqlx::Error::RowNotFound)));
        assert!(!is_database_lost(&StoreError::NotOneRow { what: "a test", rows: 2 }));
        assert!(is_of_lost("57P01") && is_of_lost("08006") && !is_of_lost("23505"));
    }
}

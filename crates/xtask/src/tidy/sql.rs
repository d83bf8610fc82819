//! SQL stands in the store and in the migrations, and nowhere else.

use super::{Problem, SourceFile};

/// How a query is made with sqlx. Written in parts, because this file is judged too.
const QUERIES: [&str; 7] = [
    concat!("sqlx::qu", "ery"),
    concat!("qu", "ery!("),
    concat!("query", "_as!("),
    concat!("query", "_scalar!("),
    concat!("query", "_file!("),
    concat!("Query", "Builder"),
    concat!("raw", "_sql("),
];

/// Where it may stand, with the reason.
const ALLOWED: [&str; 3] = [
    // The only crate that talks to the database.
    "crates/store/",
    // `CREATE DATABASE` for each test.
    "crates/test-support/",
    // Integration tests ask the database itself what was written.
    "/tests/",
];

pub fn problems(file: &SourceFile) -> Vec<Problem> {
    if file.has_extension("sql")
        && !file.path.starts_with("migrations/")
        && !file.path.starts_with("crates/store/")
    {
        return vec![Problem::in_file(&file.path, "SQL belongs in `migrations` or `crates/store`")];
    }
    if !file.has_extension("rs") || ALLOWED.iter().any(|folder| file.path.contains(folder)) {
        return Vec::new();
    }
    file.code_lines()
        .filter(|(_, line)| QUERIES.iter().any(|query| line.contains(query)))
        .map(|(number, _)| {
            Problem::in_line(
                &file.path,
                number,
                "SQL outside the store: add a function to `crates/store`",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_query_outside_the_store_is_refused() {
        for query in QUERIES {
            assert_eq!(problems(&file("crates/service/src/scan.rs", query)).len(), 1, "{query}");
            assert_eq!(problems(&file("crates/store/src/scan.rs", query)).len(), 0, "{query}");
            assert_eq!(
                problems(&file("crates/test-support/src/lib.rs", query)).len(),
                0,
                "{query}"
            );
        }
    }

    #[test]
    fn a_file_of_sql_outside_the_migrations_is_refused() {
        assert_eq!(problems(&file("crates/server/seed.sql", "SELECT 1")).len(), 1);
        assert_eq!(problems(&file("migrations/0001_a.sql", "SELECT 1")).len(), 0);
    }
}

//! Reaching the server, and its schema.

use postern_store::server::{SchemaError, connect, migrate};
use postern_test_support::TestDatabase;

async fn check(url: &str, sentence: &str) {
    let error = connect(url).await.unwrap_err().to_string();
    assert!(error.contains(sentence), "{url}: {error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[tokio::test]
async fn each_reason_not_to_connect_is_told_from_the_others() {
    check("mysql://root:hunter2@127.0.0.1/x", "not of the form postgres://").await;
    check("postgres://root:hunter2@127.0.0.1:port/x", "not of the form postgres://").await;
    check("postgres://root:hunter2@127.0.0.1:1/x", "no database server answers at 127.0.0.1:1")
        .await;
    let database = TestDatabase::create_empty().await;
    let missing = database.url().replace("/postern_test_", "/postern_missing_");
    check(&missing, "does not exist").await;
    let pool = connect(database.url()).await.unwrap();
    let one: i32 = sqlx::query_scalar("SELECT 1").fetch_one(&pool).await.unwrap();
    assert_eq!(one, 1);
}

#[tokio::test]
async fn migrating_twice_at_once_is_fine_and_a_newer_schema_is_refused() {
    let database = TestDatabase::create_empty().await;
    let pool = database.pool();
    let (first, second) = tokio::join!(migrate(pool), migrate(pool));
    first.unwrap();
    second.unwrap();
    sqlx::raw_sql(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', TRUE, '', 0)",
    )
    .execute(pool)
    .await
    .unwrap();
    let error = migrate(pool).await.unwrap_err();
    assert!(matches!(error, SchemaError::Newer { version: 9999 }), "{error:?}");
}

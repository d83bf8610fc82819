//! How long a decision log takes to verify: `DATABASE_URL=… cargo run --release --workspace --example many_decisions 1000000`.
//!
//! Makes a database of its own on that server, fills a log with so many entries, each with values before and after,
//! verifies it twice as `postern audit verify` does, and removes the database again.

use std::time::Instant;

use postern_domain::clock::Clock;
use postern_domain::decision::{Draft, Entry, Head};
use postern_service::Postern;
use postern_service::decision::verify_decisions;
use postern_store::decision;
use postern_test_support::{NOW, TestDatabase};
use time::Duration;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let number: i64 = match std::env::args().nth(1) {
        Some(number) => number.parse()?,
        None => 1_000_000,
    };
    let database = TestDatabase::create().await;
    fill(&database, number).await?;
    let postern = Postern::open(database.pool().clone(), &[], Clock::fixed(NOW)).await?;
    for _ in 0..2 {
        let begun = Instant::now();
        let verification = verify_decisions(&postern, Vec::new()).await?;
        let took = begun.elapsed();
        assert!(verification.is_intact(), "{verification:?}");
        println!("{} entries verified in {:.2} s", verification.count, took.as_secs_f64());
    }
    Ok(())
}

async fn fill(database: &TestDatabase, number: i64) -> Result<(), Box<dyn std::error::Error>> {
    let mut transaction = database.pool().begin().await?;
    let mut head = Head::genesis();
    for place in 0..number {
        let value = |days: i64| Some(format!(r#"{{"history_days":{days},"trend_days":1095}}"#));
        let draft = Draft {
            at: NOW + Duration::seconds(place),
            person: None,
            who: "Kim Duarte".to_owned(),
            address: Some("192.0.2.10".to_owned()),
            action: "retention.set".parse()?,
            subject: Some("contoso-ai".to_owned()),
            reason: Some("as our policy has it since this year".to_owned()),
            before: value(400 + place % 100),
            after: value(401 + place % 100),
        };
        let entry = Entry::next(&head, draft);
        decision::insert(&mut transaction, &entry).await?;
        head = Head::from(&entry);
    }
    transaction.commit().await?;
    Ok(())
}

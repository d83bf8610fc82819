//! Builds years of daily scans through the real pipeline, and measures what reading them takes.
//!
//! ```sh
//! cargo xtask build-packs
//! export DATABASE_URL=postgres://…/empty_database
//! cargo run --release --workspace --example three_years build            # 1,095 days of 10,000 assets
//! cargo run --release --workspace --example three_years measure
//! ```
//!
//! What is real: the journal, storing, judging by the shipped pack, findings, tallies, trend. What is made up is what
//! Azure would have answered: an estate in which one asset in a hundred changes a day (`estate.rs`), so that no day
//! takes the minutes that 50,000 requests do. `README.md` beside this has figures.
#![expect(clippy::unwrap_used, reason = "an example that cannot go on panics")]

mod build;
mod estate;
mod measure;

use postern_domain::clock::Clock;
use postern_service::{Postern, connect};
use postern_test_support::built_packs;
use time::OffsetDateTime;
use time::macros::datetime;

/// The first scan; the last is three years later, but for a day.
const FIRST_DAY: OffsetDateTime = datetime!(2023-01-01 02:00 UTC);

/// The slug of the connection.
const SLUG: &str = "three-years";

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let mut number =
        |default: u32| arguments.next().map_or(default, |text| text.parse().expect("a number"));
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL names a database to build in");
    let pool = connect::open_pool(&url).await.unwrap();
    connect::migrate(&pool).await.unwrap();
    let clock = Clock::fixed(datetime!(2026-01-01 00:00 UTC));
    let postern = Postern::open(pool.clone(), &built_packs(), clock).await.unwrap();
    match command.as_str() {
        "build" => build::build(&postern, &pool, number(1_095), number(10_000)).await,
        "teams" => build::teams(&postern, &pool, number(1_095), number(10_000)).await,
        "measure" => {
            let (requests, days) = (number(1_000), number(730));
            let word = arguments.next().unwrap_or_default();
            let requests = measure::Requests { number: requests, word: &word };
            measure::measure(&postern, requests, days).await;
        }
        _ => eprintln!(
            "three_years build [DAYS [ASSETS]] | three_years teams [DAYS [ASSETS]] | three_years measure [REQUESTS [DAYS_AGO [WORD]]]"
        ),
    }
}

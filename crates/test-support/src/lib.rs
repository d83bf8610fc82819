//! What tests share: a database for each test, the built packs, a clock that stands still, and sample resources.
//!
//! A dev-dependency only; what goes wrong here panics with a sentence, as a test does.
//! It deliberately knows nothing of Azure, the engine or the service.
//!
//! ```no_run
//! # async fn example() {
//! let database = postern_test_support::TestDatabase::create().await;
//! let mut session = database.pool().acquire().await.expect("a session");
//! # }
//! ```

mod database;
mod packs;
pub mod sample;

pub use database::TestDatabase;
pub use packs::{built_packs, example_pack, test_pack};

use postern_domain::clock::Clock;
use time::OffsetDateTime;
use time::macros::datetime;

/// The moment at which tests begin.
pub const NOW: OffsetDateTime = datetime!(2026-03-02 06:00 UTC);

/// A clock that stands still at [`NOW`].
pub fn fixed_clock() -> Clock {
    Clock::fixed(NOW)
}

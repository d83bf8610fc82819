//! Time as a parameter: the only clock of a process is made in `main` and handed down.

use std::sync::Arc;

use time::OffsetDateTime;

/// Tells the current time, in UTC; a fixed one in tests, a simulated day in the demo.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> OffsetDateTime + Send + Sync>);

impl Clock {
    /// A clock that asks `now` each time.
    pub fn new(now: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// A clock that stands still at `at`.
    pub fn fixed(at: OffsetDateTime) -> Self {
        Self::new(move || at)
    }

    /// The current time in UTC.
    pub fn now(&self) -> OffsetDateTime {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Clock")
    }
}

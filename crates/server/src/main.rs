//! The `postern` binary: hands the clock and the environment to the library.

use std::process::ExitCode;

use postern_domain::clock::Clock;
use postern_server::{Environment, Variables};
use time::OffsetDateTime;

#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn main() -> ExitCode {
    let variables = Variables::new(|name| std::env::var(name).ok());
    let text = |name: &str| variables.get(name);
    let environment = Environment {
        clock: Clock::new(OffsetDateTime::now_utc),
        home: text("HOME").map(Into::into),
        data_home: text("XDG_DATA_HOME").map(Into::into),
        log_filter: text("RUST_LOG"),
        variables,
    };
    postern_server::run(std::env::args_os(), environment)
}

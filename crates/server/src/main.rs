//! The `postern` binary: hands the clock and the environment to the library.

use std::process::ExitCode;

use postern_domain::clock::Clock;
use postern_server::Environment;
use time::OffsetDateTime;

#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn main() -> ExitCode {
    let text = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let environment = Environment {
        clock: Clock::new(OffsetDateTime::now_utc),
        azure_client_secret: text("POSTERN_AZURE_CLIENT_SECRET"),
        home: text("HOME").map(Into::into),
        data_home: text("XDG_DATA_HOME").map(Into::into),
        log_filter: text("RUST_LOG"),
    };
    postern_server::run(std::env::args_os(), environment)
}

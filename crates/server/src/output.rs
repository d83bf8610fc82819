//! Writing results to the standard output stream.

use std::io::{ErrorKind, Write as _};

use anyhow::Context as _;

/// Writes text; that a reader such as `head` has gone away is no failure.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context("the output could not be written"),
    }
}

/// Writes a value as indented JSON and a line end.
pub(crate) fn print_json(value: &serde_json::Value) -> anyhow::Result<()> {
    print(&format!("{value:#}\n"))
}

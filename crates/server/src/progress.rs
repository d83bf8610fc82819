//! Showing how far a scan is, on the standard error stream.

use std::future::Future;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use postern_domain::id::ScanId;
use postern_service::Postern;
use postern_service::scan::show_progress;
use postern_service::view::ScanProgress;

/// Often enough to look alive, seldom enough to cost nothing.
const EVERY: Duration = Duration::from_millis(500);

/// Waits for `work` and shows meanwhile how far the scan is.
pub(crate) async fn show_while<T>(
    postern: &Postern,
    scan: ScanId,
    work: impl Future<Output = T>,
) -> T {
    let mut line = Line::new();
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            result = &mut work => {
                line.clear();
                return result;
            }
            () = tokio::time::sleep(EVERY) => {
                // When it cannot be found out, the scan itself says what is wrong.
                if let Ok(Some(progress)) = show_progress(postern, scan).await {
                    line.show(&text(&progress));
                }
            }
        }
    }
}

fn text(progress: &ScanProgress) -> String {
    match progress.total {
        Some(total) => format!("{} ({} of {total})", progress.step, progress.done),
        None => progress.step.clone(),
    }
}

/// A line that is written over and over on a terminal, and once per change elsewhere.
struct Line {
    is_terminal: bool,
    shown: String,
}

impl Line {
    fn new() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), shown: String::new() }
    }

    fn show(&mut self, text: &str) {
        if text == self.shown {
            return;
        }
        text.clone_into(&mut self.shown);
        let mut stderr = std::io::stderr().lock();
        let written = if self.is_terminal {
            write!(stderr, "\r\x1b[2K{text}").and_then(|()| stderr.flush())
        } else {
            writeln!(stderr, "{text}")
        };
        // Nobody looks any more.
        drop(written);
    }

    fn clear(&mut self) {
        if self.is_terminal && !self.shown.is_empty() {
            drop(write!(std::io::stderr().lock(), "\r\x1b[2K"));
        }
    }
}

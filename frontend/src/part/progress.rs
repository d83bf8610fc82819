//! How far a scan is, in words.

use postern_service::view::ScanProgress;

use super::count;

/// What it does and how far it is, such as `Reading resources: 30 of 120`.
pub fn progress_text(progress: &ScanProgress) -> String {
    match progress.total {
        Some(total) => format!("{}: {} of {}", progress.step, count(progress.done), count(total)),
        None => format!("{}: {}", progress.step, count(progress.done)),
    }
}

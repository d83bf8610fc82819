//! How far a scan has come.

/// A step of a scan and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, for people: `Reading diagnostic settings`.
    pub step: String,
    /// How many of the step's parts are done.
    pub done: u64,
    /// How many parts the step has, where that is known.
    pub total: Option<u64>,
}

/// Takes the progress of a scan.
pub trait ProgressSink: Send + Sync {
    /// Called once a part; must return quickly, because the scan waits for it.
    fn report(&self, progress: Progress);
}

/// Lets progress pass by.
#[derive(Clone, Copy, Debug)]
pub struct NoProgress;

impl ProgressSink for NoProgress {
    fn report(&self, _progress: Progress) {}
}

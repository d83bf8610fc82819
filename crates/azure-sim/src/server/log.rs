//! The requests so far.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::http::{Method, Uri};

/// A request that the simulated Azure got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query as sent, without the question mark.
    pub query: Option<String>,
}

/// So many are remembered, the newest: about what a scan of a huge tenant sends, in some 250 MB.
const REMEMBERED: usize = 1_000_000;

#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    /// Method, and path with query: short, because there are many.
    entries: Mutex<VecDeque<(Method, Box<str>)>>,
    count: AtomicUsize,
    throttled: AtomicUsize,
}

impl RequestLog {
    /// Takes a request; how many there are with it.
    pub(crate) fn record(&self, method: &Method, uri: &Uri) -> usize {
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= REMEMBERED {
            entries.pop_front();
        }
        entries.push_back((method.clone(), target.into()));
        self.count.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn count_throttled(&self) {
        self.throttled.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    pub(crate) fn throttled(&self) -> usize {
        self.throttled.load(Ordering::Relaxed)
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let recorded = entries.iter().map(|(method, target)| {
            let (path, query) = match target.split_once('?') {
                Some((path, query)) => (path, Some(query.to_owned())),
                None => (&**target, None),
            };
            RecordedRequest { method: method.to_string(), path: path.to_owned(), query }
        });
        recorded.collect()
    }
}

//! Scans while they go on, for pages that are open: told by the database, whichever process runs them.

use std::sync::Arc;
use std::time::Duration;

use postern_domain::id::{ConnectionId, ScanId};
use postern_domain::person::{Denied, Permission};
use postern_store::notice::ScanNotices;
use postern_store::{StoreError, read};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::Postern;
use crate::scan::explain;
use crate::scans::{progress, state};
use crate::view::{ScanProgress, ScanState};

/// How often scans are looked at where nothing is told: where the word of the database does not arrive, pages are late
/// and not wrong.
const LOOK: Duration = Duration::from_secs(5);

/// How long until listening is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// Changes that wait for a page that is slow; one that missed some looks anew.
const WAITING: usize = 64;

/// Scans that change, for any number of pages.
#[derive(Clone, Debug)]
pub struct LiveScans {
    changes: Arc<broadcast::Receiver<Option<ConnectionId>>>,
}

/// A scan that waits or runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveScan {
    /// Its id.
    pub id: ScanId,
    /// Whether it waits or runs.
    pub state: ScanState,
    /// How far it is.
    pub progress: Option<ScanProgress>,
}

impl LiveScans {
    /// Begins to listen, until `shutdown` is cancelled; then every watch ends.
    pub fn start(postern: &Postern, shutdown: CancellationToken) -> Self {
        let (sender, receiver) = broadcast::channel(WAITING);
        tokio::spawn(listen(postern.clone(), sender, shutdown));
        Self { changes: Arc::new(receiver) }
    }

    /// Watches the scans of a connection on behalf of whoever `postern` acts for.
    pub fn watch(&self, postern: &Postern, of: ConnectionId) -> Result<Watch, Denied> {
        postern.require(Permission::ReadEverything)?;
        let changes = self.changes.resubscribe();
        Ok(Watch { postern: postern.clone(), of, changes, last: None })
    }
}

/// The scans of a connection, watched.
#[derive(Debug)]
pub struct Watch {
    postern: Postern,
    of: ConnectionId,
    changes: broadcast::Receiver<Option<ConnectionId>>,
    last: Option<Vec<LiveScan>>,
}

impl Watch {
    /// The scans that wait or run: at once, then whenever they are not as they were. `None` when the process shall end.
    pub async fn next(&mut self) -> Option<Vec<LiveScan>> {
        loop {
            match unfinished(&self.postern, self.of).await {
                Ok(scans) if self.last.as_ref() != Some(&scans) => {
                    self.last = Some(scans.clone());
                    return Some(scans);
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(error = %explain(&error), "scans could not be looked at");
                }
            }
            if !self.is_time_to_look().await {
                return None;
            }
        }
    }

    /// Waits for a change of this connection, or for a while; `false` when there is nothing to wait for.
    async fn is_time_to_look(&mut self) -> bool {
        let until = tokio::time::Instant::now() + LOOK;
        loop {
            match tokio::time::timeout_at(until, self.changes.recv()).await {
                Ok(Ok(Some(changed))) if changed != self.of => {}
                Ok(Err(broadcast::error::RecvError::Closed)) => return false,
                // A change, one that was missed, or the time.
                Ok(_) | Err(_) => return true,
            }
        }
    }
}

async fn unfinished(postern: &Postern, of: ConnectionId) -> Result<Vec<LiveScan>, StoreError> {
    let mut session = postern.pool.acquire().await?;
    let scans = read::scan::list_unfinished(&mut session, of).await?;
    Ok(scans
        .into_iter()
        .map(|scan| LiveScan {
            id: scan.id,
            state: state(&scan.state),
            progress: scan.progress.and_then(progress),
        })
        .collect())
}

/// Passes on what the database says.
async fn listen(
    postern: Postern,
    sender: broadcast::Sender<Option<ConnectionId>>,
    shutdown: CancellationToken,
) {
    let listening = async {
        loop {
            if let Err(error) = pass_on(&postern, &sender).await {
                tracing::debug!(error = %explain(&error), "the database cannot be listened to");
            }
            tokio::time::sleep(AGAIN).await;
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = listening => {}
    }
}

async fn pass_on(
    postern: &Postern,
    sender: &broadcast::Sender<Option<ConnectionId>>,
) -> Result<(), StoreError> {
    let mut notices = ScanNotices::listen(&postern.pool).await?;
    // Whatever changed before is looked at by whoever watches.
    sender.send(None).ok();
    loop {
        let changed = notices.next().await?;
        sender.send(changed).ok();
    }
}

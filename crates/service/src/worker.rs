//! The worker: runs scans that were asked for or are due, until it is told to stop.
//!
//! Any number of workers may run against one database; a connection's lease keeps them apart.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use postern_azure::{CollectError, Collector};
use postern_domain::id::{ConnectionId, ScanId};
use postern_domain::person::Actor;
use postern_store::connection::Connection;
use postern_store::schedule::Scheduled;
use postern_store::{StoreError, connection, scan as scans, schedule as schedules};
use time::OffsetDateTime;
use tokio::task::{Id, JoinHandle, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Postern;
use crate::retention;
use crate::rules::PackFolder;
use crate::scan::{self, ScanError, ScanOutcome, explain};
use crate::schedule::due_at;

/// How often it looks for work: a person who pressed a button sees it begin.
const LOOK: Duration = Duration::from_secs(1);

/// How often it looks for scans whose process ended, and for packs that were put in its folder.
const SETTLE: Duration = Duration::from_secs(10);

/// How often it removes what is kept no longer.
const RETAIN: Duration = Duration::from_hours(1);

/// How many connections one worker scans at a time; each takes a database session and judges on one thread.
const AT_A_TIME: usize = 4;

/// Runs until `shutdown` is cancelled; a scan that runs then waits with what it has read, and the worker ends when that
/// is written.
///
/// `collectors` makes the collector of a connection from its settings; packs that appear in `packs` are taken into use.
pub async fn run<F>(
    postern: Postern,
    collectors: F,
    packs: Option<PackFolder>,
    shutdown: CancellationToken,
) where
    F: Fn(&Connection) -> Result<Collector, CollectError> + Send + Sync + 'static,
{
    let mut worker = Worker {
        postern: postern.acting_as(Actor::Operator { name: "Postern".to_owned() }),
        collectors: Arc::new(collectors),
        packs,
        shutdown,
        running: JoinSet::new(),
        scanned: BTreeMap::new(),
        retaining: None,
    };
    worker.tidy_up().await;
    let mut settled: Option<Instant> = None;
    let mut retained: Option<Instant> = None;
    while !worker.shutdown.is_cancelled() {
        if settled.is_none_or(|at| at.elapsed() >= SETTLE) {
            worker.settle().await;
            worker.look_for_packs().await;
            settled = Some(Instant::now());
        }
        if retained.is_none_or(|at| at.elapsed() >= RETAIN) {
            worker.retain();
            retained = Some(Instant::now());
        }
        if let Err(error) = worker.take_work().await {
            tracing::warn!(error = %explain(&error), "no work could be taken");
        }
        worker.wait().await;
    }
    if let Some(retaining) = &worker.retaining {
        // What it has not committed is removed next time.
        retaining.abort();
    }
    while let Some(ended) = worker.running.join_next_with_id().await {
        worker.note_end(ended);
    }
}

struct Worker<F> {
    postern: Postern,
    collectors: Arc<F>,
    packs: Option<PackFolder>,
    shutdown: CancellationToken,
    running: JoinSet<()>,
    /// Which connection each task scans.
    scanned: BTreeMap<Id, ConnectionId>,
    retaining: Option<JoinHandle<()>>,
}

impl<F> Worker<F>
where
    F: Fn(&Connection) -> Result<Collector, CollectError> + Send + Sync + 'static,
{
    /// Once, what earlier processes may have left.
    async fn tidy_up(&self) {
        if let Err(error) = scan::discard_ended_journals(&self.postern).await {
            tracing::warn!(error = %explain(&error), "journals of scans that ended could not be emptied");
        }
        if let Err(error) = scan::evaluate_pending(&self.postern).await {
            tracing::warn!(error = %explain(&error), "a stored snapshot could not be judged");
        }
    }

    async fn settle(&self) {
        if let Err(error) = scan::settle_interrupted_scans(&self.postern).await {
            tracing::warn!(error = %explain(&error), "interrupted scans could not be settled");
        }
    }

    /// Removes what is kept no longer, beside the scans; unless it still does.
    fn retain(&mut self) {
        if self.retaining.as_ref().is_some_and(|retaining| !retaining.is_finished()) {
            return;
        }
        let postern = self.postern.clone();
        self.retaining = Some(tokio::spawn(async move {
            if let Err(error) = retention::apply_retention(&postern, |_| ()).await {
                tracing::warn!(error = %explain(&error), "what is kept no longer could not be removed");
            }
        }));
    }

    async fn look_for_packs(&mut self) {
        let Some(packs) = &mut self.packs else { return };
        match packs.look(&self.postern).await {
            Ok(looked) => {
                for pack in looked {
                    if let Err(error) = pack.result {
                        let file = pack.file.display();
                        tracing::warn!(%file, error = %explain(&error), "rule pack not taken into use");
                    }
                }
            }
            Err(error) => {
                tracing::warn!(error = %explain(&error), "the folder of rule packs could not be read");
            }
        }
    }

    async fn take_work(&mut self) -> Result<(), StoreError> {
        let mut session = self.postern.pool.acquire().await?;
        let now = self.postern.clock.now();
        for scheduled in schedules::list_free(&mut session).await? {
            if is_due(&scheduled, now) {
                self.queue_due(scheduled.connection, now).await?;
            }
        }
        for (id, of) in scans::list_queued(&mut session).await? {
            if self.running.len() >= AT_A_TIME {
                break;
            }
            if self.scanned.values().any(|busy| *busy == of) {
                continue;
            }
            match connection::find_by_id(&mut session, of).await? {
                Some(connection) => self.start(id, connection),
                // Asked for at the moment at which it was removed.
                None => {
                    if let Err(error) =
                        scan::refuse_scan(&self.postern, id, "its connection was removed").await
                    {
                        tracing::warn!(scan.id = %id, error = %explain(&error), "scan could not be refused");
                    }
                }
            }
        }
        Ok(())
    }

    /// Queues a connection's scheduled scan, unless another worker did it since it was seen to be due.
    async fn queue_due(&self, id: ConnectionId, now: OffsetDateTime) -> Result<(), StoreError> {
        let mut transaction = self.postern.pool.begin().await?;
        let locked = schedules::lock_free(&mut transaction, id).await?;
        if locked.is_some_and(|scheduled| is_due(&scheduled, now)) {
            scans::queue(&mut transaction, id, "schedule", now).await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    fn start(&mut self, id: ScanId, connection: Connection) {
        let postern = self.postern.clone();
        let collectors = Arc::clone(&self.collectors);
        let cancel = self.shutdown.clone();
        let of = connection.id;
        let task = self.running.spawn(async move {
            match run_one(&postern, id, collectors(&connection), &cancel).await {
                Ok(_) | Err(ScanError::NotQueued(_) | ScanError::Busy) => {}
                Err(error) => {
                    tracing::warn!(scan.id = %id, error = %explain(&error), "scan could not be run");
                }
            }
        });
        self.scanned.insert(task.id(), of);
    }

    async fn wait(&mut self) {
        tokio::select! {
            () = self.shutdown.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
            Some(ended) = self.running.join_next_with_id() => self.note_end(ended),
        }
    }

    fn note_end(&mut self, ended: Result<(Id, ()), tokio::task::JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "a scan ended by a defect of Postern");
                error.id()
            }
        };
        self.scanned.remove(&id);
    }
}

/// Whether its scan should have begun. A schedule that this version cannot follow is never due; its page says why.
fn is_due(scheduled: &Scheduled, now: OffsetDateTime) -> bool {
    due_at(scheduled).is_ok_and(|due| due <= now)
}

async fn run_one(
    postern: &Postern,
    id: ScanId,
    collector: Result<Collector, CollectError>,
    cancel: &CancellationToken,
) -> Result<Option<ScanOutcome>, ScanError> {
    match collector {
        Ok(collector) => scan::run_resumable_scan(postern, id, &collector, cancel).await,
        Err(error) => {
            scan::refuse_scan(postern, id, &explain(&error)).await?;
            Ok(None)
        }
    }
}

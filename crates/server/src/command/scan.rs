//! `postern scan`.

mod plan;

use std::time::Duration;

use anyhow::Context as _;
use postern_domain::id::ScanId;
use postern_service::Postern;
use postern_service::connection::Connection;
use postern_service::evaluate::EvaluationSummary;
use postern_service::scan::{
    ScanError, ScanOutcome, cancel_scan, request_scan, run_scan, show_scan,
};
use postern_service::view::{ScanState, ScanView};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::azure_connection::{self, Resolver};
use crate::cli::ScanArguments;
use crate::{Environment, database, output, progress, shutdown};

/// How often a scan of another process is looked at.
const LOOK: Duration = Duration::from_millis(500);

pub(super) async fn run(arguments: ScanArguments, environment: &Environment) -> anyhow::Result<()> {
    let resolver = Resolver::with_arguments(&arguments.azure, environment);
    if arguments.plan {
        return plan::run(&arguments, &resolver, environment).await;
    }
    let new = resolver.connection(&arguments.azure)?;
    let shutdown = shutdown::on_signal()?;
    let database = database::open(&arguments.database, &environment.clock).await?;
    let done = async {
        azure_connection::ensure(&database.postern, new).await?;
        scan(&database.postern, &arguments, &resolver, &shutdown).await
    };
    let done = done.await;
    let closed = database.close().await;
    done.and(closed)
}

async fn scan(
    postern: &Postern,
    arguments: &ScanArguments,
    resolver: &Resolver,
    shutdown: &CancellationToken,
) -> anyhow::Result<()> {
    let slug = arguments.connection.as_ref().unwrap_or(&arguments.azure.azure_connection);
    let connection = azure_connection::find(postern, slug).await?;
    let run = Run { postern, connection: &connection, resolver, shutdown };
    let id = request_scan(postern, connection.id, "command line").await?;
    let outcome = loop {
        match run.here(id).await {
            Ok(outcome) => break Some(outcome),
            // A worker was faster; it is the scan that was asked for.
            Err(Refused::Scan(ScanError::NotQueued(_))) => break run.elsewhere(id).await,
            Err(Refused::Scan(ScanError::Busy)) if arguments.wait => run.pause().await,
            Err(Refused::Scan(ScanError::Busy)) => {
                anyhow::bail!(
                    "another scan of \"{}\" is running; add --wait to wait for it",
                    connection.slug
                )
            }
            Err(Refused::Scan(error)) => return Err(error.into()),
            Err(Refused::Collector(error)) => return Err(error.into()),
        }
        if shutdown.is_cancelled() {
            break None;
        }
    };
    if shutdown.is_cancelled() {
        // Wherever it waits or runs; one that has ended stays as it is.
        cancel_scan(postern, id).await?;
    }
    let view = run.view(id).await?.context("there is no such scan any more")?;
    let summary = match &outcome {
        Some(ScanOutcome::Finished(summary)) => Some(summary.as_ref()),
        _ => None,
    };
    if arguments.json {
        output::print_json(&as_json(&view, &connection, summary))?;
    }
    match view.state {
        ScanState::Finished if arguments.json => Ok(()),
        ScanState::Finished => output::print(&as_text(&view, summary)),
        ScanState::Failed => {
            anyhow::bail!(
                "scan {id} failed: {}",
                view.failure.as_deref().unwrap_or("no reason was noted")
            )
        }
        ScanState::Queued | ScanState::Running if view.is_cancelling => {
            anyhow::bail!("whoever runs scan {id} has been told to cancel it")
        }
        ScanState::Queued | ScanState::Running => anyhow::bail!("scan {id} was not waited for"),
    }
}

/// What running a scan needs.
struct Run<'a> {
    postern: &'a Postern,
    connection: &'a Connection,
    resolver: &'a Resolver,
    shutdown: &'a CancellationToken,
}

/// Why the scan was not run here.
enum Refused {
    Collector(postern_service::azure::CollectError),
    Scan(ScanError),
}

impl Run<'_> {
    /// Runs the scan in this process.
    async fn here(&self, id: ScanId) -> Result<ScanOutcome, Refused> {
        let collector =
            self.resolver.collector(&self.connection.settings).map_err(Refused::Collector)?;
        let work = run_scan(self.postern, id, &collector, self.shutdown);
        progress::show_while(self.postern, id, work).await.map_err(Refused::Scan)
    }

    /// Waits for the scan, which a worker runs.
    async fn elsewhere(&self, id: ScanId) -> Option<ScanOutcome> {
        let ended = async {
            loop {
                let state = self.view(id).await.ok().flatten().map(|view| view.state);
                if matches!(state, Some(ScanState::Finished | ScanState::Failed)) {
                    return;
                }
                self.pause().await;
            }
        };
        tokio::select! {
            () = progress::show_while(self.postern, id, ended) => {}
            () = self.shutdown.cancelled() => {}
        }
        None
    }

    async fn pause(&self) {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = self.shutdown.cancelled() => {}
        }
    }

    async fn view(&self, id: ScanId) -> anyhow::Result<Option<ScanView>> {
        Ok(show_scan(self.postern, id).await?)
    }
}

fn as_json(
    view: &ScanView,
    connection: &Connection,
    summary: Option<&EvaluationSummary>,
) -> serde_json::Value {
    json!({
        "connection": connection.slug,
        "scan": view.id,
        "state": view.state,
        "failure": view.failure,
        "assets": view.result.as_ref().map(|result| result.assets),
        "gaps": view.result.as_ref().map(|result| &result.gaps),
        "findings": summary.map(|summary| json!({
            "open": summary.open(),
            "opened": summary.opened(),
            "fixed": summary.fixed(),
        })),
    })
}

fn as_text(view: &ScanView, summary: Option<&EvaluationSummary>) -> String {
    let (assets, gaps) =
        view.result.as_ref().map_or((0, 0), |result| (result.assets, result.gaps.len()));
    let findings = summary.map_or_else(String::new, |summary| {
        format!(
            "; {} findings open, {} new, {} fixed",
            summary.open(),
            summary.opened(),
            summary.fixed()
        )
    });
    format!("Scan {}: {assets} assets read, {gaps} gaps{findings}.\n", view.id)
}

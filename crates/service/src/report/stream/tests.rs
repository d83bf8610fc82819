//! Reports that fail, stop or are given up half way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use postern_domain::arm::{AssetType, SEARCH_SERVICE};
use postern_domain::decision::Head;
use postern_domain::digest::Digest;
use postern_domain::finding::FindingState;
use postern_domain::id::FindingId;
use postern_domain::rule::Remediation;
use postern_domain::verdict::{Severity, Topic};
use postern_report::model::{Coverage, ReportAsset, ReportRule};
use time::OffsetDateTime;
use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;

use super::*;
use crate::read::ReadError;

const AT: OffsetDateTime = time::macros::datetime!(2026-05-12 4:31 UTC);

fn head() -> ReportHead {
    ReportHead {
        organisation: "Contoso".to_owned(),
        connection: "Production".to_owned(),
        is_demo: false,
        filters: Vec::new(),
        as_of: AT,
        scan: None,
        evaluation: None,
        engine: "wasmtime".to_owned(),
        decisions: Head::genesis(),
        packs: Vec::new(),
        coverage: Coverage::default(),
        gaps: Vec::new(),
        trend: Vec::new(),
        exceptions: Vec::new(),
        frameworks: Vec::new(),
    }
}

fn rule() -> Arc<ReportRule> {
    Arc::new(ReportRule {
        id: "NET-01".parse().unwrap(),
        title: "Public network access is disabled".to_owned(),
        topic: Topic::Networking,
        severity_reason: String::new(),
        rationale: String::new(),
        remediation: Remediation::default(),
        pack: Digest::of(b"pack"),
        pack_origin: None,
    })
}

/// A batch of a hundred findings.
fn batch(number: i64, rule: &Arc<ReportRule>) -> Batch {
    let finding = |id: i64| ReportFinding {
        id: FindingId::from_number(id),
        rule: rule.clone(),
        severity: Severity::High,
        state: FindingState::Open,
        summary: "Public network access is on.".to_owned(),
        evidence: Vec::new(),
        read_at: None,
        asset: ReportAsset {
            arm_id: "/subscriptions/s".to_owned(),
            name: "search".to_owned(),
            asset_type: AssetType::new(SEARCH_SERVICE),
            kind: None,
            location: None,
            subscription: "s".to_owned(),
            resource_group: None,
        },
        owner: None,
        team: None,
        first_seen_at: AT,
        opened_at: AT,
        changed_at: AT,
        resolution: None,
        exception: None,
    };
    Batch::Some((number * 100..(number + 1) * 100).map(finding).collect())
}

async fn begin<Reading>(
    format: ReportFormat,
    read: impl FnOnce(Sender<Batch>) -> Reading,
) -> Result<ReportStream, ReportError>
where
    Reading: Future<Output = ()> + Send + 'static,
{
    let turn = take_turn().await;
    ReportStream::begin("report".to_owned(), format, head(), read, turn).await
}

/// Gives so many batches, and then goes on as it is told.
async fn give(to: &Sender<Batch>, batches: i64) {
    let rule = rule();
    for number in 0..batches {
        to.send(batch(number, &rule)).await.unwrap();
    }
}

/// All bytes, or why they are not a report.
async fn taken(mut stream: ReportStream) -> Result<Vec<u8>, ReportError> {
    let mut bytes = Vec::new();
    while let Some(piece) = stream.next().await {
        let piece = piece?;
        assert!(piece.len() <= PIECE);
        bytes.extend(piece);
    }
    Ok(bytes)
}

#[tokio::test]
async fn a_report_that_comes_to_its_end_holds_every_finding() {
    let stream = begin(ReportFormat::Csv, async |to| {
        give(&to, 50).await;
        to.send(Batch::End).await.unwrap();
    });
    let bytes = taken(stream.await.unwrap()).await.unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap().lines().count(), 5_001);
}

#[tokio::test]
async fn what_fails_half_way_is_an_error_after_the_bytes_and_never_an_end() {
    let failing = begin(ReportFormat::Csv, async |to| {
        give(&to, 50).await;
        let error = ReadError::UnknownConnection("gone".to_owned());
        to.send(Batch::Failed(error.into())).await.unwrap();
    });
    let error = taken(failing.await.unwrap()).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no connection \"gone\"");

    let silent = begin(ReportFormat::Csv, async |to| give(&to, 50).await);
    assert!(matches!(taken(silent.await.unwrap()).await, Err(ReportError::Stopped)));

    let panicking = begin(ReportFormat::Csv, async |to| {
        give(&to, 50).await;
        panic!("as a fault of ours would");
    });
    assert!(matches!(taken(panicking.await.unwrap()).await, Err(ReportError::Stopped)));
}

#[tokio::test]
async fn what_fails_before_the_first_bytes_is_refused_at_once() {
    for format in ReportFormat::ALL {
        let failing = begin(*format, async |to| {
            let error = ReadError::UnknownConnection("gone".to_owned());
            to.send(Batch::Failed(error.into())).await.unwrap();
        });
        let error = failing.await.unwrap_err();
        assert_eq!(error.to_string(), "there is no connection \"gone\"", "{format}");
    }
}

#[tokio::test]
async fn nobody_reads_on_while_nothing_is_taken_nor_after_it_was_given_up() {
    let given = Arc::new(AtomicUsize::new(0));
    let moved = Arc::new(Notify::new());
    let (told, over) = tokio::sync::oneshot::channel::<()>();
    let (counter, told_of_one) = (given.clone(), moved.clone());
    let mut stream = begin(ReportFormat::Csv, async move |to| {
        // Told when this is dropped, whichever way it ends.
        let _told = told;
        let rule = rule();
        for number in 0.. {
            if to.send(batch(number, &rule)).await.is_err() {
                return;
            }
            counter.fetch_add(1, Ordering::SeqCst);
            told_of_one.notify_one();
        }
    })
    .await
    .unwrap();
    assert!(stream.next().await.unwrap().unwrap().len() <= PIECE);
    // Until nothing moves any more: the pieces, the batches and what the writer holds are full.
    while timeout(Duration::from_millis(500), moved.notified()).await.is_ok() {}
    let before = given.load(Ordering::SeqCst);
    assert!(before < 100, "{before} batches were read while one piece was taken");
    drop(stream);
    assert!(timeout(Duration::from_secs(20), over).await.unwrap().is_err());
}

//! Reports say what was accepted at their moment, and say the same of it later.

use std::collections::{BTreeMap, BTreeSet};

use postern_service::exception::revoke_exception;
use postern_service::finding::list_findings;
use postern_service::report::{ReportFormat, ReportRequest, build_report};
use postern_service::view::{FindingQuery, FindingStatus};

use super::*;

type Row = BTreeMap<String, String>;

async fn build(postern: &Postern, format: ReportFormat, as_of: Option<OffsetDateTime>) -> Vec<u8> {
    let request = ReportRequest { connection: None, format, as_of, list: None };
    build_report(postern, request).await.unwrap().bytes
}

async fn rows(postern: &Postern, as_of: Option<OffsetDateTime>) -> Vec<Row> {
    let bytes = build(postern, ReportFormat::Csv, as_of).await;
    csv::Reader::from_reader(bytes.as_slice()).deserialize().map(Result::unwrap).collect()
}

/// By finding, which exception accepts it until when.
fn excepted(rows: &[Row]) -> BTreeMap<&str, (&str, &str)> {
    rows.iter()
        .filter(|row| !row["exception"].is_empty())
        .map(|row| {
            assert_eq!(row["state"], "open", "what is accepted fails still");
            (row["id"].as_str(), (row["exception"].as_str(), row["excepted_until"].as_str()))
        })
        .collect()
}

impl Office {
    /// Files and approves on day 30, until another one.
    async fn except_until(&self, account: &str, until: i64) -> ExceptionId {
        let findings = [self.finding(account).await];
        let request = self.request(Nora, &findings, until).await;
        let id = file_exception(&self.at(Nora, 30).await, filing(request)).await.unwrap();
        decide_exception(&self.at(Amal, 30).await, id, yes()).await.unwrap();
        id
    }
}

#[tokio::test]
async fn a_report_says_what_was_accepted_then_whenever_it_is_made() {
    let office = Office::new().await;
    let accounts = [open_account("oai-1"), open_account("oai-2")];
    office.world.take(snapshot(day(30), &accounts)).await;
    // One comes to its end on day 60, the other is ended on that day.
    let expiring = office.except_until("oai-1", 60).await;
    let revoked = office.except_until("oai-2", 80).await;
    let findings =
        [office.finding("oai-1").await, office.finding("oai-2").await].map(|id| id.to_string());
    let exceptions = [expiring, revoked].map(|id| id.to_string());
    let ends = [day(60), day(80)].map(moment::text);
    let both = BTreeMap::from([
        (findings[0].as_str(), (exceptions[0].as_str(), ends[0].as_str())),
        (findings[1].as_str(), (exceptions[1].as_str(), ends[1].as_str())),
    ]);

    let [before, then, after] = [20, 40, 70].map(|days| Some(day(days)));
    let on_41 = office.at(Vera, 41).await;
    assert_eq!(excepted(&rows(&on_41, before).await), BTreeMap::new());
    assert_eq!(excepted(&rows(&on_41, then).await), both);
    let mut files = Vec::new();
    for format in ReportFormat::ALL {
        files.push(build(&on_41, *format, then).await);
    }

    // Without a moment it is of the last at which anything changed: here the approvals, after the scan.
    let approved_at = moment::text(day(30) + Duration::HOUR);
    let now = rows(&on_41, None).await;
    assert_eq!(excepted(&now), both);
    assert!(now.iter().all(|row| row["as_of"] == approved_at));

    let amal = office.at(Amal, 60).await;
    revoke_exception(&amal, revoked, "The gateway is there.".parse().unwrap()).await.unwrap();
    office.world.take(snapshot(day(70), &accounts)).await;
    let on_90 = office.at(Vera, 90).await;
    // A person's name can change; who approved is said by the name of then.
    sqlx::query("UPDATE people SET name = 'Renamed'")
        .execute(office.world.database.pool())
        .await
        .unwrap();
    for (format, file) in ReportFormat::ALL.iter().zip(files) {
        assert!(build(&on_90, *format, then).await == file, "the {format} of day 40 differs");
    }
    assert_eq!(excepted(&rows(&on_90, before).await), BTreeMap::new());
    assert_eq!(excepted(&rows(&on_90, after).await), BTreeMap::new());
    let at_the_end = rows(&on_90, Some(day(60))).await;
    let left: Vec<_> = excepted(&at_the_end).into_keys().collect();
    assert_eq!(left, [findings[1].as_str()], "an end is the first moment without it");

    // The rows with an exception are those of the list.
    for (days, as_of) in
        [(31, None), (41, then), (59, None), (61, None), (90, then), (90, after), (90, None)]
    {
        let postern = office.at(Vera, days).await;
        let status = FindingStatus::Excepted;
        let query = FindingQuery { status, limit: 200, as_of, ..FindingQuery::default() };
        let listed = list_findings(&postern, query).await.unwrap().unwrap();
        let listed: BTreeSet<_> = listed.rows.iter().map(|row| row.id.to_string()).collect();
        // The estate's latest scan is of day 70 by now, so that of days before it only a moment can be asked for.
        let asked = as_of.or((days < 70).then(|| day(days) + Duration::HOUR));
        let reported = rows(&postern, asked).await;
        let reported: BTreeSet<_> = excepted(&reported).into_keys().map(str::to_owned).collect();
        assert_eq!(reported, listed, "made on day {days}, of {as_of:?}");
    }
}

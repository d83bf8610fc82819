//! From files to the dashboard, the CSV and the PDF.

use postern_test_support::TestDatabase;
use serde_json::Value;

use crate::program::{OPEN_ACCOUNT, Server, folder, postern, run, shared_azure};

#[tokio::test]
async fn imported_files_show_everywhere() {
    let database = TestDatabase::create().await;
    let folder = folder();
    let file = folder.path().join("mine.json");
    std::fs::write(&file, OPEN_ACCOUNT).unwrap();
    let assets = show_everywhere(database.url(), &[file.to_str().unwrap()]).await;
    assert_eq!(assets, 1);
}

#[tokio::test]
async fn real_answers_show_everywhere() {
    let Some(shared) = shared_azure() else { return };
    let database = TestDatabase::create().await;
    let (recordings, examples) = (shared.join("recordings"), shared.join("examples"));
    let paths = [recordings.to_str().unwrap(), examples.to_str().unwrap()];
    let assets = show_everywhere(database.url(), &paths).await;
    assert!(assets > 10, "{assets} assets");
}

#[tokio::test]
async fn a_truncated_file_loses_nothing_that_was_there() {
    let database = TestDatabase::create().await;
    let folder = folder();
    let good = folder.path().join("good.json");
    std::fs::write(&good, OPEN_ACCOUNT).unwrap();
    let truncated = folder.path().join("truncated.json");
    std::fs::write(&truncated, &OPEN_ACCOUNT[..OPEN_ACCOUNT.len() / 2]).unwrap();
    let import = |path: &std::path::Path| {
        run(postern(["import", path.to_str().unwrap(), "--json"])
            .env("DATABASE_URL", database.url()))
    };
    assert_eq!(import(&good).code, Some(0));
    let before = csv(database.url(), folder.path());
    let ended = import(&truncated);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("truncated.json"), "{ended:?}");
    let lines = |csv: &str| csv.lines().count();
    assert_eq!(lines(&csv(database.url(), folder.path())), lines(&before), "no finding is lost");
}

fn csv(url: &str, folder: &std::path::Path) -> String {
    let out = folder.join("findings.csv");
    let ended = run(postern(["report", "--format", "csv", "--out", out.to_str().unwrap()])
        .env("DATABASE_URL", url));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    std::fs::read_to_string(out).unwrap()
}

/// Imports the paths, looks at every place that shows findings, and gives the number of assets.
async fn show_everywhere(url: &str, paths: &[&str]) -> u64 {
    let folder = folder();
    let arguments = ["import"].into_iter().chain(paths.iter().copied()).chain(["--json"]);
    let ended = run(postern(arguments).env("DATABASE_URL", url));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let summary: Value = serde_json::from_str(&ended.stdout).unwrap();

    let csv = csv(url, folder.path());
    assert!(csv.lines().count() > 1, "{csv}");
    let pdf = folder.path().join("findings.pdf");
    let ended = run(postern(["report", "--format", "pdf", "--out", pdf.to_str().unwrap()])
        .env("DATABASE_URL", url));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF-"));

    let server = Server::start(
        postern(["serve", "--single-user", "--listen", "127.0.0.1:0"]).env("DATABASE_URL", url),
    );
    let page = reqwest::get(format!("{}/findings?connection=import", server.url)).await.unwrap();
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("oai-open") || paths.len() > 1, "{page}");
    let download = reqwest::get(format!("{}/reports/findings.csv?connection=import", server.url));
    let download = download.await.unwrap();
    assert_eq!(download.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(download.text().await.unwrap(), csv, "the dashboard's CSV is the command's");
    assert_eq!(server.terminate(), Some(0));
    summary["assets"].as_u64().unwrap()
}

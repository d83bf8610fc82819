//! What every answer of the server has, and what it refuses.

use postern_test_support::TestDatabase;
use reqwest::{Client, StatusCode};

use crate::program::{Server, postern};

#[tokio::test]
async fn answers_are_guarded_and_errors_are_pages() {
    let database = TestDatabase::create().await;
    let server = Server::start(
        postern(["serve", "--single-user", "--listen", "127.0.0.1:0"])
            .env("DATABASE_URL", database.url()),
    );
    let client = Client::new();
    let get = async |path: &str| client.get(format!("{}{path}", server.url)).send().await.unwrap();

    for (path, status) in [
        ("/healthz", 200),
        ("/readyz", 200),
        ("/overview", 200),
        ("/no/such/page", 404),
        ("/assets/nothing.css", 404),
        ("/assets/..%2Fpacks%2Fazure-ai-baseline.wasm", 404),
        ("/reports/findings.csv?as_of=yesterday", 400),
        ("/reports/findings.csv?connection=nowhere", 404),
    ] {
        let answer = get(path).await;
        assert_eq!(answer.status().as_u16(), status, "{path}");
        let headers = answer.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(headers.contains_key("referrer-policy"), "{path}");
        if status >= 400 {
            let page = answer.text().await.unwrap();
            assert!(page.contains("<h1"), "{path}: {page}");
            assert!(!page.contains("<script"), "{path}: {page}");
            let is_ours = path.starts_with("/assets") || path.starts_with("/reports");
            assert!(!is_ours || page.contains("Reference: <code>"), "{path}: {page}");
        }
    }

    let rebound = client.get(format!("{}/overview", server.url)).header("host", "evil.example");
    assert_eq!(rebound.send().await.unwrap().status(), StatusCode::MISDIRECTED_REQUEST);
    let forged =
        client.post(format!("{}/scans", server.url)).header("origin", "https://evil.example");
    assert_eq!(forged.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(server.terminate(), Some(0), "SIGTERM is an orderly end");
}

//! `postern demo`: everything by itself, and again.

use crate::program::{Server, folder, get_as, postern, sign_in};

#[tokio::test]
async fn the_demo_shows_its_days_and_goes_on_with_them() {
    let folder = folder();
    let data_dir = folder.path().join("demo");
    let start = |days: &str| {
        let data_dir = data_dir.to_str().unwrap();
        let listen = "127.0.0.1:0";
        Server::start(&mut postern([
            "demo",
            "--days",
            days,
            "--assets",
            "12",
            "--listen",
            listen,
            "--data-dir",
            data_dir,
        ]))
    };
    let scans = async |server: &Server| {
        let session = sign_in(server, "auditor").await;
        let page = get_as(server, &session, "/scans").await;
        assert_eq!(page.status(), 200);
        let page = page.text().await.unwrap();
        let ids = page.split("S-").skip(1).filter_map(|rest| {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u32>().ok()
        });
        ids.collect::<std::collections::BTreeSet<_>>()
    };

    let server = start("3");
    let session = sign_in(&server, "viewer").await;
    let overview = get_as(&server, &session, "/overview").await;
    assert_eq!(overview.status(), 200);
    assert!(overview.text().await.unwrap().contains("Contoso AI"));
    let first = scans(&server).await;
    assert_eq!(first.len(), 3, "{first:?}");
    assert_eq!(server.terminate(), Some(0));
    assert!(!data_dir.join("postgres/postmaster.pid").exists(), "its Postgres is stopped");

    let server = start("3");
    assert_eq!(scans(&server).await, first, "nothing is scanned twice");
    assert_eq!(server.terminate(), Some(0));
}

//! What is wrong outside is one clear sentence and a code that is not 0.

use std::net::TcpListener;

use postern_azure_sim::{AzureSim, CertificateKind, EstateSource, Fault, Quotas, SimOptions};
use postern_local_postgres::{Cluster, ClusterOptions};
use postern_test_support::TestDatabase;
use time::macros::date;

use crate::program::{Ended, connect_to, folder, postern, run};

fn check_failed(ended: &Ended, said: &str) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains(said), "expected \"{said}\" in {ended:?}");
    let sentences = ended.stderr.lines().filter(|line| line.starts_with("postern: ")).count();
    assert_eq!(sentences, 1, "{ended:?}");
}

fn options() -> SimOptions {
    SimOptions {
        listen: "127.0.0.1:0".parse().unwrap(),
        seed: 7,
        day: date!(2026 - 01 - 05),
        estate: EstateSource::Company { assets: 12 },
        host_names: Vec::new(),
        quotas: Quotas::Off,
    }
}

#[test]
fn without_a_database_it_says_how_to_get_one() {
    check_failed(
        &run(&mut postern(["serve", "--single-user", "--listen", "127.0.0.1:0"])),
        "set DATABASE_URL",
    );
}

#[test]
fn a_wrong_database_url_is_explained() {
    let check = |url: &str, said: &str| {
        let ended = run(postern(["migrate"]).env("DATABASE_URL", url));
        check_failed(&ended, said);
        assert!(!ended.stderr.contains("s3cret"), "the password is not shown: {ended:?}");
    };
    check("not a url", "postgres://user:password@host:5432/database");
    check("mysql://root:s3cret@localhost/db", "postgres://user:password@host:5432/database");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    check(
        &format!("postgres://postern:s3cret@{nobody}/db"),
        "no database server answers at 127.0.0.1",
    );
}

#[tokio::test]
async fn a_wrong_password_is_explained() {
    let folder = folder();
    let data_dir = folder.path().join("cluster");
    let cluster = Cluster::start(ClusterOptions { data_dir }).await.unwrap();
    let (_, host) = cluster.url().split_once('@').unwrap();
    let url = format!("postgres://postgres:s3cret@{host}");
    let ended = run(postern(["migrate"]).env("DATABASE_URL", &url));
    check_failed(&ended, "refused user \"postgres\" or the password");
    assert!(!ended.stderr.contains("s3cret"), "{ended:?}");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_postgres_that_is_too_old_is_refused() {
    let database = TestDatabase::create_empty().await;
    database.claim_version(140_012).await;
    let ended = run(postern(["migrate"]).env("DATABASE_URL", database.url()));
    check_failed(&ended, "is PostgreSQL 14, and Postern needs 15 or newer");
}

#[test]
fn a_used_port_is_refused_before_anything_is_started() {
    let folder = folder();
    let data_dir = folder.path().join("demo");
    let used = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = used.local_addr().unwrap().to_string();
    let ended =
        run(&mut postern(["demo", "--listen", &address, "--data-dir", data_dir.to_str().unwrap()]));
    check_failed(&ended, "is in use by another program");
    assert!(!data_dir.exists(), "nothing was started");
    // Not even the database is looked at.
    let ended =
        run(postern(["serve", "--single-user", "--listen", &address])
            .env("DATABASE_URL", "not a url"));
    check_failed(&ended, "is in use by another program");
}

#[test]
fn packs_that_cannot_be_let_in_are_refused_before_anything_is_started() {
    for command in ["serve", "worker"] {
        let listen: &[&str] =
            if command == "serve" { &["--single-user", "--listen", "127.0.0.1:0"] } else { &[] };
        for (option, value, sentence) in [
            ("--packs", "/nowhere/packs", "/nowhere/packs cannot be read"),
            ("--trusted-key", "nonsense", "is no minisign public key"),
        ] {
            let arguments = [&[command, option, value], listen].concat();
            let ended = run(postern(arguments).env("DATABASE_URL", "not a url"));
            check_failed(&ended, sentence);
        }
    }
}

#[test]
fn serving_others_is_refused_with_the_reason() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:7878"] {
        let alone = ["serve", "--single-user", "--listen", address];
        check_failed(&run(&mut postern(alone)), "without sign-in");
        check_failed(&run(&mut postern(["demo", "--listen", address])), "without sign-in");
    }
    check_failed(&run(&mut postern(["serve"])), "give --sign-in FILE");
}

#[test]
fn settings_for_signing_in_that_cannot_be_safe_are_refused() {
    let folder = folder();
    let file = folder.path().join("sign-in.json");
    let check = |text: &str, sentence: &str| {
        std::fs::write(&file, text).unwrap();
        let ended = run(&mut postern(["serve", "--sign-in", file.to_str().unwrap()]));
        check_failed(&ended, sentence);
    };
    check("{", "holds no settings for signing in");
    check(
        r#"{"public_url": "http://postern.example", "provider": {"issuer": "https://login.example", "client_id": "a"},
            "grants": [{"claim": "roles", "value": "a", "role": "auditor"}]}"#,
        "public_url http://postern.example/ is not https",
    );
    check(
        r#"{"public_url": "https://postern.example", "provider": {"issuer": "https://login.example", "client_id": "a",
            "client_secret": {"environment": "NOT_THERE"}},
            "grants": [{"claim": "roles", "value": "a", "role": "auditor"}], "proxies": 0}"#,
        "the client secret for signing in is missing: the environment variable NOT_THERE is not set",
    );
    let ended = run(&mut postern(["serve", "--sign-in", "/nowhere/sign-in.json"]));
    check_failed(&ended, "/nowhere/sign-in.json cannot be read");
}

#[test]
fn a_report_goes_to_a_file() {
    let folder = folder();
    let check = |out: &str, said: &str| {
        check_failed(&run(&mut postern(["report", "--format", "csv", "--out", out])), said);
    };
    check(folder.path().to_str().unwrap(), "is a directory");
    check("/nowhere/at/all/findings.csv", "does not exist");
}

#[tokio::test]
async fn credentials_refused_by_entra_are_explained() {
    let database = TestDatabase::create().await;
    let sim = AzureSim::start(options()).await.unwrap();
    sim.set_faults(vec![Fault::RefuseCredentials]);
    let folder = folder();
    let mut command = postern(["scan", "--connection", "azure"]);
    connect_to(command.env("DATABASE_URL", database.url()), &sim, folder.path());
    let ended = tokio::task::spawn_blocking(move || run(&mut command)).await.unwrap();
    check_failed(&ended, "AADSTS7000215");
    assert!(!ended.stderr.contains(sim.client_secret()), "{ended:?}");
    sim.stop().await;
}

#[tokio::test]
async fn an_expired_certificate_is_explained() {
    let database = TestDatabase::create().await;
    let sim = AzureSim::start_with_certificate(options(), CertificateKind::Expired).await.unwrap();
    let folder = folder();
    let mut command = postern(["scan", "--connection", "azure"]);
    connect_to(command.env("DATABASE_URL", database.url()), &sim, folder.path());
    let ended = tokio::task::spawn_blocking(move || run(&mut command)).await.unwrap();
    check_failed(&ended, "has expired");
    sim.stop().await;
}

#[tokio::test]
async fn a_connection_that_is_not_there_is_explained() {
    let database = TestDatabase::create().await;
    let ended =
        run(postern(["scan", "--connection", "nowhere"]).env("DATABASE_URL", database.url()));
    check_failed(&ended, "there is no connection \"nowhere\"");
}

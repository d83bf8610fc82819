//! `postern doctor`: what a connection lacks, and what that costs.

use postern_azure_sim::{AzureSim, EstateSource, Fault, Quotas, SimOptions};
use postern_test_support::TestDatabase;
use serde_json::Value;
use time::macros::date;

use crate::program::{Ended, connect_to, folder, postern, run};
use crate::proxy::Proxy;

async fn sim() -> AzureSim {
    let options = SimOptions {
        listen: "127.0.0.1:0".parse().unwrap(),
        seed: 7,
        day: date!(2026 - 01 - 05),
        estate: EstateSource::Small,
        host_names: Vec::new(),
        quotas: Quotas::Off,
    };
    AzureSim::start(options).await.unwrap()
}

/// Runs it in a thread of its own, so that the simulated Azure can answer.
async fn ended(mut command: std::process::Command) -> Ended {
    tokio::task::spawn_blocking(move || run(&mut command)).await.unwrap()
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

fn state<'a>(report: &'a Value, step: &str) -> &'a str {
    let steps = report["steps"].as_array().unwrap();
    let found = steps.iter().find(|found| found["step"] == step);
    found.unwrap_or_else(|| panic!("no {step} in {report:#}"))["state"].as_str().unwrap()
}

#[tokio::test]
async fn a_healthy_connection_needs_no_database_and_gets_a_role_definition() {
    let (sim, folder) = (sim().await, folder());
    let role = folder.path().join("role.json");
    let mut command = postern(["doctor", "--json", "--role-definition", role.to_str().unwrap()]);
    connect_to(&mut command, &sim, folder.path());
    let ended = ended(command).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let report = json(&ended);
    assert_eq!(report["ok"], true);
    assert_eq!(report["missing"], serde_json::json!([]));
    for step in report["steps"].as_array().unwrap() {
        assert_eq!(step["state"], "ok", "{step}");
    }
    assert!(!ended.stdout.contains(sim.client_secret()), "{ended:?}");

    let role: Value = serde_json::from_slice(&std::fs::read(role).unwrap()).unwrap();
    assert_eq!(role, report["role_definition"]);
    assert_eq!(
        (&role["IsCustom"], &role["NotActions"]),
        (&Value::Bool(true), &serde_json::json!([]))
    );
    let actions = role["Actions"].as_array().unwrap();
    assert!(actions.iter().all(|action| action.as_str().unwrap().ends_with("/read")), "{role:#}");
    assert!(actions.contains(&"Microsoft.Insights/diagnosticSettings/read".into()), "{role:#}");
    let subscriptions = report["subscriptions"].as_array().unwrap();
    let scopes = role["AssignableScopes"].as_array().unwrap();
    assert_eq!((scopes.len(), scopes.is_empty()), (subscriptions.len(), false));
    sim.stop().await;
}

#[tokio::test]
async fn a_missing_action_is_named_with_the_facts_and_rules_that_it_costs() {
    let (sim, folder, database) = (sim().await, folder(), TestDatabase::create().await);
    let action = "Microsoft.Insights/diagnosticSettings/read";
    sim.set_faults(vec![Fault::Denied { scope: String::new(), action: action.to_owned() }]);
    let mut command = postern(["scan", "--connection", "azure"]);
    connect_to(command.env("DATABASE_URL", database.url()), &sim, folder.path());
    let scanned = ended(command).await;
    assert_eq!(scanned.code, Some(0), "{scanned:?}");

    // What was stored suffices, apart from the secret.
    let stored = |arguments: &[&str]| {
        let mut command = postern(arguments.iter().copied());
        command
            .env("DATABASE_URL", database.url())
            .env("POSTERN_AZURE_CLIENT_SECRET", sim.client_secret());
        command
    };
    let found = ended(stored(&["doctor", "azure", "--json"])).await;
    assert_eq!(found.code, Some(1), "{found:?}");
    assert!(found.stderr.contains("\"azure\" lacks something: Rights (1 action is missing)"));
    let report = json(&found);
    assert_eq!(state(&report, "Rights"), "failed");
    assert_eq!(state(&report, "Sign-in"), "ok");
    let missing = &report["missing"][0];
    assert_eq!(missing["action"], action);
    assert_eq!(missing["facts"], serde_json::json!(["diagnosticSettings"]));
    let rules = missing["rules"].as_array().unwrap();
    assert!(rules.contains(&"MON-01".into()), "{missing:#}");
    assert!(!rules.contains(&"NET-01".into()), "{missing:#}");

    // Without a name it is the only connection, and people get sentences.
    let text = ended(stored(&["doctor"])).await;
    assert_eq!(text.code, Some(1), "{text:?}");
    assert!(text.stdout.contains(&format!("Missing: {action}\n")), "{text:?}");
    assert!(text.stdout.contains("rules that turn unknown: MON-01"), "{text:?}");

    // A process that lacks the secret says so and asks nobody.
    let mut poor = postern(["doctor", "azure"]);
    poor.env("DATABASE_URL", database.url());
    let poor = ended(poor).await;
    assert_eq!(poor.code, Some(1), "{poor:?}");
    let said = "the environment variable POSTERN_AZURE_CLIENT_SECRET is not set in this process";
    assert!(poor.stdout.contains(said), "{poor:?}");
    sim.stop().await;
}

#[tokio::test]
async fn what_stands_in_the_way_is_a_step_that_failed() {
    let (sim, folder) = (sim().await, folder());
    let doctor = || {
        let mut command = postern(["doctor", "--json"]);
        connect_to(&mut command, &sim, folder.path());
        command
    };
    sim.set_faults(vec![Fault::RefuseCredentials]);
    let refused = json(&ended(doctor()).await);
    assert_eq!(state(&refused, "Sign-in"), "failed");
    assert_eq!(state(&refused, "Resource Manager"), "ok");
    assert_eq!(state(&refused, "Rights"), "skipped");
    assert!(refused.to_string().contains("AADSTS7000215"), "{refused:#}");

    sim.set_faults(vec![Fault::WrongClock { seconds: -3_600 }]);
    let late = json(&ended(doctor()).await);
    assert_eq!(state(&late, "Clock"), "failed", "{late:#}");
    assert!(late.to_string().contains("minutes ahead of Azure's"), "{late:#}");

    sim.set_faults(Vec::new());
    let mut nowhere = doctor();
    nowhere.env("POSTERN_AZURE_EXCLUDE", "*");
    let nowhere = json(&ended(nowhere).await);
    assert_eq!(state(&nowhere, "Subscriptions"), "failed", "{nowhere:#}");
    sim.stop().await;
    let gone = json(
        &ended({
            let mut command = postern(["doctor", "--json"]);
            command
                .env("POSTERN_AZURE_CREDENTIAL", "client-secret")
                .env("POSTERN_AZURE_TENANT_ID", "t")
                .env("POSTERN_AZURE_CLIENT_ID", "c")
                .env("POSTERN_AZURE_CLIENT_SECRET", "hunter2")
                .env("POSTERN_AZURE_ARM_ENDPOINT", "https://127.0.0.1:1")
                .env("POSTERN_AZURE_AUTHORITY_HOST", "https://127.0.0.1:1");
            command
        })
        .await,
    );
    assert_eq!(state(&gone, "Sign-in"), "failed", "{gone:#}");
    assert_eq!(state(&gone, "Resource Manager"), "failed", "{gone:#}");
    assert!(!gone.to_string().contains("hunter2"), "{gone:#}");
}

#[tokio::test]
async fn an_explicit_proxy_is_used_even_on_loopback() {
    let (sim, folder) = (sim().await, folder());
    // "user:hunter2", as a browser sends it.
    let proxy = Proxy::start(Some("Basic dXNlcjpodW50ZXIy")).await;
    let doctor = |credentials: Option<&str>| {
        let mut command = postern(["doctor", "--json", "--azure-proxy", &proxy.url]);
        connect_to(&mut command, &sim, folder.path());
        if let Some(credentials) = credentials {
            command.env("POSTERN_AZURE_PROXY_CREDENTIALS", credentials);
        }
        command
    };
    let through = ended(doctor(Some("user:hunter2"))).await;
    assert_eq!(through.code, Some(0), "{through:?}");
    let address = sim.base_url().trim_start_matches("https://").trim_end_matches('/').to_owned();
    let asked = proxy.asked();
    assert!(!asked.is_empty() && asked.iter().all(|line| line.contains(&address)), "{asked:?}");

    let refused = ended(doctor(Some("user:hunter3"))).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(!refused.stdout.contains("hunter3") && !refused.stderr.contains("hunter3"));
    assert_eq!(state(&json(&refused), "Resource Manager"), "failed");
    sim.stop().await;
}

#[tokio::test]
async fn the_environments_proxy_is_used_elsewhere() {
    let proxy = Proxy::start(Some("nobody is let through")).await;
    let doctor = |no_proxy: &str| {
        let mut command = postern(["doctor", "--json", "--azure-credential", "client-secret"]);
        for name in
            ["HTTP_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy", "no_proxy"]
        {
            command.env_remove(name);
        }
        command
            .env("HTTPS_PROXY", &proxy.url)
            .env("NO_PROXY", no_proxy)
            .env("POSTERN_AZURE_TENANT_ID", "t")
            .env("POSTERN_AZURE_CLIENT_ID", "c")
            .env("POSTERN_AZURE_CLIENT_SECRET", "hunter2")
            .env("POSTERN_AZURE_ARM_ENDPOINT", "https://arm.invalid")
            .env("POSTERN_AZURE_AUTHORITY_HOST", "https://entra.invalid");
        command
    };
    let refused = json(&ended(doctor("")).await);
    assert_eq!(state(&refused, "Resource Manager"), "failed", "{refused:#}");
    let asked = proxy.asked();
    for host in ["arm.invalid:443", "entra.invalid:443"] {
        assert!(asked.iter().any(|line| line.contains(host)), "{host}: {asked:?}");
    }
    ended(doctor(".invalid")).await;
    assert_eq!(proxy.asked().len(), asked.len(), "NO_PROXY leads around it");
}

#[tokio::test]
async fn the_azure_cli_is_asked_for_the_account_that_was_chosen() {
    use std::os::unix::fs::PermissionsExt as _;
    let (sim, folder) = (sim().await, folder());
    let (az, notes) = (folder.path().join("az"), folder.path().join("notes"));
    let token = r#"{"accessToken":"hunter2","expires_on":4102444800,"tokenType":"Bearer"}"#;
    let script = format!("#!/bin/sh\necho \"$@\" > '{}'\necho '{token}'\n", notes.display());
    std::fs::write(&az, script).unwrap();
    std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = postern(["doctor", "--json", "--azure-cli-subscription", "Contoso AI"]);
    connect_to(&mut command, &sim, folder.path());
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    command.env("POSTERN_AZURE_CREDENTIAL", "azure-cli").env("PATH", path);
    let report = ended(command).await;
    assert!(!format!("{report:?}").contains("hunter2"), "{report:?}");
    let asked = std::fs::read_to_string(notes).unwrap();
    let chosen = format!("--tenant {} --subscription Contoso AI", sim.tenant_id());
    assert!(asked.contains("account get-access-token") && asked.contains(&chosen), "{asked}");
    // The token is none of Azure's, and it is Azure that says so.
    let report = json(&report);
    assert_eq!((state(&report, "Sign-in"), state(&report, "Subscriptions")), ("ok", "failed"));
    sim.stop().await;
}

#[test]
fn nothing_to_check_is_one_sentence() {
    let ended = run(&mut postern(["doctor"]));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("describe one with --azure-credential"), "{ended:?}");
}

//! Cancelling a scan: on the page and with Ctrl-C.

use std::process::{Command, Stdio};

use postern_azure_sim::Fault;
use postern_service::view::ScanState;
use reqwest::{Client, StatusCode};

use crate::killing::World;
use crate::program::wait_for;

/// A world whose Azure never answers.
async fn hanging() -> World {
    let world = World::new(12).await;
    world.sim.set_faults(vec![Fault::Hang { path: String::new() }]);
    world
}

async fn running(world: &World) -> postern_domain::id::ScanId {
    wait_for("the scan to run", async || {
        world.scans().await.into_iter().find(|scan| scan.state == ScanState::Running)
    })
    .await
    .id
}

#[tokio::test]
async fn a_running_scan_is_cancelled_with_the_form_of_its_page() {
    let world = hanging().await;
    let server = world.serve();
    let id = running(&world).await;
    let page = reqwest::get(format!("{}/scans", server.url)).await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains(&format!("Cancel scan {id}")), "{page}");

    let post = |origin: String| {
        Client::new()
            .post(format!("{}/scans/cancel", server.url))
            .header("origin", origin)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("connection=azure&scan={id}"))
    };
    let forged = post("https://evil.example".to_owned()).send().await.unwrap();
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    let answer = post(server.url.clone()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "after the redirect");
    assert!(answer.url().as_str().ends_with(&format!("/scans?connection=azure&cancelled={id}")));
    let page = answer.text().await.unwrap();
    assert!(page.contains(&format!("Scan {id} ")), "{page}");
    let ended = world.wait_for_end(id).await;
    assert_eq!(ended.failure.as_deref(), Some("cancelled by single user"));
    assert_eq!(server.terminate(), Some(0));
    world.sim.stop().await;
}

#[tokio::test]
async fn ctrl_c_cancels_the_scan_of_the_command_line() {
    let world = hanging().await;
    let mut command = world.command(&["scan", "--connection", "azure"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = running(&world).await;
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(&format!("scan {id} failed: the scan was cancelled")), "{stderr}");
    assert_eq!(world.scan(id).await.state, ScanState::Failed);
    world.sim.stop().await;
}

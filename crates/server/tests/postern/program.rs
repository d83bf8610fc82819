//! Running `postern` and waiting for what it does.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use postern_azure_sim::AzureSim;
use reqwest::redirect::Policy;
use tempfile::TempDir;

/// Far longer than anything takes here: a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_mins(2);

/// A command line with nothing of the caller's environment that matters to Postern.
pub fn postern<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let matters = ["POSTERN_", "AZURE_", "PG"].iter().any(|prefix| name.starts_with(prefix));
        if matters || name == "DATABASE_URL" || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs to the end.
pub fn run(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A `postern` that runs until it is told to stop; killed when dropped.
pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    /// Starts it and waits for the address that it prints.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let url = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let from = line.find("http://")?;
                Some(line[from..].trim_end_matches('/').to_owned())
            })
            .expect("the server prints its address");
        Self { child, url }
    }

    /// Kills it as `kill -9` does.
    pub fn kill_9(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and gives its exit code.
    pub fn terminate(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Signs in to a demo as one of its people; the session's cookie.
pub async fn sign_in(server: &Server, person: &str) -> String {
    let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let form = client
        .post(format!("{}/sign-in/demo", server.url))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("person={person}"));
    let answer = form.send().await.unwrap();
    assert_eq!(answer.status(), 303, "{person}");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// A page as somebody who signed in gets it.
pub async fn get_as(server: &Server, session: &str, path: &str) -> reqwest::Response {
    let request = reqwest::Client::new().get(format!("{}{path}", server.url));
    request.header("cookie", session).send().await.unwrap()
}

/// Waits until `condition` gives something.
pub async fn wait_for<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Names the simulated Azure in the program's environment.
pub fn connect_to(command: &mut Command, sim: &AzureSim, directory: &Path) {
    let ca_file = directory.join("ca.pem");
    std::fs::write(&ca_file, sim.ca_pem()).unwrap();
    command
        .env("POSTERN_AZURE_CREDENTIAL", "client-secret")
        .env("POSTERN_AZURE_TENANT_ID", sim.tenant_id())
        .env("POSTERN_AZURE_CLIENT_ID", sim.client_id())
        .env("POSTERN_AZURE_CLIENT_SECRET", sim.client_secret())
        .env("POSTERN_AZURE_ARM_ENDPOINT", sim.base_url())
        .env("POSTERN_AZURE_AUTHORITY_HOST", sim.base_url())
        .env("POSTERN_AZURE_CA_FILE", ca_file);
}

/// Real Azure answers, where they lie beside the clone.
pub fn shared_azure() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/azure");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("left out: ../shared/azure is not there");
    None
}

/// A folder of one's own, which Postgres' user may enter too.
pub fn folder() -> TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// An account whose public network access is on and whose keys work.
pub const OPEN_ACCOUNT: &str = r#"{
  "id": "/subscriptions/5A0e0000-0000-4000-8000-000000000001/resourceGroups/rg-ai/providers/Microsoft.CognitiveServices/accounts/oai-open",
  "name": "oai-open",
  "type": "Microsoft.CognitiveServices/accounts",
  "kind": "OpenAI",
  "location": "westeurope",
  "properties": {"publicNetworkAccess": "Enabled", "disableLocalAuth": false}
}"#;

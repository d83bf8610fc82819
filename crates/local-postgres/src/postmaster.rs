//! Running Postgres' programs: `initdb`, and the postmaster through `pg_ctl`.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::account::Account;
use crate::directory::{Directory, write_private};
use crate::error::ClusterError;
use crate::programs::Programs;

/// Crash recovery replays at most what `max_wal_size` allows; two minutes is far more than it takes.
const START_SECONDS: &str = "120";
/// The orphans of a killed postmaster leave within seconds of noticing.
const ORPHANS: Duration = Duration::from_secs(30);

/// Postgres' programs at work in one directory.
#[derive(Clone, Debug)]
pub(crate) struct Postmaster {
    pub programs: Programs,
    pub account: Option<Account>,
    pub directory: Directory,
}

/// A running postmaster, as its `postmaster.pid` describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    pub pid: u32,
    pub port: u16,
}

impl Postmaster {
    /// Makes a new cluster; one that was begun and not finished is begun again.
    pub fn initialise(&self, password: &str) -> Result<(), ClusterError> {
        let unfinished = self.directory.unfinished_data();
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished)
                .map_err(ClusterError::file(&unfinished, "removed"))?;
        }
        let password_file = self.directory.root().join("password.once");
        write_private(&password_file, password.as_bytes())?;
        if let Some(account) = &self.account {
            account.own(&password_file)?;
        }
        let mut command = self.command("initdb");
        command
            .args(["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8"])
            .args(["--locale=C", "--no-instructions"])
            .arg(format!("--pwfile={}", password_file.display()))
            .arg("--pgdata")
            .arg(&unfinished);
        let done = self.run("initdb", command);
        std::fs::remove_file(&password_file)
            .map_err(ClusterError::file(&password_file, "removed"))?;
        done?;
        let data = self.directory.data();
        std::fs::rename(&unfinished, &data).map_err(ClusterError::file(data, "created"))
    }

    /// The postmaster of this directory, if one runs.
    ///
    /// A `postmaster.pid` left by a crash, whose number another process may have by now, is removed.
    pub fn running(&self) -> Result<Option<Running>, ClusterError> {
        let file = self.directory.data().join("postmaster.pid");
        let Ok(text) = std::fs::read_to_string(&file) else { return Ok(None) };
        let mut lines = text.lines();
        let pid = lines.next().and_then(|line| line.trim().parse().ok());
        let port = lines.nth(2).and_then(|line| line.trim().parse().ok());
        match pid {
            Some(pid) if is_postmaster(pid, &self.directory.data()) => {
                // The port is written a moment after the number.
                Ok(Some(Running { pid, port: port.unwrap_or_default() }))
            }
            _ => {
                tracing::warn!("removing the postmaster.pid of a Postgres that was killed");
                std::fs::remove_file(&file).map_err(ClusterError::file(&file, "removed"))?;
                Ok(None)
            }
        }
    }

    /// Waits until a postmaster found running answers, and gives its port.
    pub fn wait_until_ready(&self) -> Result<Option<u16>, ClusterError> {
        let begun = Instant::now();
        let file = self.directory.data().join("postmaster.pid");
        while begun.elapsed() < Duration::from_mins(2) {
            let Some(running) = self.running()? else { return Ok(None) };
            // The eighth line says whether connections are taken.
            let ready = std::fs::read_to_string(&file)
                .is_ok_and(|text| text.lines().nth(7).is_some_and(|line| line.trim() == "ready"));
            if ready && running.port != 0 {
                return Ok(Some(running.port));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(ClusterError::Program {
            program: "postgres",
            message: format!("it runs but does not answer, see {}", self.directory.log().display()),
        })
    }

    /// Starts the postmaster, on `wanted_port` if that is free, and gives the port.
    pub fn start(&self, wanted_port: Option<u16>) -> Result<u16, ClusterError> {
        let begun = Instant::now();
        let mut port = free_port(wanted_port)?;
        loop {
            let log = self.directory.log();
            let already = std::fs::metadata(&log).map_or(0, |metadata| metadata.len());
            let mut command = self.command("pg_ctl");
            command
                .args(["start", "--wait", "--silent", "--timeout", START_SECONDS, "--options"])
                .arg(options(port))
                .arg("--log")
                .arg(&log)
                .arg("--pgdata")
                .arg(self.directory.data());
            let Err(error) = self.run("pg_ctl", command) else { return Ok(port) };
            let said = tail(&log, already);
            let transient = said.contains("could not bind") || said.contains("in use");
            if !transient || begun.elapsed() > ORPHANS {
                let message = said
                    .lines()
                    .rev()
                    .find(|line| line.contains("FATAL") || line.contains("PANIC"))
                    .map(str::to_owned);
                return Err(match message {
                    Some(message) => ClusterError::Program { program: "postgres", message },
                    None => error,
                });
            }
            std::thread::sleep(Duration::from_millis(200));
            port = free_port(None)?;
        }
    }

    /// Stops the postmaster: sessions are ended, everything is written.
    pub fn stop(&self) -> Result<(), ClusterError> {
        if self.running()?.is_none() {
            return Ok(());
        }
        let mut command = self.command("pg_ctl");
        command
            .args(["stop", "--wait", "--silent", "--mode=fast", "--timeout", START_SECONDS])
            .arg("--pgdata")
            .arg(self.directory.data());
        self.run("pg_ctl", command)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.program(program));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir(self.directory.root())
            .stdin(Stdio::null());
        if let Some(account) = &self.account {
            account.apply(&mut command);
        }
        command
    }

    fn run(&self, program: &'static str, mut command: Command) -> Result<(), ClusterError> {
        let output = command.output().map_err(|source| ClusterError::Run {
            program: self.programs.program(program),
            source,
        })?;
        if output.status.success() {
            return Ok(());
        }
        Err(ClusterError::Program { program, message: last_words(&output) })
    }
}

/// The server's settings: loopback only, modest memory. Passed by `pg_ctl` to a shell, so plain words only.
fn options(port: u16) -> String {
    [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        // A socket's path may be too long or its directory closed to the user; loopback always works.
        "unix_socket_directories=".to_owned(),
        "shared_buffers=128MB".to_owned(),
        "max_connections=100".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        "password_encryption=scram-sha-256".to_owned(),
    ]
    .map(|setting| format!("-c {setting}"))
    .join(" ")
}

/// `wanted` if nobody listens there, else a port that the system picks.
fn free_port(wanted: Option<u16>) -> Result<u16, ClusterError> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = match wanted.map(bind) {
        Some(Ok(listener)) => Ok(listener),
        Some(Err(_)) | None => bind(0),
    };
    listener
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(ClusterError::file("127.0.0.1", "listened on"))
}

/// Whether the process is the postmaster of `data`: a number alone may long belong to another process.
fn is_postmaster(pid: u32, data: &Path) -> bool {
    let process = Path::new("/proc").join(pid.to_string());
    if Path::new("/proc/self").exists() {
        // A postmaster works in its data directory.
        return std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == data)
            && std::fs::read_to_string(process.join("stat"))
                .is_ok_and(|stat| !stat.contains(") Z "));
    }
    Command::new("ps")
        .args(["-o", "command=", "-p", &pid.to_string()])
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("postgres"))
}

fn last_words(output: &Output) -> String {
    let text = String::from_utf8_lossy(if output.stderr.is_empty() {
        &output.stdout
    } else {
        &output.stderr
    });
    let error = text.lines().rev().find(|line| line.contains("error:"));
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    error.or(last).unwrap_or("it gave no reason").trim().to_owned()
}

/// What was added to the log since it had `already` bytes.
fn tail(log: &Path, already: u64) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let from = usize::try_from(already).unwrap_or(usize::MAX).min(bytes.len());
    String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).into_owned()
}

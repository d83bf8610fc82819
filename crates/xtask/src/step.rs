//! Running other programs: each step says its name, and what it started ends with it.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::process::Child;

/// Says what happens now.
pub fn announce(name: &str) {
    eprintln!("==> {name}");
}

/// Runs a program to its end under a name; anything but success is an error.
pub async fn run(name: &str, command: Command) -> anyhow::Result<()> {
    announce(name);
    let shown = shown(&command);
    let status = Running::start(command)?.wait().await?;
    if !status.success() {
        bail!("{name} failed ({status}): {shown}");
    }
    Ok(())
}

/// Runs a program quietly and gives its output; anything but success is an error with what it wrote.
pub async fn output(command: Command) -> anyhow::Result<String> {
    let shown = shown(&command);
    let output = tokio::process::Command::from(command)
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("cannot start {shown}"))?;
    if !output.status.success() {
        bail!("{shown} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The program and its arguments, as one would type them.
fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

/// How long a program may take to end after it was asked to: the demo stops a Postgres of its own.
const TIME_TO_END: Duration = Duration::from_secs(30);

/// A program that runs; dropping it asks it to end, waits, and ends it by force if it does not.
pub struct Running {
    child: Child,
}

impl Running {
    /// Starts it with this terminal's output.
    pub fn start(command: Command) -> anyhow::Result<Self> {
        let shown = shown(&command);
        let child = tokio::process::Command::from(command)
            .spawn()
            .with_context(|| format!("cannot start {shown}"))?;
        Ok(Self { child })
    }

    /// Starts it so that Ctrl-C in the terminal does not reach it: it hears of it once, when this value is dropped.
    pub fn start_apart(mut command: Command) -> anyhow::Result<Self> {
        command.process_group(0);
        Self::start(command)
    }

    /// Waits for its end.
    pub async fn wait(&mut self) -> anyhow::Result<ExitStatus> {
        self.child.wait().await.context("cannot wait for a started program")
    }

    /// Whether it has ended, and how.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        self.child.try_wait().context("cannot ask a started program for its state")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(id) = self.child.id() else { return };
        // The standard library can only kill; a program that is asked to end stops what it started.
        let asked =
            Command::new("sh").arg("-c").arg(format!("kill -TERM {id} 2>/dev/null")).status();
        let deadline = std::time::Instant::now() + TIME_TO_END;
        while asked.is_ok() && std::time::Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        if let Err(error) = self.child.start_kill() {
            eprintln!("warning: process {id} could not be ended: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_started_ends_with_its_value() {
        let mut command = Command::new("sleep");
        command.arg("600");
        let running = Running::start_apart(command).unwrap();
        let id = running.child.id().unwrap();
        let lives =
            || Command::new("sh").arg("-c").arg(format!("kill -0 {id} 2>/dev/null")).status();
        assert!(lives().unwrap().success());
        drop(running);
        assert!(!lives().unwrap().success());
    }

    #[tokio::test]
    async fn a_failure_names_the_step_and_the_command() {
        let mut command = Command::new("sh");
        command.args(["-c", "exit 3"]);
        let error = run("the step", command).await.unwrap_err().to_string();
        assert!(error.starts_with("the step failed") && error.ends_with("sh -c exit 3"), "{error}");
    }
}

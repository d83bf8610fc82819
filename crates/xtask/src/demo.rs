//! The demo: build what is not current, then become `postern demo`.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::workspace::Workspace;
use crate::{build, step};

/// Builds and hands over to `postern demo`.
pub async fn run(workspace: &Workspace, arguments: &[String]) -> anyhow::Result<()> {
    build::dist(workspace).await?;
    build::postern(workspace).await?;
    step::announce("postern demo");
    let mut demo = Command::new(workspace.postern("debug"));
    demo.arg("demo").args(arguments).current_dir(&workspace.root);
    hand_over(demo)
}

/// Replaces this process, so that signals and the exit code are the demo's own.
fn hand_over(mut command: Command) -> anyhow::Result<()> {
    let error = command.exec();
    Err(anyhow::Error::from(error).context("postern cannot be started"))
}

//! The project's own commands: everything that is more than one call of cargo.
//!
//! `cargo xtask --help` lists them. Each does its own set-up; what it cannot install by itself it names in one sentence.

mod build;
mod check;
mod demo;
mod examples;
mod interrupt;
mod packs;
mod regenerate;
mod site;
mod step;
mod test;
mod tidy;
mod tools;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// The project's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds everything and shows it: Postgres, a simulated Azure, its scans and the dashboard. Ctrl-C stops it all.
    Demo {
        /// Handed on to `postern demo`, such as `--days 90`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Runs all the tests, those in the browser included, and starts what they need.
    Test(test::TestArguments),
    /// What has to hold before a change lands: formatting, lints, documents, tests, licences, derived files, tidiness.
    Check(check::CheckArguments),
    /// Builds the `postern` binary with its packs and pages inside.
    Build(build::BuildArguments),
    /// Builds the rule packs into `dist/packs`.
    BuildPacks {
        /// And the examples in Python and JavaScript into `dist/example-packs`.
        #[arg(long)]
        examples: bool,
    },
    /// Builds the styles and the browser module into `dist/site`.
    BuildSite,
    /// Takes a picture of every screen at three widths, in light and dark, with a page that shows them side by side.
    Screenshots {
        /// The folder for them; `dist/screenshots` where none is named.
        folder: Option<PathBuf>,
    },
    /// Measures when pages are painted and what moves, on a slow machine behind a slow network, as Chromium plays them.
    Paint,
    /// Writes the derived files anew: the offline data of the SQL queries in `.sqlx`.
    Regenerate,
    /// Refuses what the rules of the house forbid: dependencies, file sizes, SQL outside the store and more.
    Tidy,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match Workspace::find() {
        // Dropping the command's future stops what it started.
        Ok(workspace) => {
            interrupt::or_interrupted(Box::pin(run(&workspace, arguments.command))).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(workspace: &Workspace, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Demo { arguments } => demo::run(workspace, &arguments).await,
        Command::Test(arguments) => test::run(workspace, &arguments).await,
        Command::Check(arguments) => check::run(workspace, &arguments).await,
        Command::Build(arguments) => build::run(workspace, &arguments).await,
        Command::BuildPacks { examples } => {
            build::packs(workspace).await?;
            if examples { examples::build(workspace).await } else { Ok(()) }
        }
        Command::BuildSite => build::site(workspace).await,
        Command::Screenshots { folder } => {
            let folder = folder.unwrap_or_else(|| workspace.root.join("dist/screenshots"));
            let folder = std::path::absolute(folder).context("the folder cannot be named")?;
            build::dist(workspace).await?;
            test::browser::run(workspace, test::browser::Visit::Screenshots(&folder)).await?;
            println!("{}", folder.join("index.html").display());
            Ok(())
        }
        Command::Paint => {
            build::dist(workspace).await?;
            test::browser::run(workspace, test::browser::Visit::Paint).await
        }
        Command::Regenerate => regenerate::run(workspace).await,
        Command::Tidy => tidy::run(workspace).context("the tree is not tidy"),
    }
}

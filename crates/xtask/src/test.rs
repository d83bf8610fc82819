//! All the tests, with what they need started before and stopped after, whatever happens between.

pub mod browser;

use std::process::Command;

use anyhow::Context as _;
use postern_local_postgres::{Cluster, ClusterOptions};

use crate::workspace::Workspace;
use crate::{build, examples, step, tools};

/// Which tests run.
#[derive(clap::Args)]
pub struct TestArguments {
    /// Only tests whose name contains one of these; doc tests and the browser's are left out then.
    filters: Vec<String>,
    /// Leave the browser tests out.
    #[arg(long)]
    no_browser: bool,
    /// Leave out the example packs in Python and JavaScript, which need these languages' tools.
    #[arg(long)]
    no_examples: bool,
}

/// Runs them; the first kind that fails ends it.
pub async fn run(workspace: &Workspace, arguments: &TestArguments) -> anyhow::Result<()> {
    build::dist(workspace).await?;
    if arguments.no_examples {
        eprintln!("note: the example packs in Python and JavaScript are left out, as asked");
    } else {
        examples::build(workspace).await?;
    }
    tools::pdf_readers().await?;
    let database = Database::ready(workspace).await?;
    let outcome = run_with(workspace, arguments, database.url()).await;
    let stopped = database.stop().await;
    outcome.and(stopped)?;
    step::announce("all tests passed");
    Ok(())
}

async fn run_with(
    workspace: &Workspace,
    arguments: &TestArguments,
    database: &str,
) -> anyhow::Result<()> {
    let mut tests = native_tests(workspace, &["--workspace"], arguments);
    tests.env("DATABASE_URL", database);
    step::run("test the workspace", tests).await?;

    let mut rules = native_tests(workspace, &RULES, arguments);
    in_rules(workspace, &mut rules);
    step::run("test the rules natively", rules).await?;

    if !arguments.filters.is_empty() {
        eprintln!("note: doc tests and browser tests are left out, because test names were given");
        return Ok(());
    }
    let mut doc = workspace.cargo();
    doc.args(["test", "--workspace", "--doc", "--quiet"]).env("DATABASE_URL", database);
    step::run("test the examples in the documents", doc).await?;
    let mut doc = workspace.cargo();
    doc.args(["test", "--doc", "--quiet"]).args(RULES);
    in_rules(workspace, &mut doc);
    step::run("test the examples in the rules' documents", doc).await?;

    if arguments.no_browser {
        eprintln!("note: browser tests are left out, as asked");
        return Ok(());
    }
    browser::run(workspace, browser::Visit::Test).await
}

/// The packs' workspace without the misbehaving packs, which are modules for WASM and nothing else.
const RULES: [&str; 3] = ["--workspace", "--exclude", "hostile"];

/// Has cargo work on the packs' workspace, in a folder of its own: it has its own lock file and profiles.
fn in_rules(workspace: &Workspace, cargo: &mut Command) {
    cargo.current_dir(workspace.rules()).env("CARGO_TARGET_DIR", workspace.rules_target());
}

/// The module of the tests that run the example packs.
const EXAMPLE_TESTS: &str = "example_packs::";

/// `cargo nextest`, where it is installed, else `cargo test`, which runs the same tests.
fn native_tests(workspace: &Workspace, selection: &[&str], arguments: &TestArguments) -> Command {
    let TestArguments { filters, no_examples, .. } = arguments;
    let mut cargo = workspace.cargo();
    if tools::find("cargo-nextest").is_some() {
        cargo.args(["nextest", "run", "--no-tests=pass"]).args(selection).args(filters);
        if *no_examples {
            cargo.args(["--filterset", &format!("not test(/^{EXAMPLE_TESTS}/)")]);
        }
    } else {
        eprintln!("note: cargo-nextest is not installed, so `cargo test` runs the tests");
        cargo.args(["test", "--bins", "--lib", "--tests"]).args(selection);
        // `cargo test` takes one filter before `--` and more after it.
        cargo.arg("--").args(filters);
        if *no_examples {
            cargo.args(["--skip", EXAMPLE_TESTS]);
        }
    }
    cargo
}

/// The Postgres that the tests create their databases on.
enum Database {
    /// Named by `DATABASE_URL`, and none of ours to stop.
    Given(String),
    /// Started for the tests.
    Own(Cluster),
}

impl Database {
    async fn ready(workspace: &Workspace) -> anyhow::Result<Self> {
        if let Ok(url) = std::env::var("DATABASE_URL") {
            step::announce("use the Postgres that DATABASE_URL names");
            return Ok(Self::Given(url));
        }
        step::announce("start a Postgres for the tests");
        let options = ClusterOptions { data_dir: workspace.postgres("tests") };
        let cluster = Cluster::start(options).await.context(
            "the tests need Postgres 15 or newer: install it, or name a server in DATABASE_URL",
        )?;
        Ok(Self::Own(cluster))
    }

    fn url(&self) -> &str {
        match self {
            Self::Given(url) => url,
            Self::Own(cluster) => cluster.url(),
        }
    }

    async fn stop(self) -> anyhow::Result<()> {
        match self {
            Self::Given(_) => Ok(()),
            Self::Own(cluster) => {
                cluster.stop().await.context("the tests' Postgres cannot be stopped")
            }
        }
    }
}

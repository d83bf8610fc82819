//! What has to hold before a change lands. Every step runs, whatever the ones before found.

use std::future::Future;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, bail};

use crate::workspace::Workspace;
use crate::{build, regenerate, step, test, tidy, tools};

/// What is checked.
#[derive(clap::Args)]
pub struct CheckArguments {
    #[command(flatten)]
    tests: test::TestArguments,
}

/// Runs all the steps and lists those that failed.
pub async fn run(workspace: &Workspace, arguments: &CheckArguments) -> anyhow::Result<()> {
    let mut report = Report::default();
    // The server embeds these, so they come before everything that compiles.
    report.step("packs and pages", build::dist(workspace)).await;
    report.step("formatting", formatting(workspace)).await;
    report.step("lints", lints(workspace)).await;
    report.step("lints of the browser module", lints_of_the_browser_module(workspace)).await;
    report.step("lints of the rules", lints_of_the_rules(workspace)).await;
    report.step("documents", documents(workspace)).await;
    report.step("tests", test::run(workspace, &arguments.tests)).await;
    report.step("offline data of the queries", regenerate::verify(workspace)).await;
    report.step("licences, bans and sources", licences(workspace)).await;
    report.step("advisories", advisories(workspace)).await;
    report.step("unused dependencies", unused_dependencies(workspace)).await;
    report.step("tidiness", async { tidy::run(workspace) }).await;
    report.step("derived files", derived_files(workspace)).await;
    report.end()
}

#[derive(Default)]
struct Report {
    lines: Vec<String>,
    failed: Vec<&'static str>,
}

impl Report {
    async fn step(&mut self, name: &'static str, work: impl Future<Output = anyhow::Result<()>>) {
        let started = Instant::now();
        let outcome = work.await;
        let seconds = started.elapsed().as_secs();
        if let Err(error) = outcome {
            eprintln!("{name}: FAILED: {error:#}");
            self.lines.push(format!("FAILED  {name} ({seconds} s)"));
            self.failed.push(name);
        } else {
            self.lines.push(format!("ok      {name} ({seconds} s)"));
        }
    }

    fn end(self) -> anyhow::Result<()> {
        println!("{}", self.lines.join("\n"));
        if !self.failed.is_empty() {
            bail!("failed: {}", self.failed.join(", "));
        }
        Ok(())
    }
}

async fn formatting(workspace: &Workspace) -> anyhow::Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["fmt", "--all", "--check"]);
    let ours = step::run("check the formatting", cargo).await;
    let mut cargo = workspace.cargo();
    cargo.args(["fmt", "--all", "--check"]).current_dir(workspace.rules());
    ours.and(step::run("check the formatting of the rules", cargo).await)
}

const REFUSE_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];

async fn lints(workspace: &Workspace) -> anyhow::Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["clippy", "--workspace", "--all-targets"]).args(REFUSE_WARNINGS);
    step::run("clippy", cargo).await
}

async fn lints_of_the_browser_module(workspace: &Workspace) -> anyhow::Result<()> {
    let mut cargo = workspace.cargo();
    cargo
        .args(["clippy", "--package", "postern-frontend", "--features", "hydrate"])
        .args(["--target", tools::WASM_TARGET])
        .args(REFUSE_WARNINGS);
    step::run("clippy of the browser module", cargo).await
}

async fn lints_of_the_rules(workspace: &Workspace) -> anyhow::Result<()> {
    let clippy = |selection: &[&str]| {
        let mut cargo = workspace.cargo();
        cargo
            .arg("clippy")
            .args(selection)
            .args(REFUSE_WARNINGS)
            .current_dir(workspace.rules())
            .env("CARGO_TARGET_DIR", workspace.rules_target());
        cargo
    };
    // The misbehaving packs are modules for WASM and nothing else.
    let native = clippy(&["--workspace", "--exclude", "hostile", "--all-targets"]);
    let native = step::run("clippy of the rules", native).await;
    let wasm = clippy(&["--package", "hostile", "--examples", "--target", tools::WASM_TARGET]);
    native.and(step::run("clippy of the misbehaving packs", wasm).await)
}

async fn documents(workspace: &Workspace) -> anyhow::Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings");
    step::run("rustdoc", cargo).await
}

async fn licences(workspace: &Workspace) -> anyhow::Result<()> {
    tools::ensure_cargo_tool(workspace, "cargo-deny").await?;
    let mut cargo = workspace.cargo();
    cargo.args(["deny", "check", "licenses", "bans", "sources"]);
    let ours = step::run("cargo deny", cargo).await;
    let mut cargo = workspace.cargo();
    cargo
        .args(["deny", "--manifest-path", "rules-wasm/Cargo.toml", "--config", "deny.toml"])
        .args(["check", "licenses", "bans", "sources"]);
    ours.and(step::run("cargo deny: the rules", cargo).await)
}

/// The advisory database is on the network; without it that is said and nothing fails.
async fn advisories(workspace: &Workspace) -> anyhow::Result<()> {
    tools::ensure_cargo_tool(workspace, "cargo-deny").await?;
    let mut fetch = workspace.cargo();
    fetch.args(["deny", "fetch", "db"]);
    if step::run("fetch the advisory database", fetch).await.is_err() {
        eprintln!(
            "note: the advisory database cannot be reached, so known vulnerabilities were NOT looked up"
        );
        return Ok(());
    }
    let mut cargo = workspace.cargo();
    cargo.args(["deny", "check", "advisories"]);
    step::run("cargo deny: advisories", cargo).await
}

async fn unused_dependencies(workspace: &Workspace) -> anyhow::Result<()> {
    tools::ensure_cargo_tool(workspace, "cargo-machete").await?;
    let mut cargo = workspace.cargo();
    cargo.arg("machete");
    step::run("cargo machete", cargo).await
}

/// Files that a command derives are committed as it writes them.
async fn derived_files(workspace: &Workspace) -> anyhow::Result<()> {
    let mut git = Command::new("git");
    git.args([
        "status",
        "--porcelain",
        "--",
        ".sqlx",
        "Cargo.lock",
        "rules-wasm/Cargo.lock",
        "*.snap",
        "*.snap.new",
    ])
    .current_dir(&workspace.root);
    let changed = step::output(git).await.context("git cannot tell which files changed")?;
    if !changed.trim().is_empty() {
        bail!("derived files differ from what is committed:\n{}", changed.trim_end());
    }
    Ok(())
}

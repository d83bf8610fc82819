//! `postern doctor`.

mod checkup;
mod lacks;
mod print;
mod role;

use std::path::Path;

use anyhow::Context as _;
use postern_domain::rule::RuleManifest;
use postern_service::engine::{Engine, Limits};

use self::checkup::{Checkup, State};
use self::lacks::Lack;
use super::tenant::Choice;
use crate::azure_connection::Resolver;
use crate::cli::DoctorArguments;
use crate::{Environment, embedded, output, shutdown};

/// What the standard output stream is called.
const STDOUT: &str = "-";

pub(super) async fn run(
    arguments: DoctorArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let role_file = arguments.role_definition.as_deref();
    let to_stdout = role_file == Some(Path::new(STDOUT));
    if arguments.json && to_stdout {
        anyhow::bail!(
            "with --json the role definition is a part of the result; leave out --role-definition -"
        );
    }
    let resolver = Resolver::with_arguments(&arguments.azure, environment);
    let shutdown = shutdown::on_signal()?;
    let choice = Choice {
        connection: arguments.connection.as_deref(),
        database: &arguments.database,
        azure: &arguments.azure,
    };
    let tenant = choice.tenant(&resolver, environment).await?;
    let checkup = Box::pin(Checkup::of(&tenant, &resolver, &environment.clock, &shutdown)).await;
    let lacks = match checkup.access.as_slice() {
        access if access.iter().all(|subscription| subscription.missing == Ok(Vec::new())) => {
            Vec::new()
        }
        access => lacks::of(access, &rules().await?),
    };
    let role = role::definition(&checkup);
    if let Some(file) = role_file.filter(|_| !to_stdout) {
        let text = format!("{:#}\n", role.as_ref().map_err(Clone::clone)?);
        std::fs::write(file, text)
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    if arguments.json {
        output::print_json(&print::as_json(&checkup, &lacks, role.as_ref().ok()))?;
    } else if to_stdout {
        output::print_json(&role?)?;
    } else {
        output::print(&print::as_text(&checkup, &lacks, role_file))?;
    }
    conclude(&checkup, &lacks)
}

/// Fails where something is missing, for scripts.
fn conclude(checkup: &Checkup, lacks: &[Lack]) -> anyhow::Result<()> {
    let failed: Vec<&str> = checkup
        .steps
        .iter()
        .filter(|step| step.state == State::Failed)
        .map(|step| step.name)
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let actions = match lacks.len() {
        0 => String::new(),
        1 => " (1 action is missing)".to_owned(),
        count => format!(" ({count} actions are missing)"),
    };
    anyhow::bail!("\"{}\" lacks something: {}{actions}", checkup.slug, failed.join(", "))
}

/// The rules of the packs that this build carries, which are those that every scan is judged by.
async fn rules() -> anyhow::Result<Vec<RuleManifest>> {
    let components = embedded::packs()?;
    let loading = tokio::task::spawn_blocking(move || {
        let engine = Engine::new(Limits::default())?;
        let mut rules = Vec::new();
        for component in &components {
            let pack = engine.load(component).context("a rule pack of this build was refused")?;
            rules.extend(pack.manifest().rules.iter().cloned());
        }
        Ok(rules)
    });
    loading.await.context("loading the rule packs ended without an answer")?
}

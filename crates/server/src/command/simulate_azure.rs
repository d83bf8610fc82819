//! `postern simulate-azure`.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use postern_azure_sim::{AzureSim, EstateSource, SimOptions};

use crate::cli::{EstateKind, SimulateAzureArguments};
use crate::{Environment, output, shutdown};

/// As many as a person can look at, and as many as the largest tenants are said to have.
const COMPANY: u32 = 70;
const HUGE: u32 = 100_000;
const HUGE_SUBSCRIPTIONS: u32 = 200;

pub(super) async fn run(
    arguments: SimulateAzureArguments,
    environment: &Environment,
) -> anyhow::Result<()> {
    let shutdown = shutdown::on_signal()?;
    let out_dir = arguments.out_dir.as_path();
    std::fs::create_dir_all(out_dir)
        .with_context(|| format!("{} cannot be created", out_dir.display()))?;
    let estate = estate(&arguments);
    let sim = AzureSim::start(SimOptions {
        listen: arguments.listen,
        seed: arguments.seed,
        day: arguments.first_day,
        estate,
        host_names: arguments.host_names.clone(),
        quotas: arguments.quotas,
    })
    .await?;
    sim.set_faults(arguments.faults.clone());
    let ca_file = out_dir.join("ca.pem");
    write_file(&ca_file, &sim.ca_pem())?;
    let ca_file = std::fs::canonicalize(&ca_file).unwrap_or(ca_file);
    let url = public_url(&sim.base_url(), arguments.listen, arguments.host_names.first());
    let settings = settings(&sim, &url, &ca_file);
    write_file(&out_dir.join("azure.env"), &settings)?;
    output::print(&format!(
        "The simulated Azure is at {url}, with these settings:\n\n{settings}\n"
    ))?;
    // Its estate drifts from day to day, like a real one.
    let mut day = tokio::time::interval(std::time::Duration::from_mins(1));
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            _ = day.tick() => sim.set_day(environment.clock.now().date()),
        }
    }
    sim.stop().await;
    Ok(())
}

/// What Azure holds.
fn estate(arguments: &SimulateAzureArguments) -> EstateSource {
    if let Some(folder) = &arguments.folder {
        return EstateSource::Folder(folder.clone());
    }
    let or = |count: Option<u32>, usual: u32| {
        usize::try_from(count.unwrap_or(usual)).unwrap_or(usize::MAX)
    };
    match arguments.estate {
        EstateKind::Small => EstateSource::Small,
        EstateKind::Company => EstateSource::Company { assets: or(arguments.assets, COMPANY) },
        EstateKind::Huge => EstateSource::Huge {
            subscriptions: or(arguments.subscriptions, HUGE_SUBSCRIPTIONS),
            assets: or(arguments.assets, HUGE),
        },
    }
}

/// The address for others: the first host name, where one was given.
fn public_url(base_url: &str, listen: SocketAddr, host_name: Option<&String>) -> String {
    let port = base_url.rsplit(':').next().and_then(|port| port.trim_end_matches('/').parse().ok());
    match host_name {
        Some(name) => format!("https://{name}:{}", port.unwrap_or(listen.port())),
        None => base_url.trim_end_matches('/').to_owned(),
    }
}

fn settings(sim: &AzureSim, url: &str, ca_file: &Path) -> String {
    [
        ("POSTERN_AZURE_CREDENTIAL", "client-secret"),
        ("POSTERN_AZURE_NAME", "Contoso AI (simulated)"),
        ("POSTERN_AZURE_TENANT_ID", sim.tenant_id()),
        ("POSTERN_AZURE_CLIENT_ID", sim.client_id()),
        ("POSTERN_AZURE_CLIENT_SECRET", sim.client_secret()),
        ("POSTERN_AZURE_ARM_ENDPOINT", url),
        ("POSTERN_AZURE_AUTHORITY_HOST", url),
        ("POSTERN_AZURE_CA_FILE", &ca_file.display().to_string()),
    ]
    .map(|(name, value)| format!("{name}='{value}'\n"))
    .concat()
}

fn write_file(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

//! `postern rules bench`.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use postern_domain::asset::Asset;
use postern_domain::settings::PackSettings;
use postern_service::engine::{Circumstances, Engine, Limits, Pack, applicable};
use postern_service::rules::cases::{CaseFile, read_cases};
use time::macros::datetime;

use super::packs;
use crate::cli::BenchRulesArguments;
use crate::output;

/// Assets in one go, so that the costs of a call do not show.
const ASSETS: usize = 2000;

pub(super) async fn run(arguments: BenchRulesArguments) -> anyhow::Result<()> {
    let files = read_cases(&arguments.cases)?;
    let (_, loaded) = packs::load(arguments.pack.as_slice()).await?;
    let component = loaded.first().context("there is no pack")?.component().to_vec();
    let length = Duration::from_secs(u64::from(arguments.seconds));
    let measuring = tokio::task::spawn_blocking(move || measure(&component, &files, length));
    output::print(&measuring.await.context("measuring ended without an answer")??)
}

fn measure(component: &[u8], files: &[CaseFile], length: Duration) -> anyhow::Result<String> {
    // One thread: the figure is that of a core.
    let engine = Engine::new(Limits { threads: 1, ..Limits::default() })?;
    let pack = engine.load(component)?;
    let assets = assets(files)?;
    let assets: Vec<&Asset> = assets.iter().collect();
    let evaluations: usize =
        assets.iter().map(|asset| applicable(pack.manifest(), asset).count()).sum();
    let bytes: usize = assets.iter().map(|asset| asset.document.canonical_text().len()).sum();
    let once = || judge(&engine, &pack, &assets);
    once()?;
    let (start, mut rounds) = (Instant::now(), 0_u32);
    while rounds == 0 || start.elapsed() < length {
        once()?;
        rounds += 1;
    }
    let seconds = start.elapsed().as_secs_f64() / f64::from(rounds);
    let per_second = f64::from(u32::try_from(evaluations)?) / seconds;
    let manifest = pack.manifest();
    Ok(format!(
        "{} {}: {} assets of {} bytes on average, {evaluations} evaluations (asset x applicable rule), {rounds} rounds\n\
         {per_second:.0} evaluations a second on one core, {:.2} us each\n",
        manifest.name,
        manifest.version,
        assets.len(),
        bytes / assets.len(),
        1e6 / per_second,
    ))
}

fn judge(engine: &Engine, pack: &Pack, assets: &[&Asset]) -> anyhow::Result<()> {
    let settings = PackSettings::default();
    let taken_at = datetime!(2026-01-15 12:00 UTC);
    let evaluation = engine.evaluate(pack, assets, Circumstances { settings: &settings, taken_at });
    evaluation.problem.map_or(Ok(()), |problem| Err(problem.into()))
}

/// The cases' assets, over and over, each with an id of its own.
fn assets(files: &[CaseFile]) -> anyhow::Result<Vec<Asset>> {
    let mut made = Vec::with_capacity(ASSETS);
    let cases: Vec<_> =
        files.iter().flat_map(|file| file.cases.iter().map(move |case| (file, case))).collect();
    for (number, (file, case)) in cases.iter().cycle().take(ASSETS).enumerate() {
        let mut asset = case.asset(file)?;
        asset.id = format!("{}-{number}", asset.id).parse()?;
        made.push(asset);
    }
    Ok(made)
}

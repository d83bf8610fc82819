//! Where the demo keeps its data.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::Environment;

/// The demo's directory: of the whole machine for root, whose home Postgres' user may not enter.
pub(crate) fn of_demo(environment: &Environment) -> anyhow::Result<PathBuf> {
    if postern_local_postgres::runs_as_root() {
        return Ok(PathBuf::from("/var/lib/postern/demo"));
    }
    environment
        .data_home
        .clone()
        .or_else(|| Some(environment.home.as_ref()?.join(".local/share")))
        .map(|data_home| data_home.join("postern/demo"))
        .context(
            "neither HOME nor XDG_DATA_HOME is set; say where to keep the data with --data-dir",
        )
}

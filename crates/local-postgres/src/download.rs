//! The last resort: downloading Postgres' server programs.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use postgresql_embedded::{PostgreSQL, Settings, VersionReq};

use crate::error::ClusterError;
use crate::programs::Programs;

/// The releases of the `postgresql_embedded` project: archives with checksums for the common platforms.
const RELEASES: &str = "https://github.com/theseus-rs/postgresql-binaries";

/// The version taken when the data does not say which it needs.
const DEFAULT_MAJOR: u32 = 17;

/// Downloads Postgres into `install_dir`, once; later calls find it there.
pub(crate) async fn download(
    install_dir: &Path,
    major: Option<u32>,
) -> Result<Programs, ClusterError> {
    let major = major.unwrap_or(DEFAULT_MAJOR);
    tracing::info!(major, "no Postgres server found, downloading one");
    // `setup` would go on to run `initdb`, with our rights and its own choices.
    // A data directory that looks initialised keeps it to the installing.
    let looks_initialised = install_dir.join("none");
    let failed =
        |source: Box<dyn std::error::Error + Send + Sync>| ClusterError::Download { source };
    std::fs::create_dir_all(&looks_initialised)
        .and_then(|()| std::fs::write(looks_initialised.join("postgresql.conf"), ""))
        .map_err(ClusterError::file(&looks_initialised, "written"))?;
    let version = VersionReq::parse(&major.to_string()).map_err(|error| failed(error.into()))?;
    let mut installer = PostgreSQL::new(Settings {
        releases_url: RELEASES.to_owned(),
        version,
        installation_dir: install_dir.to_owned(),
        password_file: install_dir.join("none/password"),
        data_dir: looks_initialised,
        host: "127.0.0.1".to_owned(),
        port: 0,
        username: "postgres".to_owned(),
        password: String::new(),
        temporary: false,
        timeout: Some(Duration::from_mins(5)),
        configuration: HashMap::new(),
        trust_installation_dir: false,
        socket_dir: None,
    });
    installer.setup().await.map_err(|error| failed(error.into()))?;
    let directory = installer.settings().binary_dir();
    Programs::in_directory(&directory)
        .ok_or_else(|| failed(format!("{} holds no server programs", directory.display()).into()))
}

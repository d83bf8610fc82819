//! The cluster's directory: what lies where, who may use it, and its settings.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::error::ClusterError;

/// The directory that a cluster lives in, with everything that belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    root: PathBuf,
}

/// What has to be known to reach the cluster.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ClusterSettings {
    /// The loopback port of the last start.
    pub port: u16,
    /// The superuser's password: 32 hexadecimal digits.
    pub password: String,
}

impl Directory {
    /// Makes the directory unless it is there, readable by the user that runs Postgres and by nobody else.
    pub fn prepare(data_dir: &Path, account: Option<&Account>) -> Result<Self, ClusterError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(data_dir.parent().unwrap_or(data_dir))
            .map_err(ClusterError::file(data_dir, "created"))?;
        match DirBuilder::new().mode(0o700).create(data_dir) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(ClusterError::file(data_dir, "created")(error));
            }
            _ => {}
        }
        // Postgres is started in this directory, so that a relative path would mean another one there.
        let root = std::fs::canonicalize(data_dir).map_err(ClusterError::file(data_dir, "read"))?;
        let directory = Self { root };
        directory.refuse_foreign()?;
        if let Some(account) = account {
            account.check_path(&directory.root)?;
            account.own(&directory.root)?;
        }
        std::fs::set_permissions(&directory.root, std::fs::Permissions::from_mode(0o700))
            .map_err(ClusterError::file(&directory.root, "made private"))?;
        Ok(directory)
    }

    fn refuse_foreign(&self) -> Result<(), ClusterError> {
        let mut entries =
            std::fs::read_dir(&self.root).map_err(ClusterError::file(&self.root, "read"))?;
        if entries.next().is_some() && !self.root.join(LOCK).exists() {
            return Err(ClusterError::NotOurs(self.root.clone()));
        }
        Ok(())
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Postgres' own data directory.
    pub fn data(&self) -> PathBuf {
        self.root.join("postgres")
    }

    /// Where `initdb` works until it is done.
    pub fn unfinished_data(&self) -> PathBuf {
        self.root.join("postgres.unfinished")
    }

    /// The server's log.
    pub fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// Where downloaded programs go.
    pub fn install(&self) -> PathBuf {
        self.root.join("install")
    }

    /// The settings file.
    pub fn settings_file(&self) -> PathBuf {
        self.root.join("cluster.json")
    }

    /// The lock held while the server is being started or stopped.
    pub fn open_change_lock(&self) -> Result<File, ClusterError> {
        self.open_private(LOCK)
    }

    /// The lock that every user of the cluster holds shared; whoever gets it alone is the last one.
    pub fn open_users_lock(&self) -> Result<File, ClusterError> {
        self.open_private("users.lock")
    }

    /// The major version that wrote the data; `None` where there is no data yet.
    pub fn data_version(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.data().join("PG_VERSION")).ok()?;
        text.trim().parse().ok()
    }

    /// Reads the settings.
    pub fn read_settings(&self) -> Result<ClusterSettings, ClusterError> {
        std::fs::read(self.settings_file())
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(|| ClusterError::Settings {
                file: self.settings_file(),
                data_dir: self.root.clone(),
            })
    }

    /// Writes the settings, whole or not at all.
    pub fn write_settings(&self, settings: &ClusterSettings) -> Result<(), ClusterError> {
        let text = serde_json::to_vec(settings).expect("settings are plain data");
        let unfinished = self.root.join("cluster.json.unfinished");
        write_private(&unfinished, &text)?;
        std::fs::rename(&unfinished, self.settings_file())
            .map_err(ClusterError::file(self.settings_file(), "written"))
    }

    fn open_private(&self, name: &str) -> Result<File, ClusterError> {
        let path = self.root.join(name);
        OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .map_err(ClusterError::file(path, "opened"))
    }
}

/// Writes a file that only its owner may read.
pub(crate) fn write_private(path: &Path, text: &[u8]) -> Result<(), ClusterError> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text).and_then(|()| file.sync_all()))
        .map_err(ClusterError::file(path, "written"))
}

/// Also what tells a directory of ours from somebody else's.
const LOCK: &str = "change.lock";

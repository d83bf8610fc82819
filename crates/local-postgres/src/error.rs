//! What can go wrong, each with the way out.

use std::io;
use std::path::PathBuf;

/// Why a cluster could not be started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No server programs on this machine, and the download failed.
    #[error(
        "no Postgres server was found and downloading one failed; install Postgres 15 or newer \
         (Debian and Ubuntu: apt-get install postgresql, macOS: brew install postgresql) or give a DATABASE_URL"
    )]
    Download {
        /// What the download said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The data was written by another major version than those found.
    #[error(
        "the data in {} was written by Postgres {wanted}, which was not found on this machine; \
         install Postgres {wanted} or choose another data directory", data_dir.display()
    )]
    OtherVersion {
        /// The cluster's directory.
        data_dir: PathBuf,
        /// The major version that is needed.
        wanted: u32,
    },
    /// The directory holds something else.
    #[error("{} is not empty and is not a directory that Postern made; choose another data directory", .0.display())]
    NotOurs(PathBuf),
    /// Started as root, and there is nobody else to run Postgres as.
    #[error(
        "Postgres does not run as root and this machine has neither a user \"postgres\" nor \"nobody\"; \
         start Postern as another user or give a DATABASE_URL"
    )]
    NoAccount,
    /// Started as root, and a parent directory keeps the unprivileged user out.
    #[error(
        "Postgres runs as user \"{account}\", who may not enter {}; choose another data directory, \
         such as one under /var/lib", parent.display()
    )]
    NotTraversable {
        /// The user's name.
        account: String,
        /// The directory that keeps it out.
        parent: PathBuf,
    },
    /// A file or directory could not be read or written.
    #[error("{} could not be {action}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What was tried: "read", "written", "locked" and so on.
        action: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The password of the cluster is gone or unreadable.
    #[error("{} is not readable as the cluster's settings; restore it or remove {}", file.display(), data_dir.display())]
    Settings {
        /// The file.
        file: PathBuf,
        /// The cluster's directory.
        data_dir: PathBuf,
    },
    /// A program could not be run at all.
    #[error("{} could not be run", program.display())]
    Run {
        /// Which.
        program: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A program ran and failed.
    #[error("{program} failed: {message}")]
    Program {
        /// Its name.
        program: &'static str,
        /// The last thing that it said.
        message: String,
    },
    /// Removing was asked for while somebody uses the cluster.
    #[error("the Postgres cluster in {} is in use by another Postern; stop that one first", .0.display())]
    InUse(PathBuf),
    /// The system gave no randomness for the password.
    #[error("the system gave no random bytes for a password: {0}")]
    Random(String),
}

impl ClusterError {
    pub(crate) fn file(
        path: impl Into<PathBuf>,
        action: &'static str,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, action, source }
    }
}

//! Whom Postgres runs as: ourselves, or an unprivileged user when we are root.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::error::ClusterError;

/// A user to run Postgres as.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
}

impl Account {
    /// The unprivileged user to switch to; `None` when we are not root and stay who we are.
    pub fn choose() -> Result<Option<Self>, ClusterError> {
        if !runs_as_root() {
            return Ok(None);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| {
                Some(Self {
                    name: name.to_owned(),
                    uid: ask_id(&["-u", name]).filter(|uid| *uid != 0)?,
                    gid: ask_id(&["-g", name])?,
                })
            })
            .map(Some)
            .ok_or(ClusterError::NoAccount)
    }

    /// Makes the command run as this user.
    pub fn apply(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    /// Checks that the user may pass through every parent of `directory`.
    pub fn check_path(&self, directory: &Path) -> Result<(), ClusterError> {
        for parent in directory.ancestors().skip(1) {
            let metadata = std::fs::metadata(parent).map_err(ClusterError::file(parent, "read"))?;
            let needed = if metadata.uid() == self.uid {
                0o100
            } else if metadata.gid() == self.gid {
                0o010
            } else {
                0o001
            };
            if metadata.mode() & needed == 0 {
                return Err(ClusterError::NotTraversable {
                    account: self.name.clone(),
                    parent: parent.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Makes the user the owner of a file or directory.
    pub fn own(&self, path: &Path) -> Result<(), ClusterError> {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
            .map_err(ClusterError::file(path, "given to the user that runs Postgres"))
    }
}

/// Whether this process is root, in which case Postgres runs as somebody else.
pub fn runs_as_root() -> bool {
    ask_id(&["-u"]) == Some(0)
}

/// Asks `id`, which knows users of directories (LDAP and so on) as well as those of `/etc/passwd`.
fn ask_id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    if !output.status.success() {
        return None;
    }
    std::str::from_utf8(&output.stdout).ok()?.trim().parse().ok()
}

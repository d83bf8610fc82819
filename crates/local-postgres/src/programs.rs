//! Finding Postgres' server programs on the machine.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest major version that Postern works with.
const OLDEST: u32 = 15;

/// A directory with `initdb`, `pg_ctl` and `postgres` of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Programs {
    /// The directory.
    pub directory: PathBuf,
    /// The major version.
    pub major: u32,
}

impl Programs {
    /// The programs in `directory`, if it has them and they are new enough.
    pub fn in_directory(directory: &Path) -> Option<Self> {
        let directory = std::fs::canonicalize(directory.join("postgres")).ok()?;
        let directory = directory.parent()?.to_owned();
        let complete = ["initdb", "pg_ctl", "postgres"]
            .iter()
            .all(|program| directory.join(program).is_file());
        if !complete {
            return None;
        }
        let output = Command::new(directory.join("postgres")).arg("--version").output().ok()?;
        let major = major_version(std::str::from_utf8(&output.stdout).ok()?)?;
        (major >= OLDEST).then_some(Self { directory, major })
    }

    /// The programs on this machine, the preferred ones first: `PATH`, `pg_config`, then the usual places.
    pub fn find_all() -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut directories: Vec<PathBuf> = std::env::split_paths(&path).collect();
        directories.extend(ask_pg_config());
        for programs in directories.iter().filter_map(|directory| Self::in_directory(directory)) {
            if !found.contains(&programs) {
                found.push(programs);
            }
        }
        let mut usual: Vec<Self> = usual_directories()
            .iter()
            .filter_map(|directory| Self::in_directory(directory))
            .filter(|programs| !found.contains(programs))
            .collect();
        usual.sort_by_key(|programs| std::cmp::Reverse(programs.major));
        found.extend(usual);
        found
    }

    /// The path of one of them.
    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

fn ask_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| PathBuf::from(text.trim()))
}

/// Where packages put the programs without adding them to `PATH`.
fn usual_directories() -> Vec<PathBuf> {
    // Debian and Ubuntu, PostgreSQL's own RPMs, Homebrew on both Macs, Postgres.app.
    const PARENTS: [(&str, &str); 6] = [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/usr/local", "pgsql"),
        ("/opt/homebrew/opt", "postgresql"),
        ("/usr/local/opt", "postgresql"),
        ("/Applications/Postgres.app/Contents/Versions", ""),
    ];
    let mut directories = Vec::new();
    for (parent, prefix) in PARENTS {
        let Ok(entries) = std::fs::read_dir(parent) else { continue };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                directories.push(entry.path().join("bin"));
            }
        }
    }
    directories
}

/// The major version in `postgres (PostgreSQL) 15.18 (Debian …)`.
fn major_version(text: &str) -> Option<u32> {
    let (_, version) = text.split_once("(PostgreSQL) ")?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_of_releases_and_previews() {
        let check = |text, expected| assert_eq!(major_version(text), expected, "{text}");
        check("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15));
        check("postgres (PostgreSQL) 18beta1\n", Some(18));
        check("postgres (PostgreSQL) 9.6.24\n", Some(9));
        check("mysqld  Ver 8.0\n", None);
        check("", None);
    }
}

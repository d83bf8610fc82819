//! Where a secret is, which is all that Postern keeps of it.

use std::fmt;
use std::path::{Path, PathBuf};

use postern_service::azure::Secret;
use serde::{Deserialize, Serialize};

use crate::Variables;

pub(super) const CLIENT_SECRET: &str = "the client secret";
pub(super) const CERTIFICATE: &str = "the certificate";
pub(super) const PASSWORD: &str = "the certificate's password";
pub(super) const ASSERTION: &str = "the client assertion";
pub(super) const ACCESS_TOKEN: &str = "the pipeline's access token";
pub(super) const PROXY: &str = "the proxy's password";
pub(super) const CA: &str = "the list of trusted certificates";

/// Where a secret is: `{"environment": "NAME"}` or `{"file": "/path"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SecretReference {
    /// In an environment variable of the process that needs it.
    Environment(String),
    /// In a file that this process can read; white space around it does not count.
    File(PathBuf),
}

/// The secret is not where it should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReferenceError {
    /// The variable is not there.
    #[error("{what} is missing: the environment variable {name} is not set in this process")]
    NotSet { what: &'static str, name: String },
    /// The file is not there.
    #[error("{what} is missing: the file {} cannot be read ({})", path.display(), source.kind())]
    File {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The file is there but holds nothing.
    #[error("{what} is missing: the file {} is empty", path.display())]
    Empty { what: &'static str, path: PathBuf },
    /// The file holds something else.
    #[error("{what} cannot be used: the file {} holds no text", path.display())]
    NoText { what: &'static str, path: PathBuf },
}

impl SecretReference {
    /// Reads the secret as it is now. `what` says what it is, such as "the client secret".
    pub fn resolve(
        &self,
        what: &'static str,
        variables: &Variables,
    ) -> Result<Secret, ReferenceError> {
        match self {
            Self::Environment(name) => variables
                .get(name)
                .map(Secret::new)
                .ok_or_else(|| ReferenceError::NotSet { what, name: name.clone() }),
            Self::File(path) => {
                let bytes = read_file(what, path)?;
                let text = String::from_utf8(bytes)
                    .map_err(|_| ReferenceError::NoText { what, path: path.clone() })?;
                match text.trim() {
                    "" => Err(ReferenceError::Empty { what, path: path.clone() }),
                    text => Ok(Secret::new(text)),
                }
            }
        }
    }
}

impl ReferenceError {
    /// Which setting it is about.
    pub fn setting(&self) -> &'static str {
        let (Self::NotSet { what, .. }
        | Self::File { what, .. }
        | Self::Empty { what, .. }
        | Self::NoText { what, .. }) = self;
        match *what {
            PROXY => "proxy",
            CA => "CA certificates",
            _ => "credential",
        }
    }
}

impl fmt::Display for SecretReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(formatter, "the environment variable {name}"),
            Self::File(path) => write!(formatter, "the file {}", path.display()),
        }
    }
}

/// Reads a file that the settings name.
pub(super) fn read_file(what: &'static str, path: &Path) -> Result<Vec<u8>, ReferenceError> {
    std::fs::read(path).map_err(|source| ReferenceError::File {
        what,
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_is_read_anew_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let reference = SecretReference::File(path.clone());
        let nothing = Variables::new(|_| None);
        let resolve = || reference.resolve("the client secret", &nothing);
        let said = resolve().unwrap_err().to_string();
        assert!(said.starts_with("the client secret is missing: the file /"), "{said}");
        std::fs::write(&path, " \n").unwrap();
        assert!(resolve().unwrap_err().to_string().ends_with("is empty"));
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(resolve().unwrap_err().to_string().ends_with("holds no text"));
        for secret in ["hunter2", "hunter3"] {
            std::fs::write(&path, format!("{secret}\n")).unwrap();
            assert_eq!(resolve().unwrap().expose(), secret, "a rotated file works");
        }
    }

    #[test]
    fn a_variable_is_named_where_it_is_missing() {
        let variables = Variables::new(|name| (name == "ONE").then(|| "hunter2".to_owned()));
        let named = |name: &str| SecretReference::Environment(name.to_owned());
        assert_eq!(named("ONE").resolve("it", &variables).unwrap().expose(), "hunter2");
        let said = named("TWO").resolve("the client secret", &variables).unwrap_err().to_string();
        assert_eq!(
            said,
            "the client secret is missing: the environment variable TWO is not set in this process"
        );
    }

    #[test]
    fn what_is_stored_is_the_place() {
        let check = |reference: SecretReference, expected| {
            assert_eq!(serde_json::to_value(&reference).unwrap(), expected);
            assert_eq!(SecretReference::deserialize(&expected).unwrap(), reference);
        };
        check(SecretReference::Environment("NAME".into()), json!({"environment": "NAME"}));
        check(SecretReference::File("/run/s".into()), json!({"file": "/run/s"}));
    }
}

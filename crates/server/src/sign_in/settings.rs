//! The file that says where people sign in, and which roles follow.

use std::path::{Path, PathBuf};

use postern_domain::person::GrantRules;
use postern_service::session::SessionLimits;
use serde::Deserialize;
use time::Duration;
use url::Url;

use super::LIMITS;
use crate::azure_connection::SecretReference;

/// What the file holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInSettings {
    /// The address that people reach Postern at, such as `https://postern.contoso.example`.
    pub public_url: Url,
    pub provider: ProviderSettings,
    /// Which roles follow from what the provider says.
    pub grants: GrantRules,
    #[serde(default)]
    pub session: SessionSettings,
    /// How many proxies in front add to `X-Forwarded-For`.
    pub proxies: Option<u8>,
}

/// An OpenID provider, and Postern's registration there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderSettings {
    /// What people call it.
    #[serde(default = "your_organisation")]
    pub name: String,
    /// Its address; `/.well-known/openid-configuration` lies below it.
    pub issuer: Url,
    pub client_id: String,
    /// Where the client secret is; without one Postern is a public client.
    pub client_secret: Option<SecretReference>,
    /// What is asked for beside `openid`.
    #[serde(default = "profile_and_email")]
    pub scopes: Vec<String>,
}

fn your_organisation() -> String {
    "your organisation".to_owned()
}

fn profile_and_email() -> Vec<String> {
    vec!["profile".to_owned(), "email".to_owned()]
}

/// How long sessions hold.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionSettings {
    idle_minutes: Option<u32>,
    longest_minutes: Option<u32>,
}

/// Nobody stays signed in for longer than a month.
const LONGEST: Duration = Duration::days(31);

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("{} cannot be read ({})", path.display(), source.kind())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{} holds no settings for signing in: {source}", path.display())]
    Malformed { path: PathBuf, source: serde_json::Error },
    #[error("{} was refused: {}", path.display(), complaints.join("; "))]
    Refused { path: PathBuf, complaints: Vec<String> },
}

impl SignInSettings {
    /// Reads the file, and refuses what cannot be safe or cannot work.
    pub(crate) fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
        let settings: Self = serde_json::from_str(&text)
            .map_err(|source| SettingsError::Malformed { path: path.to_owned(), source })?;
        let complaints = settings.complaints();
        if complaints.is_empty() {
            Ok(settings)
        } else {
            Err(SettingsError::Refused { path: path.to_owned(), complaints })
        }
    }

    fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for (what, url) in [("public_url", &self.public_url), ("issuer", &self.provider.issuer)] {
            if !is_safe(url) {
                complaints.push(format!(
                    "{what} {url} is not https, and what is sent there could be read on the way"
                ));
            }
        }
        // Postern speaks no TLS, so that something is in front of it.
        if self.proxies.is_none() && self.public_url.scheme() == "https" {
            complaints.push(
                "\"proxies\" is missing: say how many proxies in front of Postern add to X-Forwarded-For, or all people \
                 share one address and one limit"
                    .to_owned(),
            );
        }
        if self.public_url.path() != "/" || self.public_url.query().is_some() {
            complaints.push(format!("public_url {} has more than a host", self.public_url));
        }
        if self.provider.client_id.trim().is_empty() {
            complaints.push("client_id is empty".to_owned());
        }
        if self.grants.0.is_empty() {
            complaints.push("\"grants\" is empty, so that nobody would have a role".to_owned());
        }
        let SessionLimits { idle, longest } = self.limits();
        if idle.is_zero() || longest.is_zero() || idle > longest {
            complaints.push(format!(
                "idle_minutes has to be at least 1 and at most longest_minutes, which is {}",
                longest.whole_minutes()
            ));
        }
        if longest > LONGEST {
            complaints.push(format!("longest_minutes is at most {}", LONGEST.whole_minutes()));
        }
        complaints.extend(self.grants.complaints());
        complaints
    }

    pub(crate) fn limits(&self) -> SessionLimits {
        let minutes = |set: Option<u32>| set.map(|minutes| Duration::minutes(minutes.into()));
        let longest = minutes(self.session.longest_minutes).unwrap_or(LIMITS.longest);
        let idle = minutes(self.session.idle_minutes).unwrap_or(LIMITS.idle.min(longest));
        SessionLimits { idle, longest }
    }
}

/// Whether nobody on the way can read what is sent to it.
pub(crate) fn is_safe(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn settings(change: impl FnOnce(&mut Value)) -> Result<SignInSettings, SettingsError> {
        let mut value = json!({
            "public_url": "https://postern.contoso.example",
            "provider": {
                "name": "Microsoft Entra ID",
                "issuer": "https://login.microsoftonline.com/aaaa/v2.0",
                "client_id": "bbbb",
                "client_secret": {"environment": "POSTERN_SIGN_IN_SECRET"},
            },
            "grants": [{"claim": "roles", "value": "Postern.Auditor", "role": "auditor"}],
            "proxies": 1,
        });
        change(&mut value);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sign-in.json");
        std::fs::write(&path, value.to_string()).unwrap();
        SignInSettings::read(&path)
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let read = settings(|_| ()).unwrap();
        assert_eq!(read.limits(), LIMITS);
        assert_eq!(read.provider.scopes, ["profile", "email"]);
        let read = settings(|value| value["session"] = json!({"longest_minutes": 60})).unwrap();
        assert_eq!(read.limits().idle, Duration::minutes(60), "idle is never longer");
    }

    #[test]
    fn what_is_wrong_is_said_all_at_once() {
        let refused = settings(|value| {
            value["public_url"] = json!("http://postern.contoso.example/app");
            value["provider"]["issuer"] = json!("http://login.example");
            value["provider"]["client_id"] = json!(" ");
            value["session"] = json!({"idle_minutes": 90, "longest_minutes": 60});
            value["grants"] = json!([{"claim": "groups", "value": "nlp", "role": "contributor"}]);
        });
        let said = refused.unwrap_err().to_string();
        for part in [
            "public_url http://postern.contoso.example/app is not https",
            "issuer http://login.example/ is not https",
            "has more than a host",
            "client_id is empty",
            "idle_minutes has to be at least 1 and at most longest_minutes, which is 60",
            "grant 1: a contributor needs a team",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let without = |value: &mut Value| drop(value.as_object_mut().unwrap().remove("proxies"));
        let said = settings(without).unwrap_err().to_string();
        assert!(said.contains("\"proxies\" is missing"), "{said}");
        let said = settings(|value| value["session"] = json!({"longest_minutes": u32::MAX}));
        let said = said.unwrap_err().to_string();
        assert!(said.contains("longest_minutes is at most 44640"), "{said}");
        let said = settings(|value| value["grants"] = json!([])).unwrap_err().to_string();
        assert!(said.contains("nobody would have a role"), "{said}");
        let said = settings(|value| value["typo"] = json!(1)).unwrap_err().to_string();
        assert!(said.contains("unknown field `typo`"), "{said}");
    }

    #[test]
    fn this_machine_needs_no_https() {
        let check =
            |url: &str, expected| assert_eq!(is_safe(&url.parse().unwrap()), expected, "{url}");
        check("http://127.0.0.1:9000", true);
        check("http://[::1]:9000", true);
        check("http://localhost", true);
        check("http://localhost.evil.example", false);
        check("http://10.0.0.1", false);
        check("ftp://localhost", false);
    }
}

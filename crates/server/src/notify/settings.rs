//! The file that says where notifications go.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lettre::Address;
use lettre::message::Mailbox;
use postern_domain::notification::Kind;
use postern_domain::notification::audience::{Channels, MailChannel, WebhookChannel, WebhookName};
use postern_domain::team::TeamId;
use postern_service::azure::Secret;
use serde::Deserialize;
use url::Url;

use super::Messenger;
use super::mail::Mail;
use super::webhook::{Webhook, Webhooks};
use crate::Variables;
use crate::azure_connection::SecretReference;
use crate::sign_in::is_safe;

/// What the file holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NotifySettings {
    /// The address that people reach Postern at, such as `https://postern.contoso.example`.
    public_url: Url,
    mail: Option<MailSettings>,
    #[serde(default)]
    webhooks: Vec<WebhookSettings>,
}

/// The mail server, and who sends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MailSettings {
    pub host: String,
    pub port: Option<u16>,
    #[serde(default)]
    pub tls: TlsMode,
    /// `postern@contoso.example`, or with a name before it in angle brackets.
    from: String,
    pub user: Option<String>,
    /// Where the password is.
    password: Option<SecretReference>,
    /// Where those who approve read of requests.
    approvers: Option<String>,
}

/// How the connection to the mail server is made safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TlsMode {
    /// It begins without TLS and goes on with it, or not at all.
    #[default]
    StartTls,
    /// It is TLS from the beginning.
    Tls,
    /// It is not; on loopback only.
    None,
}

impl TlsMode {
    /// Where servers listen for it.
    pub(super) fn usual_port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// A webhook.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookSettings {
    name: WebhookName,
    url: Option<Url>,
    /// Where the address is, where it is a secret itself, as those of Slack and Teams are.
    url_from: Option<SecretReference>,
    shape: Shape,
    teams: Option<BTreeSet<TeamId>>,
    events: Option<BTreeSet<Kind>>,
    /// Where the secret is by which messages are signed.
    secret: Option<SecretReference>,
}

/// What is sent to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Shape {
    /// JSON of our own.
    Json,
    /// An adaptive card, as Microsoft Teams takes it.
    Teams,
    /// Blocks, as Slack takes them.
    Slack,
}

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("{} cannot be read ({})", path.display(), source.kind())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{} holds no settings for notifications: {source}", path.display())]
    Malformed { path: PathBuf, source: serde_json::Error },
    #[error("{} was refused: {}", path.display(), complaints.join("; "))]
    Refused { path: PathBuf, complaints: Vec<String> },
    #[error("this system cannot send messages")]
    Client(#[from] reqwest::Error),
}

impl NotifySettings {
    pub(super) fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
        serde_json::from_str(&text)
            .map_err(|source| SettingsError::Malformed { path: path.to_owned(), source })
    }

    /// What sends messages so; refuses what cannot be safe or cannot work, all at once.
    pub(super) fn messenger(
        self,
        path: &Path,
        variables: &Variables,
    ) -> Result<Messenger, SettingsError> {
        let mut complaints = Complaints { said: Vec::new(), variables };
        complaints.about_the_whole(&self);
        let mail = self.mail.as_ref().map(|settings| complaints.mail(settings));
        let webhooks: Vec<_> =
            self.webhooks.iter().map(|settings| complaints.webhook(settings)).collect();
        let refused = |complaints: Complaints<'_>| SettingsError::Refused {
            path: path.to_owned(),
            complaints: complaints.said,
        };
        let (mail, webhooks) = match (mail, webhooks.into_iter().collect::<Option<Vec<_>>>()) {
            (Some(None), _) | (_, None) => return Err(refused(complaints)),
            _ if !complaints.said.is_empty() => return Err(refused(complaints)),
            (mail, Some(webhooks)) => (mail.flatten(), webhooks),
        };
        let channel = match &mail {
            None => MailChannel::Off,
            Some(mail) if mail.approvers.is_none() => MailChannel::People,
            Some(_) => MailChannel::PeopleAndApprovers,
        };
        let told = self.webhooks.into_iter().map(|webhook| WebhookChannel {
            name: webhook.name,
            teams: webhook.teams,
            kinds: webhook.events,
        });
        Ok(Messenger {
            channels: Channels { mail: channel, webhooks: told.collect() },
            mail,
            webhooks: Webhooks::new(webhooks)?,
            public_url: self.public_url,
        })
    }
}

/// What is wrong, gathered while what sends is made; a `None` comes with a complaint.
struct Complaints<'a> {
    said: Vec<String>,
    variables: &'a Variables,
}

impl Complaints<'_> {
    fn about_the_whole(&mut self, settings: &NotifySettings) {
        let url = &settings.public_url;
        if !is_safe(url) {
            self.said.push(format!("public_url {url} is not https"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            self.said.push(format!("public_url {url} has more than a host"));
        }
        if settings.mail.is_none() && settings.webhooks.is_empty() {
            self.said.push("there is neither \"mail\" nor a webhook".to_owned());
        }
        let mut names = BTreeSet::new();
        for webhook in &settings.webhooks {
            if !names.insert(&webhook.name) {
                self.said.push(format!("there are two webhooks {}", webhook.name));
            }
        }
    }

    fn mail(&mut self, settings: &MailSettings) -> Option<Mail> {
        let is_loopback = Url::parse(&format!("http://{}", settings.host))
            .is_ok_and(|url| url.path() == "/" && url.port().is_none() && is_safe(&url));
        if settings.host.trim().is_empty() {
            self.said.push("the mail server's host is empty".to_owned());
        } else if settings.tls == TlsMode::None && !is_loopback {
            self.said.push(format!(
                "mail to {} without TLS could be read on the way: only this machine needs none",
                settings.host
            ));
        }
        if settings.user.is_some() != settings.password.is_some() {
            self.said.push("the mail server's user and password belong together".to_owned());
        }
        let password = settings.password.as_ref().and_then(|place| {
            self.secret("mail", place.resolve("the mail server's password", self.variables))
        });
        let from = settings.from.parse::<Mailbox>().ok();
        if from.is_none() {
            self.said.push(format!("from \"{}\" is no mail address", settings.from));
        }
        let approvers = settings.approvers.as_ref().and_then(|written| {
            let address = written.parse::<Address>().ok();
            if address.is_none() {
                self.said.push(format!("approvers \"{written}\" is no mail address"));
            }
            address
        });
        let credentials = settings.user.clone().zip(password);
        let mail = Mail::new(settings, from?, credentials, approvers);
        mail.inspect_err(|error| self.said.push(error.clone())).ok()
    }

    fn webhook(&mut self, settings: &WebhookSettings) -> Option<(WebhookName, Webhook)> {
        let about = format!("webhook {}", settings.name);
        let url = match (&settings.url, &settings.url_from) {
            (Some(url), None) => Some(url.clone()),
            (None, Some(place)) => {
                let text = place.resolve("the address", self.variables);
                let text = self.secret(&about, text)?;
                let url = text.expose().trim().parse().ok();
                if url.is_none() {
                    self.said.push(format!("{about}: what {place} holds is no address"));
                }
                url
            }
            _ => {
                self.said.push(format!("{about} needs either \"url\" or \"url_from\""));
                None
            }
        };
        // The address may be a secret, and is not said.
        if url.as_ref().is_some_and(|url| !is_safe(url)) {
            self.said.push(format!(
                "{about}: its address is not https, and what is sent there could be read on the way"
            ));
        }
        if settings.shape == Shape::Json && settings.secret.is_none() {
            self.said.push(format!(
                "{about} has no secret, and its receiver could not tell our messages from others'"
            ));
        }
        if settings.teams.as_ref().is_some_and(BTreeSet::is_empty) {
            self.said.push(format!("{about} is of no team: leave \"teams\" out for all of them"));
        }
        if settings.events.as_ref().is_some_and(BTreeSet::is_empty) {
            self.said.push(format!("{about} wants no event: leave \"events\" out for all of them"));
        }
        let secret = settings
            .secret
            .as_ref()
            .and_then(|place| self.secret(&about, place.resolve("the secret", self.variables)));
        Some((settings.name.clone(), Webhook { url: url?, shape: settings.shape, secret }))
    }

    fn secret<E: std::fmt::Display>(
        &mut self,
        about: &str,
        resolved: Result<Secret, E>,
    ) -> Option<Secret> {
        resolved.inspect_err(|error| self.said.push(format!("{about}: {error}"))).ok()
    }
}

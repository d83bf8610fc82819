//! Sending notifications: mail by SMTP, and webhooks that are signed.

mod mail;
mod settings;
#[cfg(test)]
mod tests;
mod webhook;

use std::path::Path;

use async_trait::async_trait;
use postern_domain::notification::audience::Channels;
use postern_service::notification::{Courier, Letter, Recipient, SendError};
use url::Url;

use self::mail::Mail;
use self::settings::NotifySettings;
pub(crate) use self::settings::SettingsError;
use self::webhook::Webhooks;
use crate::Variables;

/// Sends messages to where the settings say.
pub(crate) struct Messenger {
    channels: Channels,
    mail: Option<Mail>,
    webhooks: Webhooks,
    /// The address that people reach Postern at, for links.
    public_url: Url,
}

impl Messenger {
    /// Reads the file that says where messages go, and the secrets that it names.
    pub(crate) fn read(path: &Path, variables: &Variables) -> Result<Self, SettingsError> {
        NotifySettings::read(path)?.messenger(path, variables)
    }
}

#[async_trait]
impl Courier for Messenger {
    fn channels(&self) -> &Channels {
        &self.channels
    }

    async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        if let Recipient::Webhook(name) = &letter.to {
            return self.webhooks.send(name, letter, &self.public_url).await;
        }
        let no_mail = || SendError::Refused("the settings name no mail server".to_owned());
        let mail = self.mail.as_ref().ok_or_else(no_mail)?;
        mail.send(letter, &self.public_url).await
    }
}

/// The address of an exception's page.
fn link(public_url: &Url, notice: &postern_service::notification::Notice) -> String {
    let mut url = public_url.clone();
    url.set_path(&format!("/exceptions/{}", notice.exception));
    url.into()
}

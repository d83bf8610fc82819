//! Messages as a mail server and a receiver of webhooks on loopback get them.

mod by_mail;
mod by_webhook;
mod reading;

use std::path::PathBuf;

use postern_domain::notification::Kind;
use postern_domain::notification::delivery::DeliveryKey;
use postern_service::notification::{Courier as _, Fact, Letter, Notice, Recipient, SendError};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;

use super::{Messenger, SettingsError};
use crate::Variables;

const NOW: OffsetDateTime = datetime!(2026-05-12 8:00 UTC);
const PASSWORD: &str = "hunter2-of-the-mail-server";
const SECRET: &str = "hunter2-of-the-webhook";

/// What a hostile name or text looks like.
const HOSTILE: &str =
    "Eve\r\nBcc: all@contoso.example\r\n\r\n<script>alert(1)</script> & <!channel>";

/// Reads settings as they are in a file, in a process with two secrets.
fn read(settings: &Value) -> Result<Messenger, SettingsError> {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("notify.json");
    std::fs::write(&path, settings.to_string()).unwrap();
    let variables = Variables::new(|name| match name {
        "PASSWORD" => Some(PASSWORD.to_owned()),
        "SECRET" => Some(SECRET.to_owned()),
        "CHANNEL" => Some(format!("http://127.0.0.1:1/{SECRET}")),
        "EVIL" => Some(format!("http://hooks.contoso.example/{SECRET}")),
        _ => None,
    });
    Messenger::read(&path, &variables)
}

fn notice(key: &str) -> Notice {
    Notice {
        key: key.parse().unwrap(),
        kind: Kind::Filed,
        at: NOW,
        exception: "X-12".parse().unwrap(),
        title: "X-12 was filed and waits for a decision".to_owned(),
        facts: vec![
            Fact { label: "Covers", value: "1 finding".to_owned() },
            Fact { label: "Owner", value: "Eve <script>alert(1)</script> & <!channel>".to_owned() },
        ],
        words: vec![Fact { label: "Justification", value: HOSTILE.to_owned() }],
        severity: postern_domain::verdict::Severity::High,
        until: datetime!(2026-09-01 0:00 UTC),
    }
}

fn letter(to: Recipient) -> Letter {
    let notice = notice("X-12/3");
    let target = "approvers".parse().unwrap();
    Letter {
        key: DeliveryKey::event(&notice.key, &target),
        to,
        digest_on: None,
        notices: vec![notice],
        at: NOW,
    }
}

/// Why a message was not sent.
fn why(error: &SendError) -> &str {
    let (SendError::Failed(why) | SendError::Refused(why)) = error;
    why
}

//! Webhooks: what is posted to them, and how it is signed.

use std::collections::BTreeMap;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use postern_domain::moment;
use postern_domain::notification::audience::WebhookName;
use postern_service::azure::Secret;
use postern_service::notification::{Fact, Letter, Notice, SendError};
use serde_json::{Value, json};
use sha2::Sha256;
use time::OffsetDateTime;
use url::Url;

use super::link;
use super::settings::Shape;

/// A receiver that does more than to take the message answers first.
const PATIENCE: Duration = Duration::from_secs(20);

/// Says when a message was signed and how: `t=1780000000,v1=HEX`.
const SIGNATURE: &str = "X-Postern-Signature";

/// The webhooks, by name.
pub(super) struct Webhooks {
    client: reqwest::Client,
    webhooks: BTreeMap<WebhookName, Webhook>,
}

/// A webhook.
pub(super) struct Webhook {
    pub(super) url: Url,
    pub(super) shape: Shape,
    /// What messages are signed by.
    pub(super) secret: Option<Secret>,
}

impl Webhooks {
    pub(super) fn new(webhooks: Vec<(WebhookName, Webhook)>) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            // A receiver that redirects could make Postern ask whatever is in its own network.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .user_agent("Postern")
            .build()?;
        Ok(Self { client, webhooks: webhooks.into_iter().collect() })
    }

    pub(super) async fn send(
        &self,
        name: &WebhookName,
        letter: &Letter,
        public_url: &Url,
    ) -> Result<(), SendError> {
        let unknown = || SendError::Refused("the settings name no such webhook".to_owned());
        let webhook = self.webhooks.get(name).ok_or_else(unknown)?;
        let silent = || SendError::Refused("there is nothing to say".to_owned());
        let notice = letter.notices.first().ok_or_else(silent)?;
        let body = body(webhook.shape, notice, &link(public_url, notice)).to_string();
        let mut request = self
            .client
            .post(webhook.url.clone())
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", notice.key.as_str());
        if let Some(secret) = &webhook.secret {
            request = request.header(SIGNATURE, signature(secret, letter.at, &body));
        }
        let answer = request.body(body).send().await.map_err(|error| failure(&error))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status if status.is_redirection() => Err(SendError::Failed(format!(
                "it answered {}, and redirects are not followed",
                status.as_u16()
            ))),
            status => Err(SendError::Failed(format!("it answered {}", status.as_u16()))),
        }
    }
}

/// Why a message was not taken, in words of ours: an address may be a secret.
fn failure(error: &reqwest::Error) -> SendError {
    SendError::Failed(if error.is_timeout() {
        format!("it did not answer within {} seconds", PATIENCE.as_secs())
    } else if error.is_connect() {
        "it could not be reached".to_owned()
    } else {
        "the connection to it was lost".to_owned()
    })
}

/// HMAC-SHA256 of the time, a dot and the body, so that an old message cannot be sent again as a new one.
pub(super) fn signature(secret: &Secret, at: OffsetDateTime, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
        .expect("HMAC takes keys of any length");
    let t = at.unix_timestamp();
    mac.update(format!("{t}.{body}").as_bytes());
    format!("t={t},v1={}", hex::encode(mac.finalize().into_bytes()))
}

fn body(shape: Shape, notice: &Notice, link: &str) -> Value {
    match shape {
        Shape::Json => plain(notice, link),
        Shape::Teams => card(notice, link),
        Shape::Slack => blocks(notice, link),
    }
}

/// JSON for programs.
fn plain(notice: &Notice, link: &str) -> Value {
    let facts = |facts: &[Fact]| -> Vec<Value> {
        facts.iter().map(|fact| json!({"label": fact.label, "value": fact.value})).collect()
    };
    json!({
        "key": notice.key,
        "event": notice.kind.as_str(),
        "at": moment::text(notice.at),
        "exception": notice.exception,
        "title": notice.title,
        "severity": notice.severity,
        "until": moment::text(notice.until),
        "facts": facts(&notice.facts),
        "words": facts(&notice.words),
        "url": link,
    })
}

/// An adaptive card. Text runs know no markup, so that no name becomes a link. What people wrote stays in Postern:
/// more read a channel than may see the findings.
fn card(notice: &Notice, link: &str) -> Value {
    let run = |text: &str, weight: &str| json!({"type": "TextRun", "text": text, "weight": weight});
    let block = |inlines: Vec<Value>| json!({"type": "RichTextBlock", "inlines": inlines});
    let mut body = vec![block(vec![run(&notice.title, "Bolder")])];
    body.extend(notice.facts.iter().map(|fact| {
        block(vec![run(&format!("{}: ", fact.label), "Bolder"), run(&fact.value, "Default")])
    }));
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": body,
                "actions": [{"type": "Action.OpenUrl", "title": "Open in Postern", "url": link}],
            },
        }],
    })
}

/// Blocks; what people are called is plain text, so that no name becomes a link or calls a whole channel.
fn blocks(notice: &Notice, link: &str) -> Value {
    let plain = |text: String| json!({"type": "plain_text", "text": text, "emoji": false});
    let fields: Vec<Value> = notice
        .facts
        .iter()
        .map(|fact| {
            // A field holds no more.
            let value: String = fact.value.chars().take(1_900).collect();
            plain(format!("{}: {value}", fact.label))
        })
        .collect();
    json!({
        // For notifications and screen readers.
        "text": escaped(&notice.title),
        "blocks": [
            {"type": "header", "text": plain(notice.title.clone())},
            {"type": "section", "fields": fields},
            {"type": "actions", "elements": [
                {"type": "button", "text": plain("Open in Postern".to_owned()), "url": link},
            ]},
        ],
    })
}

/// Slack's own escapes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

//! Mail: a text and an HTML part of the same, sent by SMTP.

use std::time::Duration;

use askama::Template;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use postern_domain::digest::Digest;
use postern_domain::text::is_unseen;
use postern_service::azure::Secret;
use postern_service::notification::{Letter, Notice, Recipient, SendError};
use url::Url;

use super::link;
use super::settings::{MailSettings, TlsMode};

/// How long the mail server may take for each answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest name beside an address.
const LONGEST_NAME: usize = 100;

/// A mail server, and who sends by it.
pub(super) struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// Where those who approve read of requests.
    pub(super) approvers: Option<Address>,
}

/// What mails say.
#[derive(Template)]
#[template(path = "mail/notices.txt")]
struct TextPart<'a> {
    notices: &'a [LinkedNotice<'a>],
    digest: bool,
    home: &'a str,
}

/// The same as HTML, in which what people wrote is escaped.
#[derive(Template)]
#[template(path = "mail/notices.html")]
struct HtmlPart<'a> {
    subject: &'a str,
    notices: &'a [LinkedNotice<'a>],
    digest: bool,
    home: &'a str,
}

struct LinkedNotice<'a> {
    notice: &'a Notice,
    link: String,
}

impl Mail {
    pub(super) fn new(
        settings: &MailSettings,
        from: Mailbox,
        credentials: Option<(String, Secret)>,
        approvers: Option<Address>,
    ) -> Result<Self, String> {
        let parameters = || {
            TlsParameters::new(settings.host.clone())
                .map_err(|_| format!("\"{}\" is no mail server's host", settings.host))
        };
        let tls = match settings.tls {
            TlsMode::StartTls => Tls::Required(parameters()?),
            TlsMode::Tls => Tls::Wrapper(parameters()?),
            TlsMode::None => Tls::None,
        };
        // Without TLS by itself, which `tls` then says.
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port.unwrap_or_else(|| settings.tls.usual_port()))
            .tls(tls)
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .timeout(Some(PATIENCE));
        if let Some((user, password)) = credentials {
            builder = builder.credentials(Credentials::new(user, password.expose().to_owned()));
        }
        Ok(Self { transport: builder.build(), from, approvers })
    }

    pub(super) async fn send(&self, letter: &Letter, public_url: &Url) -> Result<(), SendError> {
        let message = self.message(letter, public_url)?;
        self.transport.send(message).await.map(drop).map_err(|error| failure(&error))
    }

    fn message(&self, letter: &Letter, public_url: &Url) -> Result<Message, SendError> {
        let linked = |notice| LinkedNotice { notice, link: link(public_url, notice) };
        let notices: Vec<LinkedNotice<'_>> = letter.notices.iter().map(linked).collect();
        let subject = one_line(&subject(letter));
        let (digest, home) = (letter.digest_on.is_some(), public_url.as_str());
        let text = TextPart { notices: &notices, digest, home }.render();
        let html = HtmlPart { subject: &subject, notices: &notices, digest, home }.render();
        let unwritten = |_| SendError::Refused("the mail could not be written".to_owned());
        let (text, html) = (text.map_err(unwritten)?, html.map_err(unwritten)?);
        let header = |name, value: &str| {
            HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
        };
        Message::builder()
            .from(self.from.clone())
            .to(self.to(&letter.to)?)
            .subject(subject)
            .date(letter.at.into())
            // The same for the same message, so that a mailbox can tell it when it comes twice.
            .message_id(Some(self.message_id(letter, public_url)))
            // Whoever is away does not answer to it.
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Auto-Response-Suppress", "All"))
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|_| SendError::Refused("the mail could not be written".to_owned()))
    }

    fn message_id(&self, letter: &Letter, public_url: &Url) -> String {
        let digest = Digest::of(format!("{public_url} {}", letter.key.as_str()).as_bytes());
        format!("<{digest}@{}>", self.from.email.domain())
    }

    fn to(&self, recipient: &Recipient) -> Result<Mailbox, SendError> {
        let refused = |why: &str| SendError::Refused(why.to_owned());
        match recipient {
            Recipient::Approvers => {
                let address = self.approvers.clone();
                let address = address.ok_or_else(|| refused("the settings name no approvers"))?;
                Ok(Mailbox::new(None, address))
            }
            Recipient::Person { name, email, .. } => {
                // The address is said by an identity provider, and goes into a header and to the mail server.
                let is_plain = !email.chars().any(|it| is_unseen(it) || it.is_whitespace());
                let address = email.parse::<Address>().ok().filter(|_| is_plain);
                let address =
                    address.ok_or_else(|| refused("what is known of them is no mail address"))?;
                let name: String = one_line(name).chars().take(LONGEST_NAME).collect();
                Ok(Mailbox::new(Some(name).filter(|name| !name.is_empty()), address))
            }
            Recipient::Webhook(_) => Err(refused("a webhook reads no mail")),
        }
    }
}

fn subject(letter: &Letter) -> String {
    match (letter.digest_on, letter.notices.as_slice()) {
        (None, [notice]) => format!("Postern: {}", notice.title),
        (_, [_]) => "Postern: 1 piece of news about exceptions".to_owned(),
        (_, notices) => format!("Postern: {} pieces of news about exceptions", notices.len()),
    }
}

/// Without what could begin another line.
fn one_line(text: &str) -> String {
    let seen: String = text.chars().map(|it| if is_unseen(it) { ' ' } else { it }).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Why a mail was not taken, in words of ours: what a server says may repeat what it was sent.
fn failure(error: &lettre::transport::smtp::Error) -> SendError {
    let why = if let Some(code) = error.status() {
        format!("the mail server refused it with code {code}")
    } else if error.is_timeout() {
        format!("the mail server did not answer within {} seconds", PATIENCE.as_secs())
    } else if error.is_tls() {
        "there was no safe connection (TLS) to the mail server".to_owned()
    } else if error.is_client() {
        "the mail server offers no safe connection, or no way to sign in".to_owned()
    } else {
        "the mail server could not be reached".to_owned()
    };
    SendError::Failed(why)
}

//! What a mail server gets.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// A mail, as the server was told it.
#[derive(Clone, Debug, Default)]
struct Taken {
    recipients: Vec<String>,
    data: String,
}

/// A mail server without TLS, that says what it is told to a command that begins with a word, and takes everything else.
struct MailServer {
    port: u16,
    taken: Arc<Mutex<Vec<Taken>>>,
    /// Everything that it was sent.
    heard: Arc<Mutex<String>>,
}

impl MailServer {
    async fn start(answer: Option<(&'static str, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            taken: Arc::default(),
            heard: Arc::default(),
        };
        let (taken, heard) = (Arc::clone(&server.taken), Arc::clone(&server.heard));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, answer, Arc::clone(&taken), Arc::clone(&heard)));
            }
        });
        server
    }

    fn messenger(&self, tls: &str) -> Messenger {
        let mail = json!({
            "host": "127.0.0.1",
            "port": self.port,
            "tls": tls,
            "from": "Postern <postern@contoso.example>",
            "user": "postern",
            "password": {"environment": "PASSWORD"},
            "approvers": "risk@contoso.example",
        });
        read(&json!({"public_url": "https://postern.contoso.example", "mail": mail})).unwrap()
    }

    /// The only mail that it took.
    fn only(&self) -> Taken {
        let taken = self.taken.lock().unwrap();
        let [only] = taken.as_slice() else { panic!("{taken:?}") };
        only.clone()
    }
}

async fn talk(
    stream: TcpStream,
    answer: Option<(&'static str, &'static str)>,
    taken: Arc<Mutex<Vec<Taken>>>,
    heard: Arc<Mutex<String>>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut mail = Taken::default();
    write.write_all(b"220 here\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        heard.lock().unwrap().extend([line.as_str(), "\n"]);
        let said = match (answer, line.split([' ', ':']).next().unwrap_or_default()) {
            (Some((command, said)), word) if word == command => said,
            (_, "EHLO") => "250-here\r\n250 AUTH PLAIN",
            (_, "AUTH") => "235 welcome",
            (_, "RCPT") => {
                mail.recipients.push(line.clone());
                "250 yes"
            }
            (_, "DATA") => {
                write.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    mail.data.extend([line.as_str(), "\n"]);
                }
                taken.lock().unwrap().push(std::mem::take(&mut mail));
                "250 taken"
            }
            (_, "QUIT") => "221 bye",
            _ => "250 yes",
        };
        write.write_all(format!("{said}\r\n").as_bytes()).await?;
    }
    Ok(())
}

fn person(name: &str, email: &str) -> Letter {
    letter(Recipient::Person {
        id: "P-7".parse().unwrap(),
        name: name.to_owned(),
        email: email.to_owned(),
    })
}

/// The headers of a mail, folded lines put together, and what comes after them.
fn parts(data: &str) -> (Vec<(String, String)>, &str) {
    let (head, body) = data.split_once("\n\n").unwrap();
    let head = head.replace("\n ", " ").replace("\n\t", " ");
    let header = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_ascii_lowercase(), value.trim().to_owned())
    };
    (head.lines().map(header).collect(), body)
}

/// The parts of a mail of one kind, decoded.
fn part(body: &str, kind: &str) -> String {
    let from = body.split_once(kind).unwrap().1;
    let (head, text) = from.split_once("\n\n").unwrap();
    let text = text.split("\n--").next().unwrap();
    if head.contains("quoted-printable") {
        let text = text.replace("=\n", "");
        let mut decoded = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('=') {
            decoded.push_str(before);
            decoded.push(char::from(u8::from_str_radix(&after[..2], 16).unwrap()));
            rest = &after[2..];
        }
        decoded + rest
    } else {
        assert!(!head.contains("base64"), "{head}");
        text.to_owned()
    }
}

#[tokio::test]
async fn a_mail_says_the_same_as_text_and_as_html() {
    let server = MailServer::start(None).await;
    let messenger = server.messenger("none");
    messenger.send(&person("Nora", "nora@contoso.example")).await.unwrap();
    let mail = server.only();
    assert_eq!(mail.recipients, ["RCPT TO:<nora@contoso.example>"]);
    let (headers, body) = parts(&mail.data);
    let value = |name: &str| {
        let values: Vec<&str> =
            headers.iter().filter(|it| it.0 == name).map(|it| it.1.as_str()).collect();
        let [value] = values.as_slice() else { panic!("{name}: {values:?}") };
        (*value).to_owned()
    };
    assert_eq!(value("subject"), "Postern: X-12 was filed and waits for a decision");
    assert_eq!(value("to"), "Nora <nora@contoso.example>");
    assert_eq!(value("auto-submitted"), "auto-generated");
    assert_eq!(value("date"), "Tue, 12 May 2026 08:00:00 +0000");
    let (text, html) = (part(body, "text/plain"), part(body, "text/html"));
    for said in [&text, &html] {
        assert!(said.contains("X-12 was filed and waits for a decision"), "{said}");
        assert!(said.contains("https://postern.contoso.example/exceptions/X-12"), "{said}");
        assert!(said.contains("alert(1)"), "{said}");
    }
    assert!(text.contains("Covers: 1 finding"), "{text}");
    assert!(!html.contains("<script"), "{html}");
    assert!(!html.contains("<!channel"), "{html}");

    // The same message has the same id, and another one another.
    let id = value("message-id");
    server.taken.lock().unwrap().clear();
    let later = Letter { at: NOW + time::Duration::HOUR, ..person("N.", "nora@contoso.example") };
    messenger.send(&later).await.unwrap();
    assert!(server.only().data.contains(&id), "{id}");
    server.taken.lock().unwrap().clear();
    let other = notice("X-13/1");
    let target = "approvers".parse().unwrap();
    let key = DeliveryKey::event(&other.key, &target);
    messenger.send(&Letter { key, notices: vec![other], ..later }).await.unwrap();
    assert!(!server.only().data.contains(&id), "{id}");
}

#[tokio::test]
async fn nothing_that_people_wrote_becomes_a_header_or_a_recipient() {
    let server = MailServer::start(None).await;
    let messenger = server.messenger("none");
    messenger.send(&person(HOSTILE, "eve@contoso.example")).await.unwrap();
    let mail = server.only();
    assert_eq!(mail.recipients, ["RCPT TO:<eve@contoso.example>"]);
    let (headers, _) = parts(&mail.data);
    let mut names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let expected = [
        "auto-submitted",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "subject",
        "to",
        "x-auto-response-suppress",
    ];
    assert_eq!(names, expected);

    server.taken.lock().unwrap().clear();
    let mut titled = person("Eve", "eve@contoso.example");
    titled.notices[0].title = HOSTILE.to_owned();
    messenger.send(&titled).await.unwrap();
    let data = server.only().data;
    let (headers, _) = parts(&data);
    assert_eq!(headers.len(), expected.len(), "{headers:?}");

    server.taken.lock().unwrap().clear();
    for address in [
        "eve@contoso.example\r\nBcc: all@contoso.example",
        "eve@contoso.example>\r\nRCPT TO:<all@contoso.example",
        "eve@contoso.example, all@contoso.example",
        "\"eve\r\n\"@contoso.example",
        "eve",
        "",
    ] {
        let refused = messenger.send(&person("Eve", address)).await.unwrap_err();
        let expected = SendError::Refused("what is known of them is no mail address".to_owned());
        assert_eq!(refused, expected, "{address:?}");
    }
    assert_eq!(server.taken.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_digest_is_one_mail() {
    let server = MailServer::start(None).await;
    let mut digest = letter(Recipient::Approvers);
    digest.digest_on = Some(NOW.date());
    digest.notices.push(notice("X-12/4"));
    server.messenger("none").send(&digest).await.unwrap();
    let mail = server.only();
    assert_eq!(mail.recipients, ["RCPT TO:<risk@contoso.example>"]);
    let (headers, body) = parts(&mail.data);
    let subject = headers.iter().find(|(name, _)| name == "subject").unwrap();
    assert_eq!(subject.1, "Postern: 2 pieces of news about exceptions");
    assert_eq!(part(body, "text/plain").matches("was filed").count(), 2);
}

#[tokio::test]
async fn without_tls_nothing_is_sent_that_should_have_it() {
    let server = MailServer::start(None).await;
    for mode in ["starttls", "tls"] {
        let failed = server.messenger(mode).send(&letter(Recipient::Approvers)).await.unwrap_err();
        assert!(matches!(failed, SendError::Failed(_)), "{failed}");
        assert!(!why(&failed).contains("hunter2"), "{failed}");
    }
    let heard = server.heard.lock().unwrap();
    assert!(!heard.contains("AUTH") && !heard.contains("MAIL FROM"), "{heard}");
}

/// What is logged, in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn what_a_server_repeats_is_neither_kept_nor_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    for (command, said, expected) in [
        (
            "AUTH",
            "535 no such user postern with hunter2-of-the-mail-server",
            "the mail server refused it with code 535",
        ),
        (
            "RCPT",
            "550 nobody here is nora@contoso.example",
            "the mail server refused it with code 550",
        ),
        ("DATA", "451 later", "the mail server refused it with code 451"),
    ] {
        let server = MailServer::start(Some((command, said))).await;
        let nora = person("Nora", "nora@contoso.example");
        let failed = server.messenger("none").send(&nora).await.unwrap_err();
        assert_eq!(failed, SendError::Failed(expected.to_owned()));
        assert_eq!(server.taken.lock().unwrap().len(), 0);
    }
    let settings = json!({
        "public_url": "https://postern.contoso.example",
        "webhooks": [{"name": "it", "url_from": {"environment": "CHANNEL"}, "shape": "slack",
                      "secret": {"environment": "SECRET"}}],
    });
    let to_it = letter(Recipient::Webhook("it".parse().unwrap()));
    read(&settings).unwrap().send(&to_it).await.unwrap_err();
    tracing::info!("the log is read");
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("the log is read"), "{logged}");
    for secret in ["hunter2", "nora@contoso.example"] {
        assert!(!logged.contains(secret), "{logged}");
    }
}

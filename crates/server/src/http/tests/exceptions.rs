//! An exception from the form to its end, as browsers without a script send it.

use axum::body::to_bytes;
use axum::http::StatusCode;
use postern_domain::clock::Clock;
use postern_service::connection::find_connection;
use postern_service::import::import_snapshot;
use postern_test_support::NOW;
use postern_test_support::sample::{open_account, snapshot};
use serde_json::json;
use time::Duration;
use url::form_urlencoded::Serializer;

use super::access::Who::{Approver, Contributor, Engineer};
use super::access::{Who, World};

/// Somebody with a browser.
pub(super) struct Browser<'a> {
    world: &'a World,
    pub(super) session: String,
}

impl<'a> Browser<'a> {
    pub(super) async fn of(world: &'a World, who: Who) -> Self {
        Self { world, session: world.session(who).await.unwrap() }
    }

    pub(super) async fn ask(&self, address: &str, form: Option<&str>) -> (StatusCode, String) {
        let answer = self.world.send(address, Some(&self.session), form).await;
        let (status, location) = (answer.status(), answer.headers().get("location").cloned());
        if let Some(location) = location {
            return (status, location.to_str().unwrap().to_owned());
        }
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// A page.
    pub(super) async fn read(&self, address: &str) -> String {
        let (status, page) = self.ask(address, None).await;
        assert_eq!(status, 200, "{address}: {page}");
        page
    }

    /// The page with which a form is answered.
    pub(super) async fn post(&self, address: &str, form: &[(&str, &str)], expected: u16) -> String {
        let form = Serializer::new(String::new()).extend_pairs(form).finish();
        let (status, page) = self.ask(address, Some(&form)).await;
        assert_eq!(status, expected, "{address} {form}: {page}");
        page
    }
}

/// A form with a file, as browsers send it; the name goes in as it is.
fn with_file(name: &str, content: &[u8]) -> (&'static str, Vec<u8>) {
    let mut body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    ("multipart/form-data; boundary=edge", body)
}

/// The hidden fields of a page.
pub(super) fn hidden(page: &str) -> Vec<(String, String)> {
    let attribute = |field: &str, name: &str| {
        let (_, rest) = field.split_once(&format!(" {name}=\""))?;
        let value = rest.split_once('"')?.0;
        Some(
            value
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&amp;", "&"),
        )
    };
    page.split("<input type=\"hidden\"")
        .skip(1)
        .map(|rest| rest.split_once('>').unwrap().0)
        .map(|field| (attribute(field, "name").unwrap(), attribute(field, "value").unwrap()))
        .collect()
}

pub(super) fn with<'a>(
    hidden: &'a [(String, String)],
    more: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    hidden.chain(more.iter().copied()).collect()
}

const WHY: &str = "It says </textarea><script>alert(1)</script> & \"that\".\nTwo lines.";
const ANSWERS: [(&str, &str); 6] = [
    ("finding", "F-1"),
    ("kind", "risk_accepted"),
    ("why", WHY),
    ("until", "2026-04-30"),
    ("evidence_address", "https://contoso.com/plan"),
    ("evidence_title", "The plan"),
];

/// Sends a request, through the page where it is checked; gives where that leads.
async fn file(browser: &Browser<'_>, action: &str) -> String {
    let form = hidden(&browser.read("/exceptions/new?finding=F-1").await);
    let owner = browser.read("/exceptions/new?finding=F-1").await;
    let owner = owner.split("<option value=\"").nth(1).unwrap().split_once('"').unwrap().0;
    let form = with(&form, &ANSWERS);
    let form = [form, vec![("owner", owner)]].concat();
    let check = browser.post("/exceptions/check", &form, 200).await;
    assert!(check.contains("Send request") && !check.contains("<script>"), "{check}");
    let carried = hidden(&check);
    let again =
        browser.post("/exceptions/check", &with(&carried, &[("action", "change")]), 200).await;
    assert!(again.contains("&lt;/textarea>&lt;script>") && !again.contains("<script>"), "{again}");
    browser.post("/exceptions", &with(&carried, &[("action", action)]), 303).await
}

#[tokio::test]
async fn an_exception_goes_from_its_form_to_its_end() {
    let world = World::new().await;
    let requester = Browser::of(&world, Contributor).await;
    let approver = Browser::of(&world, Approver).await;
    assert_eq!(file(&requester, "send").await, "/exceptions/X-2?done=filed");
    let own = requester.read("/exceptions/X-2?done=filed").await;
    assert!(own.contains("X-2 is filed and waits"), "{own}");
    assert!(own.contains("You filed this request, so someone else decides."), "{own}");
    let list = approver.read("/exceptions").await;
    assert!(list.contains("/exceptions/X-2"), "{list}");

    let page = approver.read("/exceptions/X-2").await;
    let form = hidden(&page);
    let empty = [("decision", "reject"), ("comment", " "), ("conditions", "Kept <as> it is")];
    let again = approver.post("/exceptions/X-2/decide", &with(&form, &empty), 422).await;
    assert!(again.contains("<title>Error: "), "{again}");
    assert!(again.contains("Kept &lt;as> it is") && again.contains("href=\"#comment\""), "{again}");
    let late = [("decision", "approve"), ("until", "2026-05-01")];
    let late = approver.post("/exceptions/X-2/decide", &with(&form, &late), 422).await;
    assert!(late.contains("Enter a day on or before 2026-04-30"), "{late}");
    let stale = [("decision", "approve"), ("until", "2026-04-30"), ("version", "7")];
    let stale = approver.post("/exceptions/X-2/decide", &with(&form, &stale), 422).await;
    assert!(stale.contains("The request was changed after you opened it"), "{stale}");
    let approval = [("decision", "approve"), ("until", "2026-04-30"), ("conditions", "Two lines.")];
    let to = approver.post("/exceptions/X-2/decide", &with(&form, &approval), 303).await;
    let page = approver.read(&to).await;
    assert!(page.contains("in force until the end of 30 Apr 2026"), "{page}");
    assert!(
        page.contains("As of now this keeps 1 finding apart from those that are open."),
        "{page}"
    );

    let finding = requester.read("/findings/F-1").await;
    assert!(finding.contains("Excepted until the end of 30 Apr 2026"), "{finding}");
    let longer = requester.read("/exceptions/X-2/extend").await;
    assert!(longer.contains("name=\"extends\" value=\"X-2\""), "{longer}");

    let confirm = approver.read("/exceptions/X-2/revoke").await;
    assert!(confirm.contains("1 finding is open again at once"), "{confirm}");
    let unsaid = approver.post("/exceptions/X-2/revoke", &[("reason", "")], 422).await;
    assert!(unsaid.contains("href=\"#reason\""), "{unsaid}");
    let to = approver.post("/exceptions/X-2/revoke", &[("reason", "Too wide.")], 303).await;
    assert!(approver.read(&to).await.contains("X-2 is revoked."));
}

#[tokio::test]
async fn a_draft_is_changed_filed_and_withdrawn() {
    let world = World::new().await;
    let requester = Browser::of(&world, Contributor).await;
    let approver = Browser::of(&world, Approver).await;
    assert_eq!(file(&requester, "draft").await, "/exceptions/X-2?done=drafted");
    assert_eq!(approver.ask("/exceptions/X-2", None).await.0, 404, "others do not see drafts");
    let edit = requester.read("/exceptions/X-2/edit").await;
    let form = hidden(&edit);
    let owner = edit.split("<option value=\"").nth(1).unwrap().split_once('"').unwrap().0;
    let nothing = requester.post("/exceptions/X-2/edit", &with(&form, &[]), 422).await;
    for field in ["covered", "kind", "why", "until", "owner"] {
        assert!(nothing.contains(&format!("href=\"#{field}\"")), "{field}: {nothing}");
    }
    let changed = [with(&form, &ANSWERS), vec![("owner", owner), ("why", "Other words.")]].concat();
    let to = requester.post("/exceptions/X-2/edit", &changed, 303).await;
    assert!(requester.read(&to).await.contains("Other words."));
    requester.post("/exceptions/X-2/file", &[], 303).await;
    let again = [with(&form, &ANSWERS), vec![("owner", owner), ("why", "Yet others.")]].concat();
    let stale = requester.post("/exceptions/X-2/edit", &again, 422).await;
    assert!(stale.contains("Yet others."), "{stale}");
    requester.post("/exceptions/X-2/withdraw", &[], 303).await;
    let gone = requester.read("/exceptions/X-2?done=withdrawn").await;
    assert!(gone.contains("X-2 is withdrawn."), "{gone}");
}

#[tokio::test]
async fn a_rule_and_a_scope_are_asked_for_and_approved_with_what_appears_later() {
    let world = World::new().await;
    let requester = Browser::of(&world, Engineer).await;
    let approver = Browser::of(&world, Approver).await;
    let form = requester.read("/exceptions/new?finding=F-1").await;
    let wider = "/exceptions/new?connection=sample&amp;rule=";
    let (_, address) = form.split_once(&format!("href=\"{wider}")).unwrap();
    let address = format!("{wider}{}", address.split_once('"').unwrap().0).replace("&amp;", "&");
    let form = requester.read(&address).await;
    assert!(form.contains("Every failing finding of"), "{form}");
    let owner = form.split("<option value=\"").nth(1).unwrap().split_once('"').unwrap().0;
    let form = hidden(&form);
    let answers = [("kind", "false_positive"), ("why", "So it is."), ("until", "2026-04-30")];
    let answers = with(&form, &[&answers[..], &[("owner", owner)]].concat());
    let check = requester.post("/exceptions/check", &answers, 200).await;
    let carried = hidden(&check);
    let sent = with(&carried, &[("action", "send")]);
    let to = requester.post("/exceptions", &sent, 303).await;
    assert_eq!(requester.post("/exceptions", &sent, 303).await, to, "sent twice it is one");
    let page = approver.read(&to).await;
    assert!(page.contains("Assets that appear later are covered too, in "), "{page}");
    let form = hidden(&page);
    let approval = [("decision", "approve"), ("until", "2026-04-30"), ("later", "covered")];
    let to = approver.post("/exceptions/X-2/decide", &with(&form, &approval), 303).await;
    let page = approver.read(&to).await;
    assert!(page.contains("Assets that appear later are covered too."), "{page}");
    let list = requester.read("/exceptions?tab=active").await;
    assert!(list.contains("/exceptions/X-2"), "{list}");
    let past = approver.read("/exceptions/X-2?as_of=2026-03-02T06:00:00Z").await;
    assert!(past.contains("You cannot act on the past."), "{past}");
    assert!(!past.contains("/exceptions/X-2/revoke"), "{past}");
    let nothing = requester.ask("/exceptions/new?rule=NET-01&scope=tag&in=env", None).await;
    assert_eq!(nothing.0, 422, "a tag without a value: {}", nothing.1);
}

#[tokio::test]
async fn files_lead_nowhere_and_are_no_pages_of_ours() {
    let world = World::new().await;
    let session = world.session(Contributor).await.unwrap();
    let send = async |name: &str, content: &[u8]| {
        let form = Some(with_file(name, content));
        let answer = world.send_body("/exceptions/X-1/files", Some(&session), form).await;
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    };
    let large = vec![b'a'; postern_domain::exception::evidence_file::MOST_BYTES + 1];
    let larger = vec![b'a'; 2 * large.len()];
    for (name, content) in [
        ("../../etc/cron.d/evil.txt", &b"text"[..]),
        ("..%2f..%2fevil.txt", b"text"),
        ("C:\\evil.txt", b"text"),
        ("<img src=x onerror=alert(1)>.txt", b"text"),
        ("evil.html", b"<script>alert(1)</script>"),
        ("evil.svg", b"<svg onload=alert(1)>"),
        ("evil.pdf", b"<script>alert(1)</script>"),
        ("evil.pdf.js", b"%PDF-1.7"),
        ("", b"text"),
        ("empty.txt", b""),
        ("large.txt", &large),
        ("larger.txt", &larger),
    ] {
        let (status, page) = send(name, content).await;
        assert_eq!(status, 422, "{name}: {page}");
        assert!(
            page.contains("<title>Error: ") && page.contains("href=\"#file\""),
            "{name}: {page}"
        );
        assert!(!page.contains("<script>") && !page.contains("<img src=x"), "{name}: {page}");
    }
    let (status, _) = send("Plan (1).pdf", b"%PDF-1.7 <script>alert(1)</script>").await;
    assert_eq!(status, 303);
    let reader = Browser::of(&world, Approver).await;
    let page = reader.read("/exceptions/X-1").await;
    assert_eq!(page.matches("/exceptions/X-1/files/A-").count(), 1, "{page}");
    let address = "/exceptions/X-1/files/";
    let number = page.split_once(address).unwrap().1.split_once('"').unwrap().0;
    let answer = world.send(&format!("{address}{number}"), Some(&reader.session), None).await;
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("content-disposition"), "attachment; filename*=UTF-8''Plan%20%281%29.pdf");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
    for bad in ["A-0", "../A-1", "A-1%2f..", "A-999"] {
        assert_eq!(reader.ask(&format!("{address}{bad}"), None).await.0, 404, "{bad}");
    }
}

#[tokio::test]
async fn what_people_say_is_text_and_said_once() {
    let world = World::new().await;
    let approver = Browser::of(&world, Approver).await;
    let form = hidden(&approver.read("/exceptions/X-1").await);
    let key = form.iter().find(|(name, _)| name == "form_key").unwrap().1.clone();
    let said = "</textarea><script>alert(1)</script> until when?";
    let empty = [("form_key", key.as_str()), ("said", " \n ")];
    let again = approver.post("/exceptions/X-1/comment", &empty, 422).await;
    assert!(again.contains("href=\"#said\""), "{again}");
    let comment = [("form_key", key.as_str()), ("said", said)];
    for _ in 0..2 {
        approver.post("/exceptions/X-1/comment", &comment, 303).await;
    }
    let page = Browser::of(&world, Contributor).await.read("/exceptions/X-1").await;
    assert_eq!(page.matches("until when?").count(), 1, "{page}");
    assert!(!page.contains("<script>"), "{page}");
    let long = "a".repeat(4001);
    let long = [("form_key", "another"), ("said", long.as_str())];
    let again = approver.post("/exceptions/X-1/comment", &long, 422).await;
    assert!(again.contains("at most 4000 fit"), "{again}");
}

#[tokio::test]
async fn several_are_decided_from_the_list() {
    let world = World::new().await;
    let requester = Browser::of(&world, Contributor).await;
    let approver = Browser::of(&world, Approver).await;
    file(&requester, "send").await;
    let list = approver.read("/exceptions").await;
    for id in ["X-1", "X-2"] {
        assert!(list.contains(&format!("name=\"exception\" value=\"{id}\"")), "{id}: {list}");
    }
    let page = approver.read("/exceptions/several?exception=X-1&exception=X-2").await;
    let form = hidden(&page);
    let none = approver.post("/exceptions/several", &with(&form, &[]), 422).await;
    assert!(none.contains("href=\"#decision\""), "{none}");
    let unsaid = [("decision", "reject"), ("comment", " ")];
    let unsaid = approver.post("/exceptions/several", &with(&form, &unsaid), 422).await;
    assert!(unsaid.contains("href=\"#comment\""), "{unsaid}");
    let reject = [("decision", "reject"), ("comment", "Fix it.")];
    let done = approver.post("/exceptions/several", &with(&form, &reject), 200).await;
    assert_eq!(done.matches("Rejected").count(), 2, "{done}");
    let again = approver.post("/exceptions/several", &with(&form, &reject), 200).await;
    assert_eq!(again.matches("Rejected").count(), 2, "the same again changes nothing: {again}");
    let none = approver.ask("/exceptions/several", None).await;
    assert_eq!(none.0, 422, "{}", none.1);
}

#[tokio::test]
async fn what_azure_says_is_text_too() {
    let world = World::new().await;
    let script = "</pre></script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let mut account = open_account("oai-1");
    account["tags"] = json!({script: script, "team": script});
    account["location"] = json!(script);
    account["kind"] = json!(script);
    account["name"] = json!(script);
    let connection = find_connection(&world.postern, "sample").await.unwrap().unwrap();
    let reading = snapshot(NOW + Duration::DAY, &[account]);
    let postern = world.postern.with_clock(Clock::fixed(NOW + Duration::DAY));
    import_snapshot(&postern, connection.id, reading.snapshot, reading.assets.into_values())
        .await
        .unwrap();
    let engineer = Browser::of(&world, Engineer).await;
    let mut seen = 0;
    for address in [
        "/overview",
        "/findings",
        "/findings?status=all",
        "/findings/F-1",
        "/exceptions",
        "/exceptions/new?finding=F-1",
        "/exceptions/X-1",
        "/exceptions/azure",
        "/diff?from=2026-03-02T06:00:00Z",
        "/scans",
    ] {
        let page = engineer.read(address).await;
        seen += page.matches("alert(1)").count();
        assert!(
            !page.contains("<script>alert") && !page.contains("<img src=x"),
            "{address}: {page}"
        );
    }
    assert!(seen > 5, "it is said as text: {seen}");
}

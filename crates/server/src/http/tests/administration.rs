//! The pages of administration, as browsers without a script use them, and as somebody does who means ill.

use axum::body::to_bytes;
use axum::http::header;
use postern_service::decision::{decision_head, list_decisions};
use postern_service::team::routing;
use postern_service::token::list_tokens;
use url::form_urlencoded::Serializer;

use super::access::Who::{Administrator, Approver, Auditor, Contributor, Engineer};
use super::access::World;
use super::exceptions::{Browser, hidden, with};

const SCRIPT: &str = "</textarea><script>alert(1)</script>\"'&";

/// What was written down, the youngest first.
async fn actions(world: &World) -> Vec<String> {
    let log = list_decisions(&world.postern, None, 100).await.unwrap();
    log.entries.into_iter().map(|entry| entry.action.to_string()).collect()
}

fn rules<'a>(value: &'a str, team: &'a str, reason: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("team_id", "nlp"),
        ("team_name", "NLP"),
        ("team_id", "vision"),
        ("team_name", "Vision"),
        ("rule_kind", "tag"),
        ("rule_value", value),
        ("rule_team", team),
        ("otherwise", "vision"),
        ("reason", reason),
    ]
}

#[tokio::test]
async fn rules_are_changed_after_a_preview_and_once() {
    let world = World::new().await;
    let browser = Browser::of(&world, Administrator).await;
    let first = browser.read("/admin/teams").await;
    assert!(first.contains("what no rule catches") && first.contains("Each of 1 asset"), "{first}");
    let version = hidden(&browser.read("/admin/teams/edit").await);
    let form = |value, team, reason| with(&version, &rules(value, team, reason));
    let act = |act: &'static str| [rules("team=nlp", "nlp", ""), vec![("act", act)]].concat();
    let added = browser.post("/admin/teams/edit", &with(&version, &act("add-rule")), 200).await;
    assert!(added.contains("id=\"rule-2-value\"") && !added.contains("<title>Error"), "{added}");

    let wrong = browser.post("/admin/teams/edit", &form(SCRIPT, "nobodies", SCRIPT), 422).await;
    assert!(wrong.contains("<title>Error: "), "{wrong}");
    assert!(wrong.contains("href=\"#rule-1-value\"") && !wrong.contains("<script>"), "{wrong}");
    assert!(wrong.contains("&lt;/textarea>&lt;script>"), "what was entered is kept: {wrong}");
    let nul = browser.post("/admin/teams/edit", &form("team=a\0b", "nlp", "a\0b"), 200).await;
    assert!(!nul.contains('\0'), "{nul}");

    let preview =
        browser.post("/admin/teams/edit", &form("team=nlp", "nlp", "The tag is set"), 200).await;
    assert!(preview.contains("1 of 1 asset changes hands."), "{preview}");
    assert!(preview.contains("1 asset: of NLP until now, then of Vision"), "{preview}");
    assert_eq!(actions(&world).await.iter().filter(|it| *it == "routing.set").count(), 1);
    let carried = hidden(&preview);
    let carried = carried[..carried.len() / 2].to_vec();
    let to = browser.post("/admin/teams", &with(&carried, &[]), 303).await;
    assert_eq!(to, "/admin/teams?done=changed");
    assert!(browser.read(&to).await.contains("The rules are changed."));
    assert_eq!(routing(&world.postern).await.unwrap().0.rules.len(), 1);
    // Sent again, it changes nothing more; somebody who saw the rules of before is told.
    browser.post("/admin/teams", &with(&carried, &[]), 303).await;
    assert_eq!(actions(&world).await.iter().filter(|it| *it == "routing.set").count(), 2);
    let stale = browser.post("/admin/teams", &form("team=x", "nlp", "Late"), 422).await;
    assert!(stale.contains("Somebody changed the rules after this form was opened"), "{stale}");
    let nothing = browser.post("/admin/teams", &rules("team=x", "nlp", "Why"), 422).await;
    assert!(nothing.contains("team=x"), "{nothing}");

    let auditor = Browser::of(&world, Auditor).await;
    let read = auditor.read("/admin/teams").await;
    assert!(
        read.contains("Administrators change teams and rules.")
            && !read.contains("/admin/teams/edit")
    );
}

#[tokio::test]
async fn what_a_token_holds_is_shown_once() {
    let world = World::new().await;
    let browser = Browser::of(&world, Administrator).await;
    let key = hidden(&browser.read("/admin/tokens/new").await);
    let form = |more: &[(&'static str, &'static str)]| with(&key, more);
    for (wrong, field) in [
        ([("name", " "), ("days", "90"), ("role", "auditor")], "name"),
        ([("name", "report"), ("days", "367"), ("role", "auditor")], "days"),
        ([("name", "report"), ("days", SCRIPT), ("role", "auditor")], "days"),
        ([("name", SCRIPT), ("days", "90"), ("role", "owner")], "role"),
        ([("name", "report"), ("days", "90"), ("role", "contributor")], "role"),
    ] {
        let page = browser.post("/admin/tokens", &form(&wrong), 422).await;
        assert!(page.contains(&format!("href=\"#{field}\"")), "{wrong:?}: {page}");
        assert!(!page.contains("<script>") && page.contains("<title>Error: "), "{page}");
    }
    let good = form(&[
        ("name", "report"),
        ("days", "90"),
        ("role", "contributor"),
        ("role", "auditor"),
        ("team", "nlp"),
    ]);
    let sent = Serializer::new(String::new()).extend_pairs(&good).finish();
    let answer = world.send("/admin/tokens", Some(&browser.session), Some(&sent)).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    assert!(answer.headers().get(header::LOCATION).is_none());
    let page = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let page = String::from_utf8(page.to_vec()).unwrap();
    let (_, rest) = page.split_once("Bearer ").unwrap();
    let token: String = rest.chars().take_while(|letter| *letter != '<').collect();
    assert!(token.starts_with("postern_"), "{token}");
    let bearer = format!("Bearer {token}");
    assert_eq!(world.send("/decisions", Some(&bearer), None).await.status(), 200);

    // Sent again, as by going back and forth, it makes no other and shows nothing.
    let again = browser.post("/admin/tokens", &good, 422).await;
    assert!(again.contains("This form was sent before") && !again.contains(&token), "{again}");
    let tokens = list_tokens(&world.postern).await.unwrap();
    assert_eq!(tokens.len(), 1);
    let id = tokens[0].id.to_string();
    let list = browser.read("/admin/tokens").await;
    assert!(list.contains("contributor of nlp, auditor") && !list.contains(&token), "{list}");
    let log = browser.read("/decisions").await;
    assert!(log.contains("token.create") && !log.contains(&token), "{log}");

    let confirm = browser.read(&format!("/admin/tokens/revoke?token={id}")).await;
    assert!(confirm.contains(&format!("Revoke report ({id})?")), "{confirm}");
    let to = browser.post("/admin/tokens/revoke", &[("token", &id)], 303).await;
    assert!(browser.read(&to).await.contains("its next request is refused"));
    browser.post("/admin/tokens/revoke", &[("token", &id)], 303).await;
    assert_eq!(actions(&world).await.iter().filter(|it| *it == "token.revoke").count(), 1);
    assert_eq!(world.send("/decisions", Some(&bearer), None).await.status(), 401);
    for wrong in ["T-999", "", "T-1%00", "%3Cscript%3E"] {
        let (status, page) =
            browser.ask(&format!("/admin/tokens/revoke?token={wrong}"), None).await;
        assert!(status == 404 && !page.contains("<script>"), "{wrong}: {status}");
    }
}

#[tokio::test]
async fn a_schedule_is_changed_after_its_next_scans_were_seen() {
    let world = World::new().await;
    let browser = Browser::of(&world, Administrator).await;
    let page = browser.read("/admin/connections").await;
    assert!(page.contains("not known to this process: a test"), "{page}");
    let kept = hidden(&browser.read("/admin/connections/schedule?connection=sample").await);
    let form = |more: &[(&'static str, &'static str)]| with(&kept, more);
    let cron = |expression, zone, act| {
        [("how", "cron"), ("cron", expression), ("zone", zone), ("act", act)]
    };
    for (wrong, field) in [
        (cron("* * *", "UTC", "preview"), "cron"),
        (cron(SCRIPT, "UTC", "save"), "cron"),
        (cron("0 2 30 2 *", "UTC", "preview"), "cron"),
        (cron("0 2 * * *", "Mars/Phobos", "preview"), "zone"),
        (cron("0 2 * * *", "a\0b", "save"), "zone"),
        ([("how", "every"), ("hours", "0"), ("zone", ""), ("act", "save")], "hours"),
        ([("how", "every"), ("hours", "soon"), ("zone", ""), ("act", "save")], "hours"),
        ([("how", ""), ("hours", ""), ("zone", ""), ("act", "save")], "how"),
    ] {
        let page = browser.post("/admin/connections/schedule", &form(&wrong), 422).await;
        assert!(page.contains(&format!("href=\"#{field}\"")), "{wrong:?}: {page}");
        assert!(!page.contains("<script>"), "{page}");
    }
    let wanted = cron("0 2 * * mon-fri", "Europe/Amsterdam", "preview");
    let preview = browser.post("/admin/connections/schedule", &form(&wanted), 200).await;
    assert_eq!(preview.matches(" there</span>").count(), 5, "{preview}");
    assert!(!actions(&world).await.contains(&"schedule.set".to_owned()));
    let save = cron("0 2 * * mon-fri", "Europe/Amsterdam", "save");
    let to = browser.post("/admin/connections/schedule", &form(&save), 303).await;
    let page = browser.read(&to).await;
    assert!(
        page.contains("The schedule of Sample is changed.") && page.contains("0 2 * * mon-fri")
    );
    browser.post("/admin/connections/schedule", &form(&save), 303).await;
    assert_eq!(actions(&world).await.iter().filter(|it| *it == "schedule.set").count(), 1);
    let stale = form(&[("how", "none"), ("act", "save")]);
    let stale = browser.post("/admin/connections/schedule", &stale, 422).await;
    assert!(stale.contains("Somebody changed the schedule after this form was opened"), "{stale}");
}

#[tokio::test]
async fn what_is_allowed_and_kept_is_changed_with_a_reason_and_once() {
    let world = World::new().await;
    let browser = Browser::of(&world, Engineer).await;
    let kept = hidden(&browser.read("/admin/policy/exceptions").await);
    let days = |critical, approvers, reason| {
        vec![
            ("critical", critical),
            ("high", "180"),
            ("medium", "365"),
            ("low", "365"),
            ("approvers", approvers),
            ("reason", reason),
        ]
    };
    for (wrong, field) in [
        (days("soon", "one", "Why"), "critical"),
        (days("200", "one", "Why"), "critical"),
        (days("30", "three", SCRIPT), "approvers"),
        (days("30", "two", " "), "reason"),
    ] {
        let page = browser.post("/admin/policy/exceptions", &with(&kept, &wrong), 422).await;
        assert!(page.contains(&format!("href=\"#{field}\"")), "{wrong:?}: {page}");
        assert!(!page.contains("<script>"), "{page}");
    }
    let good = with(&kept, &days("30", "two", "The board said so"));
    let to = browser.post("/admin/policy/exceptions", &good, 303).await;
    let page = browser.read(&to).await;
    assert!(page.contains("at most 30 days") && page.contains("Two, neither of them"), "{page}");
    browser.post("/admin/policy/exceptions", &good, 303).await;
    assert_eq!(actions(&world).await.iter().filter(|it| *it == "exceptions.policy").count(), 1);
    let stale = with(&kept, &days("31", "two", "Late"));
    let stale = browser.post("/admin/policy/exceptions", &stale, 422).await;
    assert!(stale.contains("Somebody changed the policy after this form was opened"), "{stale}");

    let retention = "/admin/policy/retention";
    let wrong = [("history", "-1"), ("trend", ""), ("act", "preview")];
    let page = browser.post(retention, &wrong, 422).await;
    assert!(page.contains("href=\"#history\"") && page.contains("value=\"-1\""), "{page}");
    let wanted = [("history", "365"), ("trend", ""), ("failed_scans", "90"), ("act", "preview")];
    let page = browser.post(retention, &wanted, 200).await;
    assert!(page.contains("Nothing would go now."), "{page}");
    let unsaid = [("history", "365"), ("failed_scans", "90"), ("act", "save")];
    let page = browser.post(retention, &unsaid, 422).await;
    assert!(page.contains("href=\"#retention_reason\""), "{page}");
    let said = [&unsaid[..], &[("retention_reason", "As our policy has it")]].concat();
    let to = browser.post(retention, &said, 303).await;
    assert!(browser.read(&to).await.contains("As our policy has it"));
    browser.post(retention, &said, 303).await;
    assert_eq!(actions(&world).await.iter().filter(|it| *it == "retention.set").count(), 1);
    let auditor = Browser::of(&world, Auditor).await;
    assert!(!auditor.read("/admin/policy").await.contains("Preview what would go"));
    assert!(auditor.read("/admin/policy/storage").await.contains("The database takes"));
}

#[tokio::test]
async fn everybody_chooses_their_own_mail_and_nobody_elses() {
    let world = World::new().await;
    let browser = Browser::of(&world, Contributor).await;
    let page = browser.read("/admin/notifications").await;
    assert!(page.contains("no mail address of yours") && !page.contains("Where messages go"));
    browser.post("/admin/notifications", &[("frequency", "hourly")], 422).await;
    let to = browser.post("/admin/notifications", &[("frequency", "daily")], 303).await;
    let page = browser.read(&to).await;
    assert!(page.contains("value=\"daily\" checked"), "{page}");
    assert!(actions(&world).await.contains(&"notification.prefer".to_owned()));
    browser.post("/admin/notifications/retry", &[("message", "D-1")], 403).await;
    let administrator = Browser::of(&world, Administrator).await;
    administrator.post("/admin/notifications/retry", &[("message", "D-1")], 422).await;
    assert!(administrator.read("/admin/notifications").await.contains("No message failed."));
}

#[tokio::test]
async fn sessions_are_ended_and_too_few_approvers_are_named() {
    let world = World::new().await;
    let browser = Browser::of(&world, Administrator).await;
    let none = browser.read("/admin/people").await;
    assert!(none.contains("No approver signed in within 90 days"), "{none}");
    let approver = Browser::of(&world, Approver).await;
    approver.read("/overview").await;
    let page = browser.read("/admin/people").await;
    assert!(page.contains("Only one approver signed in within 90 days: Approver."));
    assert!(page.contains("groups: Approver"), "{page}");
    let (_, rest) = page.split_once("aria-label=\"End sessions of Approver (").unwrap();
    let id = rest.split_once(')').unwrap().0;
    let confirm = browser.read(&format!("/admin/people/sign-out?person={id}")).await;
    assert!(confirm.contains("1 session ends at once"), "{confirm}");
    let to = browser.post("/admin/people/sign-out", &[("person", id)], 303).await;
    assert!(browser.read(&to).await.contains("1 session of Approver ended."));
    assert_eq!(approver.ask("/overview", None).await.0, 401);
    let again = browser.post("/admin/people/sign-out", &[("person", id)], 303).await;
    assert!(browser.read(&again).await.contains("Approver was signed in nowhere."));
    let forged = browser.read(&format!("/admin/people?ended={id}&sessions=-1")).await;
    assert!(!forged.contains("Approver ended.") && !forged.contains("signed in nowhere"));
}

#[tokio::test]
async fn the_log_is_verified_filtered_and_taken_along() {
    let world = World::new().await;
    let browser = Browser::of(&world, Auditor).await;
    let head = decision_head(&world.postern).await.unwrap();
    assert!(browser.read("/decisions").await.contains(&format!(">{head}<")));
    let wrong = format!("{head}\n1:{}\n{SCRIPT}", "0".repeat(64));
    let page = browser.post("/decisions/verify", &[("heads", &wrong)], 200).await;
    assert!(page.contains("Unbroken") || page.contains("Broken"), "{page}");
    assert!(page.contains("is where the log ends") && page.contains("is not in the log"), "{page}");
    assert!(!page.contains("<script>"), "{page}");
    let page = browser.post("/decisions/verify", &[], 200).await;
    assert!(page.contains("Unbroken") && page.contains("nothing was changed"), "{page}");

    let only = browser.read("/decisions?action=routing").await;
    assert!(only.contains("routing.set") && !only.contains("<code>connection.set"), "{only}");
    let nobody = browser.read("/decisions?who=nobody%00&action=%3Cscript%3E").await;
    assert!(nobody.contains("No entry matches.") && !nobody.contains("<script>"), "{nobody}");
    let lines = browser.read("/decisions/export.jsonl").await;
    assert!(lines.lines().count() > 1 && lines.contains("\"routing.set\""), "{lines}");
}

//! What the file of settings may say.

use postern_domain::notification::audience::MailChannel;
use postern_service::notification::Courier as _;

use super::*;

fn settings() -> Value {
    json!({
        "public_url": "https://postern.contoso.example",
        "mail": {
            "host": "smtp.contoso.example",
            "from": "Postern <postern@contoso.example>",
            "user": "postern",
            "password": {"environment": "PASSWORD"},
            "approvers": "risk@contoso.example",
        },
        "webhooks": [
            {"name": "siem", "url": "https://siem.contoso.example/postern", "shape": "json", "secret": {"environment": "SECRET"}},
            {"name": "nlp", "url_from": {"environment": "CHANNEL"}, "shape": "slack", "teams": ["nlp"], "events": ["filed", "ends"]},
        ],
    })
}

#[tokio::test]
async fn what_is_not_said_has_a_default() {
    let messenger = read(&settings()).unwrap();
    let channels = messenger.channels();
    assert_eq!(channels.mail, MailChannel::PeopleAndApprovers);
    let named: Vec<String> = channels.webhooks.iter().map(|it| it.name.to_string()).collect();
    assert_eq!(named, ["siem", "nlp"]);
    assert_eq!(channels.webhooks[0].teams, None);
    assert_eq!(channels.webhooks[1].kinds, Some([Kind::Filed, Kind::Ends].into()));
    let mut alone = settings();
    alone["mail"].as_object_mut().unwrap().remove("approvers");
    assert_eq!(read(&alone).unwrap().channels().mail, MailChannel::People);
    alone.as_object_mut().unwrap().remove("mail");
    assert_eq!(read(&alone).unwrap().channels().mail, MailChannel::Off);
}

#[test]
fn what_is_wrong_is_said_all_at_once_and_without_secrets() {
    let wrong = json!({
        "public_url": "http://postern.contoso.example/app",
        "mail": {
            "host": "smtp.contoso.example",
            "tls": "none",
            "from": "postern\r\nBcc: all@contoso.example",
            "password": {"environment": "NO_PASSWORD"},
            "approvers": "risk",
        },
        "webhooks": [
            {"name": "siem", "url": "http://siem.contoso.example", "shape": "json"},
            {"name": "siem", "shape": "teams", "secret": {"environment": "NO_SECRET"}},
            {"name": "evil", "url_from": {"environment": "EVIL"}, "shape": "slack", "teams": [], "events": []},
            {"name": "odd", "url_from": {"environment": "SECRET"}, "shape": "slack"},
        ],
    });
    let said = read(&wrong).err().unwrap().to_string();
    for part in [
        "public_url http://postern.contoso.example/app is not https",
        "has more than a host",
        "there are two webhooks siem",
        "mail to smtp.contoso.example without TLS could be read on the way",
        "user and password belong together",
        "mail: the mail server's password is missing: the environment variable NO_PASSWORD is not set",
        "is no mail address",
        "approvers \"risk\" is no mail address",
        "webhook siem: its address is not https",
        "webhook siem has no secret",
        "webhook siem needs either \"url\" or \"url_from\"",
        "webhook siem: the secret is missing: the environment variable NO_SECRET is not set",
        "webhook evil: its address is not https",
        "webhook evil is of no team",
        "webhook evil wants no event",
        "webhook odd: what the environment variable SECRET holds is no address",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn what_nobody_knows_is_refused() {
    let check = |change: fn(&mut Value), said: &str| {
        let mut changed = settings();
        change(&mut changed);
        let refused = read(&changed).err().unwrap().to_string();
        assert!(refused.contains(said), "{said}: {refused}");
    };
    check(|it| it["typo"] = json!(1), "unknown field `typo`");
    check(|it| it["mail"]["typo"] = json!(1), "unknown field `typo`");
    check(|it| it["webhooks"][0]["typo"] = json!(1), "unknown field `typo`");
    check(|it| it["webhooks"][0]["shape"] = json!("pager"), "unknown variant `pager`");
    check(|it| it["webhooks"][0]["events"] = json!(["fled"]), "unknown variant `fled`");
    check(|it| it["webhooks"][0]["name"] = json!("A b"), "is no name of a webhook");
    let empty = json!({"public_url": "https://postern.contoso.example"});
    let refused = read(&empty).err().unwrap().to_string();
    assert!(refused.contains("there is neither \"mail\" nor a webhook"), "{refused}");
}

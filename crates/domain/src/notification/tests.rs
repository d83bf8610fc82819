//! Who gets what, and how often it is tried.

use serde_json::{Value, json};
use time::Duration;
use time::macros::{date, datetime};

use super::audience::{Channels, MailChannel, Target, WebhookChannel, of};
use super::delivery::{MOST_ATTEMPTS, digest_day, digest_moment, wait_after};
use super::*;

/// Filed by P-1, answered for by P-2, approved by P-3; of the team `nlp`.
fn event(happening: &Value, by: Option<&str>) -> Event {
    serde_json::from_value(json!({
        "key": "X-12/3",
        "at": "2026-05-12T08:00:00Z",
        "exception": "X-12",
        "happening": happening,
        "by": by,
        "requester": "P-1",
        "owner": "P-2",
        "approvers": ["P-3"],
        "teams": ["nlp"],
        "severity": "high",
        "covers": {"findings": 2},
        "until": "2026-09-01T00:00:00Z",
    }))
    .unwrap()
}

fn hook(name: &str, teams: Option<&[&str]>, kinds: Option<&[Kind]>) -> WebhookChannel {
    WebhookChannel {
        name: name.parse().unwrap(),
        teams: teams.map(|teams| teams.iter().map(|team| team.parse().unwrap()).collect()),
        kinds: kinds.map(|kinds| kinds.iter().copied().collect()),
    }
}

#[test]
fn those_whom_it_concerns_are_told_and_nobody_of_what_they_did() {
    let channels = Channels {
        mail: MailChannel::PeopleAndApprovers,
        webhooks: vec![
            hook("all", None, None),
            hook("nlp", Some(&["nlp", "speech"]), Some(&[Kind::Filed, Kind::Ends])),
            hook("vision", Some(&["vision"]), None),
        ],
    };
    let check = |happening: Value, by: Option<&str>, expected: &[&str]| {
        let told = of(&event(&happening, by), &channels);
        let told: Vec<String> = told.iter().map(Target::to_string).collect();
        assert_eq!(told, expected, "{happening}");
    };
    let words = "Because.";
    check(
        json!({"kind": "filed", "justification": words}),
        Some("P-1"),
        &["P-2", "approvers", "webhook:all", "webhook:nlp"],
    );
    check(
        json!({"kind": "changed", "justification": words}),
        Some("P-4"),
        &["P-1", "P-2", "approvers", "webhook:all"],
    );
    check(json!({"kind": "agreed"}), Some("P-3"), &["P-1", "P-2", "approvers", "webhook:all"]);
    check(json!({"kind": "withdrawn"}), Some("P-1"), &["P-2", "approvers", "webhook:all"]);
    for ending in [
        json!({"kind": "approved", "conditions": []}),
        json!({"kind": "rejected", "reason": words}),
        json!({"kind": "revoked", "reason": words}),
        json!({"kind": "superseded", "extension": "X-13"}),
    ] {
        check(ending, Some("P-3"), &["P-1", "P-2", "webhook:all"]);
    }
    check(
        json!({"kind": "void", "findings": 1, "is_over": false}),
        None,
        &["P-1", "P-2", "P-3", "webhook:all"],
    );
    check(
        json!({"kind": "ends", "warning": "seven_days"}),
        None,
        &["P-1", "P-2", "P-3", "webhook:all", "webhook:nlp"],
    );
}

#[test]
fn without_a_channel_nobody_is_told() {
    let filed = event(&json!({"kind": "filed", "justification": "Because."}), Some("P-1"));
    assert!(of(&filed, &Channels::default()).is_empty());
    let people = Channels { mail: MailChannel::People, webhooks: Vec::new() };
    assert_eq!(of(&filed, &people), [Target::Person(PersonId::from_number(2))].into());
}

#[test]
fn a_target_is_read_as_it_is_written() {
    for text in ["P-7", "approvers", "webhook:siem-1"] {
        assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
    }
    for text in ["", "P-0", "webhook:", "webhook:A", "webhook:a b", "Approvers"] {
        assert!(text.parse::<Target>().is_err(), "{text}");
    }
}

#[test]
fn attempts_are_further_and_further_apart_and_end() {
    let waits: Vec<Duration> = (1..).map_while(wait_after).collect();
    assert_eq!(waits.len() + 1, usize::try_from(MOST_ATTEMPTS).unwrap());
    assert!(waits.is_sorted());
    let (first, last) = (waits.first().unwrap(), waits.last().unwrap());
    assert_eq!((*first, *last), (Duration::MINUTE, Duration::hours(6)));
    assert_eq!(wait_after(0), None);
}

#[test]
fn a_digest_goes_out_after_what_it_says() {
    let check = |now: OffsetDateTime, day| {
        assert_eq!(digest_day(now), day, "{now}");
        assert!(now < digest_moment(day));
    };
    check(datetime!(2026-05-12 5:59:59.999999 UTC), date!(2026 - 05 - 12));
    check(datetime!(2026-05-12 6:00 UTC), date!(2026 - 05 - 13));
    check(datetime!(2026-05-12 23:00 -8), date!(2026 - 05 - 14));
}

//! Who is told what of exceptions, how often, and what becomes of what cannot be delivered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use postern_domain::id::DeliveryId;
use postern_domain::notification::audience::{Channels, MailChannel, WebhookChannel};
use postern_domain::notification::delivery::{
    DeliveryState, Frequency, MOST_ATTEMPTS, digest_day, digest_moment, wait_after,
};
use postern_service::decision::list_decisions;
use postern_service::exception::{edit_exception, revoke_exception, withdraw_exception};
use postern_service::notification::{
    Courier, Delivered, Letter, Listed, NotificationError, Recipient, SendError, address_events,
    deliver_due, list_deliveries, notify_of_endings, prefer, retry_delivery,
};

use super::*;

/// Takes letters as long as its answers say nothing else.
struct Post {
    channels: Channels,
    taken: Mutex<Vec<Letter>>,
    answers: Mutex<VecDeque<Answer>>,
}

enum Answer {
    Fail,
    Refuse,
    Die,
}

#[async_trait]
impl Courier for Post {
    fn channels(&self) -> &Channels {
        &self.channels
    }

    async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        let answer = self.answers.lock().unwrap().pop_front();
        self.taken.lock().unwrap().push(letter.clone());
        match answer {
            None => Ok(()),
            Some(Answer::Fail) => Err(SendError::Failed("it answered 503".to_owned())),
            Some(Answer::Refuse) => Err(SendError::Refused("there is no such place".to_owned())),
            Some(Answer::Die) => panic!("the process dies"),
        }
    }
}

impl Post {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        let webhook = |name: &str, team: &str| WebhookChannel {
            name: name.parse().unwrap(),
            teams: Some([team.parse().unwrap()].into()),
            kinds: None,
        };
        Arc::new(Self {
            channels: Channels {
                mail: MailChannel::PeopleAndApprovers,
                webhooks: vec![webhook("nlp", "nlp"), webhook("vision", "vision")],
            },
            taken: Mutex::default(),
            answers: Mutex::new(answers.into_iter().collect()),
        })
    }

    /// Has everything that is due at a moment delivered.
    async fn deliver(self: &Arc<Self>, office: &Office, at: OffsetDateTime) -> Delivered {
        let postern = office.world.postern.with_clock(Clock::fixed(at));
        address_events(&postern, &self.channels).await.unwrap();
        let courier: Arc<dyn Courier> = self.clone();
        let mut all = Delivered::default();
        loop {
            let some = deliver_due(&postern, &courier).await.unwrap();
            if !some.any() {
                return all;
            }
            all.delivered += some.delivered;
            all.failed += some.failed;
            all.parked += some.parked;
        }
    }

    /// What was taken since the last time: to whom, and of what; in order of the words.
    fn taken(&self) -> Vec<(String, Vec<String>)> {
        let to = |letter: &Letter| match &letter.to {
            Recipient::Person { email, .. } => email.clone(),
            Recipient::Approvers => "approvers".to_owned(),
            Recipient::Webhook(name) => format!("webhook {name}"),
        };
        let titles = |letter: &Letter| letter.notices.iter().map(|it| it.title.clone()).collect();
        let mut taken: Vec<_> = std::mem::take(&mut *self.taken.lock().unwrap())
            .iter()
            .map(|letter| (to(letter), titles(letter)))
            .collect();
        taken.sort();
        taken
    }

    /// To whom of these something went, each as `to: title; title`.
    fn told(&self) -> Vec<String> {
        self.taken()
            .into_iter()
            .map(|(to, titles)| format!("{to}: {}", titles.join("; ")))
            .collect()
    }
}

fn hour(days: i64) -> OffsetDateTime {
    day(days) + Duration::HOUR
}

async fn keys(office: &Office) -> Vec<String> {
    sqlx::query_scalar("SELECT event_key FROM outbox ORDER BY event_id")
        .fetch_all(office.world.database.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn what_is_not_done_is_told_nobody() {
    let office = Office::new().await;
    let pool = office.world.database.pool();
    let break_the_log = "
        CREATE FUNCTION break_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$;
        CREATE TRIGGER broken BEFORE INSERT ON decisions FOR EACH ROW EXECUTE FUNCTION break_it();
    ";
    sqlx::raw_sql(break_the_log).execute(pool).await.unwrap();
    office.file(Nora, "oai-1").await.unwrap_err();
    assert_eq!(keys(&office).await, Vec::<String>::new());
    sqlx::raw_sql("DROP TRIGGER broken ON decisions").execute(pool).await.unwrap();
    let id = office.file(Nora, "oai-1").await.unwrap();
    assert_eq!(keys(&office).await, [format!("{id}/1")]);
}

#[tokio::test]
async fn what_is_asked_for_twice_is_told_once() {
    let office = Office::new().await;
    let request = office.request(Nora, &[office.finding("oai-1").await], 60).await;
    let form = Filing { is_draft: true, ..filing(request.clone()) };
    let nora = office.at(Nora, 1).await;
    let id = file_exception(&nora, form.clone()).await.unwrap();
    assert_eq!(keys(&office).await, Vec::<String>::new(), "a draft is nobody's business");
    postern_service::exception::file_draft(&nora, id).await.unwrap();
    postern_service::exception::file_draft(&nora, id).await.unwrap();
    let again = file_exception(&nora, form).await.unwrap();
    assert_eq!(again, id);
    for _ in 0..2 {
        decide_exception(&office.at(Amal, 2).await, id, yes()).await.unwrap();
    }
    assert_eq!(keys(&office).await, [format!("{id}/1"), format!("{id}/2")]);
    let post = Post::new([]);
    post.deliver(&office, hour(2)).await;
    assert_eq!(post.taken().len(), 4);
    post.deliver(&office, hour(2)).await;
    assert_eq!(post.taken(), []);
}

#[tokio::test]
async fn each_is_told_what_concerns_them() {
    let office = Office::new().await;
    let post = Post::new([]);
    let mut request = office.request(Nora, &[office.finding("oai-1").await], 60).await;
    request.owner = office.person(Nils).await;
    let id = file_exception(&office.at(Nora, 1).await, filing(request.clone())).await.unwrap();
    post.deliver(&office, hour(1)).await;
    let filed = format!("{id} was filed and waits for a decision");
    let expected = [
        format!("approvers: {filed}"),
        format!("nils@contoso.example: {filed}"),
        format!("webhook nlp: {filed}"),
    ];
    assert_eq!(post.told(), expected);

    request.justification = "It comes in June.".parse().unwrap();
    edit_exception(&office.at(Nils, 1).await, id, 1, request).await.unwrap();
    post.deliver(&office, hour(1)).await;
    let changed = format!("{id} was changed and waits for a decision");
    let expected = [
        format!("approvers: {changed}"),
        format!("nora@contoso.example: {changed}"),
        format!("webhook nlp: {changed}"),
    ];
    assert_eq!(post.told(), expected);

    let both = |what: String| {
        [
            format!("nils@contoso.example: {what}"),
            format!("nora@contoso.example: {what}"),
            format!("webhook nlp: {what}"),
        ]
    };
    let agreed = Decision::Approve {
        version: 2,
        seen: None,
        until: None,
        conditions: None,
        later_assets: LaterAssets::NotCovered,
    };
    decide_exception(&office.at(Amal, 2).await, id, agreed).await.unwrap();
    post.deliver(&office, hour(2)).await;
    assert_eq!(post.told(), both(format!("{id} was approved")));

    // What an evaluation finds concerns whoever accepted it too.
    office.world.take(snapshot(day(3), &[wider("oai-1"), open_account("oai-2")])).await;
    post.deliver(&office, hour(3)).await;
    let mut void = both(format!("{id} is void: nothing is as it was accepted")).to_vec();
    void.insert(0, format!("amal@contoso.example: {id} is void: nothing is as it was accepted"));
    assert_eq!(post.told(), void);

    let id = office.except("oai-2").await;
    let reason = "It leaked.".parse().unwrap();
    revoke_exception(&office.at(Bruno, 4).await, id, reason).await.unwrap();
    post.deliver(&office, hour(4)).await;
    let told = post.taken();
    let nora: Vec<&str> = told
        .iter()
        .filter(|(to, _)| to == "nora@contoso.example")
        .flat_map(|(_, titles)| titles.iter().map(String::as_str))
        .collect();
    assert_eq!(nora, [format!("{id} was approved"), format!("{id} was revoked")]);

    let id = office.file(Nora, "oai-2").await.unwrap();
    decide_exception(&office.at(Amal, 4).await, id, no()).await.unwrap();
    let withdrawn = office.file(Nora, "oai-2").await.unwrap();
    withdraw_exception(&office.at(Nora, 4).await, withdrawn).await.unwrap();
    post.deliver(&office, hour(4)).await;
    let told = post.told();
    assert!(told.contains(&format!("nora@contoso.example: {id} was rejected")), "{told:?}");
    assert!(told.contains(&format!("approvers: {withdrawn} was withdrawn")), "{told:?}");
    let to_nora =
        |line: &&String| line.starts_with("nora@") && line.contains(&withdrawn.to_string());
    assert_eq!(told.iter().find(to_nora), None, "she did it herself");
    assert!(told.iter().all(|line| !line.contains("vision")), "{told:?}");
}

/// An account as open as any, whose network rules changed since.
fn wider(name: &str) -> Value {
    let mut account = open_account(name);
    account["properties"]["networkAcls"]["ipRules"] = json!([{"value": "203.0.113.0/24"}]);
    account
}

#[tokio::test]
async fn a_warning_comes_once_and_late_ones_are_one() {
    let office = Office::new().await;
    let id = office.except("oai-1").await;
    let short = office.file(Nora, "oai-2").await.unwrap();
    withdraw_exception(&office.at(Nora, 1).await, short).await.unwrap();
    let before = keys(&office).await.len();
    let look =
        async |at| notify_of_endings(&office.world.postern.with_clock(Clock::fixed(at))).await;
    let end = day(60);
    assert_eq!(look(end - Duration::days(30) - Duration::MICROSECOND).await.unwrap(), 0);
    let thirty = end - Duration::days(30);
    let (one, other) = tokio::join!(look(thirty), look(thirty));
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    assert_eq!(look(thirty + Duration::days(3)).await.unwrap(), 0);
    // Nothing ran for weeks: of two that came due, the later one says what is true.
    let last = end - Duration::hours(20);
    assert_eq!(look(last).await.unwrap(), 1);
    assert_eq!(look(last + Duration::HOUR).await.unwrap(), 0);
    assert_eq!(look(end).await.unwrap(), 0);
    let date = end.date();
    assert_eq!(
        keys(&office).await[before..],
        [format!("{id}/ends-30-{date}"), format!("{id}/ends-1-{date}"),]
    );
    let post = Post::new([]);
    post.deliver(&office, last).await;
    let expected = [
        format!("amal@contoso.example: {id} ends in a day"),
        format!("nora@contoso.example: {id} ends in a day"),
        format!("webhook nlp: {id} ends in a day"),
    ];
    assert_eq!(post.told(), expected, "what is weeks old is told nobody");
}

#[tokio::test]
async fn who_wants_one_mail_a_day_gets_one_and_who_wants_none_gets_none() {
    let office = Office::new().await;
    let (nora, nils) = (office.person(Nora).await, office.person(Nils).await);
    let nora_herself = office.at(Nora, 0).await;
    assert_eq!(prefer(&nora_herself, nora, Frequency::Daily).await.unwrap(), Frequency::Each);
    assert_eq!(prefer(&nora_herself, nora, Frequency::Daily).await.unwrap(), Frequency::Daily);
    let refused = prefer(&nora_herself, nils, Frequency::None).await.unwrap_err();
    assert!(matches!(refused, NotificationError::Denied(_)), "{refused}");
    prefer(&office.world.postern, nils, Frequency::None).await.unwrap();
    let nobody = prefer(&office.world.postern, PersonId::from_number(999), Frequency::None).await;
    assert_eq!(nobody.unwrap_err().to_string(), "there is nobody P-999 who signed in");
    let log = list_decisions(&office.at(Vera, 1).await, None, 10).await.unwrap();
    let said = log.entries.iter().filter(|entry| entry.action.as_str() == "notification.prefer");
    assert_eq!(said.count(), 2);

    let mut request = office.request(Nora, &[office.finding("oai-1").await], 60).await;
    request.owner = nils;
    let one = file_exception(&office.at(Nora, 1).await, filing(request)).await.unwrap();
    let other = office.file(Nora, "oai-2").await.unwrap();
    for id in [one, other] {
        decide_exception(&office.at(Amal, 1).await, id, yes()).await.unwrap();
    }
    let post = Post::new([]);
    post.deliver(&office, hour(1)).await;
    let mails = |told: Vec<String>| -> Vec<String> {
        told.into_iter().filter(|line| line.contains('@')).collect()
    };
    assert_eq!(mails(post.told()), Vec::<String>::new());
    let goes_out = digest_moment(digest_day(hour(1)));
    post.deliver(&office, goes_out - Duration::MICROSECOND).await;
    assert_eq!(mails(post.told()), Vec::<String>::new());
    post.deliver(&office, goes_out).await;
    let digest = format!("nora@contoso.example: {one} was approved; {other} was approved");
    assert_eq!(mails(post.told()), [digest]);

    // What happens after that is said the next day, and a day without news has no mail.
    let reason = "It leaked.".parse().unwrap();
    let later = office.at_moment(Bruno, goes_out + Duration::HOUR).await;
    revoke_exception(&later, one, reason).await.unwrap();
    post.deliver(&office, goes_out + Duration::HOUR).await;
    assert_eq!(mails(post.told()), Vec::<String>::new());
    for expected in [vec![format!("nora@contoso.example: {one} was revoked")], Vec::new()] {
        let days = if expected.is_empty() { 2 } else { 1 };
        post.deliver(&office, goes_out + Duration::days(days)).await;
        assert_eq!(mails(post.told()), expected);
    }
}

#[tokio::test]
async fn two_processes_deliver_each_message_once() {
    let office = Office::new().await;
    for _ in 0..6 {
        let id = office.file(Nora, "oai-1").await.unwrap();
        decide_exception(&office.at(Amal, 1).await, id, no()).await.unwrap();
    }
    let post = Post::new([]);
    let (one, other, third) = tokio::join!(
        post.deliver(&office, hour(1)),
        post.deliver(&office, hour(1)),
        post.deliver(&office, hour(1)),
    );
    // Whichever looked before the others had addressed anything.
    let rest = post.deliver(&office, hour(1)).await;
    let all: u32 = [one, other, third, rest].iter().map(|it| it.delivered).sum();
    // Of a request the approvers and a webhook; of a refusal the requester and a webhook.
    assert_eq!(all, 24);
    let mut keys: Vec<String> =
        post.taken.lock().unwrap().iter().map(|letter| letter.key.as_str().to_owned()).collect();
    keys.sort();
    keys.dedup();
    assert_eq!((keys.len(), post.taken().len()), (24, 24));
}

/// A request of which nobody but `nlp` is told.
async fn one_message(answers: impl IntoIterator<Item = Answer>) -> (Office, Arc<Post>) {
    let office = Office::new().await;
    office.file(Nora, "oai-1").await.unwrap();
    let mut post = Post::new(answers);
    Arc::get_mut(&mut post).unwrap().channels.mail = MailChannel::Off;
    (office, post)
}

#[tokio::test]
async fn what_fails_is_tried_less_and_less_often_and_then_waits_for_somebody() {
    let (office, post) = one_message((0..MOST_ATTEMPTS).map(|_| Answer::Fail)).await;
    let mut at = hour(1);
    for attempt in 1..MOST_ATTEMPTS {
        let failed = Delivered { failed: 1, ..Delivered::default() };
        assert_eq!(post.deliver(&office, at).await, failed, "{attempt}");
        at += wait_after(attempt).unwrap();
        let early = post.deliver(&office, at - Duration::MICROSECOND).await;
        assert!(!early.any(), "{attempt}");
    }
    let parked = Delivered { parked: 1, ..Delivered::default() };
    assert_eq!(post.deliver(&office, at).await, parked);
    assert!(!post.deliver(&office, at + Duration::days(30)).await.any());
    let taken = std::mem::take(&mut *post.taken.lock().unwrap());
    assert_eq!(taken.len(), usize::try_from(MOST_ATTEMPTS).unwrap());
    let first = &taken[0];
    assert!(taken.iter().all(|it| it.key == first.key && it.notices == first.notices));

    let listed = list_deliveries(&office.world.postern, Listed::Failed).await.unwrap();
    let [failed] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((failed.state, failed.attempts), (DeliveryState::Parked, MOST_ATTEMPTS));
    assert_eq!(failed.last_error.as_deref(), Some("it answered 503"));
    list_deliveries(&office.at(Amal, 1).await, Listed::All).await.unwrap_err();
    let later = office.world.postern.with_clock(Clock::fixed(at + Duration::DAY));
    let to = retry_delivery(&later, failed.id).await.unwrap();
    assert_eq!(to.to_string(), "webhook:nlp");
    let delivered = Delivered { delivered: 1, ..Delivered::default() };
    assert_eq!(post.deliver(&office, at + Duration::DAY).await, delivered);
    assert!(list_deliveries(&later, Listed::Failed).await.unwrap().is_empty());
    let refused = retry_delivery(&later, failed.id).await.unwrap_err();
    let expected = format!("there is no delivery {} that failed", failed.id);
    assert_eq!(refused.to_string(), expected);
    retry_delivery(&later, DeliveryId::from_number(999)).await.unwrap_err();
}

#[tokio::test]
async fn what_a_process_left_behind_is_tried_again() {
    let (office, post) = one_message([Answer::Die]).await;
    assert!(!post.deliver(&office, hour(1)).await.any());
    let abandoned = hour(1) + Duration::minutes(5);
    assert!(!post.deliver(&office, abandoned - Duration::MICROSECOND).await.any());
    assert_eq!(post.deliver(&office, abandoned).await.delivered, 1);
    assert_eq!(post.taken().len(), 2, "at least once");
}

#[tokio::test]
async fn a_process_that_dies_each_time_does_not_go_on_for_ever() {
    let (office, post) = one_message((0..MOST_ATTEMPTS).map(|_| Answer::Die)).await;
    for attempt in 0..MOST_ATTEMPTS {
        post.deliver(&office, hour(1) + Duration::minutes(5) * attempt).await;
    }
    assert!(!post.deliver(&office, hour(9)).await.any());
    let listed = list_deliveries(&office.world.postern, Listed::Failed).await.unwrap();
    assert_eq!(listed[0].state, DeliveryState::Parked);
    assert_eq!(post.taken().len(), usize::try_from(MOST_ATTEMPTS).unwrap());
}

#[tokio::test]
async fn what_can_never_be_delivered_is_parked_at_once() {
    let (office, post) = one_message([Answer::Refuse]).await;
    let parked = Delivered { parked: 1, ..Delivered::default() };
    assert_eq!(post.deliver(&office, hour(1)).await, parked);

    // Whoever has no address is not forgotten.
    let id = office.except("oai-2").await;
    let without = "UPDATE people SET email = NULL WHERE name = 'Nora'";
    sqlx::raw_sql(without).execute(office.world.database.pool()).await.unwrap();
    let post = Post::new([]);
    assert_eq!(post.deliver(&office, hour(1)).await.parked, 1);
    let listed = list_deliveries(&office.world.postern, Listed::Failed).await.unwrap();
    let nora = office.person(Nora).await;
    assert_eq!(listed[0].key.as_str(), format!("{id}/2 {nora}"));
    assert_eq!(listed[0].last_error.as_deref(), Some("no mail address is known of them"));
}

#[tokio::test]
async fn what_happened_long_before_there_was_a_channel_is_told_nobody() {
    let (office, post) = one_message([]).await;
    assert!(!post.deliver(&office, hour(9)).await.any());
    let waiting = "SELECT count(*) FROM outbox WHERE addressed_at IS NULL";
    assert_eq!(office.world.count(waiting).await, 0);
}

//! Notifications: one's own mail, where messages go, and those that failed.

use leptos::prelude::*;
use postern_domain::notification::audience::{Channels, MailChannel};
use postern_domain::notification::delivery::{DeliveryState, Frequency};
use postern_service::notification::{DeliveryRecord, OwnPreference};

use super::field::hidden;
use crate::address::{NOTIFICATIONS, RETRY};
use crate::part::{Column, ListTable, Moment, Notice, NoticeKind, Tone, ToneBadge, count};

/// The name of the field for how often somebody wants mail, which is its id too.
pub const FREQUENCY: &str = "frequency";
/// The name of the field for a message.
pub const MESSAGE: &str = "message";

/// What was done on the page before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// Somebody said how often they want mail.
    Preferred,
    /// A message is tried again.
    Retried(String),
}

/// Where this process sends messages, as far as whoever asks may know.
#[derive(Clone, Debug)]
pub enum Sends {
    /// They may not.
    Untold,
    /// Nowhere.
    Nowhere,
    /// To these.
    To(Channels),
}

/// What is said of notifications; parts are `None` where whoever asks may not know them.
#[derive(Clone, Debug)]
pub struct NotificationsShown {
    /// How often they want mail; `None` where they are nobody who signed in.
    pub own: Option<OwnPreference>,
    /// Where messages go.
    pub sends: Sends,
    /// The messages that failed.
    pub failed: Option<Vec<DeliveryRecord>>,
}

/// The notifications.
#[component]
pub fn NotificationsPage(
    /// What is said of them.
    shown: NotificationsShown,
    /// What was just done.
    done: Option<Done>,
) -> impl IntoView {
    let notice = done.map(|done| {
        let sentence = match done {
            Done::Preferred => "From the next event on, you get mail as you said.".to_owned(),
            Done::Retried(id) => format!("Message {id} is tried again at once."),
        };
        view! { <Notice kind=NoticeKind::Done><p>{sentence}</p></Notice> }
    });
    let sends_no_mail = match &shown.sends {
        Sends::Untold => false,
        Sends::Nowhere => true,
        Sends::To(channels) => channels.mail == MailChannel::Off,
    };
    view! {
        <div class="page-head"><h1>"Notifications"</h1></div>
        {notice}
        {own(shown.own, sends_no_mail)}
        {channels(shown.sends)}
        {shown.failed.map(failed)}
    }
    .into_any()
}

/// How often somebody may want mail: the word, the label and what it means.
const FREQUENCIES: [(Frequency, &str, &str); 3] = [
    (Frequency::Each, "A mail for each event", "As it happens."),
    (Frequency::Daily, "One mail a day at most", "At 06:00 UTC, with all that happened since."),
    (Frequency::None, "No mail", "What happens is on the pages of the exceptions all the same."),
];

fn own(own: Option<OwnPreference>, sends_no_mail: bool) -> AnyView {
    let Some(own) = own else {
        return view! {
            <section class="part" aria-labelledby="own-heading">
                <h2 id="own-heading">"Your mail"</h2>
                <p>"Mail goes to people who sign in. Nobody signed in here, so there is nothing to choose."</p>
            </section>
        }
        .into_any();
    };
    let reaches = match &own.email {
        Some(email) => format!("It goes to {email}, as your identity provider says."),
        None => {
            "Your identity provider says no mail address of yours, so that no mail reaches you."
                .to_owned()
        }
    };
    let sends_none = sends_no_mail.then(|| {
        view! { <p class="hint">"This process sends no mail at present; what you choose counts once it does."</p> }
    });
    let options: Vec<_> = FREQUENCIES
        .iter()
        .enumerate()
        .map(|(place, (frequency, label, meaning))| {
            let id = if place == 0 { FREQUENCY.to_owned() } else { format!("{FREQUENCY}-{frequency}") };
            let described = format!("{id}-meaning");
            view! {
                <div class="choice-row">
                    <label class="option" for=id.clone()>
                        <input id=id.clone() type="radio" name=FREQUENCY value=frequency.as_str() checked=*frequency == own.frequency aria-describedby=described.clone() />
                        <span class="option-label">{*label}</span>
                    </label>
                    <p class="hint" id=described>{*meaning}</p>
                </div>
            }
        })
        .collect();
    view! {
        <section class="part" aria-labelledby="own-heading">
            <h2 id="own-heading">"Your mail"</h2>
            <p class="prose">
                "You are told of exceptions that you asked for or answer for: when one is approved, rejected, revoked or superseded, when a finding gets worse than it was accepted, and 30, 7 and 1 days before one ends; approvers of these two as well. Nobody is told of what they did themselves. "
                {reaches}
            </p>
            {sends_none}
            <form class="request" method="post" action=NOTIFICATIONS>
                <fieldset>
                    <legend>"How often"</legend>
                    {options}
                </fieldset>
                <div class="form-actions"><button class="button primary" type="submit">"Save"</button></div>
            </form>
        </section>
    }
    .into_any()
}

fn channels(sends: Sends) -> Option<AnyView> {
    let content = match sends {
        Sends::Untold => return None,
        Sends::Nowhere => view! {
            <p>"This process sends no notifications. Tell it where they go by a file:"</p>
            <pre class="code" tabindex="0" aria-label="Command">"postern serve --notify FILE"</pre>
            <p class="hint">"What the file holds is said by " <code>"postern notifications --help"</code> "."</p>
        }
        .into_any(),
        Sends::To(channels) => {
            let mail = match channels.mail {
                MailChannel::Off => "Mail: off, no server is set",
                MailChannel::People => "Mail: to people; no address of those who approve is set",
                MailChannel::PeopleAndApprovers => "Mail: to people, and to those who approve",
            };
            let hooks: Vec<_> = channels
                .webhooks
                .iter()
                .map(|hook| {
                    let kinds = hook.kinds.as_ref().map_or_else(
                        || "every event".to_owned(),
                        |kinds| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", "),
                    );
                    let teams = hook.teams.as_ref().map_or_else(
                        || "all teams".to_owned(),
                        |teams| teams.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
                    );
                    view! { <li>{format!("Webhook {}: {kinds}; of {teams}", hook.name)}</li> }
                })
                .collect();
            view! {
                <ul class="plain rows" aria-labelledby="channels-heading"><li>{mail}</li> {hooks}</ul>
                <p class="hint">"This is set by the file of --notify, which takes a restart to change."</p>
            }
            .into_any()
        }
    };
    Some(
        view! {
            <section class="panel" aria-labelledby="channels-heading">
                <h2 id="channels-heading">"Where messages go"</h2>
                {content}
            </section>
        }
        .into_any(),
    )
}

fn failed(failed: Vec<DeliveryRecord>) -> AnyView {
    let rows: Vec<_> = failed.iter().map(row).collect();
    let content = if rows.is_empty() {
        view! { <p class="empty">"No message failed."</p> }.into_any()
    } else {
        let number = count(u64::try_from(rows.len()).unwrap_or(u64::MAX));
        let caption = format!("{number} messages, the youngest first; times in UTC");
        view! {
            <ListTable
                label="Table of messages that failed"
                caption=caption
                columns=&[
                    Column::Text("Message"),
                    Column::Text("To"),
                    Column::Text("State"),
                    Column::Text("Why it failed"),
                    Column::Unseen("unseen"),
                ]
            >
                {rows}
            </ListTable>
        }
        .into_any()
    };
    view! {
        <section class="panel" aria-labelledby="failed-heading">
            <h2 id="failed-heading">"Messages that failed"</h2>
            {content}
        </section>
    }
    .into_any()
}

fn row(delivery: &DeliveryRecord) -> AnyView {
    let id = delivery.id.to_string();
    let (state, next) = match delivery.state {
        DeliveryState::Pending => (
            view! { <ToneBadge tone=Tone::Warning word="Tried again".to_owned() /> },
            Some(view! { <span class="below">"next " <Moment at=delivery.next_at /></span> }),
        ),
        DeliveryState::Parked | DeliveryState::Delivered => {
            (view! { <ToneBadge tone=Tone::Fail word="Given up".to_owned() /> }, None)
        }
    };
    let attempts = format!("tried {} times", count(delivery.attempts));
    let error = delivery.last_error.clone().unwrap_or_else(|| "not said".to_owned());
    let label = format!("Try again: message {id}");
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Message">
                <span class="id">{id.clone()}</span>
                <span class="below">"made " <Moment at=delivery.created_at /></span>
            </th>
            <td role="cell" data-label="To"><span class="name">{delivery.target.to_string()}</span></td>
            <td role="cell" data-label="State">{state} {next} <span class="below">{attempts}</span></td>
            <td role="cell" data-label="Why it failed"><span class="name">{error}</span></td>
            <td role="cell" data-label="Acts">
                <form method="post" action=RETRY>
                    {hidden(vec![(MESSAGE, id)])}
                    <button class="button" type="submit" aria-label=label>"Try again"</button>
                </form>
            </td>
        </tr>
    }
    .into_any()
}

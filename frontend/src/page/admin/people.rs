//! People: who signed in, which roles they have by what, and ending their sessions.

use leptos::prelude::*;
use postern_domain::person::GrantRules;
use postern_service::person::{PeopleView, PersonView};

use super::Crumbs;
use super::field::hidden;
use crate::address::{PEOPLE, SIGN_OUT, href};
use crate::part::{Column, ListTable, Moment, Notice, NoticeKind, count, counted};

/// The people.
#[component]
pub fn PeoplePage(
    /// Who signed in.
    view: PeopleView,
    /// By which claims they have their roles; `None` where nobody signs in.
    rules: Option<GrantRules>,
    /// How many sessions were just ended, of whom.
    ended: Option<(String, u64)>,
) -> impl IntoView {
    let notice = ended.map(|(name, number)| {
        let sentence = match number {
            0 => format!("{name} was signed in nowhere."),
            number => format!("{} of {name} ended.", counted(number, "session", "sessions")),
        };
        view! { <Notice kind=NoticeKind::Done><p>{sentence}</p></Notice> }
    });
    let alone = rules.as_ref().and_then(|_| separation(&view)).map(|sentence| {
        view! { <Notice kind=NoticeKind::Information><p>{sentence}</p></Notice> }
    });
    let rows: Vec<_> = view.people.iter().map(row).collect();
    let people = if rows.is_empty() {
        view! { <p class="empty">"Nobody has signed in yet."</p> }.into_any()
    } else {
        view! {
            <ListTable
                label="Table of people"
                caption="Who signed in, the last first, at most a thousand; times in UTC"
                columns=&[
                    Column::Text("Person"),
                    Column::Text("Roles, and what gives them"),
                    Column::Text("Signed in last"),
                    Column::Number("Sessions"),
                ]
            >
                {rows}
            </ListTable>
        }
        .into_any()
    };
    view! {
        <div class="page-head"><h1>"People"</h1></div>
        {notice}
        {alone}
        <section id="results" aria-label="People">{people}</section>
        {given(rules)}
    }
    .into_any()
}

/// That too few people approve, as far as that can be known.
fn separation(view: &PeopleView) -> Option<String> {
    let names: Vec<&str> =
        view.approvers().map(|person| person.record.identity.name.as_str()).collect();
    match names.as_slice() {
        [] => Some(
            "No approver signed in within 90 days, so that nobody decides on exceptions. Those who never signed in are not known here.".to_owned(),
        ),
        [one] => Some(format!(
            "Only one approver signed in within 90 days: {one}. Nobody else decides on what they ask for, and two approvals cannot be had. Those who never signed in are not known here."
        )),
        _ => None,
    }
}

fn row(person: &PersonView) -> AnyView {
    let record = &person.record;
    let email = record.identity.email.clone();
    let email = email.map(|email| view! { <span class="below name">{email}</span> });
    let roles = match person.roles.as_deref() {
        None => view! { "not known: no sign-in within 90 days" }.into_any(),
        Some([]) => view! { "no role" }.into_any(),
        Some(roles) => {
            let items: Vec<_> = roles
                .iter()
                .map(|(grant, claim, value)| {
                    view! {
                        <li>{grant.to_string()} <span class="below name">{format!("{claim}: {value}")}</span></li>
                    }
                })
                .collect();
            view! { <ul class="plain" aria-label="Roles">{items}</ul> }.into_any()
        }
    };
    let id = record.id.to_string();
    let sessions = u64::try_from(record.sessions).unwrap_or_default();
    let end = (sessions > 0).then(|| {
        let address = href(SIGN_OUT, &[("person", &id)]);
        let label = format!("End sessions of {} ({id})", record.identity.name);
        view! { <span class="below"><a href=address aria-label=label>"End sessions"</a></span> }
    });
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Person">
                <span class="name">{record.identity.name.clone()}</span> {email} <span class="below id">{id.clone()}</span>
            </th>
            <td role="cell" data-label="Roles">{roles}</td>
            <td role="cell" data-label="Signed in last">
                <Moment at=record.last_seen_at />
                <span class="below">"first " <Moment at=record.first_seen_at /></span>
            </td>
            <td role="cell" data-label="Sessions" class="number"><span>{count(sessions)}</span> {end}</td>
        </tr>
    }
    .into_any()
}

/// By which claims roles are given.
fn given(rules: Option<GrantRules>) -> AnyView {
    let content = match rules {
        None => view! {
            <p class="prose">"Nobody signs in here: whoever reaches the address, on this machine, may do everything. Let people sign in with your identity provider by a file:"</p>
            <pre class="code" tabindex="0" aria-label="Command">"postern serve --sign-in FILE"</pre>
        }
        .into_any(),
        Some(rules) => {
            let rows: Vec<_> = rules
                .0
                .iter()
                .map(|rule| {
                    view! {
                        <tr role="row">
                            <th scope="row" role="rowheader" data-label="Claim"><code>{rule.claim.clone()}</code></th>
                            <td role="cell" data-label="Value"><span class="name">{rule.value.clone()}</span></td>
                            <td role="cell" data-label="Role"><span>{rule.grant().to_string()}</span></td>
                        </tr>
                    }
                })
                .collect();
            view! {
                <p class="prose">"Whoever has a value in a claim of the identity provider has the role. Rules are in the file of --sign-in, which takes a restart to change."</p>
                <ListTable
                    label="Table of rules for roles"
                    caption="Rules for roles; all that hold add up"
                    columns=&[Column::Text("Claim"), Column::Text("Value"), Column::Text("Role")]
                >
                    {rows}
                </ListTable>
            }
            .into_any()
        }
    };
    view! {
        <section class="panel" aria-labelledby="given-heading">
            <h2 id="given-heading">"Who has which role"</h2>
            {content}
        </section>
    }
    .into_any()
}

/// The page on which ending somebody's sessions is confirmed.
#[component]
pub fn SignOutPage(
    /// Who.
    person: PersonView,
    /// Whether they are who asks.
    is_own: bool,
) -> impl IntoView {
    let record = person.record;
    let sessions = u64::try_from(record.sessions).unwrap_or_default();
    let sentence = format!(
        "{} {} at once: the next request from there leads to signing in. Whoever still has a role can sign in again; that is up to the identity provider.",
        counted(sessions, "session", "sessions"),
        if sessions == 1 { "ends" } else { "end" },
    );
    let own = is_own.then(|| view! { <p>"These are your own: you are signed out too."</p> });
    view! {
        <Crumbs of=(PEOPLE, "People") here="End sessions".to_owned() />
        <h1>{format!("End the sessions of {}?", record.identity.name)}</h1>
        <p class="summary">{sentence}</p>
        {own}
        <div class="form-actions">
            <form method="post" action=SIGN_OUT>
                {hidden(vec![("person", record.id.to_string())])}
                <button class="button primary" type="submit">"End sessions"</button>
            </form>
            <a href=PEOPLE>"Keep them"</a>
        </div>
    }
    .into_any()
}

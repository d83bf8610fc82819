//! Signing in: at the organisation's identity provider, or in a demo as one of its people.

use leptos::prelude::*;

use crate::address::href;
use crate::part::{Notice, NoticeKind};

/// Somebody of the demo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoPerson {
    /// What the form calls them.
    pub id: String,
    /// What people call them.
    pub name: String,
    /// Their role, and what it is limited to.
    pub role: String,
    /// What they come for, as a sentence.
    pub comes_to: String,
}

/// How somebody can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInWay {
    /// At a provider, by its name.
    Provider(String),
    /// As somebody of the demo.
    Demo(Vec<DemoPerson>),
}

/// Why somebody is here again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInNotice {
    /// They signed out.
    SignedOut,
    /// They signed out here and can sign out at the provider, at this address.
    SignedOutHere(String),
    /// It did not work, as a sentence.
    Failed(String),
}

/// The page for signing in.
#[component]
pub fn SignInPage(
    /// How.
    way: SignInWay,
    /// Where to go afterwards.
    return_to: String,
    /// Why it is shown.
    notice: Option<SignInNotice>,
) -> impl IntoView {
    let notice = notice.map(|notice| match notice {
        SignInNotice::SignedOut => view! {
            <Notice kind=NoticeKind::Done><p>"You are signed out."</p></Notice>
        }
        .into_any(),
        SignInNotice::SignedOutHere(address) => view! {
            <Notice kind=NoticeKind::Done>
                <p>"You are signed out of Postern. " <a href=address>"Sign out at the identity provider too"</a></p>
            </Notice>
        }
        .into_any(),
        SignInNotice::Failed(why) => view! {
            <Notice kind=NoticeKind::Failure><p>{why}" Nothing was changed."</p></Notice>
        }
        .into_any(),
    });
    let choice = match way {
        SignInWay::Provider(name) => view! {
            <p>"What you may see and do follows from your groups and roles there."</p>
            <p>
                <a class="button primary" href=href("/sign-in/start", &[("to", &return_to)])>
                    {format!("Sign in with {name}")}
                </a>
            </p>
        }
        .into_any(),
        SignInWay::Demo(people) => {
            let people: Vec<_> =
                people.into_iter().map(|person| demo_person(person, &return_to)).collect();
            view! {
                <p>"This is the demo: choose whose eyes to look through. In an organisation, people sign in with their identity provider."</p>
                <ul class="people">{people}</ul>
            }
            .into_any()
        }
    };
    view! {
        <div class="page-head"><h1>"Sign in"</h1></div>
        {notice}
        <div class="sign-in">{choice}</div>
    }
    .into_any()
}

fn demo_person(person: DemoPerson, return_to: &str) -> AnyView {
    view! {
        <li>
            <form method="post" action="/sign-in/demo">
                <input type="hidden" name="person" value=person.id />
                <input type="hidden" name="to" value=return_to.to_owned() />
                <button class="button" type="submit">{person.name}</button>
            </form>
            <p class="role">{person.role}</p>
            <p>{person.comes_to}</p>
        </li>
    }
    .into_any()
}

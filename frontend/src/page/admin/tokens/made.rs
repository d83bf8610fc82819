//! What a new token holds, shown once; and revoking one.

use leptos::prelude::*;
use postern_domain::id::TokenId;
use postern_service::token::TokenRecord;

use super::roles;
use crate::address::{REVOKE_TOKEN, TOKENS};
use crate::page::admin::Crumbs;
use crate::page::admin::field::hidden;
use crate::part::{Moment, Notice, NoticeKind};

/// The page that shows what a token holds, the only time.
#[component]
pub fn TokenMadePage(
    /// Its number.
    id: TokenId,
    /// What people call it.
    name: String,
    /// What the program sends.
    text: String,
) -> impl IntoView {
    let header = format!("Authorization: Bearer {text}");
    view! {
        <Crumbs of=(TOKENS, "Tokens") here=id.to_string() />
        <h1>{format!("Token {id}: {name}")}</h1>
        <Notice kind=NoticeKind::Done>
            <p>"The token is created. It is shown this once and kept nowhere: copy it now, to where only the program can read it."</p>
        </Notice>
        <section aria-labelledby="text-heading">
            <h2 id="text-heading">"What the program sends"</h2>
            <pre class="code" tabindex="0" aria-label="The token">{text}</pre>
        </section>
        <section class="panel" aria-labelledby="use-heading">
            <h2 id="use-heading">"How a program uses it"</h2>
            <p>"It sends this header with each request:"</p>
            <pre class="code" tabindex="0" aria-label="Header">{header}</pre>
        </section>
        <p><a href=TOKENS>"I kept it; go to all tokens"</a></p>
    }
    .into_any()
}

/// The page on which revoking a token is confirmed.
#[component]
pub fn RevokeTokenPage(
    /// The token.
    token: TokenRecord,
) -> impl IntoView {
    let id = token.id.to_string();
    let used = match token.last_used_at {
        Some(at) => view! { "It was last used on " <Moment at=at /> "." }.into_any(),
        None => "It was never used.".into_any(),
    };
    view! {
        <Crumbs of=(TOKENS, "Tokens") here=format!("Revoke {id}") />
        <h1>{format!("Revoke {} ({id})?", token.name)}</h1>
        <p class="summary">
            {format!("The next request of the program that has it is refused ({}). ", roles(&token.grants))}
            {used}
            " This is recorded with your name and cannot be undone."
        </p>
        <div class="form-actions">
            <form method="post" action=REVOKE_TOKEN>
                {hidden(vec![("token", id)])}
                <button class="button primary" type="submit">"Revoke token"</button>
            </form>
            <a href=TOKENS>"Keep it"</a>
        </div>
    }
    .into_any()
}

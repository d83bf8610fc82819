//! Tokens of programs: those that there are, a new one, what it holds (shown once), and revoking one.

mod form;
mod made;

pub use form::{EnteredToken, TokenFormPage, field};
pub use made::{RevokeTokenPage, TokenMadePage};

use leptos::prelude::*;
use postern_domain::id::TokenId;
use postern_domain::person::Grant;
use postern_service::administration::TOKEN_ENDS_WITHIN;
use postern_service::token::{TokenRecord, TokenState, TokensView, state};
use time::OffsetDateTime;

use crate::address::{NEW_TOKEN, REVOKE_TOKEN, href};
use crate::part::{Column, ListTable, Moment, Notice, NoticeKind, Tone, ToneBadge, count};

/// The tokens.
#[component]
pub fn TokensPage(
    /// The tokens.
    view: TokensView,
    /// The one that was just revoked.
    revoked: Option<TokenId>,
) -> impl IntoView {
    let revoked = view
        .tokens
        .iter()
        .find(|token| Some(token.id) == revoked && state(token, view.at) == TokenState::Revoked);
    let notice = revoked.map(|token| {
        let sentence =
            format!("{} ({}) is revoked: its next request is refused.", token.name, token.id);
        view! { <Notice kind=NoticeKind::Done><p>{sentence}</p></Notice> }
    });
    let hold =
        view.tokens.iter().filter(|token| state(token, view.at) == TokenState::Holds).count();
    let hold = u64::try_from(hold).unwrap_or(u64::MAX);
    let lead = format!(
        "{} of {} hold; those that ended more than 90 days ago are not listed.",
        count(hold),
        count(u64::try_from(view.tokens.len()).unwrap_or(u64::MAX))
    );
    let at = view.at;
    let rows: Vec<_> = view.tokens.iter().map(|token| row(token, at)).collect();
    let list = if rows.is_empty() {
        view! {
            <p class="empty">
                "There are no tokens. A program that reads from Postern, such as a nightly report, asks with a token of its own."
            </p>
        }
        .into_any()
    } else {
        view! {
            <ListTable
                label="Table of tokens"
                caption="Tokens, the youngest first; times in UTC"
                columns=&[
                    Column::Text("Name"),
                    Column::Text("Roles"),
                    Column::Text("State"),
                    Column::Text("Ends"),
                    Column::Text("Last used"),
                    Column::Unseen("unseen"),
                ]
            >
                {rows}
            </ListTable>
        }
        .into_any()
    };
    let lead = (!view.tokens.is_empty()).then(|| view! { <p class="lead">{lead}</p> });
    view! {
        <div class="page-head">
            <div>
                <h1>"Tokens"</h1>
                {lead}
            </div>
            <div class="tools"><a class="button primary" href=NEW_TOKEN>"Create a token"</a></div>
        </div>
        {notice}
        {list}
    }
    .into_any()
}

/// Roles as a list in a sentence.
fn roles(grants: &[Grant]) -> String {
    grants.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn row(token: &TokenRecord, now: OffsetDateTime) -> AnyView {
    let state = state(token, now);
    let (tone, word) = match state {
        TokenState::Holds if token.ends_at <= now + TOKEN_ENDS_WITHIN => {
            (Tone::Warning, "Ends soon")
        }
        TokenState::Holds => (Tone::Pass, "Holds"),
        TokenState::Ended => (Tone::Neutral, "Ended"),
        TokenState::Revoked => (Tone::Neutral, "Revoked"),
    };
    let used = match token.last_used_at {
        Some(at) => view! { <Moment at=at /> }.into_any(),
        None => "never".into_any(),
    };
    let end = match token.revoked_at {
        Some(at) => {
            view! { <Moment at=at /> <span class="below">"by being revoked"</span> }.into_any()
        }
        None => view! { <Moment at=token.ends_at /> }.into_any(),
    };
    let id = token.id.to_string();
    let revoke = if state == TokenState::Holds {
        let address = href(REVOKE_TOKEN, &[("token", &id)]);
        let label = format!("Revoke {} ({id})", token.name);
        view! { <a href=address aria-label=label>"Revoke"</a> }.into_any()
    } else {
        "none".into_any()
    };
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" data-label="Name">
                <span class="name">{token.name.clone()}</span>
                <span class="below id">{id.clone()}</span>
            </th>
            <td role="cell" data-label="Roles"><span>{roles(&token.grants)}</span></td>
            <td role="cell" data-label="State"><ToneBadge tone=tone word=word.to_owned() /></td>
            <td role="cell" data-label="Ends">{end}</td>
            <td role="cell" data-label="Last used">{used}</td>
            <td role="cell" data-label="Acts">{revoke}</td>
        </tr>
    }
    .into_any()
}

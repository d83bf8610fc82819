//! Ending an exception before its time: what that does, and why it is done.

use leptos::prelude::*;
use postern_service::view::ExceptionView;

use super::Crumbs;
use super::show::accepted_now;
use crate::address::{exception_act_href, exception_href};
use crate::part::{FieldMistake, Mistake, MistakeSummary, TextArea, counted};

/// The name of the field for the reason, which is its id too.
pub const REASON: &str = "reason";

/// The page on which a revocation is confirmed.
#[component]
pub fn RevokePage(
    /// The exception.
    view: ExceptionView,
    /// What was entered.
    reason: String,
    /// What is wrong with that, or why nothing was recorded.
    mistakes: Vec<Mistake>,
) -> impl IntoView {
    let id = view.row.id;
    let mistake = FieldMistake::of(&mistakes, REASON);
    let rest = view.more_findings + view.unseen_findings;
    let findings = counted(accepted_now(&view), "finding is", "findings are");
    let and_more = if rest > 0 { ", and others that this page does not count" } else { "" };
    view! {
        <Crumbs of=Some(id) here=Some("Revoke") />
        <h1>{format!("Revoke exception {id}?")}</h1>
        <MistakeSummary mistakes=mistakes />
        <p class="summary">
            {format!("{findings} open again at once{and_more}. This is recorded with your name and cannot be undone.")}
        </p>
        <form class="request" method="post" action=exception_act_href(id, "revoke") novalidate="">
            <div class="field">
                <label for=REASON>"Reason"</label>
                <p class="hint" id="reason-hint">"Why it ends before its time. The requester and the owner read it."</p>
                {mistake.view()}
                <TextArea id=REASON text=reason rows=5 described_by=mistake.described_by(Some("reason-hint")) is_wrong=mistake.is_there() />
            </div>
            <div class="form-actions">
                <button class="button primary" type="submit">"Revoke exception"</button>
                <a href=exception_href(id, None)>"Keep it"</a>
            </div>
        </form>
    }
    .into_any()
}

//! All that was entered, to be read once more before it is sent.

use leptos::prelude::*;
use postern_domain::exception::request::{ReasonCategory, Request};
use postern_service::view::RequestPreview;

use super::covered::{FindingRows, in_words};
use super::form::hidden;
use super::{Asking, Entered};
use crate::address::{CHECK_EXCEPTION, EXCEPTIONS};
use crate::page::exceptions::Crumbs;
use crate::page::exceptions::show::Evidence;
use crate::part::{counted, end};

/// The name of the button that was pressed.
pub const ACTION: &str = "action";
/// What the button says that leads back to the form.
pub const CHANGE: &str = "change";
/// What the button says that keeps a draft.
pub const DRAFT: &str = "draft";

/// A request before it is sent; the page carries all of the form.
#[component]
pub fn CheckPage(
    /// What was entered.
    entered: Entered,
    /// What the form is for.
    asking: Asking,
    /// The request that it says.
    request: Request,
    /// What it would cover.
    preview: RequestPreview,
) -> impl IntoView {
    let kept = hidden(entered.all(asking));
    let of = match asking {
        Asking::Extension(id) | Asking::Change { id, .. } => Some(id),
        Asking::New => None,
    };
    let extends = match asking {
        Asking::Extension(id) => {
            Some(view! { <div><dt>"Extends"</dt><dd>{id.to_string()}</dd></div> })
        }
        _ => None,
    };
    let kind = match request.reason {
        ReasonCategory::FixPlanned { on } => format!("{} for {on}", request.reason.label()),
        reason => reason.label().to_owned(),
    };
    let meanwhile = request
        .compensating_control
        .as_ref()
        .map_or_else(|| "Nothing was said.".to_owned(), ToString::to_string);
    let owner = preview.people.iter().find(|(id, _)| *id == request.owner);
    let owner = owner.map_or_else(|| request.owner.to_string(), |(_, name)| name.clone());
    let approvers = preview.severity.map_or(1, |severity| preview.policy.approvers(severity));
    let who = counted(u64::try_from(approvers).unwrap_or(1), "person who is", "people who are");
    view! {
        <Crumbs of=of here=Some("Check") />
        <h1>"Check before you send"</h1>
        <p class="lead">{format!("Nothing was filed yet. It needs the approval of {who} not you.")}</p>
        <dl class="pairs answers">
            {extends}
            <div><dt>"Covers"</dt><dd>{in_words(&request.covers)}</dd></div>
            <div><dt>"Kind"</dt><dd>{kind}</dd></div>
            <div><dt>"Why"</dt><dd class="said">{request.justification.to_string()}</dd></div>
            <div><dt>"What protects meanwhile"</dt><dd class="said">{meanwhile}</dd></div>
            <div><dt>"Evidence"</dt><dd><Evidence links=request.evidence.clone() /></dd></div>
            <div><dt>"Until"</dt><dd>{end(request.until)}</dd></div>
            <div><dt>"Owner"</dt><dd>{owner}</dd></div>
        </dl>
        <FindingRows subject=None preview=preview />
        <form method="post" action=EXCEPTIONS aria-label="Send the request">
            {kept}
            <div class="form-actions">
                <button class="button primary" type="submit" name=ACTION value="send">"Send request"</button>
                <button class="button" type="submit" name=ACTION value=DRAFT>"Save draft"</button>
                <button class="button" type="submit" name=ACTION value=CHANGE formaction=CHECK_EXCEPTION>"Change"</button>
            </div>
        </form>
    }
    .into_any()
}

//! Deciding on several requests with one reason, and what came of each.

use leptos::prelude::*;
use postern_domain::exception::status::ExceptionStatus;
use postern_domain::id::ExceptionId;
use postern_service::view::ExceptionView;

use super::{Crumbs, StatusBadge};
use crate::address::{EXCEPTIONS, SEVERAL, exception_href};
use crate::part::{FieldMistake, Mistake, MistakeSummary, SeverityBadge, TextArea, count, end};

/// The names of the fields, which are their ids too.
pub const DECISION: &str = "decision";
/// The name of the field for conditions or a reason.
pub const COMMENT: &str = "comment";
/// The name of the field for a request and its version, `X-3@1`.
pub const REQUEST: &str = "request";

/// The page on which several requests are decided.
#[component]
pub fn SeveralPage(
    /// The requests.
    views: Vec<ExceptionView>,
    /// The word of the decision that was chosen.
    chosen: Option<String>,
    /// What was entered.
    comment: String,
    /// What is wrong with that.
    mistakes: Vec<Mistake>,
) -> impl IntoView {
    let rows: Vec<_> = views.iter().map(row).collect();
    let can = views.iter().filter(|view| view.may.decide).count();
    let mistake = FieldMistake::of(&mistakes, COMMENT);
    let choice = FieldMistake::of(&mistakes, DECISION);
    let is = |word: &str| chosen.as_deref() == Some(word);
    let (approve, reject) = (is("approve"), is("reject"));
    let described = choice.described_by(None);
    view! {
        <Crumbs of=None here=Some("Decide on several") />
        <h1>"Decide on several requests"</h1>
        <MistakeSummary mistakes=mistakes />
        <p class="summary">
            {format!("One reason for {} of {} requests. Each is decided for itself: where one cannot be, the others are.",
                count(u64::try_from(can).unwrap_or_default()), count(u64::try_from(views.len()).unwrap_or_default()))}
        </p>
        <form class="request" method="post" action=SEVERAL novalidate="">
            <ul class="plain rows" aria-label="Requests">{rows}</ul>
            <fieldset aria-describedby=(!described.is_empty()).then_some(described)>
                <legend>"Decision"</legend>
                {choice.view()}
                <label class="option">
                    <input id=DECISION type="radio" name=DECISION value="approve" checked=approve />
                    <span class="option-label">"Approve each until the end that it asks for"</span>
                </label>
                <label class="option">
                    <input type="radio" name=DECISION value="reject" checked=reject />
                    <span class="option-label">"Reject each"</span>
                </label>
            </fieldset>
            <div class="field">
                <label for=COMMENT>"Conditions or reason"</label>
                <p class="hint" id="comment-hint">"For an approval: the conditions, where there are any. For a rejection: why. The requesters read it."</p>
                {mistake.view()}
                <TextArea id=COMMENT text=comment rows=5 described_by=mistake.described_by(Some("comment-hint")) is_wrong=mistake.is_there() />
            </div>
            <div class="form-actions">
                <button class="button primary" type="submit">"Record decisions"</button>
                <p class="hint">"They are recorded with your name and cannot be undone."</p>
            </div>
        </form>
    }
    .into_any()
}

fn row(view: &ExceptionView) -> AnyView {
    let row = &view.row;
    let severity = row.severity.map(|severity| view! { <SeverityBadge severity=severity /> });
    let kept = view.may.decide.then(|| {
        let value = format!("{}@{}", row.id, view.version);
        view! { <input type="hidden" name=REQUEST value=value /> }
    });
    let why_not = (!view.may.decide).then(|| {
        let why = view.may.why_not_decide.clone();
        let why = why.unwrap_or_else(|| "It does not wait for a decision.".to_owned());
        view! { <span class="below">{format!("Left out: {why}")}</span> }
    });
    view! {
        <li>
            {kept}
            <a href=exception_href(row.id, None)>{format!("{} {}", row.id, row.title)}</a>
            " " {severity}
            <span class="below">{format!("Until {} · {}", end(row.until), row.requester.clone().unwrap_or_default())}</span>
            <p class="said">{view.request.justification.to_string()}</p>
            {why_not}
        </li>
    }
    .into_any()
}

/// What came of each.
#[component]
pub fn OutcomePage(
    /// How each stands now, or why it was not decided, as a sentence.
    outcomes: Vec<(ExceptionId, Result<ExceptionStatus, String>)>,
) -> impl IntoView {
    let rows: Vec<_> = outcomes
        .into_iter()
        .map(|(id, outcome)| {
            let said = match outcome {
                Ok(status) => view! { <StatusBadge status=status /> }.into_any(),
                Err(why) => view! { <span>{format!("Not decided: {why}")}</span> }.into_any(),
            };
            view! { <li><a href=exception_href(id, None)>{id.to_string()}</a> " " {said}</li> }
        })
        .collect();
    view! {
        <Crumbs of=None here=Some("Decide on several") />
        <h1>"What was decided"</h1>
        <ul class="plain rows">{rows}</ul>
        <p><a href=EXCEPTIONS>"See what waits for a decision"</a></p>
    }
    .into_any()
}

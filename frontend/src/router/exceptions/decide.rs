//! Deciding on exceptions, and ending them.

use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_domain::exception::act::LaterAssets;
use postern_domain::exception::refusal::Refusal;
use postern_domain::exception::status::ExceptionStatus;
use postern_domain::exception::written::Conditions;
use postern_domain::person::Permission;
use postern_service::exception::{self, Decision, ExceptionError};
use postern_service::view::ExceptionView;
use time::OffsetDateTime;

use super::super::visit::Visit;
use super::{about, done, find, not_done, refusal, shown_again};
use crate::address::value;
use crate::page::exceptions::ask::{day, written};
use crate::page::exceptions::revoke::{REASON, RevokePage};
use crate::page::exceptions::show::{DecisionEntered, Done, Kept, Verdict, latest_day};
use crate::page::exceptions::{end_of, last_day_before};
use crate::part::Mistake;

type Fields = Vec<(String, String)>;

pub(super) async fn post_file(site: Visit, Path(id): Path<String>) -> Response {
    if let Err(denied) = site.postern.require(Permission::AskForExceptions) {
        return site.denied(denied);
    }
    let view = match find(&site, &id).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let filed = exception::file_draft(&site.postern, view.row.id).await;
    acted(&site, view, Done::Filed, filed)
}

pub(super) async fn post_withdraw(site: Visit, Path(id): Path<String>) -> Response {
    let view = match find(&site, &id).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let withdrawn = exception::withdraw_exception(&site.postern, view.row.id).await;
    acted(&site, view, Done::Withdrawn, withdrawn)
}

pub(super) async fn post_decide(
    site: Visit,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Response {
    let view = match decided_on(&site, &id).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let entered = DecisionEntered::read(&fields);
    let decision = match read_decision(&entered, &view) {
        Ok(decision) => decision,
        Err(mistakes) => return shown_again(&site, view, Kept::of(entered), mistakes),
    };
    let what = match decision {
        Decision::Approve { .. } => Done::Approved,
        Decision::Reject { .. } => Done::Rejected,
    };
    match exception::decide_exception(&site.postern, view.row.id, decision).await {
        Ok(_) => done(view.row.id, what),
        Err(error) => match refusal(&error) {
            None => not_done(&site, error, None),
            // What it was refused for is not on the page that was read before.
            Some(sentence) => match find(&site, &view.row.id.to_string()).await {
                Err(response) => response,
                Ok(now) => {
                    shown_again(&site, now, Kept::of(entered), vec![Mistake::of_all(sentence)])
                }
            },
        },
    }
}

pub(super) async fn get_revoke(site: Visit, Path(id): Path<String>) -> Response {
    let view = match decided_on(&site, &id).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    if let Some(response) = not_revoked(&site, &view) {
        return response;
    }
    revoke_page(&site, view, String::new(), Vec::new())
}

pub(super) async fn post_revoke(
    site: Visit,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Response {
    let view = match decided_on(&site, &id).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let entered = value(&fields, REASON).unwrap_or_default().to_owned();
    let reason = match written(REASON, &entered, "Reason") {
        Ok(reason) => reason,
        Err(mistake) => return revoke_page(&site, view, entered, vec![mistake]),
    };
    match exception::revoke_exception(&site.postern, view.row.id, reason).await {
        Ok(()) => done(view.row.id, Done::Revoked),
        Err(error) => match refusal(&error) {
            None => not_done(&site, error, None),
            Some(sentence) => revoke_page(&site, view, entered, vec![Mistake::of_all(sentence)]),
        },
    }
}

/// The exception that somebody who decides on exceptions wants to decide on or end.
async fn decided_on(site: &Visit, id: &str) -> Result<ExceptionView, Response> {
    let allowed = site.postern.require(Permission::DecideOnExceptions);
    allowed.map_err(|denied| site.denied(denied))?;
    find(site, id).await
}

/// To the page of what was done, or the same page with why it was not.
fn acted(
    site: &Visit,
    view: ExceptionView,
    what: Done,
    outcome: Result<(), ExceptionError>,
) -> Response {
    match outcome {
        Ok(()) => done(view.row.id, what),
        Err(error) => match refusal(&error) {
            None => not_done(site, error, None),
            Some(sentence) => {
                let mistakes = vec![Mistake::of_all(sentence)];
                shown_again(site, view, Kept::default(), mistakes)
            }
        },
    }
}

/// Why an exception is not one to revoke, as a page.
fn not_revoked(site: &Visit, view: &ExceptionView) -> Option<Response> {
    if view.may.revoke {
        return None;
    }
    let status = view.row.status;
    let refusal = match status {
        ExceptionStatus::Approved => Refusal::ScopeMissing,
        _ => Refusal::NotPossible { status, deed: "revoked" },
    };
    Some(not_done(site, refusal.into(), Some(view.row.id)))
}

fn revoke_page(
    site: &Visit,
    view: ExceptionView,
    reason: String,
    mistakes: Vec<Mistake>,
) -> Response {
    let (status, before) = match mistakes.as_slice() {
        [] => (StatusCode::OK, ""),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "Error: "),
    };
    let page = about(&view, format!("{before}Revoke {}", view.row.id));
    site.page(status, page, || {
        view! { <RevokePage view=view reason=reason mistakes=mistakes /> }.into_any()
    })
}

/// The decision that was entered, or all that is wrong with it.
fn read_decision(
    entered: &DecisionEntered,
    view: &ExceptionView,
) -> Result<Decision, Vec<Mistake>> {
    let [until_field, conditions_field, comment_field] = DecisionEntered::FIELDS;
    match entered.verdict {
        None => Err(vec![DecisionEntered::nothing_chosen()]),
        Some(Verdict::Reject) => {
            let reason = written(comment_field, &entered.comment, "Reason");
            reason.map(|reason| Decision::Reject { reason }).map_err(|mistake| vec![mistake])
        }
        Some(Verdict::Approve) => {
            let until = until(entered, view).map_err(|sentence| Mistake::at(until_field, sentence));
            let conditions: Result<Option<Conditions>, Mistake> = match entered.conditions.trim() {
                "" => Ok(None),
                text => written(conditions_field, text, "Conditions").map(Some),
            };
            // Without what they saw, an approval would be of something else.
            let seen = entered.version.parse().ok().zip(entered.state.parse().ok());
            let seen = seen.ok_or_else(|| {
                Mistake::of_all(
                    "The form does not say what you read: open the exception again, and decide there.",
                )
            });
            match (until, conditions, seen) {
                (Ok(until), Ok(conditions), Ok((version, state))) => Ok(Decision::Approve {
                    version,
                    seen: Some(state),
                    until,
                    conditions,
                    later_assets: if entered.later {
                        LaterAssets::Covered
                    } else {
                        LaterAssets::NotCovered
                    },
                }),
                (until, conditions, seen) => {
                    Err([until.err(), conditions.err(), seen.err()].into_iter().flatten().collect())
                }
            }
        }
    }
}

/// The end that was entered: `None` for the one that was asked for, which need not be the end of its day.
fn until(
    entered: &DecisionEntered,
    view: &ExceptionView,
) -> Result<Option<OffsetDateTime>, String> {
    let day = day(entered.until.as_deref().unwrap_or_default());
    let (Some(day), Some(end)) = (day, day.and_then(end_of)) else {
        return Err("Enter the last day of the approval, such as 2026-08-12.".to_owned());
    };
    match latest_day(view) {
        Some(latest) if day > latest => Err(format!(
            "Enter a day on or before {latest}: the request asks for no later one, or the policy allows none."
        )),
        _ => Ok((last_day_before(view.request.until) != Some(day)).then_some(end)),
    }
}

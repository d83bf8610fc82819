//! Deciding on several requests with one reason.

use axum::Form;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_domain::id::ExceptionId;
use postern_domain::person::Permission;
use postern_service::exception::{BulkDecision, MOST_AT_ONCE, decide_exceptions};
use postern_service::view::ExceptionView;

use super::super::visit::{Page, Visit};
use super::{find, missing};
use crate::address::{EXCEPTION, pairs, value};
use crate::frame::Place;
use crate::page::exceptions::ask::written;
use crate::page::exceptions::several::{COMMENT, DECISION, OutcomePage, REQUEST, SeveralPage};
use crate::page::problem::{Problem, sentence};
use crate::part::Mistake;

pub(super) async fn get_several(site: Visit, RawQuery(query): RawQuery) -> Response {
    if let Err(denied) = site.postern.require(Permission::DecideOnExceptions) {
        return site.denied(denied);
    }
    let pairs = pairs(query.as_deref());
    let named: Vec<&str> =
        pairs.iter().filter(|(key, _)| key == EXCEPTION).map(|(_, id)| id.as_str()).collect();
    match views(&site, &named).await {
        Ok(views) => page(&site, views, None, String::new(), Vec::new()),
        Err(response) => response,
    }
}

pub(super) async fn post_several(
    site: Visit,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    if let Err(denied) = site.postern.require(Permission::DecideOnExceptions) {
        return site.denied(denied);
    }
    let sent: Vec<&str> =
        fields.iter().filter(|(key, _)| key == REQUEST).map(|(_, it)| it.as_str()).collect();
    let requests: Option<Vec<(ExceptionId, u32)>> = sent
        .iter()
        .map(|it| {
            let (id, version) = it.split_once('@')?;
            id.parse().ok().zip(version.parse().ok())
        })
        .collect();
    let Some(requests) = requests else { return missing(&site, "that the form names") };
    let comment = value(&fields, COMMENT).unwrap_or_default().to_owned();
    let chosen = value(&fields, DECISION).map(str::to_owned);
    let decision = match chosen.as_deref() {
        Some("approve") if comment.trim().is_empty() => {
            Ok(BulkDecision::Approve { conditions: None })
        }
        Some("approve") => written(COMMENT, &comment, "Conditions")
            .map(|conditions| BulkDecision::Approve { conditions: Some(conditions) }),
        Some("reject") => {
            written(COMMENT, &comment, "Reason").map(|reason| BulkDecision::Reject { reason })
        }
        _ => Err(Mistake::at(DECISION, "Choose whether you approve or reject them.")),
    };
    match decision {
        Ok(decision) if !requests.is_empty() => {
            let decided = decide_exceptions(&site.postern, &requests, &decision).await;
            let outcomes = decided
                .into_iter()
                .map(|(id, outcome)| (id, outcome.map_err(|why| sentence(&why.to_string()))))
                .collect();
            let page = Page::alone("What was decided".to_owned(), Place::Exceptions);
            site.page(StatusCode::OK, page, || {
                view! { <OutcomePage outcomes=outcomes /> }.into_any()
            })
        }
        decision => {
            let ids: Vec<String> = requests.iter().map(|(id, _)| id.to_string()).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            match views(&site, &ids).await {
                Ok(views) => {
                    page(&site, views, chosen, comment, decision.err().into_iter().collect())
                }
                Err(response) => response,
            }
        }
    }
}

async fn views(site: &Visit, named: &[&str]) -> Result<Vec<ExceptionView>, Response> {
    if named.is_empty() || named.len() > MOST_AT_ONCE {
        let reason = format!(
            "Choose 1 to {MOST_AT_ONCE} requests in the list, and decide on them from there."
        );
        return Err(site.problem(Problem::NotExcepted { reason, about: None }));
    }
    let mut views = Vec::new();
    for id in named {
        views.push(find(site, id).await?);
    }
    Ok(views)
}

fn page(
    site: &Visit,
    views: Vec<ExceptionView>,
    chosen: Option<String>,
    comment: String,
    mistakes: Vec<Mistake>,
) -> Response {
    let (status, before) = match mistakes.as_slice() {
        [] => (StatusCode::OK, ""),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "Error: "),
    };
    let page = Page::alone(format!("{before}Decide on several requests"), Place::Exceptions);
    site.page(status, page, || {
        view! { <SeveralPage views=views chosen=chosen comment=comment mistakes=mistakes /> }
            .into_any()
    })
}

//! What is allowed, and what is kept.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_domain::person::Permission;
use postern_domain::verdict::Severity;
use postern_service::access::AccessError;
use postern_service::exception::{PolicyError, change_exception_policy, exception_policy};
use postern_service::retention::{
    RetentionError, preview_retention, set_retention, show_retention,
};
use postern_service::storage::show_storage;

use super::fields::Fields;
use super::{Page, Routes, Site, Visit, done};
use crate::address::{DONE, EDIT_POLICY, POLICY, PREVIEW_RETENTION, STORAGE, pairs, value};
use crate::frame::{PageAddress, Place};
use crate::page::admin::policy::{
    EnteredPolicy, EnteredRetention, ExceptionPolicyFormPage, PolicyPage, RetentionPreviewPage,
    StoragePage, policy_field, retention_field,
};
use crate::page::problem::sentence;
use crate::part::Mistake;

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes
        .get(POLICY, get_policy)
        .get(EDIT_POLICY, get_edit)
        .post(EDIT_POLICY, post_edit)
        .post(PREVIEW_RETENTION, post_retention)
        .get(STORAGE, get_storage)
}

async fn get_policy(site: Visit, RawQuery(query): RawQuery) -> Response {
    let done = match value(&pairs(query.as_deref()), DONE) {
        Some("allowed") => Some("What is allowed of exceptions is changed."),
        Some("kept") => Some("Things are kept as you said; what is due goes within an hour."),
        _ => None,
    };
    policy(&site, None, Vec::new(), done).await
}

/// The page, with what was entered about what is kept and what is wrong with it.
async fn policy(
    site: &Visit,
    entered: Option<EnteredRetention>,
    mistakes: Vec<Mistake>,
    done: Option<&'static str>,
) -> Response {
    let kept = match show_retention(&site.postern).await {
        Err(error) => return site.not_done(&error),
        Ok(kept) => kept,
    };
    let policy = match exception_policy(&site.postern).await {
        Err(error) => return site.failed(&error),
        Ok(policy) => policy,
    };
    let may_change = site.postern.actor().require(Permission::Configure).is_ok();
    let entered = entered.unwrap_or_else(|| EnteredRetention::of(&kept.retention));
    let entered = may_change.then_some(entered);
    let (status, error) = status(&mistakes);
    let page = Page::alone(format!("{error}Policy"), Place::Policy);
    site.page(status, page, || {
        view! { <PolicyPage policy=policy kept=kept entered=entered mistakes=mistakes done=done /> }
            .into_any()
    })
}

/// The status of a form, and what its title begins with.
fn status(mistakes: &[Mistake]) -> (StatusCode, &'static str) {
    match mistakes {
        [] => (StatusCode::OK, ""),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "Error: "),
    }
}

async fn get_edit(site: Visit) -> Response {
    if let Err(denied) = site.postern.require(Permission::Configure) {
        return site.denied(denied);
    }
    match exception_policy(&site.postern).await {
        Err(error) => site.failed(&error),
        Ok(policy) => form(&site, EnteredPolicy::of(&policy), Vec::new()),
    }
}

fn form(site: &Visit, entered: EnteredPolicy, mistakes: Vec<Mistake>) -> Response {
    let (status, error) = status(&mistakes);
    let title = format!("{error}Change what is allowed of exceptions");
    site.page(status, Page::alone(title, Place::Policy), || {
        view! { <ExceptionPolicyFormPage entered=entered mistakes=mistakes /> }.into_any()
    })
}

async fn post_edit(site: Visit, fields: Fields) -> Response {
    if let Err(denied) = site.postern.require(Permission::Configure) {
        return site.denied(denied);
    }
    let days = |severity: Severity| fields.one(severity.as_str()).to_owned();
    let entered = EnteredPolicy {
        days: [
            days(Severity::Critical),
            days(Severity::High),
            days(Severity::Medium),
            days(Severity::Low),
        ],
        approvers: fields.one(policy_field::APPROVERS).to_owned(),
        reason: fields.one(policy_field::REASON).to_owned(),
        seen: fields.one(policy_field::SEEN).to_owned(),
    };
    let wanted = match entered.policy() {
        Err(mistakes) => return form(&site, entered, mistakes),
        Ok(wanted) => wanted,
    };
    let changed = match entered.seen() {
        None => Err(PolicyError::Changed),
        Some(seen) => {
            change_exception_policy(&site.postern, &seen, &wanted, entered.reason.trim()).await
        }
    };
    match changed {
        Ok(()) => done(POLICY, "allowed"),
        Err(PolicyError::Denied(denied)) => site.denied(denied),
        Err(PolicyError::Store(error)) => site.failed(&error),
        Err(error @ (PolicyError::Refused { .. } | PolicyError::Changed)) => {
            form(&site, entered, vec![Mistake::of_all(sentence(&error.to_string()))])
        }
    }
}

async fn post_retention(site: Visit, fields: Fields) -> Response {
    if let Err(denied) = site.postern.require(Permission::Configure) {
        return site.denied(denied);
    }
    let entered = EnteredRetention {
        history: fields.one(retention_field::HISTORY).to_owned(),
        trend: fields.one(retention_field::TREND).to_owned(),
        failed_scans: fields.one(retention_field::FAILED_SCANS).to_owned(),
        reason: fields.one(retention_field::REASON).to_owned(),
    };
    let wanted = match entered.retention() {
        Err(mistakes) => return policy(&site, Some(entered), mistakes, None).await,
        Ok(wanted) => wanted,
    };
    let is_said = fields.one(retention_field::ACT) == "save";
    let mut mistakes = Vec::new();
    if is_said && entered.reason.trim().is_empty() {
        let why = "Enter why it is changed, for whoever reads the history.";
        mistakes.push(Mistake::at(retention_field::REASON, why));
    } else if is_said {
        // Sent twice, it is said once.
        let holds = match show_retention(&site.postern).await {
            Err(error) => return site.not_done(&error),
            Ok(holds) => holds.retention,
        };
        if holds != wanted
            && let Err(error) = set_retention(&site.postern, &wanted, entered.reason.trim()).await
        {
            return refused(&site, entered, error).await;
        }
        return done(POLICY, "kept");
    }
    match preview_retention(&site.postern, &wanted).await {
        Err(error) => refused(&site, entered, error).await,
        Ok(removals) => {
            let (status, error) = status(&mistakes);
            let page = Page::alone(format!("{error}What would go · Policy"), Place::Policy);
            site.page(status, page, || {
                view! {
                    <RetentionPreviewPage entered=entered wanted=wanted removals=removals mistakes=mistakes />
                }
                .into_any()
            })
        }
    }
}

async fn refused(site: &Visit, entered: EnteredRetention, error: RetentionError) -> Response {
    match error {
        RetentionError::Denied(denied) => site.not_done(&AccessError::Denied(denied)),
        RetentionError::Store(error) => site.failed(&error),
        RetentionError::Refused { .. } => {
            let mistake = Mistake::of_all(sentence(&error.to_string()));
            policy(site, Some(entered), vec![mistake], None).await
        }
    }
}

async fn get_storage(site: Visit) -> Response {
    match show_storage(&site.postern).await {
        Err(error) => {
            site.unread(&error, &PageAddress { path: STORAGE.to_owned(), pairs: Vec::new() })
        }
        Ok(view) => {
            let page = Page::alone("Room that the database takes".to_owned(), Place::Policy);
            site.page(StatusCode::OK, page, || view! { <StoragePage view=view /> }.into_any())
        }
    }
}

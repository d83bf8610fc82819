//! Notifications.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use postern_domain::id::DeliveryId;
use postern_domain::notification::delivery::Frequency;
use postern_domain::person::Permission;
use postern_service::notification::{
    Listed, NotificationError, list_deliveries, own_preference, prefer, retry_delivery,
};

use super::fields::Fields;
use super::{Page, Routes, Site, Visit, done};
use crate::address::{DONE, NOTIFICATIONS, RETRY, href, pairs, value};
use crate::frame::Place;
use crate::page::admin::notifications::{
    Done, FREQUENCY, MESSAGE, NotificationsPage, NotificationsShown, Sends,
};
use crate::page::problem::{Problem, sentence};

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes
        .get(NOTIFICATIONS, get_notifications)
        .post(NOTIFICATIONS, post_preference)
        .post(RETRY, post_retry)
}

async fn get_notifications(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    // Only what is a number of a message is repeated.
    let retried = value(&pairs, "retried").and_then(|id| id.parse::<DeliveryId>().ok());
    let what = match (retried, value(&pairs, DONE)) {
        (Some(id), _) => Some(Done::Retried(id.to_string())),
        (None, Some("preferred")) => Some(Done::Preferred),
        (None, _) => None,
    };
    let may = |permission| site.postern.actor().require(permission).is_ok();
    let own = match own_preference(&site.postern).await {
        Err(error) => return site.failed(&error),
        Ok(own) => own,
    };
    let failed = if may(Permission::Administer) {
        match list_deliveries(&site.postern, Listed::Failed).await {
            Err(error) => return site.not_done(&error),
            Ok(failed) => Some(failed),
        }
    } else {
        None
    };
    let sends = match &site.installation.channels {
        _ if !may(Permission::ReadEverything) => Sends::Untold,
        None => Sends::Nowhere,
        Some(channels) => Sends::To(channels.clone()),
    };
    let shown = NotificationsShown { own, sends, failed };
    let page = Page::alone("Notifications".to_owned(), Place::Notifications);
    site.page(StatusCode::OK, page, || {
        view! { <NotificationsPage shown=shown done=what /> }.into_any()
    })
}

async fn post_preference(site: Visit, fields: Fields) -> Response {
    let refused = |reason: &str| site.problem(Problem::Refused { reason: reason.to_owned() });
    let Ok(frequency) = fields.one(FREQUENCY).parse::<Frequency>() else {
        return refused("The form does not say how often you want mail.");
    };
    let Some(person) = site.postern.actor().person() else {
        return refused("Mail goes to people who sign in.");
    };
    match prefer(&site.postern, person, frequency).await {
        Ok(_) => done(NOTIFICATIONS, "preferred"),
        Err(error) => not_done(&site, &error),
    }
}

async fn post_retry(site: Visit, fields: Fields) -> Response {
    if let Err(denied) = site.postern.require(Permission::Administer) {
        return site.denied(denied);
    }
    let text = fields.one(MESSAGE);
    let Ok(id) = text.parse::<DeliveryId>() else {
        let what = format!("message \u{201c}{text}\u{201d}");
        return site.problem(Problem::NotFound { what });
    };
    match retry_delivery(&site.postern, id).await {
        Ok(_) => {
            let address = href(NOTIFICATIONS, &[("retried", &id.to_string())]);
            Redirect::to(&address).into_response()
        }
        Err(error) => not_done(&site, &error),
    }
}

fn not_done(site: &Visit, error: &NotificationError) -> Response {
    match error {
        NotificationError::Denied(denied) => site.denied(*denied),
        NotificationError::Store(error) => site.failed(error),
        NotificationError::NotFailed(_) | NotificationError::Nobody(_) => {
            site.problem(Problem::Refused { reason: sentence(&error.to_string()) })
        }
    }
}

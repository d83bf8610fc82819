//! The rules, the packs, and what another pack would change.

use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use postern_domain::id::RuleId;
use postern_domain::person::Permission;
use postern_domain::settings::PackSettings;
use postern_service::read::ReadError;
use postern_service::rules::{
    self, MOST_DAYS, RuleReadError, WhatIf, WhatIfError, compare_packs, list_packs,
    packs_to_compare,
};
use postern_service::view::KnownPackView;

use super::routes::Routes;
use super::visit::{Page, Site, Visit, address_of};
use crate::address::{RULES, pairs, read_rules, value};
use crate::frame::Place;
use crate::page::packs::PacksPage;
use crate::page::packs::compare::{ComparePage, Entered, FROM, LAST, Outcome, SETTINGS, TO};
use crate::page::problem::{Problem, sentence};
use crate::page::rules::RulesPage;
use crate::page::rules::rule::RulePage;

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes
        .get("/rules", get_rules)
        .get("/rules/{id}", get_rule)
        .get("/packs", get_packs)
        .get("/packs/compare", get_compare)
}

impl Visit {
    fn may(&self, permission: Permission) -> bool {
        self.postern.actor().require(permission).is_ok()
    }

    /// Rules could not be shown.
    pub(super) fn rules_unread(&self, error: &RuleReadError) -> Response {
        match error {
            RuleReadError::Read(error) => self.unread(error, &address_of(RULES, None)),
            RuleReadError::Active(error) => self.failed(error),
        }
    }
}

async fn get_rules(site: Visit, RawQuery(query): RawQuery) -> Response {
    let (address, ignored) = read_rules(query.as_deref());
    let asked = address.connection.as_deref();
    match rules::list_rules(&site.postern, asked, address.query).await {
        Err(error) => site.rules_unread(&error),
        Ok(None) => site.no_view(asked),
        Ok(Some(view)) => {
            let page = Page::of("Rules".to_owned(), Place::Rules, &view.connections);
            let may_see_packs = site.may(Permission::ReadEverything);
            site.page(StatusCode::OK, page, || {
                view! { <RulesPage view=view ignored=ignored may_see_packs=may_see_packs /> }
                    .into_any()
            })
        }
    }
}

async fn get_rule(site: Visit, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let missing = || Problem::NotFound { what: format!("rule \u{201c}{id}\u{201d}") };
    let Ok(rule) = id.parse::<RuleId>() else { return site.problem(missing()) };
    let pairs = pairs(query.as_deref());
    match rules::show_rule(&site.postern, value(&pairs, "connection"), &rule).await {
        Err(error) => site.rules_unread(&error),
        Ok(None) => site.problem(missing()),
        Ok(Some(view)) => {
            let title = format!("{} {}", view.rule.id, view.rule.title);
            let page = Page::of(title, Place::Rules, &view.connections);
            site.page(StatusCode::OK, page, || view! { <RulePage view=view /> }.into_any())
        }
    }
}

async fn get_packs(site: Visit) -> Response {
    match list_packs(&site.postern).await {
        Err(error) => site.rules_unread(&error),
        Ok(view) => {
            let page = Page::alone("Packs".to_owned(), Place::Rules);
            let may_configure = site.may(Permission::Configure);
            site.page(StatusCode::OK, page, || {
                view! { <PacksPage view=view may_configure=may_configure /> }.into_any()
            })
        }
    }
}

async fn get_compare(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let text = |key| value(&pairs, key).map(|value| value.trim().to_owned());
    let last = value(&pairs, LAST).and_then(|days| days.parse().ok());
    let entered = Entered {
        from: text(FROM),
        to: text(TO),
        settings: text(SETTINGS),
        last: last.filter(|days| (1..=MOST_DAYS).contains(days)),
    };
    let packs = match packs_to_compare(&site.postern).await {
        Ok(packs) => packs,
        Err(WhatIfError::Denied(denied)) => return site.denied(denied),
        Err(error) => return site.failed(&error),
    };
    let outcome = match asked(&entered) {
        Ok(None) => Ok(Outcome::NotAsked),
        Ok(Some(asked)) => outcome(&site, &asked).await,
        Err(reason) => Ok(Outcome::Refused { reason, is_too_long: false }),
    };
    match outcome {
        Ok(outcome) => show_compare(&site, entered, packs, outcome),
        Err(response) => *response,
    }
}

/// What the form asks for; nothing where it is not filled in.
fn asked(entered: &Entered) -> Result<Option<WhatIf>, String> {
    let (Some(old), Some(new)) = (entered.from.clone(), entered.to.clone()) else {
        return Ok(None);
    };
    let read = |text: &String| {
        let read = serde_json::from_str::<PackSettings>(text);
        read.map_err(|error| format!("The settings are not understood: {error}."))
    };
    let settings = entered.settings.as_ref().map(read).transpose()?;
    Ok(Some(WhatIf { old, new, settings, days: entered.last }))
}

async fn outcome(site: &Visit, asked: &WhatIf) -> Result<Outcome, Box<Response>> {
    match compare_packs(&site.postern, asked).await {
        Ok(view) => Ok(Outcome::Compared(Box::new(view))),
        Err(WhatIfError::Denied(denied)) => Err(Box::new(site.denied(denied))),
        Err(error @ WhatIfError::Read(ReadError::Store(_))) => Err(Box::new(site.failed(&error))),
        Err(error) => {
            let is_too_long = matches!(error, WhatIfError::TooLong);
            let mut reason = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                reason = format!("{reason}: {cause}");
                source = cause.source();
            }
            Ok(Outcome::Refused { reason: sentence(&reason), is_too_long })
        }
    }
}

fn show_compare(
    site: &Visit,
    entered: Entered,
    packs: Vec<KnownPackView>,
    outcome: Outcome,
) -> Response {
    let (status, title) = match outcome {
        Outcome::Refused { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "Error: What if"),
        _ => (StatusCode::OK, "What if"),
    };
    let page = Page::alone(title.to_owned(), Place::Rules);
    site.page(status, page, || {
        view! { <ComparePage entered=entered packs=packs outcome=outcome /> }.into_any()
    })
}

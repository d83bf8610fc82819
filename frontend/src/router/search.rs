//! Going to something by its id, and finding it by its name.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use postern_domain::id::{AssetNumber, ExceptionId, FindingId, ScanId};
use postern_service::rules::list_rules;
use postern_service::view::{FindingQuery, FindingStatus, ResourceQuery, RuleQuery};
use postern_service::{finding, resource};

use super::routes::Routes;
use super::visit::{Page, Site, Visit, address_of};
use crate::address::{
    SEARCH, SUGGEST, exception_href, finding_href, pairs, resource_href, rule_href, value,
};
use crate::frame::Place;
use crate::page::scans::scan_href;
use crate::page::search::{Found, SHOWN, SearchPage};

/// Of each kind that is suggested, at most.
const SUGGESTED: u32 = 4;

pub(super) fn add(routes: Routes<Site>) -> Routes<Site> {
    routes.get(SEARCH, get_search).get(SUGGEST, get_suggestions)
}

async fn get_search(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let text = value(&pairs, "q").map(str::trim).unwrap_or_default().to_owned();
    if let Some(address) = named(&text) {
        return Redirect::to(&address).into_response();
    }
    let asked = value(&pairs, "connection");
    let address = address_of(SEARCH, query.as_deref());
    let rules = RuleQuery { text: Some(text.clone()), ..RuleQuery::default() };
    let rules = match list_rules(&site.postern, asked, rules).await {
        Err(error) => return site.rules_unread(&error),
        Ok(None) => return site.no_view(asked),
        Ok(Some(view)) => view,
    };
    if let Some(rule) = rules.rules.iter().find(|rule| rule.id.as_str().eq_ignore_ascii_case(&text))
    {
        return Redirect::to(&rule_href(&rule.id, asked)).into_response();
    }
    let mut page = Page::of("Search".to_owned(), Place::Elsewhere, &rules.connections);
    if text.is_empty() {
        return site.page(StatusCode::OK, page, || view! { <SearchPage found=None /> }.into_any());
    }
    let resources = ResourceQuery {
        connection: asked.map(str::to_owned),
        text: Some(text.clone()),
        limit: SHOWN,
        ..ResourceQuery::default()
    };
    let resources = match resource::list_resources(&site.postern, resources).await {
        Err(error) => return site.unread(&error, &address),
        Ok(None) => return site.no_view(asked),
        Ok(Some(view)) => view,
    };
    let findings = FindingQuery {
        connection: asked.map(str::to_owned),
        status: FindingStatus::Open,
        text: Some(text.clone()),
        limit: SHOWN,
        ..FindingQuery::default()
    };
    let findings = match finding::list_findings(&site.postern, findings).await {
        Err(error) => return site.unread(&error, &address),
        Ok(None) => return site.no_view(asked),
        Ok(Some(view)) => view,
    };
    page.title = format!("{text} · {}", page.title);
    let found = Found { text, resources, findings, rules };
    site.page(StatusCode::OK, page, || view! { <SearchPage found=Some(found) /> }.into_any())
}

/// What a text leads to: a line each, with its address, what it is, and its name, tabs between.
async fn get_suggestions(site: Visit, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let text = value(&pairs, "q").map(str::trim).unwrap_or_default().to_owned();
    let connection = value(&pairs, "connection");
    if text.is_empty() {
        return String::new().into_response();
    }
    let mut lines = Vec::new();
    if let Some(address) = named(&text) {
        lines.push((address, "by its id".to_owned(), text.to_uppercase()));
    }
    let resources = ResourceQuery {
        connection: connection.map(str::to_owned),
        text: Some(text.clone()),
        limit: SUGGESTED,
        ..ResourceQuery::default()
    };
    match resource::list_resources(&site.postern, resources).await {
        Err(error) => return site.unread(&error, &address_of(SEARCH, query.as_deref())),
        Ok(None) => return site.no_view(connection),
        Ok(Some(view)) => lines.extend(view.rows.into_iter().map(|row| {
            let kind = row.asset.asset_type.label().to_owned();
            (resource_href(row.number, None), kind, row.asset.name)
        })),
    }
    let rules = RuleQuery { text: Some(text), ..RuleQuery::default() };
    match list_rules(&site.postern, connection, rules).await {
        Err(error) => return site.rules_unread(&error),
        Ok(None) => return site.no_view(connection),
        Ok(Some(view)) => {
            let rules = view.rules.into_iter().take(SUGGESTED as usize);
            lines.extend(rules.map(|rule| {
                let kind = "rule".to_owned();
                (rule_href(&rule.id, connection), kind, format!("{} · {}", rule.id, rule.title))
            }));
        }
    }
    let lines: Vec<String> = lines
        .into_iter()
        .map(|(address, kind, name)| {
            // A name is one line of words.
            format!("{address}\t{kind}\t{}", name.replace(['\t', '\n', '\r'], " "))
        })
        .collect();
    lines.join("\n").into_response()
}

/// The page of what an id names, whether or not there is such a thing: the page says so.
fn named(text: &str) -> Option<String> {
    let text = text.to_uppercase();
    let finding = text.parse::<FindingId>().map(|id| finding_href(id, None)).ok();
    finding
        .or_else(|| text.parse::<ExceptionId>().map(|id| exception_href(id, None)).ok())
        .or_else(|| text.parse::<ScanId>().map(scan_href).ok())
        .or_else(|| text.parse::<AssetNumber>().map(|number| resource_href(number, None)).ok())
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn an_id_leads_to_its_page() {
        let check =
            |text, address: Option<&str>| assert_eq!(named(text).as_deref(), address, "{text}");
        check("F-12", Some("/findings/F-12"));
        check("f-12", Some("/findings/F-12"));
        check("X-3", Some("/exceptions/X-3"));
        check("S-9", Some("/scans/S-9"));
        check("R-4", Some("/resources/R-4"));
        check("F-", None);
        check("F-12 ", None);
        check("oai-prod", None);
        check("//evil.example", None);
    }
}

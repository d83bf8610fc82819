//! Reading: a page of a list, or one object.

use std::borrow::Cow;

use serde_json::Value;

use super::Asked;
use super::kind;
use super::list::{Entries, entries};
use super::parameters::Parameters;
use super::refusal::{Refusal, forbidden, not_found, subscription_not_found};
use super::route::Route;
use super::{activity_log, cost, generic, introduced, metrics};
use crate::estate::Territory;
use crate::graph;
use crate::server::SharedState;
use crate::view::{View, subscription_id};

/// How many entries a page of generic resources has.
const GENERIC_PAGE: usize = 1000;

/// The body of the answer.
pub(super) fn read(state: &SharedState, asked: &Asked) -> Result<Vec<u8>, Refusal> {
    let (view, path) = (&asked.view, asked.original_path());
    let route = Route::parse(&asked.path).ok_or_else(|| not_found(path))?;
    let name = route.kind.name.to_ascii_lowercase();
    let territory = if route.subscription.is_empty() {
        None
    } else {
        let territory = view.territory(route.subscription);
        Some(territory.ok_or_else(|| subscription_not_found(route.subscription))?)
    };
    // The list of subscriptions is never refused: it holds those that the caller sees.
    let is_open = route.is_list && name == kind::SUBSCRIPTIONS;
    if !is_open && view.is_denied(route.scope(), &route.kind.action()) {
        return Err(forbidden(path, Some(&route)));
    }
    if name == kind::GRAPH {
        return graph::answer(&asked.body, view, &state.selections, &state.identity.tenant_id);
    }
    if let (kind::COST_QUERY, Some(territory)) = (name.as_str(), &territory) {
        return cost::answer(&asked.body, territory, route.subscription, state.day());
    }
    if let (kind::METRICS, Some(territory)) = (name.as_str(), &territory) {
        let resource = territory.resources.get(route.scope()).ok_or_else(|| not_found(path))?;
        let now = state.day().midnight().assume_utc();
        return metrics::answer(resource, asked.parameters(), now);
    }
    if !route.is_list {
        return object(view, territory.as_deref(), &route, asked);
    }
    if name == kind::ACTIVITY_LOG {
        activity_log::Filter::read(asked.parameters())?.check_age(state.day())?;
    }
    let entries = entries(view, territory.as_deref(), &route, asked.parameters(), path)?;
    let size = if name == kind::GENERIC_RESOURCES { GENERIC_PAGE } else { state.page_size };
    let page = Page { asked, entries: &entries, size: page_size(&name, size) };
    Ok(page.write(&name, &state.origin(&asked.parts.headers)))
}

/// Diagnostic settings and pricings come whole.
fn page_size(name: &str, size: usize) -> usize {
    match name {
        "microsoft.insights/diagnosticsettings" | "microsoft.security/pricings" => usize::MAX,
        _ => size,
    }
}

/// Everything that a complete read of a list path gives, whatever the caller may see.
pub(crate) fn complete_list(view: &View, path: &str) -> Option<Vec<Value>> {
    let (path, query) =
        path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let lower = path.trim_end_matches('/').to_ascii_lowercase();
    let route = Route::parse(&lower).filter(|route| route.is_list)?;
    let territory = view.territory(route.subscription);
    let parameters = Parameters(query);
    let entries = entries(view, territory.as_deref(), &route, parameters, path).ok()?;
    let name = route.kind.name.to_ascii_lowercase();
    let selected = activity_log::selected(parameters);
    Some(entries.iter().map(|entry| shape(&name, None, &selected, entry).into_owned()).collect())
}

fn object(
    view: &View,
    territory: Option<&Territory>,
    route: &Route<'_>,
    asked: &Asked,
) -> Result<Vec<u8>, Refusal> {
    let path = asked.original_path();
    if view.is_unknown_to_arm(route.path) {
        return Err(not_found(path));
    }
    let subscriptions = view.holding.subscriptions();
    let found = if route.kind.name == "Microsoft.Resources/subscriptions" {
        subscriptions.iter().find(|own| subscription_id(own) == route.subscription)
    } else {
        territory.and_then(|territory| {
            let resource = territory.resources.get(route.path);
            resource.or_else(|| territory.objects.get(route.path))
        })
    };
    let found = found.ok_or_else(|| not_found(path))?;
    let shown = view.odd_body(route.path).unwrap_or(found);
    let version = asked.parameters().get("api-version");
    let name = route.kind.name.to_ascii_lowercase();
    Ok(introduced::shape(&name, version.as_deref(), shown).to_string().into_bytes())
}

fn shape<'a>(
    name: &str,
    version: Option<&str>,
    selected: &[String],
    entry: &'a Value,
) -> Cow<'a, Value> {
    match name {
        kind::GENERIC_RESOURCES => generic::shape(entry),
        kind::ACTIVITY_LOG => activity_log::shape(entry, selected),
        _ => introduced::shape(name, version, entry),
    }
}

/// A page of a list.
struct Page<'a> {
    asked: &'a Asked,
    entries: &'a Entries<'a>,
    size: usize,
}

impl Page<'_> {
    fn write(&self, name: &str, origin: &str) -> Vec<u8> {
        let parameters = self.asked.parameters();
        let skip: usize = parameters
            .get("$skiptoken")
            .and_then(|token| token.strip_prefix("page")?.parse().ok())
            .unwrap_or(0);
        let selected = activity_log::selected(parameters);
        let version = parameters.get("api-version");
        let mut body = br#"{"value":["#.to_vec();
        for (position, entry) in self.entries.iter().skip(skip).take(self.size).enumerate() {
            if position > 0 {
                body.push(b',');
            }
            let shaped = shape(name, version.as_deref(), &selected, entry);
            serde_json::to_writer(&mut body, &shaped).expect("JSON values are written to memory");
        }
        body.push(b']');
        let next = skip.saturating_add(self.size);
        let link = self.asked.view.faults.link(&self.asked.path);
        if next < self.entries.len() || link.is_endless {
            // A loop goes back to the first page, with Azure's own token for it.
            let next = if link.is_looping { 0 } else { next };
            let text = self.link(link.origin.unwrap_or(origin), next);
            body.extend(br#","nextLink":"#);
            body.extend(Value::String(text).to_string().into_bytes());
        }
        body.push(b'}');
        body
    }

    fn link(&self, origin: &str, next: usize) -> String {
        let path = self.asked.parts.uri.path();
        let query = self.asked.parameters().without_token();
        format!("{origin}{path}?{query}&$skipToken=page{next}")
    }
}

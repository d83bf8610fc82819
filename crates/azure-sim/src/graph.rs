//! Azure Resource Graph: queries over all subscriptions.

mod evaluate;
mod lexer;
mod page;
mod parser;
mod record;
mod scope;
mod select;
mod syntax;

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::arm::refusal::Refusal;
use crate::estate::Holding;
use crate::random::uuid;
use crate::view::View;
use page::Page;
pub(crate) use record::resource_row;
use scope::Scope;
pub(crate) use scope::chain;
use select::Selection;
use syntax::QueryError;

/// How many selections are kept: as many as a scan has going, for a page is asked for soon or never.
const KEPT: usize = 64;
/// What Azure sends where nothing else is asked for, and at most.
const DEFAULT_TOP: usize = 100;
const MAX_TOP: usize = 1000;

/// The selections whose further pages may be asked for.
#[derive(Debug, Default)]
pub(crate) struct Selections(Mutex<VecDeque<Kept>>);

#[derive(Debug)]
struct Kept {
    fingerprint: u64,
    holding: Arc<Holding>,
    selection: Arc<Selection>,
}

/// Answers a query: the body of the response.
pub(crate) fn answer(
    body: &[u8],
    view: &View,
    selections: &Selections,
    tenant: &str,
) -> Result<Vec<u8>, Refusal> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|_| bad_request("InvalidRequestBody", "The request content was invalid."))?;
    let Some(query) = body["query"].as_str() else {
        return Err(bad_request("MissingQuery", "The query is missing."));
    };
    let options = Options::read(&body["options"])?;
    let fingerprint = fingerprint(&body);
    let skip = match &options.token {
        Some(token) => position(token, fingerprint).ok_or_else(|| {
            bad_request("InvalidSkipToken", "The $skipToken is invalid for this query.")
        })?,
        None => options.skip,
    };
    let kept = selections.find(fingerprint, &view.holding).filter(|_| skip > 0);
    let selection = if let Some(kept) = kept {
        kept
    } else {
        let query = parser::parse(query).map_err(|error| refuse_query(&error))?;
        let scope = Scope::read(&body, query.table, view)?;
        let selection = Arc::new(Selection::make(query, scope, view, tenant));
        selections.keep(fingerprint, &view.holding, &selection);
        selection
    };
    Ok(write(&selection, skip, options.top, fingerprint, view, tenant))
}

fn write(
    selection: &Selection,
    skip: usize,
    top: usize,
    fingerprint: u64,
    view: &View,
    tenant: &str,
) -> Vec<u8> {
    let total = selection.rows.len();
    let is_cut = view.faults.truncates_graph();
    let available = if is_cut { total / 2 } else { total };
    let end = skip.saturating_add(top).min(available);
    let page = Page::write(selection, skip.min(end)..end, view, tenant);
    let is_endless = view.faults.link("/providers/microsoft.resourcegraph/resources").is_endless;
    let has_more = (end < total && !is_cut) || is_endless;
    let token = (has_more && selection.query.keeps_id)
        .then(|| token(fingerprint, skip.saturating_add(top)));
    // With a token the rest can be had, so that nothing counts as truncated.
    let truncated = if token.is_none() && end < total { "true" } else { "false" };
    let count = page.count;
    let mut answer = format!(r#"{{"totalRecords":{total},"count":{count},"data":["#).into_bytes();
    answer.extend(page.data);
    answer.extend(format!(r#"],"facets":[],"resultTruncated":"{truncated}""#).into_bytes());
    if let Some(token) = token {
        answer.extend(format!(r#","$skipToken":"{token}""#).into_bytes());
    }
    answer.push(b'}');
    answer
}

/// The options of a query that concern its pages.
struct Options {
    top: usize,
    skip: usize,
    token: Option<String>,
}

impl Options {
    fn read(options: &Value) -> Result<Self, Refusal> {
        let number = |key: &str, default: usize| match &options[key] {
            Value::Null => Some(default),
            value => value.as_u64().and_then(|number| usize::try_from(number).ok()),
        };
        let top = number("$top", DEFAULT_TOP).filter(|top| (1..=MAX_TOP).contains(top));
        let top = top.ok_or_else(|| {
            bad_request("InvalidTop", "The $top of the options must be between 1 and 1000.")
        })?;
        let skip = number("$skip", 0)
            .ok_or_else(|| bad_request("InvalidSkip", "The $skip of the options is invalid."))?;
        let token = match &options["$skipToken"] {
            Value::Null => None,
            Value::String(token) => Some(token.clone()),
            _ => return Err(bad_request("InvalidSkipToken", "The $skipToken is no text.")),
        };
        match options["resultFormat"].as_str() {
            None | Some("objectArray") => Ok(Self { top, skip, token }),
            Some(_) => Err(bad_request(
                "UnsupportedResultFormat",
                "The simulated Azure answers with the resultFormat objectArray only.",
            )),
        }
    }
}

impl Selections {
    fn find(&self, fingerprint: u64, holding: &Arc<Holding>) -> Option<Arc<Selection>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept
            .iter()
            .rev()
            .find(|kept| kept.fingerprint == fingerprint && Arc::ptr_eq(&kept.holding, holding))?;
        Some(Arc::clone(&found.selection))
    }

    fn keep(&self, fingerprint: u64, holding: &Arc<Holding>, selection: &Arc<Selection>) {
        let (holding, selection) = (Arc::clone(holding), Arc::clone(selection));
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|kept| kept.fingerprint != fingerprint && Arc::ptr_eq(&kept.holding, &holding));
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(Kept { fingerprint, holding, selection });
    }
}

/// Tells queries apart: the query, its scope and its filter, but not its pages.
fn fingerprint(body: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in [&body["query"], &body["subscriptions"], &body["managementGroups"]] {
        part.to_string().hash(&mut hasher);
    }
    body["options"]["authorizationScopeFilter"].to_string().hash(&mut hasher);
    hasher.finish()
}

/// Opaque to callers, as Azure's are.
fn token(fingerprint: u64, skip: usize) -> String {
    let plain = format!("{fingerprint:016x}:{skip}");
    plain.bytes().fold(String::new(), |mut token, byte| {
        write!(token, "{:02x}", byte ^ 0x5a).expect("text is written to memory");
        token
    })
}

/// Where a token of the query leads.
fn position(token: &str, expected: u64) -> Option<usize> {
    let bytes: Option<Vec<u8>> = (0..token.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(token.get(at..at + 2)?, 16).ok().map(|byte| byte ^ 0x5a))
        .collect();
    let plain = String::from_utf8(bytes?).ok()?;
    let (own, skip) = plain.split_once(':')?;
    if u64::from_str_radix(own, 16).ok()? != expected {
        return None;
    }
    skip.parse().ok()
}

fn bad_request(code: &str, message: &str) -> Refusal {
    refuse(vec![json!({"code": code, "message": message})])
}

fn refuse_query(error: &QueryError) -> Refusal {
    refuse(vec![
        json!({
            "code": "InvalidQuery",
            "message": "Query is invalid. Please refer to the documentation for the Azure Resource Graph service \
                        and fix the error before retrying."
        }),
        json!({
            "code": error.code,
            "message": error.message,
            "line": error.line,
            "characterPositionInLine": error.position,
            "token": error.token,
        }),
    ])
}

/// The outer message is Azure's too: what is wrong is said in the details.
fn refuse(details: Vec<Value>) -> Refusal {
    let message = format!(
        "Please provide below info when asking for support: timestamp = 2026-01-01T00:00:00.0000000Z, \
         correlationId = {}.",
        uuid(0, &["graph"])
    );
    Refusal::bad_request("BadRequest", message).with_details(details)
}

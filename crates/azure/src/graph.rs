//! Resource Graph: one query over hundreds of subscriptions, page by page.
//!
//! Source: Microsoft's guidance for throttled requests and for large results (`$skipToken`, `resultTruncated`).

mod query;

use std::collections::VecDeque;

use postern_domain::gap::{GapKind, GapReason};
use serde_json::{Value, json};

use crate::client::{ArmClient, ArmList, Failure, malformed};
use crate::operation::RESOURCES;

pub(crate) use query::Query;

/// How many subscriptions one query names; Microsoft advises fewer than 300.
pub(crate) const SUBSCRIPTIONS_PER_QUERY: usize = 250;
/// How many rows a page has at most.
pub(crate) const ROWS_PER_PAGE: usize = 1000;

impl ArmClient {
    /// The rows of a query over the subscriptions, as far as they could be read.
    pub(crate) async fn rows(&self, query: &Query, subscriptions: &[String]) -> ArmList {
        let mut list = ArmList::default();
        let mut parts: VecDeque<&[String]> =
            subscriptions.chunks(SUBSCRIPTIONS_PER_QUERY).collect();
        while let Some(part) = parts.pop_front() {
            let before = list.entries.len();
            match self.pages(query, part, &mut list.entries).await {
                Ok(()) => {}
                Err(Incomplete::Truncated) if part.len() > 1 => {
                    // Fewer subscriptions have fewer rows.
                    list.entries.truncate(before);
                    let (one, two) = part.split_at(part.len() / 2);
                    parts.push_front(two);
                    parts.push_front(one);
                }
                Err(incomplete) => {
                    list.failure.get_or_insert(incomplete.into_failure(query));
                }
            }
        }
        list
    }

    async fn pages(
        &self,
        query: &Query,
        subscriptions: &[String],
        rows: &mut Vec<Value>,
    ) -> Result<(), Incomplete> {
        let mut token: Option<String> = None;
        let mut pages = 0;
        loop {
            let body = body(query, subscriptions, token.as_deref());
            let answer = self.post(&RESOURCES, "/", &body).await.map_err(Incomplete::Failed)?;
            let page = read_page(query, answer).map_err(Incomplete::Failed)?;
            let is_empty = page.rows.is_empty();
            rows.extend(page.rows);
            pages += 1;
            if page.token.is_none() {
                return if page.is_truncated { Err(Incomplete::Truncated) } else { Ok(()) };
            }
            if is_empty || page.token == token || pages >= self.page_limit() {
                let message = format!("the pages of {} do not end", query.subject);
                return Err(Incomplete::Failed(malformed(message)));
            }
            token = page.token;
        }
    }
}

/// Why a query's rows are not all there.
enum Incomplete {
    /// Resource Graph cut the result and gave no way to go on.
    Truncated,
    Failed(Failure),
}

impl Incomplete {
    fn into_failure(self, query: &Query) -> Failure {
        match self {
            Self::Failed(failure) => failure,
            Self::Truncated => Failure(GapReason::new(
                GapKind::Truncated,
                format!("Resource Graph cut the list of {} short", query.subject),
            )),
        }
    }
}

fn body(query: &Query, subscriptions: &[String], token: Option<&str>) -> Value {
    let mut options = json!({"$top": ROWS_PER_PAGE, "resultFormat": "objectArray"});
    if let Some(token) = token {
        options["$skipToken"] = json!(token);
    }
    if query.is_above_too {
        options["authorizationScopeFilter"] = json!("AtScopeAboveAndBelow");
    }
    json!({"subscriptions": subscriptions, "query": query.text, "options": options})
}

struct Page {
    rows: Vec<Value>,
    is_truncated: bool,
    token: Option<String>,
}

fn read_page(query: &Query, mut body: Value) -> Result<Page, Failure> {
    let Some(Value::Array(rows)) = body.get_mut("data").map(Value::take) else {
        let message = format!("Resource Graph's list of {} has no rows \"data\"", query.subject);
        return Err(malformed(message));
    };
    let is_truncated = match body.get("resultTruncated") {
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        Some(Value::Bool(is_truncated)) => *is_truncated,
        _ => false,
    };
    let token = body.get("$skipToken").and_then(Value::as_str).filter(|token| !token.is_empty());
    Ok(Page { rows, is_truncated, token: token.map(str::to_owned) })
}

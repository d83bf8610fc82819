//! Lists over their pages.

use std::collections::HashSet;

use postern_domain::gap::{GapKind, GapReason};
use serde_json::Value;
use url::Url;

use super::{ArmClient, Failure, Question, host, malformed};
use crate::operation::Operation;

/// What a list held, as far as it could be read.
#[derive(Debug, Default)]
pub(crate) struct ArmList {
    pub entries: Vec<Value>,
    pub failure: Option<Failure>,
}

impl ArmClient {
    /// Reads a list below `scope` to its end, or as far as it can be read.
    pub(crate) async fn list(&self, operation: &Operation, scope: &str) -> ArmList {
        self.list_where(operation, scope, &[], |_| true).await
    }

    /// Likewise with further parameters; of the entries only those that are wanted are kept.
    pub(crate) async fn list_where(
        &self,
        operation: &Operation,
        scope: &str,
        query: &[(&str, &str)],
        is_wanted: impl Fn(&Value) -> bool + Send,
    ) -> ArmList {
        let mut list = ArmList::default();
        let mut asked = HashSet::new();
        let mut next = Some(self.address(operation, scope, query));
        while let Some(url) = next.take() {
            let page = self.page(operation, &url, &mut asked).await;
            match page {
                Ok(page) => {
                    list.entries.extend(page.entries.into_iter().filter(&is_wanted));
                    if list.entries.len() > self.0.limits.entries {
                        let most = self.0.limits.entries;
                        let message = format!("{} has more than {most} entries", operation.name);
                        list.failure = Some(Failure(GapReason::new(GapKind::Truncated, message)));
                        break;
                    }
                    match page.next_link.map(|link| self.follow(operation, &link)).transpose() {
                        Ok(link) => next = link,
                        Err(failure) => list.failure = Some(failure),
                    }
                }
                Err(failure) => list.failure = Some(failure),
            }
        }
        list
    }

    async fn page(
        &self,
        operation: &Operation,
        url: &Url,
        asked: &mut HashSet<Url>,
    ) -> Result<Page, Failure> {
        if !asked.insert(url.clone()) {
            return Err(malformed(format!("{} leads back to a page already read", operation.name)));
        }
        if asked.len() > self.0.limits.pages {
            let message = format!("{} has more than {} pages", operation.name, self.0.limits.pages);
            return Err(Failure(GapReason::new(GapKind::Truncated, message)));
        }
        let body = self.ask(Question { operation, url, body: None }).await?;
        read_page(operation, body)
    }

    /// A page's successor, unchanged; refused on any other host, which would be handed our token.
    fn follow(&self, operation: &Operation, link: &str) -> Result<Url, Failure> {
        let url = Url::parse(link)
            .map_err(|_| malformed(format!("the next page of {} is no URL", operation.name)))?;
        if url.origin() == self.0.endpoint.origin() {
            return Ok(url);
        }
        let message = format!(
            "the next page of {} is on another host ({}) and was not read",
            operation.name,
            host(&url)
        );
        Err(malformed(message))
    }
}

struct Page {
    entries: Vec<Value>,
    next_link: Option<String>,
}

fn read_page(operation: &Operation, mut body: Value) -> Result<Page, Failure> {
    let Some(Value::Array(entries)) = body.get_mut("value").map(Value::take) else {
        return Err(malformed(format!("the answer to {} has no list \"value\"", operation.name)));
    };
    let next_link = match body.get("nextLink") {
        None | Some(Value::Null) => None,
        Some(Value::String(link)) => Some(link.clone()).filter(|link| !link.is_empty()),
        Some(_) => {
            return Err(malformed(format!("the next page of {} is no URL", operation.name)));
        }
    };
    Ok(Page { entries, next_link })
}

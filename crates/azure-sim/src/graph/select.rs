//! Which rows a query has: found once, and kept for the pages that follow.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::evaluate::order;
use super::record::Record;
use super::scope::Scope;
use super::syntax::{Direction, Expression, Named, Query, Stage};
use crate::estate::Territory;
use crate::view::View;

/// The rows of a query over a scope on one day.
#[derive(Debug)]
pub(super) struct Selection {
    pub query: Query,
    pub scope: Scope,
    pub rows: Rows,
}

#[derive(Debug)]
pub(super) enum Rows {
    /// Where the rows are; their columns are made when they are sent, since 100,000 of them are large.
    Places(Vec<Place>),
    /// The rows themselves, where the query puts several together.
    Ready(Vec<Value>),
}

/// Where a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The position of the subscription in the scope, or one of the two below.
    pub source: u32,
    /// The position in the subscription's table.
    pub index: u32,
}

/// The source of the rows that belong to no subscription.
pub(super) const ABOVE: u32 = u32::MAX;
/// The source of the rows that faults add.
pub(super) const ODD: u32 = u32::MAX - 1;

impl Rows {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Places(places) => places.len(),
            Self::Ready(rows) => rows.len(),
        }
    }
}

impl Selection {
    pub(super) fn make(query: Query, scope: Scope, view: &View, tenant: &str) -> Self {
        let rows = if is_row_by_row(&query.stages) {
            Rows::Places(places(&query, &scope, view, tenant))
        } else {
            Rows::Ready(ready(&query, &scope, view, tenant))
        };
        Self { query, scope, rows }
    }
}

/// Whether each row can be found and made on its own: rows are sorted at most once, and cut at the very end.
fn is_row_by_row(stages: &[Stage]) -> bool {
    let orders = stages.iter().filter(|stage| matches!(stage, Stage::Order(_))).count();
    let before_limit = match stages.split_last() {
        Some((Stage::Limit(_), before)) => before,
        _ => stages,
    };
    let is_simple = |stage: &Stage| {
        matches!(stage, Stage::Where(_) | Stage::Extend(_) | Stage::Project(_) | Stage::Order(_))
    };
    orders <= 1 && before_limit.iter().all(is_simple)
}

/// The rows of a table in a subscription with their lower-case ids, in a fixed order.
pub(super) fn table_rows<'a>(
    territory: &'a Territory,
    table: &str,
) -> Box<dyn Iterator<Item = (Option<&'a str>, &'a Value)> + 'a> {
    if table == "resources" {
        return Box::new(territory.resources.iter().map(|(id, row)| (Some(id.as_str()), row)));
    }
    let rows = territory.tables.get(table).map(Vec::as_slice).unwrap_or_default();
    Box::new(rows.iter().map(|row| (None, row)))
}

/// Whether the caller sees a row.
fn is_visible(view: &View, id: Option<&str>, row: &Value, has_denials: bool) -> bool {
    let owned;
    let id = if let Some(id) = id {
        id
    } else {
        owned = row["id"].as_str().unwrap_or_default().to_ascii_lowercase();
        &owned
    };
    if view.is_unknown_to_graph(id) {
        return false;
    }
    if !has_denials {
        return true;
    }
    let kind = row["type"].as_str().unwrap_or_default();
    !view.is_denied(id, &read_action(kind))
}

/// The action that shows a row: its type's read, but the policy states have one only for querying them.
fn read_action(kind: &str) -> String {
    if kind.eq_ignore_ascii_case("microsoft.policyinsights/policystates") {
        return "Microsoft.PolicyInsights/policyStates/queryResults/read".to_owned();
    }
    format!("{kind}/read")
}

/// Calls with every row of a table that the caller sees, and with where it is.
fn each_row(table: &str, scope: &Scope, view: &View, mut found: impl FnMut(Place, &Value)) {
    let has_denials = view.is_restricted();
    for (source, subscription) in (0..).zip(&scope.subscriptions) {
        let Some(territory) = view.territory(subscription) else { continue };
        for (index, (id, row)) in (0..).zip(table_rows(&territory, table)) {
            if !is_visible(view, id, row, has_denials) {
                continue;
            }
            found(Place { source, index }, row);
        }
    }
    for (index, row) in (0..).zip(&scope.above) {
        if is_visible(view, None, row, has_denials) {
            found(Place { source: ABOVE, index }, row);
        }
    }
}

fn places(query: &Query, scope: &Scope, view: &View, tenant: &str) -> Vec<Place> {
    let sorting = query.stages.iter().find_map(|stage| match stage {
        Stage::Order(keys) => Some(keys.as_slice()),
        _ => None,
    });
    let mut found: Vec<(Vec<Value>, Place)> = Vec::new();
    each_row(query.table, scope, view, |place, row| {
        let mut record = Record::new(row, query.table, tenant);
        let mut keys = Vec::new();
        for stage in &query.stages {
            if let Stage::Order(sorting) = stage {
                keys = sort_keys(sorting, &record);
            } else if !record.pass(stage) {
                return;
            }
        }
        found.push((keys, place));
    });
    if let Some(sorting) = sorting {
        found.sort_by(|(left, _), (right, _)| order_keys(sorting, left, right));
    }
    let mut places: Vec<Place> = found.into_iter().map(|(_, place)| place).collect();
    if query.table == "resources" {
        // Not filtered, except by their type: they are there to be met.
        for (index, row) in (0..).zip(&view.faults.changes.rows) {
            let is_object = row.get("type").is_some_and(Value::is_string);
            let mut record = Record::new(row, query.table, tenant);
            if !is_object || query.stages.iter().all(|stage| record.pass(stage)) {
                places.push(Place { source: ODD, index });
            }
        }
    }
    if let Some(Stage::Limit(limit)) = query.stages.last() {
        places.truncate(*limit);
    }
    places
}

fn sort_keys(sorting: &[(Expression, Direction)], record: &Record<'_>) -> Vec<Value> {
    sorting.iter().map(|(key, _)| evaluate_owned(key, record)).collect()
}

fn evaluate_owned(expression: &Expression, record: &Record<'_>) -> Value {
    expression.evaluate(record).into_owned()
}

fn order_keys(sorting: &[(Expression, Direction)], left: &[Value], right: &[Value]) -> Ordering {
    let pairs = sorting.iter().zip(left.iter().zip(right));
    pairs.fold(Ordering::Equal, |so_far, ((_, direction), (left, right))| {
        so_far.then_with(|| match direction {
            Direction::Ascending => order(left, right),
            Direction::Descending => order(right, left),
        })
    })
}

/// Stage after stage over all rows.
fn ready(query: &Query, scope: &Scope, view: &View, tenant: &str) -> Vec<Value> {
    let is_first =
        |stage: &Stage| matches!(stage, Stage::Where(_) | Stage::Extend(_) | Stage::Project(_));
    let count = query.stages.iter().take_while(|stage| is_first(stage)).count();
    let (first, rest) = query.stages.split_at(count);
    let mut rows = Vec::new();
    each_row(query.table, scope, view, |_, row| {
        let mut record = Record::new(row, query.table, tenant);
        if first.iter().all(|stage| record.pass(stage)) {
            rows.push(record.into_row());
        }
    });
    rest.iter().fold(rows, run)
}

fn run(mut rows: Vec<Value>, stage: &Stage) -> Vec<Value> {
    match stage {
        Stage::Where(_) | Stage::Extend(_) | Stage::Project(_) => rows
            .iter()
            .filter_map(|row| {
                let mut record = Record::of_row(row);
                record.pass(stage).then(|| record.into_row())
            })
            .collect(),
        Stage::Order(sorting) => {
            rows.sort_by_cached_key(|row| Sorted {
                keys: sort_keys(sorting, &Record::of_row(row)),
                sorting,
            });
            rows
        }
        Stage::Limit(limit) => {
            rows.truncate(*limit);
            rows
        }
        Stage::Count => vec![json!({"Count": rows.len()})],
        Stage::Distinct(by) => summarize(&rows, &[], by),
        Stage::Summarize { counts, by } => summarize(&rows, counts, by),
    }
}

struct Sorted<'a> {
    keys: Vec<Value>,
    sorting: &'a [(Expression, Direction)],
}

impl Ord for Sorted<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        order_keys(self.sorting, &self.keys, &other.keys)
    }
}

impl PartialOrd for Sorted<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Sorted<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Sorted<'_> {}

/// One row for each combination of the groups' values.
fn summarize(rows: &[Value], counts: &[String], by: &[Named]) -> Vec<Value> {
    let mut groups: BTreeMap<String, (Value, usize)> = BTreeMap::new();
    for row in rows {
        let record = Record::of_row(row);
        let group: Value = by
            .iter()
            .map(|named| (named.name.clone(), evaluate_owned(&named.value, &record)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        groups.entry(group.to_string()).or_insert((group, 0)).1 += 1;
    }
    if by.is_empty() {
        // Without groups there is one row, also for no rows.
        groups.entry("{}".to_owned()).or_insert((json!({}), 0));
    }
    groups
        .into_values()
        .map(|(mut row, number)| {
            for name in counts {
                row[name.as_str()] = json!(number);
            }
            row
        })
        .collect()
}

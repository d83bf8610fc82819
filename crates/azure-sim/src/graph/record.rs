//! One row while a query runs over it.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::syntax::{COLUMNS, Named, Stage};

/// A row of a table, and the columns that the query made of it.
#[derive(Clone, Debug)]
pub(super) struct Record<'a> {
    base: &'a Value,
    /// Whether the columns are made of an ARM resource, or are there as they are.
    is_resource: bool,
    tenant: &'a str,
    made: Vec<(&'a str, Cow<'a, Value>)>,
    /// Whether only the made columns are left.
    is_projected: bool,
}

impl<'a> Record<'a> {
    pub(super) fn new(base: &'a Value, table: &str, tenant: &'a str) -> Self {
        let is_resource = table == "resources";
        Self { base, is_resource, tenant, made: Vec::new(), is_projected: false }
    }

    /// A row that has its columns already.
    pub(super) fn of_row(base: &'a Value) -> Self {
        Self { base, is_resource: false, tenant: "", made: Vec::new(), is_projected: false }
    }

    /// A column's value; null where the row does not have it.
    pub(super) fn column(&self, name: &str) -> Cow<'a, Value> {
        if let Some((_, value)) = self.made.iter().rev().find(|(own, _)| *own == name) {
            return value.clone();
        }
        if self.is_projected {
            return Cow::Owned(Value::Null);
        }
        if self.is_resource {
            return resource_column(self.base, name, self.tenant);
        }
        self.base.get(name).map_or(Cow::Owned(Value::Null), Cow::Borrowed)
    }

    /// Runs a stage that looks at one row only; whether the row stays.
    pub(super) fn pass(&mut self, stage: &'a Stage) -> bool {
        match stage {
            Stage::Where(condition) => return condition.holds(self),
            Stage::Extend(named) => {
                let made: Vec<_> = self.make(named);
                self.made.extend(made);
            }
            Stage::Project(named) | Stage::Distinct(named) => {
                self.made = self.make(named);
                self.is_projected = true;
            }
            Stage::Order(_) | Stage::Summarize { .. } | Stage::Limit(_) | Stage::Count => {}
        }
        true
    }

    fn make(&self, named: &'a [Named]) -> Vec<(&'a str, Cow<'a, Value>)> {
        named.iter().map(|named| (named.name.as_str(), named.value.evaluate(self))).collect()
    }

    /// The row as it is sent.
    pub(super) fn into_row(self) -> Value {
        let mut row = Map::new();
        if !self.is_projected {
            if self.is_resource {
                for (name, _) in COLUMNS {
                    row.insert(name.to_owned(), self.column(name).into_owned());
                }
            } else if let Value::Object(columns) = self.base {
                row.extend(columns.clone());
            }
        }
        for (name, value) in self.made {
            row.insert(name.to_owned(), value.into_owned());
        }
        Value::Object(row)
    }
}

/// The row of Resource Graph's table `resources` for a resource.
pub(crate) fn resource_row(resource: &Value, tenant: &str) -> Value {
    Record::new(resource, "resources", tenant).into_row()
}

fn resource_column<'a>(resource: &'a Value, name: &str, tenant: &str) -> Cow<'a, Value> {
    let own = resource.get(name);
    let id = || resource["id"].as_str().unwrap_or_default();
    match name {
        "type" => Cow::Owned(own.and_then(Value::as_str).map_or(Value::Null, lower)),
        "tenantId" => Cow::Owned(json!(tenant)),
        "subscriptionId" => Cow::Owned(json!(part(id(), 2))),
        "resourceGroup" => Cow::Owned(lower(part(id(), 4))),
        // Columns of text are empty where there is nothing, not null.
        "kind" | "location" | "managedBy" => own
            .filter(|value| !value.is_null())
            .map_or_else(|| Cow::Owned(Value::String(String::new())), Cow::Borrowed),
        _ => own.map_or(Cow::Owned(Value::Null), Cow::Borrowed),
    }
}

fn lower(text: &str) -> Value {
    Value::String(text.to_ascii_lowercase())
}

/// A part of an id: 2 is the subscription, 4 the resource group.
fn part(id: &str, position: usize) -> &str {
    id.split('/').nth(position).unwrap_or_default()
}

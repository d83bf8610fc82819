//! Expressions over a row, with Kusto's rules for null, text and case.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use super::record::Record;
use super::syntax::{Expression, Function, Membership, Operator, Step};

impl Expression {
    /// Whether a condition is true; null counts as false.
    pub(super) fn holds(&self, record: &Record<'_>) -> bool {
        match self {
            Self::And(terms) => terms.iter().all(|term| term.holds(record)),
            Self::Or(terms) => terms.iter().any(|term| term.holds(record)),
            Self::Compare(operator, left, right) => {
                compare(*operator, &left.evaluate(record), &right.evaluate(record))
            }
            Self::Among { how, subject, choices } => {
                let subject = subject.evaluate(record);
                among(*how, &subject, choices.iter().map(|choice| choice.evaluate(record)))
            }
            Self::Call(Function::Not, inner) => !inner.holds(record),
            _ => self.evaluate(record).as_bool().unwrap_or(false),
        }
    }

    pub(super) fn evaluate<'a>(&'a self, record: &Record<'a>) -> Cow<'a, Value> {
        match self {
            Self::Literal(value) => Cow::Borrowed(value),
            Self::Path { column, steps } => follow(record.column(column), steps),
            Self::Call(function, argument) => {
                let value = argument.evaluate(record);
                Cow::Owned(match function {
                    Function::Not => Value::Bool(!argument.holds(record)),
                    Function::IsNull => Value::Bool(value.is_null()),
                    Function::IsNotNull => Value::Bool(!value.is_null()),
                    Function::IsEmpty => Value::Bool(text(&value).is_empty()),
                    Function::IsNotEmpty => Value::Bool(!text(&value).is_empty()),
                    Function::ToString => Value::String(text(&value).into_owned()),
                    Function::ToLower => Value::String(text(&value).to_ascii_lowercase()),
                })
            }
            _ => Cow::Owned(Value::Bool(self.holds(record))),
        }
    }
}

fn follow<'a>(value: Cow<'a, Value>, steps: &[Step]) -> Cow<'a, Value> {
    if steps.is_empty() {
        return value;
    }
    match value {
        Cow::Borrowed(value) => {
            descend(value, steps).map_or(Cow::Owned(Value::Null), Cow::Borrowed)
        }
        Cow::Owned(value) => Cow::Owned(descend(&value, steps).cloned().unwrap_or_default()),
    }
}

fn descend<'a>(value: &'a Value, steps: &[Step]) -> Option<&'a Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    })
}

/// As `tostring` makes it.
fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

fn compare(operator: Operator, left: &Value, right: &Value) -> bool {
    match operator {
        Operator::Equal => equal(left, right),
        // Two nulls are neither equal nor different.
        Operator::NotEqual => !(equal(left, right) || left.is_null() && right.is_null()),
        Operator::EqualAnyCase => text(left).eq_ignore_ascii_case(&text(right)),
        Operator::NotEqualAnyCase => !text(left).eq_ignore_ascii_case(&text(right)),
        Operator::Less => rank(left, right) == Some(Ordering::Less),
        Operator::Greater => rank(left, right) == Some(Ordering::Greater),
        Operator::LessOrEqual => rank(left, right).is_some_and(Ordering::is_le),
        Operator::GreaterOrEqual => rank(left, right).is_some_and(Ordering::is_ge),
        _ => {
            let left = text(left).to_ascii_lowercase();
            let right = text(right).to_ascii_lowercase();
            match operator {
                Operator::Contains => left.contains(&right),
                Operator::NotContains => !left.contains(&right),
                Operator::StartsWith => left.starts_with(&right),
                Operator::EndsWith => left.ends_with(&right),
                _ => has_term(&left, &right),
            }
        }
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::String(_), _) | (_, Value::String(_)) => text(left) == text(right),
        _ => left == right,
    }
}

fn rank(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// Whether a whole word of the text is the term; both in lower case.
fn has_term(text: &str, term: &str) -> bool {
    let is_edge = |neighbour: Option<char>| neighbour.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(term).any(|(start, _)| {
        let (before, rest) = text.split_at(start);
        let after = rest.get(term.len()..).unwrap_or_default();
        is_edge(before.chars().next_back()) && is_edge(after.chars().next())
    })
}

fn among<'a>(
    how: Membership,
    subject: &Value,
    mut choices: impl Iterator<Item = Cow<'a, Value>>,
) -> bool {
    match how {
        Membership::In => choices.any(|choice| equal(subject, &choice)),
        Membership::NotIn => !choices.any(|choice| equal(subject, &choice)),
        Membership::InAnyCase => {
            choices.any(|choice| compare(Operator::EqualAnyCase, subject, &choice))
        }
        Membership::NotInAnyCase => {
            !choices.any(|choice| compare(Operator::EqualAnyCase, subject, &choice))
        }
        Membership::HasAny => choices.any(|choice| compare(Operator::Has, subject, &choice)),
    }
}

/// The order of keys: null first, then by kind, then by value.
pub(super) fn order(left: &Value, right: &Value) -> Ordering {
    let class = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        _ => 4,
    };
    class(left).cmp(&class(right)).then_with(|| match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        _ => rank(left, right).unwrap_or(Ordering::Equal),
    })
}

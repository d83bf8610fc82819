//! A look at a value before anything is built for evidence.
//!
//! Reading through a node makes the path that evidence names it by, which costs more than the look itself.
//! What is not there, or of another shape, is `None` here: the reading says which of the two it is.

use postern_rules_sdk::Value;

/// The text at a path.
pub fn text<'a>(value: &'a Value<'a>, path: &str) -> Option<&'a str> {
    at(value, path)?.as_str()
}

/// The value at a path.
pub fn at<'a>(value: &'a Value<'a>, path: &str) -> Option<&'a Value<'a>> {
    path.split('.').try_fold(value, |value, step| value.as_object()?.get(step))
}

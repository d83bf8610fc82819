//! JSON that is written in parts.

use std::io::Write;

use serde::Serialize;

use crate::ReportError;

/// Writes text as it is.
pub(crate) fn put(out: &mut impl Write, text: &str) -> Result<(), ReportError> {
    out.write_all(text.as_bytes()).map_err(ReportError::Write)
}

/// Writes a value as JSON.
pub(crate) fn write(out: &mut impl Write, value: &impl Serialize) -> Result<(), ReportError> {
    let text = serde_json::to_vec(value)?;
    out.write_all(&text).map_err(ReportError::Write)
}

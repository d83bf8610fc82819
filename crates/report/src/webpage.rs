//! The HTML: one file that needs nothing else, for a screen and for paper.

mod view;

use std::io::Write;

use askama::Template as _;

use self::view::WebPage;
use crate::ReportError;
use crate::model::ReportModel;

/// Writes the report as one HTML file, with its styles in it and no script: nothing is loaded, and nothing in it is run.
///
/// What findings say is text, whatever signs it has; what is invisible or would reorder its neighbours is named.
pub fn write_html(model: &ReportModel, mut out: impl Write) -> Result<(), ReportError> {
    WebPage::of(model)?.write_into(&mut out).map_err(ReportError::Write)?;
    out.flush().map_err(ReportError::Write)
}

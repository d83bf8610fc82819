//! Showing findings: the list and one with everything that a decision needs.

mod counts;
mod cursor;
mod grouped;
mod list;
mod selection;
mod show;
mod whole;

pub(crate) use self::list::row_view;
pub use self::list::{MAX_ROWS, list_findings};
pub use self::selection::{MOST_SELECTED, SelectionError, select_findings};
pub use self::show::show_finding;
pub(crate) use self::whole::list_all;
pub use crate::read::ReadError;

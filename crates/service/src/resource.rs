//! Showing resources: the list of assets, and one with all that is known of it.

mod cursor;
mod filter;
mod list;
mod portal;
mod show;

pub(crate) use self::filter::Assets;
pub use self::list::{MAX_ROWS, list_resources};
pub use self::show::{ResourceRequest, show_resource};
pub use crate::read::ReadError;

//! Asking for an exception: a form, and a page to check what it says before it is sent.

mod check;
mod covered;
mod entered;
mod form;
mod reading;
mod subject;

pub use check::{ACTION, CHANGE, CheckPage, DRAFT};
pub use entered::{EXTENDS, Entered, VERSION};
pub use form::RequestFormPage;
pub use reading::{check_dates, day, read_request, written};
pub use subject::{Subject, SubjectError};

use postern_domain::exception::status::ExceptionStatus;
use postern_domain::id::ExceptionId;

/// What a form is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// A first request.
    New,
    /// A request to accept for longer what an exception accepts.
    Extension(ExceptionId),
    /// Other words for a draft or a request.
    Change {
        /// Which.
        id: ExceptionId,
        /// The version that was read.
        version: u32,
        /// How it stands.
        status: ExceptionStatus,
    },
}

impl Asking {
    /// What the page is called.
    pub fn title(self) -> String {
        match self {
            Self::New => "File an exception".to_owned(),
            Self::Extension(id) => format!("Extend {id}"),
            Self::Change { id, .. } => format!("Change {id}"),
        }
    }
}

//! The routes as a whole.

mod access;
mod administration;
mod exceptions;
mod reports;

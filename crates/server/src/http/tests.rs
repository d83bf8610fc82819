//! The routes as a whole.

mod access;
mod exceptions;

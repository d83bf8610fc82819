//! The routes as a whole.

mod access;

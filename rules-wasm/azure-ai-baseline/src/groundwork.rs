//! What rules of more than one topic use.

pub mod access;
pub mod address_range;
pub mod azure;
pub mod compute_body;
pub mod reads;
pub mod scope;
pub mod settings;
pub mod words;

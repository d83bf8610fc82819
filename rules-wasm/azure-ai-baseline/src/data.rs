//! Data: encryption, residency, and the ways out.

mod account_storage;
mod capability;
mod customer_managed_key;
mod encryption_key;
mod key_vault;
mod linked_storage;
mod outbound;
mod own_key;
mod prompt_storage;
pub mod region;
mod search_service;
mod sources;
mod tls;
mod workspace;

use postern_rules_sdk::Rule;

/// The rules of the topic.
pub static RULES: &[&Rule] = &[
    &outbound::RESTRICTED,
    &outbound::ADDRESSES,
    &customer_managed_key::ACCOUNT,
    &key_vault::RECOVERABLE,
    &key_vault::CLOSED,
    &key_vault::ROLES,
    &encryption_key::RENEWED,
    &encryption_key::STRONG,
    &account_storage::OWN,
    &prompt_storage::COMPLETIONS,
    &prompt_storage::ABUSE_MONITORING,
    &region::PROCESSING,
    &region::APPROVED,
    &customer_managed_key::SEARCH,
    &search_service::EXFILTRATION,
    &search_service::CONFIDENTIAL,
    &customer_managed_key::BOT,
    &tls::ENDPOINTS,
    &linked_storage::TRANSPORT,
    &linked_storage::ANONYMOUS,
    &workspace::OWN_KEY,
    &workspace::HIGH_IMPACT,
    &workspace::ISOLATION,
];

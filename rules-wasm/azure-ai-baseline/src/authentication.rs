//! Authentication: keys, identities, and who may list keys.

mod administrators;
mod ai_roles;
mod bot_channels;
mod bot_identity;
mod connections;
mod custom_roles;
mod identity_rights;
mod key_listers;
mod key_operations;
mod key_use;
mod keys;
mod linked_storage;
mod managed_identity;
mod none;
mod role;
mod search_tokens;
mod sources;
mod workspace;
mod workspace_compute;
mod workspace_endpoints;

use postern_rules_sdk::Rule;

/// The rules of the topic.
pub static RULES: &[&Rule] = &[
    &keys::ACCOUNT,
    &keys::SEARCH,
    &search_tokens::TOKENS,
    &keys::BOT,
    &connections::SECRETS,
    &connections::REACH,
    &managed_identity::ACCOUNT,
    &managed_identity::SEARCH,
    &bot_identity::TENANCY,
    &key_use::ROTATED,
    &key_use::LISTED,
    &administrators::APPROVED,
    &administrators::GROUPS,
    &custom_roles::NARROW,
    &ai_roles::LEAST,
    &identity_rights::NARROW,
    &linked_storage::SHARED_KEY,
    &key_listers::FEW,
    &bot_channels::DIRECT_LINE,
    &bot_channels::EMAIL,
    &workspace_compute::LOCAL_USERS,
    &workspace_endpoints::ONLINE_AND_BATCH,
    &workspace_endpoints::SERVERLESS,
    &workspace::SYSTEM_DATASTORES,
    &workspace::DATASTORES,
    &workspace::OWN_IDENTITY,
    &workspace_compute::PERSONAL,
];

//! Networking: who can reach a resource, and where it can reach out to.

mod addresses;
mod agents;
mod agents_outbound;
mod bot_endpoint;
mod connections;
mod custom_domain;
mod exposed_keys;
mod found;
mod linked_resources;
mod name_resolution;
mod network_rules;
mod organisation;
mod outbound_rule;
mod perimeter;
mod private_endpoint;
mod public_access;
mod shared_links;
mod sources;
mod trusted_services;
pub mod workspace;
mod workspace_compute;
mod workspace_endpoints;
mod workspace_outbound;
mod workspace_private_endpoint;

use postern_rules_sdk::Rule;

/// The rules of the topic.
pub static RULES: &[&Rule] = &[
    &public_access::ACCOUNT,
    &public_access::SEARCH,
    &public_access::BOT,
    &network_rules::DEFAULT_ACTION,
    &network_rules::ALLOWED_ADDRESSES,
    &network_rules::SEARCH_ADDRESSES,
    &trusted_services::ACCOUNT,
    &trusted_services::SEARCH,
    &exposed_keys::EXPOSED_KEYS,
    &private_endpoint::ACCOUNT,
    &private_endpoint::SEARCH,
    &private_endpoint::BOT,
    &private_endpoint::CONNECTED,
    &name_resolution::RESOLVED,
    &custom_domain::CUSTOM_DOMAIN,
    &agents::INJECTED,
    &agents::ISOLATED,
    &agents_outbound::OUTBOUND,
    &perimeter::ENFORCED,
    &shared_links::SHARED_LINKS,
    &bot_endpoint::BOT_ENDPOINT,
    &linked_resources::LINKED,
    &connections::PRIVATE,
    &workspace::PUBLIC_ACCESS,
    &workspace::BEHIND_NETWORK,
    &workspace_private_endpoint::APPROVED,
    &workspace_outbound::ISOLATION_MODE,
    &workspace_outbound::OUTBOUND,
    &workspace_compute::SUBNET,
    &workspace_compute::NODE_IP,
    &workspace_compute::CLUSTER_SSH,
    &workspace_compute::INSTANCE_SSH,
    &workspace_compute::SERVERLESS,
    &workspace_endpoints::INBOUND,
    &workspace_endpoints::OUTBOUND,
];

//! Postern's first rules for Azure AI resources: accounts, Search services and Machine Learning workspaces.
//!
//! One module a subject; a rule's id is its row in the project's table of Azure facts.
//! An absent property is judged by what Azure documents for it, never by guess.

mod address_range;
mod azure;
mod customer_managed_key;
mod diagnostic_settings;
mod key_authentication;
mod managed_identity;
mod network_rules;
mod outbound;
mod private_endpoint;
mod public_access;
mod tls;

use postern_rules_sdk::Pack;

/// The pack.
pub static PACK: Pack = Pack {
    name: "azure-ai-baseline",
    version: env!("CARGO_PKG_VERSION"),
    description: "Network, authentication, encryption and logging of Azure AI services, AI Search and Machine Learning.",
    rules: &[
        &public_access::ACCOUNT,
        &public_access::WORKSPACE,
        &public_access::WORKSPACE_BEHIND_NETWORK,
        &public_access::SEARCH,
        &network_rules::DEFAULT_ACTION,
        &network_rules::ALLOWED_ADDRESSES,
        &network_rules::SEARCH_ADDRESSES,
        &private_endpoint::ACCOUNT,
        &private_endpoint::WORKSPACE,
        &private_endpoint::SEARCH,
        &key_authentication::ACCOUNT,
        &key_authentication::SEARCH,
        &managed_identity::ACCOUNT,
        &managed_identity::WORKSPACE,
        &managed_identity::SEARCH,
        &outbound::ACCOUNT,
        &outbound::WORKSPACE,
        &outbound::SEARCH,
        &customer_managed_key::ACCOUNT,
        &customer_managed_key::WORKSPACE,
        &customer_managed_key::SEARCH,
        &tls::ENDPOINTS,
        &diagnostic_settings::ACCOUNT,
        &diagnostic_settings::WORKSPACE,
        &diagnostic_settings::SEARCH,
    ],
};

#[cfg(target_arch = "wasm32")]
postern_rules_sdk::export_pack!(crate::PACK);

//! Postern's rules for Azure AI resources: accounts, Search services, Machine Learning workspaces, bots,
//! and the subscriptions that hold them.
//!
//! One folder a topic, one module a subject; a rule's id is its row in the project's table of Azure facts.
//! An absent property is judged by what Azure documents for it, never by guess.

mod authentication;
mod data;
mod groundwork;
mod models;
mod monitoring;
mod networking;
mod policy;

use postern_rules_sdk::Pack;

/// The pack.
pub static PACK: Pack = Pack {
    name: "azure-ai-baseline",
    version: env!("CARGO_PKG_VERSION"),
    description: "Policy, networking, authentication, data, monitoring and model governance of Azure AI services, AI Search, Machine Learning and bots.",
    reads_only: true,
    rules: &[
        policy::RULES,
        networking::RULES,
        authentication::RULES,
        data::RULES,
        monitoring::RULES,
        models::RULES,
    ],
};

#[cfg(target_arch = "wasm32")]
postern_rules_sdk::export_pack!(crate::PACK);

//! Models and content: what is deployed, and what filters it.

mod abuse;
mod approved;
mod capacity;
mod content_filters;
mod filter_mode;
mod filter_template;
mod filter_use;
mod free_tier;
mod lifecycle;
mod names;
mod owners;
mod region_models;
mod replicas;
mod state;
mod version;
mod workspace;
mod workspace_compute;

use postern_rules_sdk::Rule;

/// The rules of the topic.
pub static RULES: &[&Rule] = &[
    &approved::MODELS,
    &approved::DEPLOYMENT_TYPES,
    &lifecycle::RETIREMENT,
    &lifecycle::PREVIEW,
    &version::UPGRADES,
    &version::PINNED,
    &filter_use::NAMED,
    &content_filters::HARM,
    &content_filters::JAILBREAK,
    &content_filters::INDIRECT_ATTACK,
    &content_filters::PROTECTED_MATERIAL,
    &filter_mode::SYNCHRONOUS,
    &abuse::PENALTY,
    &capacity::QUOTA,
    &capacity::SPILLOVER,
    &state::SUCCEEDED,
    &replicas::SEARCH,
    &free_tier::PRODUCTION,
    &owners::PROJECTS,
    &workspace::CONTENT_SAFETY,
    &workspace::REGISTRIES,
    &workspace_compute::IDLE_SHUTDOWN,
    &workspace_compute::LATEST_IMAGE,
];

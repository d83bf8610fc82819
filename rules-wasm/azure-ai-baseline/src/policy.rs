//! Policy restrictions: what Azure Policy is set to prevent.
//!
//! What a subscription holds is not in its document, so that a subscription without AI resources is judged
//! like any other: a guardrail is of use before the first resource.

mod allowed;
mod assignment;
mod benchmark;
mod definitions;
mod enforcement;
mod exclusions;
mod exempted;
mod exemptions;
mod guardrail;
mod initiatives;
mod locks;
mod models;
mod reach;
mod reads;
mod remedies;
mod restrictions;
mod states;
mod tags;

use postern_rules_sdk::Rule;

/// The rules of the topic.
pub static RULES: &[&Rule] = &[
    &restrictions::NETWORK_ACCESS,
    &restrictions::KEYS,
    &restrictions::PRIVATE_ENDPOINTS,
    &restrictions::DIAGNOSTICS,
    &models::APPROVED_MODELS,
    &models::CONTENT_FILTERS,
    &allowed::REGIONS,
    &allowed::RESOURCE_TYPES,
    &benchmark::BENCHMARK_ASSIGNED,
    &enforcement::ENFORCED,
    &exclusions::NOTHING_EXCLUDED,
    &exemptions::EXPIRY,
    &exemptions::NARROW,
    &states::COMPLIANT,
    &enforcement::IDENTITY,
    &tags::REQUIRED,
    &locks::LOCKED,
    &restrictions::ANY,
];

//! Monitoring: logs, alerts, threat protection and budgets.

mod activity_log;
mod budget;
mod content_events;
mod defender;
mod defender_ai;
mod diagnostic_settings;
mod metric_alerts;
mod metrics;
mod subscription;
mod workspace;

use postern_rules_sdk::Rule;

/// The rules of the topic.
pub static RULES: &[&Rule] = &[
    &diagnostic_settings::ACCOUNT,
    &diagnostic_settings::SEARCH,
    &diagnostic_settings::BOT,
    &metric_alerts::TOKENS,
    &metric_alerts::THROTTLED,
    &metric_alerts::REFUSED,
    &metric_alerts::BLOCKED,
    &content_events::KEPT,
    &workspace::AUDIT_LOGS,
    &workspace::INSIGHTS,
    &workspace::NETWORK_MONITOR,
    &workspace::DEPLOYMENT_INSIGHTS,
    &subscription::ACTIVITY_LOG_KEPT,
    &defender_ai::PLAN,
    &defender_ai::EXTENSIONS,
    &defender_ai::ACCOUNT,
    &defender::POSTURE_PLAN,
    &defender::KEY_VAULT_AND_ARM_PLANS,
    &subscription::SECURITY_CONTACT,
    &defender::ALERTS,
    &activity_log::TAMPERING,
    &activity_log::SERVICE_HEALTH,
    &budget::BUDGET,
    &budget::FORECAST,
];

//! What the rules on alerts and on content events share.

/// The kinds of account that can have deployments of models.
pub const MODEL_KINDS: &[&str] = &["OpenAI", "AIServices"];

/// The metrics of accounts.
pub const METRICS: &str = "https://github.com/MicrosoftDocs/azure-monitor-docs/blob/11569762cdbdf6c07d8d818942a7ab58b0c66e19/articles/azure-monitor/reference/supported-metrics/microsoft-cognitiveservices-accounts-metrics.md";
/// Alerts that Microsoft proposes, with thresholds.
pub const BASELINE_ALERTS: &str = "https://github.com/Azure/azure-monitor-baseline-alerts/blob/b772e9f93427cb3e08ed4be305bd9f929a0ceb01/services/CognitiveServices/accounts/alerts.yaml";

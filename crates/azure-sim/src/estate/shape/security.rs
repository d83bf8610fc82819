//! Defender for Cloud's plans and contacts, and resource locks.

use serde_json::{Value, json};

use super::with;

/// A Defender plan (2024-01-01); `since` is when it was bought, `None` for the free one.
pub(in crate::estate) fn pricing(subscription: &str, plan: &str, since: Option<&str>) -> Value {
    let mut properties = json!({
        "pricingTier": if since.is_some() { "Standard" } else { "Free" },
        "freeTrialRemainingTime": "PT0S",
        "enforce": "False",
        "resourcesCoverageStatus": if since.is_some() { "FullyCovered" } else { "NotCovered" }
    });
    if let Some(since) = since {
        properties["enablementTime"] = json!(since);
        if plan == "AI" {
            properties["extensions"] = json!([
                {"name": "AIPromptEvidence", "isEnabled": "True"},
                {"name": "AIPromptSharingWithPurview", "isEnabled": "False"}
            ]);
        }
    }
    with(
        json!({
            "id": format!("/subscriptions/{subscription}/providers/Microsoft.Security/pricings/{plan}"),
            "name": plan,
            "type": "Microsoft.Security/pricings"
        }),
        "properties",
        properties,
    )
}

/// Whom Defender tells (2023-12-01-preview).
pub(in crate::estate) fn contact(subscription: &str, emails: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{subscription}/providers/Microsoft.Security/securityContacts/default"),
        "name": "default",
        "type": "Microsoft.Security/securityContacts",
        "properties": {
            "isEnabled": true,
            "emails": emails,
            "phone": "",
            "notificationsByRole": {"state": "On", "roles": ["Owner"]},
            "notificationsSources": [
                {"sourceType": "Alert", "minimalSeverity": "High"},
                {"sourceType": "AttackPath", "minimalRiskLevel": "Critical"}
            ]
        }
    })
}

/// A lock (2020-05-01) on a subscription, a group or a resource.
pub(in crate::estate) fn lock(scope: &str, name: &str, level: &str) -> Value {
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/locks/{name}"),
        "type": "Microsoft.Authorization/locks",
        "name": name,
        "properties": {"level": level, "notes": "Ask the platform team before removing this lock."}
    })
}

//! Budgets.

use serde_json::{Value, json};
use time::Date;

use super::midnight;

/// A subscription's monthly budget (Microsoft.Consumption 2024-08-01).
pub(in crate::estate) struct Budget<'a> {
    pub subscription: &'a str,
    pub name: &'a str,
    pub amount: f64,
    pub spent: f64,
    pub starts: Date,
    /// Whom it warns at 80 percent; nobody where it is empty.
    pub emails: &'a [&'a str],
}

impl Budget<'_> {
    pub(in crate::estate) fn body(&self) -> Value {
        let mut notifications = json!({});
        if !self.emails.is_empty() {
            notifications["Actual_GreaterThan_80_Percent"] = json!({
                "enabled": true,
                "operator": "GreaterThan",
                "threshold": 80.0,
                "contactEmails": self.emails,
                "contactRoles": ["Owner"],
                "contactGroups": [],
                "thresholdType": "Actual"
            });
            notifications["Forecasted_GreaterThan_100_Percent"] = json!({
                "enabled": true,
                "operator": "GreaterThan",
                "threshold": 100.0,
                "contactEmails": self.emails,
                "contactRoles": [],
                "contactGroups": [],
                "thresholdType": "Forecasted"
            });
        }
        let ends = self.starts.replace_year(self.starts.year() + 3).unwrap_or(self.starts);
        json!({
            // Without a slash at the beginning, as recorded.
            "id": format!("subscriptions/{}/providers/Microsoft.Consumption/budgets/{}", self.subscription, self.name),
            "name": self.name,
            "type": "Microsoft.Consumption/budgets",
            "eTag": "\"1d34d016a593709\"",
            "properties": {
                "category": "Cost",
                "amount": self.amount,
                "timeGrain": "Monthly",
                "timePeriod": {"startDate": midnight(self.starts), "endDate": midnight(ends)},
                "currentSpend": {"amount": self.spent, "unit": "EUR"},
                "notifications": notifications
            }
        })
    }
}

//! Budgets: what tells of runaway cost.
//!
//! What a subscription spends is not read, so that every subscription is asked for a budget.

use postern_rules_sdk::{
    AssetContext, Check, Evidence, Judgement, Node, OffsetDateTime, Outcome, Read, Remedy, Rule,
    SUBSCRIPTION, Severity, Topic, Unreadable, Value, Verdict, Words, fact,
};

use crate::groundwork::azure::LANDING_ZONE;

const BUDGETS: &str = "Budgets_List 2024-08-01";
const EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/consumption/resource-manager/Microsoft.Consumption/stable/2024-08-01/examples/BudgetsList.json";

const READS: [Read; 6] = [
    Read {
        path: "budgets[].id",
        source: BUDGETS,
        absent: "not documented: taken as a budget of the whole subscription",
    },
    Read {
        path: "budgets[].properties.timePeriod.startDate",
        source: BUDGETS,
        absent: "not documented: required",
    },
    Read {
        path: "budgets[].properties.timePeriod.endDate",
        source: BUDGETS,
        absent: "ten years after the start, so not ended",
    },
    Read {
        path: "budgets[].properties.filter",
        source: BUDGETS,
        absent: "all cost of the subscription",
    },
    Read {
        path: "budgets[].properties.notifications",
        source: BUDGETS,
        absent: "nobody is told; a notification without thresholdType is on actual cost",
    },
    Read {
        path: "budgets[].properties.notifications.*.contactEmails",
        source: BUDGETS,
        absent: "contactGroups and contactRoles say who is told; without any of them nobody is",
    },
];

/// MON-22: a budget that warns.
pub static BUDGET: Rule = Rule {
    id: "MON-22",
    title: "A budget warns of AI cost",
    topic: Topic::Monitoring,
    severity: Severity::Medium,
    severity_reason: "AI landing zone checklist AI.20: medium",
    rationale: "Models are billed per token, so that a leaked key or a loop in a program shows as cost first. \
                A budget with notifications on actual and on forecast cost tells somebody; it is evaluated once a day and stops nothing.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[
        "No subscription: what one spends is not in its document, so that one that spends nothing on AI is judged too.",
        "Budgets of resource groups do not count, because what a group holds is not known.",
    ],
    never: &[Verdict::NotApplicable],
    reads: &READS,
    settings: &[],
    remedy: Remedy {
        summary: "Create a monthly budget on the subscription with notifications on actual and on forecast cost. The az command creates no notifications; add them in the portal or by template.",
        az: Some(
            "az consumption budget create --subscription $NAME --budget-name ai-monthly --category cost --amount 1000 --time-grain monthly --start-date 2026-01-01 --end-date 2028-12-31",
        ),
        bicep: Some(NOTIFYING_BICEP),
        terraform: Some(NOTIFYING_TERRAFORM),
        portal: Some("Cost Management > Monitoring > Budgets > Add"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[EXAMPLE, LANDING_ZONE],
    judge: budget,
};

const NOTIFYING_BICEP: &str = "targetScope = 'subscription'\n\nresource budget 'Microsoft.Consumption/budgets@2024-08-01' = {\n  name: 'ai-monthly'\n  properties: {\n    category: 'Cost'\n    amount: 1000\n    timeGrain: 'Monthly'\n    timePeriod: { startDate: '2026-01-01', endDate: '2028-12-31' }\n    notifications: {\n      actual: { enabled: true, operator: 'GreaterThan', threshold: 80, thresholdType: 'Actual', contactEmails: ['finops@example.com'] }\n      forecast: { enabled: true, operator: 'GreaterThan', threshold: 100, thresholdType: 'Forecasted', contactEmails: ['finops@example.com'] }\n    }\n  }\n}";
const NOTIFYING_TERRAFORM: &str = "resource \"azurerm_consumption_budget_subscription\" \"ai\" {\n  name            = \"ai-monthly\"\n  subscription_id = \"$ID\"\n  amount          = 1000\n  time_grain      = \"Monthly\"\n  time_period {\n    start_date = \"2026-01-01T00:00:00Z\"\n    end_date   = \"2028-12-31T00:00:00Z\"\n  }\n  notification {\n    enabled        = true\n    operator       = \"GreaterThan\"\n    threshold      = 80\n    threshold_type = \"Actual\"\n    contact_emails = [\"finops@example.com\"]\n  }\n  notification {\n    enabled        = true\n    operator       = \"GreaterThan\"\n    threshold      = 100\n    threshold_type = \"Forecasted\"\n    contact_emails = [\"finops@example.com\"]\n  }\n}";

fn budget(subscription: &AssetContext<'_>) -> Outcome {
    let budgets = subscription.related(fact::BUDGETS)?;
    let now = subscription.taken_at()?;
    budgets.some(
        Words {
            pass: "A budget warns of actual and forecast cost.",
            fail: "No budget warns of actual and forecast cost.",
            none: "a budget on the subscription",
        },
        |budget| {
            if let Some(evidence) = not_in_force(budget, now)? {
                return Ok(Check::Bad(vec![evidence]));
            }
            let warns = Warnings::of(budget)?;
            let notifications = budget.object("properties.notifications")?;
            let evidence = notifications.expected_or(
                "enabled notifications on actual and on forecast cost, each with somebody to tell",
                "nobody is told",
            );
            Ok(Check::of(warns.on_actual && warns.on_forecast, evidence))
        },
    )
}

/// MON-23: a warning before the money is spent.
pub static FORECAST: Rule = Rule {
    id: "MON-23",
    title: "A budget warns before it is exceeded",
    topic: Topic::Monitoring,
    severity: Severity::Low,
    severity_reason: "our own judgement: a part of what AI landing zone checklist AI.20 asks for, which is medium as a whole",
    rationale: "A warning on actual cost comes when the money is gone. \
                One on the forecast, at or below the whole budget, comes while something can still be done.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &["Subscriptions without a budget in force, which MON-22 reports."],
    never: &[],
    reads: &READS,
    settings: &[],
    remedy: Remedy {
        summary: "Add a notification on forecast cost with a threshold of at most 100 percent. The az command has no argument for notifications.",
        az: None,
        bicep: Some(NOTIFYING_BICEP),
        terraform: Some(NOTIFYING_TERRAFORM),
        portal: Some(
            "Cost Management > Monitoring > Budgets > The budget > Edit budget > Set alerts > Forecasted",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[EXAMPLE, LANDING_ZONE],
    judge: forecast,
};

fn forecast(subscription: &AssetContext<'_>) -> Outcome {
    let budgets = subscription.related(fact::BUDGETS)?;
    let now = subscription.taken_at()?;
    let (mut bad, mut unreadable) = (Vec::new(), None);
    for budget in budgets.nodes() {
        let judged = not_in_force(&budget, now).and_then(|not_in_force| {
            if not_in_force.is_some() {
                return Ok(None);
            }
            let notifications = budget.object("properties.notifications")?;
            let evidence = notifications.expected_or(
                "a notification on forecast cost, at most at 100, with somebody to tell",
                "nobody is told",
            );
            Ok(Some((Warnings::of(&budget)?.on_forecast_in_time, evidence)))
        });
        match judged {
            Ok(Some((true, evidence))) => {
                return Ok(Judgement::pass("A budget warns before it is exceeded.", evidence));
            }
            Ok(Some((false, evidence))) => bad.push(evidence),
            Ok(None) => {}
            Err(error) => unreadable = unreadable.or(Some(error)),
        }
    }
    if let Some(error) = unreadable {
        return Err(error);
    }
    budgets.complete()?;
    let failed = postern_rules_sdk::failing("No budget warns before it is exceeded.", bad);
    Ok(failed.unwrap_or_else(|| {
        let evidence = budgets.expected("a budget in force, for the rule to apply");
        Judgement::not_applicable("The subscription has no budget in force.", evidence)
    }))
}

/// Evidence of why a budget does not watch AI cost now; `None` where it does.
fn not_in_force(budget: &Node<'_>, now: OffsetDateTime) -> Result<Option<Evidence>, Unreadable> {
    let id = budget.text("id")?;
    if id.value.is_some_and(|id| id.to_ascii_lowercase().contains("/resourcegroups/")) {
        return Ok(Some(id.expected("a budget of the whole subscription")));
    }
    let start = budget.moment("properties.timePeriod.startDate")?;
    match start.value {
        Some(start) if start <= now => {}
        Some(_) => return Ok(Some(start.expected("a day that has come"))),
        None => {
            return Err(Unreadable::new(
                start.expected("the day from which it holds"),
                "The budget does not say whether it has begun.",
            ));
        }
    }
    let end = budget.moment("properties.timePeriod.endDate")?;
    if end.value.is_some_and(|end| end <= now) {
        return Ok(Some(end.expected("a day in the future")));
    }
    let filter = budget.object("properties.filter")?;
    if filter.is_absent() || names_ai(budget)? {
        return Ok(None);
    }
    Ok(Some(filter.expected("no filter, or one on AI services alone")))
}

/// Whether the filter is on one dimension that names an AI service; a filter of several parts may leave some out.
fn names_ai(budget: &Node<'_>) -> Result<bool, Unreadable> {
    const DIMENSIONS: [&str; 3] = ["ServiceName", "MeterCategory", "ResourceType"];
    const SERVICES: [&str; 6] =
        ["cognitive", "openai", "azure ai", "foundry", "machinelearning", "machine learning"];
    let Some(filter) = budget.child("properties.filter")? else { return Ok(false) };
    let is_one_part = filter.list("and")?.is_absent() && filter.object("tags")?.is_absent();
    if !is_one_part || !filter.is_any_of("dimensions.name", &DIMENSIONS)? {
        return Ok(false);
    }
    let values = filter.list("dimensions.values")?.value.into_iter().flatten();
    Ok(values.filter_map(|value| value.as_str()).any(|value| {
        let value = value.to_ascii_lowercase();
        SERVICES.iter().any(|service| value.contains(service))
    }))
}

/// Whether a notification names somebody to tell.
fn tells_somebody(notification: &Node<'_>) -> Result<bool, Unreadable> {
    for path in ["contactEmails", "contactGroups", "contactRoles"] {
        let named = notification.list(path)?.value.unwrap_or_default();
        let is_given =
            |contact: &Value<'_>| contact.as_str().is_some_and(|to| !to.trim().is_empty());
        if named.iter().any(is_given) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a budget tells of.
#[derive(Debug, Default)]
struct Warnings {
    on_actual: bool,
    on_forecast: bool,
    /// With a threshold of at most the whole budget.
    on_forecast_in_time: bool,
}

impl Warnings {
    fn of(budget: &Node<'_>) -> Result<Self, Unreadable> {
        let mut warnings = Self::default();
        for (_, notification) in budget.fields("properties.notifications")? {
            // An example of Azure's has a text among the notifications.
            if notification.value().as_object().is_none()
                || !notification.flag("enabled")?.is_true()
                || !tells_somebody(&notification)?
            {
                continue;
            }
            if !notification.is_any_of("thresholdType", &["Forecasted"])? {
                warnings.on_actual = true;
                continue;
            }
            warnings.on_forecast = true;
            let is_above =
                notification.is_any_of("operator", &["GreaterThan", "GreaterThanOrEqualTo"])?;
            let threshold = notification.number("threshold")?.value;
            warnings.on_forecast_in_time |=
                is_above && threshold.is_some_and(|threshold| threshold <= 100.0);
        }
        Ok(warnings)
    }
}

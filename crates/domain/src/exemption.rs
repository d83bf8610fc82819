//! Azure Policy's own exemptions: what a subscription's list of them says, beside the assignments that they are from.

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::arm::ArmId;
use crate::exception::request::StandingScope;
use crate::moment;
use crate::scope::Scope;

/// Where the names of exemptions begin in their ids.
const EXEMPTIONS: &str = "/providers/microsoft.authorization/policyexemptions/";

/// An exemption (`Microsoft.Authorization/policyExemptions`, 2022-07-01-preview).
#[derive(Clone, Debug, PartialEq)]
pub struct Exemption {
    /// Its id as Azure wrote it.
    pub id: String,
    /// What people call it: its display name, else its name.
    pub name: String,
    /// What is exempt; `None` where that is a management group, for which no exception can be.
    pub scope: Option<StandingScope>,
    /// Why: `Waiver` or `Mitigated`.
    pub category: Option<ExemptionCategory>,
    /// Why, in words.
    pub description: Option<String>,
    /// When it ends; `None` where it never does.
    pub expires: Option<OffsetDateTime>,
    /// The policy that it is from, by its GUID; `None` where its assignment is of an initiative, or is not known.
    pub definition: Option<String>,
}

/// The category of an exemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExemptionCategory {
    /// The risk is accepted.
    Waiver,
    /// Something else protects.
    Mitigated,
}

impl Exemption {
    /// Whether it exempts nothing any more.
    pub fn is_over(&self, now: OffsetDateTime) -> bool {
        self.expires.is_some_and(|expires| now >= expires)
    }
}

/// How an exemption and the exceptions for the same differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Drift {
    /// Something fails that is exempt there and not excepted here.
    OnlyInAzure,
    /// It never ends there, or ends later than here.
    LaterInAzure,
    /// All that fails is excepted here too, for as long at least.
    None,
    /// Nothing fails in its scope.
    NothingFails,
    /// It has ended there.
    EndedInAzure,
}

impl Drift {
    /// How an exemption differs from the exceptions for the same at `now`: of `failing` findings in its scope, those are
    /// excepted that end at `ends`.
    pub fn of(
        exemption: &Exemption,
        failing: usize,
        ends: &[OffsetDateTime],
        now: OffsetDateTime,
    ) -> Self {
        let ends_later = match (exemption.expires, ends.iter().min()) {
            (None, _) => true,
            (Some(expires), Some(first)) => expires > *first,
            (Some(_), None) => false,
        };
        if exemption.is_over(now) {
            Self::EndedInAzure
        } else if failing == 0 {
            Self::NothingFails
        } else if ends.len() < failing {
            Self::OnlyInAzure
        } else if ends_later {
            Self::LaterInAzure
        } else {
            Self::None
        }
    }

    /// How they differ, in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::OnlyInAzure => "Exempt in Azure only",
            Self::LaterInAzure => "Ends later in Azure",
            Self::None => "The same here",
            Self::NothingFails => "Nothing fails there",
            Self::EndedInAzure => "Ended in Azure",
        }
    }
}

/// The exemptions of a list, those left out that are none; `assignments` is the list of the same subscription.
pub fn read(exemptions: &Value, assignments: &Value) -> Vec<Exemption> {
    entries(exemptions).filter_map(|entry| one(entry, assignments)).collect()
}

fn one(entry: &Value, assignments: &Value) -> Option<Exemption> {
    let id = text(entry, "/id")?;
    let at = id.to_ascii_lowercase().find(EXEMPTIONS)?;
    let named = text(entry, "/properties/displayName").filter(|name| !name.trim().is_empty());
    let category = match text(entry, "/properties/exemptionCategory") {
        Some(word) if word.eq_ignore_ascii_case("Waiver") => Some(ExemptionCategory::Waiver),
        Some(word) if word.eq_ignore_ascii_case("Mitigated") => Some(ExemptionCategory::Mitigated),
        _ => None,
    };
    Some(Exemption {
        id: id.to_owned(),
        name: named.or_else(|| id.rsplit('/').next()).unwrap_or(id).to_owned(),
        scope: scope(&id[..at]),
        category,
        description: text(entry, "/properties/description").map(str::to_owned),
        expires: text(entry, "/properties/expiresOn").and_then(|at| moment::parse(at).ok()),
        definition: text(entry, "/properties/policyAssignmentId")
            .and_then(|assignment| definition(assignment, assignments)),
    })
}

/// What is exempt, by what stands before the exemption in its id.
fn scope(id: &str) -> Option<StandingScope> {
    let parts: Vec<&str> = id.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [word, subscription] if word.eq_ignore_ascii_case("subscriptions") => {
            StandingScope::within(Scope::Subscription((*subscription).to_owned())).ok()
        }
        [word, _, groups, _]
            if word.eq_ignore_ascii_case("subscriptions")
                && groups.eq_ignore_ascii_case("resourceGroups") =>
        {
            StandingScope::within(Scope::ResourceGroup(id.to_owned())).ok()
        }
        [word, ..] if word.eq_ignore_ascii_case("subscriptions") => {
            Some(StandingScope::one(ArmId::parse(id).ok()?.asset_id()))
        }
        _ => None,
    }
}

/// The policy that an assignment assigns, by its GUID.
fn definition(assignment: &str, assignments: &Value) -> Option<String> {
    let is_it = |entry: &&Value| {
        let bare = |id: &str| id.trim_end_matches('/').to_ascii_lowercase();
        text(entry, "/id").is_some_and(|id| bare(id) == bare(assignment))
    };
    let assigned = entries(assignments).find(is_it)?;
    let definition = text(assigned, "/properties/policyDefinitionId")?.to_ascii_lowercase();
    let (kind, guid) = definition.rsplit_once('/')?;
    kind.ends_with("/policydefinitions").then(|| guid.to_owned())
}

fn entries(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    const ASSIGNMENT: &str =
        "/subscriptions/aaaa/providers/Microsoft.Authorization/policyAssignments/ai-network";

    fn exemption(scope: &str, properties: &Value) -> Value {
        let id = format!("{scope}/providers/Microsoft.Authorization/policyExemptions/lab");
        json!({"id": id, "name": "lab", "properties": properties})
    }

    fn assignments(definition: &str) -> Value {
        json!([{"id": ASSIGNMENT, "properties": {"policyDefinitionId": definition}}])
    }

    #[test]
    fn an_exemption_says_what_until_when_and_from_which_policy() {
        let of = "/providers/Microsoft.Authorization/policyDefinitions/037EEA7A-bd0a-46c5";
        let account = "/subscriptions/aaaa/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/a";
        let properties = json!({
            "policyAssignmentId": ASSIGNMENT.to_uppercase(), "exemptionCategory": "Mitigated",
            "displayName": "The lab", "description": "A gateway in front.", "expiresOn": "2026-09-01T00:00:00Z",
        });
        let read =
            read(&json!([exemption(account, &properties), {"id": "nothing"}, 7]), &assignments(of));
        let [exemption] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!(exemption.name, "The lab");
        assert_eq!(exemption.scope, Some(StandingScope::one(account.parse().unwrap())));
        assert_eq!(exemption.category, Some(ExemptionCategory::Mitigated));
        assert_eq!(exemption.expires, Some(datetime!(2026-09-01 0:00 UTC)));
        assert_eq!(exemption.definition.as_deref(), Some("037eea7a-bd0a-46c5"));
        assert!(exemption.is_over(datetime!(2026-09-01 0:00 UTC)));
        assert!(!exemption.is_over(datetime!(2026-08-31 23:59 UTC)));
    }

    #[test]
    fn an_exemption_differs_where_it_frees_more_or_for_longer() {
        let now = datetime!(2026-06-01 0:00 UTC);
        let end = |days: i64| now + time::Duration::days(days);
        let properties = json!({"policyAssignmentId": ASSIGNMENT});
        let entry = exemption("/subscriptions/aaaa", &properties);
        let forever = read(&json!([entry]), &json!([])).pop().unwrap();
        let check = |expires: Option<i64>, failing, ends: &[i64], expected| {
            let exemption = Exemption { expires: expires.map(end), ..forever.clone() };
            let ends: Vec<OffsetDateTime> = ends.iter().map(|days| end(*days)).collect();
            let drift = Drift::of(&exemption, failing, &ends, now);
            assert_eq!(drift, expected, "{expires:?} {failing} {ends:?}");
        };
        check(Some(30), 2, &[30, 40], Drift::None);
        check(Some(29), 2, &[30, 40], Drift::None);
        check(Some(31), 2, &[30, 40], Drift::LaterInAzure);
        check(None, 2, &[30, 40], Drift::LaterInAzure);
        check(Some(29), 2, &[40], Drift::OnlyInAzure);
        check(None, 2, &[], Drift::OnlyInAzure);
        check(None, 0, &[], Drift::NothingFails);
        check(Some(0), 2, &[30, 40], Drift::EndedInAzure);
        check(Some(-1), 0, &[], Drift::EndedInAzure);
    }

    #[test]
    fn what_is_not_told_is_not_guessed() {
        let set = "/providers/Microsoft.Authorization/policySetDefinitions/1f3afdf9";
        let properties = json!({"policyAssignmentId": ASSIGNMENT});
        let one = |scope: &str, assignments: &Value| {
            read(&json!([exemption(scope, &properties)]), assignments).pop().unwrap()
        };
        let of_set = one("/subscriptions/aaaa", &assignments(set));
        assert_eq!((of_set.definition, of_set.category, of_set.expires), (None, None, None));
        assert_eq!(of_set.name, "lab");
        assert_eq!(of_set.scope.unwrap().to_string(), "subscription aaaa");
        assert_eq!(one("/subscriptions/aaaa", &json!([])).definition, None);
        let group = one("/subscriptions/aaaa/resourceGroups/rg", &json!(null));
        let text = "resource group /subscriptions/aaaa/resourceGroups/rg";
        assert_eq!(group.scope.unwrap().to_string(), text);
        let above = "/providers/Microsoft.Management/managementGroups/contoso";
        assert_eq!(one(above, &json!([])).scope, None);
        assert_eq!(read(&json!({"value": []}), &json!([])), []);
    }
}

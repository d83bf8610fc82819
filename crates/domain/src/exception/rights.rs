//! Whether somebody may ask for, or decide on, all that a request covers.

use super::act::ApproverScope;
use super::request::Covers;
use crate::asset::Asset;
use crate::person::{Actor, Grant, Role};
use crate::team::TeamId;

/// Whether somebody may decide on all that a request covers: each asset, and of a rule and a scope those to come.
///
/// What an asset's scope depends on and could not be read is not theirs.
pub fn approver_scope<'a>(
    actor: &Actor,
    covers: &Covers,
    assets: impl IntoIterator<Item = &'a Asset>,
) -> ApproverScope {
    let Actor::Person { grants, .. } = actor else { return ApproverScope::Missing };
    let approver: Vec<&Grant> =
        grants.iter().filter(|grant| grant.role == Role::Approver).collect();
    let holds = |asset: &Asset| {
        approver
            .iter()
            .any(|grant| grant.scope.as_ref().is_none_or(|scope| scope.holds(asset) == Some(true)))
    };
    let to_come = match covers {
        Covers::Findings(_) => None,
        Covers::Standing(standing) => standing.assets.scope(),
    };
    let holds_to_come = to_come.is_none_or(|asked| {
        let within = |grant: &&Grant| grant.scope.as_ref().is_none_or(|it| asked.is_within(it));
        approver.iter().any(within)
    });
    let mut assets = assets.into_iter().peekable();
    // Of nothing at all, only who decides on everything can tell.
    let is_everything = approver.iter().any(|grant| grant.scope.is_none());
    let holds_present = is_everything || (assets.peek().is_some() && assets.all(holds));
    if holds_present && holds_to_come { ApproverScope::Held } else { ApproverScope::Missing }
}

/// Whether somebody may ask for a finding: a contributor of its team, or an engineer.
pub fn may_ask(actor: &Actor, owner: Option<&TeamId>) -> bool {
    let Actor::Person { grants, .. } = actor else { return false };
    grants.iter().any(|grant| match grant.role {
        Role::Engineer => true,
        Role::Contributor => owner.is_some() && grant.team.as_ref() == owner,
        Role::Viewer | Role::Approver | Role::Auditor | Role::Administrator => false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::id::PersonId;

    fn asset(subscription: &str, tags: &Value) -> Asset {
        let id = format!(
            "/subscriptions/{subscription}/resourceGroups/rg/providers/Microsoft.Search/searchServices/s"
        );
        Asset::from_resource(json!({"id": id, "tags": tags}), "a test").unwrap()
    }

    fn somebody(grants: Value) -> Actor {
        Actor::Person {
            id: PersonId::from_number(1),
            name: "Amal".to_owned(),
            grants: serde_json::from_value(grants).unwrap(),
            address: None,
        }
    }

    #[test]
    fn an_approver_decides_on_what_their_scopes_hold_and_nothing_else() {
        let (in_a, in_b) = (asset("a", &json!({})), asset("b", &json!({"env": "dev"})));
        let selected = json!({"findings": ["F-1"]});
        let tagged = json!({"standing": {"rule": "NET-01", "assets": {"tag": "env=dev"}}});
        let of_a = json!({"standing": {"rule": "NET-01", "assets": {"resource_group": "/subscriptions/a/resourceGroups/rg"}}});
        let one = json!({"standing": {"rule": "NET-01", "assets": {"asset": in_a.id.as_str()}}});
        let everything = json!([{"role": "approver"}]);
        let subscription = json!([{"role": "approver", "scope": {"subscription": "a"}}]);
        let dev = json!([{"role": "approver", "scope": {"tag": "env=dev"}}]);
        let both = json!([
            {"role": "approver", "scope": {"subscription": "a"}},
            {"role": "approver", "scope": {"tag": "env=dev"}},
        ]);
        let group = json!([{"role": "approver", "scope": {"management_group": "contoso"}}]);
        let check = |grants: &Value, covers: &Value, assets: &[&Asset], held: bool| {
            let covers: Covers = serde_json::from_value(covers.clone()).unwrap();
            let scope = approver_scope(&somebody(grants.clone()), &covers, assets.iter().copied());
            assert_eq!(scope == ApproverScope::Held, held, "{grants} {covers:?}");
        };
        for covers in [&selected, &tagged, &of_a, &one] {
            check(&everything, covers, &[&in_a, &in_b], true);
            check(&everything, covers, &[], true);
            check(
                &json!([{"role": "engineer"}, {"role": "administrator"}]),
                covers,
                &[&in_a],
                false,
            );
            check(&json!([]), covers, &[&in_a], false);
        }
        check(&subscription, &selected, &[&in_a], true);
        check(&subscription, &selected, &[&in_a, &in_b], false);
        check(&both, &selected, &[&in_a, &in_b], true);
        check(&subscription, &selected, &[], false);
        check(&group, &selected, &[&in_a], false);
        // Those to come have to be within one scope for certain.
        check(&subscription, &tagged, &[&in_a], false);
        check(&dev, &tagged, &[&in_b], true);
        check(&subscription, &of_a, &[&in_a], true);
        check(&dev, &of_a, &[&in_b], false);
        check(&subscription, &one, &[&in_a], true);
    }

    #[test]
    fn a_team_asks_for_its_own() {
        let team = |id: &str| -> TeamId { id.parse().unwrap() };
        let nlp = somebody(json!([{"role": "contributor", "team": "nlp"}, {"role": "approver"}]));
        assert!(may_ask(&nlp, Some(&team("nlp"))));
        assert!(!may_ask(&nlp, Some(&team("vision"))) && !may_ask(&nlp, None));
        let engineer = somebody(json!([{"role": "engineer"}]));
        assert!(may_ask(&engineer, Some(&team("nlp"))) && may_ask(&engineer, None));
        let others = json!([
            {"role": "viewer"}, {"role": "approver"}, {"role": "auditor"}, {"role": "administrator"},
        ]);
        assert!(!may_ask(&somebody(others), Some(&team("nlp"))));
        assert!(!may_ask(&Actor::Operator { name: "cron".to_owned() }, None));
    }
}

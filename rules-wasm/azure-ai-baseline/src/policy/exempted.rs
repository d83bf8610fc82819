//! Whether exemptions take away what an assignment does for the whole subscription.

use postern_rules_sdk::{AssetContext, Evidence, Node, Unreadable, Value, fact};

use super::assignment::{Assigned, Assignment};
use super::initiatives::DEPLOYMENT_GUARDRAIL;
use super::reach::{above_of, is_whole, narrowed};

const ASSIGNMENT: &str = "properties.policyAssignmentId";
const NAMED: &str = "properties.policyDefinitionReferenceIds";

/// Evidence of an exemption that holds and frees the whole subscription from the assignment, or from one of the policies
/// that an initiative calls so; `None` where there is none.
///
/// Exemptions of groups and resources, or with selectors, leave the rest to the policy: POL-12 and POL-13 are about them.
pub fn exempted(
    assignment: &Assignment<'_, '_>,
    subscription: &AssetContext<'_>,
    references: impl IntoIterator<Item = &'static str> + Copy,
    types: &[&str],
) -> Result<Option<Evidence>, Unreadable> {
    let exemptions = subscription.related(fact::POLICY_EXEMPTIONS)?;
    if !exemptions.is_empty() {
        let id = assignment.node.text("id")?;
        let Some(id) = id.value else {
            let evidence = id.expected("the id that exemptions name it by");
            return Err(Unreadable::new(evidence, "Exemptions from it cannot be told."));
        };
        let mut unreadable = None;
        for exemption in exemptions.nodes() {
            let exempts = || -> Result<Option<Evidence>, Unreadable> {
                if !is_from(&exemption, id)? || !frees_all(&exemption, subscription, types)? {
                    return Ok(None);
                }
                frees_from(&exemption, assignment, references)
            };
            match exempts() {
                Ok(Some(evidence)) => return Ok(Some(evidence)),
                Ok(None) => {}
                Err(error) => unreadable = unreadable.or(Some(error)),
            }
        }
        if let Some(error) = unreadable {
            return Err(error);
        }
    }
    exemptions.complete()?;
    Ok(None)
}

fn is_from(exemption: &Node<'_>, id: &str) -> Result<bool, Unreadable> {
    let Some(from) = exemption.peek(ASSIGNMENT).and_then(Value::as_str) else {
        let from = exemption.text(ASSIGNMENT)?.expected("the assignment that it is from");
        return Err(Unreadable::new(from, "The exemption does not say what it is from."));
    };
    Ok(from.trim_end_matches('/').eq_ignore_ascii_case(id.trim_end_matches('/')))
}

/// Whether it holds still, at the subscription or above, for all resources of these types.
fn frees_all(
    exemption: &Node<'_>,
    subscription: &AssetContext<'_>,
    types: &[&str],
) -> Result<bool, Unreadable> {
    let id = exemption.text("id")?;
    let at = id
        .value
        .and_then(|id| above_of(id, "/providers/microsoft.authorization/policyexemptions/"));
    let Some(at) = at else {
        let evidence = id.expected("the id, which says what is exempt");
        return Err(Unreadable::new(evidence, "The exemption does not say what is exempt."));
    };
    if !is_whole(at, subscription) {
        return Ok(false);
    }
    let ends = exemption.moment("properties.expiresOn")?.value;
    if let Some(ends) = ends
        && ends < subscription.taken_at()?
    {
        return Ok(false);
    }
    Ok(narrowed(exemption, types)?.is_none())
}

fn frees_from(
    exemption: &Node<'_>,
    assignment: &Assignment<'_, '_>,
    references: impl IntoIterator<Item = &'static str> + Copy,
) -> Result<Option<Evidence>, Unreadable> {
    const EXPECTED: &str = "no exemption of the whole subscription from the policy";
    let from = || Ok(Some(exemption.text(ASSIGNMENT)?.expected(EXPECTED)));
    if matches!(assignment.assigned, Assigned::Policy(_) | Assigned::OwnPolicy(_)) {
        return from();
    }
    let list = exemption.list(NAMED)?;
    let named = list.value.unwrap_or_default();
    // One policy stands for all of the guardrail's.
    if named.is_empty() || assignment.name().eq_ignore_ascii_case(DEPLOYMENT_GUARDRAIL) {
        return from();
    }
    if matches!(assignment.assigned, Assigned::OwnInitiative(_)) {
        return Err(Unreadable::new(
            list.expected("policies that are known"),
            "What an initiative of the organisation calls its policies is not read.",
        ));
    }
    let mut named = named.iter().filter_map(|name| name.as_str());
    let is_named = named
        .any(|name| references.into_iter().any(|reference| reference.eq_ignore_ascii_case(name)));
    Ok(is_named.then(|| list.expected(EXPECTED)))
}

//! How much of a subscription an assignment reaches.

use postern_rules_sdk::{AssetContext, Evidence, Node, Setting, SettingKind, Unreadable, Value};

use super::assignment::{Assignment, is_empty, starts_with};

/// What may be left out.
pub static ACCEPTED_EXCLUSIONS: Setting = Setting {
    name: "acceptedExclusions",
    description: "Ids of resource groups, resources or subscriptions that assignments of policies may exclude, such as /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-network; and of management groups that they exclude and that the subscription is not in, such as /providers/Microsoft.Management/managementGroups/mg-sandbox. Empty: none.",
    kind: SettingKind::Texts { default: &[], pattern: "^/" },
};

const NOT_SCOPES: &str = "properties.notScopes";
const SELECTORS: &str = "properties.resourceSelectors";
const ABOVE: &str = "/providers/Microsoft.Management/managementGroups/";

/// How much of a subscription an assignment reaches.
#[derive(Debug)]
pub enum Reach {
    /// All of it, or all but what it excludes within.
    Whole,
    /// A part of it, or nothing: the evidence says why.
    Part(Evidence),
}

impl Reach {
    /// How much of the subscription an assignment reaches, of resources of these types.
    pub fn of(
        assignment: &Assignment<'_, '_>,
        subscription: &AssetContext<'_>,
        types: &[&str],
    ) -> Result<Self, Unreadable> {
        let node = assignment.node;
        let scope = scope(node)?;
        if !is_whole(scope, subscription) {
            let evidence = node
                .text("properties.scope")?
                .expected("the subscription or a management group above it");
            return Ok(Self::Part(evidence));
        }
        if !is_empty(node, NOT_SCOPES) {
            for excluded in node.list(NOT_SCOPES)?.entries().nodes() {
                let is = excluded.value().as_str().unwrap_or_default().trim_end_matches('/');
                if is.eq_ignore_ascii_case(subscription.id()) {
                    return Ok(Self::Part(excluded.expected("not the subscription")));
                }
                if is_above(is)
                    && !is_accepted(is, &subscription.texts_setting(&ACCEPTED_EXCLUSIONS))
                {
                    return Err(maybe_above(&excluded));
                }
            }
        }
        Ok(narrowed(node, types)?.map_or(Self::Whole, Self::Part))
    }
}

/// Where a policy is assigned.
fn scope<'a>(node: &Node<'a>) -> Result<&'a str, Unreadable> {
    if let Some(scope) = node.peek("properties.scope").and_then(Value::as_str) {
        return Ok(scope);
    }
    let scope = node.text("properties.scope")?;
    let id = node.text("id")?.value.unwrap_or_default();
    above_of(id, "/providers/microsoft.authorization/policyassignments/").ok_or_else(|| {
        Unreadable::new(
            scope.expected("where the policy is assigned"),
            "The assignment does not say.",
        )
    })
}

/// What stands in an id before the provider of what lies at a scope, which is given in lower case.
pub fn above_of<'a>(id: &'a str, provider: &str) -> Option<&'a str> {
    id.get(..id.to_ascii_lowercase().rfind(provider)?)
}

/// Whether a scope is the subscription or a management group; those that Azure lists lie above the subscription.
pub fn is_whole(scope: &str, subscription: &AssetContext<'_>) -> bool {
    scope.trim_end_matches('/').eq_ignore_ascii_case(subscription.id()) || is_above(scope)
}

/// Whether an id names a management group.
pub fn is_above(scope: &str) -> bool {
    starts_with(scope, ABOVE)
}

/// Whether the setting accepts that a scope is excluded.
pub fn is_accepted(scope: &str, accepted: &[&str]) -> bool {
    let scope = scope.trim_end_matches('/');
    accepted.iter().any(|one| one.trim_end_matches('/').eq_ignore_ascii_case(scope))
}

/// An excluded management group that the subscription may be in.
pub fn maybe_above(excluded: &Node<'_>) -> Unreadable {
    Unreadable::new(
        excluded.expected("a management group that the subscription is not in"),
        "Which management groups the subscription is in was not read; the setting acceptedExclusions can say that it is not in this one.",
    )
}

/// Evidence that selectors, of an assignment or an exemption, limit it to some regions or to other types than these.
pub fn narrowed(node: &Node<'_>, types: &[&str]) -> Result<Option<Evidence>, Unreadable> {
    if is_empty(node, SELECTORS) {
        return Ok(None);
    }
    let mut narrowed = None;
    for selector in node.list(SELECTORS)?.entries().nodes() {
        let mut is_narrow = false;
        for part in selector.list("selectors")?.entries().nodes() {
            is_narrow |= !selects(&part, types)?;
        }
        // What one selector leaves out another may take in.
        if !is_narrow {
            return Ok(None);
        }
        let evidence = || selector.expected("no selector that leaves AI resources out");
        narrowed = narrowed.or_else(|| Some(evidence()));
    }
    Ok(narrowed)
}

/// Whether a selector takes resources of these types in, wherever they are.
fn selects(selector: &Node<'_>, types: &[&str]) -> Result<bool, Unreadable> {
    if !selector.is_any_of("kind", &["resourceType"])? {
        return Ok(false);
    }
    let names = |path| -> Result<Option<bool>, Unreadable> {
        Ok(selector.list(path)?.value.map(|named| {
            let mut named = named.iter().filter_map(|text| text.as_str());
            named.any(|name| types.iter().any(|one| one.eq_ignore_ascii_case(name)))
        }))
    };
    Ok(names("in")? != Some(false) && names("notIn")? != Some(true))
}

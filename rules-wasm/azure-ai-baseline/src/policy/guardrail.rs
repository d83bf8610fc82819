//! Whether a policy on AI resources is assigned to a subscription, with an effect that is enough.

use postern_rules_sdk::{
    AssetContext, Check, Evidence, Node, Outcome, Setting, Unreadable, Words, fact,
};

use super::assignment::{Assigned, Assignment, EQUIVALENT_POLICIES, Effect};
use super::definitions::ACCOUNTS;
use super::exempted::exempted;
use super::reach::{ACCEPTED_EXCLUSIONS, Reach};

/// Azure's policies on AI services.
pub const AI_POLICIES: &str = "https://github.com/Azure/azure-policy/tree/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/Azure%20Ai%20Services";
/// Azure's policies on Cognitive Services accounts and their deployments.
pub const COGNITIVE_POLICIES: &str = "https://github.com/Azure/azure-policy/tree/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/Cognitive%20Services";
/// Azure's general policies.
pub const GENERAL_POLICIES: &str = "https://github.com/Azure/azure-policy/tree/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/General";
/// An assignment that is not enforced, as Microsoft's own example has it.
pub const ASSIGNMENT_EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/resources/resource-manager/Microsoft.Authorization/stable/2025-03-01/examples/createPolicyAssignmentWithoutEnforcement.json";

/// What no rule on assignments can tell.
pub const EVERY_SUBSCRIPTION: &str = "No subscription: what one holds is not in its document, so that one without AI resources is judged too; a guardrail is of use before the first resource.";
/// What the rules on assignments have to do with the policies that they name.
pub const ABOUT_ASSIGNMENTS: &str = "The policies judge resources; this rule judges whether they are assigned to the subscription. So it says nothing of what they find, and they say nothing of it. Built-in initiatives that are known to hold a policy count as the policy; another one, or a policy of the organisation, counts where the setting equivalentPolicies names it. An assignment from which the whole subscription is exempt, or a policy of it, does not count.";

/// What the organisation may say of its assignments.
pub static SETTINGS: [&Setting; 2] = [&EQUIVALENT_POLICIES, &ACCEPTED_EXCLUSIONS];

/// A policy, or several that do the same: one of them has to be assigned.
#[derive(Debug)]
pub struct Guardrail {
    /// The policies.
    pub policies: &'static [Candidate],
    /// What the judgement says.
    pub words: Words,
    /// Says what is wrong with the other parameters, where there are such.
    pub parameters: Option<ParameterCheck>,
}

/// Evidence of what is wrong with an assignment's parameters; `None` where nothing is.
pub type ParameterCheck =
    fn(&AssetContext<'_>, &Assignment<'_, '_>) -> Result<Option<Evidence>, Unreadable>;

/// A policy with the effects that are enough.
#[derive(Debug)]
pub struct Candidate {
    /// The policy's name.
    pub policy: &'static str,
    /// The effects, the strongest first.
    pub effects: &'static [&'static str],
    /// The effects in words, for evidence.
    pub expected: &'static str,
}

impl Guardrail {
    /// Judges a subscription.
    pub fn judge(&self, subscription: &AssetContext<'_>) -> Outcome {
        let equivalents = subscription.texts_setting(&EQUIVALENT_POLICIES);
        subscription
            .related(fact::POLICY_ASSIGNMENTS)?
            .some(self.words, |node| self.check(subscription, &equivalents, node))
    }

    fn check(
        &self,
        subscription: &AssetContext<'_>,
        equivalents: &[&str],
        node: &Node<'_>,
    ) -> Result<Check, Unreadable> {
        let assignment = Assignment::read(node)?;
        let members = assignment.members();
        let mut found = Vec::new();
        for candidate in self.policies {
            let effect =
                assignment.effect(members, candidate.policy, candidate.effects, equivalents)?;
            found.extend(effect.map(|effect| (candidate, effect)));
        }
        if found.is_empty() {
            return skip(subscription, equivalents, &assignment);
        }
        let types = assignment.types(equivalents);
        if let Reach::Part(evidence) = Reach::of(&assignment, subscription, types)? {
            return Ok(Check::Bad(vec![evidence]));
        }
        if let Some(evidence) = assignment.not_enforced()? {
            return Ok(Check::Bad(vec![evidence]));
        }
        let mut bad = Vec::new();
        for (candidate, effect) in found {
            match self.shortcoming(subscription, &assignment, candidate, &effect)? {
                None => match exempted(&assignment, subscription, effect.reference, types)? {
                    None => return Ok(Check::Good(effect.evidence(candidate.expected))),
                    Some(evidence) => bad.push(evidence),
                },
                Some(evidence) => bad.push(evidence),
            }
        }
        Ok(Check::Bad(bad))
    }

    fn shortcoming(
        &self,
        subscription: &AssetContext<'_>,
        assignment: &Assignment<'_, '_>,
        candidate: &Candidate,
        effect: &Effect<'_>,
    ) -> Result<Option<Evidence>, Unreadable> {
        if !effect.is_any_of(candidate.effects) {
            return Ok(Some(effect.evidence(candidate.expected)));
        }
        // Without an identity nothing is deployed.
        if effect.is_any_of(&["DeployIfNotExists"]) {
            let (has_identity, evidence) = assignment.identity()?;
            if !has_identity {
                return Ok(Some(evidence));
            }
        }
        match self.parameters {
            // What the organisation says is equivalent has parameters of its own.
            Some(check) if !effect.is_declared => check(subscription, assignment),
            _ => Ok(None),
        }
    }
}

/// What is not the policy is passed over, but an enforced initiative of the organisation may hold it.
fn skip(
    subscription: &AssetContext<'_>,
    equivalents: &[&str],
    assignment: &Assignment<'_, '_>,
) -> Result<Check, Unreadable> {
    let may_hold_it = matches!(assignment.assigned, Assigned::OwnInitiative(_))
        && assignment.declared(equivalents).is_none()
        && !matches!(Reach::of(assignment, subscription, ACCOUNTS), Ok(Reach::Part(_)))
        && assignment.not_enforced()?.is_none()
        && !matches!(exempted(assignment, subscription, None, ACCOUNTS), Ok(Some(_)));
    if may_hold_it {
        return Err(Unreadable::new(
            assignment.evidence("an initiative whose policies are known")?,
            "Which policies an initiative of the organisation holds is not read; the setting equivalentPolicies can say it.",
        ));
    }
    Ok(Check::Skip)
}

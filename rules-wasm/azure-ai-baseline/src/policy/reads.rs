//! What rules read of policy assignments, and of exemptions from them.

use postern_rules_sdk::Read;

use crate::groundwork::reads::join;

/// Lists the policy assignments of a subscription.
pub const ASSIGNMENTS: &str = "PolicyAssignments_List 2025-03-01";
/// Lists the policy exemptions of a subscription.
pub const EXEMPTIONS: &str = "PolicyExemptions_List 2022-07-01-preview";

/// What is assigned.
pub const DEFINITION_ID: Read = Read {
    path: "policyAssignments[].properties.policyDefinitionId",
    source: ASSIGNMENTS,
    absent: "not documented: required",
};
/// With which parameters: each policy and each initiative has names of its own for them.
pub const PARAMETERS: Read = Read {
    path: "policyAssignments[].properties.parameters",
    source: ASSIGNMENTS,
    absent: "the defaults of the policy or initiative",
};
/// Whether its effects are executed.
pub const ENFORCEMENT_MODE: Read = Read {
    path: "policyAssignments[].properties.enforcementMode",
    source: ASSIGNMENTS,
    absent: "Default: enforced",
};
/// What it excludes.
pub const NOT_SCOPES: Read = Read {
    path: "policyAssignments[].properties.notScopes",
    source: ASSIGNMENTS,
    absent: "nothing is excluded",
};
/// Effects that it gives to policies instead.
pub const OVERRIDES: Read = Read {
    path: "policyAssignments[].properties.overrides",
    source: ASSIGNMENTS,
    absent: "the effect is as assigned",
};
/// Which resources it is limited to.
pub const RESOURCE_SELECTORS: Read = Read {
    path: "policyAssignments[].properties.resourceSelectors",
    source: ASSIGNMENTS,
    absent: "all resources of the scope",
};
/// Where it is assigned.
pub const SCOPE: Read = Read {
    path: "policyAssignments[].properties.scope",
    source: ASSIGNMENTS,
    absent: "not documented: the beginning of the id says it too",
};
/// What exemptions name it by.
pub const ASSIGNMENT_ID: Read = Read {
    path: "policyAssignments[].id",
    source: ASSIGNMENTS,
    absent: "not documented: exemptions from the assignment cannot be told",
};
/// What it deploys and modifies with.
pub const IDENTITY_TYPE: Read = Read {
    path: "policyAssignments[].identity.type",
    source: ASSIGNMENTS,
    absent: "no identity: nothing can be put right",
};

/// What the exemption is from.
pub const EXEMPT_FROM: Read = Read {
    path: "policyExemptions[].properties.policyAssignmentId",
    source: EXEMPTIONS,
    absent: "not documented: required",
};
/// How long it holds.
pub const EXPIRES_ON: Read = Read {
    path: "policyExemptions[].properties.expiresOn",
    source: EXEMPTIONS,
    absent: "it never expires",
};
/// Which policies of an initiative it is from.
pub const REFERENCE_IDS: Read = Read {
    path: "policyExemptions[].properties.policyDefinitionReferenceIds",
    source: EXEMPTIONS,
    absent: "the whole assignment is exempt",
};
/// Which resources it is limited to.
pub const EXEMPTION_SELECTORS: Read = Read {
    path: "policyExemptions[].properties.resourceSelectors",
    source: EXEMPTIONS,
    absent: "all resources of the scope",
};
/// What is exempt.
pub const EXEMPTION_ID: Read = Read {
    path: "policyExemptions[].id",
    source: EXEMPTIONS,
    absent: "not documented: what is exempt is not known",
};

/// What the rules on guardrails read.
pub const GUARDRAIL: [Read; 13] = [
    DEFINITION_ID,
    PARAMETERS,
    ENFORCEMENT_MODE,
    NOT_SCOPES,
    OVERRIDES,
    RESOURCE_SELECTORS,
    SCOPE,
    ASSIGNMENT_ID,
    EXEMPT_FROM,
    EXPIRES_ON,
    REFERENCE_IDS,
    EXEMPTION_SELECTORS,
    EXEMPTION_ID,
];
/// What those read of which a policy may deploy.
pub const DEPLOYING_GUARDRAIL: [Read; 14] = join(GUARDRAIL, [IDENTITY_TYPE]);

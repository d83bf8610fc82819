//! Exemptions from policies on AI resources.

use std::cmp::Ordering;

use postern_rules_sdk::{
    AssetContext, Check, Entries, Evidence, Node, Outcome, Read, Remedy, Rule, SUBSCRIPTION,
    Setting, SettingKind, Severity, Topic, Unreadable, Value, Words, fact,
};

use super::assignment::{Assigned, Assignment, EQUIVALENT_POLICIES};
use super::benchmark;
use super::initiatives::DEPLOYMENT_GUARDRAIL;
use super::reads::{
    ASSIGNMENT_ID, DEFINITION_ID, EXEMPT_FROM, EXEMPTIONS, EXPIRES_ON, REFERENCE_IDS,
};
use crate::groundwork::reads::join;

const EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/resources/resource-manager/Microsoft.Authorization/preview/2022-07-01-preview/examples/listPolicyExemptionsForSubscription.json";
const ABOUT_AI: &str = "Subscriptions without an exemption from a policy on AI resources: one that names an assignment of such a policy, or one of an AI resource from a policy that is not known.";

/// What a rule reads to tell whether an exemption is from a policy on AI resources.
const ABOUT_AI_READS: [Read; 5] = [
    EXEMPT_FROM,
    REFERENCE_IDS,
    ASSIGNMENT_ID,
    DEFINITION_ID,
    Read {
        path: "policyExemptions[].id",
        source: EXEMPTIONS,
        absent: "not documented: not taken as an exemption of an AI resource",
    },
];

/// How long an exemption may last.
static EXEMPTION_DAYS: Setting = Setting {
    name: "policyExemptionDays",
    description: "For how many days from a scan an exemption from a policy may still hold.",
    kind: SettingKind::Integer { default: 365, least: 1, most: 3650 },
};

/// Where an exemption says who answers for it.
static OWNER_KEYS: Setting = Setting {
    name: "exemptionOwnerKeys",
    description: "Names in the metadata of an exemption under which the one who answers for it stands; one of them is enough for a waiver. Empty: none is asked for.",
    kind: SettingKind::Texts {
        default: &["owner", "requestedBy", "approvedBy", "contact"],
        pattern: "",
    },
};

/// Where an exemption says what mitigates the risk.
static EVIDENCE_KEYS: Setting = Setting {
    name: "exemptionEvidenceKeys",
    description: "Names in the metadata of an exemption under which the evidence stands that the risk is mitigated otherwise; one of them is enough. Empty: none is asked for.",
    kind: SettingKind::Texts {
        default: &["evidence", "mitigation", "reason", "ticket", "link"],
        pattern: "",
    },
};

/// POL-12: exemptions end.
pub static EXPIRY: Rule = Rule {
    id: "POL-12",
    title: "Exemptions from AI policies end",
    topic: Topic::Policy,
    severity: Severity::Medium,
    severity_reason: "our own judgement: an exemption without an end is a guardrail with a hole",
    rationale: "An exemption is meant for a time, but Azure asks for no end, and without one nobody looks at it again. \
                The rule asks for an end within the time that the organisation has agreed to. One that has expired exempts nothing any more.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[ABOUT_AI],
    never: &[],
    reads: &join::<_, _, 6>(ABOUT_AI_READS, [EXPIRES_ON]),
    settings: &[&EXEMPTION_DAYS, &EQUIVALENT_POLICIES],
    remedy: Remedy {
        summary: "Set the day on which the exemption ends, or take it away.",
        az: Some(
            "az policy exemption update --name <name of the exemption> --scope <what is exempt> --expires-on 2026-12-31T00:00:00Z",
        ),
        bicep: Some(
            "resource exemption 'Microsoft.Authorization/policyExemptions@2022-07-01-preview' = {\n  properties: {\n    expiresOn: '2026-12-31T00:00:00Z'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_resource_policy_exemption\" \"this\" {\n  expires_on = \"2026-12-31T00:00:00Z\"\n}",
        ),
        portal: Some(
            "Policy > Authoring > Exemptions > The exemption > Edit exemption > Exemption expiration setting",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[EXAMPLE],
    judge: expiry,
};

fn expiry(subscription: &AssetContext<'_>) -> Outcome {
    let exemptions = subscription.related(fact::POLICY_EXEMPTIONS)?;
    let now = subscription.taken_at()?;
    let most = subscription.integer_setting(&EXEMPTION_DAYS);
    let assignments = Assignments::read(subscription, &exemptions);
    exemptions.every(
        Words {
            pass: "The exemptions from policies on AI resources end.",
            fail: "Exemptions from policies on AI resources have no end, or a late one.",
            none: "Nothing is exempt from a policy on AI resources.",
        },
        |exemption| {
            if assignments.exempted(exemption)?.is_none() {
                return Ok(Check::Skip);
            }
            let expires = exemption.moment("properties.expiresOn")?;
            let evidence = expires
                .expected_or(format!("a day within {most} days from the scan"), "it never expires");
            Ok(Check::of(expires.days_after(now).is_some_and(|days| days <= most), evidence))
        },
    )
}

/// POL-13: exemptions are narrow and have their reasons.
pub static NARROW: Rule = Rule {
    id: "POL-13",
    title: "Exemptions from AI policies are narrow and justified",
    topic: Topic::Policy,
    severity: Severity::Low,
    severity_reason: "our own judgement: a broad exemption hides more than was meant",
    rationale: "An exemption from an initiative that names none of its policies is one from all of them. \
                A waiver accepts the risk, so somebody has to answer for it; a mitigated one says that something else does the work, so that has to be shown.",
    asset_types: &[SUBSCRIPTION],
    exceptions: &[ABOUT_AI, "Exemptions that have expired."],
    never: &[],
    reads: &join::<_, _, 8>(
        ABOUT_AI_READS,
        [
            Read {
                path: "policyExemptions[].properties.exemptionCategory",
                source: EXEMPTIONS,
                absent: "not documented: required",
            },
            Read {
                path: "policyExemptions[].properties.metadata",
                source: EXEMPTIONS,
                absent: "it says nothing",
            },
            EXPIRES_ON,
        ],
    ),
    settings: &[&OWNER_KEYS, &EVIDENCE_KEYS, &EQUIVALENT_POLICIES],
    remedy: Remedy {
        summary: "Name the policies of the initiative that the exemption is from, and who answers for it or what mitigates the risk in its metadata.",
        az: Some(
            "az policy exemption update --name <name of the exemption> --scope <what is exempt> --policy-definition-reference-ids <reference> --metadata owner=<who answers for it>",
        ),
        bicep: Some(
            "resource exemption 'Microsoft.Authorization/policyExemptions@2022-07-01-preview' = {\n  properties: {\n    exemptionCategory: 'Waiver'\n    policyDefinitionReferenceIds: ['cognitiveServicesAccountsShouldHaveLocalAuthenticationMethodsDisabled']\n    metadata: { owner: 'team-claims' }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_resource_policy_exemption\" \"this\" {\n  exemption_category              = \"Waiver\"\n  policy_definition_reference_ids = [\"cognitiveServicesAccountsShouldHaveLocalAuthenticationMethodsDisabled\"]\n  metadata                        = jsonencode({ owner = \"team-claims\" })\n}",
        ),
        portal: Some("Policy > Authoring > Exemptions > The exemption > Edit exemption"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[EXAMPLE],
    judge: narrow,
};

fn narrow(subscription: &AssetContext<'_>) -> Outcome {
    let exemptions = subscription.related(fact::POLICY_EXEMPTIONS)?;
    let now = subscription.taken_at()?;
    let assignments = Assignments::read(subscription, &exemptions);
    exemptions.every(
        Words {
            pass: "The exemptions from policies on AI resources are narrow and justified.",
            fail: "Exemptions from policies on AI resources are too broad or not justified.",
            none: "Nothing is exempt from a policy on AI resources.",
        },
        |exemption| {
            let Some(exempted) = assignments.exempted(exemption)? else { return Ok(Check::Skip) };
            if exemption.moment("properties.expiresOn")?.value.is_some_and(|end| end < now) {
                return Ok(Check::Skip);
            }
            let category = exemption.text("properties.exemptionCategory")?;
            let mut bad = Vec::new();
            if exempted.is_initiative {
                let references = exemption.list("properties.policyDefinitionReferenceIds")?;
                if references.value.is_none_or(<[_]>::is_empty) {
                    bad.push(references.expected_or(
                        "the policies of the initiative that it is from",
                        "the whole assignment is exempt",
                    ));
                }
            }
            if category.is("Waiver") {
                bad.extend(lacks(exemption, &subscription.texts_setting(&OWNER_KEYS))?);
            } else if category.is("Mitigated") {
                bad.extend(lacks(exemption, &subscription.texts_setting(&EVIDENCE_KEYS))?);
            } else {
                bad.push(category.expected_or("Waiver or Mitigated", "no category"));
            }
            let good = || category.expected("Waiver with an owner, or Mitigated with evidence");
            Ok(if bad.is_empty() { Check::Good(good()) } else { Check::Bad(bad) })
        },
    )
}

/// Evidence that the metadata has none of the names with a text.
fn lacks(exemption: &Node<'_>, names: &[&str]) -> Result<Option<Evidence>, Unreadable> {
    if names.is_empty() {
        return Ok(None);
    }
    let metadata = exemption.object("properties.metadata")?;
    let has_one = exemption.fields("properties.metadata")?.iter().any(|(key, node)| {
        names.iter().any(|name| name.eq_ignore_ascii_case(key))
            && node.value().as_str().is_some_and(|text| !text.trim().is_empty())
    });
    let expected = || format!("a text under one of {}", names.join(", "));
    Ok((!has_one).then(|| metadata.expected_or(expected(), "it says nothing")))
}

/// What an exemption is from.
struct Exempted {
    is_initiative: bool,
}

/// The assignments that exemptions are from, in the order of their ids: there may be many of either.
struct Assignments<'a> {
    equivalents: Vec<&'a str>,
    entries: Result<Entries<'a>, Unreadable>,
    by_id: Vec<(&'a str, Node<'a>)>,
    nameless: Option<Unreadable>,
}

impl<'a> Assignments<'a> {
    /// Nothing is read where nothing is exempt.
    fn read(subscription: &AssetContext<'a>, exemptions: &Entries<'_>) -> Self {
        let equivalents = subscription.texts_setting(&EQUIVALENT_POLICIES);
        let entries = subscription.related(fact::POLICY_ASSIGNMENTS);
        let (mut by_id, mut nameless) = (Vec::new(), None);
        let nodes = entries.iter().filter(|_| !exemptions.is_empty()).flat_map(Entries::nodes);
        for node in nodes {
            match node.peek("id").and_then(Value::as_str) {
                Some(id) => by_id.push((id, node)),
                // One without an id is none that an exemption is from; one of another shape may be.
                None => nameless = nameless.or(node.text("id").err()),
            }
        }
        by_id.sort_by(|(one, _), (other, _)| by_end(one, other));
        Self { equivalents, entries, by_id, nameless }
    }

    fn find(&self, id: &str) -> Result<Option<Assignment<'_, 'a>>, Unreadable> {
        let found = self.by_id.binary_search_by(|(known, _)| by_end(known, id)).ok();
        match found.and_then(|found| self.by_id.get(found)) {
            Some((_, node)) => Assignment::read(node).map(Some),
            None => self.nameless.clone().map_or(Ok(None), Err),
        }
    }

    /// What the exemption is from; `None` where that is no policy on AI resources.
    fn exempted(&self, exemption: &Node<'_>) -> Result<Option<Exempted>, Unreadable> {
        let id = exemption.text("properties.policyAssignmentId")?;
        let entries = self.entries.as_ref().map_err(Clone::clone)?;
        let Some(assignment) = self.find(id.value.unwrap_or_default())? else {
            entries.complete()?;
            // An assignment that the credential does not see.
            return Ok(is_of_ai_resource(exemption)?.then_some(Exempted { is_initiative: false }));
        };
        let is_own =
            matches!(assignment.assigned, Assigned::OwnPolicy(_) | Assigned::OwnInitiative(_));
        let is_about_ai = if assignment.is_about_ai(&self.equivalents) {
            names_ai(exemption, &assignment)?
        } else {
            is_own && is_of_ai_resource(exemption)?
        };
        let is_initiative =
            matches!(assignment.assigned, Assigned::Initiative(_) | Assigned::OwnInitiative(_));
        Ok(is_about_ai.then_some(Exempted { is_initiative }))
    }
}

/// Ids begin alike and differ at their ends, so that these are compared first; in any case of letters.
fn by_end(one: &str, other: &str) -> Ordering {
    fn letters(id: &str) -> impl Iterator<Item = u8> {
        id.bytes().rev().map(|byte| byte.to_ascii_lowercase())
    }
    letters(one).cmp(letters(other))
}

/// Whether the policies of an initiative that it names, or all of them, are about AI resources.
fn names_ai(exemption: &Node<'_>, assignment: &Assignment<'_, '_>) -> Result<bool, Unreadable> {
    let references = exemption.list("properties.policyDefinitionReferenceIds")?;
    let named: Vec<&str> =
        references.value.into_iter().flatten().filter_map(|name| name.as_str()).collect();
    if named.is_empty() || assignment.name().eq_ignore_ascii_case(DEPLOYMENT_GUARDRAIL) {
        return Ok(true);
    }
    let is_ai = |name: &str| {
        benchmark::REFERENCES.iter().any(|reference| reference.eq_ignore_ascii_case(name))
            || assignment.members().iter().any(|member| member.reference.eq_ignore_ascii_case(name))
    };
    let is_built_in = matches!(assignment.assigned, Assigned::Initiative(_));
    Ok(!is_built_in || named.into_iter().any(is_ai))
}

/// Whether it exempts a single AI resource, or something within one.
fn is_of_ai_resource(exemption: &Node<'_>) -> Result<bool, Unreadable> {
    const TYPES: [&str; 4] = [
        "/providers/microsoft.cognitiveservices/accounts/",
        "/providers/microsoft.search/searchservices/",
        "/providers/microsoft.machinelearningservices/workspaces/",
        "/providers/microsoft.botservice/botservices/",
    ];
    let id = exemption.text("id")?.value.unwrap_or_default().to_ascii_lowercase();
    Ok(TYPES.iter().any(|name| id.contains(name)))
}

//! Which content filter each deployment uses.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Entries, Evidence, Node, Outcome, Read,
    Remedy, Rule, Severity, Topic, Unreadable, Value, Words, fact,
};

use super::names::{
    CONTENT_FILTERS, DEFAULT_GUARDRAILS, FILTER_ABSENT, FILTER_NAME, FILTERS_EXAMPLE, MODEL_NAME,
    NO_DEPLOYMENT, NOTHING_DEPLOYED, OTHER_KINDS, WHISPER, without_models,
};
use crate::groundwork::azure::{ACCOUNT_KIND, DEFENDER_AI, DEPLOYMENTS, LANDING_ZONE};
use crate::groundwork::words::starts_with;

/// How the names of the filters begin that Azure makes and keeps itself.
const SYSTEM_PREFIX: &str = "Microsoft.Default";

/// Which model a deployment runs, for rules that are not about Whisper.
pub const MODEL: Read = Read {
    path: MODEL_NAME,
    source: DEPLOYMENTS,
    absent: "not documented: every deployment has one; without it, it is not taken as Whisper",
};
/// Which content filter a deployment uses.
pub const USED: Read = Read { path: FILTER_NAME, source: DEPLOYMENTS, absent: FILTER_ABSENT };
/// What a content filter of the account is called.
pub const NAME: Read = Read {
    path: "raiPolicies[].name",
    source: CONTENT_FILTERS,
    absent: "a filter that is not in the list does not exist in the account",
};
/// Whether a content filter says what it filters.
pub const FILTERS: Read = Read {
    path: "raiPolicies[].properties.contentFilters",
    source: CONTENT_FILTERS,
    absent: "every category is off; in a filter of Azure's own, what Azure documents of it holds",
};

/// GOV-06: every deployment has a filter.
pub static NAMED: Rule = Rule {
    id: "GOV-06",
    title: "Every deployment uses a content filter that exists",
    topic: Topic::Models,
    severity: Severity::Low,
    severity_reason: "Defender for Cloud: low (AI landing zone checklist AI.52: high)",
    rationale: "A deployment is filtered as the content filter says that it names, or by Azure's default guardrails. \
                A name that leads nowhere leaves open what is filtered at all.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[OTHER_KINDS, NOTHING_DEPLOYED, WHISPER],
    never: &[],
    reads: &[ACCOUNT_KIND, MODEL, USED, NAME, FILTERS],
    settings: &[],
    remedy: Remedy {
        summary: "Set the deployment to Microsoft.DefaultV2 or to a content filter of the account.",
        az: Some(
            "az rest --method put --url \"$ID/deployments/<deployment>?api-version=2025-06-01\" --body '{\"sku\":{\"name\":\"<type>\",\"capacity\":10},\"properties\":{\"model\":{\"format\":\"OpenAI\",\"name\":\"<model>\",\"version\":\"<version>\"},\"raiPolicyName\":\"Microsoft.DefaultV2\"}}'",
        ),
        bicep: Some(
            "resource deployment 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = {\n  properties: {\n    raiPolicyName: 'Microsoft.DefaultV2'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_deployment\" \"this\" {\n  rai_policy_name = \"Microsoft.DefaultV2\"\n}",
        ),
        portal: Some(
            "Foundry portal > the account > Deployments > the deployment > Edit > Content filter",
        ),
    },
    policies: &["930f48f9-f07e-427c-9494-52603581c6a9"],
    policy_difference: "The policy asks for one filter of harmful content; whether a filter is strict enough is judged by GOV-07. A deployment that names no filter has Azure's default guardrails and passes here.",
    controls: &["mcsb-v2:AI-2"],
    references: &[DEFAULT_GUARDRAILS, FILTERS_EXAMPLE, DEFENDER_AI, LANDING_ZONE],
    judge: named,
};

fn named(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "Every deployment uses a content filter that exists.",
        fail: "A deployment names a content filter that does not exist.",
        none: NO_DEPLOYMENT,
    };
    judge_filters(asset, words, |deployment, filter| {
        let name = deployment.text("properties.raiPolicyName")?;
        let evidence =
            name.expected_or("a content filter of the account or of Azure", FILTER_ABSENT);
        Ok(Check::of(!matches!(filter, Filter::Missing(_)), evidence))
    })
}

/// The content filter of a deployment.
#[derive(Debug)]
pub enum Filter<'a> {
    /// Azure's default guardrails, as documented; the evidence names the deployment's property.
    Default(Evidence),
    /// A filter of the account's list.
    Listed(Node<'a>),
    /// The deployment names a filter that the list, read to its end, does not have.
    Missing(Evidence),
}

/// Judges the deployments by their content filters.
pub fn judge_filters<'a>(
    asset: &AssetContext<'a>,
    words: Words,
    mut judge: impl FnMut(&Node<'a>, Filter<'a>) -> Result<Check, Unreadable>,
) -> Outcome {
    if let Some(other) = without_models(asset)? {
        return Ok(other);
    }
    let filters = asset.related(fact::RAI_POLICIES);
    asset.related(fact::DEPLOYMENTS)?.every(words, |deployment| {
        let model = match deployment.peek("properties.model.name").and_then(Value::as_str) {
            Some(name) => name,
            None => deployment.text("properties.model.name")?.value.unwrap_or_default(),
        };
        if starts_with(model, "whisper") {
            return Ok(Check::Skip);
        }
        judge(deployment, filter_of(deployment, &filters)?)
    })
}

/// As `judge_filters`, for rules on what the filters say: each filter is judged once, and a deployment of a filter
/// that does not exist is unknown, because GOV-06 reports it.
pub fn judge_each_filter<'a>(
    asset: &AssetContext<'a>,
    words: Words,
    default: impl Fn(Evidence) -> Check,
    mut judge: impl FnMut(&Node<'a>) -> Result<Check, Unreadable>,
) -> Outcome {
    let mut judged: Vec<String> = Vec::new();
    judge_filters(asset, words, |deployment, filter| {
        let filter = match filter {
            Filter::Default(evidence) => return Ok(default(evidence)),
            Filter::Missing(evidence) => {
                let note = "The account's list has no content filter of this name.";
                return Err(Unreadable::new(evidence, note));
            }
            Filter::Listed(filter) => filter,
        };
        if judged.iter().any(|path| path == filter.path()) {
            return Ok(Check::Skip);
        }
        judged.push(filter.path().to_owned());
        let mut check = judge(&filter)?;
        if let Check::Bad(evidence) = &mut check {
            let name = deployment.text("properties.raiPolicyName")?;
            evidence.push(name.expected("a content filter as the rule wants it"));
        }
        Ok(check)
    })
}

fn filter_of<'a>(
    deployment: &Node<'a>,
    filters: &Result<Entries<'a>, Unreadable>,
) -> Result<Filter<'a>, Unreadable> {
    let name = deployment.text("properties.raiPolicyName")?;
    let evidence = || name.expected_or("a content filter", FILTER_ABSENT);
    let Some(wanted) = name.value.filter(|name| !name.trim().is_empty()) else {
        return Ok(Filter::Default(evidence()));
    };
    let is_system = starts_with(wanted, SYSTEM_PREFIX);
    let filters = match filters {
        Ok(filters) => filters,
        Err(_) if is_system => return Ok(Filter::Default(evidence())),
        Err(error) => return Err(error.clone()),
    };
    for filter in filters.nodes() {
        let is_it = match filter.peek("name").and_then(Value::as_str) {
            Some(name) => name.eq_ignore_ascii_case(wanted),
            None => filter.text("name")?.is(wanted),
        };
        if is_it {
            // What Azure lists of its own filters counts; where it lists nothing, what it documents.
            let is_silent = is_system && filter.list("properties.contentFilters")?.is_absent();
            return Ok(if is_silent {
                Filter::Default(evidence())
            } else {
                Filter::Listed(filter)
            });
        }
    }
    if is_system {
        return Ok(Filter::Default(evidence()));
    }
    filters.complete()?;
    Ok(Filter::Missing(evidence()))
}

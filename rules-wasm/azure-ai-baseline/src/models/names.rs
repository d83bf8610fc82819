//! Names that several rules of the topic use, and which accounts have models at all.

use postern_rules_sdk::{AssetContext, Judgement, Setting, Unreadable, setting_evidence};

/// Lists the models that a region offers.
pub const REGION_MODELS: &str = "Models_List 2025-06-01";
/// Lists an account's content filters.
pub const CONTENT_FILTERS: &str = "RaiPolicies_List 2025-06-01";
/// Lists what an account has used of its quotas.
pub const USAGES: &str = "Accounts_ListUsages 2025-06-01";
/// Lists the projects of a Foundry account.
pub const PROJECTS: &str = "Projects_List 2025-06-01";

/// The name of a deployment's model.
pub const MODEL_NAME: &str = "deployments[].properties.model.name";
/// The name of the content filter that a deployment uses.
pub const FILTER_NAME: &str = "deployments[].properties.raiPolicyName";
/// What it means where it is absent.
pub const FILTER_ABSENT: &str = "the default guardrails of Azure";

/// Accounts that the rules on models are not about.
pub const OTHER_KINDS: &str =
    "Accounts of other kinds than OpenAI and AIServices: they have no deployments of models.";
/// Accounts with nothing deployed.
pub const NOTHING_DEPLOYED: &str = "Accounts without deployments of models.";
/// The summary for these.
pub const NO_DEPLOYMENT: &str = "The account has no deployment that the rule is about.";
/// Whisper has no text filters.
pub const WHISPER: &str =
    "Deployments of Whisper: Azure's guardrails do not cover this speech model.";

/// Microsoft's guide to model versions, their retirement and their upgrade.
pub const WORKING_WITH_MODELS: &str = "https://github.com/MicrosoftDocs/azure-ai-docs/blob/0d2ba484df9be09aa67c19faba339a680f6a42e2/articles/foundry/openai/how-to/working-with-models.md";
/// What Azure filters by default.
pub const DEFAULT_GUARDRAILS: &str = "https://github.com/MicrosoftDocs/azure-ai-docs/blob/1fd6a72a792a6b4391afe66f412d8b97a85deb78/articles/ai-foundry/openai/concepts/default-safety-policies.md";
/// Microsoft's reliability recommendations for accounts.
pub const RESILIENCY_LIBRARY: &str = "https://github.com/Azure/Azure-Proactive-Resiliency-Library-v2/blob/9b93db716a5a84ae172f167ce8dfa86739280271/azure-resources/CognitiveServices/accounts/recommendations.yaml";
/// What Azure answers for a region's models.
pub const MODELS_EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/cognitiveservices/resource-manager/Microsoft.CognitiveServices/stable/2025-06-01/examples/ListLocationModels.json";
/// What Azure answers for an account's content filters.
pub const FILTERS_EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/cognitiveservices/resource-manager/Microsoft.CognitiveServices/stable/2025-06-01/examples/ListRaiPolicies.json";
/// What Azure answers for an account's usages.
pub const USAGES_EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/cognitiveservices/resource-manager/Microsoft.CognitiveServices/stable/2025-06-01/examples/GetUsages.json";
/// What Azure answers for a Foundry account's projects.
pub const PROJECTS_EXAMPLE: &str = "https://github.com/Azure/azure-rest-api-specs/blob/180b3d38b484507810c2ed2f747dd7cd11443cca/specification/cognitiveservices/resource-manager/Microsoft.CognitiveServices/stable/2025-06-01/examples/ListProjects.json";

/// `Some(not applicable)` where the account is of a kind that has no deployments of models.
pub fn without_models(asset: &AssetContext<'_>) -> Result<Option<Judgement>, Unreadable> {
    let kind = asset.text("kind")?;
    if kind.is_absent() {
        let note = "Azure gives every account a kind, so this account was not read as a whole.";
        return Err(Unreadable::new(kind.expected("the kind of the account"), note));
    }
    Ok((!kind.is_any_of(&["OpenAI", "AIServices"])).then(|| {
        let summary = "An account of this kind has no deployments of models.";
        Judgement::not_applicable(summary, kind.expected("OpenAI or AIServices"))
    }))
}

/// Not applicable, because nothing is set that switches the rule on.
pub fn switched_off(setting: &Setting) -> Judgement {
    let evidence = setting_evidence(setting, "at least one entry, which switches the rule on");
    Judgement::not_applicable("The organisation has not set what is approved.", evidence)
}

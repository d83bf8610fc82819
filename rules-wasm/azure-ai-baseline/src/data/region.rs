//! Regions: where data lies, and where prompts are answered.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Judgement, MACHINE_LEARNING_WORKSPACE,
    Outcome, Read, Remedy, Rule, SEARCH_SERVICE, Setting, SettingKind, Severity, Topic, Unreadable,
    Words, fact, setting_evidence,
};

use super::sources::{ACCOUNT_SHAPE, MODEL_KINDS};
use crate::groundwork::azure::{ACCOUNT_KIND, ACCOUNTS, DATA_PRIVACY, DEPLOYMENTS};
use crate::groundwork::settings::APPROVED_REGIONS;

const LOCATION: &str = "location";
const REGIONS: &str = "properties.locations.regions";
const REGIONS_ABSENT: &str = "the account is in a single region";
const SKU: &str = "sku.name";
const GENERAL_POLICIES: &str = "https://github.com/Azure/azure-policy/tree/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/General";

/// Whether prompts have to be answered in the account's own geography.
static PROCESSING_BOUND_TO_REGION: Setting = Setting {
    name: "processingBoundToRegion",
    description: "Whether prompts must be processed in the account's own geography, so that no deployment may be global or of a data zone. False: they may be processed elsewhere.",
    kind: SettingKind::Flag { default: false },
};

/// DATA-13: where deployments process prompts.
pub static PROCESSING: Rule = Rule {
    id: "DATA-13",
    title: "Deployments process prompts in the account's own geography",
    topic: Topic::Data,
    severity: Severity::Medium,
    severity_reason: "our own judgement: residency of processing (APRL ac3add17: high for data zones)",
    rationale: "A global deployment sends prompts to any geography, a data zone deployment to any region of the EU or the US; only data at rest stays. \
                Contracts and laws on residency often bind the processing too.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        "Kinds other than OpenAI and AIServices: they have no deployments.",
        "All accounts, until the setting processingBoundToRegion binds the processing.",
        "Accounts without deployments.",
    ],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        Read {
            path: "deployments[].sku.name",
            source: DEPLOYMENTS,
            absent: "nothing: a deployment always has a SKU",
        },
    ],
    settings: &[&PROCESSING_BOUND_TO_REGION],
    remedy: Remedy {
        summary: "Create the deployment again with the SKU Standard or ProvisionedManaged, in a region that offers the model with it.",
        az: Some(
            "az cognitiveservices account deployment create --name $NAME --resource-group GROUP --deployment-name DEPLOYMENT --model-format OpenAI --model-name MODEL --model-version VERSION --sku-name Standard --sku-capacity 10",
        ),
        bicep: Some(
            "resource deployment 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = {\n  sku: {\n    name: 'Standard'\n    capacity: 10\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_deployment\" \"this\" {\n  sku {\n    name     = \"Standard\"\n    capacity = 10\n  }\n}",
        ),
        portal: Some("Foundry portal > Deployments > Deploy model > Deployment type > Standard"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[DATA_PRIVACY],
    judge: processing,
};

/// DATA-14: where resources are.
pub static APPROVED: Rule = Rule {
    id: "DATA-14",
    title: "The resource is in an approved region",
    topic: Topic::Data,
    severity: Severity::Medium,
    severity_reason: "our own judgement: residency of data",
    rationale: "Data at rest lies in the resource's region, under the law of that place. \
                A resource cannot be moved later, so a wrong region is found best on the first day.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE, MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "All resources, until the setting approvedRegions lists regions.",
        "Resources whose location is global: Azure gives them no region.",
    ],
    never: &[],
    reads: &[
        Read {
            path: LOCATION,
            source: "Accounts_List 2026-07-01, Services_ListBySubscription 2025-05-01, Workspaces_ListBySubscription 2025-09-01",
            absent: "nothing: Azure always returns a resource's location",
        },
        Read { path: REGIONS, source: ACCOUNTS, absent: REGIONS_ABSENT },
    ],
    settings: &[&APPROVED_REGIONS],
    remedy: Remedy {
        summary: "Create the resource again in an approved region and move the data; a resource cannot change its region. The command shows what it holds.",
        az: Some("az resource show --ids $ID"),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  location: 'swedencentral'\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  location = \"swedencentral\"\n}",
        ),
        portal: Some("Create the resource > Basics > Region"),
    },
    policies: &["e56962a6-4747-49cd-b67b-bf8b01975c4c"],
    policy_difference: "The policy looks at the location; here the further regions of a multi-region account have to be approved as well.",
    controls: &[],
    references: &[ACCOUNT_SHAPE, GENERAL_POLICIES],
    judge: approved,
};

/// Whether two texts name the same region: `Sweden Central` is `swedencentral`.
pub fn is_same(one: &str, other: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = char> {
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase())
    }
    letters(one).eq(letters(other))
}

fn processing(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = asset.other_kind(MODEL_KINDS)? {
        return Ok(other);
    }
    if !asset.flag_setting(&PROCESSING_BOUND_TO_REGION) {
        let wanted = "true, where prompts must be processed in the account's geography";
        return Ok(Judgement::not_applicable(
            "The organisation has not bound the processing to a region.",
            setting_evidence(&PROCESSING_BOUND_TO_REGION, wanted),
        ));
    }
    let words = Words {
        pass: "All deployments process prompts in the account's own geography.",
        fail: "Deployments process prompts outside the account's geography.",
        none: "The account has no deployments.",
    };
    asset.related(fact::DEPLOYMENTS)?.every(words, |deployment| {
        let sku = deployment.text(SKU)?;
        let starts = |word: &str| {
            let start = sku.value.and_then(|name| name.get(..word.len()));
            start.is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        let evidence = sku.expected("Standard or ProvisionedManaged");
        if starts("Global") || starts("DataZone") {
            Ok(Check::Bad(vec![evidence]))
        } else if starts("Standard") || starts("Provisioned") || starts("RegionalProvisioned") {
            Ok(Check::Good(evidence))
        } else {
            Err(Unreadable::new(evidence, "It is not known where this SKU processes prompts."))
        }
    })
}

fn approved(asset: &AssetContext<'_>) -> Outcome {
    let approved = asset.texts_setting(&APPROVED_REGIONS);
    if approved.is_empty() {
        return Ok(Judgement::not_applicable(
            "The organisation has not limited the regions.",
            setting_evidence(&APPROVED_REGIONS, "regions, for the rule to apply"),
        ));
    }
    let is_approved = |region: &str| approved.iter().any(|approved| is_same(approved, region));
    let location = asset.text(LOCATION)?;
    let evidence = location.expected("a region that the setting approvedRegions lists");
    let Some(region) = location.value else {
        return Err(Unreadable::new(evidence, "The resource was read without its location."));
    };
    if is_same(region, "global") {
        return Ok(Judgement::not_applicable("The resource is in no region.", evidence));
    }
    if !is_approved(region) {
        return Ok(Judgement::fail("The resource is in a region that is not approved.", evidence));
    }
    let passed = Judgement::pass("The resource is in an approved region.", evidence);
    if asset.asset_type() != COGNITIVE_SERVICES_ACCOUNT {
        return Ok(passed);
    }
    let regions = asset.list(REGIONS)?;
    if regions.is_absent() {
        return Ok(passed);
    }
    let words = Words {
        pass: "The account is in approved regions only.",
        fail: "The account is in regions that are not approved.",
        none: "The account names no further region.",
    };
    let further = regions.entries().every(words, |entry| {
        let name = entry.text("name")?;
        let is_known = name.value.is_some_and(is_approved);
        Ok(Check::of(is_known, name.expected("a region that the setting approvedRegions lists")))
    })?;
    Ok(if regions.value.unwrap_or_default().is_empty() { passed } else { further })
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn regions_are_written_in_several_ways() {
        assert!(is_same("Sweden Central", "swedencentral"));
        assert!(is_same("SOUTHCENTRALUS", "southcentralus"));
        assert!(!is_same("westus", "westus2"));
    }
}

//! Tags that say whose a resource is.

use postern_rules_sdk::{
    AssetContext, BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, Evidence, Judgement,
    MACHINE_LEARNING_WORKSPACE, Outcome, Remedy, Rule, SEARCH_SERVICE, Setting, SettingKind,
    Severity, Topic, failing, setting_evidence,
};

use crate::groundwork::azure::{ALL_ASSETS, LANDING_ZONE};
use crate::groundwork::scope::tags;

const TAGS: &str = "https://github.com/Azure/azure-policy/tree/f4a50bacae07ddb096943c597669bcae494a6e29/built-in-policies/policyDefinitions/Tags";

/// Which tags every resource has to have.
static REQUIRED_TAGS: Setting = Setting {
    name: "requiredTags",
    description: "Names of the tags that every AI resource has to have, such as owner, environment or data-classification. Empty: the organisation asks for none.",
    kind: SettingKind::Texts { default: &[], pattern: "^[^<>%&?/\\\\]+$" },
};

/// POL-16: required tags.
pub static REQUIRED: Rule = Rule {
    id: "POL-16",
    title: "The resource has the required tags",
    topic: Topic::Policy,
    severity: Severity::Low,
    severity_reason: "AI landing zone checklist AI.84: low",
    rationale: "Tags tell who owns a resource, which environment it is part of and who pays for it. \
                Without them a finding reaches nobody, and rules on production cannot tell what production is.",
    asset_types: &[
        COGNITIVE_SERVICES_ACCOUNT,
        SEARCH_SERVICE,
        MACHINE_LEARNING_WORKSPACE,
        BOT_SERVICE,
    ],
    exceptions: &["All resources, where the setting requiredTags is empty."],
    never: &[],
    reads: &[tags(ALL_ASSETS)],
    settings: &[&REQUIRED_TAGS],
    remedy: Remedy {
        summary: "Give the resource the tags that are missing.",
        az: Some("az tag update --resource-id $ID --operation merge --tags owner=<who owns it>"),
        bicep: Some(
            "resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {\n  tags: {\n    owner: 'team-claims'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_cognitive_account\" \"this\" {\n  tags = {\n    owner = \"team-claims\"\n  }\n}",
        ),
        portal: Some("The resource > Tags"),
    },
    policies: &["871b6d14-10aa-478d-b590-94f262ecfa99"],
    policy_difference: "The policy is satisfied by a tag without a value; the rule is not, because an empty owner is none. The rule asks for all tags of the setting, the policy for the one that its assignment names.",
    controls: &[],
    references: &[TAGS, LANDING_ZONE],
    judge: required,
};

fn required(asset: &AssetContext<'_>) -> Outcome {
    let wanted = asset.texts_setting(&REQUIRED_TAGS);
    if wanted.is_empty() {
        let evidence = setting_evidence(&REQUIRED_TAGS, "the tags that the organisation asks for");
        return Ok(Judgement::not_applicable("The organisation asks for no tags.", evidence));
    }
    let tags = asset.resource().fields("tags")?;
    let mut missing = Vec::new();
    for name in &wanted {
        let tag = tags.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(name.trim()));
        let is_blank = |text: &str| text.trim().is_empty();
        match tag {
            Some((_, node)) if !node.value().as_str().is_none_or(is_blank) => {}
            Some((_, node)) => missing.push(node.expected("a value")),
            None => {
                let path = format!("tags[\"{}\"]", name.trim());
                missing.push(Evidence::new(path, None, "a value").absent_means("no such tag"));
            }
        }
    }
    let all = || asset.object("tags").map(|tags| tags.expected(wanted.join(", ")));
    match failing("Required tags are missing.", missing) {
        Some(failed) => Ok(failed),
        None => Ok(Judgement::pass("The resource has the required tags.", all()?)),
    }
}

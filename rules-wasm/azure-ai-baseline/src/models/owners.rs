//! Who owns the projects of a Foundry account.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Judgement, Outcome, Read, Remedy, Rule,
    Setting, SettingKind, Severity, Topic, Words, fact,
};

use super::names::{PROJECTS as LISTED, PROJECTS_EXAMPLE, switched_off};
use crate::groundwork::azure::ACCOUNTS;

const MANAGES: &str = "properties.allowProjectManagement";
const NO_TAGS: &str = "nobody is named as the owner";

/// The tags that name a project's owner.
static PROJECT_OWNER_TAGS: Setting = Setting {
    name: "projectOwnerTags",
    description: "Names of tags, such as owner, of which a Foundry project carries at least one with a value. Empty: projects need not say who owns them.",
    kind: SettingKind::Texts { default: &[], pattern: "" },
};

/// GOV-27: owners.
pub static PROJECTS: Rule = Rule {
    id: "GOV-27",
    title: "Foundry projects say who owns them",
    topic: Topic::Models,
    severity: Severity::Low,
    severity_reason: "our own judgement: the table of facts calls it information",
    rationale: "Projects hold agents, data connections and files, and are made by whoever may use the account. \
                When nobody is named as the owner, nobody reviews or removes them.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        "Accounts that do not manage Foundry projects.",
        "Accounts without projects.",
        "All accounts, as long as projectOwnerTags is not set.",
    ],
    never: &[],
    reads: &[
        Read { path: MANAGES, source: ACCOUNTS, absent: "false: the account has no projects" },
        Read { path: "projects[].tags", source: LISTED, absent: NO_TAGS },
    ],
    settings: &[&PROJECT_OWNER_TAGS],
    remedy: Remedy {
        summary: "Ask who uses the project, tag it with the owner, or delete it.",
        az: Some(
            "az tag update --resource-id $ID/projects/<project> --operation Merge --tags owner=<team>",
        ),
        bicep: Some(
            "resource project 'Microsoft.CognitiveServices/accounts/projects@2025-06-01' = {\n  tags: {\n    owner: '<team>'\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"project\" {\n  type        = \"Microsoft.CognitiveServices/accounts/projects@2025-06-01\"\n  resource_id = \"<id of the project>\"\n  body = {\n    tags = {\n      owner = \"<team>\"\n    }\n  }\n}",
        ),
        portal: Some("The project (as a resource) > Tags"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[PROJECTS_EXAMPLE],
    judge: owned,
};

fn owned(asset: &AssetContext<'_>) -> Outcome {
    let manages = asset.flag(MANAGES)?;
    if !manages.is_true() {
        let evidence = manages.expected_or("true", "false: the account has no projects");
        return Ok(Judgement::not_applicable("The account does not manage projects.", evidence));
    }
    let wanted = asset.texts_setting(&PROJECT_OWNER_TAGS);
    if wanted.is_empty() {
        return Ok(switched_off(&PROJECT_OWNER_TAGS));
    }
    let words = Words {
        pass: "Every project says who owns it.",
        fail: "A project does not say who owns it.",
        none: "The account has no projects.",
    };
    asset.related(fact::PROJECTS)?.every(words, |project| {
        for (name, tag) in project.fields("tags")? {
            let is_named = wanted.iter().any(|wanted| wanted.trim().eq_ignore_ascii_case(name));
            if is_named && tag.value().as_str().is_some_and(|value| !value.trim().is_empty()) {
                return Ok(Check::Good(tag.expected("an owner")));
            }
        }
        let tags = project.object("tags")?;
        Ok(Check::Bad(vec![tags.expected_or("a tag that projectOwnerTags lists", NO_TAGS)]))
    })
}

//! What the content filters of the deployments block: harm, jailbreaks, attacks in documents, protected material.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Evidence, Judgement, Node, Outcome, Read,
    Rule, Setting, SettingKind, Severity, Topic, Unreadable, Value, Words,
};

use super::filter_template::{PORTAL, remedy};
use super::filter_use::{FILTERS, MODEL, NAME, USED, judge_each_filter};
use super::names::{
    CONTENT_FILTERS, DEFAULT_GUARDRAILS, FILTER_NAME, FILTERS_EXAMPLE, NO_DEPLOYMENT,
    NOTHING_DEPLOYED, OTHER_KINDS, WHISPER, without_models,
};
use crate::groundwork::azure::{ACCOUNT_KIND, ACCOUNTS, DEPLOYMENTS, LANDING_ZONE};

const FILTERS_PATH: &str = "properties.contentFilters";
const MISSING: &str = "the category is off in this content filter";
const UNSAID: &str = "not documented; read as off";
const PROJECTS_PATH: &str = "properties.allowProjectManagement";

const LISTED: Read = Read {
    path: "raiPolicies[].properties.contentFilters[].name",
    source: CONTENT_FILTERS,
    absent: MISSING,
};
const SOURCE: Read = Read {
    path: "raiPolicies[].properties.contentFilters[].source",
    source: CONTENT_FILTERS,
    absent: "not documented: neither prompts nor completions, so the category is off",
};
const ENABLED: Read = Read {
    path: "raiPolicies[].properties.contentFilters[].enabled",
    source: CONTENT_FILTERS,
    absent: UNSAID,
};
const BLOCKING: Read = Read {
    path: "raiPolicies[].properties.contentFilters[].blocking",
    source: CONTENT_FILTERS,
    absent: UNSAID,
};

/// Whether models have to be shielded from documents where no agents run.
static REQUIRE_INDIRECT_ATTACK_FILTER: Setting = Setting {
    name: "requireIndirectAttackFilter",
    description: "Whether deployments of every account need the filter of indirect attacks. False: only those of accounts that manage Foundry projects, because agents run there and read documents.",
    kind: SettingKind::Flag { default: false },
};

/// A filter that has to be on.
struct Wanted {
    name: &'static str,
    source: &'static str,
    /// Whether to annotate is not enough.
    is_blocking: bool,
    /// Whether it has to act at low or medium severity.
    has_threshold: bool,
    expected: &'static str,
}

const fn harm(name: &'static str, source: &'static str, expected: &'static str) -> Wanted {
    Wanted { name, source, is_blocking: true, has_threshold: true, expected }
}

const fn shield(name: &'static str, expected: &'static str) -> Wanted {
    Wanted { name, source: "Prompt", is_blocking: true, has_threshold: false, expected }
}

const fn material(name: &'static str, expected: &'static str) -> Wanted {
    Wanted { name, source: "Completion", is_blocking: false, has_threshold: false, expected }
}

static HARM_FILTERS: [Wanted; 8] = [
    harm("Hate", "Prompt", "Hate in prompts blocked from low or medium severity"),
    harm("Hate", "Completion", "Hate in completions blocked from low or medium severity"),
    harm("Sexual", "Prompt", "Sexual in prompts blocked from low or medium severity"),
    harm("Sexual", "Completion", "Sexual in completions blocked from low or medium severity"),
    harm("Violence", "Prompt", "Violence in prompts blocked from low or medium severity"),
    harm("Violence", "Completion", "Violence in completions blocked from low or medium severity"),
    harm("Selfharm", "Prompt", "Selfharm in prompts blocked from low or medium severity"),
    harm("Selfharm", "Completion", "Selfharm in completions blocked from low or medium severity"),
];
static JAILBREAK_FILTERS: [Wanted; 1] = [shield("Jailbreak", "Jailbreak in prompts blocked")];
static INDIRECT_FILTERS: [Wanted; 1] =
    [shield("Indirect Attack", "Indirect Attack in prompts blocked")];
static MATERIAL_FILTERS: [Wanted; 2] = [
    material("Protected Material Text", "Protected Material Text in completions enabled"),
    material("Protected Material Code", "Protected Material Code in completions enabled"),
];

/// GOV-07: harm.
pub static HARM: Rule = Rule {
    id: "GOV-07",
    title: "Content filters block harm from medium severity on",
    topic: Topic::Models,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.52: high",
    rationale: "Azure's default guardrails block hate, sexual content, violence and self-harm from medium severity on, in prompts and in answers. \
                A filter of one's own that blocks only high severity, or annotates only, lets through what the default would stop.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        OTHER_KINDS,
        NOTHING_DEPLOYED,
        WHISPER,
        "Content filters that no deployment uses.",
    ],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        MODEL,
        USED,
        NAME,
        FILTERS,
        LISTED,
        SOURCE,
        ENABLED,
        BLOCKING,
        Read {
            path: "raiPolicies[].properties.contentFilters[].severityThreshold",
            source: CONTENT_FILTERS,
            absent: "not documented; read as too weak",
        },
    ],
    settings: &[],
    remedy: remedy(
        "Set the four categories to block from medium (or low) severity for prompts and completions, or let the deployment use Microsoft.DefaultV2. A put replaces the whole policy: what its list does not name is off, so the templates name every filter; keep stricter thresholds and blocklists of your own. Leave Indirect Attack out where no model reads documents of others.",
        PORTAL,
    ),
    policies: &["930f48f9-f07e-427c-9494-52603581c6a9"],
    policy_difference: "By default the policy accepts the thresholds Medium and High; here High is too weak and Low, which is stricter, is accepted. A deployment that names no filter has Azure's default guardrails and passes here.",
    controls: &["mcsb-v2:AI-2"],
    references: &[DEFAULT_GUARDRAILS, FILTERS_EXAMPLE, LANDING_ZONE],
    judge: |asset| blocked(asset, HARM_WORDS, &HARM_FILTERS, Check::Good),
};

/// GOV-08: jailbreaks.
pub static JAILBREAK: Rule = Rule {
    id: "GOV-08",
    title: "Content filters block jailbreaks",
    topic: Topic::Models,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.175: high",
    rationale: "A jailbreak is a prompt that talks the model out of its instructions, to get at its tools, its data or answers it should refuse. \
                The shield is part of Azure's default guardrails; a filter of one's own has it only where it was put in.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        OTHER_KINDS,
        NOTHING_DEPLOYED,
        WHISPER,
        "Content filters that no deployment uses.",
    ],
    never: &[],
    reads: &[ACCOUNT_KIND, MODEL, USED, NAME, FILTERS, LISTED, SOURCE, ENABLED, BLOCKING],
    settings: &[],
    remedy: remedy(
        "Enable the jailbreak shield for prompts and let it block, or let the deployment use Microsoft.DefaultV2. A put replaces the whole policy: what its list does not name is off, so the templates name every filter; keep stricter thresholds and blocklists of your own. Leave Indirect Attack out where no model reads documents of others.",
        PORTAL,
    ),
    policies: &["f3a9c2e0-7b4d-4d8f-9c3a-2e1f6b9a8d4e"],
    policy_difference: "A deployment that names no filter has Azure's default guardrails, which have the shield, and passes here.",
    controls: &["mcsb-v2:AI-2"],
    references: &[DEFAULT_GUARDRAILS, FILTERS_EXAMPLE, LANDING_ZONE],
    judge: |asset| blocked(asset, JAILBREAK_WORDS, &JAILBREAK_FILTERS, Check::Good),
};

/// GOV-09: attacks in documents.
pub static INDIRECT_ATTACK: Rule = Rule {
    id: "GOV-09",
    title: "Content filters block attacks hidden in documents",
    topic: Topic::Models,
    severity: Severity::Medium,
    severity_reason: "our own judgement: agents read documents that others write",
    rationale: "Text in a document, a mail or a web page can give orders to the model that reads it, and so to the tools of an agent. \
                Azure's filter of indirect attacks looks for that. It is not part of the default guardrails.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        OTHER_KINDS,
        NOTHING_DEPLOYED,
        WHISPER,
        "Accounts that do not manage Foundry projects, unless requireIndirectAttackFilter is set.",
        "Content filters that no deployment uses.",
    ],
    never: &[],
    reads: &[
        ACCOUNT_KIND,
        Read {
            path: PROJECTS_PATH,
            source: ACCOUNTS,
            absent: "false: the account has no projects",
        },
        Read {
            path: FILTER_NAME,
            source: DEPLOYMENTS,
            absent: "the default guardrails of Azure, which do not have this filter",
        },
        MODEL,
        NAME,
        FILTERS,
        LISTED,
        SOURCE,
        ENABLED,
        BLOCKING,
    ],
    settings: &[&REQUIRE_INDIRECT_ATTACK_FILTER],
    remedy: remedy(
        "Make a content filter with Indirect Attack enabled and blocking for prompts, and let the deployments use it. A put replaces the whole policy: what its list does not name is off, so the templates name every filter; keep stricter thresholds and blocklists of your own.",
        PORTAL,
    ),
    policies: &["f3a9c2e0-7b4d-4d8f-9c3a-2e1f6b9a8d4e"],
    policy_difference: "The policy judges every deployment; here accounts without Foundry projects are left out unless requireIndirectAttackFilter is set.",
    controls: &[],
    references: &[DEFAULT_GUARDRAILS, FILTERS_EXAMPLE],
    judge: indirect_attack_blocked,
};

/// GOV-10: protected material.
pub static PROTECTED_MATERIAL: Rule = Rule {
    id: "GOV-10",
    title: "Content filters look for protected material",
    topic: Topic::Models,
    severity: Severity::Medium,
    severity_reason: "our own judgement: medium (AI landing zone checklist AI.61: high)",
    rationale: "A model may repeat texts and code that others own. \
                The detection of protected material tells the application, and is on by default for text models.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        OTHER_KINDS,
        NOTHING_DEPLOYED,
        WHISPER,
        "Content filters that no deployment uses.",
    ],
    never: &[],
    reads: &[ACCOUNT_KIND, MODEL, USED, NAME, FILTERS, LISTED, SOURCE, ENABLED],
    settings: &[],
    remedy: remedy(
        "Enable Protected Material Text and Protected Material Code for completions. A put replaces the whole policy: what its list does not name is off, so the templates name every filter; keep stricter thresholds and blocklists of your own. Leave Indirect Attack out where no model reads documents of others.",
        PORTAL,
    ),
    policies: &["af253d37-136a-42f8-a1fc-30010c083d41"],
    policy_difference: "By default the policy also wants the filter to block; here to detect is enough. A deployment that names no filter has Azure's default guardrails and passes here.",
    controls: &[],
    references: &[DEFAULT_GUARDRAILS, FILTERS_EXAMPLE, LANDING_ZONE],
    judge: |asset| blocked(asset, MATERIAL_WORDS, &MATERIAL_FILTERS, Check::Good),
};

const HARM_WORDS: Words = Words {
    pass: "The content filters in use block harm from medium severity on.",
    fail: "A content filter in use lets harmful content through.",
    none: NO_DEPLOYMENT,
};
const JAILBREAK_WORDS: Words = Words {
    pass: "The content filters in use block jailbreaks.",
    fail: "A content filter in use does not block jailbreaks.",
    none: NO_DEPLOYMENT,
};
const INDIRECT_WORDS: Words = Words {
    pass: "The content filters in use block indirect attacks.",
    fail: "A content filter in use does not block indirect attacks.",
    none: NO_DEPLOYMENT,
};
const MATERIAL_WORDS: Words = Words {
    pass: "The content filters in use look for protected material.",
    fail: "A content filter in use does not look for protected material.",
    none: NO_DEPLOYMENT,
};

fn indirect_attack_blocked(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_models(asset)? {
        return Ok(other);
    }
    let projects = asset.flag(PROJECTS_PATH)?;
    if !projects.is_true() && !asset.flag_setting(&REQUIRE_INDIRECT_ATTACK_FILTER) {
        let evidence =
            projects.expected_or("true, or the setting requireIndirectAttackFilter", "false");
        return Ok(Judgement::not_applicable("No agents run in this account.", evidence));
    }
    let default = |evidence: Evidence| Check::Bad(vec![evidence]);
    blocked(asset, INDIRECT_WORDS, &INDIRECT_FILTERS, default)
}

fn blocked(
    asset: &AssetContext<'_>,
    words: Words,
    wanted: &'static [Wanted],
    default: impl Fn(Evidence) -> Check,
) -> Outcome {
    judge_each_filter(asset, words, default, |filter| {
        let listed = filter.list(FILTERS_PATH)?;
        let entries = listed.value.unwrap_or_default();
        let is_met = |wanted: &Wanted| entries.iter().any(|entry| wanted.is_met(entry));
        if wanted.iter().all(is_met) {
            return Ok(Check::Good(
                filter.text("name")?.expected("a content filter that is strict enough"),
            ));
        }
        let mut bad = Vec::new();
        for wanted in wanted.iter().filter(|wanted| !is_met(wanted)) {
            if let Some(entry) = listed.entries().nodes().find(|entry| wanted.is_of(entry.value()))
            {
                wanted.faults(&entry, &mut bad)?;
            } else {
                let evidence = Evidence::new(listed.path.clone(), None, wanted.expected);
                bad.push(evidence.absent_means(MISSING));
            }
        }
        Ok(Check::Bad(bad))
    })
}

impl Wanted {
    /// Whether an entry is of this category and direction.
    fn is_of(&self, entry: &Value<'_>) -> bool {
        text(entry, "name").is_some_and(|name| same_name(name, self.name))
            && text(entry, "source").is_some_and(|source| source.eq_ignore_ascii_case(self.source))
    }

    fn is_met(&self, entry: &Value<'_>) -> bool {
        self.is_of(entry)
            && is_true(entry, "enabled")
            && (!self.is_blocking || is_true(entry, "blocking"))
            && (!self.has_threshold || text(entry, "severityThreshold").is_some_and(is_strict))
    }

    /// What is wrong with an entry of this category.
    fn faults(&self, entry: &Node<'_>, bad: &mut Vec<Evidence>) -> Result<(), Unreadable> {
        let enabled = entry.flag("enabled")?;
        if !enabled.is_true() {
            bad.push(enabled.expected_or(self.expected, UNSAID));
            return Ok(());
        }
        if self.is_blocking {
            let blocking = entry.flag("blocking")?;
            if !blocking.is_true() {
                bad.push(blocking.expected_or(self.expected, UNSAID));
                return Ok(());
            }
        }
        if self.has_threshold {
            let threshold = entry.text("severityThreshold")?;
            if !threshold.value.is_some_and(is_strict) {
                bad.push(threshold.expected_or(self.expected, "not documented; read as too weak"));
            }
        }
        Ok(())
    }
}

fn is_strict(threshold: &str) -> bool {
    threshold.eq_ignore_ascii_case("Low") || threshold.eq_ignore_ascii_case("Medium")
}

fn text<'a>(entry: &'a Value<'a>, key: &str) -> Option<&'a str> {
    entry.as_object()?.get(key)?.as_str()
}

fn is_true(entry: &Value<'_>, key: &str) -> bool {
    let value = entry.as_object().and_then(|fields| fields.get(key));
    value.and_then(Value::as_bool) == Some(true)
}

/// Azure writes `Indirect Attack` and `IndirectAttack`, `Selfharm` and `self_harm`.
fn same_name(one: &str, other: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = u8> + '_ {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase())
    }
    one.eq_ignore_ascii_case(other) || letters(one).eq(letters(other))
}

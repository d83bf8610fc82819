//! Where a deployed model stands in its life: preview, current, about to be retired, retired.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Judgement, Node, OffsetDateTime, Outcome,
    Read, Remedy, Rule, Setting, SettingKind, Severity, Topic, Unreadable, Words, fact,
    setting_evidence,
};

use super::names::{
    MODELS_EXAMPLE, NO_DEPLOYMENT, NOTHING_DEPLOYED, OTHER_KINDS, REGION_MODELS,
    WORKING_WITH_MODELS, without_models,
};
use super::region_models::{self, Offer, RegionModels};
use crate::groundwork::azure::{ACCOUNTS, DEPLOYMENTS, LANDING_ZONE};
use crate::groundwork::reads::join;
use crate::groundwork::scope::{tagged, tags};
use crate::groundwork::settings::PRODUCTION_TAGS;

const NAME: Read = Read {
    path: "deployments[].name",
    source: DEPLOYMENTS,
    absent: "not documented: every deployment has one",
};
const STATUS: Read = Read {
    path: "deployedModels[].model.lifecycleStatus",
    source: REGION_MODELS,
    absent: "not documented",
};
const UPDATE: &str = "az rest --method put --url \"$ID/deployments/<deployment>?api-version=2025-06-01\" --body '{\"sku\":{\"name\":\"<type>\",\"capacity\":10},\"properties\":{\"model\":{\"format\":\"OpenAI\",\"name\":\"<model>\",\"version\":\"<version>\"}}}'";
const BICEP: &str = "resource deployment 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = {\n  properties: {\n    model: {\n      format: 'OpenAI'\n      name: '<model>'\n      version: '<version>'\n    }\n  }\n}";
const TERRAFORM: &str = "resource \"azurerm_cognitive_deployment\" \"this\" {\n  model {\n    format  = \"OpenAI\"\n    name    = \"<model>\"\n    version = \"<version>\"\n  }\n}";

/// How early a retirement is reported.
static RETIREMENT_NOTICE_DAYS: Setting = Setting {
    name: "retirementNoticeDays",
    description: "How many days before its retirement a deployed model is reported. Azure gives notice 60 days before it retires a generally available model, 30 days for a preview.",
    kind: SettingKind::Integer { default: 60, least: 0, most: 730 },
};

/// GOV-02: retirement.
pub static RETIREMENT: Rule = Rule {
    id: "GOV-02",
    title: "No deployed model is retired or about to be",
    topic: Topic::Models,
    severity: Severity::High,
    severity_reason: "AI landing zone checklist AI.117: high",
    rationale: "On the day of its retirement a model stops answering, or is swapped for another version that answers differently. \
                Both break applications that nobody has tested with the successor. A planned move avoids it.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[OTHER_KINDS, NOTHING_DEPLOYED],
    never: &[],
    reads: &join::<_, _, 16>(
        region_models::READS,
        [
            NAME,
            STATUS,
            Read {
                path: "deployments[].sku.name",
                source: DEPLOYMENTS,
                absent: "not documented: the schema requires it; the dates of single types do not count",
            },
            Read {
                path: "deployedModels[].model.skus[].name",
                source: REGION_MODELS,
                absent: "not documented: the date is of another deployment type",
            },
            Read {
                path: "deployedModels[].model.deprecation.inference",
                source: REGION_MODELS,
                absent: "no date is announced; where the whole entry is absent the version is gone from the region and counts as retired",
            },
            Read {
                path: "deployedModels[].model.skus[].deprecationDate",
                source: REGION_MODELS,
                absent: "no date of its own for this deployment type",
            },
        ],
    ),
    settings: &[&RETIREMENT_NOTICE_DAYS],
    remedy: Remedy {
        summary: "Test the application with the successor, then set the deployment to it; a model of another name needs a new deployment.",
        az: Some(UPDATE),
        bicep: Some(BICEP),
        terraform: Some(TERRAFORM),
        portal: Some(
            "Foundry portal > the account > Deployments > the deployment > Edit > Model version",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[WORKING_WITH_MODELS, MODELS_EXAMPLE, LANDING_ZONE],
    judge: current,
};

/// GOV-03: previews in production.
pub static PREVIEW: Rule = Rule {
    id: "GOV-03",
    title: "Production runs no preview models",
    topic: Topic::Models,
    severity: Severity::Low,
    severity_reason: "our own judgement: a preview has no service level and short notice",
    rationale: "A preview model has no service level agreement, changes without long notice and may never become generally available. \
                That is fine for trials, and a risk for what customers depend on.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT],
    exceptions: &[
        OTHER_KINDS,
        NOTHING_DEPLOYED,
        "Accounts without a tag that the setting productionTags lists.",
        "Models that the region's list no longer has: GOV-02 reports them.",
    ],
    never: &[],
    reads: &join::<_, _, 13>(region_models::READS, [NAME, STATUS, tags(ACCOUNTS)]),
    settings: &[&PRODUCTION_TAGS],
    remedy: Remedy {
        summary: "Deploy a generally available model in place of the preview and move the callers.",
        az: Some(UPDATE),
        bicep: Some(BICEP),
        terraform: Some(TERRAFORM),
        portal: Some("Foundry portal > the account > Deployments > Deploy model"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[MODELS_EXAMPLE],
    judge: no_preview,
};

fn current(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_models(asset)? {
        return Ok(other);
    }
    let words = Words {
        pass: "No deployed model is retired, deprecated or within the notice period.",
        fail: "A deployed model is retired, deprecated or about to be retired.",
        none: NO_DEPLOYMENT,
    };
    let models = RegionModels::of(asset)?;
    let now = asset.taken_at()?;
    let notice = asset.integer_setting(&RETIREMENT_NOTICE_DAYS);
    asset.related(fact::DEPLOYMENTS)?.every(words, |deployment| match models.find(deployment)? {
        Offer::Entry(entry) => check_dates(deployment, &entry, now, notice),
        Offer::Gone => {
            let version = deployment.text("properties.model.version")?;
            let evidence = version.expected("a version that the region still offers");
            let note = "the region's list no longer has this model in this version, so it counts as retired";
            let name = deployment.text("properties.model.name")?;
            Ok(Check::Bad(vec![evidence.noting(note), name.expected("a model of the region's list")]))
        }
    })
}

fn check_dates(
    deployment: &Node<'_>,
    entry: &Node<'_>,
    now: OffsetDateTime,
    notice: i64,
) -> Result<Check, Unreadable> {
    let mut dates = vec![entry.moment("model.deprecation.inference")?];
    let sku = deployment.text("sku.name")?.value.unwrap_or_default();
    for offered in entry.list("model.skus")?.entries().nodes() {
        if offered.text("name")?.is(sku) {
            dates.push(offered.moment("deprecationDate")?);
        }
    }
    // The deployment type may be retired before the model.
    let Some(first) =
        dates.into_iter().filter(|date| date.value.is_some()).min_by_key(|date| date.value)
    else {
        return undated(deployment, entry);
    };
    let is_retired = first.value.is_some_and(|date| date <= now);
    let is_near = first.days_after(now).is_some_and(|days| days <= notice);
    if is_retired || is_near {
        let note = if is_retired { "retired" } else { "within the notice period" };
        let evidence = first.expected("a date after the notice period").noting(note);
        return Ok(Check::Bad(vec![evidence, of_deployment(deployment)?]));
    }
    if let Some(deprecated) = deprecated(deployment, entry)? {
        return Ok(deprecated);
    }
    Ok(Check::Good(first.expected("a date after the notice period")))
}

/// A model without a date: its status alone tells.
fn undated(deployment: &Node<'_>, entry: &Node<'_>) -> Result<Check, Unreadable> {
    if let Some(deprecated) = deprecated(deployment, entry)? {
        return Ok(deprecated);
    }
    let status = entry.text("model.lifecycleStatus")?;
    let evidence = status.expected("neither Deprecating nor Deprecated");
    if status.is_given() {
        return Ok(Check::Good(evidence));
    }
    Err(Unreadable::new(
        evidence,
        "The region's list gives neither a status nor a date of retirement.",
    ))
}

fn deprecated(deployment: &Node<'_>, entry: &Node<'_>) -> Result<Option<Check>, Unreadable> {
    let status = entry.text("model.lifecycleStatus")?;
    if !status.is_any_of(&["Deprecated", "Deprecating"]) {
        return Ok(None);
    }
    let evidence = status.expected("neither Deprecating nor Deprecated");
    Ok(Some(Check::Bad(vec![evidence, of_deployment(deployment)?])))
}

/// Evidence that names the deployment behind an entry of the region's list.
fn of_deployment(deployment: &Node<'_>) -> Result<postern_rules_sdk::Evidence, Unreadable> {
    Ok(deployment.text("name")?.expected("a deployment of another model or version"))
}

fn no_preview(asset: &AssetContext<'_>) -> Outcome {
    if let Some(other) = without_models(asset)? {
        return Ok(other);
    }
    if tagged(asset, &PRODUCTION_TAGS)?.is_none() {
        let evidence = setting_evidence(&PRODUCTION_TAGS, "a tag that the account has");
        return Ok(Judgement::not_applicable("The account is not marked as production.", evidence));
    }
    let words = Words {
        pass: "No deployed model is a preview.",
        fail: "A preview model is deployed in production.",
        none: NO_DEPLOYMENT,
    };
    let models = RegionModels::of(asset)?;
    asset.related(fact::DEPLOYMENTS)?.every(words, |deployment| {
        let Offer::Entry(entry) = models.find(deployment)? else { return Ok(Check::Skip) };
        let status = entry.text("model.lifecycleStatus")?;
        let evidence = status.expected("another status than Preview");
        if status.is_absent() {
            return Err(Unreadable::new(evidence, "The region's list gives no status."));
        }
        if status.is("Preview") {
            return Ok(Check::Bad(vec![evidence, of_deployment(deployment)?]));
        }
        Ok(Check::Good(evidence))
    })
}

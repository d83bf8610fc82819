//! The entry of the region's list of models that belongs to a deployment.

use postern_rules_sdk::{AssetContext, Entries, Node, Read, Unreadable, Value, fact};

use super::names::{MODEL_NAME, REGION_MODELS};
use crate::groundwork::azure::{ACCOUNT_KIND, DEPLOYMENTS};

/// What [`RegionModels`] reads.
pub const READS: [Read; 10] = [
    ACCOUNT_KIND,
    Read {
        path: MODEL_NAME,
        source: DEPLOYMENTS,
        absent: "not documented: every deployment has one",
    },
    Read {
        path: "deployments[].properties.model.version",
        source: DEPLOYMENTS,
        absent: "the default version of the model, which may change: its entry is not known",
    },
    Read {
        path: "deployments[].properties.model.format",
        source: DEPLOYMENTS,
        absent: "not documented: an entry of any format is the model's",
    },
    Read {
        path: "deployments[].properties.model.source",
        source: DEPLOYMENTS,
        absent: "a model of the catalogue, not of a registry",
    },
    Read {
        path: "deployments[].properties.model.sourceAccount",
        source: DEPLOYMENTS,
        absent: "optional (schema): a model of no other account",
    },
    Read {
        path: "deployedModels[].kind",
        source: REGION_MODELS,
        absent: "not documented: the entry counts where none is of the account's kind",
    },
    Read {
        path: "deployedModels[].model.name",
        source: REGION_MODELS,
        absent: "not documented: the entry is of another model",
    },
    Read {
        path: "deployedModels[].model.version",
        source: REGION_MODELS,
        absent: "not documented: the entry is of another version",
    },
    Read {
        path: "deployedModels[].model.format",
        source: REGION_MODELS,
        absent: "not documented: the entry is of another format than a deployment that names one",
    },
];

/// The region's models that the account's deployments use.
#[derive(Debug)]
pub struct RegionModels<'a> {
    models: Result<Entries<'a>, Unreadable>,
    kind: &'a str,
}

/// What the region's list says of a deployment's model.
#[derive(Debug)]
pub enum Offer<'a> {
    /// Its entry.
    Entry(Node<'a>),
    /// The list was read to its end and does not have the model in this version.
    Gone,
}

impl<'a> RegionModels<'a> {
    /// What was read of the list; a deployment that needs what was not read is unknown.
    pub fn of(asset: &AssetContext<'a>) -> Result<Self, Unreadable> {
        let kind = asset.text("kind")?.value.unwrap_or_default();
        Ok(Self { models: asset.related(fact::DEPLOYED_MODELS), kind })
    }

    /// The entry of a deployment's model. The list has one for each kind of account; that of the account's counts first.
    pub fn find(&self, deployment: &Node<'a>) -> Result<Offer<'a>, Unreadable> {
        let name = deployment.text("properties.model.name")?;
        let version = deployment.text("properties.model.version")?;
        let format = deployment.text("properties.model.format")?;
        let (Some(model_name), Some(model_version)) = (name.value, version.value) else {
            let unsaid = if name.is_absent() { name } else { version };
            let note =
                "Without the model's name and version its entry in the region's list is not known.";
            return Err(Unreadable::new(unsaid.expected("a model and its version"), note));
        };
        let models = self.models.as_ref().map_err(Clone::clone)?;
        let mut found = None;
        for entry in models.nodes() {
            // Most entries are of other models: a look tells, without the paths of readings.
            let seen = entry.peek("model.name").and_then(Value::as_str);
            if seen.is_some_and(|seen| !seen.eq_ignore_ascii_case(model_name)) {
                continue;
            }
            let is_it = entry.text("model.name")?.is(model_name)
                && entry.text("model.version")?.is(model_version)
                && format.value.is_none_or(|format| {
                    entry.text("model.format").is_ok_and(|one| one.is(format))
                });
            if !is_it {
                continue;
            }
            if entry.text("kind")?.is(self.kind) {
                return Ok(Offer::Entry(entry));
            }
            found = found.or(Some(entry));
        }
        if let Some(entry) = found {
            return Ok(Offer::Entry(entry));
        }
        models.complete()?;
        let source = deployment.text("properties.model.source")?;
        let account = deployment.text("properties.model.sourceAccount")?;
        if source.is_given() || account.is_given() || model_name.contains(".ft-") {
            let note =
                "The model is fine-tuned or of a registry: the region's list does not show it.";
            return Err(Unreadable::new(name.expected("a model of the region's list"), note));
        }
        Ok(Offer::Gone)
    }
}

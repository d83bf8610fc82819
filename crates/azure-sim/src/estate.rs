//! What the simulated Azure holds, by day.

mod account;
mod drift;
mod folder;
mod organisation;
mod search_service;
mod seeded;
mod workspace;

use std::collections::BTreeMap;

use serde_json::Value;
use time::Date;

use crate::options::{EstateSource, SimError, SimOptions};

/// An estate over its whole history.
#[derive(Debug)]
pub(crate) enum Estate {
    Seeded { seed: u64, assets: usize, first_day: Date },
    Folder(Holding),
}

/// What is there on one day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holding {
    /// Subscriptions as ARM lists them, by lower-case id.
    pub subscriptions: BTreeMap<String, Value>,
    /// Resources, by lower-case ARM id.
    pub resources: BTreeMap<String, Value>,
    /// Diagnostic settings, by the lower-case ARM id of their resource; an entry for each resource.
    pub diagnostics: BTreeMap<String, Vec<Value>>,
    /// What the credential may not read that day.
    pub denied: Vec<Denied>,
}

/// Something that the credential may not read.
#[derive(Clone, Debug)]
pub(crate) struct Denied {
    /// How the lower-case path begins.
    pub below: String,
    /// How the lower-case path ends.
    pub ending: &'static str,
}

impl Denied {
    pub(crate) fn concerns(&self, path: &str) -> bool {
        path.starts_with(&self.below) && path.ends_with(self.ending)
    }
}

impl Estate {
    pub(crate) fn open(options: &SimOptions) -> Result<Self, SimError> {
        match &options.estate {
            EstateSource::Seeded { assets } => {
                Ok(Self::Seeded { seed: options.seed, assets: *assets, first_day: options.day })
            }
            EstateSource::Folder(path) => folder::read(path).map(Self::Folder),
        }
    }

    /// What is there on a day: a pure function of the seed, the first day and the day.
    pub(crate) fn on(&self, day: Date) -> Holding {
        match self {
            Self::Seeded { seed, assets, first_day } => {
                let age = (day - *first_day).whole_days().max(0);
                let history =
                    seeded::History { seed: *seed, assets: *assets, first_day: *first_day };
                history.on(age)
            }
            Self::Folder(holding) => holding.clone(),
        }
    }
}

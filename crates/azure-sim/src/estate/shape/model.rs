//! The models that a region offers, and when they are retired.
//!
//! The dates count from the estate's first day, so that every history has models that age and are retired.

use serde_json::{Value, json};
use time::{Date, Duration};

use super::midnight;

/// A model of the catalogue.
#[derive(Debug)]
pub(in crate::estate) struct Model {
    pub format: &'static str,
    pub name: &'static str,
    pub version: &'static str,
    /// Days from the estate's first day to its retirement; before it for a retired one.
    pub retires: i64,
    pub is_preview: bool,
}

const fn openai(name: &'static str, version: &'static str, retires: i64) -> Model {
    Model { format: "OpenAI", name, version, retires, is_preview: false }
}

/// The catalogue; all but the last three are Azure OpenAI's.
pub(in crate::estate) const MODELS: [Model; 12] = [
    openai("gpt-4o", "2024-11-20", 420),
    openai("gpt-4o-mini", "2024-07-18", 210),
    openai("gpt-4.1", "2025-04-14", 560),
    openai("gpt-4o", "2024-05-13", 95),
    openai("text-embedding-3-large", "1", 700),
    openai("text-embedding-ada-002", "2", 330),
    openai("gpt-4", "0613", 38),
    openai("gpt-35-turbo", "0613", -75),
    Model { is_preview: true, ..openai("gpt-4o-realtime-preview", "2024-12-17", 150) },
    Model {
        format: "Mistral AI",
        name: "Mistral-Large-2411",
        version: "1",
        retires: 260,
        is_preview: false,
    },
    Model {
        format: "DeepSeek",
        name: "DeepSeek-R1",
        version: "1",
        retires: 365,
        is_preview: false,
    },
    Model { format: "Microsoft", name: "Phi-4", version: "7", retires: 640, is_preview: true },
];

impl Model {
    /// How many of the catalogue's models are Azure OpenAI's.
    pub(in crate::estate) const OPENAI: usize = 9;

    fn lifecycle(&self, first_day: Date, day: Date) -> &'static str {
        let left = (self.retirement(first_day) - day).whole_days();
        match left {
            ..=0 => "Deprecated",
            1..=90 => "Deprecating",
            _ if self.is_preview => "Preview",
            _ => "GenerallyAvailable",
        }
    }

    /// The day on which it stops answering.
    pub(in crate::estate) fn retirement(&self, first_day: Date) -> Date {
        first_day.saturating_add(Duration::days(self.retires))
    }

    fn entry(&self, kind: &str, first_day: Date, day: Date) -> Value {
        let retired = midnight(self.retirement(first_day));
        json!({
            "kind": kind,
            "skuName": "S0",
            "model": {
                "format": self.format,
                "name": self.name,
                "version": self.version,
                "isDefaultVersion": self.retires > 300,
                "skus": [{
                    "name": "GlobalStandard",
                    "usageName": format!("{}.GlobalStandard.{}", self.format.replace(' ', ""), self.name),
                    "capacity": {"maximum": 1000, "default": 10},
                    "deprecationDate": retired
                }],
                "maxCapacity": 3,
                "capabilities": {"chatCompletion": "true", "inference": "true"},
                "deprecation": {"fineTune": retired, "inference": retired},
                "lifecycleStatus": self.lifecycle(first_day, day),
                "systemData": {
                    "createdBy": "Microsoft", "createdAt": "2024-05-13T00:00:00Z",
                    "lastModifiedBy": "Microsoft", "lastModifiedAt": "2025-06-01T00:00:00Z"
                }
            }
        })
    }
}

/// The list of `…/locations/{location}/models` (2025-06-01), the same in every region.
pub(in crate::estate) fn catalogue(first_day: Date, day: Date) -> Vec<Value> {
    let of_openai = MODELS.iter().take(Model::OPENAI);
    of_openai
        .map(|model| model.entry("OpenAI", first_day, day))
        .chain(MODELS.iter().map(|model| model.entry("AIServices", first_day, day)))
        .collect()
}

//! The simulator's bodies have Azure's shapes: every property that it emits, and the JSON type of each,
//! is in an example of the specification, in a recorded answer or in Bicep's types of the same resource type.
//!
//! That material is not part of the repository; where it is absent the test says so and passes.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

#[path = "shapes/material.rs"]
mod material;
#[path = "shapes/paths.rs"]
mod paths;
#[path = "shapes/schema.rs"]
mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;

use material::{Material, Shape, kind};
use paths::{text, type_of};
use postern_azure_sim::{AzureSim, EstateSource, Quotas, SimOptions};
use schema::{Kind, Schemas};
use serde_json::Value;
use time::Duration;
use time::macros::date;

/// Types of which the folder holds nothing; their shapes were written from Azure's documentation.
const WITHOUT_MATERIAL: [&str; 2] =
    ["microsoft.storage/storageaccounts", "microsoft.containerregistry/registries"];

/// Objects whose keys are names that somebody chose.
const DICTIONARIES: [&str; 6] =
    ["tags", "userAssignedIdentities", "metadata", "notifications", "claims", "parameters"];

/// Single properties that no material has, each with the reason why it is emitted all the same.
const KNOWN: [(&str, &str, &str); 10] = [
    (
        "microsoft.authorization/policyexemptions",
        ".properties.expiresOn",
        "2022-07-01-preview has it; the specification's examples are exemptions without an end",
    ),
    (
        "microsoft.keyvault/vaults",
        ".properties.enablePurgeProtection",
        "the alias of the built-in policy 0b60c0b2-2dc2-4e1c-b5c9-abbed971de53",
    ),
    (
        "microsoft.keyvault/vaults/keys",
        ".properties.attributes.exp",
        "2025-05-01 has it; the specification's examples are keys that never expire",
    ),
    (
        "microsoft.keyvault/vaults/keys",
        ".properties.rotationPolicy",
        "2025-05-01 has it; the specification's examples are keys that are not rotated",
    ),
    ("microsoft.keyvault/vaults/keys", ".tags", "every resource of this provider has tags"),
    ("microsoft.network/privateendpoints", ".tags", "a tracked resource"),
    (
        "microsoft.network/privateendpoints",
        ".properties.manualPrivateLinkServiceConnections[].etag",
        MANUAL,
    ),
    (
        "microsoft.network/privateendpoints",
        ".properties.manualPrivateLinkServiceConnections[].name",
        MANUAL,
    ),
    (
        "microsoft.network/privateendpoints",
        ".properties.manualPrivateLinkServiceConnections[].properties.provisioningState",
        MANUAL,
    ),
    (
        "microsoft.network/privateendpoints",
        ".properties.manualPrivateLinkServiceConnections[].type",
        MANUAL,
    ),
];
const MANUAL: &str = "the same type as privateLinkServiceConnections, where it is recorded";

/// What is compared.
struct Comparison {
    material: Material,
    schemas: Schemas,
    /// A line each, by type: which property, and what is wrong with it.
    differences: BTreeMap<String, BTreeSet<String>>,
    compared: BTreeMap<String, usize>,
    /// Which of the known properties were met.
    used: BTreeSet<&'static str>,
}

#[tokio::test]
async fn bodies_have_azures_shapes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/azure");
    if !folder.join("examples/INDEX.tsv").is_file() {
        let mut stderr = std::io::stderr();
        writeln!(stderr, "{} is absent: the shapes were not compared", folder.display()).unwrap();
        return;
    }
    let mut comparison = Comparison {
        material: Material::read(&folder),
        schemas: Schemas::read(&folder),
        differences: BTreeMap::new(),
        compared: BTreeMap::new(),
        used: BTreeSet::new(),
    };
    let first_day = date!(2026 - 01 - 05);
    for (estate, ages) in [
        (EstateSource::Small, vec![0]),
        (EstateSource::Company { assets: 70 }, vec![0, 45, 300]),
        (EstateSource::Huge { subscriptions: 2, assets: 60 }, vec![0]),
    ] {
        let sim = AzureSim::start(SimOptions {
            listen: ([127, 0, 0, 1], 0).into(),
            seed: 7,
            day: first_day,
            estate,
            host_names: Vec::new(),
            quotas: Quotas::Off,
        })
        .await
        .unwrap();
        for age in ages {
            sim.set_day(first_day + Duration::days(age));
            comparison.take(&sim);
        }
        sim.stop().await;
    }
    let mut report = String::new();
    for (named, lines) in &comparison.differences {
        for line in lines {
            report = format!("{report}{named}: {line}\n");
        }
    }
    assert!(report.is_empty(), "what no example, recording or schema has:\n{report}");
    // The exceptions may only shrink.
    let known: BTreeSet<&str> = KNOWN.iter().map(|(_, path, _)| *path).collect();
    assert_eq!(comparison.used, known, "an exception that nothing needs any more");
    assert!(WITHOUT_MATERIAL.iter().all(|named| comparison.material.of(named).is_none()));
    assert!(comparison.compared.len() > 35, "{:?}", comparison.compared);
}

impl Comparison {
    fn take(&mut self, sim: &AzureSim) {
        for resource in sim.resources() {
            self.compare(&text(&resource, "type").to_ascii_lowercase(), &resource);
        }
        for path in paths::lists(sim) {
            for entry in sim.list(&path).unwrap() {
                self.compare(&type_of(&path), &entry);
            }
        }
        for (path, object) in paths::objects(sim) {
            self.compare(&type_of(path.rsplit_once('/').unwrap().0), &object);
        }
        for subscription in sim.list("/subscriptions").unwrap() {
            self.compare("", &subscription);
            for event in sim.events(text(&subscription, "subscriptionId")) {
                self.compare("microsoft.insights/eventtypes/values", &event);
            }
        }
        for row in sim.rows("policyresources") {
            if text(&row, "type") == "microsoft.policyinsights/policystates" {
                let shape = "microsoft.policyinsights/policystates/queryresults";
                self.compare(shape, &row["properties"]);
            }
        }
    }

    fn compare(&mut self, named: &str, value: &Value) {
        *self.compared.entry(named.to_owned()).or_default() += 1;
        if WITHOUT_MATERIAL.contains(&named) {
            return;
        }
        let namespace = named.split('/').next().unwrap_or_default().to_owned();
        let kinds = vec![Kind::Named(named.to_owned())];
        let mut found = BTreeSet::new();
        let place = Place { namespace: &namespace, schemas: &self.schemas };
        place.walk(self.material.of(named), &kinds, value, "", &mut found);
        for known @ (kind, path, _) in &KNOWN {
            let before = found.len();
            found.retain(|line| *kind != named || !line.starts_with(path));
            if found.len() < before {
                self.used.insert(known.1);
            }
        }
        if !found.is_empty() {
            self.differences.entry(named.to_owned()).or_default().extend(found);
        }
    }
}

/// Where names of schemas are looked up.
struct Place<'a> {
    namespace: &'a str,
    schemas: &'a Schemas,
}

impl Place<'_> {
    fn walk(
        &self,
        shape: Option<&Shape>,
        kinds: &[Kind],
        value: &Value,
        path: &str,
        found: &mut BTreeSet<String>,
    ) {
        let own = kind(value);
        let seen = shape.is_some_and(|shape| shape.kinds.contains(own));
        let stated = kinds.iter().any(|kind| [own, "any"].contains(&kind.json()));
        // Azure writes null for what is not set, whatever its type.
        if !seen && !stated && own != "null" {
            found.insert(format!("{path} is {own}"));
            return;
        }
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    let path = format!("{path}.{name}");
                    let shape = shape.and_then(|shape| shape.fields.get(name));
                    let kinds = self.schemas.property(self.namespace, kinds, name);
                    if shape.is_none() && kinds.is_empty() {
                        found.insert(format!("{path} is unknown"));
                    } else if !DICTIONARIES.contains(&name.as_str()) {
                        self.walk(shape, &kinds, value, &path, found);
                    }
                }
            }
            Value::Array(entries) => {
                let shape = shape.and_then(|shape| shape.items.as_deref());
                let kinds: Vec<Kind> = kinds
                    .iter()
                    .filter_map(|kind| match kind {
                        Kind::List(inner) => Some((**inner).clone()),
                        Kind::Any => Some(Kind::Any),
                        _ => None,
                    })
                    .collect();
                for entry in entries {
                    self.walk(shape, &kinds, entry, &format!("{path}[]"), found);
                }
            }
            _ => {}
        }
    }
}

//! What lists say of who reaches a resource is what the shipped rules say of it.

use postern_domain::arm::AssetType;
use postern_domain::exposure::{Exposure, key_sign_in, public_network};
use serde_json::Value;

use crate::cases::read;

type Tell = fn(&AssetType, Option<&Value>) -> Exposure;

/// The rules whose verdict on a resource is the answer, failing where it is open.
const RULES: [(&str, Tell); 7] = [
    ("NET-01", public_network),
    ("NET-13", public_network),
    ("NET-27", public_network),
    ("NET-32", public_network),
    ("AUTH-01", key_sign_in),
    ("AUTH-02", key_sign_in),
    ("AUTH-05", key_sign_in),
];

#[test]
fn a_list_and_the_rules_say_the_same_of_every_case() {
    for (rule, tell) in RULES {
        let file = read(rule);
        let asset_type = AssetType::new(file["asset_type"].as_str().unwrap());
        let mut seen = Vec::new();
        for case in file["cases"].as_array().unwrap() {
            let expected = match case["verdict"].as_str().unwrap() {
                // Where it is not applicable, settings tolerate what is open there all the same.
                "fail" | "not_applicable" => Exposure::Open,
                "pass" => Exposure::Closed,
                "unknown" => Exposure::Unknown,
                other => panic!("{rule}: {other}"),
            };
            let told = tell(&asset_type, case["resource"].get("properties"));
            assert_eq!(told, expected, "{rule}, {}", case["name"]);
            seen.push(told);
        }
        for each in [Exposure::Open, Exposure::Closed, Exposure::Unknown] {
            assert!(seen.contains(&each), "{rule} has no case that is {each:?}");
        }
    }
}

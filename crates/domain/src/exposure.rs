//! Whether a resource answers to the internet, and whether it accepts keys: what its own properties say, in a word.
//!
//! An absent property means what Azure documents, as the shipped rules judge it (NET-01, NET-13, NET-27, NET-32 and AUTH-01,
//! AUTH-02, AUTH-05); the rules say more, such as whom firewalls still let in.

use serde::Serialize;
use serde_json::Value;

use crate::arm::{
    AssetType, BOT_SERVICE, COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE, SEARCH_SERVICE,
    SUBSCRIPTION,
};

/// Whether a way into a resource is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// It is.
    Open,
    /// It is not.
    Closed,
    /// Nobody can tell: it was not read, or it has a value that means neither.
    Unknown,
    /// A resource of this type has no such way in.
    NotApplicable,
}

/// `properties.publicNetworkAccess` that Azure and its policies know as closed. Absent is open: by the schemas' defaults of
/// search services and bots; of accounts and workspaces Azure's policies 037eea7a and 438c38d2 treat it so.
fn closed_values(asset_type: &AssetType) -> Option<&'static [&'static str]> {
    match asset_type.as_str() {
        COGNITIVE_SERVICES_ACCOUNT | MACHINE_LEARNING_WORKSPACE | BOT_SERVICE => {
            Some(&["Disabled"])
        }
        // With a network security perimeter, that decides who comes in.
        SEARCH_SERVICE => Some(&["Disabled", "SecuredByPerimeter"]),
        _ => None,
    }
}

/// Whether the end point answers to the internet at all, by `properties.publicNetworkAccess`; absent is `None`.
///
/// Firewall rules may still narrow down who gets in; rules of their own judge these.
pub fn public_network(asset_type: &AssetType, access: Option<&Value>) -> Exposure {
    let Some(closed) = closed_values(asset_type) else { return of_other_type(asset_type) };
    match access {
        None => Exposure::Open,
        Some(Value::String(value)) => {
            let is_closed = closed.iter().any(|closed| closed.eq_ignore_ascii_case(value.trim()));
            if is_closed { Exposure::Closed } else { Exposure::Open }
        }
        Some(_) => Exposure::Unknown,
    }
}

/// Whether keys are accepted, by `properties.disableLocalAuth`; absent is `None`, and means that they are.
///
/// A workspace has no keys of its own: those of its end points are judged by rules of their own.
pub fn key_sign_in(asset_type: &AssetType, local_auth_off: Option<&Value>) -> Exposure {
    match asset_type.as_str() {
        COGNITIVE_SERVICES_ACCOUNT | SEARCH_SERVICE | BOT_SERVICE => match local_auth_off {
            None | Some(Value::Bool(false)) => Exposure::Open,
            Some(Value::Bool(true)) => Exposure::Closed,
            Some(_) => Exposure::Unknown,
        },
        MACHINE_LEARNING_WORKSPACE => Exposure::NotApplicable,
        _ => of_other_type(asset_type),
    }
}

fn of_other_type(asset_type: &AssetType) -> Exposure {
    match asset_type.as_str() {
        SUBSCRIPTION => Exposure::NotApplicable,
        // What such a type has is not known here.
        _ => Exposure::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(
        judge: fn(&AssetType, Option<&Value>) -> Exposure,
        asset_type: &str,
        cases: &[(Option<Value>, Exposure)],
    ) {
        for (value, expected) in cases {
            let found = judge(&AssetType::new(asset_type), value.as_ref());
            assert_eq!(found, *expected, "{asset_type} {value:?}");
        }
    }

    #[test]
    fn the_public_network_is_open_unless_azure_says_that_it_is_not() {
        let says = |word: &str| Some(json!(word));
        for asset_type in [COGNITIVE_SERVICES_ACCOUNT, MACHINE_LEARNING_WORKSPACE, BOT_SERVICE] {
            check(
                public_network,
                asset_type,
                &[
                    (None, Exposure::Open),
                    (says("Enabled"), Exposure::Open),
                    (says("Disabled"), Exposure::Closed),
                    (says("disabled"), Exposure::Closed),
                    (says("SecuredByPerimeter"), Exposure::Open),
                    (Some(json!(false)), Exposure::Unknown),
                ],
            );
        }
        check(
            public_network,
            SEARCH_SERVICE,
            &[
                (None, Exposure::Open),
                (says("enabled"), Exposure::Open),
                (says("disabled"), Exposure::Closed),
                (says("securedByPerimeter"), Exposure::Closed),
                (Some(json!({})), Exposure::Unknown),
            ],
        );
    }

    #[test]
    fn keys_are_accepted_unless_local_authentication_is_off() {
        for asset_type in [COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE, BOT_SERVICE] {
            check(
                key_sign_in,
                asset_type,
                &[
                    (None, Exposure::Open),
                    (Some(json!(false)), Exposure::Open),
                    (Some(json!(true)), Exposure::Closed),
                    (Some(json!("true")), Exposure::Unknown),
                ],
            );
        }
    }

    #[test]
    fn what_has_no_such_property_is_not_judged_by_it() {
        let either = [None, Some(json!("Disabled")), Some(json!(true))];
        for value in either {
            let value = value.as_ref();
            let subscription = AssetType::new(SUBSCRIPTION);
            assert_eq!(public_network(&subscription, value), Exposure::NotApplicable);
            assert_eq!(key_sign_in(&subscription, value), Exposure::NotApplicable);
            let workspace = AssetType::new(MACHINE_LEARNING_WORKSPACE);
            assert_eq!(key_sign_in(&workspace, value), Exposure::NotApplicable);
            let vault = AssetType::new("Microsoft.KeyVault/vaults");
            assert_eq!(public_network(&vault, value), Exposure::Unknown);
            assert_eq!(key_sign_in(&vault, value), Exposure::Unknown);
        }
    }
}

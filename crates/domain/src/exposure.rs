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

/// A property that is missing or null is `Ok(None)`; where nothing was read of the properties, nobody can tell.
fn property<'a>(properties: Option<&'a Value>, name: &str) -> Result<Option<&'a Value>, Exposure> {
    let properties = properties.and_then(Value::as_object).ok_or(Exposure::Unknown)?;
    Ok(properties.get(name).filter(|value| !value.is_null()))
}

/// Whether the end point answers to the internet at all, by `publicNetworkAccess` of its `properties`, which are `None`
/// where they could not be read.
///
/// Firewall rules may still narrow down who gets in; rules of their own judge these.
pub fn public_network(asset_type: &AssetType, properties: Option<&Value>) -> Exposure {
    let Some(closed) = closed_values(asset_type) else { return of_other_type(asset_type) };
    match property(properties, "publicNetworkAccess") {
        Err(unknown) => unknown,
        Ok(None) => Exposure::Open,
        Ok(Some(Value::String(value))) => {
            let is_closed = closed.iter().any(|closed| closed.eq_ignore_ascii_case(value.trim()));
            if is_closed { Exposure::Closed } else { Exposure::Open }
        }
        Ok(Some(_)) => Exposure::Unknown,
    }
}

/// Whether keys are accepted, by `disableLocalAuth` of its `properties`, which are `None` where they could not be read;
/// where it is absent, they are.
///
/// A workspace has no keys of its own: those of its end points are judged by rules of their own.
pub fn key_sign_in(asset_type: &AssetType, properties: Option<&Value>) -> Exposure {
    match asset_type.as_str() {
        COGNITIVE_SERVICES_ACCOUNT | SEARCH_SERVICE | BOT_SERVICE => {
            match property(properties, "disableLocalAuth") {
                Err(unknown) => unknown,
                Ok(None | Some(Value::Bool(false))) => Exposure::Open,
                Ok(Some(Value::Bool(true))) => Exposure::Closed,
                Ok(Some(_)) => Exposure::Unknown,
            }
        }
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
    use serde_json::json;

    use super::*;

    // That each answer is that of the shipped rules is tested beside these: `engine/tests/engine/exposure.rs`.

    #[test]
    fn what_has_no_such_property_is_not_judged_by_it() {
        let either =
            [None, Some(json!({"publicNetworkAccess": "Disabled", "disableLocalAuth": true}))];
        for properties in either {
            let properties = properties.as_ref();
            let subscription = AssetType::new(SUBSCRIPTION);
            assert_eq!(public_network(&subscription, properties), Exposure::NotApplicable);
            assert_eq!(key_sign_in(&subscription, properties), Exposure::NotApplicable);
            let workspace = AssetType::new(MACHINE_LEARNING_WORKSPACE);
            assert_eq!(key_sign_in(&workspace, properties), Exposure::NotApplicable);
            let vault = AssetType::new("Microsoft.KeyVault/vaults");
            assert_eq!(public_network(&vault, properties), Exposure::Unknown);
            assert_eq!(key_sign_in(&vault, properties), Exposure::Unknown);
        }
    }

    #[test]
    fn nothing_is_told_of_what_was_not_read() {
        let account = AssetType::new(COGNITIVE_SERVICES_ACCOUNT);
        for properties in [None, Some(json!(null)), Some(json!("refused"))] {
            assert_eq!(public_network(&account, properties.as_ref()), Exposure::Unknown);
            assert_eq!(key_sign_in(&account, properties.as_ref()), Exposure::Unknown);
        }
        let empty = json!({});
        assert_eq!(public_network(&account, Some(&empty)), Exposure::Open, "Azure's default");
    }
}

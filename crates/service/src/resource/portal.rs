//! Where a resource can be opened: in the portal of the cloud that it is in, where that is known.

use postern_azure::Cloud;
use postern_store::read::resource::life::Endpoints;

use crate::view::Portal;

/// Where the resource of this ARM id can be opened.
pub(super) fn portal(endpoints: &Endpoints, is_simulated: bool, arm_id: &str) -> Portal {
    let at = |portal: &str| format!("{portal}/#@/resource{}", encoded(arm_id));
    let nowhere = |why: &str| Portal::Nowhere { why: why.to_owned() };
    if is_simulated {
        return nowhere("It is simulated, so that no portal shows it.");
    }
    if !endpoints.is_scanned {
        return Portal::IfPublic { address: at("https://portal.azure.com") };
    }
    let url = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
    let (Some(arm), Some(authority)) = (url(&endpoints.arm), url(&endpoints.authority)) else {
        return nowhere("The settings of the connection do not say which cloud it is in.");
    };
    let cloud = Cloud::of(&arm, &authority);
    let portal = match cloud {
        Cloud::Public => "https://portal.azure.com",
        Cloud::UsGovernment => "https://portal.azure.us",
        Cloud::China21Vianet => "https://portal.azure.cn",
        Cloud::Custom { .. } => {
            return nowhere("It is in a cloud of its own end points, whose portal is not known.");
        }
    };
    Portal::At { address: at(portal), cloud: cloud.to_string() }
}

/// What may not stand in the last part of an address is written by its bytes.
fn encoded(arm_id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~()".contains(&byte);
    let digit = |half: u8| char::from(b"0123456789ABCDEF"[usize::from(half)]);
    let mut text = String::with_capacity(arm_id.len());
    for byte in arm_id.bytes() {
        if plain(byte) {
            text.push(char::from(byte));
        } else {
            text.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str =
        "/subscriptions/a/resourceGroups/rg (1)/providers/Microsoft.Search/searchServices/s\"x";

    fn of(arm: &str, authority: &str) -> Portal {
        let endpoints = Endpoints {
            is_scanned: true,
            arm: Some(arm.to_owned()),
            authority: Some(authority.to_owned()),
        };
        portal(&endpoints, false, ID)
    }

    #[test]
    fn a_link_leads_to_the_portal_of_the_cloud_alone() {
        let path = "/#@/resource/subscriptions/a/resourceGroups/rg%20(1)/providers/Microsoft.Search/searchServices/s%22x";
        for (arm, authority, host) in [
            (
                "https://management.azure.com",
                "https://login.microsoftonline.com",
                "portal.azure.com",
            ),
            (
                "https://management.usgovcloudapi.net",
                "https://login.microsoftonline.us",
                "portal.azure.us",
            ),
            (
                "https://management.chinacloudapi.cn",
                "https://login.chinacloudapi.cn",
                "portal.azure.cn",
            ),
        ] {
            let Portal::At { address, .. } = of(arm, authority) else { panic!("{arm}") };
            assert_eq!(address, format!("https://{host}{path}"));
        }
        let other =
            of("https://management.local.azurestack.external", "https://login.microsoftonline.com");
        assert!(matches!(other, Portal::Nowhere { .. }), "{other:?}");
    }

    #[test]
    fn where_the_cloud_is_not_known_that_is_said() {
        let files = Endpoints { is_scanned: false, arm: None, authority: None };
        assert!(matches!(portal(&files, false, ID), Portal::IfPublic { .. }));
        assert!(matches!(portal(&files, true, ID), Portal::Nowhere { .. }));
        let unknown = Endpoints { is_scanned: true, arm: None, authority: None };
        assert!(matches!(portal(&unknown, false, ID), Portal::Nowhere { .. }));
    }
}

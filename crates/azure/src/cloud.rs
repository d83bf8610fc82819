//! Azure's clouds, which share no sign-in and no end points.

use std::fmt;

use url::Url;

/// Which Azure.
///
/// The addresses are those that the Azure CLI knows (`azure/cli/core/cloud.py`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cloud {
    /// The one that nearly everybody uses.
    #[default]
    Public,
    /// Azure US Government.
    UsGovernment,
    /// Azure in China, operated by 21Vianet.
    China21Vianet,
    /// Any other, such as an air-gapped one or a simulation.
    Custom {
        /// Azure Resource Manager; also the audience of its tokens.
        arm_endpoint: Url,
        /// Entra ID.
        authority_host: Url,
    },
}

impl Cloud {
    /// The cloud that has these end points.
    pub fn of(arm_endpoint: &Url, authority_host: &Url) -> Self {
        [Self::Public, Self::UsGovernment, Self::China21Vianet]
            .into_iter()
            .find(|cloud| {
                cloud.arm_endpoint().origin() == arm_endpoint.origin()
                    && cloud.authority_host().origin() == authority_host.origin()
            })
            .unwrap_or_else(|| Self::Custom {
                arm_endpoint: arm_endpoint.clone(),
                authority_host: authority_host.clone(),
            })
    }

    /// Azure Resource Manager's end point.
    pub fn arm_endpoint(&self) -> Url {
        match self {
            Self::Public => constant("https://management.azure.com"),
            Self::UsGovernment => constant("https://management.usgovcloudapi.net"),
            Self::China21Vianet => constant("https://management.chinacloudapi.cn"),
            Self::Custom { arm_endpoint, .. } => arm_endpoint.clone(),
        }
    }

    /// Entra ID's end point.
    pub fn authority_host(&self) -> Url {
        match self {
            Self::Public => constant("https://login.microsoftonline.com"),
            Self::UsGovernment => constant("https://login.microsoftonline.us"),
            Self::China21Vianet => constant("https://login.chinacloudapi.cn"),
            Self::Custom { authority_host, .. } => authority_host.clone(),
        }
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Public => "Azure's public cloud",
            Self::UsGovernment => "Azure US Government",
            Self::China21Vianet => "Azure in China (21Vianet)",
            Self::Custom { .. } => "a cloud of its own end points",
        })
    }
}

fn constant(url: &str) -> Url {
    Url::parse(url).expect("a constant URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloud_is_known_by_its_end_points() {
        for cloud in [Cloud::Public, Cloud::UsGovernment, Cloud::China21Vianet] {
            assert_eq!(Cloud::of(&cloud.arm_endpoint(), &cloud.authority_host()), cloud);
        }
        let mixed = Cloud::of(&Cloud::Public.arm_endpoint(), &Cloud::UsGovernment.authority_host());
        assert!(matches!(mixed, Cloud::Custom { .. }), "{mixed}");
    }
}

//! What the assets of one subscription share: its network, its key vault, where its logs go.

use crate::random::uuid;

/// The key of the subscription's vault that encrypts its assets.
pub(super) const OWN_KEY: &str = "cmk-ai";

/// The ids of what a subscription's assets share.
#[derive(Clone, Debug)]
pub(super) struct Landscape {
    pub subscription: String,
    pub region: String,
    /// The organisation's tenant.
    pub tenant: String,
}

impl Landscape {
    pub(super) fn new(seed: u64, subscription: &str, region: &str) -> Self {
        Self {
            subscription: subscription.to_owned(),
            region: region.to_owned(),
            tenant: uuid(seed, &["tenant"]),
        }
    }

    /// `/subscriptions/{id}`
    pub(super) fn scope(&self) -> String {
        format!("/subscriptions/{}", self.subscription)
    }

    /// The id of a resource in one of its groups.
    pub(super) fn id(&self, group: &str, resource_type: &str, name: &str) -> String {
        format!("{}/resourceGroups/{group}/providers/{resource_type}/{name}", self.scope())
    }

    /// The first part of the subscription's id: names of vaults and storage accounts are unique in all of Azure.
    pub(super) fn suffix(&self) -> &str {
        self.subscription.split('-').next().unwrap_or_default()
    }

    /// The key vault of the keys that encrypt the assets.
    pub(super) fn vault(&self) -> String {
        self.id("rg-security", "Microsoft.KeyVault/vaults", &format!("kv-cmk-{}", self.suffix()))
    }

    pub(super) fn network(&self) -> String {
        self.id("rg-network", "Microsoft.Network/virtualNetworks", "vnet-ai")
    }

    pub(super) fn subnet(&self, name: &str) -> String {
        format!("{}/subnets/{name}", self.network())
    }

    pub(super) fn zone(&self, name: &str) -> String {
        self.id("rg-network", "Microsoft.Network/privateDnsZones", name)
    }

    pub(super) fn perimeter(&self) -> String {
        self.id("rg-network", "Microsoft.Network/networkSecurityPerimeters", "nsp-ai")
    }

    pub(super) fn action_group(&self) -> String {
        self.id("rg-monitoring", "Microsoft.Insights/actionGroups", "ag-ai-platform")
    }

    /// The Log Analytics workspace of the organisation, in a subscription that the credential does not see.
    pub(super) fn logs() -> &'static str {
        "/subscriptions/00000000-0000-4000-a000-000000000001/resourceGroups/rg-monitoring/providers/\
         Microsoft.OperationalInsights/workspaces/log-contoso"
    }
}

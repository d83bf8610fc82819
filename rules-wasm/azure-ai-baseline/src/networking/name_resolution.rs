//! Name resolution: whether a private endpoint is what the resource's name leads to.

use postern_rules_sdk::{
    AssetContext, COGNITIVE_SERVICES_ACCOUNT, Check, Entries, Evidence, Node, Outcome, Read,
    Remedy, Rule, SEARCH_SERVICE, Severity, Topic, Unreadable, Words, fact,
};

use super::found::Found;
use super::private_endpoint::{ABSENT, CONNECTIONS, ENDPOINT_ID, STATUS};
use super::sources::{ACCOUNTS_AND_SERVICES, RESOURCE_GRAPH};
use crate::groundwork::azure::{ACCOUNTS, VIRTUAL_NETWORKS};
use crate::groundwork::words::{is_below, position, starts_with};

const ZONE_GROUPS: &str = "PrivateDnsZoneGroups_List 2024-10-01";
const LINKS: &str = "VirtualNetworkLinks_List 2024-06-01";
const LINKED_ELSEWHERE: &str = "The zone is linked to other networks only. Where the endpoint's network asks a DNS server in one of these (hub and spoke), the name leads to the endpoint; which server it asks is not known.";

/// NET-07: accounts and Search services.
pub static RESOLVED: Rule = Rule {
    id: "NET-07",
    title: "The private endpoint's DNS zones are there and linked to its network",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement: a private endpoint without DNS is not used, and public access stays on for its sake",
    rationale: "Clients find a private endpoint through private DNS zones that are linked to their network; without them the name still leads to the public address. \
                People then open public access again to make it work. \
                Zones that are linked to other networks only, such as a hub with a DNS resolver, are unknown; where own DNS servers hold the records, write that down as an exception.",
    asset_types: &[COGNITIVE_SERVICES_ACCOUNT, SEARCH_SERVICE],
    exceptions: &[
        "Resources without an approved private endpoint: NET-05 and NET-29 say so already.",
    ],
    never: &[],
    reads: &[
        Read {
            path: "kind",
            source: ACCOUNTS,
            absent: "not documented: only the zone that all accounts need is asked for",
        },
        Read { path: CONNECTIONS, source: ACCOUNTS_AND_SERVICES, absent: ABSENT },
        Read {
            path: "privateEndpoints[].id",
            source: RESOURCE_GRAPH,
            absent: "not documented: the entry is of another endpoint",
        },
        Read {
            path: "privateEndpoints[].properties.subnet.id",
            source: RESOURCE_GRAPH,
            absent: "not documented: the network is unknown",
        },
        Read {
            path: "privateDnsZoneGroups[].id",
            source: ZONE_GROUPS,
            absent: "not documented: the group is of another endpoint",
        },
        Read {
            path: "privateDnsZoneGroups[].properties.privateDnsZoneConfigs[].properties.privateDnsZoneId",
            source: ZONE_GROUPS,
            absent: "no zone: the name leads to the public address",
        },
        Read {
            path: "virtualNetworkLinks[].id",
            source: LINKS,
            absent: "not documented: the link is of another zone",
        },
        Read {
            path: "virtualNetworkLinks[].properties.virtualNetwork.id",
            source: LINKS,
            absent: "not documented: taken as a link to another network",
        },
        Read {
            path: "virtualNetworkLinks[].properties.virtualNetworkLinkState",
            source: LINKS,
            absent: "not documented: taken as not completed",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create the missing private DNS zones, link them to the endpoint's virtual network and put them into the endpoint's DNS zone group.",
        az: Some(
            "az network private-dns link vnet create --resource-group RG --zone-name ZONE --name LINK --virtual-network VNET_ID --registration-enabled false\naz network private-endpoint dns-zone-group create --resource-group RG --endpoint-name ENDPOINT --name default --zone-name ZONE_LABEL --private-dns-zone ZONE_ID",
        ),
        bicep: Some(
            "resource group 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-10-01' = {\n  parent: endpoint\n  name: 'default'\n  properties: {\n    privateDnsZoneConfigs: [\n      {\n        name: 'openai'\n        properties: {\n          privateDnsZoneId: zone.id\n        }\n      }\n    ]\n  }\n}\n\nresource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {\n  parent: zone\n  name: 'link'\n  location: 'global'\n  properties: {\n    registrationEnabled: false\n    virtualNetwork: {\n      id: networkId\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_private_endpoint\" \"this\" {\n  private_dns_zone_group {\n    name                 = \"default\"\n    private_dns_zone_ids = [azurerm_private_dns_zone.this.id]\n  }\n}\n\nresource \"azurerm_private_dns_zone_virtual_network_link\" \"this\" {\n  name                  = \"link\"\n  resource_group_name   = azurerm_private_dns_zone.this.resource_group_name\n  private_dns_zone_name = azurerm_private_dns_zone.this.name\n  virtual_network_id    = azurerm_virtual_network.this.id\n}",
        ),
        portal: Some("The private endpoint > Settings > DNS configuration > Add configuration"),
    },
    policies: &["c4bc6f10-cb41-49eb-b000-d5ab82e2a091"],
    policy_difference: "Azure's policy is about accounts only and content with any DNS zone group; here each zone that the kind of account needs has to be in it and linked to the endpoint's network. Zones linked to other networks only are unknown.",
    controls: &[],
    references: &[VIRTUAL_NETWORKS],
    judge: resolved,
};

/// A private DNS zone: how its name begins in every cloud, and what is wanted in words.
type Zone = (&'static str, &'static str);

const COGNITIVE: Zone =
    ("privatelink.cognitiveservices.", "the zone privatelink.cognitiveservices.azure.com");
const OPENAI: Zone = ("privatelink.openai.", "the zone privatelink.openai.azure.com");
const FOUNDRY: Zone = ("privatelink.services.ai.", "the zone privatelink.services.ai.azure.com");
const SEARCH: Zone = ("privatelink.search.", "the zone privatelink.search.windows.net");

fn zones_of(asset: &AssetContext<'_>) -> Result<&'static [Zone], Unreadable> {
    if asset.asset_type() == SEARCH_SERVICE {
        return Ok(&[SEARCH]);
    }
    let kind = asset.text("kind")?;
    Ok(if kind.is("OpenAI") {
        &[OPENAI]
    } else if kind.is("AIServices") {
        &[COGNITIVE, OPENAI, FOUNDRY]
    } else {
        &[COGNITIVE]
    })
}

fn resolved(asset: &AssetContext<'_>) -> Outcome {
    let connections = asset.list(CONNECTIONS)?.entries();
    let mut found = Found::default();
    let mut facts = None;
    for connection in connections.nodes() {
        let endpoint = match approved_endpoint(&connection) {
            Ok(Some(endpoint)) => endpoint,
            Ok(None) => continue,
            Err(error) => {
                found.miss(error);
                continue;
            }
        };
        let facts = match &facts {
            Some(facts) => facts,
            None => facts.insert(Facts::of(asset)?),
        };
        facts.check(endpoint, &mut found);
    }
    let words = Words {
        pass: "The names lead to the private endpoint in its own network.",
        fail: "The names do not lead to the private endpoint in its own network.",
        none: "There is no approved private endpoint whose name could be resolved.",
    };
    found.every(words, connections.expected("an approved private endpoint"))
}

/// The id of the private endpoint of an approved connection.
fn approved_endpoint<'a>(connection: &Node<'a>) -> Result<Option<&'a str>, Unreadable> {
    if !connection.text(STATUS)?.is("Approved") {
        return Ok(None);
    }
    let endpoint = connection.text(ENDPOINT_ID)?;
    let Some(id) = endpoint.value else {
        let evidence = endpoint.expected("the id of the private endpoint");
        return Err(Unreadable::new(evidence, "Azure did not say which private endpoint it is."));
    };
    Ok(Some(id))
}

/// What was read around the private endpoints of an asset.
struct Facts<'a> {
    endpoints: Entries<'a>,
    groups: Entries<'a>,
    links: Entries<'a>,
    zones: &'static [Zone],
}

impl<'a> Facts<'a> {
    fn of(asset: &AssetContext<'a>) -> Result<Self, Unreadable> {
        Ok(Self {
            groups: asset.related(fact::PRIVATE_DNS_ZONE_GROUPS)?,
            endpoints: asset.related(fact::PRIVATE_ENDPOINTS)?,
            links: asset.related(fact::VIRTUAL_NETWORK_LINKS)?,
            zones: zones_of(asset)?,
        })
    }

    fn check(&self, endpoint: &str, found: &mut Found) {
        match self.configured_zones(endpoint) {
            Ok(configured) => {
                for zone in self.zones {
                    found.add(self.check_zone(endpoint, &configured, *zone));
                }
            }
            Err(error) => found.miss(error),
        }
    }

    /// The ids of the zones in the endpoint's zone groups.
    fn configured_zones(&self, endpoint: &str) -> Result<Vec<&'a str>, Unreadable> {
        let mut zones = Vec::new();
        for group in self.groups.nodes() {
            if !group.text("id")?.value.is_some_and(|id| is_below(id, endpoint)) {
                continue;
            }
            for config in group.list("properties.privateDnsZoneConfigs")?.entries().nodes() {
                zones.extend(config.text("properties.privateDnsZoneId")?.value);
            }
        }
        Ok(zones)
    }

    fn check_zone(
        &self,
        endpoint: &str,
        configured: &[&str],
        (start, wanted): Zone,
    ) -> Result<Check, Unreadable> {
        let zone = configured.iter().find(|id| starts_with(last_part(id), start));
        let Some(zone) = zone else {
            // A group that was not read may have it.
            self.groups.complete()?;
            let evidence = self.groups.expected(format!("{wanted} for {}", last_part(endpoint)));
            return Ok(Check::Bad(vec![evidence]));
        };
        let (mut completed, mut pending) = (Vec::new(), None);
        for link in self.links.nodes() {
            if !link.text("id")?.value.is_some_and(|id| is_below(id, zone)) {
                continue;
            }
            let state = link.text("properties.virtualNetworkLinkState")?;
            if state.is("Completed") {
                completed.push((link.text("properties.virtualNetwork.id")?, state));
            } else {
                pending.get_or_insert_with(|| state.expected("Completed"));
            }
        }
        if completed.is_empty() {
            // A link that was not read may be completed.
            self.links.complete()?;
            let wanted = || format!("a completed link of {}", last_part(zone));
            let evidence = pending.unwrap_or_else(|| self.links.expected(wanted()));
            return Ok(Check::Bad(vec![evidence]));
        }
        let network = self.network_of(endpoint)?;
        let own = completed.iter().find(|(linked, _)| linked.is(network));
        if let Some((_, state)) = own {
            return Ok(Check::Good(state.expected("Completed")));
        }
        self.links.complete()?;
        let (elsewhere, _) = &completed[0];
        let wanted = format!("the network {} of the endpoint", last_part(network));
        Err(Unreadable::new(elsewhere.expected(wanted), LINKED_ELSEWHERE))
    }

    /// The id of the virtual network that the endpoint lies in.
    fn network_of(&self, endpoint: &str) -> Result<&'a str, Unreadable> {
        for node in self.endpoints.nodes() {
            if !node.text("id")?.is(endpoint) {
                continue;
            }
            let subnet = node.text("properties.subnet.id")?;
            let network = subnet.value.and_then(|id| id.get(..position(id, "/subnets/")?));
            return network.ok_or_else(|| {
                let evidence = subnet.expected("the id of a subnet");
                Unreadable::new(evidence, "The network of the private endpoint is not known.")
            });
        }
        self.endpoints.complete()?;
        let evidence = Evidence::new(fact::PRIVATE_ENDPOINTS, None, "the private endpoint itself");
        Err(Unreadable::new(evidence, "The private endpoint is not among those that were read."))
    }
}

fn last_part(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

//! Twelve assets by hand, so that a test knows each of them. Nothing in it is left to chance;
//! dates count from the first day (retirements) or back from the day (events).
//!
//! | asset | type and kind | what is remarkable |
//! |---|---|---|
//! | `oai-claims` | account, `OpenAI` | closed: private endpoint with DNS, no keys, own key in its current version, no stored completions, logs, lock, strict filter, perimeter enforced, metric alert |
//! | `oai-legacy` | account, `OpenAI` | open: keys, all networks, a retired model, a weakened filter, private endpoint without DNS, no logs, exemption expired |
//! | `foundry-agents` | account, `AIServices` | two projects, connections with `AAD` and `ApiKey` of which one should be private and is not, completions stored, agents in a subnet, a managed network, perimeter in learning |
//! | `forms-invoices` | account, `FormRecognizer` | some networks, restricted outbound, logs to storage alone, keys never rotated and listed by a stranger, exemption without an end |
//! | `mlw-forecast` | workspace, `Default` | every kind of compute and endpoint, three compute instances of which one never stops, serverless endpoints with keys, without and with both, both kinds of datastore, outbound rules of three kinds, open storage and registry |
//! | `hub-knowledge` | workspace, `Hub` | own key in a vault without purge protection, in the version before the last rotation, private endpoint with DNS |
//! | `prj-handbook` | workspace, `Project` | of that hub |
//! | `srch-handbook` | Search service | no keys, shared private link approved, private endpoint pending, perimeter enforced |
//! | `bot-claims` | bot | managed identity, three channels, secure Direct Line |
//! | `oai-sandbox` | account, `AIServices` | what Azure makes when nobody says anything; a `gpt-4` that is soon retired and a model in preview |
//! | `srch-sandbox` | Search service | free, public, keys, shared private link pending |
//! | `bot-demo` | bot | multi-tenant, Direct Line that is not secure |
//!
//! The last three are in the subscription [`LAB`], the others in [`LIVE`].
//!
//! | beside them | `LIVE` | `LAB` |
//! |---|---|---|
//! | private endpoints | 4: two approved with DNS, one without, one pending | none |
//! | private DNS zones | 6, of which `privatelink.openai.azure.com` is not linked | none |
//! | key vaults | `kv-live-cmk` (purge protection, key rotates), `kv-hub-cmk` (neither), `kv-forecast` | none |
//! | storage accounts | `stforecast` (open), `sthub` (closed) | none |
//! | registries | `crforecast` (administrator, public), `crhub` | none |
//! | locks | on `oai-claims` and on the group | none |
//! | budget | 5,000 EUR, warns | 1 EUR, exceeded, warns nobody |
//! | Defender plans | all bought | none but `Arm` |
//! | security contact, activity log setting | one each | none |
//! | policy | deny, enforced; one exemption expired, one without an end, one that ends in time | not enforced |
//! | roles | owner (a user), contributor (a group), Cognitive Services Contributor and OpenAI User on one account | owner, a custom role that reads keys |
//! | activity log | 5 events of Cognitive Services, 2 of others | 1 of others |
//! | management group | `contoso-ai-production`, with a policy assignment | the root group, with an owner |
//! | alerts | a metric alert and an activity log alert | none |

mod account;
mod context;
mod other;
mod workspace;

use serde_json::Value;
use time::{Date, Duration};

use super::landscape::Landscape;
use super::shape::{Stamp, midnight};
use super::{Holding, ManagementGroup, Source, Territory, organisation};
use crate::random::uuid;

/// The subscription in use.
const LIVE: &str = "11111111-aaaa-4aaa-8aaa-000000000001";
/// The subscription for trying things.
const LAB: &str = "22222222-bbbb-4bbb-8bbb-000000000002";
const OWNER: &str = "ingrid.solberg@contoso.example";
const CREATED: &str = "2025-06-02T08:15:11.4172903Z";
const STAMP: Stamp<'_> = Stamp { by: OWNER, at: CREATED };

/// The estate on one day.
#[derive(Debug)]
pub(super) struct Day {
    seed: u64,
    first: Date,
    today: Date,
}

/// The estate on a day.
pub(super) fn on(seed: u64, first_day: Date, day: Date) -> Holding {
    let subscriptions = [(LIVE, "Contoso AI Live"), (LAB, "Contoso AI Lab")]
        .map(|(id, name)| organisation::subscription_named(seed, id, name));
    let day = Day { seed, first: first_day, today: day };
    let mut holding = Holding::new(Source::Small(day), subscriptions.to_vec());
    holding.management_groups = groups(seed);
    holding.tenant_rows = organisation::tenant_rows(seed);
    holding
}

/// The root group with `LAB`, and below it one with `LIVE`.
fn groups(seed: u64) -> Vec<ManagementGroup> {
    let root = uuid(seed, &["tenant"]);
    vec![
        ManagementGroup {
            name: root.clone(),
            display_name: "Tenant Root Group".to_owned(),
            parent: None,
            subscriptions: vec![LAB.to_owned()],
        },
        ManagementGroup {
            name: "contoso-ai-production".to_owned(),
            display_name: "Contoso AI Production".to_owned(),
            parent: Some(root),
            subscriptions: vec![LIVE.to_owned()],
        },
    ]
}

impl Day {
    pub(super) fn territory(&self, subscription: &str) -> Territory {
        let is_live = subscription == LIVE;
        let region = if is_live { "westeurope" } else { "swedencentral" };
        let ground = Ground {
            landscape: Landscape::new(self.seed, subscription, region),
            group: if is_live { "rg-live" } else { "rg-lab" },
            seed: self.seed,
            first_day: self.first,
            day: self.today,
        };
        let mut territory = Territory::default();
        if is_live {
            account::live(&mut territory, &ground);
            workspace::live(&mut territory, &ground);
            other::live(&mut territory, &ground);
        } else {
            account::lab(&mut territory, &ground);
            other::lab(&mut territory, &ground);
        }
        context::place(&mut territory, &ground, is_live);
        territory
    }
}

/// What the bodies of one subscription are made with.
struct Ground {
    landscape: Landscape,
    group: &'static str,
    seed: u64,
    first_day: Date,
    day: Date,
}

impl Ground {
    fn id(&self, resource_type: &str, name: &str) -> String {
        self.landscape.id(self.group, resource_type, name)
    }

    fn list(&self, path: &str) -> String {
        format!("{}/providers/{path}", self.landscape.scope())
    }

    /// Midnight some days after the day; before it for a negative number.
    fn after(&self, days: i64) -> String {
        midnight(self.on(days))
    }

    fn on(&self, days: i64) -> Date {
        self.day.saturating_add(Duration::days(days))
    }

    /// A system-assigned identity.
    fn identity(&self, name: &str) -> Value {
        serde_json::json!({
            "type": "SystemAssigned",
            "principalId": self.principal(name),
            "tenantId": self.landscape.tenant
        })
    }

    fn principal(&self, name: &str) -> String {
        uuid(self.seed, &[name, "principal"])
    }
}

/// Puts the properties over those of the other object.
fn merged(mut base: Value, more: Value) -> Value {
    if let (Some(base), Value::Object(more)) = (base.as_object_mut(), more) {
        base.extend(more);
    }
    base
}

//! The simulator's own list of what it holds, for tests to compare with what was read.

use std::sync::Arc;

use serde_json::Value;

use super::AzureSim;
use crate::arm::complete_list;
use crate::arm::route::subscription_of;
use crate::estate::Territory;
use crate::graph::resource_row;
use crate::view::{View, subscription_id};

/// All of this is today's truth, whatever faults hide.
impl AzureSim {
    /// Every tracked resource of all subscriptions, as a GET returns it.
    pub fn resources(&self) -> Vec<Value> {
        let all = self.territories().into_iter();
        all.flat_map(|territory| territory.resources.values().cloned().collect::<Vec<_>>())
            .collect()
    }

    /// What a complete read of a list gives, all pages together and nothing left out.
    /// The path may be in any case and have a query (`$filter`); `None`: Azure answers such a path with an error.
    pub fn list(&self, path: &str) -> Option<Vec<Value>> {
        complete_list(&self.view(), path)
    }

    /// What a GET of a single object gives, by its path in any case.
    pub fn object(&self, path: &str) -> Option<Value> {
        let path = path.trim_end_matches('/').to_ascii_lowercase();
        let territory = self.view().territory(subscription_of(&path))?;
        territory.resources.get(&path).or_else(|| territory.objects.get(&path)).cloned()
    }

    /// All rows of one of Resource Graph's tables, those of the tenant and its management groups included.
    pub fn rows(&self, table: &str) -> Vec<Value> {
        let table = table.to_ascii_lowercase();
        let mut rows = self.view().holding.tenant_rows(&table);
        for territory in self.territories() {
            if table == "resources" {
                let own = territory.resources.values();
                rows.extend(own.map(|resource| resource_row(resource, self.tenant_id())));
            } else {
                rows.extend(territory.tables.get(table.as_str()).into_iter().flatten().cloned());
            }
        }
        rows
    }

    /// The activity log of a subscription, newest first.
    pub fn events(&self, subscription: &str) -> Vec<Value> {
        let lower = subscription.to_ascii_lowercase();
        let id = lower.strip_prefix("/subscriptions/").unwrap_or(&lower);
        let territory = self.view().territory(id);
        territory.map(|territory| territory.events.clone()).unwrap_or_default()
    }

    fn view(&self) -> View {
        self.state.whole_view()
    }

    fn territories(&self) -> Vec<Arc<Territory>> {
        let view = self.view();
        let subscriptions = view.holding.subscriptions().iter();
        subscriptions.filter_map(|own| view.territory(&subscription_id(own))).collect()
    }
}

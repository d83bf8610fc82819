//! The related facts of one asset that need calls of their own.

use std::sync::Arc;

use postern_domain::fact;
use postern_domain::gap::{GapKind, GapReason};
use serde_json::Value;

use super::listed::Listed;
use super::surroundings::{Shared, finish};
use super::tally::{FactsOf, Gathered};
use crate::client::{ArmClient, Failure};
use crate::journal::ReadAsset;
use crate::operation::{ONLINE_DEPLOYMENTS_LIST, Operation, PROJECT_CONNECTIONS_LIST, fact_reads};

/// Reads all that belongs to an asset. Whatever fails is a gap of the asset; the asset stands.
pub(super) async fn read(arm: ArmClient, shared: Arc<Shared>, listed: Listed) -> ReadAsset {
    let mut facts = FactsOf::new(listed.id.clone());
    for read in fact_reads(listed.asset_type.as_str()) {
        if !read.concerns(listed.kind.as_deref(), listed.manages_projects) {
            continue;
        }
        let list = if read.is_object {
            one_or_none(&arm, &read.operation, &listed.arm_id).await
        } else {
            Gathered::from(arm.list(&read.operation, &listed.arm_id).await)
        };
        let children = match read.fact {
            fact::PROJECTS => Some((fact::PROJECT_CONNECTIONS, &PROJECT_CONNECTIONS_LIST)),
            fact::ONLINE_ENDPOINTS => Some((fact::ONLINE_DEPLOYMENTS, &ONLINE_DEPLOYMENTS_LIST)),
            _ => None,
        };
        if let Some((name, operation)) = children {
            let gathered = of_each(&arm, operation, &list).await;
            facts.add(name, operation, gathered);
        }
        facts.add(read.fact, &read.operation, list);
    }
    shared.add(&mut facts, &listed);
    shared.add_deployed_models(&mut facts, &listed);
    if listed.is_odd {
        let message = "the resource has no object \"properties\"; it is kept as Azure returned it";
        facts.note_gap("asset", GapReason::new(GapKind::Malformed, message));
    }
    finish(listed.into_asset(), facts)
}

/// A child that an asset has, or has not.
async fn one_or_none(arm: &ArmClient, operation: &Operation, id: &str) -> Gathered {
    match arm.object(operation, id).await {
        Ok(object) => Gathered::complete(vec![object]),
        Err(Failure(reason)) if reason.kind == GapKind::NotFound => Gathered::complete(Vec::new()),
        Err(Failure(reason)) => Gathered::failed(reason),
    }
}

/// The lists below each entry of a list, one after the other.
async fn of_each(arm: &ArmClient, operation: &Operation, parents: &Gathered) -> Gathered {
    // What is below a parent that is not known cannot be known either.
    let mut gathered = Gathered::new(Vec::new(), parents.reason.clone());
    for parent in &parents.entries {
        let Some(id) = parent.get("id").and_then(Value::as_str) else {
            let message = format!("{} has a parent without an id", operation.name);
            gathered.reason.get_or_insert(GapReason::new(GapKind::Malformed, message));
            continue;
        };
        let list = Gathered::from(arm.list(operation, id).await);
        gathered.entries.extend(list.entries);
        gathered.reason = gathered.reason.or(list.reason);
    }
    gathered
}

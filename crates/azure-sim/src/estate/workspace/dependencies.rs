//! The storage account, the key vault and the registry that a workspace names.

use serde_json::Value;

use crate::estate::Territory;
use crate::estate::blueprint::Blueprint;
use crate::estate::drift::Opening;
use crate::estate::shape::vault::{Storage, Vault, registry};

/// Adds them to the territory.
pub(super) fn place(territory: &mut Territory, blueprint: &Blueprint<'_>, workspace: &Value) {
    let is_public = blueprint.is_open(Opening::PublicDependency);
    let of = |name: &str| workspace["properties"][name].as_str().unwrap_or_default();
    let (location, stamp) = (blueprint.landscape.region.as_str(), blueprint.stamp());
    let has_old_tls = is_public && blueprint.happens("old tls", 25);
    let storage = Storage {
        id: of("storageAccount"),
        location,
        shared_key: if blueprint.is_open(Opening::SharedKeyStorage) {
            blueprint.happens("explicit shared key", 30).then_some(true)
        } else {
            Some(false)
        },
        is_public,
        has_public_blobs: is_public && blueprint.happens("public blobs", 15),
        tls: if has_old_tls { "TLS1_0" } else { "TLS1_2" },
    };
    territory.add(storage.body(&blueprint.created));
    let vault = Vault {
        id: of("keyVault"),
        location,
        has_purge_protection: !blueprint.is_open(Opening::NoPurgeProtection),
        is_public,
        has_rbac: true,
    };
    territory.add(vault.body(&blueprint.landscape.tenant, stamp));
    let has_admin = is_public && blueprint.happens("registry admin", 50);
    territory.add(registry(of("containerRegistry"), location, (has_admin, is_public), stamp));
}

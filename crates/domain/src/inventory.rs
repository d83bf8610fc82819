//! The inventory: what changes from one snapshot to the next.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::arm::{AssetId, AssetType};
use crate::digest::Digest;
use crate::gap::GapReason;
use crate::snapshot::{Absence, Snapshot};

/// An asset as the inventory knows it before a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAsset {
    /// The resource type.
    pub asset_type: AssetType,
    /// The content hash of the body that was read last.
    pub content_hash: Digest,
    /// Whether the snapshot before could not read it.
    pub is_unread: bool,
}

/// What a snapshot changes about an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AssetChange {
    /// It was not in the inventory.
    Appeared {
        /// Its body.
        content_hash: Digest,
    },
    /// Its body differs from the one read last.
    Changed {
        /// Its new body.
        content_hash: Digest,
    },
    /// It could not be read before and is read again, unchanged.
    ReadAgain,
    /// It could not be read; the body read last stays.
    Unread {
        /// Why.
        reason: GapReason,
    },
    /// A complete list does not hold it any more.
    Deleted,
    /// Its subscription is no longer visible to the connection.
    OutOfScope,
}

/// The changes that `snapshot`, with the content hashes of the assets that were `read`,
/// makes to the inventory `known`, by asset.
///
/// What could not be read is never taken for deleted.
pub fn changes(
    known: &BTreeMap<AssetId, KnownAsset>,
    snapshot: &Snapshot,
    read: &BTreeMap<AssetId, Digest>,
) -> BTreeMap<AssetId, AssetChange> {
    let mut changes = BTreeMap::new();
    for (id, content_hash) in read {
        let content_hash = *content_hash;
        let change = match known.get(id) {
            None => Some(AssetChange::Appeared { content_hash }),
            Some(before) if before.content_hash != content_hash => {
                Some(AssetChange::Changed { content_hash })
            }
            Some(before) if before.is_unread => Some(AssetChange::ReadAgain),
            Some(_) => None,
        };
        if let Some(change) = change {
            changes.insert(id.clone(), change);
        }
    }
    for (id, before) in known.iter().filter(|(id, _)| !read.contains_key(id)) {
        let change = match snapshot.absence(id, &before.asset_type) {
            Absence::Deleted => AssetChange::Deleted,
            Absence::OutOfScope => AssetChange::OutOfScope,
            Absence::NotRead(_) if before.is_unread => continue,
            Absence::NotRead(reason) => AssetChange::Unread { reason },
        };
        changes.insert(id.clone(), change);
    }
    changes
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::OffsetDateTime;

    use super::*;
    use crate::arm::SEARCH_SERVICE;
    use crate::asset::Asset;
    use crate::gap::GapKind;
    use crate::snapshot::{SnapshotBuilder, Subscription};

    fn search(name: &str, sku: &str) -> Asset {
        let id = format!(
            "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Search/searchServices/{name}"
        );
        Asset::from_resource(json!({"id": id, "sku": {"name": sku}}), "test").unwrap()
    }

    fn known(assets: &[(&Asset, bool)]) -> BTreeMap<AssetId, KnownAsset> {
        assets
            .iter()
            .map(|(asset, is_unread)| {
                let known = KnownAsset {
                    asset_type: asset.asset_type.clone(),
                    content_hash: asset.document.content_hash(),
                    is_unread: *is_unread,
                };
                (asset.id.clone(), known)
            })
            .collect()
    }

    fn builder() -> SnapshotBuilder {
        let mut builder = SnapshotBuilder::new(OffsetDateTime::UNIX_EPOCH);
        builder.add_complete_listing("Subscriptions_List", "/", None, 1);
        builder.add_subscription(Subscription { id: "s1".into(), name: "One".into() });
        builder
    }

    fn read(assets: &[Asset]) -> BTreeMap<AssetId, Digest> {
        assets.iter().map(|asset| (asset.id.clone(), asset.document.content_hash())).collect()
    }

    fn listed() -> AssetType {
        AssetType::new(SEARCH_SERVICE)
    }

    #[test]
    fn a_complete_list_tells_appeared_changed_and_deleted() {
        let mut builder = builder();
        builder.add_complete_listing("Services_List", "/subscriptions/s1", Some(listed()), 3);
        let found =
            read(&[search("same", "basic"), search("changed", "standard"), search("new", "basic")]);
        let before = [search("same", "basic"), search("changed", "basic"), search("gone", "basic")];
        let known = known(&[(&before[0], false), (&before[1], false), (&before[2], false)]);
        let changes = changes(&known, &builder.finish(OffsetDateTime::UNIX_EPOCH), &found);
        let kinds: Vec<_> = changes.values().collect();
        assert_eq!(changes.len(), 3);
        assert!(matches!(kinds[0], AssetChange::Changed { .. }));
        assert!(matches!(kinds[1], AssetChange::Deleted));
        assert!(matches!(kinds[2], AssetChange::Appeared { .. }));
    }

    #[test]
    fn a_failed_list_drops_nothing_and_says_so_once() {
        let asset = search("there", "basic");
        let snapshot = || {
            let mut builder = builder();
            let reason = GapReason::new(GapKind::Forbidden, "no permission");
            builder.add_incomplete_listing(
                "Services_List",
                "/subscriptions/s1",
                Some(listed()),
                0,
                reason,
            );
            builder.finish(OffsetDateTime::UNIX_EPOCH)
        };
        let first = changes(&known(&[(&asset, false)]), &snapshot(), &read(&[]));
        let Some(AssetChange::Unread { reason }) = first.get(&asset.id) else {
            panic!("{first:?}")
        };
        assert_eq!(reason.kind, GapKind::Forbidden);
        assert!(changes(&known(&[(&asset, true)]), &snapshot(), &read(&[])).is_empty());
    }

    #[test]
    fn an_unread_asset_that_is_read_again_is_a_change() {
        let asset = search("there", "basic");
        let mut builder = builder();
        builder.add_complete_listing("Services_List", "/subscriptions/s1", Some(listed()), 1);
        let changes = changes(
            &known(&[(&asset, true)]),
            &builder.finish(OffsetDateTime::UNIX_EPOCH),
            &read(std::slice::from_ref(&asset)),
        );
        assert_eq!(changes.get(&asset.id), Some(&AssetChange::ReadAgain));
    }

    #[test]
    fn a_subscription_that_is_no_longer_visible_is_out_of_scope_only_if_the_list_was_complete() {
        let asset = search("there", "basic");
        let mut complete = SnapshotBuilder::new(OffsetDateTime::UNIX_EPOCH);
        complete.add_complete_listing("Subscriptions_List", "/", None, 0);
        let known = known(&[(&asset, false)]);
        assert_eq!(
            changes(&known, &complete.finish(OffsetDateTime::UNIX_EPOCH), &read(&[]))
                .get(&asset.id),
            Some(&AssetChange::OutOfScope)
        );
        let mut failed = SnapshotBuilder::new(OffsetDateTime::UNIX_EPOCH);
        let reason = GapReason::new(GapKind::ServerError, "503");
        failed.add_incomplete_listing("Subscriptions_List", "/", None, 0, reason);
        let changes = changes(&known, &failed.finish(OffsetDateTime::UNIX_EPOCH), &read(&[]));
        assert!(matches!(changes.get(&asset.id), Some(AssetChange::Unread { .. })));
    }
}

//! What changed of a resource, scan by scan, and between any two of them.

use postern_domain::arm::AssetId;
use postern_domain::change::property_changes;
use postern_domain::digest::Digest;
use postern_domain::id::{ConnectionId, ScanId};
use postern_store::read::resource::life::{self, ChangeRecord};
use postern_store::{PgConnection, StoreError};
use time::OffsetDateTime;

use crate::view::{Comparison, ResourceChange, ResourceChangeWhat};

/// Changes that a page shows; those before are on the page of an earlier moment.
const CHANGES: usize = 20;
/// Properties that one of them names.
const PROPERTIES: usize = 20;
/// Properties that a comparison names.
const COMPARED: usize = 500;

/// The latest changes of an asset by a moment, each with what it is made of, and whether there are earlier ones.
pub(super) async fn changes(
    connection: &mut PgConnection,
    (of, id): (ConnectionId, &AssetId),
    until: OffsetDateTime,
) -> Result<(Vec<(ChangeRecord, ResourceChange)>, bool), StoreError> {
    // Some more, among which the document before the last one shown most probably is.
    let limit = u32::try_from(CHANGES * 2).expect("a small number");
    let records = life::changes(connection, of, id, until, limit).await?;
    let digests: Vec<Digest> = records.iter().filter_map(|record| record.content_hash).collect();
    let documents = life::documents(connection, &digests).await?;
    let has_earlier = records.len() > CHANGES;
    let shown = records.iter().enumerate().take(CHANGES).map(|(place, record)| {
        let before = records.iter().skip(place + 1).find_map(|record| record.content_hash);
        let document = |digest: Option<Digest>| documents.get(&digest?);
        let mut properties = match (document(before), document(record.content_hash)) {
            (Some(before), Some(after)) if record.change == "changed" => {
                property_changes(before, after)
            }
            _ => Vec::new(),
        };
        let more = properties.len().saturating_sub(PROPERTIES);
        properties.truncate(PROPERTIES);
        let change = ResourceChange {
            at: record.at,
            scan: record.scan,
            what: what(&record.change),
            reason: record.reason.as_ref().map(|reason| reason.message.clone()),
            properties,
            more: u32::try_from(more).unwrap_or(u32::MAX),
        };
        (record.clone(), change)
    });
    Ok((shown.collect(), has_earlier))
}

fn what(change: &str) -> ResourceChangeWhat {
    match change {
        "appeared" => ResourceChangeWhat::Appeared,
        "read_again" => ResourceChangeWhat::ReadAgain,
        "unread" => ResourceChangeWhat::Unread,
        "deleted" => ResourceChangeWhat::Deleted,
        "out_of_scope" => ResourceChangeWhat::OutOfScope,
        // The constraint of the column knows no other word.
        _ => ResourceChangeWhat::Changed,
    }
}

/// The asset after two scans, the earlier first, however they were named.
pub(super) async fn compare(
    connection: &mut PgConnection,
    (of, id): (ConnectionId, &AssetId),
    until: OffsetDateTime,
    scans: Option<(ScanId, ScanId)>,
) -> Result<Option<Comparison>, StoreError> {
    let Some((one, other)) = scans else { return Ok(None) };
    let Some(one_then) = life::at_scan(connection, of, id, one, until).await? else {
        return Ok(Some(Comparison::Missing { scan: one }));
    };
    let Some(other_then) = life::at_scan(connection, of, id, other, until).await? else {
        return Ok(Some(Comparison::Missing { scan: other }));
    };
    let (before, after) =
        if one_then.at <= other_then.at { (one_then, other_then) } else { (other_then, one_then) };
    let mut properties = property_changes(&before.document, &after.document);
    let more = properties.len().saturating_sub(COMPARED);
    properties.truncate(COMPARED);
    Ok(Some(Comparison::Compared {
        from: (before.scan, before.at),
        until: (after.scan, after.at),
        properties,
        more: u32::try_from(more).unwrap_or(u32::MAX),
    }))
}

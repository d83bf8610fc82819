//! What a database column cannot hold, replaced: Postgres refuses the character U+0000 in text and JSON.
//!
//! Azure does not send it; a file made by hand or a hostile pack may.

use postern_azure::ReadAsset;
use postern_domain::asset::Asset;
use postern_domain::canonical;
use postern_domain::gap::{Gap, GapKind, GapReason};
use postern_domain::snapshot::Snapshot;
use postern_domain::text::SharedText;
use postern_domain::verdict::RuleVerdict;
use postern_store::scan_asset::ScanAsset;
use serde_json::Value;

/// A key in an index must fit a third of a page; Azure's ids end at 2,048 characters.
const LONGEST_ID: usize = 2048;

/// The gap that an asset leaves which cannot be stored, because Azure does not allow such an id; `None` for all others.
pub(crate) fn refusal(asset: &Asset) -> Option<Gap> {
    let id = asset.id.as_str();
    if id.len() <= LONGEST_ID && !id.contains('\0') {
        return None;
    }
    let name: String = asset.name.chars().take(LONGEST_ID).collect();
    let message = format!(
        "the id of \"{name}\" is longer than {LONGEST_ID} characters or holds the character U+0000"
    );
    Some(Gap {
        operation: asset.source.clone(),
        scope: "/".to_owned(),
        asset_type: Some(asset.asset_type.clone()),
        asset: None,
        assets: 0,
        reason: GapReason::new(GapKind::Malformed, message),
    })
}

/// Makes an asset that was read, and is not refused, a row of the journal.
pub(crate) fn scan_asset(read: ReadAsset) -> Result<ScanAsset, serde_json::Error> {
    let ReadAsset { mut asset, gaps, coverage } = read;
    let mut document = serde_json::to_value(&asset.document)?;
    replace_in(&mut document);
    let document = canonical::text(&document);
    let [mut gaps, mut coverage] = [serde_json::to_value(gaps)?, serde_json::to_value(coverage)?];
    replace_in(&mut gaps);
    replace_in(&mut coverage);
    for text in [&mut asset.arm_id, &mut asset.name, &mut asset.source] {
        replace(text);
    }
    for text in
        [&mut asset.kind, &mut asset.location, &mut asset.resource_group].into_iter().flatten()
    {
        replace(text);
    }
    Ok(ScanAsset::new(asset, document, gaps, coverage))
}

/// Makes a snapshot storable: U+0000 becomes U+FFFD.
pub(crate) fn make_snapshot_storable(snapshot: &mut Snapshot) {
    for gap in &mut snapshot.gaps {
        replace(&mut gap.operation);
        replace(&mut gap.scope);
        replace(&mut gap.reason.message);
        gap.reason.action.iter_mut().for_each(replace);
    }
    for listing in &mut snapshot.listings {
        replace(&mut listing.operation);
        replace(&mut listing.scope);
    }
    for coverage in &mut snapshot.fact_coverage {
        replace(&mut coverage.fact);
        replace(&mut coverage.subscription);
    }
    for subscription in &mut snapshot.subscriptions {
        replace(&mut subscription.id);
        replace(&mut subscription.name);
    }
}

/// Makes a verdict storable.
pub(crate) fn make_verdict_storable(verdict: &mut RuleVerdict) {
    replace_shared(&mut verdict.summary);
    for evidence in &mut verdict.evidence {
        replace_shared(&mut evidence.path);
        replace_shared(&mut evidence.expected);
        evidence.note.iter_mut().for_each(replace_shared);
        evidence.actual.iter_mut().for_each(replace_in);
    }
}

/// Replaces U+0000 in every text of the value, keys included.
pub(crate) fn replace_in(value: &mut Value) {
    match value {
        Value::String(text) => replace(text),
        Value::Array(items) => items.iter_mut().for_each(replace_in),
        Value::Object(members) => {
            members.values_mut().for_each(replace_in);
            if members.keys().any(|key| key.contains('\0')) {
                *members = std::mem::take(members)
                    .into_iter()
                    .map(|(key, member)| (key.replace('\0', "\u{fffd}"), member))
                    .collect();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn replace_shared(text: &mut SharedText) {
    if text.contains('\0') {
        *text = text.replace('\0', "\u{fffd}").into();
    }
}

/// Replaces U+0000 in the text.
pub(crate) fn replace(text: &mut String) {
    if text.contains('\0') {
        *text = text.replace('\0', "\u{fffd}");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn nul_is_replaced_in_texts_and_keys() {
        let mut value = json!({"a\u{0}": ["b\u{0}", 1, {"c": "\u{0}"}]});
        super::replace_in(&mut value);
        assert_eq!(value, json!({"a\u{fffd}": ["b\u{fffd}", 1, {"c": "\u{fffd}"}]}));
    }
}

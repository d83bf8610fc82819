//! What a database column cannot hold, replaced: Postgres refuses the character U+0000 in text and JSON.
//!
//! Azure does not send it; a file made by hand or a hostile pack may.

use postern_domain::gap::{Gap, GapKind, GapReason};
use postern_domain::snapshot::Snapshot;
use postern_domain::verdict::RuleVerdict;
use serde_json::Value;

/// A key in an index must fit a third of a page; Azure's ids end at 2,048 characters.
const LONGEST_ID: usize = 2048;

/// Makes a snapshot storable: U+0000 becomes U+FFFD; an asset whose id Azure does not allow becomes a gap.
pub(crate) fn make_snapshot_storable(snapshot: &mut Snapshot) {
    let is_refused = |id: &str| id.len() > LONGEST_ID || id.contains('\0');
    let refused: Vec<_> =
        snapshot.assets.keys().filter(|id| is_refused(id.as_str())).cloned().collect();
    for id in refused {
        if let Some(asset) = snapshot.assets.remove(&id) {
            let message = format!(
                "the id of \"{}\" is longer than {LONGEST_ID} characters or holds the character U+0000",
                asset.name
            );
            snapshot.gaps.push(Gap {
                operation: asset.source,
                scope: "/".to_owned(),
                asset_type: Some(asset.asset_type),
                asset: None,
                reason: GapReason::new(GapKind::Malformed, message),
            });
        }
    }
    for asset in snapshot.assets.values_mut() {
        replace_in(&mut asset.document.resource);
        for fact in asset.document.related.values_mut() {
            match fact {
                postern_domain::asset::Fact::Read { value } => replace_in(value),
                postern_domain::asset::Fact::Unreadable { reason } => replace(&mut reason.message),
            }
        }
        replace(&mut asset.name);
        replace(&mut asset.source);
        for text in
            [&mut asset.kind, &mut asset.location, &mut asset.resource_group].into_iter().flatten()
        {
            replace(text);
        }
    }
    for gap in &mut snapshot.gaps {
        replace(&mut gap.operation);
        replace(&mut gap.scope);
        replace(&mut gap.reason.message);
    }
    for subscription in &mut snapshot.subscriptions {
        replace(&mut subscription.name);
    }
}

/// Makes a verdict storable.
pub(crate) fn make_verdict_storable(verdict: &mut RuleVerdict) {
    replace(&mut verdict.summary);
    for evidence in &mut verdict.evidence {
        replace(&mut evidence.path);
        replace(&mut evidence.expected);
        evidence.note.iter_mut().for_each(replace);
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

//! Tags and ids: which environment an asset is in.

use postern_rules_sdk::{AssetContext, Evidence, Read, Setting, Unreadable};

/// What [`tagged`] reads of an asset that this operation lists.
pub const fn tags(source: &'static str) -> Read {
    Read { path: "tags", source, absent: "no tags" }
}

/// Evidence of the first tag of the asset that the setting lists as `name=value`; `None` where it has none of them.
///
/// Azure compares a tag's name without regard to case, and its value with; people expect neither to matter.
pub fn tagged(asset: &AssetContext<'_>, setting: &Setting) -> Result<Option<Evidence>, Unreadable> {
    let listed = asset.texts_setting(setting);
    for (name, tag) in asset.resource().fields("tags")? {
        let Some(value) = tag.value().as_str() else { continue };
        let is_it = |listed: &str| {
            listed.split_once('=').is_some_and(|(wanted, is)| {
                wanted.trim().eq_ignore_ascii_case(name) && is.trim().eq_ignore_ascii_case(value)
            })
        };
        if let Some(found) = listed.iter().find(|listed| is_it(listed)) {
            return Ok(Some(tag.expected(format!("not {found}, for the rule to apply"))));
        }
    }
    Ok(None)
}

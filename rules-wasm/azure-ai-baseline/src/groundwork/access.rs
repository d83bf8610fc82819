//! Who can reach a resource, and with what: asked by rules of several topics.

use postern_rules_sdk::{AssetContext, Reading, SEARCH_SERVICE, Unreadable};

use super::azure::{DISABLE_LOCAL_AUTH_PATH, PUBLIC_NETWORK_ACCESS};

/// Whether public network access is off; on a Search service also left to a perimeter.
///
/// Accounts have no `SecuredByPerimeter` in any schema; there it closes nothing.
pub fn is_closed(asset: &AssetContext<'_>) -> Result<bool, Unreadable> {
    let access = asset.text(PUBLIC_NETWORK_ACCESS)?;
    let by_perimeter = asset.asset_type() == SEARCH_SERVICE && access.is("SecuredByPerimeter");
    Ok(access.is("Disabled") || by_perimeter)
}

/// Whether keys are switched off: `value` is true where they are.
pub fn keys_off<'a>(asset: &AssetContext<'a>) -> Result<Reading<'a, bool>, Unreadable> {
    asset.flag(DISABLE_LOCAL_AUTH_PATH)
}

//! What Azure says that an account can do (`properties.capabilities`, read-only).

use postern_rules_sdk::{AssetContext, Evidence, Node, Unreadable, Value};

/// The list.
pub const CAPABILITIES: &str = "properties.capabilities";
/// Where Azure returns no list.
pub const CAPABILITIES_ABSENT: &str = "not documented: the list is read-only and for reference";

const UNDOCUMENTED: &str = "nothing that Azure documents";

/// The capability of this name; where the account has none, evidence of the list.
pub fn find<'a>(
    asset: &AssetContext<'a>,
    name: &str,
    wanted: &'static str,
) -> Result<Result<Node<'a>, Evidence>, Unreadable> {
    let list = asset.list(CAPABILITIES)?;
    let has_name = |capability: &Value<'_>| {
        let text = capability.as_object().and_then(|fields| fields.get("name")?.as_str());
        text.is_some_and(|text| text.eq_ignore_ascii_case(name))
    };
    let position = list.value.unwrap_or_default().iter().position(has_name);
    let found = position.and_then(|position| list.entries().nodes().nth(position));
    Ok(found.ok_or_else(|| {
        if list.is_absent() {
            list.expected_or(wanted, UNDOCUMENTED)
        } else {
            list.entries().expected(wanted)
        }
    }))
}

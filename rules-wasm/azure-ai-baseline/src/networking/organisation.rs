//! What an organisation says is its own, as far as network rules ask.

use postern_rules_sdk::{AssetContext, Setting, SettingKind};

/// The subscriptions of the organisation.
pub static KNOWN_SUBSCRIPTIONS: Setting = Setting {
    name: "knownSubscriptions",
    description: "Ids of the subscriptions that belong to the organisation; private links to and from others are reported. Empty: they are not told apart.",
    kind: SettingKind::Texts {
        default: &[],
        pattern: "^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$",
    },
};

/// Where trusted Azure services are let in on purpose.
pub static TRUSTED_SERVICES_TAGS: Setting = Setting {
    name: "trustedServicesTags",
    description: "Tags, as name=value, of the resources that trusted Azure services have a recorded reason to reach, such as trusted-services=indexer. Empty: none.",
    kind: SettingKind::Texts { default: &[], pattern: "^[^=]+=.+$" },
};

/// The subscriptions that count as known for an asset; `None` where they are not told apart.
pub fn known_subscriptions<'a>(asset: &AssetContext<'a>) -> Option<Vec<&'a str>> {
    let mut known = asset.texts_setting(&KNOWN_SUBSCRIPTIONS);
    if known.is_empty() {
        return None;
    }
    known.extend(subscription_of(asset.id()));
    Some(known)
}

/// Whether the resource of an ARM id lies in one of these subscriptions.
pub fn lies_in(id: &str, subscriptions: &[&str]) -> bool {
    subscription_of(id)
        .is_some_and(|found| subscriptions.iter().any(|known| known.eq_ignore_ascii_case(found)))
}

fn subscription_of(id: &str) -> Option<&str> {
    let mut parts = id.split('/').skip(1);
    parts.next().filter(|part| part.eq_ignore_ascii_case("subscriptions"))?;
    parts.next()
}
